//! Cancelling a viewing. That it is to be cancelled is on record before Microsoft is
//! asked, so that it is carried through whatever happens; its time is free only when
//! its event is gone.

use super::agenda::Calendar;
use super::book::{HOLD, LOOK_AGAIN};
use super::error::BookingError;
use super::later;
use crate::clock::Turn;
use crate::store::{Applied, Appointment, Cause, Change, Row, StoreError, What};

/// How often a change is decided anew because the row was another one by then.
pub(super) const DECISIONS: usize = 4;

/// What came of a cancellation.
#[derive(Debug)]
pub enum Cancelled {
    /// The event is gone, now or before.
    Done(Box<Appointment>),
    /// It will be cancelled; the calendar has not confirmed it yet.
    Underway(Box<Appointment>),
    /// It has taken place.
    Past(Box<Appointment>),
}

impl Cancelled {
    /// The appointment, whatever came of it.
    pub fn into_appointment(self) -> Box<Appointment> {
        match self {
            Self::Done(appointment) | Self::Underway(appointment) | Self::Past(appointment) => {
                appointment
            }
        }
    }
}

impl Calendar<'_> {
    /// Cancels a viewing; its attendees are told `comment`. Doing it twice is one
    /// cancellation.
    pub async fn cancel(
        &self,
        appointment: Appointment,
        comment: &str,
        cause: Cause,
        turn: &Turn,
    ) -> Result<Cancelled, BookingError> {
        let mut appointment = appointment;
        for _ in 0..DECISIONS {
            if !appointment.is_live() {
                return Ok(Cancelled::Done(Box::new(appointment)));
            }
            if appointment.end <= turn.now {
                return Ok(Cancelled::Past(Box::new(appointment)));
            }
            self.must_hold(&appointment)?;
            if matches!(appointment.change, Some(Change::Cancel { .. })) {
                return self.settle_cancel(appointment, cause, turn).await;
            }
            let mut next = appointment.after(What::Cancelling, cause, turn.now);
            next.change = Some(Change::Cancel {
                comment: comment.to_owned(),
            });
            next.look_again(Some(later(turn.now, LOOK_AGAIN)));
            let applied = self.desk.ledger.apply(Row::Next(&next), &[], turn.now);
            match applied.await {
                Ok(Applied::Done) => return self.settle_cancel(next, cause, turn).await,
                Ok(Applied::Stale(Some(stored))) => appointment = *stored,
                Ok(Applied::Stale(None) | Applied::Taken | Applied::Lapsed) => {
                    return Ok(Cancelled::Done(Box::new(appointment)));
                }
                // If it was written, it will be carried through.
                Err(error @ StoreError::Unavailable(_)) => {
                    let stored = self.desk.appointments.get(&appointment.appointment_id);
                    match stored.await {
                        Ok(Some(stored)) if stored.revision > appointment.revision => {
                            appointment = stored;
                        }
                        _ => return Err(BookingError::Unknown(error)),
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(BookingError::Busy)
    }

    /// Carries a cancellation through that is on record.
    pub(super) async fn settle_cancel(
        &self,
        appointment: Appointment,
        cause: Cause,
        turn: &Turn,
    ) -> Result<Cancelled, BookingError> {
        let Some(Change::Cancel { comment }) = &appointment.change else {
            return Ok(Cancelled::Underway(Box::new(appointment)));
        };
        let id = &appointment.appointment_id;
        let event_id = match &appointment.event_id {
            Some(event_id) => Some(event_id.clone()),
            None => match self.session.find_by_tag(id, turn).await {
                Ok(found) => found.map(|event| event.id),
                Err(error) => {
                    tracing::warn!(appointment_id = %id, %error, "still to be cancelled");
                    return Ok(Cancelled::Underway(Box::new(appointment)));
                }
            },
        };
        let removed = match &event_id {
            Some(event_id) => {
                let guests = appointment.has_guests;
                self.remove_event(event_id, guests, comment, turn).await
            }
            // Its create may still be on its way.
            None if turn.now < later(appointment.claimed_at(), HOLD) => {
                return Ok(Cancelled::Underway(Box::new(appointment)));
            }
            None => Ok(()),
        };
        if let Err(error) = removed {
            tracing::warn!(appointment_id = %id, %error, "still to be cancelled");
            return Ok(Cancelled::Underway(Box::new(appointment)));
        }
        self.desk.over(appointment, cause, turn).await
    }
}
