//! What a tool says: a sentence for the caller, and whether it did what was asked.

use serde::{Deserialize, Serialize};

use super::speech;
use crate::booking::BookingError;
use crate::microsoft::MicrosoftError;
use crate::secrets::SecretError;
use crate::store::StoreError;

/// The outcome of one tool call. The sentence is said as it stands, so it keeps
/// the rules of [`speech`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", content = "sentence", rename_all = "snake_case")]
pub(super) enum Answer {
    /// It was done.
    Done(String),
    /// It is under way, and may be further when it is asked for again.
    Pending(String),
    /// It was not done, or not yet: a question back, alternatives, an apology.
    NotDone(String),
}

impl Answer {
    pub(super) fn done(sentence: impl Into<String>) -> Self {
        Self::Done(sentence.into())
    }

    pub(super) fn not_done(sentence: impl Into<String>) -> Self {
        Self::NotDone(sentence.into())
    }

    /// What the caller hears when a change to a viewing failed: it stays as it is.
    pub(super) fn unchanged(error: &BookingError) -> Self {
        Self::failed(error, ", and your viewing stays as it is")
    }

    /// The sentence.
    pub(super) fn sentence(&self) -> &str {
        match self {
            Self::Done(sentence) | Self::Pending(sentence) | Self::NotDone(sentence) => sentence,
        }
    }

    /// `so_far` says what is and what is not done, where that is known.
    fn failed(error: &BookingError, so_far: &str) -> Self {
        tracing::warn!(reason = %error, "a tool failed");
        let sentence = match error {
            BookingError::Calendar(error) => of_calendar(error, so_far),
            BookingError::Store(error) => of_store(error, so_far),
            BookingError::Unknown(_) => {
                "I cannot tell yet whether your viewing has changed, because our booking records do \
                 not answer. Shall I check once more?"
                    .to_owned()
            }
            BookingError::Busy => format!(
                "Several people are booking with us at this very moment{so_far}. Shall I try again?"
            ),
        };
        debug_assert!(speech::rules::violations(&sentence).is_empty());
        Self::not_done(sentence)
    }
}

/// What the caller hears when something failed. It may have been done by an earlier try of
/// the same, so that nothing is said of that.
impl From<BookingError> for Answer {
    fn from(error: BookingError) -> Self {
        Self::failed(&error, "")
    }
}

impl From<SecretError> for Answer {
    fn from(error: SecretError) -> Self {
        BookingError::from(MicrosoftError::from(error)).into()
    }
}

impl From<StoreError> for Answer {
    fn from(error: StoreError) -> Self {
        BookingError::from(error).into()
    }
}

fn of_calendar(error: &MicrosoftError, so_far: &str) -> String {
    match error {
        MicrosoftError::NotConnected => {
            "I cannot see that calendar, because it is not connected yet. May I take a message \
             instead?"
                .to_owned()
        }
        MicrosoftError::NeedsReconnect(_) => {
            "The calendar needs to be reconnected before I can use it. May I take a message instead?"
                .to_owned()
        }
        MicrosoftError::AnotherAccount => {
            "That viewing is in a calendar that is not connected any more. May I take a message \
             instead?"
                .to_owned()
        }
        MicrosoftError::TimedOut => {
            format!("The calendar is taking too long to answer{so_far}. Shall I try again?")
        }
        MicrosoftError::Throttled { .. }
        | MicrosoftError::Unreachable(_)
        | MicrosoftError::Unreadable(_) => {
            format!("I cannot reach the calendar right now{so_far}. Shall I try again?")
        }
        MicrosoftError::Gone
        | MicrosoftError::NoMailbox
        | MicrosoftError::Refused { .. }
        | MicrosoftError::Operator { .. }
        | MicrosoftError::Secret(_)
        | MicrosoftError::Sealing(_) => format!(
            "The calendar cannot be used at the moment{so_far}. May I take a message instead?"
        ),
        MicrosoftError::Store(error) => of_store(error, so_far),
    }
}

fn of_store(error: &StoreError, so_far: &str) -> String {
    match error {
        StoreError::Unavailable(_)
        | StoreError::Refused(_)
        | StoreError::Changed
        | StoreError::Unreadable { .. } => {
            format!("I cannot reach our booking records right now{so_far}. Shall I try again?")
        }
    }
}
