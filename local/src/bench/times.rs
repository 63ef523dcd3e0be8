//! How long something took, many times.

use std::fmt;
use std::time::Duration;

/// Measured times, of which there is at least one.
#[derive(Clone, Debug)]
pub(super) struct Times(Vec<Duration>);

impl Times {
    pub(super) fn new(mut times: Vec<Duration>) -> Option<Self> {
        times.sort_unstable();
        (!times.is_empty()).then_some(Self(times))
    }

    /// The least of them that `percent` of a hundred are not above (nearest rank).
    pub(super) fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.0.len() * percent).div_ceil(100);
        self.0[rank.clamp(1, self.0.len()) - 1]
    }

    pub(super) fn median(&self) -> Duration {
        self.percentile(50)
    }
}

/// Milliseconds, with as many digits as mean something.
pub(super) struct Milliseconds(pub(super) Duration);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} ms", self.0.as_secs_f64() * 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let of = |count: u64| {
            let times = (1..=count).rev().map(Duration::from_millis).collect();
            Times::new(times)
        };
        assert!(of(0).is_none());
        for (count, percent, expected) in [(1, 50, 1), (1, 99, 1), (2, 50, 1), (100, 99, 99)] {
            let found = of(count).unwrap().percentile(percent);
            assert_eq!(
                found,
                Duration::from_millis(expected),
                "{percent} of {count}"
            );
        }
    }
}
