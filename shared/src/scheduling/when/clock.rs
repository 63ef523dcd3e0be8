//! Times of day, and the hours that one stands for.
//!
//! An hour without "am" or "pm" is taken as one for a viewing: 1 to 7 are in the
//! afternoon, 8 to 11 in the morning, 12 is noon. A part of the day said with it
//! ("8 tonight") decides instead. "07:00" and "15:00" are 24-hour times.
//!
//! "At three" is the hour from three; "around three" is an hour either side.

use super::Hours;
use super::cursor::Cursor;
use super::number::Number;
use super::token::{Token, Word};

const HOUR: u16 = 60;
const NOON: u16 = 12 * HOUR;
const END_OF_DAY: u16 = 24 * HOUR;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// Minutes after midnight.
    Sure(u16),
    /// On a twelve-hour dial, 1 to 12, with the half of the day unsaid.
    Bare { hour: u16, minute: u16 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    Am,
    Pm,
}

/// Hours as said, before it is known which half of the day is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Exactly(Hours),
    At(Clock),
    Around(Clock),
    From(Clock),
    Until(Clock),
    Between(Clock, Clock),
}

impl Said {
    /// The half of the day that this settles for the times said with it.
    pub(super) fn half(self) -> Option<Half> {
        match self {
            Self::Exactly(hours) if hours.is_before_noon() => Some(Half::Am),
            Self::Exactly(hours) if hours.is_after_noon() => Some(Half::Pm),
            _ => None,
        }
    }

    /// `None` if the hours are empty.
    pub(super) fn hours(self, half: Option<Half>) -> Option<Hours> {
        match self {
            Self::Exactly(hours) => Some(hours),
            Self::At(clock) => Hours::at(clock.minute(half)),
            Self::Around(clock) => {
                let middle = clock.minute(half);
                Hours::of_minutes(middle.saturating_sub(HOUR), middle + HOUR)
            }
            Self::From(clock) => Hours::of_minutes(clock.minute(half), END_OF_DAY),
            Self::Until(clock) => Hours::of_minutes(0, clock.end(half)),
            Self::Between(from, until) => {
                between(from, until, half).or_else(|| between(from, until, None))
            }
        }
    }
}

/// The end follows the start: "between 7 and 9" is an evening, "10 to 2" spans noon.
fn between(from: Clock, until: Clock, half: Option<Half>) -> Option<Hours> {
    let start = from.minute(half);
    let mut end = until.end(half);
    if matches!(until, Clock::Bare { .. }) && end <= start {
        end += NOON;
        if end > END_OF_DAY {
            return None;
        }
    }
    Hours::of_minutes(start, end)
}

fn half_of(minute: u16) -> Half {
    if minute < NOON { Half::Am } else { Half::Pm }
}

impl Clock {
    fn minute(self, half: Option<Half>) -> u16 {
        match self {
            Self::Sure(minute) => minute,
            Self::Bare { hour, minute } => {
                let afternoon = match (hour, half) {
                    (12, _) => false,
                    (1..=7, None) | (_, Some(Half::Pm)) => true,
                    _ => false,
                };
                (hour + if afternoon { 12 } else { 0 }) * HOUR + minute
            }
        }
    }

    /// The minute at which hours end; midnight is that of the day's end.
    fn end(self, half: Option<Half>) -> u16 {
        match self.minute(half) {
            0 => END_OF_DAY,
            minute => minute,
        }
    }

    /// "9 or 10 pm", "2 to 4 pm": this time in the half of the day of a later one.
    pub(super) fn sharing_half_of(self, later: Self) -> Self {
        let (Self::Bare { .. }, Self::Sure(end)) = (self, later) else {
            return self;
        };
        let shared = self.minute(Some(half_of(end)));
        if shared < end {
            Self::Sure(shared)
        } else {
            self
        }
    }

    /// An hour, or figures such as "330" and "1500", where only a time can stand.
    pub(super) fn from_number(number: Number) -> Option<Self> {
        if number.ordinal {
            return None;
        }
        let value = u16::try_from(number.value).ok()?;
        match number.figures {
            // Not a year: no one asks for minutes such as 26.
            3 | 4 if value % 100 < 60 && value % 5 == 0 => {
                Self::on_dial(value / 100, value % 100, number.figures == 4)
            }
            0..=2 => Self::on_dial(value, 0, number.padded),
            _ => None,
        }
    }

    fn on_dial(hour: u16, minute: u16, machine: bool) -> Option<Self> {
        match (hour, minute) {
            (24, 0) => Some(Self::Sure(END_OF_DAY)),
            (0..=23, 0..=59) if machine || hour == 0 || hour > 12 => {
                Some(Self::Sure(hour * HOUR + minute))
            }
            (1..=12, 0..=59) => Some(Self::Bare { hour, minute }),
            _ => None,
        }
    }

    fn in_half(self, half: Half) -> Self {
        match (self, half) {
            (Self::Bare { hour: 12, minute }, Half::Am) => Self::Sure(minute),
            (Self::Bare { .. }, _) => Self::Sure(self.minute(Some(half))),
            // "15:00 pm" and "00:30 am" say the same thing twice.
            (Self::Sure(_), _) => self,
        }
    }
}

/// A time of day in a form that is nothing else: "noon", "2:30", "3 pm", "half past
/// two", "three thirty", or a number before a part of the day.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Clock> {
    cursor
        .attempt(named)
        .or_else(|| cursor.attempt(past_or_to))
        .or_else(|| cursor.attempt(with_minutes))
        .or_else(|| cursor.attempt(with_half))
        .or_else(|| cursor.attempt(spoken_minutes))
        .or_else(|| cursor.attempt(before_part))
}

fn named(cursor: &mut Cursor<'_>) -> Option<Clock> {
    if cursor.peek().is_some_and(is_twelve) {
        cursor.next();
    }
    match cursor.any_word(&[Word::Noon, Word::Midnight])? {
        Word::Noon => Some(Clock::Sure(NOON)),
        _ => Some(Clock::Sure(0)),
    }
}

fn is_twelve(token: Token) -> bool {
    matches!(token, Token::Number(Number { value: 12, .. }))
}

/// "Half past two", "a quarter to three", "ten past four".
fn past_or_to(cursor: &mut Cursor<'_>) -> Option<Clock> {
    let minutes = match cursor.any_word(&[Word::Half, Word::Quarter]) {
        Some(Word::Half) => 30,
        Some(_) => 15,
        None => u16::try_from(cursor.number()?.value).ok()?,
    };
    let (spelled_out, to) =
        match cursor.any_word(&[Word::Past, Word::After, Word::To, Word::Before, Word::Until])? {
            Word::Past => (false, false),
            Word::After => (true, false),
            _ => (true, true),
        };
    // "Ten to four" is a range; "ten past four" is a time.
    let quarter = minutes == 15;
    let hour = cursor.number().filter(|_| quarter || !spelled_out)?;
    let half = half(cursor);
    let (hour, minute) = match (Clock::from_number(hour)?, to) {
        (Clock::Bare { hour, minute: 0 }, false) if minutes < 60 => (hour, minutes),
        (Clock::Bare { hour: 1, minute: 0 }, true) => (12, 60 - minutes),
        (Clock::Bare { hour, minute: 0 }, true) => (hour - 1, 60 - minutes),
        _ => return None,
    };
    let clock = Clock::Bare { hour, minute };
    Some(half.map_or(clock, |half| clock.in_half(half)))
}

/// "2:30", "14:30:00", "2.30 pm".
fn with_minutes(cursor: &mut Cursor<'_>) -> Option<Clock> {
    let hour = cursor.number().filter(|hour| !hour.ordinal)?;
    let mark = cursor.next()?;
    if !matches!(mark, Token::Colon | Token::Dot) {
        return None;
    }
    let minute = cursor.number()?;
    if minute.figures != 2 || (mark == Token::Dot && cursor.take(Token::Dot).is_some()) {
        return None;
    }
    if mark == Token::Colon && cursor.take(Token::Colon).is_some() {
        cursor.number().filter(|second| second.figures == 2)?;
        if cursor.take(Token::Dot).is_some() {
            cursor.number()?;
        }
    }
    let value = |number: Number| u16::try_from(number.value).ok();
    let clock = Clock::on_dial(value(hour)?, value(minute)?, hour.padded)?;
    Some(half(cursor).map_or(clock, |half| clock.in_half(half)))
}

/// "3 pm", "three thirty pm", "330pm", "three o'clock".
fn with_half(cursor: &mut Cursor<'_>) -> Option<Clock> {
    let number = cursor.number()?;
    let minute = cursor.number();
    let oclock = cursor.word(Word::OClock).is_some();
    let half = half(cursor);
    if !oclock && half.is_none() {
        return None;
    }
    let clock = match minute {
        Some(minute) => dial_with_spoken(number, minute)?,
        None => Clock::from_number(number)?,
    };
    // "08 am" is no 24-hour time.
    let clock = match clock {
        Clock::Sure(minute) if minute > 0 && minute < NOON => Clock::Bare {
            hour: minute / HOUR,
            minute: minute % HOUR,
        },
        other => other,
    };
    Some(half.map_or(clock, |half| clock.in_half(half)))
}

/// "Three thirty", "three oh five".
fn spoken_minutes(cursor: &mut Cursor<'_>) -> Option<Clock> {
    let hour = cursor.number().filter(|hour| !hour.definite)?;
    let minute = cursor.number()?;
    dial_with_spoken(hour, minute)
}

fn dial_with_spoken(hour: Number, minute: Number) -> Option<Clock> {
    let minute = minute.as_spoken_minute()?;
    let dial = u16::try_from(hour.value).ok().filter(|_| !hour.ordinal)?;
    (1..=12)
        .contains(&dial)
        .then_some(Clock::Bare { hour: dial, minute })
}

/// "4 in the afternoon": the part itself is left, and settles the half of the day.
fn before_part(cursor: &mut Cursor<'_>) -> Option<Clock> {
    let number = cursor.number()?;
    let ahead = usize::from(cursor.peek() == Some(Token::Word(Word::In)));
    let part = matches!(cursor.peek_at(ahead), Some(Token::Word(Word::Part(_))));
    Clock::from_number(number).filter(|_| part && !number.definite)
}

fn half(cursor: &mut Cursor<'_>) -> Option<Half> {
    match cursor.any_word(&[Word::Am, Word::Pm])? {
        Word::Am => Some(Half::Am),
        _ => Some(Half::Pm),
    }
}
