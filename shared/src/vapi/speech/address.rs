//! Street addresses, the way people say them.
//!
//! House numbers go in pairs, abbreviations are spelled out. Those with two
//! meanings are decided by their place: "St" in front of a name is Saint and
//! behind one Street, "Dr" likewise, and "CT" at the end is Connecticut.

use super::figures;
use super::numbers::digits;
use super::plain::{PLAIN_LIMIT, plain_within, title_case};
use super::street::{mixed, number};
use crate::street::{direction, is_kind, is_postal_code, kind, state, title, unit};

/// How much of an address is looked at, in characters.
const INPUT_LIMIT: usize = 300;

/// An address in words.
///
/// ```
/// use shared::vapi::speech::address;
///
/// assert_eq!(address("14 Mill Lane, Apt 2B"), "fourteen Mill Lane, apartment two B");
/// assert_eq!(
///     address("1450 N St. Charles Ave"),
///     "fourteen fifty North Saint Charles Avenue"
/// );
/// ```
#[must_use]
pub fn address(text: &str) -> String {
    address_within(text, PLAIN_LIMIT)
}

/// An address in words, cut at a word to have at most `limit` characters.
#[must_use]
pub fn address_within(text: &str, limit: usize) -> String {
    let text: String = text.chars().take(INPUT_LIMIT).collect();
    let text = text.replace('#', " # ");
    let segments: Vec<String> = text
        .split([',', ';', '\n'])
        .enumerate()
        .map(|(at, segment)| Segment::new(segment, at == 0).spoken())
        .filter(|segment| !segment.is_empty())
        .collect();
    plain_within(&segments.join(", "), limit)
}

/// What stands between two commas.
struct Segment {
    words: Vec<String>,
    is_first: bool,
    /// What has been said of it.
    output: Vec<String>,
    /// Whether a word was said that may be a street's name.
    named: bool,
    /// Whether the street's kind was said.
    complete: bool,
}

impl Segment {
    fn new(text: &str, is_first: bool) -> Self {
        let shouted = !text.chars().any(char::is_lowercase);
        let word = |word: &str| {
            let word = word.trim_end_matches('.');
            let is_name = word.chars().count() > 2 && word.chars().all(char::is_alphabetic);
            if shouted && is_name {
                title_case(word)
            } else {
                word.to_owned()
            }
        };
        Self {
            words: text
                .split_whitespace()
                .map(word)
                .filter(|word| !word.is_empty())
                .collect(),
            is_first,
            output: Vec::new(),
            named: false,
            complete: false,
        }
    }

    fn spoken(mut self) -> String {
        let mut at = 0;
        while at < self.words.len() {
            at += self.say(at).max(1);
        }
        self.output.join(" ").replace(" ,", ",")
    }

    fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", String::as_str)
    }

    fn key(&self, at: usize) -> String {
        self.word(at).to_lowercase().replace('.', "")
    }

    /// Says the word at a place, and tells how many words that took.
    fn say(&mut self, at: usize) -> usize {
        let word = self.word(at).to_owned();
        let key = self.key(at);
        let is_last = at + 1 == self.words.len();
        if let Some(name) = self.state_at(at) {
            self.push(name);
        } else if is_last && is_postal_code(&word) && (at > 0 || !self.is_first) {
            self.push(",");
            self.push(&digits(&word));
        } else if let Some(taken) = self.say_unit(at, &key) {
            return taken;
        } else if word == "1/2" && at > 0 {
            self.push("and a half");
        } else if starts_with_a_digit(&word) {
            self.say_figures(at, &word);
        } else if let Some(name) = self.direction_at(at, &key) {
            self.push(name);
        } else if let Some(full) = self.abbreviation_at(at, &key) {
            self.push(full);
        } else {
            self.say_name(&word, &key);
        }
        1
    }

    fn push(&mut self, words: &str) {
        self.output.push(words.to_owned());
    }

    /// A state's code ends its segment, or has the postal code behind it.
    fn state_at(&self, at: usize) -> Option<&'static str> {
        let name = state(self.word(at))?;
        let before_code = at + 2 == self.words.len() && is_postal_code(self.word(at + 1));
        let at_the_end = at + 1 == self.words.len();
        // On the street itself, NE is a direction and not Nebraska.
        let is_direction = direction(&self.key(at)).is_some();
        let after_the_street = !self.is_first || (self.complete && !is_direction);
        (before_code || (at_the_end && after_the_street)).then_some(name)
    }

    /// "Apt 2B", "# 5", "3rd Fl".
    fn say_unit(&mut self, at: usize, key: &str) -> Option<usize> {
        let name = unit(key)?;
        // In "Apt # 5" the sign says nothing new.
        let has_sign = key != "#" && self.word(at + 1) == "#";
        let id_at = if has_sign { at + 2 } else { at + 1 };
        if self.is_unit_id(id_at) {
            let id = mixed(self.word(id_at));
            self.push_unit(name);
            self.push(&id);
            return Some(id_at - at + 1);
        }
        let after_figures = at > 0 && starts_with_a_digit(self.word(at - 1));
        match name {
            "floor" if after_figures => self.push(name),
            "penthouse" => self.push_unit(name),
            _ => return None,
        }
        Some(1)
    }

    /// Short, or with a figure in it: "2B", "12", "A", "PH3".
    fn is_unit_id(&self, at: usize) -> bool {
        let id = self.word(at);
        let is_short = (1..=2).contains(&id.chars().count());
        !is_kind(&self.key(at)) && (is_short || starts_with_a_digit(id) || id.ends_with(is_digit))
    }

    fn push_unit(&mut self, name: &str) {
        if !self.output.is_empty() {
            self.push(",");
        }
        self.push(name);
    }

    /// A house number, a numbered street, or a number of a road.
    fn say_figures(&mut self, at: usize, word: &str) {
        let is_ordinal = ["st", "nd", "rd", "th"]
            .iter()
            .any(|ending| word.to_lowercase().ends_with(ending));
        if is_ordinal {
            self.push(&figures::say(word));
            self.named = true;
            return;
        }
        let spoken = match word.strip_suffix('½') {
            Some(whole) => format!("{} and a half", number(whole)),
            None => mixed(word),
        };
        self.push(&spoken);
        self.named |= at > 0 || !self.is_first;
    }

    /// North, unless N is the street's own name: "N Street", "Avenue N".
    fn direction_at(&mut self, at: usize, key: &str) -> Option<&'static str> {
        let name = direction(key)?;
        let is_capital = self.word(at).chars().all(|c| c.is_uppercase() || c == '.');
        let before_kind = is_kind(&self.key(at + 1)) && !self.names_follow(at + 1);
        let names_the_street = !self.named && key.len() == 1 && (before_kind || self.complete);
        if names_the_street {
            self.named = true;
            return None;
        }
        is_capital.then_some(name)
    }

    /// Whether the abbreviation at a place stands in front of a name, in which
    /// case the street's kind comes later.
    fn names_follow(&self, at: usize) -> bool {
        title(&self.key(at)).is_some()
            && (at + 1..self.words.len())
                .take_while(|&later| unit(&self.key(later)).is_none())
                .filter(|&later| later > at + 1)
                .any(|later| is_kind(&self.key(later)) && state(self.word(later)).is_none())
    }

    fn abbreviation_at(&mut self, at: usize, key: &str) -> Option<&'static str> {
        let is_last = at + 1 == self.words.len();
        let before_a_name = !is_last && (!self.named || self.names_follow(at));
        if before_a_name && let Some(full) = title(key) {
            self.named = true;
            return Some(full);
        }
        let full = kind(key)?;
        self.complete = true;
        Some(full)
    }

    /// A name as it is; one joined to figures, such as "I-35", in two parts.
    fn say_name(&mut self, word: &str, key: &str) {
        self.complete |= is_kind(key);
        self.named |= !is_kind(key);
        let (letters, tail) = word
            .split_at_checked(word.find(is_digit).unwrap_or(word.len()))
            .unwrap_or((word, ""));
        let road = letters.trim_end_matches('-');
        if tail.is_empty() {
            if matches!(word, "US" | "FM" | "CR" | "SH" | "IH" | "RR") {
                self.push(&mixed(word));
            } else {
                self.push(word);
            }
        } else if road.chars().count() <= 2 {
            self.push(&format!("{} {}", mixed(road), mixed(tail)));
        } else {
            self.push(&format!("{road} {}", mixed(tail)));
        }
    }
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

fn starts_with_a_digit(word: &str) -> bool {
    word.starts_with(is_digit)
}
