//! The tool `set_appointment`: books a viewing, or says what is open instead.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::agreed_time::{agreed_time, within_a_year};
use super::answer::Answer;
use super::contact::{EmailAddress, PhoneNumber};
use super::speech;
use super::viewed::Viewed;
use super::webhook::Asked;
use super::which_viewing::place;
use crate::booking::{BookingError, BookingRequest, Calendar, Guard, Outcome, spread};
use crate::ids::RentalId;
use crate::scheduling::Interval;
use crate::store::{Appointment, Attendee, Cause, Change, property_key};

/// What the caller wants, complete enough to book.
struct Wanted {
    time: Interval,
    zone: TimeZone,
    attendee: Attendee,
    property: Option<String>,
    /// The property, if it is one of the inventory.
    rental: Option<RentalId>,
    notes: Option<String>,
}

impl Wanted {
    /// Whether the call has the time for another property of the inventory.
    fn is_elsewhere(&self, booked: &Appointment) -> bool {
        match (&self.rental, &booked.place) {
            (Some(wanted), Some(booked)) => *wanted != booked.property,
            _ => false,
        }
    }

    /// Where a viewing is, if its address is not the one that was said.
    fn place_to_say(&self, booked: &Appointment) -> String {
        let said = self.property.as_deref().and_then(property_key);
        if said.is_none() || said == booked.property_key {
            String::new()
        } else {
            place(booked)
        }
    }
}

pub(super) async fn run(asked: &Asked<'_>) -> Result<Answer, Answer> {
    let attendee = attendee(asked)?;
    let viewed = Viewed::of(asked).await?.unambiguous()?;
    let calendar = asked.calendar(&viewed.user).await?;
    let calendar = calendar.for_viewings_at(viewed.places);
    let zone = viewed.zone.as_ref().unwrap_or(&calendar.rules.zone);
    let length = SignedDuration::from_mins(i64::from(asked.minutes(&calendar.rules)));
    let time = agreed_time(asked, "start_time", length, &calendar, zone).await?;
    if time.start() < asked.turn.now {
        return already_past(asked, time.start(), &calendar, zone).await;
    }
    within_a_year(time.start(), asked.turn.now)?;
    let wanted = Wanted {
        time,
        zone: zone.clone(),
        attendee,
        property: viewed.address,
        rental: match calendar.places() {
            [place] => Some(place.property.clone()),
            _ => None,
        },
        notes: asked.text("notes"),
    };
    let outcome = book(asked, &wanted, &calendar).await?;
    say(&outcome, asked, &wanted)
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
        zone: Some(&wanted.zone),
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
        once: asked.call.conversation(),
        cause: Cause::Caller,
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

/// The time has passed: it is never moved silently, the caller chooses anew.
pub(super) async fn already_past(
    asked: &Asked<'_>,
    start: Timestamp,
    calendar: &Calendar<'_>,
    zone: &TimeZone,
) -> Result<Answer, Answer> {
    let (turn, rules) = (&asked.turn, &calendar.rules);
    let today = zone.to_datetime(turn.now).date();
    let passed = speech::date_time(zone.to_datetime(start), today);
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
    let offered: Vec<DateTime> = spread(&open, zone, 3)
        .into_iter()
        .map(|start| zone.to_datetime(start))
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

fn say(outcome: &Outcome, asked: &Asked<'_>, wanted: &Wanted) -> Result<Answer, Answer> {
    let zone = &wanted.zone;
    let today = zone.to_datetime(asked.turn.now).date();
    Ok(match outcome {
        Outcome::Booked(appointment) | Outcome::Pending(appointment)
            if wanted.is_elsewhere(appointment) =>
        {
            Answer::not_done(format!(
                "You already have {} for a viewing{}, and nothing else can be at that time. Which \
                 other time would suit you?",
                speech::date_time(zone.to_datetime(appointment.start), today),
                place(appointment)
            ))
        }
        Outcome::Booked(appointment) => Answer::done(booked(
            appointment,
            zone,
            today,
            &wanted.place_to_say(appointment),
        )),
        Outcome::Pending(appointment) if !appointment.promised => Answer::Pending(format!(
            "I cannot tell yet whether the viewing on {} is booked, because the calendar does not \
             answer. Shall I check once more?",
            speech::date_time(zone.to_datetime(appointment.start), today)
        )),
        Outcome::Pending(appointment) => Answer::Pending(format!(
            "I am holding {} for {}. The calendar has not answered yet, so we will confirm it in a \
             moment. The confirmation code is {}.",
            speech::date_time(zone.to_datetime(appointment.start), today),
            name_of(appointment),
            speech::code(&appointment.confirmation_code)
        )),
        Outcome::Taken { alternatives } => Answer::not_done(format!(
            "That time is not open{}",
            instead(alternatives, zone, today)
        )),
        Outcome::Changing(appointment) => {
            let change = match appointment.change {
                Some(Change::Move { .. }) => "moved",
                Some(Change::Cancel { .. }) | None => "cancelled",
            };
            return Err(Answer::not_done(format!(
                "Your viewing on {} is still being {change}, so I cannot book that time again yet. \
                 Shall I try once more in a moment?",
                speech::date_time(zone.to_datetime(appointment.start), today)
            )));
        }
    })
}

/// What can be had instead, to be said after "not open": ", and … Would …?"
pub(super) fn instead(alternatives: &[Timestamp], zone: &TimeZone, today: Date) -> String {
    let open: Vec<DateTime> = alternatives
        .iter()
        .map(|start| zone.to_datetime(*start))
        .collect();
    match open.as_slice() {
        [] => ", and there is nothing near it. Would another week work?".to_owned(),
        [only] => format!(
            ". The nearest I have is {}. Would that work?",
            speech::date_time(*only, today)
        ),
        several => format!(
            ". The nearest I have are {}. Which would you like?",
            speech::offer(several, today)
        ),
    }
}

fn booked(appointment: &Appointment, zone: &TimeZone, today: Date, place: &str) -> String {
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
    format!("Booked for {name} on {when}{place}. The confirmation code is {code}.{invitation}")
}

fn name_of(appointment: &Appointment) -> String {
    let name = appointment
        .attendee
        .as_ref()
        .map(|attendee| speech::person(&attendee.name));
    name.filter(|name| !name.is_empty())
        .unwrap_or_else(|| "you".to_owned())
}
