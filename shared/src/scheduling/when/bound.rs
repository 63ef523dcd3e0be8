//! What "after", "before", "by", "from" and "around" make of a time or a day.
//!
//! Open ends are a week long: "after Friday" is the seven days that follow.

use super::Hours;
use super::atom::Link;
use super::clock::{Clock, Said};
use super::day::{Again, Day, Span};
use super::present::{Present, plus_days};

/// Days in an open-ended stretch.
pub(super) const OPEN_DAYS: i64 = 7;

/// A time with its link; any other link than these is "at".
pub(super) fn clock(link: Link, clock: Clock) -> Said {
    match link {
        Link::After | Link::From | Link::OrLater => Said::From(clock),
        Link::Before | Link::By | Link::OrEarlier => Said::Until(clock),
        Link::Around => Said::Around(clock),
        Link::At | Link::Between | Link::To | Link::And | Link::Or => Said::At(clock),
    }
}

/// A part of the day with its link. `None` if that leaves no time.
pub(super) fn hours(link: Link, hours: Hours) -> Option<Said> {
    let (from, until) = hours.edges();
    let bounded = match link {
        Link::After => Hours::of_minutes(until, u16::MAX),
        Link::From => Hours::of_minutes(from, u16::MAX),
        Link::Before | Link::By => Hours::of_minutes(0, from),
        _ => Some(hours),
    };
    bounded.map(Said::Exactly)
}

/// A day with its link. `None` if that leaves no day.
pub(super) fn day(link: Link, day: Day, present: Present<'_>) -> Option<Day> {
    let today = present.today;
    if link == Link::At {
        return Some(day);
    }
    let span = day.place(today, present)?;
    let bounded = match link {
        // "After March 1, 2024" is not the days since; it is asked about.
        _ if span.last < today => Some(span),
        Link::After => Span::of_days(plus_days(span.last, 1)?, OPEN_DAYS),
        Link::From => Span::of_days(span.first, OPEN_DAYS),
        Link::Before => Span::new(today, plus_days(span.first, -1)?, Again::Weekly),
        Link::By => Span::new(today, span.last, Again::Weekly),
        Link::Around => Span::new(
            plus_days(span.first, -1)?,
            plus_days(span.last, 1)?,
            span.again,
        ),
        _ => None,
    };
    bounded.map(Day::Span)
}
