//! Tokens: words in one form, numbers as figures.

use super::lexicon::{canonical, is_unit_marker};
use super::numeral::numeral;
use super::piece::{Piece, pieces};
use crate::street::state;

/// A word, a number, or what separates them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::rentals) enum Token {
    /// In lower case and in its one form, see [`canonical`].
    Word(String),
    /// One number in figures, perhaps with a decimal point.
    Number(String),
    /// "fifth", as "5".
    Ordinal(String),
    /// "and a half".
    Half,
    /// `#`, `$` or `+`.
    Sign(char),
    /// Between figures: "1200-1500".
    Dash,
    /// A comma, or something that was left out.
    Break,
}

impl Token {
    pub(in crate::rentals) fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(in crate::rentals) fn number(&self) -> Option<&str> {
        match self {
            Self::Number(figures) => Some(figures),
            _ => None,
        }
    }
}

/// A text as tokens.
pub(in crate::rentals) fn tokens(text: &str) -> Vec<Token> {
    let pieces = pieces(text);
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        let rest = pieces.get(at..).unwrap_or_default();
        let (length, token) = half(rest)
            .or_else(|| decimal(rest, &tokens))
            .or_else(|| zero(rest, &tokens))
            .or_else(|| the_one(rest, &tokens))
            .or_else(|| numeral(rest))
            .or_else(|| direction(rest))
            .or_else(|| state_code(rest, &tokens))
            .unwrap_or_else(|| (1, plain(piece)));
        tokens.push(token);
        at += length.max(1);
    }
    tokens
}

fn plain(piece: &Piece) -> Token {
    match piece {
        Piece::Letters(word, _) => Token::Word(canonical(word)),
        Piece::Figures(figures) => Token::Number(figures.clone()),
        Piece::Ordinal(figures) => Token::Ordinal(figures.clone()),
        Piece::Sign(sign) => Token::Sign(*sign),
        Piece::Dash => Token::Dash,
        Piece::Break => Token::Break,
    }
}

fn letters(piece: Option<&Piece>) -> Option<&str> {
    match piece? {
        Piece::Letters(word, _) => Some(word),
        _ => None,
    }
}

/// "half", "and a half".
fn half(pieces: &[Piece]) -> Option<(usize, Token)> {
    let words = [0, 1, 2].map(|at| letters(pieces.get(at)));
    match words {
        [Some("and"), Some("a"), Some("half")] => Some((3, Token::Half)),
        [Some("and"), Some("half"), _] => Some((2, Token::Half)),
        [Some("half"), ..] => Some((1, Token::Half)),
        _ => None,
    }
}

/// "one point five".
fn decimal(pieces: &[Piece], before: &[Token]) -> Option<(usize, Token)> {
    before.last()?.number()?;
    let is_point = letters(pieces.first()) == Some("point");
    let (_, tenths) = numeral(pieces.get(1..)?).filter(|_| is_point)?;
    (tenths.number() == Some("5")).then_some((2, Token::Half))
}

/// "oh" between two numbers: "one oh five".
fn zero(pieces: &[Piece], before: &[Token]) -> Option<(usize, Token)> {
    before.last()?.number()?;
    let is_zero = matches!(letters(pieces.first()), Some("oh" | "o" | "nought"));
    let next = pieces.get(1..)?;
    let goes_on = numeral(next).is_some()
        || matches!(next.first(), Some(Piece::Figures(_)))
        || matches!(letters(next.first()), Some("oh" | "o"));
    (is_zero && goes_on).then(|| (1, Token::Number("0".to_owned())))
}

/// "the one at", "the maple one in", "the one": not a number.
fn the_one(pieces: &[Piece], before: &[Token]) -> Option<(usize, Token)> {
    let previous = before.last()?.word()?;
    if letters(pieces.first()) != Some("one") || is_unit_marker(previous) {
        return None;
    }
    let stands_for_it = match pieces.get(1) {
        None | Some(Piece::Break) => {
            let is_definite = |token: &Token| matches!(token.word(), Some("the" | "that" | "this"));
            let is_numbered = before.iter().any(|token| token.number().is_some());
            before.iter().any(is_definite) && !is_numbered
        }
        next => letters(next).is_some_and(|next| BEHIND_THE_ONE.contains(&next)),
    };
    stands_for_it.then(|| (1, Token::Word("one".to_owned())))
}

const BEHIND_THE_ONE: &[&str] = &[
    "at", "on", "in", "with", "near", "by", "off", "over", "that", "which", "for", "you", "i",
    "is", "we", "from", "listed", "please",
];

/// "TX" in capitals, at the end or in front of a postal code.
fn state_code(pieces: &[Piece], before: &[Token]) -> Option<(usize, Token)> {
    let Some(Piece::Letters(code, true)) = pieces.first() else {
        return None;
    };
    before.last()?;
    let at_the_end = matches!(pieces.get(1), None | Some(Piece::Break | Piece::Figures(_)));
    // "CT" and "NE" are more often a court and a direction.
    let is_street_word = canonical(code) != *code;
    let name = state(&code.to_uppercase()).filter(|_| at_the_end && !is_street_word)?;
    Some((1, Token::Word(name.to_lowercase().replace(' ', ""))))
}

/// "north west" is one direction.
fn direction(pieces: &[Piece]) -> Option<(usize, Token)> {
    let pair = (
        letters(pieces.first()).map(canonical),
        letters(pieces.get(1)).map(canonical),
    );
    match (pair.0.as_deref(), pair.1.as_deref()) {
        (Some(first @ ("north" | "south")), Some(second @ ("east" | "west"))) => {
            Some((2, Token::Word(format!("{first}{second}"))))
        }
        _ => None,
    }
}
