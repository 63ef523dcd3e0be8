//! One word of foreign text as it is said: figures, amounts, dates, addresses.
//!
//! The word has no white space. What cannot be said becomes a space, so that
//! nothing here decides about punctuation beyond commas and full stops.

use jiff::civil::{Date, Time};

use super::amounts::cents;
use super::calendar::{clock, month_and_day, time};
use super::numbers::{cardinal, digits, ordinal, year};
use super::rules::{is_letter, zones};
use super::spelling::{email, host, phone};

/// Says one word.
pub(super) fn say(token: &str) -> String {
    let core = token.trim_matches(|c| matches!(c, '.' | ',' | '\'' | '_' | '~' | ':' | '#'));
    let lead = if token.starts_with('#') && core.starts_with(|c: char| c.is_ascii_digit()) {
        "number "
    } else {
        ""
    };
    let mark = match token.chars().next_back() {
        Some('.') => ".",
        Some(',' | ':') => ",",
        _ => "",
    };
    format!(
        "{lead}{}{mark} ",
        known(core).unwrap_or_else(|| pieces(core))
    )
}

/// A word that means something as a whole.
fn known(core: &str) -> Option<String> {
    let lower = core.to_lowercase();
    if zones(&[core]).next().is_some() {
        return Some(String::new());
    }
    if matches!(lower.as_str(), "a.m" | "p.m") {
        return Some(lower.replace('.', "").to_uppercase());
    }
    if core == "1/2" {
        return Some("one half".to_owned());
    }
    address(core)
        .or_else(|| telephone(core))
        .or_else(|| timestamp(core))
        .or_else(|| slashed_date(core))
        .or_else(|| time_of_day(&lower))
        .or_else(|| money(core))
        .or_else(|| span(core, &lower))
        .or_else(|| place_in_a_row(&lower))
        .or_else(|| domain(core))
}

/// An e-mail address.
fn address(core: &str) -> Option<String> {
    let (local, host) = core.split_once('@')?;
    let usable = |part: &str| {
        part.chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+'))
    };
    (!local.is_empty() && host.contains('.') && usable(local) && usable(host)).then(|| email(core))
}

/// Ten or eleven digits without letters, in one of the usual groupings.
fn telephone(core: &str) -> Option<String> {
    let groups: Vec<&str> = core.trim_start_matches('+').split(['-', '.']).collect();
    if !groups
        .iter()
        .all(|group| !group.is_empty() && group.chars().all(|c| c.is_ascii_digit()))
    {
        return None;
    }
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let is_phone = matches!(
        lengths.as_slice(),
        [10 | 11] | [3, 4] | [3, 3, 4] | [1, 3, 3, 4]
    ) || (core.starts_with('+')
        && (8..=15).contains(&lengths.iter().sum::<usize>()));
    is_phone.then(|| phone(core))
}

/// `2026-11-24`, and what may follow: `T10:00:00-06:00`. Offsets are not said.
fn timestamp(core: &str) -> Option<String> {
    let (day, rest) = core.split_at_checked(10)?;
    let is_date = day.char_indices().all(|(at, c)| {
        if matches!(at, 4 | 7) {
            c == '-'
        } else {
            c.is_ascii_digit()
        }
    });
    let day = if is_date {
        spoken_date(day.parse().ok()?)
    } else {
        return None;
    };
    let Some(rest) = rest.strip_prefix(['T', 't']) else {
        return rest.is_empty().then_some(day);
    };
    let (hour, rest) = rest.split_once(':')?;
    let at = Time::new(hour.parse().ok()?, rest.get(..2)?.parse().ok()?, 0, 0).ok()?;
    Some(format!("{day}, at {}", time(at)))
}

/// `11/24/2026`, month first.
fn slashed_date(core: &str) -> Option<String> {
    let parts: Vec<&str> = core.split('/').collect();
    let &[month, day, year] = parts.as_slice() else {
        return None;
    };
    if year.len() != 4 {
        return None;
    }
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    Some(spoken_date(date.ok()?))
}

fn spoken_date(date: Date) -> String {
    format!("{}, {}", month_and_day(date), year(date.year()))
}

/// `2:30pm`, `14:30`, `10am`. Without AM or PM, only what cannot be mistaken gets one.
fn time_of_day(lower: &str) -> Option<String> {
    let (figures, half) = match lower.replace('.', "") {
        text if text.ends_with("am") => (text.trim_end_matches("am").to_owned(), Some(false)),
        text if text.ends_with("pm") => (text.trim_end_matches("pm").to_owned(), Some(true)),
        text => (text, None),
    };
    let mut parts = figures.split(':');
    let hour: i8 = parts.next()?.parse().ok()?;
    let minute = match (parts.next(), half) {
        (Some(minute), _) if minute.len() == 2 => minute.parse().ok()?,
        (None, Some(_)) => 0,
        _ => return None,
    };
    let at = Time::new(hour, minute, 0, 0).ok()?;
    match half {
        Some(afternoon) if (1..=12).contains(&hour) => {
            let hour = hour % 12 + if afternoon { 12 } else { 0 };
            Some(time(Time::new(hour, minute, 0, 0).ok()?))
        }
        _ if hour == 0 || hour > 12 => Some(time(at)),
        _ => Some(clock(hour, minute)),
    }
}

/// `$1,450.00`, and what is written right behind it: `$1,450/month`.
fn money(core: &str) -> Option<String> {
    let rest = core.strip_prefix('$')?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, ',' | '.'))
        .unwrap_or(rest.len());
    let (amount, rest) = rest.split_at_checked(end)?;
    let amount = amount.trim_end_matches(['.', ',']).replace(',', "");
    let (whole, fraction) = amount.split_once('.').unwrap_or((&amount, ""));
    let whole: i64 = whole.parse().ok()?;
    let fraction: i64 = match fraction.len() {
        0 => 0,
        1 => fraction.parse::<i64>().ok()?.checked_mul(10)?,
        _ => fraction.get(..2)?.parse().ok()?,
    };
    let amount = whole.checked_mul(100)?.checked_add(fraction)?;
    if matches!(rest, "k" | "K") {
        return Some(cents(amount.checked_mul(1000)?));
    }
    // A second amount makes a span, or nonsense.
    if rest.contains('$') {
        return None;
    }
    let spoken = cents(amount);
    match rest.strip_prefix('/') {
        Some("mo" | "month") => Some(format!("{spoken} per month")),
        Some(unit) => Some(format!("{spoken} per {}", pieces(unit))),
        None => Some(format!("{spoken} {}", pieces(rest))),
    }
}

/// From one time or amount to another: `9am-5pm`, `$1,200-$1,500`.
fn span(core: &str, lower: &str) -> Option<String> {
    let both = |text: &str, say: fn(&str) -> Option<String>| {
        let (from, to) = text.split_once('-')?;
        Some(format!("{} to {}", say(from)?, say(to)?))
    };
    both(lower, time_of_day).or_else(|| both(core, money))
}

/// `21st`, `5th`.
fn place_in_a_row(lower: &str) -> Option<String> {
    let number = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|ending| lower.strip_suffix(ending))?;
    let usable = number.len() <= 4 && number.chars().all(|c| c.is_ascii_digit());
    usable.then(|| number.parse().ok().map(ordinal)).flatten()
}

/// `example.com`: small letters behind a dot, and no digits alone.
fn domain(core: &str) -> Option<String> {
    let (_, last) = core.rsplit_once('.')?;
    let usable = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let is_domain = last.len() >= 2
        && last.chars().all(|c| c.is_ascii_lowercase())
        && core.len() <= 80
        && core.chars().all(usable)
        && !core.contains("..");
    is_domain.then(|| host(core))
}

/// A word piece by piece: letters as they are, numbers in words, signs by name.
fn pieces(core: &str) -> String {
    let mut output = String::new();
    let mut rest = core;
    while let Some(c) = rest.chars().next() {
        if c.is_ascii_digit() {
            let (number, tail) = leading_number(rest);
            output.push_str(&format_number(number));
            output.push(' ');
            rest = tail;
            if rest.eq_ignore_ascii_case("am") || rest.eq_ignore_ascii_case("pm") {
                output.push_str(&rest.to_uppercase());
                rest = "";
            } else if let Some(tail) = rest.strip_prefix('-')
                && tail.starts_with(|c: char| c.is_ascii_digit())
            {
                output.push_str("to ");
                rest = tail;
            }
            continue;
        }
        match c {
            '&' => output.push_str(" and "),
            '+' => output.push_str(" plus "),
            '%' => output.push_str(" percent "),
            '@' => output.push_str(" at "),
            '€' => output.push_str(" euros "),
            '£' => output.push_str(" pounds "),
            '$' => output.push_str(" dollars "),
            ':' | ',' => output.push_str(", "),
            '.' => output.push_str(". "),
            '-' | '\'' => output.push(c),
            c if is_letter(c) => output.push(c),
            _ => output.push(' '),
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        // Letters and a number in one word are two words to the ear.
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            output.push(' ');
        }
    }
    output
}

/// The number at the front: digits, thousands separators, one decimal point.
fn leading_number(text: &str) -> (&str, &str) {
    let digits_at = |from: usize| {
        text.get(from..).map_or(0, |tail| {
            tail.bytes().take_while(u8::is_ascii_digit).count()
        })
    };
    let mut end = digits_at(0);
    while text.get(end..).is_some_and(|tail| tail.starts_with(',')) && digits_at(end + 1) == 3 {
        end += 4;
    }
    if text.get(end..).is_some_and(|tail| tail.starts_with('.')) {
        let decimals = digits_at(end + 1);
        if decimals > 0 {
            end += 1 + decimals;
        }
    }
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// A quantity in words, a year in pairs, and whatever looks like an identifier
/// digit by digit.
fn format_number(number: &str) -> String {
    let separated = number.contains(',');
    let number = number.replace(',', "");
    if let Some((whole, decimals)) = number.split_once('.') {
        return format!("{} point {}", format_number(whole), digits(decimals));
    }
    let is_identifier = number.len() > 12
        || (number.len() > 1 && number.starts_with('0'))
        || (number.len() > 4 && !separated);
    match number.parse::<i64>() {
        Ok(value) if !is_identifier => match i16::try_from(value) {
            Ok(value @ 1900..=2099) if !separated => year(value),
            _ => cardinal(value),
        },
        _ => digits(&number),
    }
}
