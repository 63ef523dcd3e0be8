//! Spoken numbers: "fourteen", "twelve hundred", "one thousand four hundred fifty".

use super::piece::Piece;
use super::token::Token;
use crate::numerals::small;

/// A value, whether it is an ordinal, and how many pieces it took.
struct Value {
    value: u32,
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
    let text = value.value.to_string();
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
    let mut total = 0_u32;
    let mut part = first.value;
    let mut taken = first.taken;
    let mut ordinal = false;
    if scale_at(pieces, taken) == Some(1000) {
        total = part.checked_mul(1000)?;
        taken += 1;
        match after_and(pieces, taken).and_then(|at| Some((at, below_hundred(pieces.get(at..)?)?)))
        {
            Some((at, rest)) => {
                part = rest.value;
                ordinal = rest.ordinal;
                taken = at + rest.taken;
            }
            None => part = 0,
        }
    }
    if !ordinal && scale_at(pieces, taken) == Some(100) {
        total = total.checked_add(part.checked_mul(100)?)?;
        part = 0;
        taken += 1;
        if let Some(at) = after_and(pieces, taken)
            && let Some(rest) = pieces.get(at..).and_then(below_hundred)
        {
            part = rest.value;
            ordinal = rest.ordinal;
            taken = at + rest.taken;
        } else if word(pieces, taken - 1) == Some("hundredth") {
            ordinal = true;
        }
    }
    Some(Value {
        value: total.checked_add(part)?,
        ordinal,
        taken,
    })
}

/// "twenty two", "fifth"; also "a" in front of "hundred".
fn below_hundred(pieces: &[Piece]) -> Option<Value> {
    let first = word(pieces, 0)?;
    if first == "a" && scale_at(pieces, 1).is_some() {
        return Some(Value {
            value: 1,
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
            value: value + unit,
            ordinal,
            taken: 2,
        },
        None => Value {
            value,
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
        value,
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

/// Behind "and", if it is there: "one hundred and five".
fn after_and(pieces: &[Piece], at: usize) -> Option<usize> {
    match pieces.get(at)? {
        Piece::Letters(word, _) if word == "and" => Some(at + 1),
        _ => Some(at),
    }
}

fn word(pieces: &[Piece], at: usize) -> Option<&str> {
    match pieces.get(at)? {
        Piece::Letters(word, _) => Some(word),
        _ => None,
    }
}
