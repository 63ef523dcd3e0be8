//! Whether a time can be had, judged by what was read of the calendar, and what can
//! be had instead.

use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};

use super::agenda::Agenda;
use super::draft::Guard;
use crate::scheduling::{Block, Interval, Rules, WeeklyHours, nearest};

/// Alternatives are looked for this long before and after the wanted time.
const ALTERNATIVES_BEFORE: SignedDuration = SignedDuration::from_hours(3 * 24);
const ALTERNATIVES_AFTER: SignedDuration = SignedDuration::from_hours(14 * 24);

/// How many alternatives a taken time gets.
const ALTERNATIVES: usize = 3;

/// Whether what was seen of the calendar allows a viewing at that time.
pub(super) fn acceptable(
    time: Interval,
    guard: Guard,
    rules: &Rules,
    agenda: &Agenda,
    now: Timestamp,
) -> bool {
    let offered = rules_for(time, rules);
    let rules = match guard {
        Guard::NoOtherViewing => return agenda.leaves_the_way_clear(time),
        Guard::Offered => offered,
        Guard::Free => around_the_clock(&offered),
    };
    let starts = agenda.open_slots(&rules, time, now);
    starts.contains(&time.start())
}

/// The nearest times of that length that can be had instead. What is moved begins at
/// `now_at`, which is no other time.
pub(super) fn alternatives(
    time: Interval,
    now_at: Option<Timestamp>,
    rules: &Rules,
    agenda: &Agenda,
    now: Timestamp,
) -> Vec<Timestamp> {
    let rules = rules_for(time, rules);
    let mut open = agenda.open_slots(&rules, around(time, now), now);
    open.retain(|start| *start != time.start() && Some(*start) != now_at);
    nearest(&open, time.start(), ALTERNATIVES).to_vec()
}

/// The rules for a viewing of that length.
fn rules_for(time: Interval, rules: &Rules) -> Rules {
    Rules {
        // A length that is no number of minutes is never open.
        slot_minutes: u32::try_from(time.duration().as_mins()).unwrap_or(0),
        ..rules.clone()
    }
}

/// The length and zone of those rules, but open at any minute.
fn around_the_clock(rules: &Rules) -> Rules {
    let all_day = Block::parse("00:00", "24:00").into_iter();
    let week = Weekday::Monday.cycle_forward().take(7);
    Rules {
        hours: all_day
            .cycle()
            .zip(week)
            .fold(WeeklyHours::closed(), |hours, (block, day)| {
                hours.with(day, block)
            }),
        slot_minutes: rules.slot_minutes,
        interval_minutes: 1,
        ..Rules::new(rules.zone.clone())
    }
}

/// The time in which alternatives are looked for.
pub(super) fn around(time: Interval, now: Timestamp) -> Interval {
    let start = time
        .start()
        .checked_sub(ALTERNATIVES_BEFORE)
        .unwrap_or(time.start());
    let end = time
        .end()
        .checked_add(ALTERNATIVES_AFTER)
        .unwrap_or(time.end());
    let not_past = start.max(now.min(time.start()));
    Interval::new(not_past, end).unwrap_or(time)
}
