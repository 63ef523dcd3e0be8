//! From when a rental can be had.

use jiff::ToSpan;
use jiff::civil::Date;

use super::Problem;
use super::token::{Token, tokens};
use crate::store::AvailableDate;

/// How far back a date without a year may lie. Listings name days that have just
/// passed, and hardly ever one that is farther away than the rest of a year.
const DAYS_BACK: i32 = 90;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const NOW_WORDS: [&str; 8] = [
    "now",
    "immediately",
    "immediate",
    "today",
    "asap",
    "vacant",
    "ready",
    "yes",
];
/// What may stand around a date without changing it.
const FILLERS: [&str; 20] = [
    "available",
    "avail",
    "availability",
    "from",
    "on",
    "starting",
    "beginning",
    "as",
    "of",
    "the",
    "st",
    "nd",
    "rd",
    "th",
    "move",
    "in",
    "moving",
    "occupancy",
    "date",
    "after",
];
const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

const EXAMPLE: Problem = "must be a date such as 2026-07-15, or now";

/// A date as "July 15", "7/15/2026", "15 Jul 2026", "2026-07-15" or "Now".
pub(in crate::rentals) fn available_date(
    text: &str,
    today: Date,
) -> Result<AvailableDate, Problem> {
    let text = without_time(text.trim());
    let tokens: Vec<Token> = tokens(text)
        .into_iter()
        .filter(|token| !is_filler(token))
        .collect();
    let is_now = |token: &Token| match token {
        Token::Word(word) => NOW_WORDS.contains(&word.as_str()),
        Token::Mark(_) => true,
        Token::Number(_) => false,
    };
    if tokens.iter().all(is_now) {
        let says = tokens.iter().any(|token| matches!(token, Token::Word(_)));
        return if says || text.eq_ignore_ascii_case("available") {
            Ok(AvailableDate::Now)
        } else {
            Err(EXAMPLE)
        };
    }
    date(&tokens, today).map(AvailableDate::On)
}

/// The date alone of what a spreadsheet writes as 2026-07-15T00:00:00.
fn without_time(text: &str) -> &str {
    match (text.get(..10), text.get(10..)) {
        (Some(date), Some(rest))
            if rest.starts_with(['T', 't', ' ']) && date.parse::<Date>().is_ok() =>
        {
            date
        }
        _ => text,
    }
}

fn is_filler(token: &Token) -> bool {
    match token {
        Token::Word(word) => {
            FILLERS.contains(&word.as_str()) || WEEKDAYS.iter().any(|day| is_short_for(word, day))
        }
        Token::Mark(mark) => ",.:()".contains(*mark),
        Token::Number(_) => false,
    }
}

/// Whether a word is that name, or at least its first three letters.
fn is_short_for(word: &str, name: &str) -> bool {
    word.len() >= 3 && name.starts_with(word)
}

fn date(tokens: &[Token], today: Date) -> Result<Date, Problem> {
    use Token::{Mark, Number, Word};
    match tokens {
        [
            Number(year),
            Mark('-' | '/'),
            Number(month),
            Mark('-' | '/'),
            Number(day),
        ] if year.len() == 4 => of_year(year, number(month)?, number(day)?),
        [
            Number(month),
            Mark('-' | '/'),
            Number(day),
            Mark('-' | '/'),
            Number(year),
        ] => of_year(year, month_first(month)?, number(day)?),
        [Number(month), Mark('/'), Number(day)] => {
            nearest(month_first(month)?, number(day)?, today)
        }
        [Word(month), Number(day)] | [Number(day), Word(month)] if day.len() <= 2 => {
            nearest(named(month)?, number(day)?, today)
        }
        [Word(month), Number(day), Number(year)]
        | [Number(day), Word(month), Number(year)]
        | [Number(day), Mark('-'), Word(month), Mark('-'), Number(year)] => {
            of_year(year, named(month)?, number(day)?)
        }
        // A month alone begins with its first day.
        [Word(month), Number(year)] => of_year(year, named(month)?, 1),
        [Word(month)] => nearest(named(month)?, 1, today),
        _ => Err(EXAMPLE),
    }
}

fn number(digits: &str) -> Result<i8, Problem> {
    digits.parse().map_err(|_| EXAMPLE)
}

/// Dates in figures have the month first, as Americans write them. One that cannot be
/// read that way is refused rather than turned around, since its neighbours in the
/// file may be such that could be read both ways.
fn month_first(digits: &str) -> Result<i8, Problem> {
    match number(digits)? {
        13.. => Err("must have the month first, or be written as 2026-07-15"),
        month => Ok(month),
    }
}

fn named(word: &str) -> Result<i8, Problem> {
    let mut months = (1..).zip(MONTHS);
    let found =
        months.find(|(_, name)| is_short_for(word, name) || word == "sept" && *name == "september");
    found.map(|(number, _)| number).ok_or(EXAMPLE)
}

fn of_year(year: &str, month: i8, day: i8) -> Result<Date, Problem> {
    let year: i16 = match (year.len(), year.parse::<i16>()) {
        (2, Ok(year)) => 2000 + year,
        (4, Ok(year @ 2000..=2100)) => year,
        _ => return Err("must have a year from 2000 to 2100"),
    };
    Date::new(year, month, day).map_err(|_| "must be a day that there is")
}

/// The first such day that is at most [`DAYS_BACK`] past.
fn nearest(month: i8, day: i8, today: Date) -> Result<Date, Problem> {
    let earliest = today.saturating_sub(DAYS_BACK.days());
    let years = earliest.year()..=earliest.year().saturating_add(1);
    let mut dates = years.filter_map(|year| Date::new(year, month, day).ok());
    dates
        .find(|date| *date >= earliest)
        .ok_or("must be a day that there is")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 25);

    #[expect(clippy::unnecessary_wraps, reason = "it stands in a table of results")]
    fn on(year: i16, month: i8, day: i8) -> Result<AvailableDate, Problem> {
        Ok(AvailableDate::On(date(year, month, day)))
    }

    #[test]
    fn a_date_is_read_as_it_is_written() {
        for (text, expected) in [
            ("Now", Ok(AvailableDate::Now)),
            ("Available Now", Ok(AvailableDate::Now)),
            ("Available", Ok(AvailableDate::Now)),
            ("Available now!", Ok(AvailableDate::Now)),
            ("Immediately", Ok(AvailableDate::Now)),
            ("Immediate move-in", Ok(AvailableDate::Now)),
            ("ASAP", Ok(AvailableDate::Now)),
            ("July 15", on(2027, 7, 15)),
            ("july 15th", on(2027, 7, 15)),
            ("Jul 15, 2027", on(2027, 7, 15)),
            ("15 July", on(2027, 7, 15)),
            ("15th of July 2027", on(2027, 7, 15)),
            ("Available July 15", on(2027, 7, 15)),
            ("Thu, July 15, 2027", on(2027, 7, 15)),
            ("Sept. 1", on(2026, 9, 1)),
            ("December 1", on(2026, 12, 1)),
            ("November 1", on(2026, 11, 1)),
            ("August 1", on(2027, 8, 1)),
            ("Jan 1", on(2027, 1, 1)),
            ("7/15/2027", on(2027, 7, 15)),
            ("7/15/27", on(2027, 7, 15)),
            ("07-15-2027", on(2027, 7, 15)),
            ("12/1", on(2026, 12, 1)),
            ("2027-07-15", on(2027, 7, 15)),
            ("2027/07/15", on(2027, 7, 15)),
            ("2027-07-15T00:00:00Z", on(2027, 7, 15)),
            ("2027-07-15 00:00:00", on(2027, 7, 15)),
            ("15-Jul-2027", on(2027, 7, 15)),
            ("March 2027", on(2027, 3, 1)),
            ("March", on(2027, 3, 1)),
        ] {
            assert_eq!(available_date(text, TODAY), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_one_day_is_refused() {
        for (text, problem) in [
            ("soon", EXAMPLE),
            ("mid July", EXAMPLE),
            ("46218", EXAMPLE),
            ("July 15 - August 1", EXAMPLE),
            ("15.07.2027", EXAMPLE),
            ("--", EXAMPLE),
            (
                "15/7/2027",
                "must have the month first, or be written as 2026-07-15",
            ),
            ("February 30", "must be a day that there is"),
            ("2027-02-29", "must be a day that there is"),
            ("7/15/1999", "must have a year from 2000 to 2100"),
            ("July 15, 3027", "must have a year from 2000 to 2100"),
        ] {
            assert_eq!(available_date(text, TODAY), Err(problem), "{text}");
        }
    }
}
