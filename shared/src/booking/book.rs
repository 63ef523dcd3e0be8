//! Booking a viewing.
//!
//! Microsoft accepts overlapping events, so the time is claimed in our ledger
//! first, while the calendar is read live. Only then the event is created, from a
//! body that is already stored, and confirmed. A failure before the create gives
//! the claim back. From the create on, an unknown outcome stays pending: it is
//! never called failed, since the event may exist.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::acceptance::{acceptable, alternatives, around};
use super::agenda::{Agenda, Calendar};
use super::draft::{BookingRequest, draft};
use super::error::BookingError;
use super::later;
use crate::clock::Turn;
use crate::microsoft::MicrosoftError;
use crate::scheduling::Interval;
use crate::store::{Applied, Appointment, Cause, Change, Row, SeatChange, Status, What};

/// How long a claim holds while its event is being created.
pub(super) const HOLD: SignedDuration = SignedDuration::from_mins(5);

/// Whoever began something is at work on it for at most this long: longer than a function
/// that answers a caller runs. Reconcile may run longer; should both go on, they send the
/// same request with the same transaction id.
pub(super) const AT_WORK: SignedDuration = SignedDuration::from_secs(30);

/// When reconcile looks at something that was left open, or was just booked.
pub(super) const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(60);

/// A write to the calendar is not begun with less time than this left.
const WRITE_NEEDS: Duration = Duration::from_millis(600);

/// How often one conversation can book the same time anew after it was cancelled.
const ROUNDS: u32 = 8;

/// What came of a booking.
#[derive(Debug)]
pub enum Outcome {
    /// The event exists.
    Booked(Box<Appointment>),
    /// The time is held; whether the event exists is not known yet.
    Pending(Box<Appointment>),
    /// This very booking was made before, and is being moved or cancelled since.
    Changing(Box<Appointment>),
    /// The time cannot be had; these, at most three, are the nearest that can.
    Taken { alternatives: Vec<Timestamp> },
}

/// The outcome of a claim.
enum Claim {
    /// The time is ours, and the appointment is stored as pending.
    Won,
    /// This very booking was made before.
    Known(Box<Appointment>),
    /// Somebody else has (part of) the time.
    Taken,
}

/// The outcome of claiming the time of a stored booking once more.
pub(super) enum ClaimAgain {
    /// It is ours; this is the row now.
    Won(Box<Appointment>),
    /// Somebody else is at this booking, or was.
    Known(Box<Appointment>),
    /// Somebody else has the time.
    Taken,
}

impl Calendar<'_> {
    /// Books a viewing.
    pub async fn book(
        &self,
        request: &BookingRequest<'_>,
        turn: &Turn,
    ) -> Result<Outcome, BookingError> {
        let mut round = 0;
        loop {
            let mut appointment = draft(request, round, self, turn);
            appointment.look_again(Some(later(turn.now, LOOK_AGAIN)));
            let claim = self.claim(&appointment, turn);
            let look = self.agenda_of(&appointment, around(request.time, turn.now), turn);
            let (claim, look) = Box::pin(self.claim_and_look(claim, look)).await;

            return match (claim?, look) {
                (Claim::Known(known), look) => {
                    let known = self.settle_change(*known, request, turn).await?;
                    // What this conversation booked before is over, or elsewhere by now.
                    if round < ROUNDS && !is_at(&known, request.time) {
                        round += 1;
                        continue;
                    }
                    self.resume(known, request, look, turn).await
                }
                (Claim::Taken, look) => Ok(self.taken(request, &look?, turn)),
                (Claim::Won, Ok(agenda)) if self.acceptable(request, &agenda, turn) => {
                    self.create(appointment, request.cause, turn).await
                }
                (Claim::Won, look) => {
                    self.give_back(appointment, request.cause, turn).await;
                    Ok(self.taken(request, &look?, turn))
                }
            };
        }
    }

    async fn claim(&self, appointment: &Appointment, turn: &Turn) -> Result<Claim, BookingError> {
        let hold_until = Some(later(turn.now, HOLD));
        let seats: Vec<SeatChange<'_>> = appointment
            .seats
            .iter()
            .map(|seat| SeatChange::Take { seat, hold_until })
            .collect();
        let (row, id) = (Row::Insert(appointment), &appointment.appointment_id);
        Ok(match self.desk.ledger.apply(row, &seats, turn.now).await? {
            Applied::Done => Claim::Won,
            Applied::Stale(Some(known)) => Claim::Known(known),
            // Whoever has the time may be what this conversation booked after that.
            Applied::Taken => match self.desk.appointments.get(id).await? {
                Some(known) => Claim::Known(Box::new(known)),
                None => Claim::Taken,
            },
            Applied::Lapsed | Applied::Stale(None) => Claim::Taken,
        })
    }

    /// Carries a change through that is under way of a booking made before: the time may
    /// have to be booked anew after it. The row as it is then.
    async fn settle_change(
        &self,
        known: Appointment,
        request: &BookingRequest<'_>,
        turn: &Turn,
    ) -> Result<Appointment, BookingError> {
        if !is_at(&known, request.time) || known.change.is_none() {
            return Ok(known);
        }
        self.must_hold(&known)?;
        Ok(match known.change {
            Some(Change::Cancel { .. }) => {
                let cancelled = self.settle_cancel(known, request.cause, turn).await?;
                *cancelled.into_appointment()
            }
            Some(Change::Move { .. }) => {
                let moved = self.settle_move(known, request.cause, turn).await?;
                *moved.into_appointment()
            }
            None => known,
        })
    }

    /// Goes on with a booking that was begun before: by an earlier delivery that may
    /// still be at work, or by one that was cut off.
    async fn resume(
        &self,
        known: Appointment,
        request: &BookingRequest<'_>,
        look: Result<Agenda, BookingError>,
        turn: &Turn,
    ) -> Result<Outcome, BookingError> {
        if known.status != Status::Pending || known.change.is_some() {
            return Ok(Outcome::of(known));
        }
        self.must_hold(&known)?;
        let (id, cause) = (known.appointment_id.clone(), request.cause);
        let is_cut_off = match self.session.find_by_tag(&id, turn).await {
            Ok(Some(event)) => return self.confirm(known, event.id, cause, turn).await,
            Ok(None) => later(known.updated_at, AT_WORK) <= turn.now,
            Err(error) => {
                tracing::warn!(appointment_id = %id, %error, "still pending");
                false
            }
        };
        if !is_cut_off {
            return Ok(self.hold(known, cause, turn).await);
        }
        // Cut off before its event was made. Its stored request can be sent again: if
        // the event exists after all, Microsoft knows it by the transaction id. Nor is
        // its row deleted any more, so that an event that comes late is found.
        let agenda = match look {
            Ok(agenda) => agenda,
            Err(error) if known.promised => {
                tracing::warn!(appointment_id = %id, %error, "still pending");
                return Ok(Outcome::of(known));
            }
            Err(error) => return Err(error),
        };
        if !self.acceptable(request, &agenda, turn) {
            self.desk.fail(known, cause, turn).await;
            return Ok(self.taken(request, &agenda, turn));
        }
        match self.claim_again(&known, cause, turn).await? {
            ClaimAgain::Won(appointment) => self.create(*appointment, cause, turn).await,
            ClaimAgain::Known(stored) => Ok(self.hold(*stored, cause, turn).await),
            ClaimAgain::Taken => {
                self.desk.fail(known, cause, turn).await;
                Ok(self.taken(request, &agenda, turn))
            }
        }
    }

    /// Leaves a booking to whoever is at it. They may be gone, and the caller is about
    /// to hear that the time is being held.
    async fn hold(&self, appointment: Appointment, cause: Cause, turn: &Turn) -> Outcome {
        let is_pending = appointment.status == Status::Pending && appointment.change.is_none();
        Outcome::of(if is_pending {
            self.promise(appointment, cause, turn).await
        } else {
            appointment
        })
    }

    /// Claims the time of a stored appointment once more, whether or not its hold has
    /// lapsed.
    pub(super) async fn claim_again(
        &self,
        appointment: &Appointment,
        cause: Cause,
        turn: &Turn,
    ) -> Result<ClaimAgain, BookingError> {
        let mut next = appointment.after(What::ClaimedAgain, cause, turn.now);
        next.look_again(Some(later(turn.now, LOOK_AGAIN)));
        // What was promised is not put under a time limit again.
        let hold_until = (!next.promised).then(|| later(turn.now, HOLD));
        let seats: Vec<SeatChange<'_>> = next
            .seats
            .iter()
            .map(|seat| SeatChange::Take { seat, hold_until })
            .collect();
        let applied = self.desk.ledger.apply(Row::Next(&next), &seats, turn.now);
        Ok(match applied.await? {
            Applied::Done => ClaimAgain::Won(Box::new(next)),
            Applied::Stale(Some(stored)) => ClaimAgain::Known(stored),
            Applied::Taken | Applied::Lapsed | Applied::Stale(None) => ClaimAgain::Taken,
        })
    }

    /// Creates the event of a claim that holds. What was promised stays pending as long as
    /// it may still be made.
    pub(super) async fn create(
        &self,
        appointment: Appointment,
        cause: Cause,
        turn: &Turn,
    ) -> Result<Outcome, BookingError> {
        if turn.patience(WRITE_NEEDS) < WRITE_NEEDS {
            if appointment.promised {
                return Ok(Outcome::of(appointment));
            }
            self.give_back(appointment, cause, turn).await;
            return Err(MicrosoftError::TimedOut.into());
        }
        match self
            .session
            .create_event(&appointment.event_body, turn)
            .await
        {
            Ok(event) => self.confirm(appointment, event.id, cause, turn).await,
            Err(error) if error.outcome_unknown() || is_duplicate(&error) => {
                tracing::warn!(appointment_id = %appointment.appointment_id, %error, "create outcome unknown");
                let held = self.promise(appointment, cause, turn).await;
                let settled = self.settle_create(held, cause, turn).await;
                if let (true, Ok(Outcome::Pending(pending))) = (is_duplicate(&error), &settled) {
                    tracing::error!(appointment_id = %pending.appointment_id, "Microsoft made this event before, and it cannot be found");
                }
                settled
            }
            Err(error) if appointment.promised && error.may_pass() => {
                tracing::warn!(appointment_id = %appointment.appointment_id, %error, "still to be made");
                Ok(Outcome::of(appointment))
            }
            Err(error) => {
                self.give_back(appointment, cause, turn).await;
                Err(error.into())
            }
        }
    }

    /// Keeps the time of an event that may exist, past the end of the hold: the caller
    /// is about to hear that it is being held. When that fails, the event itself, if
    /// there is one, is still in everybody's way.
    async fn promise(&self, appointment: Appointment, cause: Cause, turn: &Turn) -> Appointment {
        if appointment.promised {
            return appointment;
        }
        let mut next = appointment.after(What::Held, cause, turn.now);
        next.promised = true;
        next.look_again(Some(later(turn.now, LOOK_AGAIN)));
        let seats: Vec<SeatChange<'_>> = next.seats.iter().map(SeatChange::Keep).collect();
        match self
            .desk
            .ledger
            .apply(Row::Next(&next), &seats, turn.now)
            .await
        {
            Ok(Applied::Done) => next,
            Ok(Applied::Stale(Some(stored))) => *stored,
            other => {
                let reason = other.err().map(|error| error.to_string());
                tracing::warn!(appointment_id = %appointment.appointment_id, reason, "hold left to lapse");
                appointment
            }
        }
    }

    /// Gives a claim back. When that fails, the hold lapses by itself. A booking that
    /// was promised, or begun before, leaves its row: its end is on record, and its
    /// event is looked for.
    async fn give_back(&self, appointment: Appointment, cause: Cause, turn: &Turn) {
        if appointment.history.len() > 1 {
            self.desk.fail(appointment, cause, turn).await;
            return;
        }
        let seats: Vec<SeatChange<'_>> = appointment.seats.iter().map(SeatChange::Free).collect();
        let row = Row::Delete(&appointment);
        match self.desk.ledger.apply(row, &seats, turn.now).await {
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(appointment_id = %appointment.appointment_id, %error, "hold left to lapse");
            }
        }
    }

    /// Claims a time while the calendar is looked at. Where more counts than what a claim
    /// can see, limits in number or the way by road, the look comes after the claim: of two
    /// claims for different times that were made without seeing each other, both would do.
    pub(super) async fn claim_and_look<C, L>(
        &self,
        claim: impl Future<Output = C>,
        look: impl Future<Output = L>,
    ) -> (C, L) {
        let is_limited = self.rules.max_per_day.is_some() || self.rules.max_per_week.is_some();
        if !is_limited && !self.goes_by_road() {
            return tokio::join!(claim, look);
        }
        let claim = claim.await;
        (claim, look.await)
    }

    fn acceptable(&self, request: &BookingRequest<'_>, agenda: &Agenda, turn: &Turn) -> bool {
        acceptable(request.time, request.guard, &self.rules, agenda, turn.now)
    }

    /// The answer that a time cannot be had.
    fn taken(&self, request: &BookingRequest<'_>, agenda: &Agenda, turn: &Turn) -> Outcome {
        Outcome::Taken {
            alternatives: alternatives(request.time, None, &self.rules, agenda, turn.now),
        }
    }
}

/// Whether a viewing takes place at that time, or may.
fn is_at(viewing: &Appointment, time: Interval) -> bool {
    viewing.is_live() && viewing.start == time.start()
}

/// Microsoft has seen this transaction before: the event exists.
fn is_duplicate(error: &MicrosoftError) -> bool {
    matches!(error, MicrosoftError::Refused { code, .. } if code == "ErrorDuplicateTransactionId")
}

impl Outcome {
    /// What a stored row means for whoever asked for the booking.
    pub(super) fn of(stored: Appointment) -> Self {
        if stored.is_live() && stored.change.is_some() {
            return Self::Changing(Box::new(stored));
        }
        match stored.status {
            Status::Confirmed => Self::Booked(Box::new(stored)),
            Status::Pending => Self::Pending(Box::new(stored)),
            Status::Cancelled | Status::Failed => Self::Taken {
                alternatives: Vec::new(),
            },
        }
    }
}
