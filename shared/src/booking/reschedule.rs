//! Moving a viewing: the new time is claimed beside the old one, the event is moved
//! if nobody changed it meanwhile, and only then the old time is given up. Until then
//! the viewing has both.

use jiff::{SignedDuration, Timestamp};

use super::acceptance::{acceptable, alternatives, around};
use super::agenda::{Agenda, Calendar};
use super::book::{LOOK_AGAIN, Outcome};
use super::cancel::DECISIONS;
use super::draft::{Guard, with_buffers};
use super::error::BookingError;
use super::later;
use crate::clock::Turn;
use crate::microsoft::{CalendarEvent, MicrosoftError, moved_event};
use crate::scheduling::Interval;
use crate::store::{Applied, Appointment, Cause, Change, Row, Seat, SeatChange, Status, What};

/// The ledger blocks at most this much of one viewing.
const LONGEST_SEAT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What came of moving a viewing.
#[derive(Debug)]
pub enum Rescheduled {
    /// The event is at the new time.
    Moved(Box<Appointment>),
    /// Both times are held; whether the event has moved is not known yet.
    Underway(Box<Appointment>),
    /// The new time cannot be had, and the viewing stays where it is.
    Taken {
        appointment: Box<Appointment>,
        alternatives: Vec<Timestamp>,
    },
    /// It does not take place any more.
    Over(Box<Appointment>),
    /// It has begun or taken place.
    Past(Box<Appointment>),
    /// Its booking is not confirmed yet.
    NotBooked(Box<Appointment>),
}

impl Rescheduled {
    /// The appointment, whatever came of it.
    pub(super) fn into_appointment(self) -> Box<Appointment> {
        match self {
            Self::Moved(appointment)
            | Self::Underway(appointment)
            | Self::Taken { appointment, .. }
            | Self::Over(appointment)
            | Self::Past(appointment)
            | Self::NotBooked(appointment) => appointment,
        }
    }
}

/// A step that has either decided the move or must be decided anew.
enum Step {
    Decided(Rescheduled),
    Again(Box<Appointment>),
}

impl Calendar<'_> {
    /// Moves a viewing to another time.
    pub async fn reschedule(
        &self,
        appointment: Appointment,
        to: Interval,
        guard: Guard,
        cause: Cause,
        turn: &Turn,
    ) -> Result<Rescheduled, BookingError> {
        let mut appointment = appointment;
        for _ in 0..DECISIONS {
            if appointment.is_live() {
                self.must_hold(&appointment)?;
            }
            if appointment.status == Status::Pending && appointment.change.is_none() {
                match self.settle_create(appointment, cause, turn).await? {
                    Outcome::Booked(row) | Outcome::Changing(row) => appointment = *row,
                    Outcome::Pending(pending) => return Ok(Rescheduled::NotBooked(pending)),
                    Outcome::Taken { .. } => return Err(BookingError::Busy),
                }
            }
            if !appointment.is_live() || matches!(appointment.change, Some(Change::Cancel { .. })) {
                return Ok(Rescheduled::Over(Box::new(appointment)));
            }
            if appointment.start <= turn.now {
                return Ok(Rescheduled::Past(Box::new(appointment)));
            }
            if let Some(Change::Move { start, .. }) = appointment.change {
                match self.settle_move(appointment, cause, turn).await? {
                    Rescheduled::Underway(moving) if start == to.start() => {
                        // Whoever is at it may be gone, and the caller is about to hear
                        // that it is being moved.
                        let promised = self.promise_move(*moving, cause, turn).await;
                        return Ok(Rescheduled::Underway(Box::new(promised)));
                    }
                    Rescheduled::Underway(_) => return Err(BookingError::Busy),
                    Rescheduled::Moved(moved) if start == to.start() => {
                        return Ok(Rescheduled::Moved(moved));
                    }
                    Rescheduled::Moved(settled)
                    | Rescheduled::Taken {
                        appointment: settled,
                        ..
                    } => {
                        appointment = *settled;
                    }
                    over => return Ok(over),
                }
                continue;
            }
            let step = if appointment.time() == to {
                self.stay(appointment, turn).await?
            } else {
                self.try_move(appointment, to, guard, cause, turn).await?
            };
            match step {
                Step::Decided(outcome) => return Ok(outcome),
                Step::Again(fresh) => appointment = *fresh,
            }
        }
        Err(BookingError::Busy)
    }

    /// The viewing is wanted where its row says that it is; its event may have been
    /// moved in Outlook since.
    async fn stay(&self, appointment: Appointment, turn: &Turn) -> Result<Step, BookingError> {
        let Some(event_id) = &appointment.event_id else {
            return Ok(Step::Decided(Rescheduled::NotBooked(Box::new(appointment))));
        };
        let event = self.session.event(event_id, turn).await?;
        let Some(event) = event.filter(|event| !event.is_cancelled) else {
            let over = self.desk.over(appointment, Cause::Outlook, turn).await?;
            return Ok(Step::Decided(Rescheduled::Over(over.into_appointment())));
        };
        let time = appointment.time();
        let Some(elsewhere) = event.viewing_time() else {
            // Somebody made it an event of whole days: it gets its time again.
            let body = moved_event(time, &self.rules.zone);
            let etag = event.etag.as_deref();
            self.session
                .update_event(&event.id, etag, &body, turn)
                .await?;
            return Ok(Step::Decided(Rescheduled::Moved(Box::new(appointment))));
        };
        if elsewhere == time {
            return Ok(Step::Decided(Rescheduled::Moved(Box::new(appointment))));
        }
        let followed = self.follow(appointment, &event, turn).await?;
        Ok(Step::Again(Box::new(followed)))
    }

    async fn try_move(
        &self,
        appointment: Appointment,
        to: Interval,
        guard: Guard,
        cause: Cause,
        turn: &Turn,
    ) -> Result<Step, BookingError> {
        let moving = self.moving(&appointment, to, cause, turn);
        let Some(seat) = moving.seats.last() else {
            return Ok(Step::Decided(Rescheduled::Over(Box::new(appointment))));
        };
        let take = [SeatChange::Take {
            seat,
            hold_until: None,
        }];
        let claim = self.desk.ledger.apply(Row::Next(&moving), &take, turn.now);
        let look = self.agenda_of(&appointment, around(to, turn.now), turn);
        let ((claim, look), event) = tokio::join!(
            self.claim_and_look(claim, look),
            self.event_of(&appointment, turn),
        );
        match claim? {
            Applied::Done => {}
            Applied::Stale(Some(stored)) => return Ok(Step::Again(stored)),
            Applied::Stale(None) => {
                return Ok(Step::Decided(Rescheduled::Over(Box::new(appointment))));
            }
            Applied::Taken | Applied::Lapsed => {
                return self.refuse(appointment, to, (look?, event?), turn).await;
            }
        }
        let (agenda, event) = match (look, event) {
            (Ok(agenda), Ok(event)) => (agenda, event),
            (Err(error), _) => {
                self.desk.abandon(moving, cause, turn).await;
                return Err(error);
            }
            (_, Err(error)) => {
                self.desk.abandon(moving, cause, turn).await;
                return Err(error.into());
            }
        };
        let Some(event) = event else {
            let over = self.desk.over(moving, Cause::Outlook, turn).await?;
            return Ok(Step::Decided(Rescheduled::Over(over.into_appointment())));
        };
        let is_elsewhere = |time: Interval| time != appointment.time();
        if event.viewing_time().is_some_and(is_elsewhere) {
            // Somebody moved it in Outlook. What was asked for starts from there.
            let back = self.desk.abandon(moving, cause, turn).await;
            let followed = self.follow(back, &event, turn).await?;
            return Ok(Step::Again(Box::new(followed)));
        }
        if !acceptable(to, guard, &self.rules, &agenda, turn.now) {
            let (back, now_at) = (
                self.desk.abandon(moving, cause, turn).await,
                Some(appointment.start),
            );
            return Ok(Step::Decided(Rescheduled::Taken {
                appointment: Box::new(back),
                alternatives: alternatives(to, now_at, &self.rules, &agenda, turn.now),
            }));
        }
        self.move_event(moving, event, cause, turn).await
    }

    /// The new time is somebody else's. The viewing stays where it is, which may be another
    /// place than its row says: somebody moved its event in Outlook, or removed it.
    async fn refuse(
        &self,
        appointment: Appointment,
        to: Interval,
        (agenda, event): (Agenda, Option<CalendarEvent>),
        turn: &Turn,
    ) -> Result<Step, BookingError> {
        let Some(event) = event else {
            let over = self.desk.over(appointment, Cause::Outlook, turn).await?;
            return Ok(Step::Decided(Rescheduled::Over(over.into_appointment())));
        };
        let appointment = if event.interval() == Some(appointment.time()) {
            appointment
        } else {
            let revision = appointment.revision;
            let followed = self.follow(appointment, &event, turn).await?;
            if followed.revision != revision {
                return Ok(Step::Again(Box::new(followed)));
            }
            // It has no time that a viewing can have.
            followed
        };
        let now_at = Some(appointment.start);
        let alternatives = alternatives(to, now_at, &self.rules, &agenda, turn.now);
        Ok(Step::Decided(Rescheduled::Taken {
            appointment: Box::new(appointment),
            alternatives,
        }))
    }

    /// The row while its viewing is being moved.
    fn moving(
        &self,
        appointment: &Appointment,
        to: Interval,
        cause: Cause,
        turn: &Turn,
    ) -> Appointment {
        let mut moving = appointment.after(What::Moving, cause, turn.now);
        moving.change = Some(Change::Move {
            start: to.start(),
            end: to.end(),
        });
        moving.promised = false;
        moving.seats.push(Seat {
            number: appointment.next_seat(),
            viewing: to,
            blocked: with_buffers(to, &self.rules),
            travel: self.claimed_travel(),
        });
        moving.look_again(Some(later(turn.now, LOOK_AGAIN)));
        moving
    }

    /// Moves the event of a row whose caller was told that it is being moved.
    pub(super) async fn move_promised(
        &self,
        moving: Appointment,
        event: CalendarEvent,
        turn: &Turn,
    ) -> Result<Rescheduled, BookingError> {
        match self
            .move_event(moving, event, Cause::Reconcile, turn)
            .await?
        {
            Step::Decided(outcome) => Ok(outcome),
            Step::Again(row) => Ok(Rescheduled::Underway(row)),
        }
    }

    /// Moves the event of a row that says so.
    async fn move_event(
        &self,
        moving: Appointment,
        event: CalendarEvent,
        cause: Cause,
        turn: &Turn,
    ) -> Result<Step, BookingError> {
        let Some(to) = target(&moving) else {
            return Ok(Step::Again(Box::new(moving)));
        };
        let body = moved_event(to, &self.rules.zone);
        let mut event = event;
        for attempt in 0..2 {
            let etag = event.etag.as_deref();
            let updated = self.session.update_event(&event.id, etag, &body, turn);
            let Err(error) = updated.await else {
                let moved = self.finish_move(moving, cause, turn).await?;
                return Ok(Step::Decided(moved));
            };
            match error {
                error if error.outcome_unknown() => {
                    let change = moving.change.clone();
                    let promised = self.promise_move(moving, cause, turn).await;
                    if promised.change != change {
                        return Ok(Step::Again(Box::new(promised)));
                    }
                    let settled = self.settle_move(promised, cause, turn).await?;
                    return Ok(Step::Decided(settled));
                }
                MicrosoftError::Gone => {
                    let back = self.desk.abandon(moving, cause, turn).await;
                    if self.event_of(&back, turn).await?.is_some() {
                        return Err(MicrosoftError::Gone.into());
                    }
                    let over = self.desk.over(back, Cause::Outlook, turn).await?;
                    return Ok(Step::Decided(Rescheduled::Over(over.into_appointment())));
                }
                // Somebody changed the event; unless it was its time, that is no matter.
                MicrosoftError::Refused { status: 412, .. } if attempt == 0 => {
                    match self.session.event(&event.id, turn).await {
                        Ok(Some(fresh)) if fresh.interval() == event.interval() => event = fresh,
                        Ok(_) => {
                            let back = self.desk.abandon(moving, cause, turn).await;
                            return Ok(Step::Again(Box::new(back)));
                        }
                        Err(error) => return self.give_up(moving, error, cause, turn).await,
                    }
                }
                error => return self.give_up(moving, error, cause, turn).await,
            }
        }
        let back = self.desk.abandon(moving, cause, turn).await;
        Ok(Step::Again(Box::new(back)))
    }

    /// The event was not moved. What was promised is left to reconcile, unless it never
    /// will be.
    async fn give_up(
        &self,
        moving: Appointment,
        error: MicrosoftError,
        cause: Cause,
        turn: &Turn,
    ) -> Result<Step, BookingError> {
        if moving.promised && error.may_pass() {
            tracing::warn!(appointment_id = %moving.appointment_id, %error, "still to be moved");
            return Ok(Step::Decided(Rescheduled::Underway(Box::new(moving))));
        }
        self.desk.abandon(moving, cause, turn).await;
        Err(error.into())
    }

    /// The caller is about to hear that the viewing is being moved, so reconcile has to
    /// see to it.
    async fn promise_move(&self, moving: Appointment, cause: Cause, turn: &Turn) -> Appointment {
        if moving.promised {
            return moving;
        }
        let mut next = moving.after(What::Held, cause, turn.now);
        next.promised = true;
        match self
            .desk
            .ledger
            .apply(Row::Next(&next), &[], turn.now)
            .await
        {
            Ok(Applied::Done) => next,
            Ok(Applied::Stale(Some(stored))) => *stored,
            _ => moving,
        }
    }

    /// Finds out whether the event of a viewing that is being moved has moved. That it
    /// has not proves nothing: the change may still be on its way.
    pub(super) async fn settle_move(
        &self,
        moving: Appointment,
        cause: Cause,
        turn: &Turn,
    ) -> Result<Rescheduled, BookingError> {
        let Some(to) = target(&moving) else {
            return Ok(not_moving(moving));
        };
        match self.event_of(&moving, turn).await {
            Ok(None) => self.over_moving(moving, turn).await,
            Ok(Some(event)) if event.interval() == Some(to) => {
                self.finish_move(moving, cause, turn).await
            }
            Ok(Some(_)) => Ok(Rescheduled::Underway(Box::new(moving))),
            Err(error) => {
                tracing::warn!(appointment_id = %moving.appointment_id, %error, "still being moved");
                Ok(Rescheduled::Underway(Box::new(moving)))
            }
        }
    }

    async fn over_moving(
        &self,
        moving: Appointment,
        turn: &Turn,
    ) -> Result<Rescheduled, BookingError> {
        let over = self.desk.over(moving, Cause::Outlook, turn).await?;
        Ok(Rescheduled::Over(over.into_appointment()))
    }

    /// Puts on record that the event has moved, and gives the old time up.
    pub(super) async fn finish_move(
        &self,
        moving: Appointment,
        cause: Cause,
        turn: &Turn,
    ) -> Result<Rescheduled, BookingError> {
        let Some(to) = target(&moving) else {
            return Ok(not_moving(moving));
        };
        let mut moving = moving;
        for _ in 0..DECISIONS {
            let next = moved(&moving, to, cause, turn);
            let left = moving.seats.iter().filter(|seat| seat.viewing != to);
            let free: Vec<SeatChange<'_>> = left.map(SeatChange::Free).collect();
            match self
                .desk
                .ledger
                .apply(Row::Next(&next), &free, turn.now)
                .await
            {
                Ok(Applied::Done) => return Ok(Rescheduled::Moved(Box::new(next))),
                // Somebody else wrote that it is being moved.
                Ok(Applied::Stale(Some(stored))) if stored.change == moving.change => {
                    moving = *stored;
                }
                Ok(Applied::Stale(Some(stored)))
                    if stored.change.is_none() && stored.time() == to && stored.is_live() =>
                {
                    return Ok(Rescheduled::Moved(stored));
                }
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(appointment_id = %moving.appointment_id, %error, "the event has moved, its row has not");
                    break;
                }
            }
        }
        Ok(Rescheduled::Underway(Box::new(moving)))
    }

    /// Follows an event that somebody moved in Outlook. The time is theirs to choose,
    /// so it is taken whatever else is there; a conflict shows at the next look.
    pub(super) async fn follow(
        &self,
        appointment: Appointment,
        event: &CalendarEvent,
        turn: &Turn,
    ) -> Result<Appointment, BookingError> {
        let Some(time) = event.viewing_time() else {
            return Ok(appointment);
        };
        let mut next = appointment.after(What::Moved, Cause::Outlook, turn.now);
        if let Some(entry) = next.history.last_mut() {
            entry.from = Some(appointment.start);
        }
        next.move_to(time);
        next.change = None;
        next.promised = false;
        let seat = Seat {
            number: appointment.next_seat(),
            viewing: time,
            blocked: within_ledger(with_buffers(time, &self.rules)),
            travel: self.travel,
        };
        next.seats = vec![seat.clone()];
        next.look_again(Some(later(turn.now, LOOK_AGAIN)));
        let mut changes: Vec<SeatChange<'_>> =
            appointment.seats.iter().map(SeatChange::Free).collect();
        changes.push(SeatChange::Force(&seat));
        match self
            .desk
            .ledger
            .apply(Row::Next(&next), &changes, turn.now)
            .await?
        {
            Applied::Stale(Some(stored)) => Ok(*stored),
            Applied::Done => Ok(next),
            Applied::Stale(None) | Applied::Taken | Applied::Lapsed => Ok(appointment),
        }
    }
}

/// As much of a time as the ledger blocks. People can stretch an event to any length
/// in Outlook, and a transaction takes 100 items; what is left out is seen by every
/// look at the calendar.
fn within_ledger(blocked: Interval) -> Interval {
    let last = later(blocked.start(), LONGEST_SEAT);
    Interval::new(blocked.start(), blocked.end().min(last)).unwrap_or(blocked)
}

/// The row when its event is at the new time.
fn moved(moving: &Appointment, to: Interval, cause: Cause, turn: &Turn) -> Appointment {
    let mut next = moving.after(What::Moved, cause, turn.now);
    if let Some(entry) = next.history.last_mut() {
        entry.from = Some(moving.start);
    }
    next.move_to(to);
    next.change = None;
    next.promised = false;
    next.seats.retain(|seat| seat.viewing == to);
    next.look_again(Some(later(turn.now, LOOK_AGAIN)));
    next
}

/// What became of a move of which the row says nothing any more.
fn not_moving(row: Appointment) -> Rescheduled {
    if row.is_live() && row.change.is_none() {
        Rescheduled::Moved(Box::new(row))
    } else {
        Rescheduled::Over(Box::new(row))
    }
}

/// Where a viewing is being moved to.
fn target(moving: &Appointment) -> Option<Interval> {
    match moving.change {
        Some(Change::Move { start, end }) => Interval::new(start, end).ok(),
        Some(Change::Cancel { .. }) | None => None,
    }
}
