//! What the rules say about one start, in a form to print or to match on.

use std::fmt;

use jiff::{Timestamp, civil::Date};

use super::interval::Interval;

/// A rule that a start must satisfy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The viewing lies wholly inside the window.
    Window,
    /// The viewing lies wholly inside one merged stretch of opening hours.
    Hours,
    /// No entry, with the gaps it needs, overlaps the viewing.
    Busy,
    /// The start is on the grid of its free stretch.
    Grid,
    /// The start is at or after now plus notice.
    Notice,
    /// The start's local date is at or before the last bookable one.
    Horizon,
    /// The start's local date has room.
    DayLimit,
    /// The start's local week has room.
    WeekLimit,
}

/// What one rule says about the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The rule.
    pub rule: Rule,
    /// What it says.
    pub outcome: Outcome,
}

/// Whether a rule allows a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The rule is satisfied.
    Allows,
    /// It is not.
    Refuses(Refusal),
    /// It cannot be asked, since it is about free time and the viewing is not in any.
    NotReached,
}

/// Why a rule refuses a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The viewing is not wholly inside this window.
    OutsideWindow(Interval),
    /// The host is closed for at least part of the viewing.
    Closed,
    /// An entry is too near.
    Blocked {
        /// The place of the entry in the list of entries.
        entry: usize,
        /// The time that it denies to viewings, gaps included.
        denied: Interval,
    },
    /// The start is between two starts of the grid.
    OffGrid {
        /// The next start in the same free stretch.
        next: Option<Timestamp>,
    },
    /// The rules give viewings no usable length or no distance, so there is no grid.
    NoGrid,
    /// The start is sooner than the notice allows.
    TooSoon {
        /// The first instant that is not.
        earliest: Timestamp,
    },
    /// The start is beyond the horizon.
    TooFar {
        /// The last bookable local date.
        last: Date,
    },
    /// The local date has as many bookings as it may have.
    DayFull {
        /// The date.
        date: Date,
        /// The bookings it has.
        booked: usize,
        /// The bookings it may have.
        max: u32,
    },
    /// The local week has as many bookings as it may have.
    WeekFull {
        /// Its Monday.
        monday: Date,
        /// The bookings it has.
        booked: usize,
        /// The bookings it may have.
        max: u32,
    },
}

impl Verdict {
    /// Whether the rule allows the start.
    pub fn allows(&self) -> bool {
        self.outcome == Outcome::Allows
    }

    pub(super) fn new(rule: Rule, refusal: Option<Refusal>) -> Self {
        let outcome = refusal.map_or(Outcome::Allows, Outcome::Refuses);
        Self { rule, outcome }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.outcome {
            Outcome::Allows => write!(f, "{}: allows", self.rule),
            Outcome::Refuses(refusal) => write!(f, "{}: {refusal}", self.rule),
            Outcome::NotReached => {
                write!(f, "{}: not asked, since the time is not free", self.rule)
            }
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Window => "window",
            Self::Hours => "hours",
            Self::Busy => "busy",
            Self::Grid => "grid",
            Self::Notice => "notice",
            Self::Horizon => "horizon",
            Self::DayLimit => "day limit",
            Self::WeekLimit => "week limit",
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutsideWindow(window) => {
                write!(
                    f,
                    "not wholly inside {} to {}",
                    window.start(),
                    window.end()
                )
            }
            Self::Closed => f.write_str("closed during at least part of the viewing"),
            Self::Blocked { entry, denied } => {
                let (start, end) = (denied.start(), denied.end());
                write!(f, "entry {entry} denies {start} to {end}")
            }
            Self::OffGrid { next: Some(next) } => {
                write!(f, "between two starts, the next is {next}")
            }
            Self::OffGrid { next: None } => f.write_str("not a start, and none follows"),
            Self::NoGrid => f.write_str("slots have no usable length or interval"),
            Self::TooSoon { earliest } => write!(f, "the earliest start is {earliest}"),
            Self::TooFar { last } => write!(f, "the last bookable date is {last}"),
            Self::DayFull { date, booked, max } => {
                write!(f, "{date} has {booked} bookings of at most {max}")
            }
            Self::WeekFull {
                monday,
                booked,
                max,
            } => {
                write!(
                    f,
                    "the week of {monday} has {booked} bookings of at most {max}"
                )
            }
        }
    }
}
