//! What a tool says: a sentence for the caller, and whether it did what was asked.

use super::speech;
use crate::booking::BookingError;
use crate::microsoft::MicrosoftError;
use crate::secrets::SecretError;
use crate::store::StoreError;

/// The outcome of one tool call. The sentence is said as it stands, so it keeps
/// the rules of [`speech`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It was done.
    Done(String),
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

    /// The sentence.
    pub(super) fn sentence(&self) -> &str {
        match self {
            Self::Done(sentence) | Self::NotDone(sentence) => sentence,
        }
    }
}

/// What the caller hears when a use case failed. Nothing was booked.
impl From<BookingError> for Answer {
    fn from(error: BookingError) -> Self {
        let sentence = match &error {
            BookingError::Calendar(error) => of_calendar(error),
            BookingError::Store(error) => of_store(error),
            BookingError::Busy => {
                "Several people are booking with us at this very moment, and nothing is booked for \
                 you yet. Shall I try again?"
            }
        };
        tracing::warn!(reason = %error, "a tool failed");
        debug_assert!(speech::rules::violations(sentence).is_empty());
        Self::not_done(sentence)
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

fn of_calendar(error: &MicrosoftError) -> &'static str {
    match error {
        MicrosoftError::NotConnected => {
            "I cannot see that calendar, because it is not connected yet. May I take a message \
             instead?"
        }
        MicrosoftError::NeedsReconnect(_) => {
            "The calendar needs to be reconnected before I can use it. May I take a message instead?"
        }
        MicrosoftError::TimedOut => {
            "The calendar is taking too long to answer, and nothing is booked yet. Shall I try again?"
        }
        MicrosoftError::Throttled { .. }
        | MicrosoftError::Unreachable(_)
        | MicrosoftError::Unreadable(_) => {
            "I cannot reach the calendar right now, and nothing is booked yet. Shall I try again?"
        }
        MicrosoftError::Gone
        | MicrosoftError::Refused { .. }
        | MicrosoftError::Operator { .. }
        | MicrosoftError::Secret(_)
        | MicrosoftError::Sealing(_) => {
            "The calendar cannot be used at the moment, and nothing is booked. May I take a message \
             instead?"
        }
        MicrosoftError::Store(error) => of_store(error),
    }
}

fn of_store(error: &StoreError) -> &'static str {
    match error {
        StoreError::Unavailable(_) | StoreError::Changed | StoreError::Unreadable { .. } => {
            "I cannot reach our booking records right now, and nothing is booked yet. Shall I try \
             again?"
        }
    }
}
