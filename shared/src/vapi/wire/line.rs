//! Text that is one line, by construction.
//!
//! VAPI treats a tool result that spans lines as no result at all (VAPI docs,
//! Custom tools, troubleshooting), so a reply is built of [`Line`]s and of
//! nothing else.

use std::fmt;

/// The longest `message.content` VAPI accepts, in characters (VAPI API
/// reference, tool messages).
pub const MESSAGE_LIMIT: usize = 1000;

/// A string without line breaks or control characters.
///
/// Each such character becomes one space: CR, LF, the other control characters
/// and the Unicode line and paragraph separators.
///
/// ```
/// use shared::vapi::wire::Line;
///
/// assert_eq!(Line::from("Booked.\nSee you then.").as_str(), "Booked. See you then.");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Line(String);

impl Line {
    /// The text of the line.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing but white space in it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }

    /// The line, cut at a word so that it has at most `limit` characters.
    #[must_use]
    pub fn within(&self, limit: usize) -> Self {
        let Some((end, _)) = self.0.char_indices().nth(limit) else {
            return self.clone();
        };
        let head = self.0.get(..end).unwrap_or_default();
        let whole_words = match self.0.get(end..).and_then(|rest| rest.chars().next()) {
            Some(' ') => head,
            _ => head
                .rfind(' ')
                .and_then(|at| head.get(..at))
                .unwrap_or(head),
        };
        Self(whole_words.trim_end().to_owned())
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        Self(one_line(text))
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self(one_line(&text))
    }
}

impl From<Line> for String {
    fn from(line: Line) -> Self {
        line.0
    }
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// `text` with a space in place of every character that breaks or controls a line.
pub(super) fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if breaks_a_line(c) { ' ' } else { c })
        .collect()
}

/// Whether a character may not be in a one-line string.
pub(super) fn breaks_a_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_break_becomes_a_space() {
        let line = Line::from("a\r\nb\u{2028}c\u{2029}d\u{85}e\tf\u{0}g");
        assert_eq!(line.as_str(), "a  b c d e f g");
    }

    #[test]
    fn a_long_line_is_cut_at_a_word() {
        let line = Line::from("one two three");
        assert_eq!(line.within(13).as_str(), "one two three");
        assert_eq!(line.within(9).as_str(), "one two");
        assert_eq!(line.within(7).as_str(), "one two");
        assert_eq!(line.within(2).as_str(), "on");
        assert_eq!(line.within(0).as_str(), "");
        assert_eq!(Line::from("ééé").within(2).as_str(), "éé");
    }
}
