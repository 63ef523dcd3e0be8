//! What a run of reconcile did.

use serde::Serialize;

use super::book::Outcome;

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Rows that were due.
    pub due: u32,
    /// Pending bookings whose event was found or made.
    pub booked: u32,
    /// Bookings and moves that were given up.
    pub failed: u32,
    pub moved: u32,
    pub cancelled: u32,
    /// Viewings that something else overlaps since.
    pub conflicts: u32,
    /// Rows that somebody still waits for, whatever the reason.
    pub open: u32,
    /// Rows that could not be looked at: their calendar, or they themselves, cannot be read.
    pub unreadable: u32,
}

/// What became of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    Booked,
    Failed,
    Moved,
    Cancelled,
    Conflict,
    Same,
    Open,
}

impl Settled {
    pub(super) fn of_booking(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Booked(_) => Self::Booked,
            Outcome::Pending(_) | Outcome::Changing(_) => Self::Open,
            Outcome::Taken { .. } => Self::Failed,
        }
    }
}

impl Report {
    pub(super) fn count(&mut self, settled: Settled) {
        match settled {
            Settled::Booked => self.booked += 1,
            Settled::Failed => self.failed += 1,
            Settled::Moved => self.moved += 1,
            Settled::Cancelled => self.cancelled += 1,
            Settled::Conflict => self.conflicts += 1,
            Settled::Open => self.open += 1,
            Settled::Same => {}
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            due: self.due + other.due,
            booked: self.booked + other.booked,
            failed: self.failed + other.failed,
            moved: self.moved + other.moved,
            cancelled: self.cancelled + other.cancelled,
            conflicts: self.conflicts + other.conflicts,
            open: self.open + other.open,
            unreadable: self.unreadable + other.unreadable,
        }
    }
}
