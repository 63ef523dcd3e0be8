//! Several hosts: all of them, any of them, and whose turn it is.

use jiff::{Timestamp, tz::TimeZoneDatabase};
use proptest::prelude::*;

use super::{
    properties::cases,
    random::{Around, Question, question},
};
use crate::scheduling::{
    Alignment, Busy, Host, Interval, Offer, Rules, any_host_slots, common_slots, open_slots,
    rotating_slots,
};

const NOW: &str = "2026-06-15T00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn rules(zone: &str) -> Rules {
    Rules::new(TimeZoneDatabase::bundled().get(zone).unwrap())
}

fn booking(start: &str) -> Busy {
    let mut busy = Busy::at(Interval::lasting(at(start), 30));
    busy.own = true;
    busy
}

fn day() -> Interval {
    Interval::new(at("2026-06-16T00:00Z"), at("2026-06-17T00:00Z")).unwrap()
}

#[test]
fn hosts_whose_clocks_differ_by_half_an_hour_meet_on_the_first_ones_grid() {
    let mut london = rules("Europe/London");
    london.slot_minutes = 60;
    london.interval_minutes = 60;
    let mut kolkata = london.clone();
    kolkata.zone = rules("Asia/Kolkata").zone;
    // 09:00-17:00 in Kolkata ends at 12:30 in London, where it begins at 09:00.
    let both = [&london, &kolkata].map(|rules| Host { rules, busy: &[] });
    let starts = [
        "2026-06-16T08:00Z",
        "2026-06-16T09:00Z",
        "2026-06-16T10:00Z",
    ]
    .map(at);
    assert_eq!(common_slots(&both, day(), at(NOW)), starts);
    let turned = [&kolkata, &london].map(|rules| Host { rules, busy: &[] });
    let starts = [
        "2026-06-16T08:30Z",
        "2026-06-16T09:30Z",
        "2026-06-16T10:30Z",
    ]
    .map(at);
    assert_eq!(common_slots(&turned, day(), at(NOW)), starts);
}

#[test]
fn every_hosts_own_entries_and_limits_count_in_a_common_viewing() {
    let (mut first, mut second) = (rules("UTC"), rules("UTC"));
    first.buffer_after_minutes = 30;
    second.notice_minutes = 24 * 60 + 10 * 60;
    let busy = [booking("2026-06-16T12:00Z")];
    let hosts = [
        Host {
            rules: &first,
            busy: &busy,
        },
        Host {
            rules: &second,
            busy: &[],
        },
    ];
    let starts = common_slots(&hosts, day(), at(NOW));
    assert_eq!(starts[0], at("2026-06-16T10:00Z"));
    assert!(starts.contains(&at("2026-06-16T11:00Z")));
    assert!(!starts.contains(&at("2026-06-16T11:30Z")));
    let mut full = second.clone();
    full.max_per_day = Some(0);
    let hosts = [
        hosts[0],
        Host {
            rules: &full,
            busy: &[],
        },
    ];
    assert!(common_slots(&hosts, day(), at(NOW)).is_empty());
    assert!(common_slots(&[], day(), at(NOW)).is_empty());
}

#[test]
fn the_turn_goes_to_few_bookings_then_to_old_ones_then_by_place() {
    let rules = rules("UTC");
    let window = Interval::lasting(at("2026-06-16T10:00Z"), 30);
    let turn = |busy: &[&[Busy]]| -> Vec<usize> {
        let hosts: Vec<Host<'_>> = busy
            .iter()
            .map(|busy| Host {
                rules: &rules,
                busy,
            })
            .collect();
        let offers = rotating_slots(&hosts, window, at(NOW));
        offers.iter().map(|offer| offer.host).collect()
    };
    let early = booking("2026-06-16T09:00Z");
    let late = booking("2026-06-18T09:00Z");
    let mut cancelled = late.clone();
    cancelled.cancelled = true;
    let mut foreign = late.clone();
    foreign.own = false;
    let taken = booking("2026-06-16T10:00Z");
    let one = std::slice::from_ref(&late);

    assert_eq!(turn(&[&[], &[]]), [0]);
    assert_eq!(turn(&[one, &[]]), [1]);
    assert_eq!(turn(&[one, std::slice::from_ref(&early)]), [1]);
    assert_eq!(turn(&[&[early.clone(), late.clone()], one]), [1]);
    assert_eq!(turn(&[one, &[cancelled, foreign]]), [1]);
    assert_eq!(
        turn(&[&[early.clone(), late.clone()], std::slice::from_ref(&taken)]),
        [0]
    );
    assert!(turn(&[std::slice::from_ref(&taken)]).is_empty());
    let between = booking("2026-06-17T09:00Z");
    assert_eq!(
        turn(&[&[early.clone(), late.clone()], &[between.clone(), between]]),
        [1]
    );
    let all_day = Busy {
        own: true,
        ..Busy::all_day(
            jiff::civil::date(2026, 6, 17),
            jiff::civil::date(2026, 6, 18),
        )
    };
    assert_eq!(turn(&[one, std::slice::from_ref(&all_day)]), [1]);
    assert_eq!(
        turn(&[std::slice::from_ref(&early), std::slice::from_ref(&all_day)]),
        [0]
    );
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn hosts_alone_tell_what_hosts_together_can(
        one in question(Around::Transitions),
        two in question(Around::Transitions),
        shift: bool,
    ) {
        let Question { window, now, .. } = one;
        // The second host's own entries are mostly years away.
        let busy = if shift { &one.busy } else { &two.busy };
        let hosts = [
            Host { rules: &one.rules, busy: &one.busy },
            Host { rules: &two.rules, busy },
        ];
        let alone = hosts.map(|host| open_slots(host.rules, host.busy, window, now));

        let mut offers = Vec::new();
        for (host, starts) in alone.iter().enumerate() {
            offers.extend(starts.iter().map(|start| Offer { start: *start, host }));
        }
        offers.sort();
        prop_assert_eq!(&any_host_slots(&hosts, window, now), &offers);

        let rotating = rotating_slots(&hosts, window, now);
        prop_assert!(rotating.iter().all(|offer| offers.contains(offer)));
        prop_assert!(rotating.is_sorted_by(|offer, next| offer.start < next.start));
        offers.dedup_by_key(|offer| offer.start);
        prop_assert_eq!(rotating.len(), offers.len());

        // A host twice is that host, and a common viewing is one that the other
        // host could have alone on a grid of minutes.
        let same = [hosts[0], hosts[0]];
        prop_assert_eq!(&common_slots(&same, window, now), &alone[0]);
        let slot = one.rules.slot_minutes;
        for start in common_slots(&hosts, window, now) {
            let mut free = two.rules.clone();
            free.slot_minutes = slot;
            free.interval_minutes = 1;
            free.alignment = Alignment::HourGrid;
            let viewing = Interval::lasting(start, slot);
            prop_assert_eq!(open_slots(&free, busy, viewing, now), [start]);
        }
    }
}
