//! The rules that a spoken string keeps, as a checker.
//!
//! Each rule exists because a voice, or VAPI's formatter before it (VAPI docs,
//! Voice formatting plan), would say something else than what is written. The
//! checker is strict: it is run on every string that a test can get hold of.

/// The longest thing that is said at once, in characters: about half a minute.
pub const SPOKEN_LIMIT: usize = 400;

/// A rule that a string breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Violation {
    /// The formatter makes a full stop of it.
    Colon,
    /// More than one line; VAPI drops a result that has several.
    LineBreak,
    /// A character that controls text and makes no sound.
    Control(char),
    /// Markdown, a bracket or a brace; some of them the formatter removes.
    Symbol(char),
    /// The formatter removes what is between two of them.
    AngleBracket,
    /// A picture, or an arrow or sign that has no agreed reading.
    Emoji(char),
    /// A web address, with or without its scheme.
    Link,
    /// An `@`; addresses are spelled.
    Email,
    /// A bullet, or a dash, letter or number that begins a list item.
    ListMarker,
    /// A date or timestamp in figures.
    IsoDate,
    /// A time of day in figures.
    ClockFigures,
    /// A currency sign; amounts are words.
    Money,
    /// A number above 2025, which is read digit by digit.
    LargeNumber,
    /// A listener answers one question at a time.
    SeveralQuestions,
    /// A time zone; the caller and the property share one.
    ZoneName,
    /// More than [`SPOKEN_LIMIT`] characters.
    TooLong,
}

/// The rules that a string breaks, each once, in no particular order.
///
/// ```
/// use shared::vapi::speech::rules::{Violation, violations};
///
/// assert_eq!(violations("Tuesday, November twenty fourth, at ten AM."), []);
/// assert_eq!(violations("at 10 AM"), [Violation::ClockFigures]);
/// ```
#[must_use]
pub fn violations(text: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut add = |violation| {
        if !found.contains(&violation) {
            found.push(violation);
        }
    };
    text.chars().filter_map(of_character).for_each(&mut add);
    let lower = text.to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let whole = [
        (has_link(&lower), Violation::Link),
        (begins_a_list_item(&lower), Violation::ListMarker),
        (has_iso_date(text), Violation::IsoDate),
        (has_clock_figures(&lower), Violation::ClockFigures),
        (has_large_number(text), Violation::LargeNumber),
        (questions(text) > 1, Violation::SeveralQuestions),
        (zones(&words).next().is_some(), Violation::ZoneName),
        (text.chars().nth(SPOKEN_LIMIT).is_some(), Violation::TooLong),
    ];
    for (broken, violation) in whole {
        if broken {
            add(violation);
        }
    }
    found
}

fn of_character(c: char) -> Option<Violation> {
    Some(match c {
        ':' | '\u{FF1A}' | '\u{FE55}' | '\u{2236}' => Violation::Colon,
        '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
            Violation::LineBreak
        }
        '<' | '>' => Violation::AngleBracket,
        '@' => Violation::Email,
        '$' | '€' | '£' | '¥' | '¢' => Violation::Money,
        '•' | '◦' | '▪' | '‣' | '·' | '●' => Violation::ListMarker,
        '*' | '_' | '`' | '~' | '#' | '|' | '\\' | '^' | '=' | '[' | ']' | '{' | '}' => {
            Violation::Symbol(c)
        }
        _ if is_invisible(c) => Violation::Control(c),
        _ if is_pictograph(c) => Violation::Emoji(c),
        _ => return None,
    })
}

/// Whether a character is a letter that a voice can be expected to read.
///
/// Unicode counts letter-like signs as letters, emoji among them; those are not.
pub(super) fn is_letter(c: char) -> bool {
    c.is_alphabetic()
        && !is_pictograph(c)
        && !matches!(u32::from(c),
            0x02B0..=0x036F     // modifier letters, such as one that looks like a colon
            | 0x2000..=0x2BFF   // circled letters, Roman numerals
            | 0xFF00..=0xFFEF   // full-width forms
            | 0x1_D400..=0x1_F8FF) // mathematical alphabets, enclosed letters
}

/// Whether a character directs text but is not seen or heard.
pub(super) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0xAD | 0x061C | 0x180E | 0x200B..=0x200F | 0x202A..=0x202E
            | 0x2060..=0x206F | 0xFEFF | 0xFFF9..=0xFFFB)
}

/// Whether a character is an emoji or a symbol of the same kind.
pub(super) fn is_pictograph(c: char) -> bool {
    matches!(u32::from(c),
        0xA9 | 0xAE | 0x203C | 0x2049 | 0x20E3 | 0x2122 | 0x2139
        | 0x2190..=0x21FF | 0x2300..=0x23FF | 0x2460..=0x24FF | 0x2500..=0x27BF
        | 0x2900..=0x297F | 0x2B00..=0x2BFF | 0x3030 | 0x303D | 0x3297 | 0x3299
        | 0xFE00..=0xFE0F | 0x1_F000..=0x1_FAFF | 0xE_0000..=0xE_007F)
}

/// A scheme, `www.`, or a dot between two words without a space.
fn has_link(lower: &str) -> bool {
    lower.contains("://")
        || lower.split_whitespace().any(|word| {
            word.split('.')
                .zip(word.split('.').skip(1))
                .any(|(left, right)| ends_in_a_word(left) && begins_with_a_word(right))
        })
}

fn ends_in_a_word(text: &str) -> bool {
    text.chars().next_back().is_some_and(char::is_alphanumeric)
}

/// Two letters at least, as the shortest top-level domains have.
fn begins_with_a_word(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(char::is_alphabetic) && chars.next().is_some_and(char::is_alphanumeric)
}

fn begins_a_list_item(lower: &str) -> bool {
    let Some((marker, _)) = lower.trim_start().split_once(' ') else {
        return false;
    };
    if matches!(marker, "-" | "+" | "–" | "—") {
        return true;
    }
    let numbered = |body: &str| {
        !body.is_empty()
            && (body.chars().all(|c| c.is_ascii_digit())
                || (body.len() == 1 && body.chars().all(|c| c.is_ascii_alphabetic())))
    };
    let closed = marker.strip_suffix(')').unwrap_or_default();
    let pointed = marker.strip_suffix('.').unwrap_or_default();
    numbered(closed.trim_start_matches('('))
        || (numbered(pointed) && pointed.starts_with(|c: char| c.is_ascii_digit()))
}

/// Four digits, a hyphen and two digits; or a `T` between digits.
fn has_iso_date(text: &str) -> bool {
    let shape: Vec<char> = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    let has = |wanted: &str| {
        let wanted: Vec<char> = wanted.chars().collect();
        shape.windows(wanted.len()).any(|window| window == wanted)
    };
    has("0000-00") || has("0000/00/00") || has("0T0")
}

/// Figures joined by a colon, or followed by AM or PM.
fn has_clock_figures(lower: &str) -> bool {
    let chars: Vec<char> = lower.chars().collect();
    let digit_at = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    (0..chars.len()).filter(|&at| digit_at(at)).any(|at| {
        if chars.get(at + 1) == Some(&':') && digit_at(at + 2) {
            return true;
        }
        let rest: String = chars.iter().skip(at + 1).take(8).collect();
        let letters = rest.trim_start().replace('.', "");
        let mut tail = letters.chars();
        matches!((tail.next(), tail.next()), (Some('a' | 'p'), Some('m')))
            && !tail.next().is_some_and(char::is_alphanumeric)
    })
}

fn has_large_number(text: &str) -> bool {
    text.replace(',', "")
        .split(|c: char| !c.is_ascii_digit())
        .filter(|run| !run.is_empty())
        .any(|run| run.parse::<u64>().map_or(true, |number| number > 2025))
}

fn questions(text: &str) -> usize {
    text.chars()
        .filter(|c| matches!(c, '?' | '\u{FF1F}' | '\u{61F}'))
        .count()
}

const ZONE_ABBREVIATIONS: [&str; 20] = [
    "UTC", "GMT", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT", "AKST", "AKDT", "HST",
    "AST", "ADT", "NST", "NDT", "BST", "CET", "CEST",
];

const ZONE_AREAS: [&str; 10] = [
    "America",
    "Europe",
    "Asia",
    "Africa",
    "Australia",
    "Pacific",
    "Atlantic",
    "Indian",
    "US",
    "Etc",
];

const ZONE_ADJECTIVES: [&str; 8] = [
    "eastern",
    "central",
    "mountain",
    "pacific",
    "atlantic",
    "alaska",
    "hawaii",
    "universal",
];

/// Where zone names stand among some words: the first word's place, and how
/// many words the name has.
pub(super) fn zones<'a>(words: &'a [&'a str]) -> impl Iterator<Item = (usize, usize)> + 'a {
    (0..words.len()).filter_map(|at| {
        let length = zone_length(words.get(at..)?);
        (length > 0).then_some((at, length))
    })
}

fn zone_length(words: &[&str]) -> usize {
    let bare = |at: usize| {
        words
            .get(at)
            .map_or("", |word| word.trim_matches(|c: char| !c.is_alphanumeric()))
    };
    let lower = |at: usize| bare(at).to_lowercase();
    if ZONE_ABBREVIATIONS.contains(&bare(0)) {
        return 1;
    }
    let area = bare(0).split_once('/');
    if area.is_some_and(|(area, place)| ZONE_AREAS.contains(&area) && !place.is_empty()) {
        return 1;
    }
    if !ZONE_ADJECTIVES.contains(&lower(0).as_str()) {
        return 0;
    }
    match (lower(1).as_str(), lower(2).as_str()) {
        ("time", _) => 2,
        ("standard" | "daylight", "time") => 3,
        _ => 0,
    }
}
