//! Single values as people write them: "$1,450/mo", "2BR/1.5BA", "July 15", "1,100 sq
//! ft". What has one reading is read; anything else is refused with what it would have
//! to be, and never guessed.

mod amount;
mod date;
mod rooms;
mod token;

pub(super) use amount::{price, square_feet};
pub(super) use date::available_date;
pub(super) use rooms::{bathrooms, bedrooms, rooms};

/// What a value would have to be, to be read after the name of its field.
pub(super) type Problem = &'static str;

/// Whether a cell says that there is nothing to say.
pub(super) fn is_blank(text: &str) -> bool {
    const WORDS: [&str; 15] = [
        "",
        "?",
        "n/a",
        "na",
        "null",
        "none",
        "nil",
        "tbd",
        "tba",
        "unknown",
        "call",
        "call for price",
        "call for details",
        "contact us",
        "not specified",
    ];
    let text = text.trim_matches(|c: char| c.is_whitespace() || "-\u{2013}\u{2014}.".contains(c));
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}
