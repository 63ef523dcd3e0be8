//! Parts of a week or month: "early next week", "the end of the month", "the first
//! week of December", "the last Friday of the month".
//!
//! Of a week, the start is Monday to Wednesday, the middle Tuesday to Thursday, the
//! end Thursday to Sunday. Of a month, "beginning" and "end" are seven days, "early",
//! "mid" and "late" thirds.

use jiff::civil::Date;

use super::cursor::Cursor;
use super::date;
use super::day::{Again, Span};
use super::present::{Present, monday_of, plus_days};
use super::token::{Token, Unit, Word};

const THIRDS: [Word; 5] = [
    Word::Start,
    Word::Early,
    Word::Middle,
    Word::Late,
    Word::End,
];

pub(super) fn read(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<Span> {
    cursor
        .attempt(|cursor| of_week(cursor, present))
        .or_else(|| cursor.attempt(|cursor| of_month(cursor, present)))
        .or_else(|| cursor.attempt(|cursor| counted(cursor, present)))
}

fn of_week(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<Span> {
    let part = cursor.any_word(&THIRDS)?;
    of_or_in(cursor);
    let which = cursor.any_word(&[Word::This, Word::Next]);
    cursor.word(Word::Unit(Unit::Week))?;
    let weeks = i64::from(which == Some(Word::Next));
    let (from, to) = match part {
        Word::Start | Word::Early => (0, 2),
        Word::Middle => (1, 3),
        _ => (3, 6),
    };
    let monday = plus_days(monday_of(present.today)?, weeks * 7)?;
    Span::new(
        plus_days(monday, from)?,
        plus_days(monday, to)?,
        Again::Weekly,
    )
}

fn of_month(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<Span> {
    let part = cursor.any_word(&THIRDS)?;
    of_or_in(cursor);
    let _ = cursor.take(Token::Dash);
    in_month(cursor, present, |month| {
        let end = month.last_of_month();
        let (first, last) = match part {
            Word::Start => (month, plus_days(month, 6)?),
            Word::Early => (month, plus_days(month, 9)?),
            Word::Middle => (plus_days(month, 10)?, plus_days(month, 19)?),
            Word::Late => (plus_days(month, 20)?, end),
            _ => (plus_days(end, -6)?, end),
        };
        Span::new(first, last, Again::Yearly)
    })
}

/// "The second week of", "the last Friday of", "the last day of".
fn counted(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<Span> {
    let nth = match cursor.next()? {
        Token::Number(number) if number.ordinal => i8::try_from(number.value).ok()?,
        Token::Word(Word::Last) => -1,
        _ => return None,
    };
    let what = cursor.next()?;
    cursor.any_word(&[Word::Of, Word::In])?;
    in_month(cursor, present, |month| match what {
        Token::Word(Word::Weekday(weekday)) => {
            let date = month.nth_weekday_of_month(nth, weekday).ok()?;
            Some(Span::one(date, Again::Yearly))
        }
        Token::Word(Word::Unit(Unit::Week)) => {
            let end = month.last_of_month();
            let first = match nth {
                -1 => plus_days(end, -6)?,
                1..=5 => plus_days(month, (i64::from(nth) - 1) * 7)?,
                _ => return None,
            };
            Span::new(first, plus_days(first, 6)?.min(end), Again::Yearly)
        }
        Token::Word(Word::Unit(Unit::Day)) => {
            let day = if nth == -1 {
                month.last_of_month().day()
            } else {
                nth
            };
            let date = Date::new(month.year(), month.month(), day).ok()?;
            Some(Span::one(date, Again::Yearly))
        }
        _ => None,
    })
}

/// Part of the month that is named, or of "the month": this one, or the next if that
/// part of it has gone by.
fn in_month(
    cursor: &mut Cursor<'_>,
    present: Present<'_>,
    part: impl Fn(Date) -> Option<Span>,
) -> Option<Span> {
    if let Some(first) = cursor.attempt(|cursor| date::relative_month(cursor, present)) {
        return part(first);
    }
    if cursor.word(Word::Unit(Unit::Month)).is_some() {
        let this = present.today.first_of_month();
        return part(this)
            .filter(|span| span.last >= present.today)
            .or_else(|| part(plus_days(this.last_of_month(), 1)?));
    }
    part(date::whole_month(cursor, present)?.first)
}

fn of_or_in(cursor: &mut Cursor<'_>) {
    let _ = cursor.any_word(&[Word::Of, Word::In]);
}
