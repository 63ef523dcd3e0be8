//! A second engine, slow and plain: it walks through time minute by minute and
//! asks of each minute whether it is open, whether it is denied, and whether
//! the next start is due. Every wall-clock question goes to jiff.
//!
//! It needs offsets, opening hours and gaps in whole minutes, which is what
//! zones have had since 1972 and rules always have.

use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, DateTime},
};

use crate::scheduling::{Alignment, Block, Busy, Interval, Rules, ShowAs, Way, When};

const DAY: usize = 24 * 60;
/// How long before the window the walk begins, so that it sees every anchor.
const BEFORE: usize = 9 * DAY;

struct Walk<'a> {
    rules: &'a Rules,
    origin: Timestamp,
    open: Vec<bool>,
    free: Vec<bool>,
    anchor: Vec<bool>,
}

pub(super) fn slots(
    rules: &Rules,
    busy: &[Busy],
    window: Interval,
    now: Timestamp,
) -> Vec<Timestamp> {
    let length = usize::try_from(window.duration().as_mins()).unwrap();
    let after = match rules.alignment {
        Alignment::HourGrid => DAY,
        Alignment::Maximise => 9 * DAY,
    };
    let minutes = BEFORE + length + after;
    let first_minute = window.start().as_second().div_euclid(60) * 60;
    let origin = Timestamp::from_second(first_minute).unwrap() - mins(BEFORE);
    let mut walk = Walk {
        rules,
        origin,
        open: vec![false; minutes],
        free: Vec::new(),
        anchor: vec![false; minutes],
    };
    walk.open_doors();
    walk.mark_anchors();
    walk.free = walk.open.clone();
    for entry in busy.iter().filter(|entry| counts(rules, entry, now)) {
        walk.deny(entry);
    }
    let mut starts = match rules.alignment {
        Alignment::HourGrid => walk.round_starts(),
        Alignment::Maximise => walk.most_starts(),
    };
    let slot = mins(rules.slot_minutes as usize);
    starts.retain(|start| {
        window.start() <= *start
            && *start + slot <= window.end()
            && *start >= now + mins(rules.notice_minutes as usize)
            && within_limits(rules, busy, *start, now)
    });
    starts
}

fn mins(minutes: usize) -> SignedDuration {
    SignedDuration::from_mins(i64::try_from(minutes).unwrap())
}

fn instant(rules: &Rules, local: DateTime) -> Timestamp {
    let ambiguous = rules.zone.to_ambiguous_timestamp(local);
    ambiguous.compatible().unwrap()
}

fn midnight(rules: &Rules, date: Date) -> Timestamp {
    instant(rules, date.at(0, 0, 0, 0))
}

fn local(rules: &Rules, instant: Timestamp) -> DateTime {
    rules.zone.to_datetime(instant)
}

impl Walk<'_> {
    fn at(&self, minute: usize) -> Timestamp {
        self.origin + mins(minute)
    }

    /// The minute that an instant is in, or the nearest there is.
    fn minute(&self, instant: Timestamp) -> usize {
        let passed = instant.duration_since(self.origin).as_secs().div_euclid(60);
        usize::try_from(passed.max(0)).unwrap().min(self.open.len())
    }

    fn dates(&self) -> impl Iterator<Item = Date> + use<> {
        let first = local(self.rules, self.origin).date() - 2.days();
        let last = local(self.rules, self.at(self.open.len())).date() + 2.days();
        first.series(1.day()).take_while(move |date| *date <= last)
    }

    fn open_doors(&mut self) {
        for date in self.dates() {
            let special = self.rules.overrides.get(&date);
            let blocks = special.map_or(self.rules.hours.on(date.weekday()), Vec::as_slice);
            for Block { start, end } in blocks {
                let on =
                    |date: Date, minute: u16| date.at(0, 0, 0, 0) + i64::from(minute).minutes();
                let tomorrow = date + 1.day();
                let opens = on(date, start.minute_of_day());
                let mut closes = on(date, end.minute_of_day());
                if closes < opens {
                    closes = on(tomorrow, end.minute_of_day());
                }
                if self.rules.overrides.contains_key(&tomorrow) {
                    closes = closes.min(on(tomorrow, 0));
                }
                if opens < closes {
                    let from = self.minute(instant(self.rules, opens));
                    let to = self.minute(instant(self.rules, closes));
                    self.open.get_mut(from..to).unwrap_or_default().fill(true);
                }
            }
        }
    }

    fn mark_anchors(&mut self) {
        let open_since = since(&self.open);
        for date in self.dates() {
            let week_ago = midnight(self.rules, date - 7.days());
            let today = midnight(self.rules, date);
            if week_ago < self.origin || today >= self.at(self.open.len()) {
                continue;
            }
            let (from, to) = (self.minute(week_ago), self.minute(today));
            self.anchor[to] = self.open[to] && open_since[to] <= from;
        }
    }

    fn deny(&mut self, entry: &Busy) {
        let (start, end) = match entry.when {
            When::At(interval) => (interval.start(), interval.end()),
            When::AllDay { start, end } => (midnight(self.rules, start), midnight(self.rules, end)),
        };
        if start >= end {
            return;
        }
        let before = entry.pad_before_minutes + self.rules.buffer_after_minutes;
        let after = entry.pad_after_minutes + self.rules.buffer_before_minutes;
        let gap = |minutes: u32| match entry.way {
            Way::SameDoor => mins(0),
            Way::Minutes(way) => mins(minutes.max(way) as usize),
        };
        let (start, end) = (start - gap(before), end + gap(after));
        let to = self.minute(end + SignedDuration::new(59, 999_999_999));
        let from = self.minute(start);
        self.free.get_mut(from..to).unwrap_or_default().fill(false);
    }

    fn round_starts(&self) -> Vec<Timestamp> {
        let interval = self.rules.interval_minutes as usize;
        let (ends, step) = (self.free_ends(), self.step());
        let mut starts = Vec::new();
        let mut due = 0;
        let mut was_free = false;
        for (minute, free) in self.free.iter().enumerate() {
            if *free && (!was_free || self.anchor[minute]) {
                due = minute;
            }
            if *free && minute >= due && self.is_round(minute, step) {
                if ends[minute] - minute >= self.rules.slot_minutes as usize {
                    starts.push(self.at(minute));
                }
                due = minute + interval;
            }
            was_free = *free;
        }
        starts
    }

    fn most_starts(&self) -> Vec<Timestamp> {
        let interval = self.rules.interval_minutes as usize;
        let ends = self.free_ends();
        let mut starts = Vec::new();
        let mut was_free = false;
        for (minute, free) in self.free.iter().enumerate() {
            let begins = *free && (!was_free || self.anchor[minute]);
            was_free = *free;
            if !begins {
                continue;
            }
            let next_anchor = (minute + 1..ends[minute]).find(|later| self.anchor[*later]);
            let run_end = next_anchor.unwrap_or(ends[minute]);
            let run_from = |first: usize| -> Vec<usize> {
                (first..run_end)
                    .step_by(interval)
                    .take_while(|start| start + self.rules.slot_minutes as usize <= ends[minute])
                    .collect()
            };
            let hour = minute..minute + 2 * 60;
            let round = |step| hour.clone().find(|later| self.is_round(*later, step));
            let runs = [round(self.step()), round(15), Some(minute)];
            let best = runs
                .into_iter()
                .map(|first| run_from(first.unwrap()))
                .find(|run| run.len() == run_from(minute).len());
            starts.extend(best.unwrap().into_iter().map(|minute| self.at(minute)));
        }
        starts
    }

    /// For each minute, where the free time that it is in ends.
    fn free_ends(&self) -> Vec<usize> {
        let mut ends = vec![0; self.free.len()];
        let mut end = self.free.len();
        for minute in (0..self.free.len()).rev() {
            if !self.free[minute] {
                end = minute;
            }
            ends[minute] = end;
        }
        ends
    }

    fn step(&self) -> i64 {
        let divides = |step: &i64| i64::from(self.rules.interval_minutes) % step == 0;
        let mut steps = [60, 30, 20, 15, 10, 5].into_iter();
        steps.find(divides).unwrap_or(1)
    }

    fn is_round(&self, minute: usize, step: i64) -> bool {
        let instant = self.at(minute);
        let offset = i64::from(self.rules.zone.to_offset(instant).seconds());
        step == 1 || (instant.as_second() + offset) / 60 % step == 0
    }
}

/// For each minute that is open, where the open time that it is in begins.
fn since(open: &[bool]) -> Vec<usize> {
    let mut begin = 0;
    let begins = open.iter().enumerate().map(|(minute, open)| {
        if !open {
            begin = minute + 1;
        }
        begin
    });
    begins.collect()
}

fn counts(rules: &Rules, entry: &Busy, now: Timestamp) -> bool {
    let shown = match entry.show_as {
        ShowAs::Busy | ShowAs::OutOfOffice | ShowAs::Unknown => true,
        ShowAs::Tentative => rules.tentative_blocks,
        ShowAs::Free | ShowAs::WorkingElsewhere => false,
    };
    shown && stands(rules, entry, now)
}

fn stands(rules: &Rules, entry: &Busy, now: Timestamp) -> bool {
    let held = entry.hold_expires_at.is_none_or(|expiry| expiry > now);
    let ids = &rules.excluded_events;
    let excluded = ids.iter().any(|id| entry.event_id.as_ref() == Some(id));
    held && !excluded && !entry.cancelled && !entry.declined
}

fn within_limits(rules: &Rules, busy: &[Busy], start: Timestamp, now: Timestamp) -> bool {
    let date = local(rules, start).date();
    let week = |date: Date| {
        let week = date.iso_week_date();
        (week.year(), week.week())
    };
    let booked: Vec<Date> = busy
        .iter()
        .filter(|entry| entry.own && stands(rules, entry, now))
        .map(|entry| match entry.when {
            When::At(interval) => local(rules, interval.start()).date(),
            When::AllDay { start, .. } => start,
        })
        .collect();
    let that_day = booked.iter().filter(|other| **other == date).count();
    let that_week = booked
        .iter()
        .filter(|other| week(**other) == week(date))
        .count();
    let last = rules
        .horizon_days
        .map(|days| local(rules, now).date() + i64::from(days).days());
    rules.max_per_day.is_none_or(|max| that_day < max as usize)
        && rules
            .max_per_week
            .is_none_or(|max| that_week < max as usize)
        && last.is_none_or(|last| date <= last)
}
