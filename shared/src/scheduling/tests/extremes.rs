//! No input makes the engine panic, overflow or run away.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Weekday},
    tz::{Offset, TimeZone, TimeZoneDatabase},
};
use proptest::prelude::*;

use super::properties::cases;
use crate::scheduling::{
    Alignment, Block, Busy, Host, Interval, MAX_ADVANCE_DAYS, Rules, Way, any_host_slots,
    common_slots, explain, nearest, open_slots, reading_window, rotating_slots,
};

fn instant() -> impl Strategy<Value = Timestamp> {
    let named = [
        "1883-11-18T17:00Z",
        "1969-12-31T23:59:59.5Z",
        "2026-06-16T14:00Z",
    ];
    let named = named.map(|text| text.parse::<Timestamp>().unwrap());
    let mut instants = vec![Timestamp::MIN, Timestamp::MAX];
    instants.extend(named);
    (
        prop::sample::select(instants),
        prop_oneof![Just(0), -200_000..200_000_i64],
    )
        .prop_map(|(instant, seconds)| {
            let moved = instant.saturating_add(SignedDuration::from_secs(seconds));
            moved.unwrap_or(instant)
        })
}

fn interval() -> impl Strategy<Value = Interval> {
    (instant(), instant())
        .prop_map(|(one, other)| Interval::new(one.min(other), one.max(other)).unwrap())
}

fn minutes() -> impl Strategy<Value = u32> {
    prop::sample::select(vec![
        0,
        60,
        1440,
        10_080,
        10_081,
        1_000_000,
        u32::MAX - 1,
        u32::MAX,
    ])
}

fn zone() -> impl Strategy<Value = TimeZone> {
    let database = TimeZoneDatabase::bundled();
    let named = [
        "Pacific/Apia",
        "Africa/Monrovia",
        "Antarctica/Troll",
        "Europe/Dublin",
    ];
    let mut zones = vec![
        TimeZone::UTC,
        TimeZone::unknown(),
        TimeZone::fixed(Offset::MIN),
        TimeZone::fixed(Offset::MAX),
        TimeZone::posix("EST+24:59:59EDT-24:59:59,M3.2.0/-167,M11.1.0/167").unwrap(),
        TimeZone::posix("AAA0BBB,0/0,J365/25").unwrap(),
    ];
    zones.extend(named.map(|name| database.get(name).unwrap()));
    prop::sample::select(zones)
}

fn date() -> impl Strategy<Value = Date> {
    let skipped = jiff::civil::date(2011, 12, 30);
    prop::sample::select(vec![Date::MIN, Date::MAX, Date::ZERO, skipped])
}

fn rules() -> impl Strategy<Value = Rules> {
    let always = Block::parse("00:00", "24:00").unwrap();
    let night = Block::parse("24:00", "23:59").unwrap();
    let lengths = (minutes(), minutes(), minutes(), minutes(), minutes());
    let limits = prop::option::of(prop::sample::select(vec![0, 7, u32::MAX]));
    (
        zone(),
        lengths,
        limits,
        prop::option::of(date()),
        any::<bool>(),
    )
        .prop_map(move |(zone, lengths, limit, special, most)| {
            let mut rules = Rules::new(zone);
            for day in Weekday::Monday.cycle_forward().take(7) {
                rules.hours.add(day, always);
                rules.hours.add(day, night);
            }
            rules
                .overrides
                .extend(special.map(|date| (date, vec![night])));
            rules.slot_minutes = lengths.0;
            rules.interval_minutes = lengths.1;
            rules.buffer_before_minutes = lengths.2;
            rules.buffer_after_minutes = lengths.3;
            rules.notice_minutes = lengths.4 % 100_000;
            rules.horizon_days = limit;
            rules.max_per_day = limit;
            rules.max_per_week = limit;
            if most {
                rules.alignment = Alignment::Maximise;
            }
            rules
        })
}

fn entry() -> impl Strategy<Value = Busy> {
    let when = prop_oneof![
        interval().prop_map(Busy::at),
        (date(), date()).prop_map(|(start, end)| Busy::all_day(start, end)),
    ];
    (when, minutes(), minutes(), minutes(), any::<bool>()).prop_map(
        |(mut busy, before, after, travel, own)| {
            busy.own = own;
            busy.pad_before_minutes = before;
            busy.pad_after_minutes = after;
            busy.way = Way::Minutes(travel);
            busy
        },
    )
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn nothing_panics(
        rules in rules(),
        other in rules(),
        busy in prop::collection::vec(entry(), 0..3),
        window in interval(),
        now in instant(),
    ) {
        let starts = open_slots(&rules, &busy, window, now);
        prop_assert!(starts.is_sorted());
        let _ = nearest(&starts, now, 3);
        for start in [window.start(), window.end(), now] {
            for verdict in explain(&rules, &busy, window, start, now) {
                let _ = verdict.to_string();
            }
        }
        prop_assert!(reading_window(&rules, window, u32::MAX).encloses(window));
        let hosts = [
            Host { rules: &rules, busy: &busy },
            Host { rules: &other, busy: &[] },
        ];
        prop_assert!(common_slots(&hosts, window, now).is_sorted());
        prop_assert!(any_host_slots(&hosts, window, now).is_sorted());
        prop_assert!(rotating_slots(&hosts, window, now).is_sorted());
    }
}

#[test]
fn an_endless_window_ends_after_ten_years() {
    let mut rules = Rules::new(TimeZone::UTC);
    let all_time = Interval::new(Timestamp::MIN, Timestamp::MAX).unwrap();
    let now = "2026-06-16T14:00Z".parse().unwrap();
    let last = |rules: &Rules| *open_slots(rules, &[], all_time, now).last().unwrap();
    let days = last(&rules).duration_since(now).as_hours() / 24;
    assert!((3_650..=i64::from(MAX_ADVANCE_DAYS)).contains(&days));
    rules.horizon_days = Some(u32::MAX);
    assert_eq!(last(&rules).duration_since(now).as_hours() / 24, days);
}
