//! The tool `set_appointment`: books a viewing, or says what is open instead.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::answer::Answer;
use super::contact::{EmailAddress, PhoneNumber};
use super::speech;
use super::webhook::Asked;
use crate::booking::{BookingError, BookingRequest, Calendar, Guard, Outcome, spread};
use crate::microsoft::{iana_name, known_zone};
use crate::scheduling::Interval;
use crate::scheduling::when::{Ask, Meaning, resolve};
use crate::store::{Appointment, Attendee};

/// Nothing is booked further ahead than this.
const FARTHEST_DAYS: i64 = 365;

/// What the caller wants, complete enough to book.
struct Wanted {
    time: Interval,
    attendee: Attendee,
    property: Option<String>,
    notes: Option<String>,
}

pub(super) async fn run(asked: &Asked<'_>) -> Result<Answer, Answer> {
    let attendee = attendee(asked)?;
    let calendar = asked.desk.calendar(&asked.user, &asked.turn).await?;
    let time = time(asked, &calendar).await?;
    let start = time.start();
    if start < asked.turn.now {
        return already_past(asked, start, &calendar).await;
    }
    let farthest = SignedDuration::from_hours(24 * FARTHEST_DAYS);
    if asked.turn.now.duration_until(start) > farthest {
        return Err(Answer::not_done(
            "I can only book up to a year ahead. Which day would suit you?",
        ));
    }
    let wanted = Wanted {
        time,
        attendee,
        property: asked
            .text("property_address")
            .or_else(|| asked.text("property_id")),
        notes: asked.text("notes"),
    };
    let outcome = book(asked, &wanted, &calendar).await?;
    Ok(say(&outcome, asked, &calendar.rules.zone))
}

async fn book(
    asked: &Asked<'_>,
    wanted: &Wanted,
    calendar: &Calendar<'_>,
) -> Result<Outcome, BookingError> {
    let subject = match &wanted.property {
        Some(property) => format!("Viewing: {property}"),
        None => "Property viewing".to_owned(),
    };
    let invited = wanted.attendee.email.iter();
    let request = BookingRequest {
        time: wanted.time,
        guard: Guard::Offered,
        subject: &subject,
        notes: &event_notes(wanted),
        location: wanted.property.as_deref(),
        attendee: Some(wanted.attendee.clone()),
        invited: invited
            .map(|email| (wanted.attendee.name.clone(), email.clone()))
            .collect(),
        is_online_meeting: false,
        call_id: asked.call.conversation(),
        caller: asked.call.verified_caller(),
        label: &asked.label,
    };
    calendar.book(&request, &asked.turn).await
}

/// Who comes, or a question back.
fn attendee(asked: &Asked<'_>) -> Result<Attendee, Answer> {
    let name = asked
        .text("attendee_name")
        .ok_or_else(|| Answer::not_done("What name should I put the viewing under?"))?;
    let email = match asked.text("attendee_email") {
        None => None,
        Some(text) => Some(EmailAddress::parse(&text).ok_or_else(|| {
            Answer::not_done(
                "That e-mail address does not seem complete. Could you spell it for me, or shall we \
                 go without one?",
            )
        })?),
    };
    let given = asked.text("attendee_phone");
    let given = given.as_deref().and_then(PhoneNumber::parse);
    let phone = given.or_else(|| asked.call.caller.as_deref().and_then(PhoneNumber::parse));
    Ok(Attendee {
        name,
        email: email.map(String::from),
        phone: phone.map(String::from),
    })
}

/// The time that the caller agreed to, or a question back. An id that was never
/// given out counts as absent, since a language model may have made it up.
async fn time(asked: &Asked<'_>, calendar: &Calendar<'_>) -> Result<Interval, Answer> {
    if let Some(slot) = asked.offered_slot().await? {
        return if slot.stands(calendar.rules_version, asked.turn.now) {
            Ok(slot.time)
        } else {
            Err(Answer::not_done(
                "That offer is too old to be sure of. Shall I look again at what is open?",
            ))
        };
    }
    let rules = &calendar.rules;
    let start = start(asked, &rules.zone)?;
    Ok(Interval::lasting(start, rules.slot_minutes))
}

/// The start, as a time stamp, a wall clock time or words.
fn start(asked: &Asked<'_>, zone: &TimeZone) -> Result<Timestamp, Answer> {
    let Some(text) = asked.text("start_time") else {
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

/// The time has passed: it is never moved silently, the caller chooses anew.
async fn already_past(
    asked: &Asked<'_>,
    start: Timestamp,
    calendar: &Calendar<'_>,
) -> Result<Answer, Answer> {
    let (turn, rules) = (&asked.turn, &calendar.rules);
    let today = rules.zone.to_datetime(turn.now).date();
    let passed = speech::date_time(rules.zone.to_datetime(start), today);
    let week = SignedDuration::from_hours(7 * 24);
    let window = turn
        .now
        .checked_add(week)
        .ok()
        .and_then(|end| Interval::new(turn.now, end).ok());
    let open = match window {
        Some(window) => {
            let agenda = calendar.agenda(window, turn).await?;
            agenda.open_slots(rules, window, turn.now)
        }
        None => Vec::new(),
    };
    let offered: Vec<DateTime> = spread(&open, &rules.zone, 3)
        .into_iter()
        .map(|start| rules.zone.to_datetime(start))
        .collect();
    Ok(Answer::not_done(match offered.as_slice() {
        [] => format!("{passed} has already passed. Which other day would suit you?"),
        _ => format!(
            "{passed} has already passed. I could do {}. Which would you like?",
            speech::offer(&offered, today)
        ),
    }))
}

fn event_notes(wanted: &Wanted) -> String {
    let attendee = &wanted.attendee;
    [
        Some("Viewing booked by phone.".to_owned()),
        wanted
            .property
            .as_ref()
            .map(|property| format!("Property: {property}")),
        Some(format!("Attendee: {}", attendee.name)),
        attendee
            .phone
            .as_ref()
            .map(|phone| format!("Phone: {phone}")),
        attendee
            .email
            .as_ref()
            .map(|email| format!("E-mail: {email}")),
        wanted.notes.as_ref().map(|notes| format!("Notes: {notes}")),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join("\n")
}

fn say(outcome: &Outcome, asked: &Asked<'_>, zone: &TimeZone) -> Answer {
    let today = zone.to_datetime(asked.turn.now).date();
    match outcome {
        Outcome::Booked(appointment) => Answer::done(booked(appointment, zone, today)),
        Outcome::Pending(appointment) => Answer::done(format!(
            "I am holding {} for {}. The calendar has not answered yet, so we will confirm it in a \
             moment. The confirmation code is {}.",
            speech::date_time(zone.to_datetime(appointment.start), today),
            name_of(appointment),
            speech::code(&appointment.confirmation_code)
        )),
        Outcome::Taken { alternatives } => {
            let open: Vec<DateTime> = alternatives
                .iter()
                .map(|start| zone.to_datetime(*start))
                .collect();
            Answer::not_done(match open.as_slice() {
                [] => "That time is not open, and there is nothing near it. Would another week \
                       work?"
                    .to_owned(),
                [only] => format!(
                    "That time is not open. The nearest I have is {}. Would that work?",
                    speech::date_time(*only, today)
                ),
                several => format!(
                    "That time is not open. The nearest I have are {}. Which would you like?",
                    speech::offer(several, today)
                ),
            })
        }
    }
}

fn booked(appointment: &Appointment, zone: &TimeZone, today: jiff::civil::Date) -> String {
    let when = speech::date_time(zone.to_datetime(appointment.start), today);
    let code = speech::code(&appointment.confirmation_code);
    let has_email = appointment
        .attendee
        .as_ref()
        .is_some_and(|attendee| attendee.email.is_some());
    let invitation = if has_email {
        " An invitation is on its way by e-mail."
    } else {
        ""
    };
    let name = name_of(appointment);
    format!("Booked for {name} on {when}. The confirmation code is {code}.{invitation}")
}

fn name_of(appointment: &Appointment) -> String {
    let name = appointment
        .attendee
        .as_ref()
        .map(|attendee| speech::person(&attendee.name));
    name.filter(|name| !name.is_empty())
        .unwrap_or_else(|| "you".to_owned())
}
