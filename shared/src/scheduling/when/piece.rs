//! Text cut where letters, figures and marks meet, and cleared of what only pauses.

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::lexicon;
use super::number::{self, Number};
use super::token::{Machine, Token};

/// What is written between spaces, cut where letters, figures and marks meet.
pub(super) enum Piece {
    Text(String),
    Number(Number),
    Machine(Machine),
    Mark(Token),
}

pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let text = plain(text);
    let chunks: Vec<&str> = text.split_whitespace().collect();
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(chunk) = chunks.get(at) {
        at += 1;
        // A timestamp written with a space: only an offset tells it from a date and
        // an ordinary time.
        let spaced = chunks.get(at).map(|time| format!("{chunk}T{time}"));
        if let Some(instant @ Machine::Instant(..)) = spaced.as_deref().and_then(machine) {
            at += 1;
            pieces.push(Piece::Machine(instant));
        } else if let Some(written) = machine(chunk) {
            pieces.push(Piece::Machine(written));
        } else if let Some((from, until)) = machine_range(chunk) {
            pieces.push(Piece::Machine(from));
            pieces.push(Piece::Mark(Token::Dash));
            pieces.push(Piece::Machine(until));
        } else {
            cut(chunk, &mut pieces);
        }
    }
    without_the_inside_phrases(pieces)
}

/// Lower case, one kind of dash, no apostrophes, and no punctuation that only pauses.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().flat_map(char::to_lowercase).peekable();
    let mut previous = ' ';
    while let Some(character) = characters.next() {
        match character {
            '\'' | '’' | '‘' | '`' => {}
            '–' | '—' | '−' | '‐' | '‑' => plain.push('-'),
            '@' => plain.push_str(" at "),
            '&' => plain.push_str(" and "),
            '~' => plain.push_str(" around "),
            // "p.m." is one word; "2.30" and "12.1.2026" keep their dots.
            '.' if previous.is_alphabetic() => {
                let initials = characters.peek().is_some_and(|next| next.is_alphabetic());
                plain.push_str(if initials { "" } else { " " });
            }
            '.' if characters.peek().is_some_and(char::is_ascii_digit) => plain.push('.'),
            _ if character.is_alphanumeric() || matches!(character, '-' | '/' | ':' | '+') => {
                plain.push(character);
            }
            _ => plain.push(' '),
        }
        previous = character;
    }
    plain
}

fn machine(chunk: &str) -> Option<Machine> {
    let starts_with_year = chunk.chars().take_while(char::is_ascii_digit).count() >= 4;
    if chunk.len() < 8 || !starts_with_year {
        return None;
    }
    let chunk = chunk.to_uppercase();
    if !chunk.contains('T') {
        return chunk.parse().ok().map(Machine::Date);
    }
    let written: DateTime = chunk.trim_end_matches('Z').parse().ok()?;
    Some(match chunk.parse::<Timestamp>() {
        Ok(instant) => Machine::Instant(instant, written),
        Err(_) => Machine::Local(written),
    })
}

fn machine_range(chunk: &str) -> Option<(Machine, Machine)> {
    let (from, until) = chunk.split_once('/').or_else(|| chunk.split_once("--"))?;
    Some((machine(from)?, machine(until)?))
}

fn cut(chunk: &str, pieces: &mut Vec<Piece>) {
    let mut characters = chunk.chars().peekable();
    while let Some(character) = characters.next() {
        let mut run = String::from(character);
        if character.is_ascii_digit() {
            while let Some(figure) = characters.next_if(char::is_ascii_digit) {
                run.push(figure);
            }
            let mut letters = String::new();
            while let Some(letter) = characters.next_if(|next| next.is_alphabetic()) {
                letters.push(letter);
            }
            let ordinal = matches!(letters.as_str(), "st" | "nd" | "rd" | "th");
            pieces.push(Piece::Number(Number::figures(&run, ordinal)));
            if !ordinal && !letters.is_empty() {
                pieces.push(Piece::Text(letters));
            }
        } else if character.is_alphabetic() {
            while let Some(letter) = characters.next_if(|next| next.is_alphabetic()) {
                run.push(letter);
            }
            pieces.push(Piece::Text(run));
        } else {
            match character {
                ':' => pieces.push(Piece::Mark(Token::Colon)),
                '/' => pieces.push(Piece::Mark(Token::Slash)),
                '.' => pieces.push(Piece::Mark(Token::Dot)),
                '-' => pieces.push(Piece::Mark(Token::Dash)),
                _ => {}
            }
        }
    }
}

/// "The" goes unless a number follows, and so does a hyphen inside words, unless it
/// stands for "to" between two names.
fn without_the_inside_phrases(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut kept: Vec<Piece> = Vec::with_capacity(pieces.len());
    let mut rest = pieces.into_iter().peekable();
    while let Some(piece) = rest.next() {
        let drop = match (&piece, kept.last(), rest.peek()) {
            (Piece::Text(word), _, Some(Piece::Number(_))) if word == "the" => false,
            (Piece::Text(word), _, Some(Piece::Text(next))) if word == "the" => {
                number::spelled(&[next.as_str()]).is_none()
            }
            (Piece::Text(word), _, _) => word == "the",
            (Piece::Mark(Token::Dash), Some(Piece::Text(left)), Some(Piece::Text(right))) => {
                number::is_tens(left)
                    || !(lexicon::is_date_name(left) && lexicon::is_date_name(right))
            }
            _ => false,
        };
        if !drop {
            kept.push(piece);
        }
    }
    kept
}
