//! How the numbers of an address are said.

use super::numbers::{cardinal, digit, digits, pairs};

/// The number of a house, room or road in pairs: "fourteen fifty",
/// "three oh five". Five digits and more are said one by one.
pub(super) fn number(figures: &str) -> String {
    let value: i16 = match figures.parse() {
        Ok(value) if figures.len() <= 4 && !figures.starts_with('0') => value,
        _ => return digits(figures),
    };
    match (value / 100, value % 100) {
        (0, small) => cardinal(i64::from(small)),
        (hundreds, 0) if hundreds % 10 == 0 => cardinal(i64::from(value)),
        (hundreds, rest) => pairs(hundreds, rest),
    }
}

/// Figures and letters in one word, such as "2B", "14-16" or "PH3".
pub(super) fn mixed(word: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut figures = String::new();
    for c in word.chars().chain([' ']) {
        if digit(c).is_some() {
            figures.push(c);
            continue;
        }
        if !figures.is_empty() {
            words.push(number(&figures));
            figures.clear();
        }
        match c {
            '-' if !words.is_empty() => words.push("dash".to_owned()),
            '-' | ' ' => {}
            _ => words.push(c.to_uppercase().collect()),
        }
    }
    words.join(" ")
}
