//! The time that an entry denies to a new viewing.
//!
//! A viewing and an entry must keep a gap: on each side the entry's own pad and
//! the viewing's buffer together, or the way between the two places where that
//! is longer. Widening the entry by these gaps turns that into "must not
//! overlap", and leaves opening hours alone, so that a buffer may lie outside
//! them.
//!
//! Policy: the way is taken within pad and buffer. So the gap between two
//! viewings is the same whichever of them was there first, and our ledger, which
//! knows both, refuses just what is not offered.

use jiff::Timestamp;

use super::{
    busy::{Busy, When},
    clock::{LocalClock, day_number},
    rules::Rules,
    stretch::{Stretch, ceil, floor, merge, seconds},
    travel::Way,
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
    let way = match entry.way {
        Way::SameDoor => return Some(taken),
        Way::Minutes(minutes) => seconds(minutes),
    };
    let gap = |pad: u32, buffer: u32| way.max(seconds(pad) + seconds(buffer));
    Some(Stretch {
        start: taken.start - gap(entry.pad_before_minutes, rules.buffer_after_minutes),
        end: taken.end + gap(entry.pad_after_minutes, rules.buffer_before_minutes),
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
