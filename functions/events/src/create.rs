//! `POST /calendar/events`: the fields come as JSON or, as the CRM's front end also
//! sends them, in the query.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::booking::{BookingRequest, Calendar, Outcome};
use shared::clock::Turn;
use shared::http::{
    ApiRequest, Caller, HttpError, Response, accepted, created, property_named, time_to_text,
};
use shared::ids::UserId;
use shared::scheduling::Interval;
use shared::store::{Appointment, Attendee, Cause, Place};
use shared::vapi::EmailAddress;

use crate::Events;
use crate::fields::{BODY_LIMIT, EventTimes, SUBJECT_LIMIT, guard, limited, required, taken};
use crate::once::{idempotency_key, once};

/// How many can be invited.
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
    property_id: Option<String>,
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
    let user = caller.acting_for(&request, fields.user_id.as_deref())?;
    let turn = request.turn(function.write_deadline);
    match idempotency_key(&request)? {
        None => book(&function, &fields, &caller, &user, None, &turn).await,
        Some(key) => {
            let id = format!("key {user} {key}");
            let work = book(&function, &fields, &caller, &user, Some(&id), &turn);
            let work = Box::pin(work);
            once(&function.answers, &request, &id, &turn, work).await
        }
    }
}

async fn book(
    function: &Events,
    fields: &Fields,
    caller: &Caller,
    user: &UserId,
    once: Option<&str>,
    turn: &Turn,
) -> Result<Response, HttpError> {
    let subject = required("subject", fields.subject.as_deref(), SUBJECT_LIMIT)?;
    let body = fields.body.as_deref().unwrap_or_default();
    limited("body", body, BODY_LIMIT)?;
    limited(
        "location",
        fields.location.as_deref().unwrap_or_default(),
        SUBJECT_LIMIT,
    )?;
    let invited = invited(fields)?;

    let id = fields.property_id.as_deref();
    let property = property_named(id, &function.rentals, caller, user).await?;
    let calendar = function.desk.calendar(user, turn).await?;
    let calendar = calendar.for_viewings_at(property.iter().map(Place::from).collect());
    let time = time(fields, &calendar.rules.zone, turn.now)?;
    let booking = BookingRequest {
        time,
        zone: None,
        guard: guard(fields.allow_conflict),
        subject,
        notes: body,
        location: fields
            .location
            .as_deref()
            .filter(|location| !location.trim().is_empty())
            .or(property
                .as_ref()
                .map(|rental| rental.property_address.as_str())),
        attendee: attendee(fields, &invited),
        invited,
        is_online_meeting: fields.is_online_meeting,
        call_id: None,
        once,
        cause: Cause::Crm,
        caller: None,
        label: "event",
    };
    answer(calendar.book(&booking, turn).await?, &calendar, &booking)
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
            "message": if appointment.promised {
                "The time is held. Microsoft has not confirmed the event yet."
            } else {
                "It is not known yet whether Microsoft has made the event."
            },
            "event": event_json(&appointment, booking, zone),
        })),
        Outcome::Changing(_) => Err(HttpError::conflict(
            "appointment_changing",
            "The viewing that was booked by this request is being moved or cancelled. Please try \
             again in a moment.",
        )),
        Outcome::Taken { alternatives } => Err(taken(alternatives, zone)),
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
        property_id: text("property_id"),
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

fn time(fields: &Fields, zone: &TimeZone, now: Timestamp) -> Result<Interval, HttpError> {
    let times = EventTimes {
        start: fields.start_time.as_deref(),
        end: fields.end_time.as_deref(),
        minutes: fields.duration_minutes,
        length: None,
    };
    times.interval(zone, now)
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
