//! Text about properties as tokens: what callers say, what a language model makes of
//! it, and what listings have written.
//!
//! Number words become figures, abbreviations and full words become one form, so that
//! "14 Mill Ln." and "fourteen mill lane" are the same tokens. Text may be hostile; it
//! costs time in proportion to its first few hundred characters.

mod lexicon;
mod numeral;
mod piece;
mod token;

pub(super) use lexicon::{FILLERS, is_direction, is_kind, is_unit_marker, is_unit_word};
pub(super) use token::{Token, tokens};
