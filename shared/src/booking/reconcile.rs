//! Settling what was left open, every minute.
//!
//! Each row says when it is to be looked at next. What is pending is looked up by its
//! tag and confirmed, tried again if it was promised, or ended; what was being moved
//! or cancelled is carried through; what is confirmed is compared with the calendar,
//! since people move and delete events in Outlook, and events of others slip in
//! between. Every step is decided on one revision of the row, so that two runs at
//! once do nothing twice.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};

use super::acceptance::{acceptable, around};
use super::agenda::{Agenda, Calendar};
use super::book::{AT_WORK, ClaimAgain, HOLD, LOOK_AGAIN};
use super::cancel::Cancelled;
use super::desk::Desk;
use super::draft::Guard;
use super::error::BookingError;
use super::later;
use super::report::{Report, Settled};
use super::reschedule::Rescheduled;
use crate::clock::Turn;
use crate::ids::{AppointmentId, UserId};
use crate::microsoft::CalendarEvent;
use crate::scheduling::Interval;
use crate::store::{Applied, Appointment, Cause, Change, Row, Status, StoreError, What};

/// The most rows of one run; what remains is due in the next.
const ROWS: i32 = 200;

/// How many calendars are looked at at once.
const AT_ONCE: usize = 8;

/// How often a confirmed viewing is compared with the calendar.
const COMPARE: SignedDuration = SignedDuration::from_mins(15);

/// When a calendar that cannot be read is tried again: within the five minutes in which the
/// alarm `BookingsStayOpen` looks for what is open.
const UNREADABLE: SignedDuration = SignedDuration::from_mins(3);

/// How long after its viewing a row is ended that is still open, and could not be looked at.
const UNSEEN: SignedDuration = SignedDuration::from_hours(24);

/// How long the event of a failed booking could still come.
const LATE: SignedDuration = SignedDuration::from_mins(30);

/// Viewings within this of each other are compared by one read.
const ONE_READ: SignedDuration = SignedDuration::from_hours(14 * 24);

impl Desk {
    /// Looks at every row that is due.
    pub async fn reconcile(&self, turn: &Turn) -> Result<Report, BookingError> {
        let ids = self.appointments.due(turn.now, ROWS).await?;
        let rows: Vec<_> = stream::iter(ids.iter())
            .map(|id| self.appointments.get(id))
            .buffered(AT_ONCE)
            .collect()
            .await;
        let mut report = Report::default();
        let mut of_staff: BTreeMap<UserId, Vec<Appointment>> = BTreeMap::new();
        // The index may lag: the row itself says whether it is due.
        let due = |row: &Appointment| row.due_at.is_some_and(|due| due <= turn.now.as_second());
        for (id, row) in ids.iter().zip(rows) {
            match row {
                Ok(Some(row)) if due(&row) => {
                    of_staff.entry(row.user_id.clone()).or_default().push(row);
                }
                Ok(_) => {}
                // One row that nobody understands is no reason to leave the others.
                Err(error @ StoreError::Unreadable { .. }) => {
                    tracing::error!(appointment_id = %id, %error, "a row cannot be read");
                    report.due += 1;
                    report.unreadable += 1;
                }
                Err(error) => return Err(error.into()),
            }
        }
        let runs: Vec<_> = of_staff
            .into_iter()
            .map(|(user, rows)| self.reconcile_staff(user, rows, turn))
            .collect();
        let reports = stream::iter(runs).buffer_unordered(AT_ONCE);
        Ok(reports.fold(report, async |sum, one| sum.and(one)).await)
    }

    async fn reconcile_staff(&self, user: UserId, rows: Vec<Appointment>, turn: &Turn) -> Report {
        let mut report = Report {
            due: count(rows.len()),
            ..Report::default()
        };
        let calendar = match self.calendar(&user, turn).await {
            Ok(calendar) => calendar,
            Err(error) => {
                tracing::warn!(user_id = %user, %error, "nothing can be settled");
                for row in rows {
                    report.unreadable += 1;
                    report.count(self.settle_unseen(row, turn).await);
                }
                return report;
            }
        };
        let is_here = |row: &Appointment| calendar.must_hold(row).is_ok();
        let (here, elsewhere): (Vec<_>, Vec<_>) = rows.into_iter().partition(is_here);
        for row in elsewhere {
            report.count(self.settle_unseen(row, turn).await);
        }
        let is_quiet = |row: &Appointment| row.status == Status::Confirmed && row.change.is_none();
        let (quiet, open): (Vec<_>, Vec<_>) = here.into_iter().partition(is_quiet);
        for row in open {
            let settled = calendar.settle_open(row.clone(), turn).await;
            self.note(settled, row, &mut report, turn).await;
        }
        for group in within_one_read(quiet) {
            match calendar.events_around(&group, turn).await {
                Ok(events) => {
                    for row in group {
                        let settled = calendar.compare(row.clone(), &events, turn).await;
                        self.note(settled, row, &mut report, turn).await;
                    }
                }
                Err(error) => {
                    tracing::warn!(user_id = %user, %error, "the calendar cannot be read");
                    for row in group {
                        report.unreadable += 1;
                        report.count(self.settle_unseen(row, turn).await);
                    }
                }
            }
        }
        report
    }

    /// Notes what became of a row, of which nothing may have been found out.
    async fn note(
        &self,
        settled: Result<Settled, BookingError>,
        row: Appointment,
        report: &mut Report,
        turn: &Turn,
    ) {
        let settled = match settled {
            Ok(settled) => settled,
            Err(error) => {
                tracing::warn!(appointment_id = %row.appointment_id, %error, "not settled");
                report.unreadable += 1;
                self.settle_unseen(row, turn).await
            }
        };
        report.count(settled);
    }

    /// Leaves a row as it is whose calendar cannot be looked at: it may not answer, or be that
    /// of an account that was replaced. What nobody can wait for any more is ended.
    async fn settle_unseen(&self, row: Appointment, turn: &Turn) -> Settled {
        let is_over = |patience| later(last_end(&row), patience) <= turn.now;
        let (settled, after) = match (row.is_live(), row.is_open()) {
            (true, true) if is_over(UNSEEN) => return self.end_unseen(row, turn).await,
            (true, true) => (Settled::Open, UNREADABLE),
            (true, false) if is_over(SignedDuration::ZERO) => {
                return self.at_rest(&row, turn).await;
            }
            (false, _) if later(row.updated_at, LATE) <= turn.now => {
                return self.at_rest(&row, turn).await;
            }
            (true, false) => (Settled::Same, COMPARE),
            (false, _) => (Settled::Same, UNREADABLE),
        };
        self.look_later(&row, after, turn).await;
        settled
    }

    /// Ends what was open when its time came, and could never be looked at since.
    async fn end_unseen(&self, row: Appointment, turn: &Turn) -> Settled {
        tracing::error!(appointment_id = %row.appointment_id, user_id = %row.user_id, "what was open is given up unseen");
        match row.change {
            Some(Change::Move { .. }) => {
                self.abandon(row, Cause::Reconcile, turn).await;
                Settled::Failed
            }
            Some(Change::Cancel { .. }) => match self.over(row, Cause::Reconcile, turn).await {
                Ok(Cancelled::Done(_)) => Settled::Cancelled,
                Ok(_) | Err(_) => Settled::Open,
            },
            None => {
                self.fail(row, Cause::Reconcile, turn).await;
                Settled::Failed
            }
        }
    }

    /// Nothing more can happen to the row.
    async fn at_rest(&self, row: &Appointment, turn: &Turn) -> Settled {
        self.look_again(row, None, turn).await;
        Settled::Same
    }

    /// Has the row looked at after that time.
    async fn look_later(&self, row: &Appointment, after: SignedDuration, turn: &Turn) {
        self.look_again(row, Some(later(turn.now, after)), turn)
            .await;
    }

    /// Has the row looked at then, or not at all. Should somebody else have written it
    /// meanwhile, that is as good.
    async fn look_again(&self, row: &Appointment, at: Option<Timestamp>, turn: &Turn) {
        let mut next = row.unchanged();
        next.look_again(at);
        if let Err(error) = self.ledger.apply(Row::Next(&next), &[], turn.now).await {
            tracing::warn!(appointment_id = %row.appointment_id, %error, "still due");
        }
    }
}

impl Calendar<'_> {
    /// Settles a row on which something is under way.
    async fn settle_open(&self, row: Appointment, turn: &Turn) -> Result<Settled, BookingError> {
        match (&row.status, &row.change) {
            (Status::Cancelled, _) => self.settle_cancelled(row, turn).await,
            (Status::Failed, _) => self.settle_failed(row, turn).await,
            (_, Some(Change::Cancel { .. })) => Ok(
                match self.settle_cancel(row, Cause::Reconcile, turn).await? {
                    Cancelled::Done(_) | Cancelled::Past(_) => Settled::Cancelled,
                    Cancelled::Underway(row) => self.still_open(&row, turn).await,
                },
            ),
            (_, Some(Change::Move { .. })) => self.settle_moving(row, turn).await,
            (Status::Pending, None) => self.settle_pending(row, turn).await,
            (Status::Confirmed, None) => Ok(Settled::Same),
        }
    }

    async fn settle_pending(&self, row: Appointment, turn: &Turn) -> Result<Settled, BookingError> {
        // A look that failed has found out nothing, so that nothing is decided on it.
        if let Some(event) = self.session.find_by_tag(&row.appointment_id, turn).await? {
            let confirmed = self.confirm(row, event.id, Cause::Reconcile, turn).await?;
            return Ok(Settled::of_booking(&confirmed));
        }
        let patience = if row.promised { AT_WORK } else { HOLD };
        if turn.now < later(row.updated_at, patience) {
            return Ok(self.still_open(&row, turn).await);
        }
        if row.promised && turn.now < row.start {
            let agenda = self.agenda_of(&row, around(row.time(), turn.now), turn);
            let agenda = agenda.await?;
            let free = acceptable(row.time(), Guard::Free, &self.rules, &agenda, turn.now);
            let claimed = if free {
                self.claim_again(&row, Cause::Reconcile, turn).await?
            } else {
                ClaimAgain::Taken
            };
            match claimed {
                ClaimAgain::Won(row) => {
                    let id = row.appointment_id.clone();
                    let made = self.create(*row, Cause::Reconcile, turn).await;
                    return Ok(made.map_or_else(
                        |error| given_up(&id, &error),
                        |made| Settled::of_booking(&made),
                    ));
                }
                ClaimAgain::Known(_) => return Ok(Settled::Open),
                ClaimAgain::Taken => {}
            }
        }
        self.desk.fail(row, Cause::Reconcile, turn).await;
        Ok(Settled::Failed)
    }

    /// An event that is still there although Microsoft said that it is gone, or that came
    /// after its booking was cancelled.
    async fn settle_cancelled(
        &self,
        row: Appointment,
        turn: &Turn,
    ) -> Result<Settled, BookingError> {
        // A copy that somebody made has the tag too: it is theirs, once the event is known.
        let event = match &row.event_id {
            Some(id) => self.session.event(id, turn).await?,
            None => self.session.find_by_tag(&row.appointment_id, turn).await?,
        };
        let Some(event) = event.filter(|event| !event.is_cancelled) else {
            if row.event_id.is_none() {
                return Ok(self.at_rest_when_late(&row, turn).await);
            }
            return Ok(self.desk.at_rest(&row, turn).await);
        };
        let comment = "The viewing was cancelled.";
        self.remove_event(&event.id, row.has_guests, comment, turn)
            .await?;
        Ok(self.still_open(&row, turn).await)
    }

    /// An event that came after its booking was given up is nobody's: it goes again.
    async fn settle_failed(&self, row: Appointment, turn: &Turn) -> Result<Settled, BookingError> {
        if let Some(event) = self.session.find_by_tag(&row.appointment_id, turn).await? {
            let comment = "This time is no longer available.";
            self.remove_event(&event.id, row.has_guests, comment, turn)
                .await?;
        }
        Ok(self.at_rest_when_late(&row, turn).await)
    }

    async fn settle_moving(&self, row: Appointment, turn: &Turn) -> Result<Settled, BookingError> {
        let row = match self.settle_move(row, Cause::Reconcile, turn).await? {
            Rescheduled::Moved(_) => return Ok(Settled::Moved),
            Rescheduled::Over(_) => return Ok(Settled::Cancelled),
            other => *other.into_appointment(),
        };
        if turn.now < later(row.updated_at, AT_WORK) {
            return Ok(self.still_open(&row, turn).await);
        }
        let Some(event) = self.event_of(&row, turn).await? else {
            return Ok(self.still_open(&row, turn).await);
        };
        let is_elsewhere = |time: Interval| time != row.time();
        if event.viewing_time().is_some_and(is_elsewhere) {
            let back = self.desk.abandon(row, Cause::Reconcile, turn).await;
            self.follow(back, &event, turn).await?;
            return Ok(Settled::Moved);
        }
        if row.promised && self.can_still_move(&row, turn).await? {
            let id = row.appointment_id.clone();
            return Ok(match self.move_promised(row, event, turn).await {
                Err(error) => given_up(&id, &error),
                Ok(Rescheduled::Moved(_)) => Settled::Moved,
                Ok(Rescheduled::Over(_)) => Settled::Cancelled,
                Ok(other) => self.still_open(&other.into_appointment(), turn).await,
            });
        }
        self.desk.abandon(row, Cause::Reconcile, turn).await;
        Ok(Settled::Failed)
    }

    async fn can_still_move(&self, row: &Appointment, turn: &Turn) -> Result<bool, BookingError> {
        let Some(Change::Move { start, end }) = row.change else {
            return Ok(false);
        };
        let Ok(to) = Interval::new(start, end) else {
            return Ok(false);
        };
        let agenda = self.agenda_of(row, around(to, turn.now), turn).await?;
        Ok(acceptable(to, Guard::Free, &self.rules, &agenda, turn.now))
    }

    /// Compares a confirmed viewing with the calendar.
    async fn compare(
        &self,
        row: Appointment,
        events: &[CalendarEvent],
        turn: &Turn,
    ) -> Result<Settled, BookingError> {
        if row.end <= turn.now {
            return Ok(self.desk.at_rest(&row, turn).await);
        }
        let Some(event_id) = row.event_id.clone() else {
            return Ok(Settled::Same);
        };
        let event = match events.iter().find(|event| event.id == event_id) {
            Some(event) => Some(event.clone()),
            // Moved out of what was read, or deleted.
            None => self.event_of(&row, turn).await?,
        };
        let Some(event) = event.filter(|event| !event.is_cancelled) else {
            self.desk.over(row, Cause::Outlook, turn).await?;
            return Ok(Settled::Cancelled);
        };
        let time = row.time();
        if event
            .viewing_time()
            .is_some_and(|elsewhere| elsewhere != time)
        {
            self.follow(row, &event, turn).await?;
            return Ok(Settled::Moved);
        }
        self.note_conflict(row, &event, events, turn).await
    }

    /// Flags a viewing that something else overlaps, and marks its event for the staff
    /// member to see.
    async fn note_conflict(
        &self,
        row: Appointment,
        event: &CalendarEvent,
        events: &[CalendarEvent],
        turn: &Turn,
    ) -> Result<Settled, BookingError> {
        let others = events.iter().filter(|other| other.id != event.id);
        let others = Agenda::of_events(others);
        let time = row.time();
        // What has begun is no longer anybody's to sort out.
        let conflict = if turn.now < row.start {
            !acceptable(time, Guard::Free, &self.rules, &others, turn.now)
        } else {
            row.conflict
        };
        let mut next = match (row.conflict, conflict) {
            (false, true) => row.after(What::ConflictFound, Cause::Reconcile, turn.now),
            (true, false) => row.after(What::ConflictGone, Cause::Reconcile, turn.now),
            (true, true) | (false, false) => row.unchanged(),
        };
        next.conflict = conflict;
        next.account = Some(self.account.clone());
        next.event_id = Some(event.id.clone());
        next.look_again(Some(later(turn.now, COMPARE)));
        if conflict && !row.conflict {
            tracing::warn!(appointment_id = %row.appointment_id, user_id = %row.user_id, "a viewing is double-booked");
        }
        if conflict != row.conflict {
            self.session
                .mark_double_booked(&event.id, conflict, turn)
                .await?;
        }
        let applied = self
            .desk
            .ledger
            .apply(Row::Next(&next), &[], turn.now)
            .await?;
        Ok(match applied {
            Applied::Done if conflict && !row.conflict => Settled::Conflict,
            _ => Settled::Same,
        })
    }

    /// Everything around the viewings of a group.
    async fn events_around(
        &self,
        group: &[Appointment],
        turn: &Turn,
    ) -> Result<Vec<CalendarEvent>, BookingError> {
        let start = group.iter().map(|row| row.start).min().unwrap_or(turn.now);
        let end = group.iter().map(|row| row.end).max().unwrap_or(turn.now);
        let Ok(window) = Interval::new(start, end) else {
            return Ok(Vec::new());
        };
        let window = super::agenda::with_a_day_around(window);
        Ok(self.session.busy_view(window, turn).await?)
    }

    async fn still_open(&self, row: &Appointment, turn: &Turn) -> Settled {
        self.desk.look_later(row, LOOK_AGAIN, turn).await;
        Settled::Open
    }

    /// Nothing more can happen to the row, once its event can come no more.
    async fn at_rest_when_late(&self, row: &Appointment, turn: &Turn) -> Settled {
        if turn.now < later(row.updated_at, LATE) {
            self.desk.look_later(row, UNREADABLE, turn).await;
            return Settled::Same;
        }
        self.desk.at_rest(row, turn).await
    }
}

/// When the last time ends that a row has, or may get.
fn last_end(row: &Appointment) -> Timestamp {
    let ends = row.seats.iter().map(|seat| seat.viewing.end());
    ends.fold(row.end, Timestamp::max)
}

/// Microsoft will never do what a caller was promised.
fn given_up(id: &AppointmentId, error: &BookingError) -> Settled {
    tracing::error!(appointment_id = %id, %error, "what was promised is given up");
    Settled::Failed
}

/// The rows in groups that one read of the calendar covers.
fn within_one_read(mut rows: Vec<Appointment>) -> Vec<Vec<Appointment>> {
    rows.sort_by_key(|row| row.start);
    let mut groups: Vec<(Timestamp, Vec<Appointment>)> = Vec::new();
    for row in rows {
        match groups.last_mut() {
            Some((first, group)) if first.duration_until(row.start) <= ONE_READ => group.push(row),
            _ => groups.push((row.start, vec![row])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
