//! `GET /calendar/events`.

use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::json;
use shared::booking::ListedEvent;
use shared::http::{ApiRequest, HttpError, Response, ok, time_to_text, window_from_query};
use shared::ids::AppointmentId;
use shared::microsoft::{CalendarEvent, EventTime};

use crate::Events;

/// The longest time that is listed in one request.
const LONGEST_DAYS: i64 = 92;

pub(super) async fn list(
    function: Arc<Events>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let user = function.access.user(&request).await?;
    let days = request.query_number("days_ahead", 14, 1..=90)?;
    let turn = request.turn(function.read_deadline);
    let calendar = function.desk.calendar(&user, &turn).await?;
    let zone = &calendar.rules.zone;
    let window = window_from_query(&request, zone, days.days(), LONGEST_DAYS)?;
    let events = calendar.events(window, &turn).await?;
    let events = events
        .into_iter()
        .map(|listed| EventJson::new(listed, zone));
    ok(&json!({
        "status": "success",
        "events": events.collect::<Vec<_>>(),
        "time_zone": zone.iana_name(),
    }))
}

/// An event as the CRM's front end reads it.
#[derive(Serialize)]
pub(super) struct EventJson {
    id: String,
    subject: String,
    start_time: Option<String>,
    end_time: Option<String>,
    location: Option<String>,
    attendees: Vec<AttendeeJson>,
    is_online_meeting: bool,
    web_link: Option<String>,
    body: Option<String>,
    show_as: String,
    is_all_day: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    appointment_id: Option<AppointmentId>,
}

#[derive(Serialize)]
struct AttendeeJson {
    name: String,
    email: String,
    status: String,
}

impl EventJson {
    pub(super) fn new(listed: ListedEvent, zone: &TimeZone) -> Self {
        let CalendarEvent {
            id,
            time,
            show_as,
            subject,
            location,
            attendees,
            is_online_meeting,
            web_link,
            body,
            ..
        } = listed.event;
        let (start_time, end_time) = match time {
            EventTime::At(interval) => (
                Some(time_to_text(interval.start(), zone)),
                Some(time_to_text(interval.end(), zone)),
            ),
            EventTime::AllDay { start, end } => (midnight(start, zone), midnight(end, zone)),
        };
        let attendees = attendees.into_iter().map(|attendee| AttendeeJson {
            name: attendee.name,
            email: attendee.email,
            status: attendee.status,
        });
        Self {
            id: id.to_string(),
            subject,
            start_time,
            end_time,
            location,
            attendees: attendees.collect(),
            is_online_meeting,
            web_link,
            body,
            show_as: known_show_as(&show_as),
            is_all_day: matches!(time, EventTime::AllDay { .. }),
            appointment_id: listed.appointment_id,
        }
    }
}

/// Graph's `showAs` in lower case; missing is `unknown`.
fn known_show_as(text: &str) -> String {
    match text {
        "" => "unknown".to_owned(),
        text => text.to_ascii_lowercase(),
    }
}

fn midnight(date: Date, zone: &TimeZone) -> Option<String> {
    let midnight = date.to_zoned(zone.clone()).ok()?;
    Some(time_to_text(midnight.timestamp(), zone))
}
