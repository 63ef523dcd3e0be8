//! Numbers in figures and in words, with what their writing tells about their sense.

use crate::numerals::small;

/// A whole number and how it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) value: u32,
    /// How many figures; 0 if spelled out.
    pub(super) figures: usize,
    /// "07": a clock or date as a machine writes it.
    pub(super) padded: bool,
    /// "3rd", "third".
    pub(super) ordinal: bool,
    /// Preceded by "the", as a day of the month is.
    pub(super) definite: bool,
}

impl Number {
    pub(super) const fn spelled(value: u32) -> Self {
        Self {
            value,
            figures: 0,
            padded: false,
            ordinal: false,
            definite: false,
        }
    }

    /// From ASCII figures. One too long to mean anything here becomes a number that
    /// no reader takes.
    pub(super) fn figures(figures: &str, ordinal: bool) -> Self {
        Self {
            value: figures.parse().unwrap_or(u32::MAX),
            figures: figures.len(),
            padded: figures.len() == 2 && figures.starts_with('0'),
            ordinal,
            definite: false,
        }
    }

    /// A minute after a spoken hour: "fifteen", "05".
    pub(super) fn as_spoken_minute(self) -> Option<u16> {
        let two_places = self.figures == 2 || (self.figures == 0 && self.value >= 10);
        let fits = two_places && self.value < 60 && !self.ordinal;
        u16::try_from(self.value).ok().filter(|_| fits)
    }

    pub(super) fn as_day(self) -> Option<i8> {
        i8::try_from(self.value)
            .ok()
            .filter(|day| (1..=31).contains(day))
    }

    pub(super) fn as_month(self) -> Option<i8> {
        i8::try_from(self.value)
            .ok()
            .filter(|month| (1..=12).contains(month))
    }
}

/// Reads a spelled number from the front of `words`, and how many of them it took.
pub(super) fn spelled(words: &[&str]) -> Option<(usize, Number)> {
    let (value, ordinal) = small(words.first()?)?;
    let next = words.get(1).copied();
    if !ordinal && next == Some("thousand") {
        let rest_at = if words.get(2) == Some(&"and") { 3 } else { 2 };
        let rest = words.get(rest_at..).and_then(below_hundred);
        return Some(match rest {
            Some((taken, rest)) => (
                rest_at + taken,
                Number {
                    value: value * 1000 + rest.value,
                    ..rest
                },
            ),
            None => (2, Number::spelled(value * 1000)),
        });
    }
    below_hundred(words)
}

fn below_hundred(words: &[&str]) -> Option<(usize, Number)> {
    let (value, ordinal) = small(words.first()?)?;
    let tens = !ordinal && value >= 20;
    let unit = words
        .get(1)
        .and_then(|word| small(word))
        .filter(|(unit, _)| tens && (1..=9).contains(unit));
    let (taken, value, ordinal) = match unit {
        Some((unit, ordinal)) => (2, value + unit, ordinal),
        None => (1, value, ordinal),
    };
    let number = Number {
        ordinal,
        ..Number::spelled(value)
    };
    Some((taken, number))
}

/// Whether a hyphen after `word` joins it to a unit: "twenty-first".
pub(super) fn is_tens(word: &str) -> bool {
    small(word).is_some_and(|(value, ordinal)| value >= 20 && !ordinal)
}
