//! How like two words are: written with a slip, or heard for one another.

use std::cell::RefCell;
use std::collections::HashMap;

use strsim::{jaro_winkler, osa_distance};

/// Words as they were compared. An inventory has few words and says them often, so that
/// each pair is compared once for a whole search.
#[derive(Debug, Default)]
pub(super) struct Likeness {
    /// By the written word, then by the said one.
    compared: RefCell<HashMap<String, HashMap<String, Option<u32>>>>,
}

impl Likeness {
    /// What it costs to take one word for the other; none if it should not be.
    pub(super) fn slips(&self, said: &str, written: &str) -> Option<u32> {
        let known = self
            .compared
            .borrow()
            .get(written)
            .and_then(|words| words.get(said).copied());
        known.unwrap_or_else(|| {
            let slips = slips(said, written);
            let mut compared = self.compared.borrow_mut();
            let words = compared.entry(written.to_owned()).or_default();
            words.insert(said.to_owned(), slips);
            slips
        })
    }
}

fn slips(said: &str, written: &str) -> Option<u32> {
    if said == written {
        return Some(0);
    }
    let has_figures = |word: &str| word.contains(|c: char| c.is_ascii_digit());
    let shorter = said.chars().count().min(written.chars().count());
    let longer = said.chars().count().max(written.chars().count());
    if has_figures(said) || has_figures(written) || shorter < 3 || longer - shorter > 3 {
        return None;
    }
    let distance = osa_distance(said, written);
    let tolerated = match longer {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    };
    if distance <= tolerated && shorter >= 3 {
        return u32::try_from(distance).ok();
    }
    (distance <= 4 && sound(said) == sound(written)).then_some(2)
}

/// Whether one word may be the other, written with a slip or misheard.
pub(in crate::rentals) fn sounds_like(said: &str, written: &str) -> bool {
    slips(said, written).is_some()
}

/// Whether two words are so like each other that the caller may have meant that one.
pub(super) fn resembles(said: &str, written: &str) -> bool {
    slips(said, written).is_some() || jaro_winkler(said, written) >= 0.85
}

/// The word as it sounds, roughly: its consonants, and the first vowel by its class.
fn sound(word: &str) -> String {
    let respelled = respelled(word);
    let mut sound = String::with_capacity(respelled.len());
    let mut had_vowel = false;
    let mut letters = respelled.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
        if is_vowel(letter) {
            let next = letters.peek().copied().filter(|c| is_vowel(*c));
            if !had_vowel {
                sound.push(vowel(letter, next));
                had_vowel = true;
            }
            continue;
        }
        let letter = match letter {
            'c' | 'q' => 'k',
            'z' => 's',
            'h' | 'w' if !sound.is_empty() => continue,
            other => other,
        };
        if !sound.ends_with(letter) {
            sound.push(letter);
        }
    }
    sound
}

/// The word with fewer letters for one sound. Of two spellings that begin alike, the longer
/// one is first.
fn respelled(word: &str) -> String {
    const SPELLINGS: [(&str, &str); 15] = [
        ("ph", "f"),
        ("ckn", "n"),
        ("ck", "k"),
        ("schn", "sn"),
        ("sch", "sk"),
        ("tch", "ch"),
        ("ce", "se"),
        ("ci", "si"),
        ("cy", "sy"),
        ("qu", "kw"),
        ("wh", "w"),
        ("wr", "r"),
        ("kn", "n"),
        ("ght", "t"),
        ("dge", "j"),
    ];
    let mut respelled = String::with_capacity(word.len());
    let mut letters = word.chars();
    loop {
        let text = letters.as_str();
        let spelling = SPELLINGS
            .iter()
            .find_map(|(from, to)| Some((text.strip_prefix(from)?, to)));
        if let Some((behind, to)) = spelling {
            respelled.push_str(to);
            letters = behind.chars();
        } else if let Some(letter) = letters.next() {
            respelled.push(letter);
        } else {
            return respelled;
        }
    }
}

fn vowel(first: char, second: Option<char>) -> char {
    match (first, second) {
        ('e', Some('a')) | ('e' | 'i' | 'y', _) => 'i',
        ('o', Some('o')) | ('u', _) => 'u',
        ('a', Some('u')) | ('o', _) => 'o',
        _ => 'a',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_and_mishearings_cost_a_little() {
        for (said, written, cost) in [
            ("mill", "mill", Some(0)),
            ("mil", "mill", Some(1)),
            ("meal", "mill", Some(2)),
            ("maine", "main", Some(1)),
            ("mane", "maine", Some(1)),
            ("reed", "read", Some(1)),
            ("mapel", "maple", Some(1)),
            ("sycamor", "sycamore", Some(1)),
            ("philips", "fillips", Some(2)),
            ("wright", "rite", Some(2)),
            ("schubert", "skubert", Some(2)),
            ("snyder", "schneider", Some(2)),
            ("hakny", "hackney", Some(2)),
            ("bridge", "brij", Some(2)),
            ("quail", "kwail", Some(2)),
            ("oak", "elm", None),
            ("mill", "maple", None),
            ("pine", "pan", None),
            ("5th", "6th", None),
            ("ab", "ac", None),
        ] {
            assert_eq!(slips(said, written), cost, "{said} for {written}");
        }
    }
}
