//! How long the slot engine takes: a month of one host, a hundred hosts, many
//! events, a year, one viewing.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot be set up should stop"
)]

use divan::{AllocProfiler, Bencher, black_box};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use shared::scheduling::{
    Block, Busy, Host, Interval, Rules, any_host_slots, common_slots, explain, open_slots,
    rotating_slots,
};

/// Counts what each answer allocates.
#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

struct Month {
    rules: Rules,
    busy: Vec<Busy>,
    window: Interval,
    now: Timestamp,
}

/// Events of half an hour, spread evenly over the window and out of order.
fn host(days: i64, events: usize) -> Month {
    let now: Timestamp = "2026-10-15T12:00:30Z".parse().unwrap();
    let start = now + SignedDuration::from_hours(7);
    let window = Interval::new(start, start + SignedDuration::from_hours(24 * days)).unwrap();
    let mut rules = Rules::new(TimeZone::get("America/Chicago").unwrap());
    rules.buffer_before_minutes = 15;
    rules.buffer_after_minutes = 15;
    rules.notice_minutes = 120;
    rules.max_per_day = Some(8);
    let minutes = usize::try_from(window.duration().as_mins()).unwrap();
    let busy = (0..events)
        .map(|event| {
            // A stride that shares no factor with the count visits every place once.
            let place = event * 7_919 % events;
            let minute = i64::try_from(place * minutes / events).unwrap();
            let mut entry = Busy::at(Interval::lasting(
                window.start() + SignedDuration::from_mins(minute),
                30,
            ));
            entry.own = event % 3 == 0;
            entry
        })
        .collect();
    Month {
        rules,
        busy,
        window,
        now,
    }
}

fn answer(month: &Month) -> Vec<Timestamp> {
    let Month {
        rules,
        busy,
        window,
        now,
    } = black_box(month);
    open_slots(rules, busy, *window, *now)
}

#[divan::bench(args = [0, 10, 100, 200, 1_000, 10_000])]
fn month_of_one_host(bencher: Bencher, events: usize) {
    let month = host(31, events);
    bencher.bench_local(|| answer(&month));
}

/// Every quarter of an hour, around the clock: the longest answer that is likely.
#[divan::bench]
fn month_around_the_clock(bencher: Bencher) {
    let mut month = host(31, 200);
    month.rules.interval_minutes = 15;
    for day in jiff::civil::Weekday::Monday.cycle_forward().take(7) {
        let always = Block::parse("00:00", "24:00").unwrap();
        month.rules.hours.add(day, always);
    }
    bencher.bench_local(|| answer(&month));
}

#[divan::bench]
fn year_of_one_host(bencher: Bencher) {
    let year = host(365, 2_400);
    bencher.bench_local(|| answer(&year));
}

#[divan::bench]
fn one_viewing(bencher: Bencher) {
    let mut month = host(31, 20);
    let start = "2026-11-02T16:00:00Z".parse().unwrap();
    month.window = Interval::lasting(start, 30);
    bencher.bench_local(|| answer(&month));
}

#[divan::bench]
fn explain_one_viewing(bencher: Bencher) {
    let month = host(31, 200);
    let start = "2026-11-02T16:00:00Z".parse().unwrap();
    bencher.bench_local(|| {
        let Month {
            rules,
            busy,
            window,
            now,
        } = black_box(&month);
        explain(rules, busy, *window, start, *now)
    });
}

fn hundred<T>(bencher: Bencher, search: fn(&[Host<'_>], Interval, Timestamp) -> Vec<T>) {
    let months: Vec<Month> = (0..100).map(|_| host(31, 200)).collect();
    let hosts: Vec<Host<'_>> = months
        .iter()
        .map(|Month { rules, busy, .. }| Host { rules, busy })
        .collect();
    let Month { window, now, .. } = months[0];
    bencher.bench_local(|| search(black_box(&hosts), window, now));
}

#[divan::bench]
fn hundred_hosts_any(bencher: Bencher) {
    hundred(bencher, any_host_slots);
}

#[divan::bench]
fn hundred_hosts_rotating(bencher: Bencher) {
    hundred(bencher, rotating_slots);
}

#[divan::bench]
fn hundred_hosts_together(bencher: Bencher) {
    hundred(bencher, common_slots);
}
