//! Text to tokens: known words, numbers, marks, and machine-written timestamps.
//!
//! Words that mean nothing here ("um", "please", "works for me") are passed over.
//! Words that change the sense in ways that are not followed ("not", "except")
//! become [`Word::Unusable`], which no reader takes.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};

use super::Hours;
use super::holiday::Holiday;
use super::number::{self, Number};
use super::piece::{self, Piece};
use super::spelling::Guess;
use super::{lexicon, spelling};

/// No one says more than this about a time; the bound keeps the work small.
const LONGEST_TEXT: usize = 300;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token {
    Word(Word),
    Number(Number),
    Machine(Machine),
    Colon,
    Slash,
    Dash,
    Dot,
}

/// ISO 8601 as a model writes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Machine {
    Date(Date),
    Local(DateTime),
    /// With an offset or `Z`; the local time as written is kept.
    Instant(Timestamp, DateTime),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Weekday(Weekday),
    /// Monday to Friday.
    Weekdays,
    Weekend,
    Month(i8),
    Holiday(Holiday),
    /// Days from today: "tomorrow" is 1.
    Offset(i8),
    Unit(Unit),
    Part(Hours),
    Noon,
    Midnight,
    Half,
    Quarter,
    Past,
    Am,
    Pm,
    OClock,
    /// "3ish".
    Ish,
    Now,
    /// No wish is a wish: "any time", "as soon as possible".
    Anything,
    This,
    Next,
    Last,
    /// The start, middle and end of a week or month.
    Start,
    Middle,
    End,
    Early,
    Late,
    At,
    In,
    Of,
    Within,
    Ago,
    After,
    Before,
    By,
    Until,
    From,
    To,
    Around,
    Between,
    And,
    Or,
    OrLater,
    OrEarlier,
    Unusable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// The tokens of `text`, or `None` if it is too long to be about a time.
pub(super) fn tokens(text: &str) -> Option<Vec<Token>> {
    (text.chars().count() <= LONGEST_TEXT).then(|| recognise(&piece::pieces(text)))
}

fn recognise(pieces: &[Piece]) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut definite = false;
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        at += 1;
        let mut number = None;
        match piece {
            Piece::Mark(token) => tokens.push(*token),
            Piece::Machine(machine) => tokens.push(Token::Machine(*machine)),
            Piece::Number(figures) => number = Some(*figures),
            Piece::Text(word) if word == "the" => {
                definite = true;
                continue;
            }
            Piece::Text(word) => {
                let words = words_from(pieces, at - 1);
                if let Some((taken, known)) = lexicon::lookup(&words) {
                    at += taken - 1;
                    extend(&mut tokens, known);
                } else if let Some((taken, spelled)) = number::spelled(&words) {
                    at += taken - 1;
                    number = Some(spelled);
                } else if let Some(minute) = oh_minute(&tokens, &words) {
                    at += 1;
                    number = Some(minute);
                } else {
                    extend(&mut tokens, guessed(word));
                }
            }
        }
        if let Some(number) = number {
            tokens.push(Token::Number(Number { definite, ..number }));
        }
        definite = false;
    }
    tokens
}

/// The run of words at `start`; "the" inside it would only break up set phrases.
fn words_from(pieces: &[Piece], start: usize) -> Vec<&str> {
    pieces
        .iter()
        .skip(start)
        .map_while(|piece| match piece {
            Piece::Text(word) => Some(word.as_str()),
            _ => None,
        })
        .take(lexicon::LONGEST_PHRASE)
        .collect()
}

fn extend(tokens: &mut Vec<Token>, known: &[Token]) {
    for token in known {
        // "I am free": without a number before it, this is no time of day.
        let half = matches!(token, Token::Word(Word::Am | Word::Pm | Word::OClock));
        if half && !matches!(tokens.last(), Some(Token::Number(_))) {
            continue;
        }
        tokens.push(*token);
    }
}

fn guessed(word: &str) -> &'static [Token] {
    match spelling::guess(word) {
        Guess::Name(name) => lexicon::lookup(&[name]).map_or(&[], |(_, known)| known),
        Guess::Torn => &[Token::Word(Word::Unusable)],
        Guess::Nothing => &[],
    }
}

/// "Three oh five".
fn oh_minute(tokens: &[Token], words: &[&str]) -> Option<Number> {
    let oh = matches!(words.first(), Some(&("oh" | "o")));
    let after_number = matches!(tokens.last(), Some(Token::Number(_)));
    let (_, unit) = number::spelled(words.get(1..2)?)?;
    (oh && after_number && (1..=9).contains(&unit.value)).then_some(Number {
        figures: 2,
        padded: true,
        ..unit
    })
}
