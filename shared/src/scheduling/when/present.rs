//! Where and when the question is asked, and which reading is being tried.

use jiff::Zoned;
use jiff::civil::{Date, Weekday};

use super::hours::minute_of;

/// The moment of asking, in the property's zone.
#[derive(Clone, Copy)]
pub(super) struct Present<'a> {
    pub(super) now: &'a Zoned,
    pub(super) today: Date,
    /// Minutes after local midnight.
    pub(super) minute: u16,
    pub(super) reading: Reading,
}

/// A phrase with two readings is read twice, once each way; where the outcomes
/// differ, the caller is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// "Next Friday" is the first one to come. Midnight UTC is that instant.
    Near,
    /// "Next Friday" is in the week after this one. Midnight UTC is a plain date.
    Far,
}

impl<'a> Present<'a> {
    pub(super) fn new(now: &'a Zoned, reading: Reading) -> Self {
        Self {
            now,
            today: now.date(),
            minute: minute_of(now.time()),
            reading,
        }
    }
}

/// `date` moved by `days`, if that is a date.
pub(super) fn plus_days(date: Date, days: i64) -> Option<Date> {
    date.checked_add(jiff::Span::new().try_days(days).ok()?)
        .ok()
}

/// The first such weekday from `date` on, `date` itself included.
pub(super) fn on_or_after(date: Date, weekday: Weekday) -> Option<Date> {
    plus_days(date, date.weekday().until(weekday).into())
}

/// The Monday of the Monday-to-Sunday week of `date`.
pub(super) fn monday_of(date: Date) -> Option<Date> {
    plus_days(date, -i64::from(date.weekday().to_monday_zero_offset()))
}
