//! The time that a caller agreed to: an offered slot, a time stamp, a wall clock time
//! or words.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::answer::Answer;
use super::speech;
use super::webhook::Asked;
use crate::booking::Calendar;
use crate::microsoft::{iana_name, known_zone};
use crate::scheduling::Interval;
use crate::scheduling::when::{Ask, Meaning, resolve};

/// Nothing is booked further ahead than this.
const FARTHEST_DAYS: i64 = 365;

/// The time, or a question back. The argument `start` holds its beginning, unless
/// `slot_id` names a slot; it then lasts `length`. Without a zone of its own it is in
/// `zone`.
///
/// An id that was never given out counts as absent, since a language model may have
/// made it up.
pub(super) async fn agreed_time(
    asked: &Asked<'_>,
    start: &str,
    length: SignedDuration,
    calendar: &Calendar<'_>,
    zone: &TimeZone,
) -> Result<Interval, Answer> {
    if let Some(slot) = asked.offered_slot(calendar.user()).await? {
        return if slot.stands(calendar.rules_version, asked.turn.now) {
            Ok(slot.time)
        } else {
            Err(Answer::not_done(
                "That offer is too old to be sure of. Shall I look again at what is open?",
            ))
        };
    }
    let start = agreed_start(asked, start, zone)?;
    let end = start.checked_add(length).map_err(|_| unclear())?;
    Interval::new(start, end).map_err(|_| unclear())
}

/// Refuses what is further ahead than anything is booked.
pub(super) fn within_a_year(start: Timestamp, now: Timestamp) -> Result<(), Answer> {
    let farthest = SignedDuration::from_hours(24 * FARTHEST_DAYS);
    if now.duration_until(start) > farthest {
        return Err(Answer::not_done(
            "I can only book up to a year ahead. Which day would suit you?",
        ));
    }
    Ok(())
}

/// The start, as a time stamp, a wall clock time or words.
fn agreed_start(asked: &Asked<'_>, name: &str, zone: &TimeZone) -> Result<Timestamp, Answer> {
    let Some(text) = asked.text(name) else {
        return Err(Answer::not_done("Which day and time would you like?"));
    };
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let zone = match asked.text("timezone") {
        None => zone.clone(),
        Some(name) => iana_name(&name)
            .and_then(|name| known_zone(&name))
            .ok_or_else(unclear)?,
    };
    let local = match text.parse::<DateTime>() {
        // A date alone reads as its midnight; nobody means that.
        Ok(local) if text.len() > "2026-11-24".len() => local,
        _ => spoken_start(asked, &text, &zone)?,
    };
    // On the two nights a year on which the clock is moved, a time can be missing
    // or come twice; then it takes another word to know which is meant.
    let instant = zone.to_ambiguous_timestamp(local);
    instant.unambiguous().map_err(|_| unclear())
}

/// A start in words, such as "tomorrow at two thirty PM".
fn spoken_start(asked: &Asked<'_>, text: &str, zone: &TimeZone) -> Result<DateTime, Answer> {
    let ask = Ask {
        date: Some(text),
        ..Ask::default()
    };
    let now = asked.turn.now.to_zoned(zone.clone());
    match resolve(&ask, &now) {
        Meaning::Days(days) | Meaning::Past { asked: days, .. } if days.first == days.last => {
            let time = days.hours.clock_time().ok_or_else(unclear)?;
            Ok(days.first.to_datetime(time))
        }
        Meaning::Ambiguous(one, other) => {
            let spoken = |day| speech::date(day, now.date());
            Err(Answer::not_done(format!(
                "Do you mean {}, or {}?",
                spoken(one.first),
                spoken(other.first)
            )))
        }
        _ => Err(unclear()),
    }
}

fn unclear() -> Answer {
    Answer::not_done("I did not catch the time. Which day and time would you like?")
}
