//! A model of what VAPI's default formatter does to text before it is spoken
//! (VAPI docs, Voice formatting plan).
//!
//! Nothing is sent through it. It lets a test ask whether a string still says
//! the same afterwards: [`survives`]. The steps and their order are documented,
//! the details are not; where they are open the model changes more, not less.

use jiff::civil::Date;

use super::amounts::cents;
use super::numbers::cardinal;

/// The number above which VAPI reads digit by digit, by default.
const DIGITS_CUTOFF: u64 = 2025;

/// The text as the voice would get it.
///
/// ```
/// use shared::vapi::speech::formatter::formatted;
///
/// assert_eq!(formatted("Come at 2:30 PM"), "Come at two point three zero P M");
/// ```
#[must_use]
pub fn formatted(text: &str) -> String {
    let text = without_angle_brackets(text);
    let text: String = text
        .chars()
        .filter(|c| !matches!(c, '_' | '`' | '~'))
        .collect();
    let text = text.replace('\n', " . ").replace(':', ".");
    let text = acronyms(&text);
    let words: Vec<&str> = text.split(' ').collect();
    let text = dates(&words).join(" ");
    let words: Vec<String> = text.split(' ').map(word).collect();
    words.join(" ").replace('*', "")
}

/// Whether a listener hears the same with and without VAPI's formatting: the
/// same words and the same stops. Capitals and spaces do not count, since both
/// "PM" and "P M" are said alike.
///
/// ```
/// use shared::vapi::speech::formatter::survives;
///
/// assert!(survives("Tuesday at two thirty PM, code K, Q, two."));
/// assert!(!survives("Time: half past two"));
/// ```
#[must_use]
pub fn survives(text: &str) -> bool {
    heard(text) == heard(&formatted(text))
}

fn heard(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Step 1. Tags go, but for those that steer a voice and doubled brackets.
fn without_angle_brackets(text: &str) -> String {
    let mut output = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        output.push_str(before);
        let kept = ["<", "break", "/break", "spell", "/spell"]
            .iter()
            .any(|tag| after.starts_with(tag));
        let end = if after.starts_with('<') { ">>" } else { ">" };
        match after.split_once(end) {
            Some((_, tail)) if !kept => rest = tail,
            Some((inside, tail)) => {
                output.extend(["<", inside, end]);
                rest = tail;
            }
            None => {
                output.push('<');
                rest = after;
            }
        }
    }
    output + rest
}

/// Step 6. Known acronyms in small letters, unknown ones without a vowel apart.
fn acronyms(text: &str) -> String {
    let mut output = String::new();
    let mut run = String::new();
    for c in text.chars().chain([' ']) {
        if c.is_ascii_alphabetic() {
            run.push(c);
            continue;
        }
        output.push_str(&acronym(&run));
        run.clear();
        output.push(c);
    }
    output.pop();
    output
}

fn acronym(run: &str) -> String {
    let shouted = run.len() > 1 && run.chars().all(|c| c.is_ascii_uppercase());
    if !shouted {
        run.to_owned()
    } else if matches!(run, "NASA" | "NATO" | "NET" | "FEMA" | "ASAP") {
        run.to_lowercase()
    } else if run.contains(['A', 'E', 'I', 'O', 'U']) {
        run.to_owned()
    } else {
        let letters: Vec<String> = run.chars().map(String::from).collect();
        letters.join(" ")
    }
}

/// Step 9. `2023-05-10`, `2023/05/10` and `2023 05 10` in words.
fn dates(words: &[&str]) -> Vec<String> {
    let mut output = Vec::new();
    let mut rest = words;
    while let Some((first, tail)) = rest.split_first() {
        let apart = match rest {
            [year, month, day, ..] => written_date(year, month, day),
            _ => None,
        };
        if let Some(date) = apart {
            output.push(date);
            rest = rest.get(3..).unwrap_or_default();
            continue;
        }
        let parts: Vec<&str> = first.split(['-', '/']).collect();
        let joined = match parts.as_slice() {
            [year, month, day] => written_date(year, month, day),
            _ => None,
        };
        output.push(joined.unwrap_or_else(|| (*first).to_owned()));
        rest = tail;
    }
    output
}

fn written_date(year: &str, month: &str, day: &str) -> Option<String> {
    if [year.len(), month.len(), day.len()] != [4, 2, 2] {
        return None;
    }
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    Some(date.strftime("%A, %B %-d, %Y").to_string())
}

/// Steps 7, 8, 11 and 12 on one word. Step 10 has nothing left to do, since its
/// colons are full stops by now.
fn word(word: &str) -> String {
    let end = word.trim_end_matches(['.', ',', '?', '!', ';']).len();
    let (core, mark) = word.split_at_checked(end).unwrap_or((word, ""));
    let spoken = dollars(core)
        .or_else(|| address(core))
        .or_else(|| phone(core))
        .or_else(|| percentage(core))
        .or_else(|| measure(core))
        .or_else(|| number(core))
        .unwrap_or_else(|| core.to_owned());
    spoken + mark
}

fn dollars(core: &str) -> Option<String> {
    let amount = core.strip_prefix('$')?.replace(',', "");
    let (whole, fraction) = amount.split_once('.').unwrap_or((&amount, "0"));
    let whole: i64 = whole.parse().ok()?;
    let fraction: i64 = fraction.parse().ok()?;
    Some(cents(whole.checked_mul(100)?.checked_add(fraction)?))
}

fn address(core: &str) -> Option<String> {
    core.contains('@')
        .then(|| core.replace('@', " at ").replace('.', " dot "))
}

fn phone(core: &str) -> Option<String> {
    let groups: Vec<usize> = core.split('-').map(str::len).collect();
    let is_phone = groups == [3, 3, 4] && core.chars().all(|c| c.is_ascii_digit() || c == '-');
    is_phone.then(|| apart(&core.replace('-', "")))
}

fn percentage(core: &str) -> Option<String> {
    let amount = core.strip_suffix('%')?;
    amount.parse::<f64>().ok()?;
    Some(format!("{amount} percent"))
}

fn measure(core: &str) -> Option<String> {
    let start = core.find(|c: char| c.is_ascii_alphabetic())?;
    let (amount, unit) = core.split_at_checked(start)?;
    let unit = match unit {
        "km" => "kilometers",
        "mi" => "miles",
        "lb" => "pounds",
        "kg" => "kilograms",
        "ft" => "feet",
        _ => return None,
    };
    Some(format!("{} {unit}", number(amount)?))
}

/// Years stay figures, other numbers up to the cutoff are words, larger ones digits.
fn number(core: &str) -> Option<String> {
    if let Some(positive) = core.strip_prefix('-') {
        return number(positive).map(|words| format!("minus {words}"));
    }
    let plain = core.replace(',', "");
    if plain.is_empty() {
        return None;
    }
    if let Some((whole, decimals)) = plain.split_once('.') {
        let is_decimal = !decimals.is_empty() && decimals.chars().all(|c| c.is_ascii_digit());
        let decimals: Vec<String> = decimals
            .chars()
            .filter_map(|c| Some(cardinal(i64::from(c.to_digit(10)?))))
            .collect();
        return (is_decimal && whole.parse::<u64>().is_ok())
            .then(|| number(whole))
            .flatten()
            .map(|whole| format!("{whole} point {}", decimals.join(" ")));
    }
    if !plain.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    match plain.parse::<u64>() {
        Ok(1900..=DIGITS_CUTOFF) => Some(plain),
        Ok(number @ 0..=DIGITS_CUTOFF) => i64::try_from(number).ok().map(cardinal),
        _ => Some(apart(&plain)),
    }
}

fn apart(digits: &str) -> String {
    let digits: Vec<String> = digits.chars().map(String::from).collect();
    digits.join(" ")
}
