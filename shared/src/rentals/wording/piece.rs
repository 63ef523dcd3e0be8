//! Text cut where letters, figures and signs meet.

/// How much of a text is looked at, in characters.
const INPUT_LIMIT: usize = 300;

/// How many pieces are taken of it.
const PIECE_LIMIT: usize = 80;

/// The longest piece that means anything, in characters.
const LONGEST: usize = 24;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Letters, in lower case, and whether all of them were capitals.
    Letters(String, bool),
    /// Figures, perhaps with a decimal point: "14", "1.5".
    Figures(String),
    /// "5th", as "5".
    Ordinal(String),
    /// `#`, `$` or `+`.
    Sign(char),
    /// A hyphen between figures.
    Dash,
    /// What ends a part of an address: a comma, a line.
    Break,
}

pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let text: String = text.chars().take(INPUT_LIMIT).collect();
    let text = text.replace("1/2", " half ").replace('½', " half ");
    let characters: Vec<char> = text.chars().collect();
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(&c) = characters.get(at) {
        if pieces.len() >= PIECE_LIMIT {
            break;
        }
        let rest = characters.get(at..).unwrap_or_default();
        let taken = if c.is_alphabetic() {
            letters(rest, &mut pieces)
        } else if c.is_ascii_digit() {
            figures(rest, &mut pieces)
        } else {
            pieces.extend(sign(rest, pieces.last()));
            1
        };
        at += taken;
    }
    pieces
}

/// A word; an apostrophe inside it is left out: "Mary's" is "marys", "St." is "st".
fn letters(text: &[char], pieces: &mut Vec<Piece>) -> usize {
    let belongs = |at: usize| {
        let next = text.get(at + 1).is_some_and(|c| c.is_alphabetic());
        text.get(at)
            .is_some_and(|c| c.is_alphabetic() || (matches!(c, '\'' | '’') && next))
    };
    let taken = (0..text.len()).take_while(|&at| belongs(at)).count();
    let word: String = text
        .iter()
        .take(taken)
        .filter(|c| c.is_alphabetic())
        .collect();
    let shouted = word.chars().all(char::is_uppercase);
    let word: String = word.to_lowercase().chars().take(LONGEST).collect();
    pieces.push(Piece::Letters(word, shouted));
    taken.max(1)
}

/// Figures, with the commas of thousands left out: "1,450" is "1450".
fn figures(text: &[char], pieces: &mut Vec<Piece>) -> usize {
    let is_digit = |at: usize| text.get(at).is_some_and(char::is_ascii_digit);
    let mut figures = String::new();
    let mut at = 0;
    let mut has_point = false;
    while let Some(&c) = text.get(at) {
        let groups = c == ',' && (1..=3).all(|ahead| is_digit(at + ahead)) && !is_digit(at + 4);
        if c.is_ascii_digit() {
            figures.push(c);
        } else if c == '.' && is_digit(at + 1) && !has_point {
            has_point = true;
            figures.push(c);
        } else if !groups {
            break;
        }
        at += 1;
    }
    let figures: String = figures.chars().take(LONGEST).collect();
    let ending: String = text
        .iter()
        .skip(at)
        .take(2)
        .flat_map(|c| c.to_lowercase())
        .collect();
    let ends_there = text.get(at + 2).is_none_or(|c| !c.is_alphanumeric());
    if ends_there && matches!(ending.as_str(), "st" | "nd" | "rd" | "th") {
        pieces.push(Piece::Ordinal(figures));
        return at + 2;
    }
    pieces.push(Piece::Figures(figures));
    at
}

fn sign(text: &[char], before: Option<&Piece>) -> Option<Piece> {
    let next_is_digit = text.get(1).is_some_and(char::is_ascii_digit);
    match text.first()? {
        '-' | '–' if next_is_digit && matches!(before, Some(Piece::Figures(_))) => {
            Some(Piece::Dash)
        }
        ',' | ';' | '\n' | '(' | ')' => Some(Piece::Break),
        '&' => Some(Piece::Letters("and".to_owned(), false)),
        &sign @ ('#' | '$' | '+') => Some(Piece::Sign(sign)),
        _ => None,
    }
}
