//! Tokens to atoms: the days, times and joining words of a phrase, in their order.

use jiff::civil::Date;

use super::clock::{self, Clock};
use super::cursor::Cursor;
use super::day::{Again, Day, Span};
use super::hours::minute_of;
use super::number::Number;
use super::present::{Present, Reading};
use super::token::{Machine, Token, Unit, Word};
use super::{Hours, date, period, relative};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Atom {
    Day(Day),
    Hours(Hours),
    Clock(Clock),
    /// A day and a time in one timestamp.
    Moment(Date, Clock),
    /// A number that is a time or a day only through its neighbours.
    Number(Number),
    Link(Link),
    /// Any time will do.
    Anything,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    At,
    Around,
    After,
    Before,
    /// Up to a time, or up to and with a day.
    By,
    From,
    Between,
    To,
    And,
    Or,
    OrLater,
    OrEarlier,
}

/// `None` if something in the tokens means something that is not followed.
pub(super) fn atoms(tokens: &[Token], present: Present<'_>) -> Option<Vec<Atom>> {
    let mut cursor = Cursor::new(tokens);
    let mut atoms = Vec::new();
    while !cursor.is_done() {
        if let Some(clock) = clock::read(&mut cursor) {
            push_time(&mut atoms, &mut cursor, Atom::Clock(clock));
        } else if let Some((date, hours)) = relative::read_moment(&mut cursor, present) {
            atoms.push(Atom::Day(Day::Span(Span::one(date, Again::Weekly))));
            atoms.push(Atom::Hours(hours));
        } else if let Some(day) = day(&mut cursor, present) {
            atoms.push(Atom::Day(day));
        } else {
            match cursor.next()? {
                Token::Machine(machine) => atoms.push(from_machine(machine, present)),
                Token::Number(number) => {
                    // A count of something, not a time.
                    if let Some(Token::Word(Word::Unit(_))) = cursor.peek() {
                        return None;
                    }
                    push_time(&mut atoms, &mut cursor, Atom::Number(number));
                }
                Token::Word(word) => word_atoms(&mut atoms, &mut cursor, word, present)?,
                Token::Dash => atoms.push(Atom::Link(Link::To)),
                Token::Dot => {}
                Token::Slash if between_words(&atoms, &cursor) => {
                    atoms.push(Atom::Link(Link::Or));
                }
                Token::Colon | Token::Slash => return None,
            }
        }
    }
    Some(atoms)
}

fn day(cursor: &mut Cursor<'_>, present: Present<'_>) -> Option<Day> {
    period::read(cursor, present)
        .map(Day::Span)
        .or_else(|| relative::read(cursor, present))
        .or_else(|| date::read(cursor, present))
}

/// "Tuesday/Wednesday", "morning/afternoon".
fn between_words(atoms: &[Atom], cursor: &Cursor<'_>) -> bool {
    let next = cursor.peek();
    matches!(atoms.last(), Some(Atom::Day(_) | Atom::Hours(_)))
        && matches!(
            next,
            Some(Token::Word(
                Word::Weekday(_) | Word::Offset(_) | Word::Part(_)
            ))
        )
}

/// "3ish" is "around 3".
fn push_time(atoms: &mut Vec<Atom>, cursor: &mut Cursor<'_>, time: Atom) {
    if cursor.word(Word::Ish).is_some() {
        atoms.push(Atom::Link(Link::Around));
    }
    atoms.push(time);
}

fn word_atoms(
    atoms: &mut Vec<Atom>,
    cursor: &mut Cursor<'_>,
    word: Word,
    present: Present<'_>,
) -> Option<()> {
    let link = match word {
        Word::Part(hours) => {
            atoms.push(Atom::Hours(hours));
            return Some(());
        }
        Word::This => {
            // "This afternoon" is today's.
            if let Some(Token::Word(Word::Part(_))) = cursor.peek() {
                let today = Span::one(present.today, Again::Weekly);
                atoms.push(Atom::Day(Day::Span(today)));
            }
            return Some(());
        }
        Word::Early => {
            atoms.push(Atom::Hours(Hours::EARLY_MORNING));
            return Some(());
        }
        Word::Late => {
            atoms.push(Atom::Hours(Hours::LATE));
            return Some(());
        }
        Word::Anything => {
            atoms.push(Atom::Anything);
            return Some(());
        }
        // "In the morning", "of the month", "any day", "morningish", and a verb.
        Word::In
        | Word::Of
        | Word::Ish
        | Word::Unit(Unit::Day | Unit::Month)
        | Word::Month(5)
        | Word::OClock => return Some(()),
        Word::At => Link::At,
        Word::Around => Link::Around,
        Word::After | Word::Past => Link::After,
        Word::Before => Link::Before,
        Word::By | Word::Until => Link::By,
        Word::From => Link::From,
        Word::Between => Link::Between,
        Word::To => Link::To,
        Word::And => Link::And,
        Word::Or => Link::Or,
        Word::OrLater => Link::OrLater,
        Word::OrEarlier => Link::OrEarlier,
        _ => return None,
    };
    atoms.push(Atom::Link(link));
    Some(())
}

/// A timestamp with an offset is converted to the property's zone. Midnight UTC has
/// two readings, because models write a plain date so; local midnight has one.
fn from_machine(machine: Machine, present: Present<'_>) -> Atom {
    let whole_day = |date: Date| {
        Atom::Day(Day::Calendar {
            year: Some(date.year()),
            month: Some(date.month()),
            day: date.day(),
        })
    };
    let (local, written) = match machine {
        Machine::Date(date) => return whole_day(date),
        Machine::Local(local) => (local, local),
        Machine::Instant(instant, written) => {
            let local = instant.to_zoned(present.now.time_zone().clone());
            (local.datetime(), written)
        }
    };
    let midnight = minute_of(written.time()) == 0;
    let plain = local == written || present.reading == Reading::Far;
    if midnight && plain {
        return whole_day(written.date());
    }
    Atom::Moment(local.date(), Clock::Sure(minute_of(local.time())))
}
