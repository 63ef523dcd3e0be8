//! What a caller writes down letter by letter: codes, numbers, addresses.
//!
//! Letters stand alone, so that no voice reads them as a word; the formatter
//! leaves single letters as they are. Digits are words, and a zero is "zero",
//! since "oh" is a letter here.

use super::numbers::digit;
use super::plain::bounded;

/// The longest code that is read out, in letters and digits.
const CODE_LIMIT: usize = 24;

/// The longest text that is spelled, in characters; more is no help to anybody.
const SPELLED_LIMIT: usize = 40;

/// The most that is said of one e-mail address, in characters.
const EMAIL_LIMIT: usize = 300;

/// A confirmation code: letters in upper case, with a pause after each.
///
/// ```
/// use shared::vapi::speech::code;
///
/// assert_eq!(code("7kq2"), "seven, K, Q, two");
/// ```
#[must_use]
pub fn code(code: &str) -> String {
    let symbols: Vec<String> = code.chars().filter_map(symbol).take(CODE_LIMIT).collect();
    symbols.join(", ")
}

/// A name spelled out, word by word.
///
/// ```
/// use shared::vapi::speech::letters;
///
/// assert_eq!(letters("Casey Ng"), "C A S E Y, N G");
/// ```
#[must_use]
pub fn letters(text: &str) -> String {
    let text: String = text.chars().take(SPELLED_LIMIT).collect();
    let words: Vec<String> = text
        .split(|c: char| c.is_whitespace() || c == '-')
        .map(|word| {
            word.chars()
                .filter_map(symbol)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .filter(|word| !word.is_empty())
        .collect();
    words.join(", ")
}

/// A telephone number, digit by digit in the groups in which people say it. The
/// country code of the North American plan is left out.
///
/// ```
/// use shared::vapi::speech::phone;
///
/// assert_eq!(
///     phone("+15125550142"),
///     "five one two, five five five, zero one four two"
/// );
/// ```
#[must_use]
pub fn phone(number: &str) -> String {
    let international = number.trim_start().starts_with('+');
    let digits: Vec<&str> = number.chars().filter_map(digit).take(15).collect();
    let (prefix, digits) = match digits.as_slice() {
        ["one", national @ ..] if national.len() == 10 => ("", national),
        // A plus sign before ten digits is some other country's number.
        digits if international => ("plus ", digits),
        digits => ("", digits),
    };
    if digits.is_empty() {
        return String::new();
    }
    format!("{prefix}{}", grouped(digits))
}

/// Threes from the front, and a last group of four rather than of one.
fn grouped(digits: &[&str]) -> String {
    let mut groups = Vec::new();
    let mut rest = digits;
    while !rest.is_empty() {
        let size = match rest.len() {
            length @ 1..=4 => length,
            5 => 2,
            _ => 3,
        };
        let (group, tail) = rest.split_at_checked(size).unwrap_or((rest, &[]));
        groups.push(group.join(" "));
        rest = tail;
    }
    groups.join(", ")
}

/// An e-mail address: what is before the `@` letter by letter, the domain in
/// words where they can be said as words.
///
/// ```
/// use shared::vapi::speech::email;
///
/// assert_eq!(email("casey@example.com"), "c a s e y at example dot com");
/// ```
#[must_use]
pub fn email(address: &str) -> String {
    let address = address.trim();
    let spoken = match address.rsplit_once('@') {
        Some((local, domain)) => format!("{} at {}", spelled(local), host(domain)),
        None => spelled(address),
    };
    bounded(spoken.trim(), EMAIL_LIMIT)
}

/// A domain name: labels as words, short or mixed ones letter by letter.
pub(super) fn host(domain: &str) -> String {
    let labels: Vec<String> = domain
        .split('.')
        .map(|label| {
            let is_word = label.len() > 2 && label.chars().all(|c| c.is_ascii_alphabetic());
            if (is_word && label.len() <= SPELLED_LIMIT) || label.eq_ignore_ascii_case("co") {
                label.to_ascii_lowercase()
            } else {
                spelled(label)
            }
        })
        .filter(|label| !label.is_empty())
        .collect();
    labels.join(" dot ")
}

fn spelled(text: &str) -> String {
    let words: Vec<String> = text
        .chars()
        .take(SPELLED_LIMIT)
        .filter_map(|c| match c {
            '.' => Some("dot".to_owned()),
            '-' => Some("dash".to_owned()),
            '_' => Some("underscore".to_owned()),
            '+' => Some("plus".to_owned()),
            '\'' => Some("apostrophe".to_owned()),
            '&' => Some("ampersand".to_owned()),
            '=' => Some("equals".to_owned()),
            '#' => Some("hash".to_owned()),
            '%' => Some("percent".to_owned()),
            _ => symbol(c).map(|symbol| {
                if c.is_ascii_digit() {
                    symbol
                } else {
                    symbol.to_lowercase()
                }
            }),
        })
        .collect();
    words.join(" ")
}

/// A digit's word, or a letter in upper case.
fn symbol(c: char) -> Option<String> {
    if let Some(word) = digit(c) {
        return Some(word.to_owned());
    }
    super::rules::is_letter(c).then(|| c.to_uppercase().collect())
}
