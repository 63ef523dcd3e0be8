//! The rules that look at a start and not at free time: notice, horizon, and
//! how many viewings a date or a week may have.
//!
//! They only filter. None of them cuts free time, so none moves the grid.

use jiff::Timestamp;

use super::{
    busy::{Busy, When},
    clock::{LocalClock, day_in, day_number, week_of},
    rules::{MAX_ADVANCE_DAYS, Rules},
    stretch::{ceil, floor, seconds},
};

#[derive(Debug)]
pub(super) struct Limits {
    /// The first second at or after now plus notice.
    pub(super) earliest: i64,
    /// The last bookable local date.
    pub(super) last_day: i64,
    per_day: Option<Quota>,
    per_week: Option<Quota>,
}

/// How many bookings a date or a week may have, and those there are.
#[derive(Debug)]
struct Quota {
    max: u32,
    booked: Vec<i64>,
}

/// A date or a week in which no further viewing may start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full {
    pub(super) booked: usize,
    pub(super) max: u32,
}

impl Limits {
    pub(super) fn new(rules: &Rules, now: Timestamp) -> Self {
        let ahead = rules.horizon_days.unwrap_or(MAX_ADVANCE_DAYS);
        Self {
            earliest: ceil(now) + seconds(rules.notice_minutes),
            last_day: day_in(&rules.zone, now) + i64::from(ahead.min(MAX_ADVANCE_DAYS)),
            per_day: None,
            per_week: None,
        }
    }

    /// Adds the bookings that count towards the limits.
    pub(super) fn count(
        &mut self,
        rules: &Rules,
        busy: &[Busy],
        clock: &LocalClock,
        now: Timestamp,
    ) {
        if rules.max_per_day.is_none() && rules.max_per_week.is_none() {
            return;
        }
        let days: Vec<i64> = busy
            .iter()
            .filter(|entry| entry.is_booking(rules, now))
            .map(|entry| match entry.when {
                When::At(interval) => clock.day_of(floor(interval.start())),
                When::AllDay { start, .. } => day_number(start),
            })
            .collect();
        let weeks = days.iter().copied().map(week_of).collect();
        self.per_day = rules.max_per_day.map(|max| Quota::new(max, days));
        self.per_week = rules.max_per_week.map(|max| Quota::new(max, weeks));
    }

    pub(super) fn too_soon(&self, start: i64) -> bool {
        start < self.earliest
    }

    pub(super) fn too_far(&self, day: i64) -> bool {
        day > self.last_day
    }

    pub(super) fn full_day(&self, day: i64) -> Option<Full> {
        self.per_day.as_ref()?.full(day)
    }

    pub(super) fn full_week(&self, day: i64) -> Option<Full> {
        self.per_week.as_ref()?.full(week_of(day))
    }

    /// Whether a viewing may start then; `day` is the local date of `start`.
    pub(super) fn admit(&self, start: i64, day: i64) -> bool {
        !self.too_soon(start)
            && !self.too_far(day)
            && self.full_day(day).is_none()
            && self.full_week(day).is_none()
    }
}

impl Quota {
    fn new(max: u32, mut booked: Vec<i64>) -> Self {
        booked.sort_unstable();
        Self { max, booked }
    }

    fn full(&self, period: i64) -> Option<Full> {
        let before = self.booked.partition_point(|other| *other < period);
        let through = self.booked.partition_point(|other| *other <= period);
        let booked = through - before;
        let full = u64::try_from(booked).is_ok_and(|booked| booked >= self.max.into());
        full.then_some(Full {
            booked,
            max: self.max,
        })
    }
}
