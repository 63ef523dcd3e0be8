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
use crate::scheduling::when::{Ask, Days, Meaning, resolve};

/// What Americans call their zones, in winter, in summer and in general.
const AMERICAN_ZONES: [(&[&str], &str); 6] = [
    (&["EST", "EDT", "ET", "Eastern"], "America/New_York"),
    (&["CST", "CDT", "CT", "Central"], "America/Chicago"),
    (&["MST", "MDT", "MT", "Mountain"], "America/Denver"),
    (&["PST", "PDT", "PT", "Pacific"], "America/Los_Angeles"),
    (&["AKST", "AKDT", "Alaska"], "America/Anchorage"),
    (&["HST", "Hawaii"], "Pacific/Honolulu"),
];

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
        Some(name) => zone_meant(&name, zone, asked.turn.now).ok_or_else(|| {
            Answer::not_done(
                "I do not know that time zone. Shall I take it as the time where the property is?",
            )
        })?,
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

/// The zone of that name, which may be what people in `here` call theirs.
///
/// The time zone database has `EST`, `MST` and `HST` as zones without summer time; nobody
/// on the phone means those.
fn zone_meant(name: &str, here: &TimeZone, now: Timestamp) -> Option<TimeZone> {
    let half_a_year = SignedDuration::from_hours(183 * 24);
    let then = now.checked_add(half_a_year).unwrap_or(now);
    let is_ours = [now, then].iter().any(|&at| {
        let ours = here.to_offset_info(at);
        ours.abbreviation().eq_ignore_ascii_case(name.trim())
    });
    if is_ours {
        return Some(here.clone());
    }
    let american = AMERICAN_ZONES
        .iter()
        .find(|(names, _)| {
            names
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name.trim()))
        })
        .map(|(_, iana)| (*iana).to_owned());
    known_zone(&american.or_else(|| iana_name(name))?)
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
            let spoken = |days: &Days| match days.hours.clock_time() {
                Some(time) => speech::date_time(days.first.to_datetime(time), now.date()),
                None => speech::date(days.first, now.date()),
            };
            Err(Answer::not_done(format!(
                "Do you mean {}, or {}?",
                spoken(&one),
                spoken(&other)
            )))
        }
        _ => Err(unclear()),
    }
}

fn unclear() -> Answer {
    Answer::not_done("I did not catch the time. Which day and time would you like?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_what_people_call_it_where_the_property_is() {
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        for (name, here, meant) in [
            ("EST", "America/New_York", Some("America/New_York")),
            ("edt", "America/New_York", Some("America/New_York")),
            ("EST", "America/Chicago", Some("America/New_York")),
            ("MST", "America/Phoenix", Some("America/Phoenix")),
            ("MST", "America/Chicago", Some("America/Denver")),
            ("CST", "Asia/Shanghai", Some("Asia/Shanghai")),
            (" Central ", "America/Chicago", Some("America/Chicago")),
            (
                "Pacific Standard Time",
                "America/Chicago",
                Some("America/Los_Angeles"),
            ),
            ("Europe/Berlin", "America/Chicago", Some("Europe/Berlin")),
            ("Mars/Olympus", "America/Chicago", None),
            ("", "America/Chicago", None),
        ] {
            let here = known_zone(here).unwrap();
            let zone = zone_meant(name, &here, now);
            let found = zone.as_ref().and_then(TimeZone::iana_name);
            assert_eq!(found, meant, "{name:?} in {here:?}");
        }
    }
}
