//! Rents and areas.

use super::Problem;
use super::token::{Token, tokens};
use crate::store::Price;

/// What may stand around a rent without changing it.
const RENT_WORDS: [&str; 14] = [
    "usd", "us", "dollar", "dollars", "per", "a", "month", "monthly", "mo", "mth", "pm", "pcm",
    "rent", "each",
];

/// What says that an amount is not the rent of a month.
const OTHER_TERMS: [&str; 14] = [
    "week", "weekly", "wk", "pw", "pppw", "day", "daily", "night", "nightly", "year", "yearly",
    "yr", "annum", "annually",
];

const OTHER_MONEY: [&str; 9] = [
    "eur", "euro", "euros", "gbp", "cad", "aud", "pounds", "pesos", "mxn",
];

/// The most that anybody means as the rent of a month, in cents.
const HIGHEST_RENT: u32 = 100_000_000;

/// A rent, as "$1,450/mo", "1450.00", "1.5k" or "USD 1,450 per month".
pub(in crate::rentals) fn price(text: &str) -> Result<Price, Problem> {
    const EXAMPLE: Problem = "must be an amount of dollars such as 1450";
    let mut amount = None;
    for token in tokens(text) {
        match token {
            Token::Number(digits) if amount.is_none() => amount = Some(digits),
            Token::Number(_) => return Err("must be one amount, without a second number"),
            Token::Word(word) if word == "k" && amount.is_some() => {
                amount = amount.and_then(|digits| thousands(&digits));
                if amount.is_none() {
                    return Err(EXAMPLE);
                }
            }
            Token::Word(word) if RENT_WORDS.contains(&word.as_str()) => {}
            Token::Word(word) if OTHER_TERMS.contains(&word.as_str()) => {
                return Err("must be the rent of a month");
            }
            Token::Word(word) if OTHER_MONEY.contains(&word.as_str()) => {
                return Err("must be in dollars");
            }
            Token::Mark('\u{20ac}' | '\u{a3}') => return Err("must be in dollars"),
            Token::Mark('$' | '/' | '.' | '(' | ')' | '*') => {}
            Token::Mark('-' | '\u{2013}') if amount.is_some() => {}
            Token::Word(_) | Token::Mark(_) => return Err(EXAMPLE),
        }
    }
    let digits = amount.ok_or(EXAMPLE)?;
    // Three digits behind a point are thousands to some people.
    if digits
        .split_once('.')
        .is_some_and(|(_, part)| part.len() > 2)
    {
        return Err(EXAMPLE);
    }
    let price: Price = digits.parse().map_err(|_| EXAMPLE)?;
    if (1..=HIGHEST_RENT).contains(&price.cents()) {
        return Ok(price);
    }
    Err("must be more than 0 and at most 1000000")
}

/// 1.5 thousand as digits: 1500.
fn thousands(digits: &str) -> Option<String> {
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    (part.len() <= 3).then(|| format!("{whole}{part:0<3}"))
}

/// An area, as "1,100 sq ft", "1100 sqft" or "1100".
pub(in crate::rentals) fn square_feet(text: &str) -> Result<u32, Problem> {
    const EXAMPLE: Problem = "must be a number of square feet such as 1100";
    const UNITS: [&str; 8] = ["sq", "ft", "sqft", "sf", "square", "feet", "foot", "f"];
    const ABOUT: [&str; 4] = ["approx", "approximately", "about", "ca"];
    const METRES: [&str; 6] = ["m", "sqm", "meters", "metres", "meter", "metre"];
    let tokens = tokens(text);
    let is_any = |token: &Token, words: &[&str]| matches!(token, Token::Word(word) if words.contains(&word.as_str()));
    if tokens.iter().any(|token| is_any(token, &METRES)) {
        return Err("must be in square feet");
    }
    let mut area = None;
    for token in &tokens {
        match token {
            Token::Number(digits) if area.is_none() => area = Some(digits.clone()),
            Token::Number(_) => return Err("must be one number, without a second one"),
            Token::Mark('.' | '~' | '\u{b2}') => {}
            Token::Mark('-' | '\u{2013}') if area.is_some() => {}
            token if is_any(token, &UNITS) || is_any(token, &ABOUT) => {}
            Token::Word(_) | Token::Mark(_) => return Err(EXAMPLE),
        }
    }
    let digits = area.ok_or(EXAMPLE)?;
    let (whole, part) = digits.split_once('.').unwrap_or((&digits, ""));
    let area: u32 = whole.parse().map_err(|_| EXAMPLE)?;
    if part.bytes().any(|digit| digit != b'0') {
        return Err("must be a whole number of square feet");
    }
    if (50..=100_000).contains(&area) {
        return Ok(area);
    }
    Err("must be from 50 to 100000 square feet")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rent_is_read_as_it_is_written() {
        for (text, cents) in [
            ("$1,450/mo", 145_000),
            ("1450", 145_000),
            ("1450.00", 145_000),
            ("$1450.5", 145_050),
            ("USD 1,450 per month", 145_000),
            ("1,450 dollars a month", 145_000),
            ("$ 2,050.75 (monthly)", 205_075),
            ("1.5k", 150_000),
            ("$2K/mo.", 200_000),
            ("Rent $995 pcm", 99_500),
            ("$1,000,000", 100_000_000),
        ] {
            assert_eq!(price(text).map(Price::cents), Ok(cents), "{text}");
        }
    }

    #[test]
    fn what_could_be_another_rent_is_refused() {
        for (text, problem) in [
            (
                "$1,450 - $1,600",
                "must be one amount, without a second number",
            ),
            ("1 450", "must be one amount, without a second number"),
            ("$400/wk", "must be the rent of a month"),
            ("$18,000 per year", "must be the rent of a month"),
            ("\u{20ac}1450", "must be in dollars"),
            ("1450 CAD", "must be in dollars"),
            ("1.450,00", "must be an amount of dollars such as 1450"),
            ("1.450", "must be an amount of dollars such as 1450"),
            ("cheap", "must be an amount of dollars such as 1450"),
            ("-1450", "must be an amount of dollars such as 1450"),
            ("from 1450", "must be an amount of dollars such as 1450"),
            ("1450+", "must be an amount of dollars such as 1450"),
            ("$0", "must be more than 0 and at most 1000000"),
            ("$2,500,000", "must be more than 0 and at most 1000000"),
            (
                "99999999999999",
                "must be an amount of dollars such as 1450",
            ),
        ] {
            assert_eq!(price(text), Err(problem), "{text}");
        }
    }

    #[test]
    fn an_area_is_read_as_it_is_written() {
        for (text, expected) in [
            ("1,100 sq ft", Ok(1100)),
            ("1100", Ok(1100)),
            ("1100.0", Ok(1100)),
            ("~1,100 Sq. Ft.", Ok(1100)),
            ("approx 850 square feet", Ok(850)),
            ("850sf", Ok(850)),
            ("850 ft\u{b2}", Ok(850)),
            ("90 m2", Err("must be in square feet")),
            ("900-1100", Err("must be one number, without a second one")),
            ("900 1100", Err("must be one number, without a second one")),
            ("850.5", Err("must be a whole number of square feet")),
            ("12", Err("must be from 50 to 100000 square feet")),
            ("big", Err("must be a number of square feet such as 1100")),
        ] {
            assert_eq!(square_feet(text), expected, "{text}");
        }
    }
}
