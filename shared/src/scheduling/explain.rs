//! Why a start is offered or not: the verdict of every rule on one start.
//!
//! It asks the same functions as the search, so the two cannot disagree: a
//! start is offered exactly when every verdict allows it.

use jiff::Timestamp;

use super::{
    blocked::blocked_by,
    busy::Busy,
    calendar::{Calendar, inside},
    clock::{date_of, timestamp, week_of},
    grid::Grid,
    hosts::Host,
    interval::Interval,
    limits::Full,
    rules::{MAX_SLOT_MINUTES, Rules},
    stretch::{Stretch, ceil, floor, for_each_free, seconds},
    verdict::{Outcome, Refusal, Rule, Verdict},
};

/// The verdict of every rule on a viewing at `start`, in the order of [`Rule`].
///
/// Each entry in the way has a verdict of its own. The start is one of
/// [`open_slots`](super::open_slots) exactly when all verdicts are
/// [`Outcome::Allows`].
///
/// ```
/// use jiff::{Timestamp, tz::TimeZone};
/// use shared::scheduling::{Interval, Rules, explain};
///
/// let at = |text: &str| text.parse::<Timestamp>();
/// let rules = Rules::new(TimeZone::UTC);
/// let window = Interval::new(at("2026-06-16T00:00Z")?, at("2026-06-17T00:00Z")?)?;
/// let now = at("2026-06-15T00:00Z")?;
///
/// let verdicts = explain(&rules, &[], window, at("2026-06-16T16:45Z")?, now);
/// let refused: Vec<String> = verdicts
///     .iter()
///     .filter(|verdict| !verdict.allows())
///     .map(ToString::to_string)
///     .collect();
/// assert_eq!(refused[0], "hours: closed during at least part of the viewing");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn explain(
    rules: &Rules,
    busy: &[Busy],
    window: Interval,
    start: Timestamp,
    now: Timestamp,
) -> Vec<Verdict> {
    let viewing = Stretch {
        start: floor(start),
        end: ceil(start) + seconds(rules.slot_minutes.min(MAX_SLOT_MINUTES)),
    };
    let calendar = Calendar::new(Host { rules, busy }, viewing, now);
    let day = calendar.clock.day_of(viewing.start);

    let closed = closed(&calendar, viewing);
    let mut verdicts = vec![
        Verdict::new(Rule::Window, outside(window, viewing)),
        Verdict::new(Rule::Hours, closed),
    ];
    verdicts.extend(
        in_the_way(rules, busy, &calendar, viewing, now)
            .map(|refusal| Verdict::new(Rule::Busy, Some(refusal))),
    );
    let clear = !verdicts.iter().any(|verdict| verdict.rule == Rule::Busy);
    if clear {
        verdicts.push(Verdict::new(Rule::Busy, None));
    }
    verdicts.push(if clear && closed.is_none() {
        Verdict::new(Rule::Grid, off_grid(rules, &calendar, start, viewing))
    } else {
        Verdict {
            rule: Rule::Grid,
            outcome: Outcome::NotReached,
        }
    });
    verdicts.extend([
        Verdict::new(Rule::Notice, too_soon(&calendar, viewing)),
        Verdict::new(Rule::Horizon, too_far(&calendar, day)),
        Verdict::new(Rule::DayLimit, day_full(&calendar, day)),
        Verdict::new(Rule::WeekLimit, week_full(&calendar, day)),
    ]);
    verdicts
}

fn outside(window: Interval, viewing: Stretch) -> Option<Refusal> {
    (!inside(window).encloses(viewing)).then_some(Refusal::OutsideWindow(window))
}

fn closed(calendar: &Calendar, viewing: Stretch) -> Option<Refusal> {
    let open = calendar.opening.iter().any(|open| open.encloses(viewing));
    (!open).then_some(Refusal::Closed)
}

fn in_the_way(
    rules: &Rules,
    busy: &[Busy],
    calendar: &Calendar,
    viewing: Stretch,
    now: Timestamp,
) -> impl Iterator<Item = Refusal> {
    busy.iter().enumerate().filter_map(move |(entry, busy)| {
        let denied = blocked_by(rules, busy, &calendar.clock, now)?;
        let (start, end) = (timestamp(denied.start), timestamp(denied.end));
        denied.overlaps(viewing).then_some(())?;
        let denied = Interval::new(start, end).ok()?;
        Some(Refusal::Blocked { entry, denied })
    })
}

fn off_grid(
    rules: &Rules,
    calendar: &Calendar,
    start: Timestamp,
    viewing: Stretch,
) -> Option<Refusal> {
    // The next start is an interval and one rounding away at most; the second
    // hour is for a change of offset between them.
    let from = ceil(start);
    let until = from + seconds(rules.interval_minutes) + 2 * 60 * 60;
    let Some(grid) = Grid::new(rules, &calendar.clock, from, until) else {
        return Some(Refusal::NoGrid);
    };
    let mut next = None;
    for_each_free(&calendar.opening, &calendar.blocked, |open, free| {
        if free.encloses(viewing) {
            grid.starts(open, free, &mut |found, _| {
                next.get_or_insert(found);
            });
        }
    });
    let next = next.map(timestamp);
    (next != Some(start)).then_some(Refusal::OffGrid { next })
}

fn too_soon(calendar: &Calendar, viewing: Stretch) -> Option<Refusal> {
    let earliest = timestamp(calendar.limits.earliest);
    let too_soon = calendar.limits.too_soon(viewing.start);
    too_soon.then_some(Refusal::TooSoon { earliest })
}

fn too_far(calendar: &Calendar, day: i64) -> Option<Refusal> {
    let last = date_of(calendar.limits.last_day);
    let too_far = calendar.limits.too_far(day);
    too_far.then_some(Refusal::TooFar { last })
}

fn day_full(calendar: &Calendar, day: i64) -> Option<Refusal> {
    let Full { booked, max } = calendar.limits.full_day(day)?;
    let date = date_of(day);
    Some(Refusal::DayFull { date, booked, max })
}

fn week_full(calendar: &Calendar, day: i64) -> Option<Refusal> {
    let Full { booked, max } = calendar.limits.full_week(day)?;
    let monday = date_of(week_of(day) * 7 - 3);
    Some(Refusal::WeekFull {
        monday,
        booked,
        max,
    })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-06-{text}Z").parse().unwrap()
    }

    /// What is refused or not asked about a start on Tuesday the 16th, which
    /// has a meeting from 11:00 to 11:40, at 08:00 of the 15th.
    fn objections(change: impl FnOnce(&mut Rules), start: &str) -> Vec<String> {
        let mut rules = Rules::new(TimeZone::UTC);
        change(&mut rules);
        let mut meeting = Busy::at(Interval::lasting(at("16T11:00"), 40));
        meeting.own = true;
        let window = Interval::new(at("16T00:00"), at("16T16:00")).unwrap();
        explain(&rules, &[meeting], window, at(start), at("15T08:00"))
            .iter()
            .filter(|verdict| !verdict.allows())
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn each_rule_gives_its_own_reason() {
        let not_free = "grid: not asked, since the time is not free";
        let same = |_: &mut Rules| ();
        assert!(objections(same, "16T10:30").is_empty());
        assert_eq!(
            objections(same, "16T08:45"),
            [
                "hours: closed during at least part of the viewing",
                not_free
            ]
        );
        assert_eq!(
            objections(same, "16T11:30"),
            [
                "busy: entry 0 denies 2026-06-16T11:00:00Z to 2026-06-16T11:40:00Z",
                not_free
            ]
        );
        assert_eq!(
            objections(same, "16T09:10"),
            ["grid: between two starts, the next is 2026-06-16T09:30:00Z"]
        );
        assert_eq!(
            objections(same, "16T10:15"),
            ["grid: between two starts, the next is 2026-06-16T10:30:00Z"]
        );
        assert_eq!(
            objections(|rules| rules.interval_minutes = 45, "16T10:25"),
            ["grid: between two starts, the next is 2026-06-16T10:30:00Z"]
        );
        assert_eq!(
            objections(|rules| rules.interval_minutes = 50, "16T10:15"),
            ["grid: not a start, and none follows"]
        );
        assert_eq!(
            objections(|rules| rules.interval_minutes = 0, "16T10:00"),
            ["grid: slots have no usable length or interval"]
        );
        assert_eq!(
            objections(same, "16T16:00"),
            ["window: not wholly inside 2026-06-16T00:00:00Z to 2026-06-16T16:00:00Z"]
        );
        assert_eq!(
            objections(|rules| rules.notice_minutes = 27 * 60, "16T10:30"),
            ["notice: the earliest start is 2026-06-16T11:00:00Z"]
        );
        assert_eq!(
            objections(|rules| rules.horizon_days = Some(0), "16T10:30"),
            ["horizon: the last bookable date is 2026-06-15"]
        );
        assert_eq!(
            objections(
                |rules| {
                    rules.max_per_day = Some(1);
                    rules.max_per_week = Some(1);
                },
                "16T10:30"
            ),
            [
                "day limit: 2026-06-16 has 1 bookings of at most 1",
                "week limit: the week of 2026-06-15 has 1 bookings of at most 1"
            ]
        );
    }
}
