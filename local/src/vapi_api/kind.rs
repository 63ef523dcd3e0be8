//! What VAPI holds, kind by kind.

use serde::{Deserialize, Serialize};

/// A kind of thing in VAPI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Assistant,
    Tool,
    PhoneNumber,
    Call,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::Assistant, Self::Tool, Self::PhoneNumber, Self::Call];

    /// Its segment in paths.
    pub(super) const fn segment(self) -> &'static str {
        match self {
            Self::Assistant => "assistant",
            Self::Tool => "tool",
            Self::PhoneNumber => "phone-number",
            Self::Call => "call",
        }
    }

    /// Whether clients can make, change and remove such things.
    pub(super) const fn is_written(self) -> bool {
        match self {
            Self::Assistant | Self::Tool | Self::PhoneNumber => true,
            Self::Call => false,
        }
    }

    /// Whether each change makes a new version.
    pub(super) const fn has_versions(self) -> bool {
        match self {
            Self::Assistant | Self::Tool => true,
            Self::PhoneNumber | Self::Call => false,
        }
    }

    /// The field that says which form it has, which every change has to repeat.
    pub(super) const fn form(self) -> Option<&'static str> {
        match self {
            Self::Tool => Some("type"),
            Self::PhoneNumber => Some("provider"),
            Self::Assistant | Self::Call => None,
        }
    }
}
