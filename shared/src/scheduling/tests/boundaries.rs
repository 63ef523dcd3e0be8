//! The last value that counts, and the first that does not.

use jiff::civil::{Weekday, date};
use jiff::{Timestamp, tz::TimeZoneDatabase};

use crate::scheduling::{
    Block, Busy, Host, Interval, MAX_SLOT_MINUTES, Rules, WeeklyHours, open_slots, rotating_slots,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn rules(zone: &str) -> Rules {
    let all_day = Block::parse("00:00", "24:00").unwrap();
    let week = Weekday::Monday.cycle_forward().take(7);
    Rules {
        hours: week.fold(WeeklyHours::closed(), |hours, day| hours.with(day, all_day)),
        ..Rules::new(TimeZoneDatabase::bundled().get(zone).unwrap())
    }
}

fn own(start: &str, minutes: u32) -> Busy {
    let mut busy = Busy::at(Interval::lasting(at(start), minutes));
    busy.own = true;
    busy
}

/// Which of two hosts is next on the evening of 20 June.
fn next(one: (&Rules, &[Busy]), other: (&Rules, &[Busy])) -> usize {
    let window = Interval::lasting(at("2026-06-20T20:00Z"), 30);
    let hosts = [one, other].map(|(rules, busy)| Host { rules, busy });
    rotating_slots(&hosts, window, at("2026-06-15T00:00Z"))[0].host
}

#[test]
fn the_longest_slot_is_offered_and_neither_a_longer_one_nor_none() {
    let window = Interval::new(at("2026-06-15T00:00Z"), at("2026-07-15T00:00Z")).unwrap();
    for (minutes, offered) in [
        (0, false),
        (MAX_SLOT_MINUTES, true),
        (MAX_SLOT_MINUTES + 1, false),
    ] {
        let rules = Rules {
            slot_minutes: minutes,
            ..rules("UTC")
        };
        let open = open_slots(&rules, &[], window, window.start());
        assert_eq!(!open.is_empty(), offered, "{minutes}");
    }
}

#[test]
fn a_start_just_before_the_window_is_outside() {
    let rules = rules("UTC");
    let end = at("2026-06-16T11:30Z");
    for (start, first) in [
        ("2026-06-16T10:00:00Z", "2026-06-16T10:00Z"),
        ("2026-06-16T10:00:00.5Z", "2026-06-16T10:30Z"),
    ] {
        let window = Interval::new(at(start), end).unwrap();
        let open = open_slots(&rules, &[], window, at("2026-06-15T00:00Z"));
        assert_eq!(open.first(), Some(&at(first)), "{start}");
    }
}

#[test]
fn whose_turn_it_is_goes_by_when_viewings_began() {
    let rules = rules("UTC");
    // The first began earlier, and ended later.
    let long = [own("2026-06-17T09:00Z", 180)];
    let short = [own("2026-06-17T10:00Z", 30)];
    assert_eq!(next((&rules, &long), (&rules, &short)), 0);
    assert_eq!(next((&rules, &short), (&rules, &long)), 1);
}

#[test]
fn a_booking_of_a_whole_day_begins_at_its_own_midnight() {
    let (utc, chicago) = (rules("UTC"), rules("America/Chicago"));
    let mut whole = Busy::all_day(date(2026, 6, 17), date(2026, 6, 18));
    whole.own = true;
    // Midnight in Chicago is five in the morning in UTC.
    let before = [own("2026-06-17T02:00Z", 30)];
    assert_eq!(next((&chicago, &[whole]), (&utc, &before)), 1);
}
