//! Numbers in words, the American way: no "and", no hyphens.
//!
//! Hyphens are left out because a voice says "twenty four" and "twenty-four"
//! alike, while a formatter may take the hyphen for a minus.

use crate::numerals::SMALL;

const TENS: [&str; 10] = [
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];

const SCALES: [(u64, &str); 6] = [
    (1_000_000_000_000_000_000, "quintillion"),
    (1_000_000_000_000_000, "quadrillion"),
    (1_000_000_000_000, "trillion"),
    (1_000_000_000, "billion"),
    (1_000_000, "million"),
    (1_000, "thousand"),
];

/// A number as one counts.
///
/// ```
/// use shared::vapi::speech::cardinal;
///
/// assert_eq!(cardinal(24), "twenty four");
/// assert_eq!(cardinal(1450), "one thousand four hundred fifty");
/// assert_eq!(cardinal(-7), "minus seven");
/// ```
#[must_use]
pub fn cardinal(number: i64) -> String {
    let words = unsigned(number.unsigned_abs());
    if number < 0 {
        format!("minus {words}")
    } else {
        words
    }
}

/// A number as a place in a row.
///
/// ```
/// use shared::vapi::speech::ordinal;
///
/// assert_eq!(ordinal(24), "twenty fourth");
/// assert_eq!(ordinal(100), "one hundredth");
/// ```
#[must_use]
pub fn ordinal(number: u32) -> String {
    let words = unsigned(u64::from(number));
    let (head, last) = match words.rsplit_once(' ') {
        Some((head, last)) => (format!("{head} "), last),
        None => (String::new(), words.as_str()),
    };
    let last = match last {
        "one" => "first".to_owned(),
        "two" => "second".to_owned(),
        "three" => "third".to_owned(),
        "five" => "fifth".to_owned(),
        "eight" => "eighth".to_owned(),
        "nine" => "ninth".to_owned(),
        "twelve" => "twelfth".to_owned(),
        tens if tens.ends_with('y') => format!("{}ieth", tens.trim_end_matches('y')),
        other => format!("{other}th"),
    };
    head + &last
}

/// A year in pairs, as one says it.
///
/// ```
/// use shared::vapi::speech::year;
///
/// assert_eq!(year(2027), "twenty twenty seven");
/// assert_eq!(year(2005), "two thousand five");
/// assert_eq!(year(1905), "nineteen oh five");
/// ```
#[must_use]
pub fn year(year: i16) -> String {
    let (century, rest) = (year / 100, year % 100);
    match year {
        1000..=1999 | 2010..=9999 if century % 10 != 0 || rest >= 10 => pairs(century, rest),
        _ => cardinal(i64::from(year)),
    }
}

/// Two two-digit numbers in a row: "fourteen fifty", "three oh five".
pub(super) fn pairs(first: i16, second: i16) -> String {
    let first = cardinal(i64::from(first));
    match second {
        0 => format!("{first} hundred"),
        1..=9 => format!("{first} oh {}", cardinal(i64::from(second))),
        _ => format!("{first} {}", cardinal(i64::from(second))),
    }
}

/// Each digit by itself; what is not a digit is left out.
///
/// ```
/// use shared::vapi::speech::digits;
///
/// assert_eq!(digits("78701"), "seven eight seven zero one");
/// ```
#[must_use]
pub fn digits(text: &str) -> String {
    let words: Vec<&str> = text.chars().filter_map(digit).collect();
    words.join(" ")
}

/// The word for one ASCII digit.
pub(super) fn digit(c: char) -> Option<&'static str> {
    let value = usize::try_from(c.to_digit(10)?).ok()?;
    SMALL.get(value).copied()
}

pub(super) fn unsigned(number: u64) -> String {
    let mut words = Vec::new();
    let mut rest = number;
    for (scale, name) in SCALES {
        if rest >= scale {
            words.push(below_thousand(rest / scale));
            words.push(name.to_owned());
            rest %= scale;
        }
    }
    if rest > 0 || words.is_empty() {
        words.push(below_thousand(rest));
    }
    words.join(" ")
}

fn below_thousand(number: u64) -> String {
    let (hundreds, rest) = (number / 100, number % 100);
    match (hundreds, rest) {
        (0, rest) => below_hundred(rest),
        (hundreds, 0) => format!("{} hundred", below_hundred(hundreds)),
        (hundreds, rest) => {
            format!(
                "{} hundred {}",
                below_hundred(hundreds),
                below_hundred(rest)
            )
        }
    }
}

fn below_hundred(number: u64) -> String {
    let word = |table: &[&'static str], at: u64| {
        usize::try_from(at)
            .ok()
            .and_then(|at| table.get(at).copied())
            .unwrap_or_default()
    };
    match (number / 10, number % 10) {
        (0 | 1, _) => word(&SMALL, number).to_owned(),
        (tens, 0) => word(&TENS, tens).to_owned(),
        (tens, ones) => format!("{} {}", word(&TENS, tens), word(&SMALL, ones)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_the_range_are_words_too() {
        assert_eq!(cardinal(0), "zero");
        assert_eq!(
            cardinal(i64::MIN),
            "minus nine quintillion two hundred twenty three quadrillion three hundred seventy \
             two trillion thirty six billion eight hundred fifty four million seven hundred \
             seventy five thousand eight hundred eight"
        );
        assert!(ordinal(u32::MAX).ends_with("two hundred ninety fifth"));
        assert_eq!(
            year(i16::MIN),
            "minus thirty two thousand seven hundred sixty eight"
        );
    }

    #[test]
    fn a_round_year_is_not_a_pair() {
        for (number, words) in [
            (1000, "one thousand"),
            (1900, "nineteen hundred"),
            (2000, "two thousand"),
            (2001, "two thousand one"),
            (2010, "twenty ten"),
            (2100, "twenty one hundred"),
            (800, "eight hundred"),
        ] {
            assert_eq!(year(number), words);
        }
    }
}
