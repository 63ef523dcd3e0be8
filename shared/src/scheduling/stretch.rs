//! Half-open stretches of time in whole seconds since the Unix epoch, and the
//! few operations on sorted lists of them that the engine is made of.
//!
//! Every start of a viewing is a whole second, so nothing is lost by rounding
//! a busy stretch outwards and a window inwards.

use jiff::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stretch {
    pub(super) start: i64,
    pub(super) end: i64,
}

impl Stretch {
    pub(super) fn is_empty(self) -> bool {
        self.end <= self.start
    }

    pub(super) fn encloses(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    pub(super) fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// Seconds of that many minutes.
pub(super) fn seconds(minutes: u32) -> i64 {
    i64::from(minutes) * 60
}

/// The last whole second at or before the instant.
pub(super) fn floor(instant: Timestamp) -> i64 {
    instant.as_second() - i64::from(instant.subsec_nanosecond() < 0)
}

/// The first whole second at or after the instant.
pub(super) fn ceil(instant: Timestamp) -> i64 {
    instant.as_second() + i64::from(instant.subsec_nanosecond() > 0)
}

/// Sorts, and joins what overlaps or touches.
pub(super) fn merge(stretches: &mut Vec<Stretch>) {
    sort(stretches);
    stretches.dedup_by(|next, kept| {
        let joined = next.start <= kept.end;
        if joined {
            kept.end = kept.end.max(next.end);
        }
        joined
    });
}

/// From this many stretches on, sorting into buckets first pays.
const MANY: usize = 512;

/// Sorts by start, in linear time for stretches that are spread out, so that a
/// full calendar does not cost more per entry than a sparse one.
fn sort(stretches: &mut [Stretch]) {
    let starts = || stretches.iter().map(|stretch| stretch.start);
    let (Some(first), Some(last)) = (starts().min(), starts().max()) else {
        return;
    };
    let count = stretches.len();
    if count < MANY || stretches.is_sorted_by_key(|stretch| stretch.start) {
        stretches.sort_unstable_by_key(|stretch| stretch.start);
        return;
    }
    // As many buckets as stretches at most, by the leading bits of the start.
    let range = last.abs_diff(first);
    let buckets = u64::try_from(count).unwrap_or(u64::MAX);
    let shift = (0..u64::BITS).find(|shift| range >> shift < buckets);
    let bucket_of = |stretch: &Stretch| {
        let bucket = stretch.start.abs_diff(first) >> shift.unwrap_or(0);
        usize::try_from(bucket).unwrap_or(0)
    };

    let mut places = vec![0_usize; count + 1];
    for stretch in stretches.iter() {
        if let Some(size) = places.get_mut(bucket_of(stretch) + 1) {
            *size += 1;
        }
    }
    let mut before = 0;
    for place in &mut places {
        before += *place;
        *place = before;
    }
    let unsorted = stretches.to_vec();
    for stretch in unsorted {
        if let Some(place) = places.get_mut(bucket_of(&stretch)) {
            if let Some(target) = stretches.get_mut(*place) {
                *target = stretch;
            }
            *place += 1;
        }
    }
    for bucket in stretches.chunk_by_mut(|one, next| bucket_of(one) == bucket_of(next)) {
        bucket.sort_unstable_by_key(|stretch| stretch.start);
    }
}

/// What lies in both of two merged lists.
pub(super) fn common(left: &[Stretch], right: &[Stretch]) -> Vec<Stretch> {
    let mut both = Vec::new();
    let (mut lefts, mut rights) = (left.iter().peekable(), right.iter().peekable());
    while let (Some(a), Some(b)) = (lefts.peek(), rights.peek()) {
        let shared = Stretch {
            start: a.start.max(b.start),
            end: a.end.min(b.end),
        };
        if !shared.is_empty() {
            both.push(shared);
        }
        if a.end <= b.end {
            lefts.next();
        } else {
            rights.next();
        }
    }
    both
}

/// Calls `found(open, free)` for every stretch `free` of an `open` one that is
/// left when the blocked ones are taken out, in order. Both lists are merged.
pub(super) fn for_each_free(
    opening: &[Stretch],
    blocked: &[Stretch],
    mut found: impl FnMut(Stretch, Stretch),
) {
    let mut blocks = blocked.iter().peekable();
    for &open in opening {
        let mut start = open.start;
        while let Some(block) = blocks.peek() {
            if block.start >= open.end {
                break;
            }
            if start < block.start {
                let end = block.start;
                found(open, Stretch { start, end });
            }
            start = start.max(block.end);
            if block.end > open.end {
                break;
            }
            blocks.next();
        }
        if start < open.end {
            let end = open.end;
            found(open, Stretch { start, end });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(bounds: &[(i64, i64)]) -> Vec<Stretch> {
        let stretch = |&(start, end)| Stretch { start, end };
        bounds.iter().map(stretch).collect()
    }

    #[test]
    fn neighbours_do_not_overlap() {
        let middle = list(&[(10, 20)])[0];
        let overlaps = |start, end| middle.overlaps(Stretch { start, end });
        assert!(overlaps(9, 11) && overlaps(19, 21) && overlaps(12, 13) && overlaps(0, 30));
        assert!(!overlaps(0, 10) && !overlaps(20, 30));
    }

    #[test]
    fn merging_joins_what_overlaps_or_touches() {
        let mut stretches = list(&[(30, 40), (0, 10), (10, 20), (2, 3), (35, 36), (21, 22)]);
        merge(&mut stretches);
        assert_eq!(stretches, list(&[(0, 20), (21, 22), (30, 40)]));
    }

    #[test]
    fn many_stretches_are_sorted_however_they_are_spread() {
        let count = 4 * i64::try_from(MANY).unwrap();
        let spreads: [fn(i64) -> i64; 5] = [
            |index| index * 7_919 % 20_000,
            |index| -index,
            |index| index % 3,
            |index| {
                if index == 0 {
                    i64::MAX / 2
                } else {
                    -index * index
                }
            },
            |_| 5,
        ];
        for spread in spreads {
            let stretch = |index| Stretch {
                start: spread(index),
                end: spread(index) + index % 7,
            };
            let mut sorted: Vec<Stretch> = (0..count).map(stretch).collect();
            let mut expected = sorted.clone();
            sort(&mut sorted);
            assert!(sorted.is_sorted_by_key(|stretch| stretch.start));
            sorted.sort();
            expected.sort();
            assert_eq!(sorted, expected);
        }
    }

    #[test]
    fn common_time_is_in_both() {
        let left = list(&[(0, 10), (20, 30), (40, 50)]);
        let right = list(&[(5, 22), (25, 28), (29, 45), (50, 60)]);
        let both = list(&[(5, 10), (20, 22), (25, 28), (29, 30), (40, 45)]);
        assert_eq!(common(&left, &right), both);
        assert_eq!(common(&right, &left), both);
    }

    #[test]
    fn free_time_is_what_blocks_leave() {
        let opening = list(&[(0, 10), (20, 30), (40, 50), (60, 70)]);
        let blocked = list(&[(-5, 0), (2, 3), (8, 21), (25, 45), (50, 55), (60, 70)]);
        let mut free = Vec::new();
        for_each_free(&opening, &blocked, |_, stretch| free.push(stretch));
        assert_eq!(free, list(&[(0, 2), (3, 8), (21, 25), (45, 50)]));
    }

    #[test]
    fn fractions_round_outwards_on_both_sides_of_the_epoch() {
        for (text, whole) in [
            ("1970-01-01T00:00:01.5Z", (1, 2)),
            ("1969-12-31T23:59:58.5Z", (-2, -1)),
            ("1970-01-01T00:00:07Z", (7, 7)),
        ] {
            let instant: Timestamp = text.parse().unwrap();
            assert_eq!((floor(instant), ceil(instant)), whole, "{text}");
        }
    }
}
