//! Spoken numbers: "fourteen", "twelve hundred", "one thousand four hundred fifty".

use super::piece::Piece;
use super::token::Token;
use crate::numerals::small;

/// A value, whether it is an ordinal, and how many pieces it took.
struct Value {
    amount: u32,
    ordinal: bool,
    taken: usize,
}

/// Reads one number from the front. What is said in pairs, such as "fourteen fifty", is
/// two of them, since only its place tells whether it is one.
pub(super) fn numeral(pieces: &[Piece]) -> Option<(usize, Token)> {
    if let [Piece::Letters(word, _), Piece::Letters(digit, _), ..] = pieces
        && let Some(times) = repeat(word)
        && let Some((value @ 0..=9, false)) = small(digit)
    {
        return Some((2, Token::Number(value.to_string().repeat(times))));
    }
    let value = counted(pieces)?;
    let text = value.amount.to_string();
    let token = if value.ordinal {
        Token::Ordinal(text)
    } else {
        Token::Number(text)
    };
    Some((value.taken, token))
}

fn repeat(word: &str) -> Option<usize> {
    match word {
        "double" => Some(2),
        "triple" => Some(3),
        _ => None,
    }
}

fn counted(pieces: &[Piece]) -> Option<Value> {
    let first = below_hundred(pieces).or_else(|| figures_before_scale(pieces))?;
    if first.ordinal {
        return Some(first);
    }
    let (mut total, mut part) = (0_u32, first);
    if scale_at(pieces, part.taken) == Some(1000) {
        total = part.amount.checked_mul(1000)?;
        part = behind(pieces, part.taken + 1);
    }
    if !part.ordinal && scale_at(pieces, part.taken) == Some(100) && part.amount > 0 {
        total = total.checked_add(part.amount.checked_mul(100)?)?;
        let is_last = word(pieces, part.taken) == Some("hundredth");
        part = behind(pieces, part.taken + 1);
        part.ordinal |= is_last;
    }
    Some(Value {
        amount: total.checked_add(part.amount)?,
        ..part
    })
}

/// What is added behind a scale; nothing is zero. After "and", what has a scale of its
/// own is another number: "between a thousand and fifteen hundred".
fn behind(pieces: &[Piece], at: usize) -> Value {
    let nothing = Value {
        amount: 0,
        ordinal: false,
        taken: at,
    };
    let has_and = word(pieces, at) == Some("and");
    let from = at + usize::from(has_and);
    match pieces.get(from..).and_then(below_hundred) {
        Some(rest) if !has_and || scale_at(pieces, from + rest.taken).is_none() => Value {
            taken: from + rest.taken,
            ..rest
        },
        _ => nothing,
    }
}

/// "twenty two", "fifth"; also "a" in front of "hundred".
fn below_hundred(pieces: &[Piece]) -> Option<Value> {
    let first = word(pieces, 0)?;
    if first == "a" && scale_at(pieces, 1).is_some() {
        return Some(Value {
            amount: 1,
            ordinal: false,
            taken: 1,
        });
    }
    let (value, ordinal) = small(first)?;
    let unit = word(pieces, 1)
        .and_then(small)
        .filter(|(unit, _)| !ordinal && value >= 20 && (1..=9).contains(unit));
    Some(match unit {
        Some((unit, ordinal)) => Value {
            amount: value + unit,
            ordinal,
            taken: 2,
        },
        None => Value {
            amount: value,
            ordinal,
            taken: 1,
        },
    })
}

/// "15 hundred".
fn figures_before_scale(pieces: &[Piece]) -> Option<Value> {
    let Some(Piece::Figures(figures)) = pieces.first() else {
        return None;
    };
    scale_at(pieces, 1)?;
    let value = figures.parse().ok().filter(|&value| value < 100)?;
    Some(Value {
        amount: value,
        ordinal: false,
        taken: 1,
    })
}

fn scale_at(pieces: &[Piece], at: usize) -> Option<u32> {
    match word(pieces, at)? {
        "hundred" | "hundredth" => Some(100),
        // Thousand Oaks is a place.
        "thousand" if word(pieces, at + 1) != Some("oaks") => Some(1000),
        _ => None,
    }
}

fn word(pieces: &[Piece], at: usize) -> Option<&str> {
    match pieces.get(at)? {
        Piece::Letters(word, _) => Some(word),
        _ => None,
    }
}
