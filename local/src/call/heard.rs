//! What a caller understands of a spoken offer.
//!
//! The open times are known from the API. Dates and times of day are spoken with
//! the functions that the tools use, and looked for in the answer; a time that is
//! named but not open is told apart, since an offer of it would be wrong.

use jiff::civil::{Date, DateTime, Time};
use jiff::{Timestamp, ToSpan};
use shared::ids::confirmation_code_of;
use shared::vapi::speech;

/// An open time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    /// The start as the API writes it, with its offset.
    pub(crate) start_time: String,
    /// The start on the wall clock of the staff member.
    pub(super) local: DateTime,
    pub(super) id: String,
}

impl Slot {
    /// The time as the tools say it.
    pub(super) fn spoken(&self, today: Date) -> String {
        speech::date_time(self.local, today)
    }
}

/// The times that an answer names, in the order in which they are said.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) open: Vec<Slot>,
    /// Times to come that are not open.
    pub(super) not_open: Vec<DateTime>,
}

/// Days ahead within which a date is understood.
pub(super) const DAYS_UNDERSTOOD: i64 = 60;

/// Finds the times in an answer.
pub(super) fn understand(answer: &str, slots: &[Slot], now: DateTime) -> Heard {
    let mut named = Vec::new();
    let times = times_of_day();
    for ahead in 0..=DAYS_UNDERSTOOD {
        let Ok(day) = now.date().checked_add(ahead.days()) else {
            break;
        };
        let spoken = format!("{}, at ", speech::date(day, now.date()));
        for (at, _) in answer.match_indices(&spoken) {
            let rest = answer.get(at + spoken.len()..).unwrap_or_default();
            let listed = listed_times(rest, &times);
            named.extend(listed.into_iter().map(|time| (at, day.to_datetime(time))));
        }
    }
    named.sort_by_key(|(at, _)| *at);

    let mut heard = Heard::default();
    for (_, local) in named {
        match slots.iter().find(|slot| slot.local == local) {
            Some(slot) if !heard.open.contains(slot) => heard.open.push(slot.clone()),
            None if local > now && !heard.not_open.contains(&local) => heard.not_open.push(local),
            _ => {}
        }
    }
    heard
}

/// The confirmation code in an answer: what follows these words, up to the stop.
pub(super) fn code(answer: &str) -> Option<String> {
    let (_, after) = answer.split_once("confirmation code is ")?;
    let after = after.strip_prefix("still ").unwrap_or(after);
    confirmation_code_of(after.split('.').next()?)
}

/// Every minute of the day as it is spoken.
fn times_of_day() -> Vec<(String, Time)> {
    let minutes = (0..24).flat_map(|hour| (0..60).map(move |minute| Time::new(hour, minute, 0, 0)));
    minutes
        .flatten()
        .map(|time| (speech::time(time), time))
        .collect()
}

/// The times at the beginning of a text such as "ten AM, noon, or one PM. Which …".
fn listed_times(text: &str, times: &[(String, Time)]) -> Vec<Time> {
    let mut listed = Vec::new();
    let mut rest = text;
    while let Some((time, after)) = leading_time(rest, times) {
        listed.push(time);
        let next = [", or ", " or ", ", "]
            .iter()
            .find_map(|separator| after.strip_prefix(separator));
        match next {
            Some(next) => rest = next,
            None => break,
        }
    }
    listed
}

/// The time that a text begins with, and what follows.
fn leading_time<'a>(text: &'a str, times: &[(String, Time)]) -> Option<(Time, &'a str)> {
    times.iter().find_map(|(spoken, time)| {
        let after = text.strip_prefix(spoken.as_str())?;
        let ends = !after.starts_with(char::is_alphanumeric);
        ends.then_some((*time, after))
    })
}

#[cfg(test)]
impl Slot {
    /// A slot of half an hour, for tests.
    pub(super) fn new(start: Timestamp, local: DateTime) -> Self {
        let zone = jiff::tz::TimeZone::get("America/Chicago").unwrap();
        let zoned = start.to_zoned(zone);
        Self {
            start,
            end: start + jiff::SignedDuration::from_mins(30),
            start_time: zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            local,
            id: format!("s{}x30", start.as_second() / 60),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// Open half hours from nine to five on the two days after a Sunday.
    fn slots() -> Vec<Slot> {
        let zone = jiff::tz::TimeZone::get("America/Chicago").unwrap();
        let half_hours =
            |day: Date| (0..16).map(move |half| day.at(9 + half / 2, half % 2 * 30, 0, 0));
        half_hours(date(2026, 11, 23))
            .chain(half_hours(date(2026, 11, 24)))
            .map(|local| Slot::new(zone.to_timestamp(local).unwrap(), local))
            .collect()
    }

    fn now() -> DateTime {
        date(2026, 11, 22).at(18, 0, 0, 0)
    }

    fn at(day: i8, hour: i8, minute: i8) -> DateTime {
        date(2026, 11, day).at(hour, minute, 0, 0)
    }

    #[test]
    fn times_are_found_wherever_they_stand() {
        let cases = [
            (
                "I can offer a viewing at ten Mill Lane on Monday, November twenty third, at nine \
                 AM, ten thirty AM, or two PM. Which works best?",
                vec![at(23, 9, 0), at(23, 10, 30), at(23, 14, 0)],
            ),
            (
                "That time is not open. The nearest I have are Monday, November twenty third, at \
                 nine thirty AM or noon, or Tuesday, November twenty fourth, at twelve thirty PM. \
                 Which would you like?",
                vec![at(23, 9, 30), at(23, 12, 0), at(24, 12, 30)],
            ),
            (
                "The next opening is tomorrow, Monday, November twenty third, at four PM. Would \
                 that suit you?",
                vec![at(23, 16, 0)],
            ),
            ("Which day would suit you?", vec![]),
            ("Monday at nine AM, or Tuesday.", vec![]),
            ("", vec![]),
        ];
        for (answer, expected) in cases {
            let heard = understand(answer, &slots(), now());
            let open: Vec<DateTime> = heard.open.iter().map(|slot| slot.local).collect();
            assert_eq!(open, expected, "{answer}");
            assert_eq!(heard.not_open, [], "{answer}");
        }
    }

    #[test]
    fn a_time_that_is_not_open_is_no_offer() {
        let answer = "Monday, November twenty third, at eight AM or nine AM, or Wednesday, \
                      November twenty fifth, at noon.";
        let heard = understand(answer, &slots(), now());
        assert_eq!(heard.open.len(), 1);
        assert_eq!(heard.not_open, [at(23, 8, 0), at(25, 12, 0)]);
    }

    #[test]
    fn a_time_that_has_passed_is_only_mentioned() {
        let answer = "Sunday, November twenty second, at ten AM has already passed.";
        assert_eq!(understand(answer, &slots(), now()), Heard::default());
    }

    #[test]
    fn what_the_tools_offer_is_understood_word_for_word() {
        let slots = slots();
        for chosen in slots.windows(3) {
            let starts: Vec<DateTime> = chosen.iter().map(|slot| slot.local).collect();
            let answer = format!("I have {}.", speech::offer(&starts, now().date()));
            assert_eq!(understand(&answer, &slots, now()).open, chosen, "{answer}");
        }
    }

    #[test]
    fn a_code_is_heard_in_the_words_it_is_said_in() {
        for (answer, expected) in [
            (
                "Booked. The confirmation code is four, C, W, seven, X, Y. Goodbye.",
                Some("4CW7XY"),
            ),
            (
                "The confirmation code is still C, C, W, four, X, Y.",
                Some("CCW4XY"),
            ),
            ("The confirmation code is in the invitation.", None),
            ("Booked.", None),
        ] {
            assert_eq!(code(answer).as_deref(), expected, "{answer}");
        }
    }

    #[test]
    fn the_turn_of_the_year_is_understood() {
        let local = date(2027, 1, 4).at(9, 0, 0, 0);
        let slot = Slot::new("2027-01-04T15:00:00Z".parse().unwrap(), local);
        let answer = "Monday, January fourth, twenty twenty seven, at nine AM.";
        let heard = understand(
            answer,
            std::slice::from_ref(&slot),
            date(2026, 12, 31).at(9, 0, 0, 0),
        );
        assert_eq!(heard.open, [slot]);
    }
}
