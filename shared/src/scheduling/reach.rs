//! Which part of a calendar has to be read to answer for a window.
//!
//! More than the window itself: a buffer reaches over its edges, the grid of a
//! free stretch hangs on where the stretch begins, and the limits count whole
//! dates and weeks.

use super::{
    calendar::{clock_around, inside},
    clock::{LocalClock, timestamp, week_of},
    grid::REACH_DAYS,
    hosts::Host,
    interval::Interval,
    opening::opening,
    rules::{Alignment, Rules},
    stretch::{Stretch, seconds},
};

/// The hours before a midnight that a fold there can put after it once more.
const REPEATED: i64 = 3 * 60 * 60;

/// The time in which entries can change what [`open_slots`](super::open_slots)
/// answers for `window`; an entry that does not overlap it can be left out.
///
/// `margin_minutes` is the longest pad or way that an entry may have.
///
/// ```
/// use jiff::{Timestamp, tz::TimeZone};
/// use shared::scheduling::{Interval, Rules, reading_window};
///
/// let at = |text: &str| text.parse::<Timestamp>();
/// let mut rules = Rules::new(TimeZone::UTC);
/// rules.buffer_after_minutes = 15;
/// let window = Interval::new(at("2026-06-16T12:00Z")?, at("2026-06-16T13:00Z")?)?;
/// let read = reading_window(&rules, window, 0);
/// assert_eq!(read, Interval::new(at("2026-06-16T09:00Z")?, at("2026-06-16T13:15Z")?)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn reading_window(rules: &Rules, window: Interval, margin_minutes: u32) -> Interval {
    let host = Host { rules, busy: &[] };
    let Stretch { start, end } = inside(window);
    let mut from = start;
    let mut to = end.max(start);

    let clock = clock_around(host, Stretch { start, end: start });
    let today = clock.day_of(start);
    if let Some(open) = open_around(rules, &clock, start) {
        // Without a break for so long, a later midnight is the anchor.
        let unbroken = open.start <= clock.midnight(today - REACH_DAYS + 1);
        from = if unbroken {
            clock.midnight(today - 1)
        } else {
            open.start
        };
    }
    if rules.max_per_day.is_some() {
        from = from.min(clock.midnight(today));
    }
    if rules.max_per_week.is_some() {
        from = from.min(clock.midnight(week_of(today) * 7 - 3));
    }

    let clock = clock_around(host, Stretch { start: end, end });
    let today = clock.day_of(end);
    if rules.alignment == Alignment::Maximise
        && let Some(open) = open_around(rules, &clock, end)
    {
        let unbroken = clock.midnight(today + REACH_DAYS) + seconds(rules.slot_minutes);
        to = to.max(open.end.min(unbroken));
    }
    if rules.max_per_day.is_some() {
        to = to.max(clock.midnight(today + 1) + REPEATED);
    }
    if rules.max_per_week.is_some() {
        to = to.max(clock.midnight(week_of(today) * 7 + 4) + REPEATED);
    }

    let margin = seconds(margin_minutes);
    let from = timestamp(from - seconds(rules.buffer_before_minutes) - margin);
    let to = timestamp(to + seconds(rules.buffer_after_minutes) + margin);
    Interval::new(from.min(window.start()), to.max(window.end())).unwrap_or(window)
}

/// The opening hours that an instant lies in.
fn open_around(rules: &Rules, clock: &LocalClock, instant: i64) -> Option<Stretch> {
    let today = clock.day_of(instant);
    opening(rules, clock, today - REACH_DAYS, today + REACH_DAYS)
        .into_iter()
        .find(|open| open.start <= instant && instant < open.end)
}

#[cfg(test)]
mod tests {
    use jiff::{civil::Weekday, tz::TimeZone};

    use super::{super::Block, *};

    fn between(start: &str, end: &str) -> Interval {
        let at = |text: &str| format!("2026-06-{text}Z").parse().unwrap();
        Interval::new(at(start), at(end)).unwrap()
    }

    /// Tuesday the 16th, noon to one.
    fn read(rules: &Rules, margin_minutes: u32) -> Interval {
        reading_window(rules, between("16T12:00", "16T13:00"), margin_minutes)
    }

    #[test]
    fn each_rule_widens_it_by_what_it_looks_at() {
        let plain = Rules::new(TimeZone::UTC);
        assert_eq!(read(&plain, 0), between("16T09:00", "16T13:00"));
        assert_eq!(read(&plain, 10), between("16T08:50", "16T13:10"));

        let mut buffered = plain.clone();
        buffered.buffer_before_minutes = 30;
        buffered.buffer_after_minutes = 15;
        assert_eq!(read(&buffered, 0), between("16T08:30", "16T13:15"));

        let mut daily = plain.clone();
        daily.max_per_day = Some(3);
        assert_eq!(read(&daily, 0), between("16T00:00", "17T03:00"));

        let mut weekly = plain.clone();
        weekly.max_per_week = Some(3);
        assert_eq!(read(&weekly, 0), between("15T00:00", "22T03:00"));

        let mut most = plain.clone();
        most.alignment = Alignment::Maximise;
        assert_eq!(read(&most, 0), between("16T09:00", "16T17:00"));
        let closed = between("16T06:00", "16T07:00");
        assert_eq!(reading_window(&most, closed, 0), closed);
    }

    #[test]
    fn hours_that_never_close_do_not_make_it_endless() {
        let mut rules = Rules::new(TimeZone::UTC);
        for day in Weekday::Monday.cycle_forward().take(7) {
            rules
                .hours
                .add(day, Block::parse("00:00", "24:00").unwrap());
        }
        assert_eq!(read(&rules, 0), between("15T00:00", "16T13:00"));
        rules.alignment = Alignment::Maximise;
        assert_eq!(read(&rules, 0), between("15T00:00", "25T00:30"));
        // Closed on the 10th, so the run begins on the 11th.
        rules
            .overrides
            .insert(jiff::civil::date(2026, 6, 10), Vec::new());
        assert_eq!(
            read(&rules, 0).start(),
            between("11T00:00", "12T00:00").start()
        );
    }
}
