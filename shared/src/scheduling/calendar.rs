//! One host's rules and entries worked out over a limited range of time: what
//! is open, what is blocked, what the limits still admit.
//!
//! Both the search and the explanation read this, so that there is one place
//! where each rule is applied.

use jiff::Timestamp;

use super::{
    blocked::blocked,
    clock::{DAY, LocalClock},
    grid::REACH_DAYS,
    hosts::Host,
    interval::Interval,
    limits::Limits,
    opening::opening,
    stretch::{Stretch, ceil, floor},
};

#[derive(Debug)]
pub(super) struct Calendar {
    pub(super) clock: LocalClock,
    pub(super) opening: Vec<Stretch>,
    pub(super) blocked: Vec<Stretch>,
    pub(super) limits: Limits,
}

impl Calendar {
    /// Works out everything that decides about starts within `range`.
    pub(super) fn new(host: Host<'_>, range: Stretch, now: Timestamp) -> Self {
        let Host { rules, busy } = host;
        let clock = clock_around(host, range);
        let first = clock.day_of(range.start) - REACH_DAYS;
        let last = clock.day_of(range.end) + REACH_DAYS;
        let opening = opening(rules, &clock, first, last);
        let within = Stretch {
            start: opening.first().map_or(range.start, |open| open.start),
            end: opening.last().map_or(range.start, |open| open.end),
        };
        let blocked = blocked(rules, busy, &clock, within, now);
        let mut limits = Limits::new(rules, now);
        limits.count(rules, busy, &clock, now);
        Self {
            clock,
            opening,
            blocked,
            limits,
        }
    }
}

/// A clock that is exact for whatever can matter to starts within `range`.
pub(super) fn clock_around(host: Host<'_>, range: Stretch) -> LocalClock {
    let margin = 2 * REACH_DAYS * DAY;
    let within = Stretch {
        start: range.start - margin,
        end: range.end + margin,
    };
    LocalClock::new(&host.rules.zone, within)
}

/// The whole seconds of a window.
pub(super) fn inside(window: Interval) -> Stretch {
    Stretch {
        start: ceil(window.start()),
        end: floor(window.end()),
    }
}

/// The part of the window that bookable viewings can lie in, or nothing.
pub(super) fn bookable(host: Host<'_>, window: Interval, now: Timestamp) -> Option<Stretch> {
    let limits = Limits::new(host.rules, now);
    let window = inside(window);
    let slot = host.rules.slot()?;
    // No offset reaches two days, so no later start has a bookable local date.
    let horizon = (limits.last_day + 3) * DAY;
    let range = Stretch {
        start: window.start.max(limits.earliest),
        end: window.end.min(horizon + slot),
    };
    (range.start + slot <= range.end).then_some(range)
}
