//! Days told from today: "tomorrow", "next Tuesday", "in three days", "this weekend".
//!
//! Weeks run from Monday to Sunday. What has partly gone by ("this week") keeps its
//! whole extent here; the days before today are taken off at the end.

use jiff::SignedDuration;
use jiff::civil::{Date, Weekday};

use super::Hours;
use super::cursor::Cursor;
use super::date;
use super::day::{Again, Day, Span, is_weekend};
use super::hours::minute_of;
use super::present::{Present, Reading, monday_of, on_or_after, plus_days};
use super::token::{Token, Unit, Word};

/// No one books further ahead than this many days, weeks or months.
const FURTHEST: u32 = 1000;

pub(super) fn read(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<Day> {
    let span = cursor
        .attempt(|cursor| weekday_beside(cursor, present))
        .or_else(|| cursor.attempt(|cursor| counted_from(cursor, present)))
        .or_else(|| cursor.attempt(|cursor| in_count(cursor, present)))
        .or_else(|| cursor.attempt(|cursor| next_few(cursor, present)))
        .or_else(|| cursor.attempt(|cursor| week(cursor, present)))
        .or_else(|| cursor.attempt(|cursor| weekend(cursor, present)))
        .or_else(|| cursor.attempt(|cursor| month(cursor, present)));
    span.map(Day::Span)
        .or_else(|| cursor.attempt(|cursor| near(cursor, present)))
}

/// "Now", "in two hours", "30 minutes from now": a day and hours at once.
pub(super) fn read_moment(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<(Date, Hours)> {
    if cursor.word(Word::Now).is_some() {
        let rest_of_day = Hours::of_minutes(present.minute, u16::MAX)?;
        return Some((present.today, rest_of_day));
    }
    cursor.attempt(|cursor| {
        let introduced = cursor.word(Word::In).is_some();
        let count = i64::from(cursor.number()?.value.min(FURTHEST));
        let minutes = match cursor.unit()? {
            Unit::Minute => count,
            Unit::Hour => count * 60,
            _ => return None,
        };
        if !introduced {
            cursor.word(Word::From)?;
            cursor.word(Word::Now)?;
        }
        let then = present
            .now
            .checked_add(SignedDuration::from_mins(minutes))
            .ok()?;
        let from = minute_of(then.time());
        Some((then.date(), Hours::at(from)?))
    })
}

/// One day, or weekdays: "tomorrow", "this Tuesday", "next Tuesday", "last Tuesday".
fn near(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<Day> {
    match cursor.next()? {
        Token::Word(Word::Offset(days)) => {
            let date = plus_days(present.today, days.into())?;
            Some(Day::Span(Span::one(date, Again::Weekly)))
        }
        Token::Word(Word::Weekdays) => Some(Day::Weekdays {
            from: Weekday::Monday,
            to: Weekday::Friday,
        }),
        Token::Word(Word::Weekday(weekday)) => Some(Day::weekday(weekday)),
        Token::Word(Word::This) => weekday(cursor).map(Day::weekday),
        Token::Word(Word::Next) => weekday(cursor).map(Day::Next),
        Token::Word(Word::Last) => {
            let latest = on_or_after(plus_days(present.today, -7)?, weekday(cursor)?)?;
            Some(Day::Span(Span::one(latest, Again::Weekly)))
        }
        _ => None,
    }
}

/// A day from which others are counted: "a week from *tomorrow*".
fn base(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<Date> {
    if cursor.word(Word::Now).is_some() {
        return Some(present.today);
    }
    let day = cursor
        .attempt(|cursor| near(cursor, present))
        .or_else(|| date::read(cursor, present))?;
    day.place(present.today, present).map(|span| span.first)
}

/// "The Tuesday after Thanksgiving".
fn weekday_beside(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<Span> {
    let weekday = weekday(cursor)?;
    let side = cursor.any_word(&[Word::After, Word::Before])?;
    let base = base(cursor, present)?;
    let from = if side == Word::After { 1 } else { -7 };
    let date = on_or_after(plus_days(base, from)?, weekday)?;
    Some(Span::one(date, Again::Weekly))
}

/// "A week from Tuesday", "two days before Christmas", "the day after Thanksgiving",
/// "three days ago". Without a count, the week before or after is the whole of it.
fn counted_from(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<Span> {
    let count = cursor.number();
    if count.is_some_and(|count| count.ordinal) {
        return None;
    }
    let unit = cursor.unit()?;
    let steps = count.map_or(1, |count| i64::from(count.value.min(FURTHEST)));
    let side = cursor.any_word(&[Word::From, Word::After, Word::Before, Word::Ago])?;
    if side == Word::Ago {
        count?;
        let date = shifted(present.today, -steps, unit)?;
        return Some(Span::one(date, Again::Weekly));
    }
    if unit == Unit::Week && side == Word::After && cursor.word(Word::Next).is_some() {
        return Span::of_days(plus_days(monday_of(present.today)?, 14)?, 7);
    }
    let base = base(cursor, present)?;
    let steps = if side == Word::Before { -steps } else { steps };
    let date = shifted(base, steps, unit)?;
    if unit == Unit::Week && count.is_none() && side != Word::From {
        return Span::of_days(monday_of(date)?, 7);
    }
    Some(Span::one(date, Again::Weekly))
}

/// "In three days", "in two or three weeks"; "within two weeks" is any day until then.
fn in_count(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<Span> {
    let within = cursor.any_word(&[Word::In, Word::Within])? == Word::Within;
    let next = within && cursor.word(Word::Next).is_some();
    let steps = match cursor.number() {
        Some(count) => i64::from(count.value.min(FURTHEST)),
        None if next => 1,
        None => return None,
    };
    let most = cursor.attempt(|cursor| {
        cursor.any_word(&[Word::Or, Word::To])?;
        cursor.number()
    });
    let most = most.map_or(steps, |most| i64::from(most.value.min(FURTHEST)));
    let unit = cursor.unit()?;
    let first = if within {
        present.today
    } else {
        shifted(present.today, steps, unit)?
    };
    Span::new(first, shifted(present.today, most, unit)?, Again::Weekly)
}

/// "The next three days".
fn next_few(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<Span> {
    cursor.word(Word::Next)?;
    if cursor.word(Word::Unit(Unit::Day)).is_some() {
        return Some(Span::one(plus_days(present.today, 1)?, Again::Weekly));
    }
    let steps = i64::from(cursor.number()?.value.min(FURTHEST));
    let then = shifted(present.today, steps, cursor.unit()?)?;
    Span::new(present.today, then, Again::Weekly)
}

/// "This week", "next week", "the week of December 7".
fn week(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<Span> {
    let weeks = match cursor.any_word(&[Word::This, Word::Next, Word::Last]) {
        Some(Word::This) => Some(0),
        Some(Word::Next) => Some(7),
        Some(_) => Some(-7),
        None => None,
    };
    cursor.word(Word::Unit(Unit::Week))?;
    let monday = if let Some(days) = weeks {
        plus_days(monday_of(present.today)?, days)?
    } else {
        cursor.word(Word::Of)?;
        monday_of(base(cursor, present)?)?
    };
    Span::of_days(monday, 7)
}

/// "This weekend", on a Sunday evening the coming one; "next weekend", which before
/// Saturday has two readings; "the weekend of the 5th"; "the weekend after next".
fn weekend(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<Span> {
    let which = cursor.any_word(&[Word::This, Word::Next, Word::Last]);
    cursor.word(Word::Weekend)?;
    let saturday = plus_days(monday_of(present.today)?, 5)?;
    let weeks = if cursor.attempt(after_next).is_some() {
        2
    } else if let Some(base) = cursor.attempt(|cursor| {
        cursor.word(Word::Of)?;
        base(cursor, present)
    }) {
        return Span::of_days(plus_days(monday_of(base)?, 5)?, 2);
    } else {
        let sunday = present.today.weekday() == Weekday::Sunday;
        let over = sunday && !Hours::ALL.remain_at(present.minute);
        match which {
            Some(Word::Last) => -1,
            Some(Word::Next) => {
                i64::from(is_weekend(present.today) || present.reading == Reading::Far)
            }
            _ => i64::from(over),
        }
    };
    Span::of_days(plus_days(saturday, weeks * 7)?, 2)
}

fn after_next(cursor: &mut Cursor<'_>) -> Option<()> {
    cursor.word(Word::After)?;
    cursor.word(Word::Next)
}

/// "This month", "next month".
fn month(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<Span> {
    let first = date::relative_month(cursor, present)?;
    Span::new(first, first.last_of_month(), Again::Yearly)
}

fn weekday(cursor: &mut Cursor<'_>) -> Option<Weekday> {
    match cursor.next()? {
        Token::Word(Word::Weekday(weekday)) => Some(weekday),
        _ => None,
    }
}

fn shifted(date: Date, steps: i64, unit: Unit) -> Option<Date> {
    let span = jiff::Span::new();
    let span = match unit {
        Unit::Day => span.try_days(steps),
        Unit::Week => span.try_weeks(steps),
        Unit::Month => span.try_months(steps),
        Unit::Minute | Unit::Hour | Unit::Year => return None,
    };
    date.checked_add(span.ok()?).ok()
}
