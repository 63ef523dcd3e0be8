//! What a caller said of a property, in every way in which it can be taken.
//!
//! "Two fourteen Mill Lane" is number 214, or unit two of number fourteen; "Mill Lane
//! two" is a house or a flat. A comparison takes the reading that suits a property best.

use super::address::HALF;
use super::description::{Description, Dwelling};
use crate::rentals::wording::{
    FILLERS, Token, is_direction, is_kind, is_unit_marker, is_unit_word, tokens,
};

/// How many readings are kept.
const READING_LIMIT: usize = 12;

/// How many words of one are compared.
const WORD_LIMIT: usize = 24;

/// One reading.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    pub(super) number: Option<String>,
    /// Before which of the words the number stood.
    pub(super) number_at: usize,
    pub(super) unit: Option<String>,
    pub(super) words: Vec<SaidWord>,
}

/// A word that may belong to a street or a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SaidWord {
    pub(super) text: String,
    pub(super) role: Role,
}

/// What a word must be if no part of an address explains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The kind of a street.
    Kind,
    Direction,
    /// A town, since it stood behind "in" or in a part of its own.
    Place,
    /// Part of a name, or chatter.
    Name,
    /// Nothing: people say it around an address.
    Filler,
}

/// The description and the readings of the rest; none if nothing was said that could
/// tell properties apart.
pub(super) fn readings(text: &str) -> Option<(Description, Vec<Said>)> {
    let (description, tokens) = Description::take_from(&tokens(text));
    let mut readings = Vec::new();
    for tokens in ordinals(tokens) {
        let reader = Reader {
            tokens: &tokens,
            at: 0,
            part: 0,
            street_part: 0,
            after_in: false,
            said: Said::default(),
        };
        reader.read(&mut readings);
    }
    let says_something = |said: &Said| {
        said.number.is_some()
            || said.unit.is_some()
            || said.words.iter().any(|word| word.role != Role::Filler)
    };
    let described = description != Description::default();
    readings.retain(|said| described || says_something(said));
    (!readings.is_empty()).then_some((description, readings))
}

/// "Fourteen fifty fifth" is 14 and 55th, or 1450 and 5th; "twelve hundred fifth" is
/// 1200 and 5th.
fn ordinals(tokens: Vec<Token>) -> Vec<Vec<Token>> {
    let first = tokens
        .iter()
        .enumerate()
        .find_map(|(at, token)| match token {
            Token::Ordinal(figures) => Some((at, figures.parse::<u32>().ok()?)),
            _ => None,
        });
    let Some((at, value)) = first else {
        return vec![tokens];
    };
    let split = |base: u32| {
        let (head, rest) = (value - value % base, value % base);
        let parts = [
            Token::Number(head.to_string()),
            Token::Ordinal(rest.to_string()),
        ];
        (head > 0 && rest > 0).then(|| {
            let mut other = tokens.clone();
            other.splice(at..=at, parts);
            other
        })
    };
    let others = [split(100), split(10)];
    let mut all = vec![tokens.clone()];
    all.extend(others.into_iter().flatten());
    all
}

#[derive(Clone)]
struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    part: usize,
    /// The part in which the street was named.
    street_part: usize,
    after_in: bool,
    said: Said,
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    fn word_at(&self, ahead: usize) -> &str {
        self.peek(ahead).and_then(Token::word).unwrap_or("")
    }

    /// Whether a street was named, so that what follows may be a unit.
    fn has_street(&self) -> bool {
        self.said.words.iter().any(|word| word.role == Role::Name)
    }

    fn read(mut self, readings: &mut Vec<Said>) {
        while let Some(token) = self.tokens.get(self.at) {
            if readings.len() >= READING_LIMIT {
                return;
            }
            match token {
                Token::Number(_) => return self.read_number(readings),
                Token::Ordinal(figures) => self.ordinal(figures),
                Token::Word(word) => {
                    if is_unit_marker(word) && self.unit_follows(1) {
                        return self.read_unit(readings);
                    }
                    self.word(word);
                }
                Token::Sign('#') if self.unit_follows(1) => return self.read_unit(readings),
                Token::Half => {
                    if let Some(number) = &mut self.said.number {
                        number.push_str(HALF);
                    }
                    self.at += 1;
                }
                Token::Break => {
                    self.part += 1;
                    self.at += 1;
                }
                Token::Sign(_) | Token::Dash => self.at += 1,
            }
        }
        readings.push(self.said);
    }

    fn unit_follows(&self, ahead: usize) -> bool {
        match self.peek(ahead) {
            Some(Token::Number(_) | Token::Ordinal(_) | Token::Sign('#')) => true,
            Some(Token::Word(word)) => {
                letter(word).is_some() || is_unit_word(word) || digit_heard(word).is_some()
            }
            _ => false,
        }
    }

    fn word(&mut self, word: &str) {
        let street_named = self.has_street();
        let before_kind = is_kind(self.word_at(1));
        let after_number = self.said.number.is_some() && !street_named;
        if street_named && self.said.unit.is_none() && is_unit_word(word) {
            self.said.unit = Some(word.to_owned());
        } else if word.chars().count() == 1
            && word != "i"
            && !before_kind
            && self.said.unit.is_none()
            && self.said.number_at == self.said.words.len()
            && after_number
            && word != "a"
        {
            // "Fourteen B Mill Lane".
            self.said.unit = Some(word.to_owned());
        } else if word.chars().count() == 1
            && self
                .said
                .words
                .last()
                .is_some_and(|last| last.role == Role::Kind)
            && street_named
            && self.said.unit.is_none()
        {
            // "Mill Lane B".
            self.said.unit = Some(word.to_owned());
        } else if self.peek(1).is_none()
            && matches!(word, "bee" | "cee" | "dee" | "gee" | "jay" | "kay")
            && self.said.number.is_some()
            && street_named
        {
            self.said.unit = letter(word);
        } else if matches!(word, "basement" | "penthouse") && self.said.unit.is_none() {
            self.said.unit = Some(word.to_owned());
        } else {
            let role = self.role(word);
            self.push(word.to_owned(), role);
        }
        self.after_in = word == "in" || (self.after_in && FILLERS.contains(&word));
        self.at += 1;
    }

    fn role(&self, word: &str) -> Role {
        // "Saint Charles" and "Highway 71" begin with one, "the place on" does not.
        if is_kind(word) && (self.has_street() || !FILLERS.contains(&word)) {
            Role::Kind
        } else if is_direction(word) {
            Role::Direction
        } else if FILLERS.contains(&word) || Dwelling::named(word).is_some() || is_unit_marker(word)
        {
            Role::Filler
        } else if self.after_in || (self.has_street() && self.part > self.street_part) {
            Role::Place
        } else {
            Role::Name
        }
    }

    fn push(&mut self, text: String, role: Role) {
        if role == Role::Name && !self.has_street() {
            self.street_part = self.part;
        }
        if self.said.words.len() < WORD_LIMIT {
            self.said.words.push(SaidWord { text, role });
        }
    }

    fn ordinal(&mut self, figures: &str) {
        if matches!(self.word_at(1), "floor" | "fl") && self.said.unit.is_none() {
            self.said.unit = Some(figures.to_owned());
            self.at += 2;
        } else {
            self.push(format!("{figures}th"), Role::Name);
            self.at += 1;
        }
    }

    /// The figures of the numbers from here on, one after the other.
    fn run(&self, ahead: usize) -> Vec<&str> {
        let from_here = self.tokens.get(self.at + ahead..).unwrap_or_default();
        from_here.iter().map_while(Token::number).take(6).collect()
    }

    /// Numbers without a word that says what they are.
    fn read_number(self, readings: &mut Vec<Said>) {
        let run: Vec<String> = self.run(0).into_iter().map(str::to_owned).collect();
        let whole = run.concat();
        let dashed = matches!(self.peek(run.len()), Some(Token::Dash));
        let road = self
            .said
            .words
            .last()
            .is_some_and(|last| last.role == Role::Kind);
        if road && !self.has_street() {
            // "Highway seventy one".
            let mut named = self.clone();
            named.push(whole.clone(), Role::Name);
            named.at += run.len();
            named.read(readings);
        }
        if self.said.number.is_none() && !dashed {
            let mut house = self.clone();
            house.said.number = Some(trimmed(&whole));
            house.said.number_at = house.said.words.len();
            house.at += run.len();
            house.clone().read(readings);
            if house.word_at(0) == "a" {
                house.said.unit.get_or_insert_with(|| "a".to_owned());
                house.at += 1;
                house.read(readings);
            }
        }
        if self.has_street() && self.said.unit.is_none() {
            let mut unit = self.clone();
            unit.at += run.len();
            let letter = letter(unit.word_at(0)).unwrap_or_default();
            unit.at += usize::from(!letter.is_empty());
            unit.said.unit = Some(format!("{}{letter}", trimmed(&whole)));
            unit.read(readings);
        }
        if dashed {
            self.read_dashed(run.len(), readings);
        } else {
            self.skip_number(&whole, run.len(), readings);
        }
    }

    /// "Forty five dash twelve" is one number.
    fn read_dashed(mut self, taken: usize, readings: &mut Vec<Said>) {
        let whole = self.run(0).concat();
        let second = self.run(taken + 1);
        let (whole, more) = (format!("{whole}{}", second.concat()), second.len());
        self.said.number.get_or_insert(whole);
        self.said.number_at = self.said.words.len();
        self.at += taken + 1 + more;
        self.read(readings);
    }

    /// A postal code, or chatter, such as "at three".
    fn skip_number(mut self, whole: &str, taken: usize, readings: &mut Vec<Said>) {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        let is_chatter = before
            .and_then(Token::word)
            .is_some_and(|word| FILLERS.contains(&word));
        let is_code = whole.len() == 5;
        if !self.has_street() || !(is_code || (is_chatter && self.said.number.is_some())) {
            return;
        }
        let role = if is_code { Role::Filler } else { Role::Name };
        self.push(whole.to_owned(), role);
        self.at += taken;
        self.read(readings);
    }

    /// A marker, and what it marks: "apartment two b", "number fourteen".
    fn read_unit(self, readings: &mut Vec<Said>) {
        let is_number = matches!(self.word_at(0), "number" | "no");
        let mut ahead = 1;
        while matches!(self.peek(ahead), Some(Token::Sign('#'))) {
            ahead += 1;
        }
        let run: Vec<String> = self.run(ahead).into_iter().map(str::to_owned).collect();
        if is_number && self.said.number.is_none() && !run.is_empty() {
            let mut house = self.clone();
            house.said.number = Some(trimmed(&run.concat()));
            house.said.number_at = house.said.words.len();
            house.at += ahead + run.len();
            house.read(readings);
        }
        if run.is_empty() {
            let mut unit = self;
            let heard = match unit.peek(ahead) {
                Some(Token::Ordinal(figures)) => Some(figures.clone()),
                Some(Token::Word(word)) => heard_id(word),
                _ => None,
            };
            unit.at += ahead;
            if let Some(heard) = heard {
                unit.at += 1;
                let more: Vec<String> = unit.run(0).into_iter().map(str::to_owned).collect();
                let letter =
                    letter(unit.word_at(0)).filter(|_| heard.len() < 3 && is_figure(&heard));
                if is_figure(&heard) || more.is_empty() || heard.len() > 1 {
                    unit.at += usize::from(letter.is_some());
                    unit.add_unit(&format!("{heard}{}", letter.unwrap_or_default()));
                } else {
                    unit.add_unit(&format!("{heard}{}", more.concat()));
                    unit.at += more.len();
                }
            }
            return unit.read(readings);
        }
        // The whole run, or a house number behind its first part: "flat two fourteen".
        for taken in (1..=run.len()).rev() {
            let (id, rest) = run.split_at(taken.min(run.len()));
            let mut unit = self.clone();
            unit.at += ahead + taken;
            if rest.is_empty() {
                let letter = letter(unit.word_at(0)).unwrap_or_default();
                unit.at += usize::from(!letter.is_empty());
                unit.add_unit(&format!("{}{letter}", trimmed(&id.concat())));
            } else if unit.said.number.is_none() {
                unit.add_unit(&trimmed(&id.concat()));
                unit.said.number = Some(trimmed(&rest.concat()));
                unit.said.number_at = unit.said.words.len();
                unit.at += rest.len();
            } else {
                continue;
            }
            unit.read(readings);
        }
    }

    fn add_unit(&mut self, id: &str) {
        match &mut self.said.unit {
            Some(unit) if unit.len() < 16 => {
                unit.push(' ');
                unit.push_str(id);
            }
            Some(_) => {}
            none => *none = Some(id.to_owned()),
        }
    }
}

fn is_figure(id: &str) -> bool {
    id.chars().all(|c| c.is_ascii_digit())
}

/// Without zeros in front, so that "014" is 14.
fn trimmed(figures: &str) -> String {
    let short = figures.trim_start_matches('0');
    if short.is_empty() {
        figures.to_owned()
    } else {
        short.to_owned()
    }
}

/// What is heard as the id of a unit.
fn heard_id(word: &str) -> Option<String> {
    letter(word)
        .or_else(|| digit_heard(word).map(str::to_owned))
        .or_else(|| is_unit_word(word).then(|| word.to_owned()))
        .or_else(|| (word == "ph").then(|| "penthouse".to_owned()))
}

/// A letter, as it is said or heard: "b", "bee", "be".
pub(super) fn letter(word: &str) -> Option<String> {
    let letter = match word {
        "bee" | "be" => "b",
        "see" | "sea" | "cee" => "c",
        "dee" => "d",
        "ay" | "eh" => "a",
        "ef" | "eff" => "f",
        "gee" => "g",
        "jay" => "j",
        "kay" => "k",
        "el" => "l",
        "em" => "m",
        "en" | "north" => "n",
        "pee" => "p",
        "queue" => "q",
        "south" => "s",
        "tea" | "tee" => "t",
        "east" => "e",
        "west" => "w",
        "why" => "y",
        _ if word.chars().count() == 1 => word,
        _ => return None,
    };
    Some(letter.to_owned())
}

/// "Apartment to be" is 2B.
fn digit_heard(word: &str) -> Option<&'static str> {
    Some(match word {
        "won" => "1",
        "to" | "too" => "2",
        "tree" => "3",
        "for" => "4",
        "ate" => "8",
        _ => return None,
    })
}
