//! Where in free time the starts lie.
//!
//! A run of starts is anchored at the beginning of its free stretch, never at
//! the edge of a window or at the earliest bookable instant, so what is asked
//! for does not change what is offered.
//!
//! Policy: hours that never close would put that anchor at the beginning of
//! time. When they have been open without a break for the seven local days
//! before a local midnight, the run starts anew at that midnight. The free
//! stretch itself is not cut: a viewing may still span it.

use super::{
    clock::LocalClock,
    rules::{Alignment, Rules},
    stretch::{Stretch, seconds},
};

/// How many days of opening hours, before the first start wanted and after the
/// last, the anchor of its run can depend on.
pub(super) const REACH_DAYS: i64 = 9;

/// After this many days without closing, a midnight is an anchor.
const UNBROKEN_DAYS: i64 = 7;

const QUARTER: i64 = 15 * 60;

/// The grid of a host's rules, for starts from `from` to `until`, both included.
#[derive(Debug)]
pub(super) struct Grid<'a> {
    pub(super) clock: &'a LocalClock,
    pub(super) from: i64,
    pub(super) until: i64,
    slot: i64,
    interval: i64,
    step: i64,
    alignment: Alignment,
}

impl<'a> Grid<'a> {
    /// `None` when the rules give slots no usable length or no distance.
    pub(super) fn new(rules: &Rules, clock: &'a LocalClock, from: i64, until: i64) -> Option<Self> {
        let slot = rules.slot()?;
        if rules.interval_minutes == 0 {
            return None;
        }
        Some(Self {
            clock,
            from,
            until,
            slot,
            interval: seconds(rules.interval_minutes),
            step: seconds(step_minutes(rules.interval_minutes)),
            alignment: rules.alignment,
        })
    }

    /// Calls `found(start, local day)` for each start in the stretch `free` of
    /// the opening hours `open`, in order.
    pub(super) fn starts(&self, open: Stretch, free: Stretch, found: &mut impl FnMut(i64, i64)) {
        let latest = free.end - self.slot;
        let mut anchor = free.start;
        if latest < self.from {
            return;
        }
        while anchor <= latest.min(self.until) {
            let next = self.next_anchor(open, anchor);
            let last = next.map_or(latest, |next| latest.min(next - 1));
            if last >= self.from {
                match self.alignment {
                    Alignment::HourGrid => self.round_run(anchor, last, found),
                    Alignment::Maximise => self.full_run(anchor, last, found),
                }
            }
            let Some(next) = next else { break };
            anchor = next;
        }
    }

    /// The next midnight at which the run starts anew.
    fn next_anchor(&self, open: Stretch, after: i64) -> Option<i64> {
        let today = self.clock.day_of(after);
        let unbroken = self.clock.day_of(open.start) + UNBROKEN_DAYS;
        let first = unbroken.max(today);
        (first..first + 3)
            .filter(|day| self.clock.midnight(day - UNBROKEN_DAYS) >= open.start)
            .map(|day| self.clock.midnight(day))
            .find(|midnight| *midnight > after)
            .filter(|midnight| *midnight < open.end)
    }

    /// A run of which every start is rounded up on the wall clock.
    fn round_run(&self, anchor: i64, last: i64, found: &mut impl FnMut(i64, i64)) {
        let mut start = anchor;
        while start <= last.min(self.until) {
            start = self.clock.round_up(start, self.step);
            // The step divides the interval, so until the offset changes a
            // round start stays round.
            let change = self.clock.piece_at(start).end;
            start = self.even_run(start, last.min(change - 1), found);
        }
    }

    /// A run that begins where it loses no start.
    fn full_run(&self, anchor: i64, last: i64, found: &mut impl FnMut(i64, i64)) {
        let exact = self.clock.round_up(anchor, 60);
        let spare = (last - exact).rem_euclid(self.interval);
        let mut start = [self.step, QUARTER]
            .into_iter()
            .map(|step| self.clock.round_up(exact, step))
            .find(|round| round - exact <= spare)
            .unwrap_or(exact);
        while start <= last.min(self.until) {
            let change = self.clock.piece_at(start).end;
            start = self.even_run(start, last.min(change - 1), found);
        }
    }

    /// Starts an interval apart, from `start` to `last`, with no change of
    /// offset between; returns the one that would come next.
    fn even_run(&self, start: i64, last: i64, found: &mut impl FnMut(i64, i64)) -> i64 {
        if last < start {
            return start;
        }
        let beyond = start + ((last - start) / self.interval + 1) * self.interval;
        let skipped = (self.from - start + self.interval - 1) / self.interval;
        let piece = self.clock.piece_at(start);
        let mut next = start + skipped.max(0) * self.interval;
        while next <= last.min(self.until) {
            found(next, piece.day_of(next));
            next += self.interval;
        }
        beyond
    }
}

/// The largest round number of minutes that divides the interval.
fn step_minutes(interval_minutes: u32) -> u32 {
    [60, 30, 20, 15, 10, 5]
        .into_iter()
        .find(|step| interval_minutes.is_multiple_of(*step))
        .unwrap_or(1)
}
