//! Finding the viewings of somebody who asks about them: by the number they call
//! from, or by the code that they were given.

use jiff::{SignedDuration, Timestamp};

use super::agenda::Calendar;
use super::desk::Desk;
use super::error::BookingError;
use super::later;
use crate::clock::Turn;
use crate::ids::{AppointmentId, confirmation_code_of};
use crate::scheduling::Interval;
use crate::store::{Appointment, ListBy, Status};

/// Viewings that began this long ago are still looked for.
const BEGUN: SignedDuration = SignedDuration::from_hours(24);

/// Nothing is booked further ahead.
const AHEAD: SignedDuration = SignedDuration::from_hours(11 * 366 * 24);

impl Desk {
    /// The appointment with that id, whatever its state.
    pub async fn appointment(
        &self,
        id: &AppointmentId,
    ) -> Result<Option<Appointment>, BookingError> {
        Ok(self.appointments.get(id).await?)
    }

    /// The viewings to come that were booked from a number, in order, and those that would
    /// have come but were cancelled.
    pub async fn upcoming_of_caller(
        &self,
        caller: &str,
        now: Timestamp,
    ) -> Result<Vec<Appointment>, BookingError> {
        self.upcoming(&ListBy::Caller(caller), now).await
    }

    /// The viewing to come that a confirmation code was given for, as it was said or
    /// written. It may be cancelled.
    pub async fn upcoming_with_code(
        &self,
        code: &str,
        now: Timestamp,
    ) -> Result<Option<Appointment>, BookingError> {
        let Some(code) = confirmation_code_of(code) else {
            return Ok(None);
        };
        let found = self.upcoming(&ListBy::Code(&code), now).await?;
        // Two viewings with one code would be nobody's.
        Ok(match <[Appointment; 1]>::try_from(found) {
            Ok([only]) => Some(only),
            Err(_) => None,
        })
    }

    async fn upcoming(
        &self,
        by: &ListBy<'_>,
        now: Timestamp,
    ) -> Result<Vec<Appointment>, BookingError> {
        let begun = now.checked_sub(BEGUN).unwrap_or(now);
        let Ok(window) = Interval::new(begun, later(now, AHEAD)) else {
            return Ok(Vec::new());
        };
        let mut found = self.listed(by, window).await?;
        found.retain(|found| found.status != Status::Failed && now < found.end);
        Ok(found)
    }

    /// An index may lag, so what it finds is read once more where it is written.
    async fn listed(
        &self,
        by: &ListBy<'_>,
        window: Interval,
    ) -> Result<Vec<Appointment>, BookingError> {
        let listed = self.appointments.all(by, window).await?;
        let fresh = listed
            .iter()
            .map(|listed| self.appointments.get(&listed.appointment_id));
        let fresh = futures_util::future::try_join_all(fresh).await?;
        Ok(fresh.into_iter().flatten().collect())
    }
}

impl Calendar<'_> {
    /// The viewing in this calendar that the id of its appointment or its confirmation
    /// code names, whatever its state; none when the name is neither.
    pub async fn viewing_named(
        &self,
        name: &str,
        turn: &Turn,
    ) -> Result<Option<Appointment>, BookingError> {
        let found = match (uuid::Uuid::parse_str(name), confirmation_code_of(name)) {
            (Ok(id), _) => {
                let id = AppointmentId::new(id.to_string());
                self.desk.appointment(&id).await?.into_iter().collect()
            }
            (Err(_), Some(code)) => {
                let Ok(ever) = Interval::new(Timestamp::UNIX_EPOCH, later(turn.now, AHEAD)) else {
                    return Ok(None);
                };
                self.desk.listed(&ListBy::Code(&code), ever).await?
            }
            (Err(_), None) => Vec::new(),
        };
        let own = found
            .into_iter()
            .filter(|viewing| viewing.user_id == self.user);
        // Should a code have been given twice, it is that of the later viewing.
        Ok(own.max_by_key(|viewing| (viewing.is_live(), viewing.start)))
    }
}
