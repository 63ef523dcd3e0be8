//! A written address in its parts.

use crate::rentals::wording::{Token, is_direction, is_kind, is_unit_marker, is_unit_word, tokens};

/// What "9 1/2" has behind its number.
pub(super) const HALF: &str = "half";

/// How many words of a street or a place are kept.
const WORD_LIMIT: usize = 12;

/// The parts that callers name. Everything is in the one form of
/// [`wording`](crate::rentals::wording).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Address {
    /// The house number; for "14-16" also its parts and the whole.
    pub(super) numbers: Vec<String>,
    /// "2b", "3 2" for the second of the third building.
    pub(super) unit: Option<String>,
    /// The words of the street's name, without its kind.
    pub(super) street: Vec<String>,
    pub(super) kind: Option<String>,
    pub(super) direction: Option<String>,
    /// City, state, postal code.
    pub(super) place: Vec<String>,
}

impl Address {
    pub(super) fn parse(text: &str) -> Self {
        let tokens = tokens(text);
        let mut reader = Reader {
            tokens: &tokens,
            at: 0,
            part: 0,
            kind_at: None,
            address: Self::default(),
        };
        while reader.at < tokens.len() {
            reader.step();
        }
        let mut address = reader.address;
        if address.street.is_empty()
            && let Some(direction) = address.direction.take()
        {
            address.street.push(direction);
        }
        address
    }

    /// The number by which the house is known and sorted.
    pub(super) fn number(&self) -> Option<&str> {
        self.numbers.first().map(String::as_str)
    }
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    /// How many commas came before.
    part: usize,
    kind_at: Option<usize>,
    address: Address,
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    /// Whether the street has been named in full.
    fn has_street(&self) -> bool {
        !self.address.street.is_empty() && (self.part > 0 || self.kind_at.is_some())
    }

    fn step(&mut self) {
        let Some(token) = self.tokens.get(self.at) else {
            return;
        };
        let read = match token {
            Token::Word(word) => self.word(word),
            Token::Number(figures) => self.number(figures),
            Token::Ordinal(figures) => self.ordinal(figures),
            Token::Sign('#') => self.unit_at(1).unwrap_or(1),
            Token::Half => {
                for number in &mut self.address.numbers {
                    number.push_str(HALF);
                }
                1
            }
            Token::Break => {
                self.part += 1;
                1
            }
            Token::Sign(_) | Token::Dash => 1,
        };
        self.at += read.max(1);
    }

    fn word(&mut self, word: &str) -> usize {
        let before_kind = self.peek(1).and_then(Token::word).is_some_and(is_kind);
        let is_letter = word.chars().count() == 1;
        let after_number = !self.address.numbers.is_empty() && self.address.street.is_empty();
        let marks_unit =
            is_unit_marker(word) && (self.has_street() || self.address.street.is_empty());
        if marks_unit && let Some(taken) = self.unit_at(1) {
            return taken;
        }
        let may_be_unit = is_letter && after_number && !before_kind;
        if may_be_unit || (self.has_street() && (is_letter || is_unit_word(word))) {
            self.add_unit(word);
        } else if is_direction(word) && self.address.direction.is_none() {
            self.address.direction = Some(word.to_owned());
        } else if is_kind(word) && self.names_by_direction() {
            // "N Street".
            self.address.street.extend(self.address.direction.take());
            self.address.kind = Some(word.to_owned());
            self.kind_at = Some(self.at);
        } else if is_kind(word) && !self.address.street.is_empty() && self.part_of_street() {
            // In "Oak Ridge Drive", the ridge belongs to the name.
            if let Some(earlier) = self.address.kind.replace(word.to_owned()) {
                self.address.street.push(earlier);
            }
            self.kind_at = Some(self.at);
        } else if !matches!(word, "the" | "of" | "and" | "on" | "at" | "in") {
            self.name(word.to_owned());
        }
        1
    }

    /// Whether a kind ends a street that has nothing but a direction for its name.
    fn names_by_direction(&self) -> bool {
        let goes_on = matches!(self.peek(1), Some(Token::Word(_) | Token::Ordinal(_)));
        self.address.street.is_empty() && self.address.direction.is_some() && !goes_on
    }

    /// Whether a kind can still belong to the street: none was there, or only the one
    /// just before.
    fn part_of_street(&self) -> bool {
        match self.kind_at {
            None => self.part == 0 || self.address.place.is_empty(),
            Some(at) => at + 1 == self.at,
        }
    }

    fn name(&mut self, word: String) {
        let words = if self.has_street() {
            &mut self.address.place
        } else {
            &mut self.address.street
        };
        if words.len() < WORD_LIMIT {
            words.push(word);
        }
    }

    fn number(&mut self, figures: &str) -> usize {
        let behind_kind = self.address.street.last().is_some_and(|word| is_kind(word));
        if self.address.numbers.is_empty() && (self.address.street.is_empty() || self.part > 0) {
            // What stood in front of it was the name of a building.
            let name = std::mem::take(&mut self.address.street);
            self.address.place.extend(name);
            self.kind_at = None;
            self.address.kind = None;
            return self.house_number(figures);
        }
        if self.kind_at.is_none() && self.part == 0 && behind_kind && self.address.street.len() == 1
        {
            // "Highway 71".
            self.address.street.push(figures.to_owned());
        } else if self.address.street.is_empty() {
            // "1450 71 Highway": hardly ever, but a name.
            self.address.street.push(figures.to_owned());
        } else if figures.len() >= 5 && self.part > 0 {
            self.address.place.push(figures.to_owned());
        } else if self.has_street() {
            return self.unit_at(0).unwrap_or(1);
        }
        1
    }

    fn house_number(&mut self, first: &str) -> usize {
        let mut numbers = vec![first.to_owned()];
        let mut taken = 1;
        match (self.peek(1), self.peek(2)) {
            (Some(Token::Dash), Some(Token::Number(second))) => {
                numbers.push(format!("{first}{second}"));
                let value = |text: &str| text.parse::<u32>().ok();
                if let (Some(from), Some(to)) = (value(first), value(second))
                    && (from..from.saturating_add(20)).contains(&to)
                {
                    numbers.push(second.clone());
                }
                taken = 3;
            }
            // "Fourteen Fifty Main Street", spelled out.
            (Some(Token::Number(second)), _) => {
                numbers = vec![format!("{first}{second}")];
                taken = 2;
            }
            _ => {}
        }
        self.address.numbers = numbers;
        taken
    }

    fn ordinal(&mut self, figures: &str) -> usize {
        if matches!(self.peek(1).and_then(Token::word), Some("floor" | "fl")) {
            self.add_unit(figures);
            return 2;
        }
        self.name(format!("{figures}th"));
        1
    }

    /// Reads the id of a unit so far ahead; answers how much was taken with it.
    fn unit_at(&mut self, ahead: usize) -> Option<usize> {
        let (id, taken) = unit_id(self.tokens.get(self.at + ahead..)?)?;
        self.add_unit(&id);
        Some(ahead + taken)
    }

    fn add_unit(&mut self, id: &str) {
        match &mut self.address.unit {
            // "Building 3, Apartment 2".
            Some(unit) if unit.len() < 16 => {
                unit.push(' ');
                unit.push_str(id);
            }
            Some(_) => {}
            none => *none = Some(id.to_owned()),
        }
    }
}

/// "2B", "2 b", "B2", "12", "PH": an id and how many tokens it took.
fn unit_id(tokens: &[Token]) -> Option<(String, usize)> {
    let tokens = match tokens {
        [Token::Sign('#'), rest @ ..] => return unit_id(rest).map(|(id, taken)| (id, taken + 1)),
        _ => tokens,
    };
    let letters = |token: Option<&Token>| {
        let word = token.and_then(Token::word)?;
        let is_id = word.chars().count() == 1 || word == "ph" || is_unit_word(word);
        is_id.then(|| word.to_owned())
    };
    if let Some(Token::Number(figures) | Token::Ordinal(figures)) = tokens.first() {
        let letter = letters(tokens.get(1)).filter(|word| word.len() == 1);
        return Some(match letter {
            Some(letter) => (format!("{figures}{letter}"), 2),
            None => (figures.clone(), 1),
        });
    }
    let word = letter_of_direction(tokens.first()).or_else(|| letters(tokens.first()))?;
    let word = if word == "ph" {
        "penthouse".to_owned()
    } else {
        word
    };
    match tokens.get(1) {
        Some(Token::Number(figures)) if word.len() == 1 => Some((format!("{word}{figures}"), 2)),
        _ => Some((word, 1)),
    }
}

/// In an id, "N" is a letter.
fn letter_of_direction(token: Option<&Token>) -> Option<String> {
    let letter = match token.and_then(Token::word)? {
        "north" => "n",
        "south" => "s",
        "east" => "e",
        "west" => "w",
        _ => return None,
    };
    Some(letter.to_owned())
}
