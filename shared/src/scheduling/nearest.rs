//! The starts nearest to the one that a caller asked for.

use jiff::Timestamp;

/// The `count` starts nearest to `wanted`, in chronological order.
///
/// `slots` is in chronological order, as the searches return it. Of two starts
/// equally near, the earlier one is taken first.
///
/// ```
/// use jiff::Timestamp;
/// use shared::scheduling::nearest;
///
/// let at = |text: &str| text.parse::<Timestamp>();
/// let slots = [at("2026-06-16T14:00Z")?, at("2026-06-16T16:00Z")?, at("2026-06-16T20:00Z")?];
/// assert_eq!(nearest(&slots, at("2026-06-16T15:30Z")?, 2), &slots[..2]);
/// # Ok::<(), jiff::Error>(())
/// ```
pub fn nearest(slots: &[Timestamp], wanted: Timestamp, count: usize) -> &[Timestamp] {
    let mut end = slots.partition_point(|slot| *slot < wanted);
    let mut start = end;
    while end - start < count {
        let earlier = start.checked_sub(1).and_then(|index| slots.get(index));
        match (earlier, slots.get(end)) {
            (Some(earlier), Some(later)) => {
                if wanted.duration_since(*earlier) <= later.duration_since(wanted) {
                    start -= 1;
                } else {
                    end += 1;
                }
            }
            (Some(_), None) => start -= 1,
            (None, Some(_)) => end += 1,
            (None, None) => break,
        }
    }
    slots.get(start..end).unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_first_ties_go_to_the_earlier_and_time_order_stays() {
        let at = |seconds: &[i64]| -> Vec<Timestamp> {
            let instant = |second: &i64| Timestamp::from_second(*second).unwrap();
            seconds.iter().map(instant).collect()
        };
        let slots = at(&[0, 10, 20, 30, 40]);
        for (wanted, count, expected) in [
            (20, 1, vec![20]),
            (20, 2, vec![10, 20]),
            (25, 1, vec![20]),
            (26, 1, vec![30]),
            (25, 3, vec![10, 20, 30]),
            (-100, 2, vec![0, 10]),
            (100, 2, vec![30, 40]),
            (12, 9, vec![0, 10, 20, 30, 40]),
            (12, 0, vec![]),
        ] {
            let wanted = at(&[wanted])[0];
            assert_eq!(
                nearest(&slots, wanted, count),
                at(&expected),
                "{wanted} {count}"
            );
        }
        assert!(nearest(&[], Timestamp::MAX, 3).is_empty());
        let ends = [Timestamp::MIN, Timestamp::MAX];
        assert_eq!(nearest(&ends, Timestamp::MAX, usize::MAX), ends);
    }
}
