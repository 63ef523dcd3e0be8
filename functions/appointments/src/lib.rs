//! `GET /appointments`: viewings past and to come, with everything that happened to
//! them; and the same as a feed for calendar programs.

mod feed;
mod when;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use shared::aws::Aws;
use shared::config::{Settings, StartError};
use shared::http::{
    Access, ApiRequest, Function, HttpError, Response, Routes, cursor, ok, place_from_query,
    time_from_text, time_to_text,
};
use shared::https;
use shared::scheduling::Interval;
use shared::store::{Appointment, Appointments, Change, Feeds, ListBy, Status, property_key};
use shared::vapi::PhoneNumber;

use when::When;

/// The function that lists appointments.
pub struct AppointmentsList {
    access: Access,
    appointments: Appointments,
    feeds: Feeds,
    base: String,
}

impl Function for AppointmentsList {
    const NAME: &'static str = "AppointmentsList";

    fn start(settings: &Settings) -> Result<Self, StartError> {
        let aws = Aws::new(settings, &https::client()?);
        Ok(Self {
            access: Access::new(settings, &aws)?,
            appointments: Appointments::new(settings, &aws)?,
            feeds: Feeds::new(settings, &aws)?,
            base: settings.base_url("PUBLIC_BASE_URL", None)?,
        })
    }

    async fn warm(&self) {
        self.access.warm().await;
    }

    fn routes() -> Routes<Self> {
        Routes::new()
            .on("GET /appointments", list)
            .on("GET /appointments/feed.ics", feed::feed)
            .on("POST /appointments/feed-links", feed::make_link)
    }
}

async fn list(function: Arc<AppointmentsList>, request: ApiRequest) -> Result<Response, HttpError> {
    let asks = function.access.caller(&request).await?;
    let user = asks.acting_for(&request, None)?;
    let status = status(&request)?;
    let limit = request.query_number("limit", 50, 1..=200)?;
    let when = When::asked(&request)?;
    let window = when.within(window(&request)?, request.now())?;
    let from: Option<HashMap<String, String>> = place_from_query(&request)?;

    let caller = request.query("caller").map(phone).transpose()?;
    let property = request.query("property").map(property).transpose()?;
    let by = match (&caller, &property) {
        // In the other lists, pages and cursors show where viewings of other staff are.
        _ if !asks.acts_for_everyone() => ListBy::Staff(&user),
        (Some(caller), _) => ListBy::Caller(caller),
        (None, Some(property)) => ListBy::Property(property),
        (None, None) => ListBy::Staff(&user),
    };
    if from
        .as_ref()
        .is_some_and(|from| !by.can_begin_at(from, window))
    {
        return Err(HttpError::bad_cursor());
    }
    let limit = i32::try_from(limit).unwrap_or(50);
    let page = function
        .appointments
        .page(&by, window, when.order(), (limit, from))
        .await?;
    let shown = page.appointments.iter().filter(|appointment| {
        appointment.user_id == user
            && when.shows(appointment, request.now())
            && status.is_none_or(|status| appointment.status == status)
            && caller
                .as_ref()
                .is_none_or(|caller| appointment.caller.as_ref() == Some(caller))
            && property
                .as_ref()
                .is_none_or(|property| appointment.property_key.as_ref() == Some(property))
    });
    ok(&json!({
        "status": "success",
        "appointments": shown.map(appointment_json).collect::<Vec<_>>(),
        "next_cursor": page.next.as_ref().map(cursor),
    }))
}

fn appointment_json(appointment: &Appointment) -> Value {
    let zone = appointment.zone();
    let at = |at: Timestamp| time_to_text(at, &zone);
    let change = appointment.change.as_ref().map(|change| match change {
        Change::Move { start, end } => {
            json!({"kind": "move", "start_time": at(*start), "end_time": at(*end)})
        }
        Change::Cancel { .. } => json!({"kind": "cancel"}),
    });
    let history = appointment.history.iter().map(|entry| {
        json!({
            "at": at(entry.at),
            "what": entry.what,
            "cause": entry.cause,
            "from": entry.from.map(at),
        })
    });
    let attendee = appointment.attendee.as_ref().map(
        |attendee| json!({"name": attendee.name, "email": attendee.email, "phone": attendee.phone}),
    );
    json!({
        "appointment_id": appointment.appointment_id,
        "user_id": appointment.user_id,
        "status": appointment.status,
        "change": change,
        "conflict": appointment.conflict,
        "subject": appointment.subject,
        "start_time": at(appointment.start),
        "end_time": at(appointment.end),
        "time_zone": appointment.time_zone,
        "property_address": appointment.property_address,
        "attendee": attendee,
        "caller": appointment.caller,
        "call_id": appointment.call_id,
        "confirmation_code": appointment.confirmation_code,
        "event_id": appointment.event_id,
        "created_at": at(appointment.created_at),
        "updated_at": at(appointment.updated_at),
        "history": history.collect::<Vec<_>>(),
    })
}

fn status(request: &ApiRequest) -> Result<Option<Status>, HttpError> {
    Ok(match request.query("status") {
        None => None,
        Some("pending") => Some(Status::Pending),
        Some("confirmed") => Some(Status::Confirmed),
        Some("cancelled") => Some(Status::Cancelled),
        Some("failed") => Some(Status::Failed),
        Some(_) => {
            return Err(HttpError::bad_field(
                "status",
                "must be pending, confirmed, cancelled or failed",
            ));
        }
    })
}

/// From `from` to `to`, which is not in it, each as far as there is one; a date is its
/// midnight in UTC.
fn window(request: &ApiRequest) -> Result<Interval, HttpError> {
    let bound = |name: &'static str, default| match request.query(name) {
        None => Ok(default),
        Some(text) => time_from_text(name, text, &TimeZone::UTC),
    };
    let from = bound("from", Timestamp::UNIX_EPOCH)?;
    let to = bound("to", Timestamp::MAX)?;
    Interval::new(from, to).map_err(|_| HttpError::bad_field("to", "must not be before from"))
}

fn phone(text: &str) -> Result<String, HttpError> {
    let number = PhoneNumber::parse(text).map(String::from);
    number.ok_or_else(|| HttpError::bad_field("caller", "must be a phone number"))
}

fn property(text: &str) -> Result<String, HttpError> {
    property_key(text).ok_or_else(|| HttpError::bad_field("property", "must be an address"))
}
