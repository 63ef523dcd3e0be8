//! The identifier by which VAPI matches a result to its call.

use std::fmt;

use super::line::breaks_a_line;

/// Real ids have about thirty bytes; a longer one is no id, and would not fit a
/// table's key.
const LONGEST: usize = 256;

/// The id of one tool call: opaque, echoed exactly, unique only within its call.
///
/// Scope it with [`CallContext::conversation`](super::CallContext::conversation)
/// before remembering anything under it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ToolCallId(String);

impl ToolCallId {
    /// Takes what may be echoed and stored: 1 to 256 bytes on one line.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        is_id(text).then(|| Self(text.to_owned()))
    }

    /// The id as VAPI sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ToolCallId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whether a text can serve as an opaque identifier.
pub(super) fn is_id(text: &str) -> bool {
    text.len() <= LONGEST && !text.trim().is_empty() && !text.chars().any(breaks_a_line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_short_and_on_one_line() {
        assert!(ToolCallId::parse("call_S1").is_some());
        assert!(ToolCallId::parse(&"x".repeat(256)).is_some());
        for unusable in ["", "  ", "a\nb", "a\u{2028}b", &"x".repeat(257)] {
            assert_eq!(ToolCallId::parse(unusable), None, "{unusable:?}");
        }
    }
}
