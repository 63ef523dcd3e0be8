//! Why the web was not searched.

use std::time::Duration;

use jiff::Timestamp;

use crate::secrets::SecretError;
use crate::store::StoreError;

/// Nothing is known of what a search would have found.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// Nobody switched it on.
    #[error("web search is not switched on")]
    Off,
    /// We ask as often as we may.
    #[error("too many searches at once")]
    Busy,
    /// It failed several times, or was told to wait.
    #[error("searching is paused until {until}")]
    Paused { until: Timestamp },
    /// The engine takes us for a robot, or wants us to slow down.
    #[error("the search engine turned us away")]
    Blocked { retry_after: Option<Duration> },
    /// The engine does not accept the request; a key that is not valid, say.
    #[error("the search engine refused with {status}")]
    Refused { status: u16 },
    #[error("the search engine did not answer in time")]
    TimedOut,
    #[error("the search engine failed: {0}")]
    Unreachable(String),
    /// An answer that is not a page of results.
    #[error("the search engine's answer cannot be read")]
    Unreadable,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Secret(#[from] SecretError),
}

impl SearchError {
    /// What a transport error means.
    pub(super) fn transport(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            Self::TimedOut
        } else {
            Self::Unreachable("no answer".to_owned())
        }
    }

    /// Whether the engine is to blame, so that it is better left alone for a while.
    pub(super) fn is_the_engines(&self) -> bool {
        match self {
            Self::Blocked { .. }
            | Self::Refused { .. }
            | Self::TimedOut
            | Self::Unreachable(_)
            | Self::Unreadable => true,
            Self::Off | Self::Busy | Self::Paused { .. } | Self::Store(_) | Self::Secret(_) => {
                false
            }
        }
    }
}
