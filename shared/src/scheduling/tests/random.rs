//! Random hosts, entries and windows, in every zone there is, anywhere between
//! 2025 and 2030 or around a change of the zone's offset in these years.

use std::sync::LazyLock;

use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, Weekday},
    tz::{TimeZone, TimeZoneDatabase},
};
use proptest::{option, prelude::*};

use crate::scheduling::{
    Alignment, Block, Busy, Interval, Rules, ShowAs, WallTime, Way, WeeklyHours,
};

/// A question to the engine.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) rules: Rules,
    pub(super) busy: Vec<Busy>,
    pub(super) window: Interval,
    pub(super) now: Timestamp,
}

/// Where in time the questions are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Around {
    AnyTime,
    Transitions,
}

struct Zone {
    zone: TimeZone,
    transitions: Vec<Timestamp>,
}

static ZONES: LazyLock<Vec<Zone>> = LazyLock::new(|| {
    let database = TimeZoneDatabase::bundled();
    let from: Timestamp = "2025-01-01T00Z".parse().unwrap();
    let until: Timestamp = "2031-01-01T00Z".parse().unwrap();
    let zone = |name: &str| {
        let zone = database.get(name).unwrap();
        let transitions = zone
            .following(from)
            .map(|transition| transition.timestamp());
        Zone {
            transitions: transitions.take_while(|at| *at < until).collect(),
            zone: zone.clone(),
        }
    };
    database
        .available()
        .map(|name| zone(name.as_str()))
        .collect()
});

/// Those whose offset changes in these years.
static CHANGING: LazyLock<Vec<&Zone>> = LazyLock::new(|| {
    let changing = |zone: &&Zone| !zone.transitions.is_empty();
    ZONES.iter().filter(changing).collect()
});

/// A zone, and an instant that the question is about.
fn place(around: Around) -> BoxedStrategy<(TimeZone, Timestamp)> {
    match around {
        Around::AnyTime => (any::<prop::sample::Index>(), 0..6 * 365 * 24 * 60_i64)
            .prop_map(|(zone, minute)| {
                let from: Timestamp = "2025-01-01T00Z".parse().unwrap();
                let zone = zone.get(&ZONES).zone.clone();
                (zone, from + SignedDuration::from_mins(minute))
            })
            .boxed(),
        Around::Transitions => (
            any::<prop::sample::Index>(),
            any::<prop::sample::Index>(),
            -24 * 60..24 * 60_i64,
        )
            .prop_map(|(zone, transition, minute)| {
                let zone = zone.get(&CHANGING);
                let at = *transition.get(&zone.transitions);
                (zone.zone.clone(), at + SignedDuration::from_mins(minute))
            })
            .boxed(),
    }
}

fn wall_time() -> impl Strategy<Value = WallTime> {
    let minute = prop_oneof![
        4 => (0..=96_u16).prop_map(|quarter| quarter * 15),
        1 => 0..=1440_u16,
    ];
    minute.prop_map(|minute| {
        let part = |minutes: u16| u8::try_from(minutes).unwrap();
        WallTime::new(part(minute / 60), part(minute % 60)).unwrap()
    })
}

fn block() -> impl Strategy<Value = Block> {
    (wall_time(), wall_time()).prop_map(|(start, end)| Block::new(start, end))
}

fn hours() -> impl Strategy<Value = WeeklyHours> {
    let always = Block::parse("00:00", "24:00").unwrap();
    let day = prop_oneof![
        4 => prop::collection::vec(block(), 0..4),
        3 => Just(vec![always]),
    ];
    let mixed = prop::collection::vec(day, 7);
    prop_oneof![
        4 => mixed,
        2 => Just(vec![vec![always]; 7]),
        2 => block().prop_map(|block| vec![vec![block]; 7]),
    ]
    .prop_map(|days| {
        let mut hours = WeeklyHours::closed();
        let weekdays = Weekday::Monday.cycle_forward();
        for (weekday, blocks) in weekdays.zip(days) {
            for block in blocks {
                hours.add(weekday, block);
            }
        }
        hours
    })
}

fn length() -> impl Strategy<Value = u32> {
    prop_oneof![
        6 => prop::sample::select(vec![5, 10, 15, 20, 25, 30, 40, 45, 50, 60, 75, 90, 120, 180]),
        1 => 1..200_u32,
        1 => prop::sample::select(vec![1440_u32, 1500, 2880]),
    ]
}

fn rarely<T: std::fmt::Debug + Clone>(
    strategy: impl Strategy<Value = T>,
) -> impl Strategy<Value = Option<T>> {
    option::weighted(0.25, strategy)
}

fn gap() -> impl Strategy<Value = u32> {
    prop_oneof![2 => Just(0), 1 => 0..90_u32]
}

fn rules(zone: TimeZone, about: Timestamp) -> impl Strategy<Value = Rules> {
    let today = zone.to_datetime(about).date();
    let overrides = prop::collection::btree_map(
        (-9..4_i64).prop_map(move |days| today + days.days()),
        prop::collection::vec(block(), 0..3),
        0..3,
    );
    let shape = (
        length(),
        length(),
        gap(),
        gap(),
        any::<bool>(),
        any::<bool>(),
    );
    let notice = prop_oneof![2 => Just(0), 1 => 0..3000_u32];
    let limits = (notice, rarely(0..8_u32), rarely(0..3_u32), rarely(0..5_u32));
    let excluded = rarely(event_id());
    (hours(), overrides, shape, limits, excluded).prop_map(
        move |(hours, overrides, shape, limits, excluded)| {
            let (slot, interval, before, after, most, tentative) = shape;
            let (notice, horizon, per_day, per_week) = limits;
            Rules {
                hours,
                overrides,
                slot_minutes: slot,
                interval_minutes: interval,
                buffer_before_minutes: before,
                buffer_after_minutes: after,
                notice_minutes: notice,
                horizon_days: horizon,
                max_per_day: per_day,
                max_per_week: per_week,
                alignment: if most {
                    Alignment::Maximise
                } else {
                    Alignment::HourGrid
                },
                tentative_blocks: tentative,
                excluded_events: excluded.into_iter().collect(),
                ..Rules::new(zone.clone())
            }
        },
    )
}

fn event_id() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["one".to_owned(), "two".to_owned()])
}

/// An instant some minutes from `about`, now and then with a part of a minute.
fn near(about: Timestamp, minutes: std::ops::Range<i64>) -> impl Strategy<Value = Timestamp> {
    let part = prop_oneof![3 => Just(0), 1 => 0..60_000_000_000_i64];
    (minutes, part).prop_map(move |(minutes, nanoseconds)| {
        about + SignedDuration::from_mins(minutes) + SignedDuration::from_nanos(nanoseconds)
    })
}

fn entry(today: Date, about: Timestamp) -> impl Strategy<Value = Busy> {
    let time = (
        near(about, -9 * 1440..4 * 1440),
        prop_oneof![3 => 0..120_u32, 1 => 0..1440_u32],
        0..60_i64,
    )
        .prop_map(|(start, minutes, seconds)| {
            let end = Interval::lasting(start, minutes).end();
            let seconds = if minutes % 4 == 1 { seconds } else { 0 };
            let end = end + SignedDuration::from_secs(seconds);
            Busy::at(Interval::new(start, end).unwrap())
        });
    let dates = (-9..4_i64, 0..3_i64).prop_map(move |(first, days)| {
        let first = today + first.days();
        Busy::all_day(first, first + days.days())
    });
    let names = [
        "free",
        "tentative",
        "busy",
        "busy",
        "busy",
        "oof",
        "workingElsewhere",
        "new",
    ];
    let shown = prop::sample::select(names.to_vec()).prop_map(ShowAs::from);
    let flags = (
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.1),
        any::<bool>(),
    );
    let way = prop_oneof![4 => gap().prop_map(Way::Minutes), 1 => Just(Way::SameDoor)];
    let gaps = (gap(), gap(), way);
    let hold = rarely(near(about, -3000..3000));
    let when = prop_oneof![8 => time, 1 => dates];
    (when, shown, flags, gaps, hold, rarely(event_id())).prop_map(
        |(busy, show_as, (cancelled, declined, own), gaps, hold_expires_at, event_id)| Busy {
            show_as,
            cancelled,
            declined,
            own,
            pad_before_minutes: gaps.0,
            pad_after_minutes: gaps.1,
            way: gaps.2,
            hold_expires_at,
            event_id,
            ..busy
        },
    )
}

pub(super) fn question(around: Around) -> impl Strategy<Value = Question> {
    place(around).prop_flat_map(|(zone, about)| {
        let today = zone.to_datetime(about).date();
        let window = (near(about, -1440..1440), near(about, -1440..2 * 1440));
        (
            rules(zone, about),
            prop::collection::vec(entry(today, about), 0..10),
            window,
            near(about, -3 * 1440..600),
        )
            .prop_map(|(rules, busy, (one, other), now)| Question {
                rules,
                busy,
                window: Interval::new(one.min(other), one.max(other)).unwrap(),
                now,
            })
    })
}
