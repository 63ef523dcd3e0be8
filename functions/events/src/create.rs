//! `POST /calendar/events`: the fields come as JSON or, as the CRM's front end also
//! sends them, in the query.

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::booking::{BookingRequest, Calendar, Guard, Outcome};
use shared::http::{
    ApiRequest, HttpError, Response, accepted, created, time_from_text, time_to_text,
};
use shared::scheduling::Interval;
use shared::store::{Appointment, Attendee};
use shared::vapi::EmailAddress;

use crate::Events;

/// The longest event that can be made here, the farthest ahead, and the longest texts
/// in it.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);
const FARTHEST: SignedDuration = SignedDuration::from_hours(3650 * 24);
const SUBJECT_LIMIT: usize = 255;
const BODY_LIMIT: usize = 10_000;
const ATTENDEES_LIMIT: usize = 50;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Fields {
    user_id: Option<String>,
    subject: Option<String>,
    start_time: Option<String>,
    end_time: Option<String>,
    duration_minutes: Option<i64>,
    body: Option<String>,
    attendee_email: Option<String>,
    attendee_name: Option<String>,
    attendees: Vec<Invited>,
    location: Option<String>,
    is_online_meeting: bool,
    allow_conflict: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Invited {
    Address(String),
    Person {
        email: String,
        #[serde(default)]
        name: Option<String>,
    },
}

pub(super) async fn create(
    function: Arc<Events>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let caller = function.access.caller(&request).await?;
    let fields = if request.has_body() {
        request.json()?
    } else {
        from_query(&request)?
    };
    let named = fields
        .user_id
        .as_deref()
        .or_else(|| request.query("user_id"));
    let user = caller.acting_for(named)?;
    let subject = required("subject", fields.subject.as_deref(), SUBJECT_LIMIT)?;
    let body = fields.body.as_deref().unwrap_or_default();
    limited("body", body, BODY_LIMIT)?;
    limited(
        "location",
        fields.location.as_deref().unwrap_or_default(),
        SUBJECT_LIMIT,
    )?;
    let invited = invited(&fields)?;

    let turn = request.turn(function.write_deadline);
    let calendar = function.desk.calendar(&user, &turn).await?;
    let time = time(&fields, &calendar.rules.zone, turn.now)?;
    let booking = BookingRequest {
        time,
        guard: if fields.allow_conflict {
            Guard::NoOtherViewing
        } else {
            Guard::Free
        },
        subject,
        notes: body,
        location: fields
            .location
            .as_deref()
            .filter(|location| !location.trim().is_empty()),
        attendee: attendee(&fields, &invited),
        invited,
        is_online_meeting: fields.is_online_meeting,
        call_id: None,
        caller: None,
        label: "event",
    };
    answer(calendar.book(&booking, &turn).await?, &calendar, &booking)
}

fn answer(
    outcome: Outcome,
    calendar: &Calendar<'_>,
    booking: &BookingRequest<'_>,
) -> Result<Response, HttpError> {
    let zone = &calendar.rules.zone;
    match outcome {
        Outcome::Booked(appointment) => created(&json!({
            "status": "success",
            "message": "The event is in the calendar.",
            "event": event_json(&appointment, booking, zone),
        })),
        Outcome::Pending(appointment) => accepted(&json!({
            "status": "pending",
            "message": "The time is held. Microsoft has not confirmed the event yet.",
            "event": event_json(&appointment, booking, zone),
        })),
        Outcome::Taken { alternatives } => {
            let alternatives: Vec<Value> = alternatives
                .into_iter()
                .map(|start| json!({"start_time": time_to_text(start, zone)}))
                .collect();
            let error = HttpError::conflict("slot_taken", "That time is not free.");
            Err(error.with_detail("alternatives", Value::from(alternatives)))
        }
    }
}

fn event_json(appointment: &Appointment, booking: &BookingRequest<'_>, zone: &TimeZone) -> Value {
    let attendees = booking
        .invited
        .iter()
        .map(|(name, email)| json!({"name": name, "email": email, "status": "none"}));
    json!({
        "id": appointment.event_id,
        "subject": appointment.subject,
        "start_time": time_to_text(appointment.start, zone),
        "end_time": time_to_text(appointment.end, zone),
        "location": booking.location,
        "attendees": attendees.collect::<Vec<_>>(),
        "is_online_meeting": booking.is_online_meeting,
        "show_as": "busy",
        "is_all_day": false,
        "appointment_id": appointment.appointment_id,
        "confirmation_code": appointment.confirmation_code,
    })
}

fn from_query(request: &ApiRequest) -> Result<Fields, HttpError> {
    let text = |name| request.query(name).map(str::to_owned);
    let duration_minutes = match request.query("duration_minutes") {
        Some(_) => Some(request.query_number("duration_minutes", 30, 1..=1440)?),
        None => None,
    };
    let attendees = request.query("attendees").unwrap_or_default();
    let addresses = attendees
        .split(',')
        .map(str::trim)
        .filter(|address| !address.is_empty());
    Ok(Fields {
        user_id: text("user_id"),
        subject: text("subject"),
        start_time: text("start_time"),
        end_time: text("end_time"),
        duration_minutes,
        body: text("body"),
        attendee_email: text("attendee_email"),
        attendee_name: text("attendee_name"),
        attendees: addresses
            .map(|address| Invited::Address(address.to_owned()))
            .collect(),
        location: text("location"),
        is_online_meeting: flag(request, "is_online_meeting")?,
        allow_conflict: flag(request, "allow_conflict")?,
    })
}

fn flag(request: &ApiRequest, name: &'static str) -> Result<bool, HttpError> {
    match request.query(name) {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(_) => Err(HttpError::bad_field(name, "must be true or false")),
    }
}

fn required<'a>(
    field: &'static str,
    text: Option<&'a str>,
    limit: usize,
) -> Result<&'a str, HttpError> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| HttpError::bad_field(field, "is missing"))?;
    limited(field, text, limit)?;
    Ok(text)
}

fn limited(field: &'static str, text: &str, limit: usize) -> Result<(), HttpError> {
    if text.chars().count() > limit {
        return Err(HttpError::bad_field(
            field,
            &format!("may have at most {limit} characters"),
        ));
    }
    Ok(())
}

fn time(fields: &Fields, zone: &TimeZone, now: Timestamp) -> Result<Interval, HttpError> {
    let start = fields.start_time.as_deref();
    let start = start.ok_or_else(|| HttpError::bad_field("start_time", "is missing"))?;
    let start = time_from_text("start_time", start, zone)?;
    if start < now {
        return Err(HttpError::bad_field("start_time", "is in the past"));
    }
    if now.duration_until(start) > FARTHEST {
        return Err(HttpError::bad_field(
            "start_time",
            "is more than ten years ahead",
        ));
    }
    let end = match (fields.end_time.as_deref(), fields.duration_minutes) {
        (Some(end), _) => time_from_text("end_time", end, zone)?,
        (None, Some(minutes @ 1..=1440)) => start
            .checked_add(SignedDuration::from_mins(minutes))
            .map_err(HttpError::internal)?,
        (None, Some(_)) => {
            return Err(HttpError::bad_field(
                "duration_minutes",
                "must be from 1 to 1440",
            ));
        }
        (None, None) => return Err(HttpError::bad_field("end_time", "is missing")),
    };
    let time = Interval::new(start, end)
        .ok()
        .filter(|time| !time.is_empty());
    let time =
        time.ok_or_else(|| HttpError::bad_field("end_time", "must be later than start_time"))?;
    if time.duration() > LONGEST {
        return Err(HttpError::bad_field(
            "end_time",
            "must be within a day of start_time",
        ));
    }
    if start.as_second() % 60 != 0 || end.as_second() % 60 != 0 {
        return Err(HttpError::bad_field(
            "start_time",
            "and end_time must be whole minutes",
        ));
    }
    Ok(time)
}

fn invited(fields: &Fields) -> Result<Vec<(String, String)>, HttpError> {
    let first = fields
        .attendee_email
        .as_deref()
        .map(|email| ("attendee_email", email, fields.attendee_name.as_deref()));
    let others = fields.attendees.iter().map(|invited| match invited {
        Invited::Address(email) => ("attendees", email.as_str(), None),
        Invited::Person { email, name } => ("attendees", email.as_str(), name.as_deref()),
    });
    let mut all: Vec<(String, String)> = Vec::new();
    for (field, email, name) in first.into_iter().chain(others) {
        let address = EmailAddress::parse(email)
            .ok_or_else(|| HttpError::bad_field(field, "must be an e-mail address"))?;
        let address = String::from(address);
        if all.iter().all(|(_, known)| *known != address) {
            all.push((name.unwrap_or(&address).to_owned(), address));
        }
    }
    if all.len() > ATTENDEES_LIMIT {
        return Err(HttpError::bad_field("attendees", "are too many"));
    }
    Ok(all)
}

fn attendee(fields: &Fields, invited: &[(String, String)]) -> Option<Attendee> {
    let first = invited.first();
    let name = fields
        .attendee_name
        .clone()
        .or_else(|| first.map(|(name, _)| name.clone()))?;
    Some(Attendee {
        name,
        email: first.map(|(_, email)| email.clone()),
        phone: None,
    })
}
