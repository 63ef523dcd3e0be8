//! Putting on record that a viewing, a booking or a move has come to its end. That needs
//! no calendar.

use super::book::LOOK_AGAIN;
use super::cancel::{Cancelled, DECISIONS};
use super::desk::Desk;
use super::error::BookingError;
use super::later;
use crate::clock::Turn;
use crate::store::{Applied, Appointment, Cause, Row, SeatChange, Status, What};

impl Desk {
    /// Puts on record that a viewing does not take place, now that its event is gone.
    pub(super) async fn over(
        &self,
        appointment: Appointment,
        cause: Cause,
        turn: &Turn,
    ) -> Result<Cancelled, BookingError> {
        let mut appointment = appointment;
        for _ in 0..DECISIONS {
            let mut next = appointment.after(What::Cancelled, cause, turn.now);
            next.status = Status::Cancelled;
            next.change = None;
            next.promised = false;
            next.conflict = false;
            next.seats.clear();
            // Microsoft said that the event is gone; reconcile sees whether it is.
            next.look_again(Some(later(turn.now, LOOK_AGAIN)));
            let free: Vec<SeatChange<'_>> =
                appointment.seats.iter().map(SeatChange::Free).collect();
            let applied = self.ledger.apply(Row::Next(&next), &free, turn.now).await;
            match applied {
                Ok(Applied::Done) => return Ok(Cancelled::Done(Box::new(next))),
                Ok(Applied::Stale(Some(stored))) if !stored.is_live() => {
                    return Ok(Cancelled::Done(stored));
                }
                Ok(Applied::Stale(Some(stored))) => appointment = *stored,
                Ok(Applied::Stale(None) | Applied::Taken | Applied::Lapsed) => break,
                Err(error) => {
                    tracing::warn!(appointment_id = %appointment.appointment_id, %error, "the event is gone, its row is not");
                    break;
                }
            }
        }
        Ok(Cancelled::Underway(Box::new(appointment)))
    }

    /// Puts on record that a booking was never made. Reconcile looks once more
    /// whether its event came late. Whether it could be recorded.
    pub(super) async fn fail(&self, appointment: Appointment, cause: Cause, turn: &Turn) -> bool {
        let mut next = appointment.after(What::Failed, cause, turn.now);
        next.status = Status::Failed;
        next.seats.clear();
        next.look_again(Some(later(turn.now, LOOK_AGAIN)));
        let free: Vec<SeatChange<'_>> = appointment.seats.iter().map(SeatChange::Free).collect();
        match self.ledger.apply(Row::Next(&next), &free, turn.now).await {
            Ok(applied) => matches!(applied, Applied::Done),
            Err(error) => {
                tracing::warn!(appointment_id = %appointment.appointment_id, %error, "left as it is");
                false
            }
        }
    }

    /// Gives the new time up; the viewing stays where it is. The row as it is then, or
    /// as it was when that could not be written.
    pub(super) async fn abandon(
        &self,
        moving: Appointment,
        cause: Cause,
        turn: &Turn,
    ) -> Appointment {
        let mut back = moving.after(What::MoveAbandoned, cause, turn.now);
        let time = moving.time();
        back.change = None;
        back.promised = false;
        back.seats.retain(|seat| seat.viewing == time);
        back.look_again(Some(later(turn.now, LOOK_AGAIN)));
        let left = moving.seats.iter().filter(|seat| seat.viewing != time);
        let free: Vec<SeatChange<'_>> = left.map(SeatChange::Free).collect();
        match self.ledger.apply(Row::Next(&back), &free, turn.now).await {
            Ok(Applied::Done) => back,
            Ok(Applied::Stale(Some(stored))) => *stored,
            Ok(_) => moving,
            Err(error) => {
                tracing::warn!(appointment_id = %moving.appointment_id, %error, "a move is left to reconcile");
                moving
            }
        }
    }
}
