//! A half-open stretch of time, `[start, end)`.
//!
//! An interval never ends before it starts; one that ends where it starts is
//! empty, holds no instant and overlaps nothing.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The instants from `start` up to, but not including, `end`.
///
/// ```
/// use shared::scheduling::Interval;
///
/// let morning = Interval::new("2026-06-16T14:00Z".parse()?, "2026-06-16T17:00Z".parse()?)?;
/// let lunch = Interval::new("2026-06-16T17:00Z".parse()?, "2026-06-16T18:00Z".parse()?)?;
/// assert!(!morning.overlaps(lunch));
/// assert!(!morning.contains(morning.end()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Bounds")]
pub struct Interval {
    start: Timestamp,
    end: Timestamp,
}

/// The end of an interval lies before its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an interval from {start} cannot end earlier, at {end}")]
pub struct IntervalError {
    start: Timestamp,
    end: Timestamp,
}

impl Interval {
    /// The interval from `start` to `end`; an error when `end` comes first.
    pub fn new(start: Timestamp, end: Timestamp) -> Result<Self, IntervalError> {
        if end < start {
            return Err(IntervalError { start, end });
        }
        Ok(Self { start, end })
    }

    /// The `minutes` that follow `start`, cut off at the last representable instant.
    pub fn lasting(start: Timestamp, minutes: u32) -> Self {
        Self {
            start,
            end: later(start, minutes),
        }
    }

    /// The first instant.
    pub fn start(self) -> Timestamp {
        self.start
    }

    /// The first instant that is no longer inside.
    pub fn end(self) -> Timestamp {
        self.end
    }

    /// How long it lasts, in elapsed time.
    pub fn duration(self) -> SignedDuration {
        self.end.duration_since(self.start)
    }

    /// Whether it holds no instant at all.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `instant` is inside.
    pub fn contains(self, instant: Timestamp) -> bool {
        self.start <= instant && instant < self.end
    }

    /// Whether `other` starts and ends within the bounds of this one.
    pub fn encloses(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether some instant is inside both. Touching is not overlapping.
    pub fn overlaps(self, other: Self) -> bool {
        self.intersection(other).is_some()
    }

    /// The instants inside both, if there are any.
    #[must_use]
    pub fn intersection(self, other: Self) -> Option<Self> {
        let start = self.start.max(other.start);
        let end = self.end.min(other.end);
        (start < end).then_some(Self { start, end })
    }

    /// The interval with that many minutes added on each side, cut off at the
    /// ends of representable time.
    #[must_use]
    pub fn widened(self, minutes_before: u32, minutes_after: u32) -> Self {
        let before = SignedDuration::from_mins(i64::from(minutes_before));
        Self {
            start: self.start.saturating_sub(before).unwrap_or(Timestamp::MIN),
            end: later(self.end, minutes_after),
        }
    }
}

fn later(instant: Timestamp, minutes: u32) -> Timestamp {
    let minutes = SignedDuration::from_mins(i64::from(minutes));
    instant.saturating_add(minutes).unwrap_or(Timestamp::MAX)
}

#[derive(Deserialize)]
struct Bounds {
    start: Timestamp,
    end: Timestamp,
}

impl TryFrom<Bounds> for Interval {
    type Error = IntervalError;

    fn try_from(bounds: Bounds) -> Result<Self, Self::Error> {
        Self::new(bounds.start, bounds.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(start: i64, end: i64) -> Interval {
        let at = |second| Timestamp::from_second(second).unwrap();
        Interval::new(at(start), at(end)).unwrap()
    }

    #[test]
    fn an_end_before_the_start_is_refused() {
        let error = Interval::new(Timestamp::MAX, Timestamp::MIN).unwrap_err();
        assert!(error.to_string().contains("cannot end earlier"));
        let stored = r#"{"start":"2026-06-16T15:00:00Z","end":"2026-06-16T14:00:00Z"}"#;
        assert!(serde_json::from_str::<Interval>(stored).is_err());
    }

    #[test]
    fn the_stored_form_is_read_back() {
        let stored = serde_json::to_string(&interval(0, 60)).unwrap();
        assert_eq!(
            serde_json::from_str::<Interval>(&stored).unwrap(),
            interval(0, 60)
        );
    }

    #[test]
    fn neighbours_and_empty_intervals_do_not_overlap() {
        assert!(interval(0, 10).overlaps(interval(9, 20)));
        assert!(!interval(0, 10).overlaps(interval(10, 20)));
        assert!(!interval(0, 10).overlaps(interval(5, 5)));
        assert!(interval(5, 5).is_empty() && !interval(5, 6).is_empty());
        assert_eq!(
            interval(0, 10).intersection(interval(4, 20)),
            Some(interval(4, 10))
        );
    }

    #[test]
    fn bounds_are_inside_as_half_open_says() {
        let ten = interval(0, 10);
        assert!(ten.contains(ten.start()) && !ten.contains(ten.end()));
        assert!(ten.encloses(ten) && ten.encloses(interval(10, 10)));
        assert!(!ten.encloses(interval(1, 11)) && !ten.encloses(interval(-1, 9)));
        assert_eq!(ten.duration(), SignedDuration::from_secs(10));
    }

    #[test]
    fn widening_stops_at_the_ends_of_time() {
        assert_eq!(interval(60, 120).widened(1, 2), interval(0, 240));
        let all = interval(0, 0)
            .widened(u32::MAX, u32::MAX)
            .widened(u32::MAX, u32::MAX);
        assert_eq!((all.start(), all.end()), (Timestamp::MIN, Timestamp::MAX));
        assert_eq!(Interval::lasting(Timestamp::MAX, 1).end(), Timestamp::MAX);
        assert_eq!(
            Interval::lasting(interval(0, 0).start(), 2),
            interval(0, 120)
        );
    }
}
