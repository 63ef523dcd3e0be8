//! The tool `get_availability`: up to three times at which the property can be
//! viewed.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

use super::answer::Answer;
use super::speech::{self, rules::SPOKEN_LIMIT};
use super::viewed::Viewed;
use super::webhook::Asked;
use crate::booking::spread;
use crate::scheduling::when::{Ask, Days, Hours, Meaning, resolve};
use crate::scheduling::{Interval, Rules};

/// When nothing is free in what was asked for, this many days after it are
/// searched for the next opening.
const FURTHER_DAYS: i64 = 28;

pub(super) async fn run(asked: &Asked<'_>) -> Result<Answer, Answer> {
    let turn = &asked.turn;
    let viewed = Viewed::of(asked).await?.with_one_calendar()?;
    let calendar = asked.calendar(&viewed.user).await?;
    let calendar = calendar.for_viewings_at(viewed.places.clone());
    let zone = viewed.zone.as_ref().unwrap_or(&calendar.rules.zone);
    let today = zone.to_datetime(turn.now).date();
    let wanted = wanted_days(asked, zone)?;
    let rules = Rules {
        slot_minutes: asked.minutes(&calendar.rules),
        ..calendar.rules.clone()
    };

    let window = window_of(wanted.first, wanted.last, zone, turn.now).ok_or_else(ask_for_a_day)?;
    let ahead = asked.ahead(&viewed.user).await;
    let serves = ahead.is_some();
    let forget = async {
        if serves {
            asked.forget_ahead(&viewed.user).await;
        }
    };
    let agenda = calendar.agenda_with(ahead, window, turn);
    let (agenda, ()) = tokio::join!(agenda, forget);
    let agenda = agenda?;
    let open_then = agenda.open_slots(&rules, window, turn.now);
    let open = within(wanted.hours, &open_then, zone);
    if open.is_empty() && !open_then.is_empty() {
        return Ok(not_at_those_hours(&wanted, &open_then, zone, today));
    }
    if open.is_empty() {
        let later = days_after(wanted.last, zone, turn.now).ok_or_else(ask_for_a_day)?;
        let agenda = calendar.agenda(later, turn).await?;
        let open_later = agenda.open_slots(&rules, later, turn.now);
        let open = match within(wanted.hours, &open_later, zone) {
            open if open.is_empty() => open_later,
            open => open,
        };
        return Ok(nothing_free(&wanted, &open, zone, today));
    }

    let limit = usize::try_from(asked.number("limit", 3, 1..=3)).unwrap_or(3);
    let offered = local(&spread(&open, zone, limit), zone);
    let more = open.len() > offered.len();
    Ok(offer(&offered, more, &viewed.spoken_place(), today))
}

/// The days and hours that the caller asked for, or a question back.
fn wanted_days(asked: &Asked<'_>, zone: &TimeZone) -> Result<Days, Answer> {
    let now = asked.turn.now.to_zoned(zone.clone());
    let today = now.date();
    let texts = ["date", "part_of_day", "after", "before"].map(|name| asked.text(name));
    let [date, part_of_day, after, before] = texts.each_ref().map(Option::as_deref);
    let ask = Ask {
        date,
        part_of_day,
        after,
        before,
    };
    match resolve(&ask, &now) {
        Meaning::Any(hours) => {
            let days = asked.number("days_ahead", 7, 1..=60);
            let last = today.checked_add(days.days()).unwrap_or(today);
            Ok(Days {
                first: today,
                last,
                hours,
            })
        }
        Meaning::Days(days) => Ok(days),
        Meaning::Ambiguous(one, other) => Err(Answer::not_done(format!(
            "Do you mean {}, or {}?",
            spoken_days(&one, today),
            spoken_days(&other, today)
        ))),
        Meaning::Past { asked, proposed } => Err(Answer::not_done(format!(
            "That would be {}, which has already passed. Did you mean {}?",
            spoken_days(&asked, today),
            spoken_days(&proposed, today)
        ))),
        Meaning::Unclear { .. } => Err(ask_again(date, &now)),
    }
}

/// Asks for the day, or for the time of day when the day alone is clear.
fn ask_again(date: Option<&str>, now: &Zoned) -> Answer {
    let day = Ask {
        date,
        ..Ask::default()
    };
    match resolve(&day, now) {
        Meaning::Unclear { .. } => ask_for_a_day(),
        _ => Answer::not_done(
            "I did not catch the time of day. Would the morning, the afternoon or the evening suit \
             you?",
        ),
    }
}

fn ask_for_a_day() -> Answer {
    Answer::not_done("I did not catch the day. Which day would suit you?")
}

/// From the first of the days (or now) to the end of the last.
fn window_of(first: Date, last: Date, zone: &TimeZone, now: Timestamp) -> Option<Interval> {
    let start = first.to_zoned(zone.clone()).ok()?.timestamp().max(now);
    let end = last
        .tomorrow()
        .ok()?
        .to_zoned(zone.clone())
        .ok()?
        .timestamp();
    Interval::new(start, end.max(start)).ok()
}

fn days_after(day: Date, zone: &TimeZone, now: Timestamp) -> Option<Interval> {
    let last = day.checked_add(FURTHER_DAYS.days()).ok()?;
    window_of(day.tomorrow().ok()?, last, zone, now)
}

fn local(starts: &[Timestamp], zone: &TimeZone) -> Vec<DateTime> {
    starts
        .iter()
        .map(|start| zone.to_datetime(*start))
        .collect()
}

fn offer(offered: &[DateTime], more: bool, place: &str, today: Date) -> Answer {
    let times = speech::offer(offered, today);
    let sentence = offering(offered.len(), more, place, &times);
    // An address without end was not one; the times are what was asked for.
    let is_too_long = sentence.chars().count() > SPOKEN_LIMIT;
    Answer::done(if is_too_long {
        offering(offered.len(), more, "", &times)
    } else {
        sentence
    })
}

fn offering(count: usize, more: bool, place: &str, times: &str) -> String {
    match (count, more) {
        (1, false) => {
            format!("The one open time for a viewing{place} is {times}. Would that work?")
        }
        (1, true) => format!(
            "The first open time for a viewing{place} is {times}, and there are others. Would that \
             work?"
        ),
        (_, false) => format!("I can offer a viewing{place} on {times}. Which works best?"),
        (_, true) => format!(
            "I can offer a viewing{place} on {times}. There are other times too. Which works best?"
        ),
    }
}

/// Those of the starts that are within the hours.
fn within(hours: Hours, starts: &[Timestamp], zone: &TimeZone) -> Vec<Timestamp> {
    let starts = starts.iter().copied();
    starts
        .filter(|start| hours.contains(zone.to_datetime(*start).time()))
        .collect()
}

/// "on Tuesday, December second, after six PM"
fn asked_for(wanted: &Days, today: Date) -> String {
    let preposition = if wanted.first == wanted.last {
        "on"
    } else {
        "from"
    };
    format!("{preposition} {}", spoken_days(wanted, today))
}

/// The days that were asked for have something, but at other hours.
fn not_at_those_hours(wanted: &Days, open: &[Timestamp], zone: &TimeZone, today: Date) -> Answer {
    let offered = local(&spread(open, zone, 2), zone);
    let times = speech::offer(&offered, today);
    let asked_for = asked_for(wanted, today);
    Answer::done(format!(
        "There is nothing free {asked_for}. At other hours I have {times}. Would that suit you?"
    ))
}

/// Nothing is free in what was asked for: the next day that has something.
fn nothing_free(wanted: &Days, open: &[Timestamp], zone: &TimeZone, today: Date) -> Answer {
    let asked_for = asked_for(wanted, today);
    let Some(first) = open.first() else {
        return Answer::done(format!(
            "There is nothing free {asked_for}, nor in the four weeks after. May I take a \
             message instead?"
        ));
    };
    let next_day = zone.to_datetime(*first).date();
    let on_next_day = |start: &&Timestamp| zone.to_datetime(**start).date() == next_day;
    let same_day: Vec<Timestamp> = open.iter().take_while(on_next_day).copied().collect();
    let offered = local(&spread(&same_day, zone, 2), zone);
    let times = speech::offer(&offered, today);
    Answer::done(format!(
        "There is nothing free {asked_for}. The next opening is {times}. Would that suit you?"
    ))
}

/// Days and hours as a listener hears them.
fn spoken_days(days: &Days, today: Date) -> String {
    let first = speech::date(days.first, today);
    let span = if days.first == days.last {
        first
    } else {
        format!("{first} to {}", speech::date(days.last, today))
    };
    if days.hours == Hours::ALL {
        return span;
    }
    match days.hours.until() {
        None => format!("{span}, after {}", speech::time(days.hours.from())),
        Some(until) if days.hours.from() == Time::midnight() => {
            format!("{span}, before {}", speech::time(until))
        }
        Some(until) => format!("{span}, {}", speech::time_range(days.hours.from(), until)),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::vapi::speech::rules::violations;

    #[test]
    fn an_address_without_end_is_left_out_of_an_offer() {
        let day = |day: i8| date(2027, 9, day).at(11, 59, 0, 0);
        let times = [day(22), day(23), day(29)];
        for (address, is_said) in [("14 Mill Lane".to_owned(), true), ("0".repeat(160), false)] {
            let place = format!(" at {}", speech::address(&address));
            let offer = offer(&times, true, &place, date(2026, 11, 25));
            let sentence = offer.sentence();
            assert_eq!(violations(sentence), [], "{sentence}");
            assert_eq!(sentence.contains(&place), is_said, "{sentence}");
        }
    }
}
