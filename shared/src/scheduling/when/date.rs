//! Calendar dates: "12/1/26", "December third", "the 3rd of next month", "Christmas".
//!
//! Figures are in the American order, month first, unless that is impossible. Two
//! figures of a year are in this century up to 69.

use jiff::civil::Date;

use super::cursor::Cursor;
use super::day::{Again, Day, Span};
use super::number::Number;
use super::present::{Present, monday_of, plus_days};
use super::token::{Token, Unit, Word};

/// Years that anyone means.
const YEARS: std::ops::RangeInclusive<u32> = 1900..=2199;

/// `None` if no date stands here. A date that cannot be, such as February 30, is
/// read; [`Day::place`] finds no day for it.
pub(super) fn read(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<Day> {
    cursor
        .attempt(year_first)
        .or_else(|| cursor.attempt(figures))
        .or_else(|| cursor.attempt(|cursor| month_first(cursor, present)))
        .or_else(|| cursor.attempt(|cursor| day_first(cursor, present)))
        .or_else(|| cursor.attempt(|cursor| day_of_month(cursor, present)))
        .or_else(|| cursor.attempt(|cursor| holiday(cursor, present)))
        .or_else(|| {
            cursor
                .attempt(|cursor| whole_month(cursor, present))
                .map(Day::Span)
        })
}

/// "2026-12-01", where it is not a valid ISO date, and "2026/12/1".
fn year_first(cursor: &mut Cursor<'_>) -> Option<Day> {
    let year = cursor.number().filter(|year| year.figures == 4)?;
    let mark = separator(cursor)?;
    let month = cursor.number()?;
    cursor.take(mark)?;
    let day = cursor.number()?;
    Some(Day::Calendar {
        year: Some(four_figures(year)?),
        month: Some(i8::try_from(month.value).ok()?),
        day: i8::try_from(day.value).ok()?,
    })
}

/// "12/1", "12/1/26", "12-1-2026".
fn figures(cursor: &mut Cursor<'_>) -> Option<Day> {
    let left = cursor.number().filter(|left| left.figures > 0)?;
    let mark = separator(cursor)?;
    let right = cursor.number()?;
    let year = cursor.attempt(|cursor| {
        cursor.take(mark)?;
        let year = cursor.number()?;
        match year.figures {
            4 => four_figures(year),
            2 => two_figures(year),
            _ => None,
        }
    });
    // "2-4" and "2.30" are times more often than dates.
    if (year.is_none() && mark != Token::Slash) || cursor.peek() == Some(mark) {
        return None;
    }
    let (month, day) = if left.as_month().is_none() {
        (right, left)
    } else {
        (left, right)
    };
    Some(Day::Calendar {
        year,
        month: Some(i8::try_from(month.value).ok()?),
        day: i8::try_from(day.value).ok()?,
    })
}

fn separator(cursor: &mut Cursor<'_>) -> Option<Token> {
    let mark = cursor.next()?;
    matches!(mark, Token::Slash | Token::Dash | Token::Dot).then_some(mark)
}

/// "December 3rd 2026".
fn month_first(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<Day> {
    let month = month(cursor)?;
    if cursor.take(Token::Dash).is_none() {
        let _ = cursor.take(Token::Dot);
    }
    let day = cursor.number()?;
    if day.figures > 2 || begins_time(cursor) {
        return None;
    }
    let year = cursor.attempt(|cursor| year(cursor, present));
    Some(Day::Calendar {
        year,
        month: Some(month),
        day: i8::try_from(day.value).ok()?,
    })
}

/// "3 December", "the third of December 2026", "1-Dec-26".
fn day_first(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<Day> {
    let day = cursor.number().filter(|day| day.figures <= 2)?;
    if cursor.take(Token::Dash).is_none() {
        let _ = cursor.word(Word::Of);
    }
    let month = month(cursor)?;
    let _ = cursor.take(Token::Dash);
    let year = cursor.attempt(|cursor| year(cursor, present));
    // "At 3 December 5th": the number belongs to what came before.
    if year.is_none()
        && let Some(Token::Number(next)) = cursor.peek()
        && (next.ordinal || !day.ordinal)
        && next.as_day().is_some()
    {
        return None;
    }
    Some(Day::Calendar {
        year,
        month: Some(month),
        day: i8::try_from(day.value).ok()?,
    })
}

/// "The 3rd", "the third of the month", "the 3rd of next month".
fn day_of_month(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<Day> {
    let day = cursor.number()?;
    let named = day.ordinal || (day.definite && day.figures > 0 && !begins_time(cursor));
    let unit = matches!(cursor.peek(), Some(Token::Word(Word::Unit(_))));
    if !named || unit {
        return None;
    }
    let month = cursor.attempt(|cursor| {
        cursor.any_word(&[Word::Of, Word::In])?;
        relative_month(cursor, present)
    });
    Some(Day::Calendar {
        year: month.map(Date::year),
        month: month.map(Date::month),
        day: i8::try_from(day.value).ok()?,
    })
}

/// "Thanksgiving", "Christmas 2026", "Thanksgiving week".
fn holiday(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<Day> {
    let _ = cursor.any_word(&[Word::This, Word::Next]);
    let Token::Word(Word::Holiday(holiday)) = cursor.next()? else {
        return None;
    };
    let date = match cursor.attempt(|cursor| year(cursor, present)) {
        Some(year) => holiday.in_year(year)?,
        None => holiday.on_or_after(present.today)?,
    };
    if cursor.word(Word::Unit(Unit::Week)).is_some() {
        let monday = monday_of(date)?;
        return Some(Day::Span(Span::of_days(monday, 7)?));
    }
    Some(Day::Span(Span::one(date, Again::On(holiday))))
}

/// "In December", "January 2027".
pub(super) fn whole_month(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<Span> {
    // "May" alone is more often the verb.
    let introduced = matches!(
        cursor.previous(),
        None | Some(Token::Word(
            Word::In | Word::Of | Word::Early | Word::Late | Word::Start | Word::Middle | Word::End
        ))
    );
    let qualified = cursor.any_word(&[Word::This, Word::Next]).is_some();
    let month = month(cursor)?;
    let first_in = |year: i16| Date::new(year, month, 1).ok();
    let first = if let Some(year) = cursor.attempt(|cursor| year(cursor, present)) {
        first_in(year)?
    } else {
        let this_year = present.today.year();
        first_in(this_year)
            .filter(|first| first.last_of_month() >= present.today)
            .or_else(|| first_in(this_year.checked_add(1)?))?
    };
    if month == 5 && !introduced && !qualified {
        return None;
    }
    Span::new(first, first.last_of_month(), Again::Yearly)
}

/// The first day of "the month", "this month" or "next month".
pub(super) fn relative_month(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<Date> {
    let which = cursor.any_word(&[Word::This, Word::Next]);
    cursor.word(Word::Unit(Unit::Month))?;
    let this = present.today.first_of_month();
    match which {
        Some(Word::Next) => plus_days(this.last_of_month(), 1),
        Some(_) => Some(this),
        // "The 3rd of the month" says no more than "the 3rd".
        None => None,
    }
}

fn month(cursor: &mut Cursor<'_>) -> Option<i8> {
    match cursor.next()? {
        Token::Word(Word::Month(month)) => Some(month),
        _ => None,
    }
}

/// "2026", "of 2026", "twenty twenty six", "26" (after a date), "next year".
pub(super) fn year(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<i16> {
    let _ = cursor.any_word(&[Word::Of, Word::In]);
    if let Some(which) = cursor.any_word(&[Word::This, Word::Next]) {
        cursor.word(Word::Unit(Unit::Year))?;
        let ahead = i16::from(which == Word::Next);
        return present.today.year().checked_add(ahead);
    }
    let number = cursor.number().filter(|number| !number.ordinal)?;
    if let Some(year) = four_figures(number) {
        return Some(year);
    }
    if number.figures == 0 && number.value == 20 {
        let rest = cursor.number().filter(|rest| rest.figures == 0)?;
        return two_figures(rest);
    }
    let plain = number.figures == 2 && number.value >= 20 && !begins_time(cursor);
    plain.then(|| two_figures(number)).flatten()
}

fn four_figures(number: Number) -> Option<i16> {
    i16::try_from(number.value)
        .ok()
        .filter(|_| YEARS.contains(&number.value))
}

fn two_figures(number: Number) -> Option<i16> {
    let value = i16::try_from(number.value).ok()?;
    match value {
        0..=69 => Some(2000 + value),
        70..=99 => Some(1900 + value),
        _ => None,
    }
}

/// Whether what comes makes the number before it a time.
fn begins_time(cursor: &Cursor<'_>) -> bool {
    matches!(
        cursor.peek(),
        Some(Token::Colon | Token::Word(Word::Am | Word::Pm | Word::OClock))
    )
}
