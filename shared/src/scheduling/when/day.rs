//! Days as said, and the dates they fall on.

use jiff::civil::{Date, Weekday};

use super::holiday::Holiday;
use super::present::{Present, Reading, monday_of, on_or_after, plus_days};

/// How many years to look for a day of a month: February 29 can be eight away.
const YEARS_AHEAD: i16 = 9;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Day {
    /// A calendar date. Without a year it is the next to come, today included;
    /// without a month, the next month that has it.
    Calendar {
        year: Option<i16>,
        month: Option<i8>,
        day: i8,
    },
    /// A weekday, or the first to the last of several: the next to come, or those of
    /// a longer stretch said with it ("Tuesday next week").
    Weekdays { from: Weekday, to: Weekday },
    /// "Next Tuesday", which has two readings.
    Next(Weekday),
    /// Dates that are settled.
    Span(Span),
}

/// Dates, both ends included, and how they come around again if they have passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) first: Date,
    pub(super) last: Date,
    pub(super) again: Again,
    /// A bare weekday that is today, which means that of next week once today has no
    /// hours left.
    pub(super) rolls: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    Weekly,
    Yearly,
    On(Holiday),
}

impl Day {
    pub(super) fn weekday(weekday: Weekday) -> Self {
        Self::Weekdays {
            from: weekday,
            to: weekday,
        }
    }

    /// The dates, where nothing else is said, from `floor` on (or in the past, if the
    /// year says so). `None` if there is no such day.
    pub(super) fn place(self, floor: Date, present: Present<'_>) -> Option<Span> {
        match self {
            Self::Calendar { year, month, day } => {
                let date = match (year, month) {
                    (Some(year), Some(month)) => Date::new(year, month, day).ok()?,
                    (None, Some(month)) => next_in_year(month, day, floor)?,
                    (_, None) => next_in_month(day, floor)?,
                };
                Some(Span::one(date, Again::Yearly))
            }
            Self::Weekdays { from, to } => weekdays(from, to, floor, present),
            Self::Next(weekday) => {
                let date = match present.reading {
                    Reading::Near => on_or_after(plus_days(present.today, 1)?, weekday)?,
                    Reading::Far => on_or_after(plus_days(monday_of(present.today)?, 7)?, weekday)?,
                };
                Some(Span::one(
                    on_or_after(date.max(floor), weekday)?,
                    Again::Weekly,
                ))
            }
            Self::Span(span) => Some(span),
        }
    }
}

/// Monday to Friday, said on one of them, is what remains of this week.
fn weekdays(from: Weekday, to: Weekday, floor: Date, present: Present<'_>) -> Option<Span> {
    let working_week = from == Weekday::Monday && to == Weekday::Friday;
    let underway = working_week && floor == present.today && !is_weekend(floor);
    let first = if underway {
        floor
    } else {
        on_or_after(floor, from)?
    };
    Some(Span {
        first,
        last: on_or_after(first, to)?,
        again: Again::Weekly,
        rolls: from == to && first == present.today,
    })
}

pub(super) fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn next_in_year(month: i8, day: i8, floor: Date) -> Option<Date> {
    (0..YEARS_AHEAD)
        .filter_map(|ahead| Date::new(floor.year().checked_add(ahead)?, month, day).ok())
        .find(|date| *date >= floor)
}

fn next_in_month(day: i8, floor: Date) -> Option<Date> {
    let mut month = floor.first_of_month();
    for _ in 0..12 {
        match Date::new(month.year(), month.month(), day) {
            Ok(date) if date >= floor => return Some(date),
            _ => month = plus_days(month.last_of_month(), 1)?,
        }
    }
    None
}

impl Span {
    pub(super) fn one(date: Date, again: Again) -> Self {
        Self {
            first: date,
            last: date,
            again,
            rolls: false,
        }
    }

    /// `None` if `last` is before `first`.
    pub(super) fn new(first: Date, last: Date, again: Again) -> Option<Self> {
        (first <= last).then_some(Self {
            first,
            last,
            again,
            rolls: false,
        })
    }

    /// From `first`, that many days.
    pub(super) fn of_days(first: Date, days: i64) -> Option<Self> {
        Self::new(first, plus_days(first, days - 1)?, Again::Weekly)
    }

    pub(super) fn intersect(self, other: Self) -> Option<Self> {
        let kept = if other.first == other.last {
            other
        } else {
            self
        };
        Self::new(
            self.first.max(other.first),
            self.last.min(other.last),
            kept.again,
        )
    }

    /// The dates without those before `today`.
    pub(super) fn not_before(self, today: Date) -> Option<Self> {
        Some(Self {
            rolls: self.rolls,
            ..Self::new(self.first.max(today), self.last, self.again)?
        })
    }

    pub(super) fn plus_days(self, days: i64) -> Option<Self> {
        Self::new(
            plus_days(self.first, days)?,
            plus_days(self.last, days)?,
            self.again,
        )
    }

    /// The part of this that is those weekdays: the first such still to come, or else
    /// the last that has gone by. `None` if it has none.
    pub(super) fn only(self, from: Weekday, to: Weekday, today: Date) -> Option<Self> {
        let within = |floor: Date| {
            let first = on_or_after(floor, from).filter(|first| *first <= self.last)?;
            Self::new(first, on_or_after(first, to)?.min(self.last), Again::Weekly)
        };
        within(self.first.max(today)).or_else(|| within(self.first))
    }

    /// When dates that have passed next come around.
    pub(super) fn again(self, today: Date) -> Option<Self> {
        let length = i64::from(self.first.until(self.last).ok()?.get_days());
        let moved = match self.again {
            Again::Weekly => {
                let behind = i64::from(self.last.until(today).ok()?.get_days());
                self.plus_days((behind + 6).div_euclid(7) * 7)?
            }
            Again::Yearly => (-1..YEARS_AHEAD)
                .filter_map(|ahead| {
                    let year = today.year().checked_add(ahead)?;
                    let first = Date::new(year, self.first.month(), self.first.day()).ok()?;
                    Self::new(first, plus_days(first, length)?, self.again)
                })
                .find(|span| span.last >= today)?,
            Again::On(holiday) => Self::one(holiday.on_or_after(today)?, self.again),
        };
        moved.not_before(today)
    }
}
