//! The engines, and what is due to each.

use std::time::Duration;

use crate::store::Pace;

/// Whose index is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Brave's API, with a key.
    Brave,
    /// The pages of DuckDuckGo for browsers without scripts. Its terms may not allow this:
    /// an operator has to want it.
    DuckDuckGo,
}

impl Engine {
    /// The name that results are labelled with.
    pub fn name(self) -> &'static str {
        match self {
            Self::Brave => "brave",
            Self::DuckDuckGo => "duckduckgo",
        }
    }

    /// Where it is.
    pub(super) fn address(self) -> &'static str {
        match self {
            Self::Brave => "https://api.search.brave.com",
            Self::DuckDuckGo => "https://html.duckduckgo.com",
        }
    }

    /// How often it may be asked: fifty times a second by contract, and once a second so
    /// as not to be a burden.
    pub(super) fn pace(self) -> Pace {
        match self {
            Self::Brave => Pace {
                every: Duration::from_millis(20),
                at_once: Duration::from_secs(1),
            },
            Self::DuckDuckGo => Pace {
                every: Duration::from_secs(1),
                at_once: Duration::ZERO,
            },
        }
    }
}
