//! Finding out what became of a create, and putting it on record: for whoever asks
//! again, and for reconcile.

use super::agenda::Calendar;
use super::book::{LOOK_AGAIN, Outcome};
use super::cancel::DECISIONS;
use super::error::BookingError;
use super::later;
use crate::clock::Turn;
use crate::ids::EventId;
use crate::microsoft::{CalendarEvent, MicrosoftError};
use crate::store::{Applied, Appointment, Cause, Row, SeatChange, Status, What};

impl Calendar<'_> {
    /// Finds out by its tag whether the event of a pending appointment exists.
    /// That it is not found proves nothing: it may still be on its way.
    pub(super) async fn settle_create(
        &self,
        appointment: Appointment,
        cause: Cause,
        turn: &Turn,
    ) -> Result<Outcome, BookingError> {
        if appointment.status != Status::Pending {
            return Ok(Outcome::of(appointment));
        }
        let found = self
            .session
            .find_by_tag(&appointment.appointment_id, turn)
            .await;
        match found {
            Ok(Some(event)) => self.confirm(appointment, event.id, cause, turn).await,
            Ok(None) => Ok(Outcome::Pending(Box::new(appointment))),
            Err(error) => {
                tracing::warn!(appointment_id = %appointment.appointment_id, %error, "still pending");
                Ok(Outcome::Pending(Box::new(appointment)))
            }
        }
    }

    /// Makes a claim permanent. The event exists, so a failure to say so leaves the
    /// booking pending.
    pub(super) async fn confirm(
        &self,
        appointment: Appointment,
        event_id: EventId,
        cause: Cause,
        turn: &Turn,
    ) -> Result<Outcome, BookingError> {
        let mut appointment = appointment;
        for _ in 0..DECISIONS {
            match self.try_confirm(&appointment, &event_id, cause, turn).await {
                Ok((Applied::Done, next)) => return Ok(Outcome::of(next)),
                // Somebody else wrote that it is pending, or is to be cancelled.
                Ok((Applied::Stale(Some(stored)), _))
                    if stored.status == Status::Pending && stored.change.is_none() =>
                {
                    appointment = *stored;
                }
                Ok((Applied::Stale(Some(stored)), _)) => return Ok(Outcome::of(*stored)),
                Ok((Applied::Taken | Applied::Lapsed, _)) => {
                    self.withdraw(appointment, &event_id, cause, turn).await;
                    return Ok(Outcome::Taken {
                        alternatives: Vec::new(),
                    });
                }
                Ok((Applied::Stale(None), _)) => {
                    tracing::error!(appointment_id = %appointment.appointment_id, "an event without its row");
                    break;
                }
                Err(error) => {
                    tracing::error!(appointment_id = %appointment.appointment_id, %error, "not confirmed");
                    break;
                }
            }
        }
        Ok(Outcome::Pending(Box::new(appointment)))
    }

    async fn try_confirm(
        &self,
        appointment: &Appointment,
        event_id: &EventId,
        cause: Cause,
        turn: &Turn,
    ) -> Result<(Applied, Appointment), BookingError> {
        let mut next = appointment.after(What::Booked, cause, turn.now);
        next.status = Status::Confirmed;
        next.promised = false;
        next.event_id = Some(event_id.clone());
        next.look_again(Some(later(turn.now, LOOK_AGAIN)));
        let ledger = &self.desk.ledger;
        let keep: Vec<SeatChange<'_>> = next.seats.iter().map(SeatChange::Keep).collect();
        let mut applied = ledger.apply(Row::Next(&next), &keep, turn.now).await?;
        if matches!(applied, Applied::Lapsed) {
            // Its hold ended meanwhile; the time may still be there, and the way to it.
            if self.goes_by_road() {
                let agenda = self.agenda_of(&next, next.time(), turn).await?;
                if !agenda.leaves_the_way_clear(next.time()) {
                    return Ok((Applied::Taken, next));
                }
            }
            let hold_until = None;
            let seats = next.seats.iter();
            let take: Vec<SeatChange<'_>> = seats
                .map(|seat| SeatChange::Take { seat, hold_until })
                .collect();
            applied = ledger.apply(Row::Next(&next), &take, turn.now).await?;
        }
        Ok((applied, next))
    }

    /// Takes an event out again whose time somebody else was given when its hold had
    /// lapsed. Should that fail, reconcile goes on with it.
    async fn withdraw(
        &self,
        appointment: Appointment,
        event_id: &EventId,
        cause: Cause,
        turn: &Turn,
    ) {
        let has_guests = appointment.has_guests;
        if self.desk.fail(appointment, cause, turn).await {
            let comment = "This time is no longer available.";
            if let Err(error) = self.remove_event(event_id, has_guests, comment, turn).await {
                tracing::warn!(%error, "an event that lost its time is still there");
            }
        }
    }

    /// The event of a viewing; none when it is gone. One answer that it is not there is
    /// not believed: it is looked for by its tag too.
    pub(super) async fn event_of(
        &self,
        appointment: &Appointment,
        turn: &Turn,
    ) -> Result<Option<CalendarEvent>, MicrosoftError> {
        if let Some(id) = &appointment.event_id
            && let Some(event) = self.session.event(id, turn).await?
        {
            return Ok(Some(event).filter(|event| !event.is_cancelled));
        }
        let found = self
            .session
            .find_by_tag(&appointment.appointment_id, turn)
            .await?;
        Ok(found.filter(|event| !event.is_cancelled))
    }

    /// Takes an event out of the calendar. That it is gone already is as good.
    pub(super) async fn remove_event(
        &self,
        id: &EventId,
        has_guests: bool,
        comment: &str,
        turn: &Turn,
    ) -> Result<(), MicrosoftError> {
        let cancelled = if has_guests {
            self.session.cancel_event(id, comment, turn).await
        } else {
            self.session.delete_event(id, turn).await
        };
        match cancelled {
            // Only an organizer can cancel, and only a meeting.
            Err(MicrosoftError::Refused { status: 400, .. }) => {
                match self.session.delete_event(id, turn).await {
                    Err(MicrosoftError::Gone) => Ok(()),
                    deleted => deleted,
                }
            }
            Err(MicrosoftError::Gone) => Ok(()),
            cancelled => cancelled,
        }
    }
}
