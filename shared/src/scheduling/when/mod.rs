//! What a caller asked for: the days and hours behind "next Tuesday after three".
//!
//! [`resolve()`] reads the free text of the tool arguments `date`, `part_of_day`,
//! `after` and `before`, as a caller said it or a language model wrote it, against
//! the property's local time. It is pure, never panics, and keeps one rule: a day is
//! never guessed or moved. What has two readings is returned as two, what has passed
//! is returned with a proposal, and what is not understood is said to be so.
//!
//! Text becomes tokens (`piece`, `token`, `lexicon`), tokens become atoms (`atom`) by
//! small readers, atoms become alternatives (`phrase`), and alternatives become
//! days and hours (`candidate`). It neither knows opening hours nor looks for slots.

mod alternative;
mod atom;
mod bound;
mod candidate;
mod clock;
mod cursor;
mod date;
mod day;
mod holiday;
mod hours;
mod lexicon;
mod meaning;
mod number;
mod period;
mod phrase;
mod piece;
mod present;
mod relative;
mod resolve;
mod sharing;
mod spelling;
mod token;

#[cfg(test)]
mod tests;

pub use hours::Hours;
pub use meaning::{Ask, Days, Meaning};
pub use resolve::resolve;
