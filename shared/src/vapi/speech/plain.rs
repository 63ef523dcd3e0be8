//! Foreign text made safe to say: names, subjects, what an upstream wrote.
//!
//! What comes out has letters, single spaces, commas, full stops, apostrophes
//! and hyphens inside words, and nothing else. Figures, amounts and addresses
//! become words, links and markup go, and the length is bounded. There is no
//! full stop at the end, so that the text can stand inside a sentence. Text may
//! be hostile; it costs time in proportion to its first two thousand characters.

use super::figures::say;
use super::rules::{is_invisible, is_letter, is_pictograph, zones};

/// The most that [`plain`] lets through, in characters.
pub const PLAIN_LIMIT: usize = 200;

/// The longest name of a person that is said whole, in characters.
const NAME_LIMIT: usize = 60;

/// How often text is gone over at most; hostile text does not get more.
const MAX_PASSES: usize = 8;

/// How much foreign text is looked at, in characters.
const INPUT_LIMIT: usize = 2000;

/// Any text as words, of at most [`PLAIN_LIMIT`] characters; empty if nothing in
/// it can be said.
///
/// ```
/// use shared::vapi::speech::plain;
///
/// assert_eq!(plain("**Viewing** of 14 Mill Lane"), "Viewing of fourteen Mill Lane");
/// assert_eq!(plain("rent: $1,450\nparking (1 car)"),
///     "rent, one thousand four hundred fifty dollars, parking, one car");
/// ```
#[must_use]
pub fn plain(text: &str) -> String {
    plain_within(text, PLAIN_LIMIT)
}

/// Any text as words, cut at a word to have at most `limit` characters.
#[must_use]
pub fn plain_within(text: &str, limit: usize) -> String {
    // What one pass takes away can bring to light what the next has to say, as
    // a tag between two links does.
    let mut spoken = pass(text, limit);
    for _ in 1..MAX_PASSES {
        let again = pass(&spoken, limit);
        if again == spoken {
            break;
        }
        spoken = again;
    }
    spoken
}

/// The text said once, without the names of zones.
fn pass(text: &str, limit: usize) -> String {
    let mut spoken = said(&normalised(text));
    // Taking a zone's name out can bring two words together that make another.
    loop {
        let tidied = bounded(&tidy(&spoken), limit);
        let words: Vec<&str> = tidied.split(' ').collect();
        let Some((at, length)) = zones(&words).next() else {
            return tidied;
        };
        let kept = words.iter().take(at).chain(words.iter().skip(at + length));
        spoken = kept.copied().collect::<Vec<_>>().join(" ");
    }
}

/// Each word said, those of one telephone number together.
fn said(text: &str) -> String {
    let tokens: Vec<&str> = text.split_whitespace().collect();
    let mut rest = tokens.as_slice();
    let mut output = String::new();
    while let Some((first, tail)) = rest.split_first() {
        let (token, tail) = match rest {
            [area, exchange, line, tail @ ..] if is_number(&[area, exchange, line]) => {
                (format!("{area}-{exchange}-{line}"), tail)
            }
            [whole, "1/2", tail @ ..] if whole.chars().all(|c| c.is_ascii_digit()) => {
                output.push_str(&say(whole));
                ("and a half".to_owned(), tail)
            }
            _ => ((*first).to_owned(), tail),
        };
        output.push_str(&say(&token));
        rest = tail;
    }
    output
}

/// Three, three and four digits, perhaps with a mark at the end.
fn is_number(groups: &[&str; 3]) -> bool {
    groups.iter().zip([3, 3, 4]).all(|(group, length)| {
        let digits = group.trim_end_matches(['.', ',']);
        digits.len() == length && digits.chars().all(|c| c.is_ascii_digit())
    })
}

/// A person's name. One written in capitals gets ordinary ones, so that no
/// voice spells it.
///
/// ```
/// use shared::vapi::speech::person;
///
/// assert_eq!(person("CASEY O'NEILL-NG"), "Casey O'Neill-Ng");
/// assert_eq!(person("J.R. Example"), "J. R. Example");
/// ```
#[must_use]
pub fn person(name: &str) -> String {
    let name = plain_within(name, NAME_LIMIT);
    if name.chars().any(char::is_lowercase) {
        name
    } else {
        bounded(&title_case(&name), NAME_LIMIT)
    }
}

/// Words with a capital at the front only; a lone letter stays as it is.
pub(super) fn title_case(text: &str) -> String {
    let mut inside = false;
    text.chars()
        .flat_map(|c| {
            let lowered: Vec<char> = if inside {
                c.to_lowercase().collect()
            } else {
                vec![c]
            };
            inside = c.is_alphanumeric();
            lowered
        })
        .collect()
}

/// The text cut at a word so that it has at most `limit` characters.
pub(super) fn bounded(text: &str, limit: usize) -> String {
    let head = match text.char_indices().nth(limit) {
        None => text,
        Some((end, next)) => {
            let head = text.get(..end).unwrap_or_default();
            let last_space = if next == ' ' { None } else { head.rfind(' ') };
            last_space.and_then(|at| head.get(..at)).unwrap_or(head)
        }
    };
    head.trim_end_matches([' ', ',', '.', '-', '\'']).to_owned()
}

/// One spelling for each kind of quote, dash, space and digit; no markup.
fn normalised(text: &str) -> String {
    let text: String = text.chars().take(INPUT_LIMIT).map(folded).collect();
    let text = with_plain_area_codes(&without_tags(&without_links(&text)));
    let mut output = String::new();
    let mut previous = ' ';
    for c in text.chars() {
        match c {
            '\'' | '‘' | '’' | 'ʼ' => output.push('\''),
            '–' | '‐' | '‑' | '−' => output.push('-'),
            '—' | '―' | '•' | '·' | '|' | ';' | '(' | ')' | '[' | ']' | '{' | '}' | '\n' | '\r'
            | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                output.push_str(" , ");
            }
            '…' | '!' | '?' | '¿' | '¡' | '。' | '、' => output.push_str(". "),
            '½' => output.push_str(fraction(previous, " and a half ", " half ")),
            '¼' => output.push_str(fraction(previous, " and a quarter ", " a quarter ")),
            '¾' => output.push_str(fraction(
                previous,
                " and three quarters ",
                " three quarters ",
            )),
            '×' => output.push_str(" by "),
            '°' => output.push_str(" degrees "),
            c if is_invisible(c) && c != '\t' => {}
            c if is_pictograph(c) || c.is_whitespace() => output.push(' '),
            '"' | '“' | '”' | '„' | '«' | '»' | '*' | '`' | '^' | '\\' => {}
            c => output.push(c),
        }
        previous = c;
    }
    output
}

/// `(512) 555-0142` as `512-555-0142`.
fn with_plain_area_codes(text: &str) -> String {
    let mut output = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('(') {
        output.push_str(before);
        match after.split_once(')') {
            Some((area, tail))
                if area.len() == 3
                    && area.chars().all(|c| c.is_ascii_digit())
                    && tail.trim_start().starts_with(|c: char| c.is_ascii_digit()) =>
            {
                output.push_str(area);
                output.push('-');
                rest = tail.trim_start();
            }
            _ => {
                output.push('(');
                rest = after;
            }
        }
    }
    output + rest
}

/// ASCII for full-width forms and for the digits of other scripts.
fn folded(c: char) -> char {
    let code = u32::from(c);
    let ascii = match code {
        0xFF01..=0xFF5E => code - 0xFEE0,
        0x0660..=0x0669 => code - 0x0660 + 0x30,
        0x06F0..=0x06F9 => code - 0x06F0 + 0x30,
        0x0966..=0x096F => code - 0x0966 + 0x30,
        _ => code,
    };
    char::from_u32(ascii).unwrap_or(c)
}

fn fraction(previous: char, after_a_digit: &'static str, alone: &'static str) -> &'static str {
    if previous.is_ascii_digit() {
        after_a_digit
    } else {
        alone
    }
}

/// Names each link in place of spelling it, up to what closes it.
fn without_links(text: &str) -> String {
    let mut output = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        let mut rest = word;
        while let Some((before, link)) = link_start(rest).and_then(|at| rest.split_at_checked(at)) {
            let closes = |c: char| c.is_whitespace() || matches!(c, ')' | ']' | '<' | '>' | '"');
            let end = link.find(closes).unwrap_or(link.len());
            output.push_str(before);
            output.push_str(" a link ");
            rest = link.get(end..).unwrap_or_default();
        }
        output.push_str(rest);
    }
    output
}

fn link_start(word: &str) -> Option<usize> {
    let lower = word.to_ascii_lowercase();
    let scheme = lower.split_once("://").map(|(before, _)| {
        before
            .trim_end_matches(|c: char| c.is_ascii_alphanumeric())
            .len()
    });
    scheme.into_iter().chain(lower.find("www.")).min()
}

/// Drops tags such as `<b>`, and stands a space for what remains of brackets.
fn without_tags(text: &str) -> String {
    let text = text.replace("&amp;", "&").replace("&nbsp;", " ");
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    let mut output = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('<') {
        output.push_str(before);
        output.push(' ');
        let end = after.find(['<', '>']);
        rest = match end.and_then(|at| after.get(at..)) {
            Some(tail) if tail.starts_with('>') => tail.get(1..).unwrap_or_default(),
            _ => after,
        };
    }
    output.push_str(rest);
    output.replace('>', " ")
}

/// Punctuation as it is in print: none at the start, none doubled, a space after.
fn tidy(text: &str) -> String {
    let mut output = String::with_capacity(text.len());
    let mut pending = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ' ' => pending = pending.or(Some(' ')),
            '.' => pending = Some('.'),
            ',' => pending = pending.filter(|&mark| mark == '.').or(Some(',')),
            '-' | '\'' => {
                let after_letter = pending.is_none() && output.ends_with(is_letter);
                let before_letter = chars.peek().is_some_and(|&next| is_letter(next));
                if after_letter && before_letter {
                    output.push(c);
                } else {
                    pending = pending.or(Some(' '));
                }
            }
            c if is_letter(c) => {
                if let Some(mark) = pending.take()
                    && !output.is_empty()
                {
                    if mark != ' ' {
                        output.push(mark);
                    }
                    output.push(' ');
                }
                output.push(c);
            }
            _ => pending = pending.or(Some(' ')),
        }
    }
    output
}
