//! The search: the starts at which a viewing is possible.
//!
//! For one host it is the search for several with only one of them. Free time
//! is what is open for all and blocked for none; the grid lays starts into it;
//! the limits of each host filter them.

use jiff::Timestamp;

use super::{
    busy::Busy,
    calendar::{Calendar, bookable},
    clock::timestamp,
    grid::Grid,
    hosts::Host,
    interval::Interval,
    rules::Rules,
    stretch::{common, for_each_free, merge, seconds},
};

/// The starts at which a host can receive a viewing that lies wholly inside
/// `window`, in chronological order.
///
/// Entries may come in any order. A narrower window gives what a wider one
/// gives restricted to it, provided that `busy` is the same; so the window of a
/// single viewing tells whether that one is possible. Which entries to read for
/// a window is told by [`reading_window`](super::reading_window).
///
/// ```
/// use jiff::{Timestamp, tz::TimeZone};
/// use shared::scheduling::{Busy, Interval, Rules, open_slots};
///
/// let at = |text: &str| text.parse::<Timestamp>();
/// let mut rules = Rules::new(TimeZone::get("America/Chicago")?);
/// rules.slot_minutes = 60;
/// rules.interval_minutes = 60;
/// let tuesday = Interval::new(at("2026-06-16T05:00Z")?, at("2026-06-17T05:00Z")?)?;
/// let meeting = Interval::new(at("2026-06-16T15:30Z")?, at("2026-06-16T21:00Z")?)?;
///
/// let slots = open_slots(&rules, &[Busy::at(meeting)], tuesday, at("2026-06-15T00:00Z")?);
/// assert_eq!(slots, [at("2026-06-16T14:00Z")?, at("2026-06-16T21:00Z")?]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn open_slots(
    rules: &Rules,
    busy: &[Busy],
    window: Interval,
    now: Timestamp,
) -> Vec<Timestamp> {
    common_slots(&[Host { rules, busy }], window, now)
}

/// The starts at which all hosts are free for one viewing together, in
/// chronological order.
///
/// The first host leads: the viewing's length, its interval, the alignment and
/// the wall clock of the grid are theirs. Each host keeps their own hours,
/// entries, buffers, notice, horizon and limits. Without hosts there are none.
///
/// Policy: starts are laid into the time that is free for all, instead of
/// comparing the starts that each host would offer alone; hosts whose clocks
/// differ by half an hour can meet.
pub fn common_slots(hosts: &[Host<'_>], window: Interval, now: Timestamp) -> Vec<Timestamp> {
    let mut starts = Vec::new();
    let Some((lead, others)) = hosts.split_first() else {
        return starts;
    };
    let Some(range) = bookable(*lead, window, now) else {
        return starts;
    };
    let mut calendar = Calendar::new(*lead, range, now);
    let others: Vec<Calendar> = others
        .iter()
        .map(|host| Calendar::new(*host, range, now))
        .collect();
    for other in &others {
        calendar.opening = common(&calendar.opening, &other.opening);
        calendar.blocked.extend_from_slice(&other.blocked);
    }
    if !others.is_empty() {
        merge(&mut calendar.blocked);
    }

    let until = range.end - seconds(lead.rules.slot_minutes);
    let Some(grid) = Grid::new(lead.rules, &calendar.clock, range.start, until) else {
        return starts;
    };
    for_each_free(&calendar.opening, &calendar.blocked, |open, free| {
        grid.starts(open, free, &mut |start, day| {
            let admitted = calendar.limits.admit(start, day)
                && others
                    .iter()
                    .all(|other| other.limits.admit(start, other.clock.day_of(start)));
            if admitted {
                starts.push(timestamp(start));
            }
        });
    });
    starts
}
