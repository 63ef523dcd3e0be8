//! How long and how often AWS is asked.
//!
//! The SDK's defaults have no operation timeout and wait a second before the first retry;
//! a caller on the phone cannot. An operation has its place within `READ_DEADLINE_MS`: two
//! attempts and half of a third take five eighths of it.

use std::time::Duration;

use aws_sdk_dynamodb::config::StalledStreamProtectionConfig;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;

use crate::config::Settings;

/// How long an attempt may take at least, so that a busy moment is no failure.
const SHORTEST_ATTEMPT: Duration = Duration::from_millis(500);

/// What one question to AWS may take.
#[derive(Clone, Copy)]
pub struct Limits {
    /// One attempt.
    pub(super) attempt: Duration,
    /// All attempts, with the pauses between them.
    pub(super) operation: Duration,
}

impl Limits {
    pub(super) const ATTEMPTS: u32 = 3;

    /// Before the second attempt; the next is twice as long.
    pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(50);

    /// Those that go with `READ_DEADLINE_MS`.
    pub fn new(settings: &Settings) -> Self {
        // Whoever starts the function refuses one that is no number.
        let deadline = settings.milliseconds("READ_DEADLINE_MS", 4000);
        let deadline = deadline.unwrap_or(Duration::from_secs(4));
        let attempt = (deadline / 4).max(SHORTEST_ATTEMPT);
        Self {
            attempt,
            operation: attempt * 5 / 2,
        }
    }

    /// The same for the SDK.
    pub fn retries(self) -> RetryConfig {
        RetryConfig::standard()
            .with_max_attempts(Self::ATTEMPTS)
            .with_initial_backoff(Self::FIRST_PAUSE)
    }

    /// The same for the SDK.
    pub fn timeouts(self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .operation_attempt_timeout(self.attempt)
            .operation_timeout(self.operation)
            .build()
    }

    /// For the SDK: an attempt ends in time however slowly its answer comes in, so that
    /// nobody has to count the bytes.
    pub fn throughput(self) -> StalledStreamProtectionConfig {
        StalledStreamProtectionConfig::disabled()
    }
}
