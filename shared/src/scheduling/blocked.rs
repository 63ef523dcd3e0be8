//! The time that an entry denies to a new viewing.
//!
//! A viewing and an entry must keep a gap: on each side the entry's own pad
//! plus the larger of the viewing's buffer and the way between the two places.
//! Widening the entry by these gaps turns that into "must not overlap", and
//! leaves opening hours alone, so that a buffer may lie outside them.
//!
//! Policy: a pad is added to `max(buffer, travel)`, not compared with it. The
//! way does not begin before the earlier viewing's pad is over.

use jiff::Timestamp;

use super::{
    busy::{Busy, When},
    clock::{LocalClock, day_number},
    rules::Rules,
    stretch::{Stretch, ceil, floor, merge, seconds},
};

/// The merged stretches within `within` in which no viewing may be.
pub(super) fn blocked(
    rules: &Rules,
    busy: &[Busy],
    clock: &LocalClock,
    within: Stretch,
    now: Timestamp,
) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = busy
        .iter()
        .filter_map(|entry| blocked_by(rules, entry, clock, now))
        .filter(|stretch| stretch.overlaps(within))
        .collect();
    merge(&mut stretches);
    stretches
}

/// The stretch in which no viewing may be because of this entry.
pub(super) fn blocked_by(
    rules: &Rules,
    entry: &Busy,
    clock: &LocalClock,
    now: Timestamp,
) -> Option<Stretch> {
    if !entry.takes_time(rules, now) {
        return None;
    }
    let taken = taken(entry, clock)?;
    let travel = seconds(entry.travel_minutes);
    let gap_before = seconds(rules.buffer_after_minutes).max(travel);
    let gap_after = seconds(rules.buffer_before_minutes).max(travel);
    Some(Stretch {
        start: taken.start - seconds(entry.pad_before_minutes) - gap_before,
        end: taken.end + seconds(entry.pad_after_minutes) + gap_after,
    })
}

/// The entry's own time; nothing when it does not last.
fn taken(entry: &Busy, clock: &LocalClock) -> Option<Stretch> {
    let stretch = match entry.when {
        When::At(interval) if interval.is_empty() => return None,
        When::At(interval) => Stretch {
            start: floor(interval.start()),
            end: ceil(interval.end()),
        },
        When::AllDay { start, end } => Stretch {
            start: clock.midnight(day_number(start)),
            end: clock.midnight(day_number(end)),
        },
    };
    (!stretch.is_empty()).then_some(stretch)
}
