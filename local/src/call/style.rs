//! Colour and width of what is printed.

use std::io::IsTerminal;

/// How a transcript looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    pub colour: bool,
    /// Columns, at least [`Style::NARROWEST`].
    pub width: usize,
}

/// What a piece of text is, as far as its colour goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Heading,
    Caller,
    Assistant,
    Quiet,
    Good,
    Bad,
}

impl Style {
    /// As wide as text is read with ease.
    pub const WIDTH: usize = 92;
    /// Less is taken for this.
    pub const NARROWEST: usize = 48;

    /// Without colour, for files and pipes.
    #[must_use]
    pub const fn plain() -> Self {
        Self {
            colour: false,
            width: Self::WIDTH,
        }
    }

    /// With colour.
    #[must_use]
    pub const fn coloured() -> Self {
        Self {
            colour: true,
            width: Self::WIDTH,
        }
    }

    /// What suits an output; `no_color` is whether the variable `NO_COLOR` has a
    /// value (no-color.org).
    #[must_use]
    pub fn suiting(output: &impl IsTerminal, no_color: bool) -> Self {
        if output.is_terminal() && !no_color {
            Self::coloured()
        } else {
            Self::plain()
        }
    }

    /// The same on a terminal of so many columns.
    #[must_use]
    pub fn within(self, columns: usize) -> Self {
        Self {
            width: columns.clamp(Self::NARROWEST, Self::WIDTH),
            ..self
        }
    }

    pub(super) fn paint(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Plain => return text.to_owned(),
            Tone::Heading => "1",
            Tone::Caller => "36",
            Tone::Assistant => "35",
            Tone::Quiet => "2",
            Tone::Good => "32",
            Tone::Bad => "31",
        };
        if self.colour && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Breaks a text into lines of at most `width` characters; a longer word gets a
/// line of its own.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    fill(text.split_whitespace(), width, width)
}

/// Joins pieces to lines of at most `width` characters, the first of at most
/// `first`; a piece that is longer is broken between its words.
pub(super) fn wrap_pieces(pieces: &[String], first: usize, width: usize) -> Vec<String> {
    let pieces = pieces.iter().flat_map(|piece| {
        if length(piece) <= width {
            vec![piece.as_str()]
        } else {
            piece.split_whitespace().collect()
        }
    });
    fill(pieces, first, width)
}

fn fill<'a>(pieces: impl Iterator<Item = &'a str>, first: usize, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in pieces {
        let width = if lines.is_empty() { first } else { width };
        let fits = length(&line) + 1 + length(piece) <= width;
        if !line.is_empty() && !fits {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(piece);
    }
    lines.push(line);
    lines
}

/// How many columns a text takes; what is printed here is one a character.
pub(super) fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_between_words() {
        for (text, width, expected) in [
            ("", 5, vec![""]),
            ("one two three", 7, vec!["one two", "three"]),
            ("one two three", 13, vec!["one two three"]),
            ("unbreakable is long", 5, vec!["unbreakable", "is", "long"]),
            ("café très bon", 9, vec!["café très", "bon"]),
        ] {
            assert_eq!(wrap(text, width), expected, "{text}");
        }
    }

    #[test]
    fn colour_is_only_where_it_is_wanted() {
        assert_eq!(Style::plain().paint(Tone::Bad, "no"), "no");
        assert_eq!(
            Style::coloured().paint(Tone::Bad, "no"),
            "\u{1b}[31mno\u{1b}[0m"
        );
        assert_eq!(Style::coloured().paint(Tone::Plain, "text"), "text");
    }

    #[test]
    fn a_width_stays_readable() {
        let plain = Style::plain();
        assert_eq!(
            [10, 70, 300].map(|columns| plain.within(columns).width),
            [48, 70, 92]
        );
    }
}
