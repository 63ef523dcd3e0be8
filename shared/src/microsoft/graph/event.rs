//! An event as Graph tells it (Microsoft Learn, "event resource type").
//!
//! Every property can be null or missing, and enums come in any case. What cannot
//! be understood about an event's time is an error: unknown is never free.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;

use super::super::MicrosoftError;
use super::super::zones::{iana_name, known_zone};
use super::new_event::TAG_NAME;
use crate::ids::{AppointmentId, EventId};
use crate::scheduling::{Busy, Interval, ShowAs};

/// An event of a calendar.
#[derive(Clone, Debug)]
pub struct CalendarEvent {
    pub id: EventId,
    /// The version of the event, for a conditional change.
    pub etag: Option<String>,
    pub time: EventTime,
    pub show_as: String,
    pub is_cancelled: bool,
    pub is_declined: bool,
    pub subject: String,
    pub location: Option<String>,
    pub attendees: Vec<GraphAttendee>,
    pub is_online_meeting: bool,
    pub web_link: Option<String>,
    pub body: Option<String>,
    /// The appointment that it was booked for, where that was asked for.
    pub appointment: Option<AppointmentId>,
}

/// When an event takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventTime {
    /// Between two instants.
    At(Interval),
    /// On whole dates, the last one exclusive. They are dates in the zone of the
    /// mailbox, never instants.
    AllDay { start: Date, end: Date },
}

/// Someone who is invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphAttendee {
    pub name: String,
    pub email: String,
    /// Their answer so far, as Graph names it.
    pub status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wire {
    id: String,
    #[serde(rename = "@odata.etag", default)]
    etag: Option<String>,
    #[serde(default)]
    start: Option<WireTime>,
    #[serde(default)]
    end: Option<WireTime>,
    #[serde(default)]
    show_as: Option<String>,
    #[serde(default)]
    is_all_day: Option<bool>,
    #[serde(default)]
    is_cancelled: Option<bool>,
    #[serde(default)]
    response_status: Option<WireResponse>,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    location: Option<WireLocation>,
    #[serde(default)]
    attendees: Option<Vec<WireAttendee>>,
    #[serde(default)]
    is_online_meeting: Option<bool>,
    #[serde(default)]
    web_link: Option<String>,
    #[serde(default)]
    body: Option<WireBody>,
    #[serde(default)]
    single_value_extended_properties: Option<Vec<WireProperty>>,
}

#[derive(Deserialize)]
struct WireProperty {
    id: String,
    #[serde(default)]
    value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireTime {
    #[serde(default)]
    date_time: Option<String>,
    #[serde(default)]
    time_zone: Option<String>,
}

#[derive(Deserialize)]
struct WireResponse {
    #[serde(default)]
    response: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireLocation {
    #[serde(default)]
    display_name: Option<String>,
}

#[derive(Deserialize)]
struct WireBody {
    #[serde(default)]
    content: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireAttendee {
    #[serde(default)]
    email_address: Option<WireAddress>,
    #[serde(default)]
    status: Option<WireResponse>,
}

#[derive(Deserialize)]
struct WireAddress {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    address: Option<String>,
}

impl Wire {
    pub(super) fn read(self) -> Result<CalendarEvent, MicrosoftError> {
        let time = event_time(
            self.start.as_ref(),
            self.end.as_ref(),
            self.is_all_day.unwrap_or(false),
        )
        .ok_or(MicrosoftError::Unreadable("the time of an event"))?;
        let declined = self.response_status.and_then(|status| status.response);
        Ok(CalendarEvent {
            id: EventId::new(self.id),
            etag: self.etag,
            time,
            show_as: self.show_as.unwrap_or_default(),
            is_cancelled: self.is_cancelled.unwrap_or(false),
            is_declined: declined.is_some_and(|answer| answer.eq_ignore_ascii_case("declined")),
            subject: self.subject.unwrap_or_default(),
            location: self
                .location
                .and_then(|location| filled(location.display_name)),
            attendees: self
                .attendees
                .unwrap_or_default()
                .into_iter()
                .filter_map(WireAttendee::read)
                .collect(),
            is_online_meeting: self.is_online_meeting.unwrap_or(false),
            web_link: filled(self.web_link),
            body: self.body.and_then(|body| filled(body.content)),
            appointment: self
                .single_value_extended_properties
                .unwrap_or_default()
                .into_iter()
                .find(|property| property.id.eq_ignore_ascii_case(TAG_NAME))
                .and_then(|property| filled(property.value))
                .map(AppointmentId::new),
        })
    }
}

impl WireAttendee {
    fn read(self) -> Option<GraphAttendee> {
        let address = self.email_address?;
        let email = filled(address.address)?;
        Some(GraphAttendee {
            name: filled(address.name).unwrap_or_else(|| email.clone()),
            email,
            status: self
                .status
                .and_then(|status| filled(status.response))
                .unwrap_or_else(|| "none".to_owned()),
        })
    }
}

impl CalendarEvent {
    /// Between which instants it is; none for an event of whole dates.
    pub fn interval(&self) -> Option<Interval> {
        match self.time {
            EventTime::At(interval) => Some(interval),
            EventTime::AllDay { .. } => None,
        }
    }

    /// When it is, if that is a time that a viewing can have: neither whole dates nor no
    /// time at all.
    pub fn viewing_time(&self) -> Option<Interval> {
        self.interval().filter(|time| !time.is_empty())
    }

    /// The event as the slot engine weighs it.
    pub fn busy(&self) -> Busy {
        let mut busy = match self.time {
            EventTime::At(interval) => Busy::at(interval),
            EventTime::AllDay { start, end } => Busy::all_day(start, end),
        };
        busy.show_as = ShowAs::from(self.show_as.as_str());
        busy.cancelled = self.is_cancelled;
        busy.declined = self.is_declined;
        busy.event_id = Some(self.id.to_string());
        busy
    }
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn event_time(
    start: Option<&WireTime>,
    end: Option<&WireTime>,
    all_day: bool,
) -> Option<EventTime> {
    let (start, end) = (start?, end?);
    if all_day {
        let start = start.date_time()?.date();
        let end = end.date_time()?;
        // Midnight, unless the zone was converted on the way; then the day counts.
        let part_of_a_day = end.time() != jiff::civil::Time::midnight();
        let end = if part_of_a_day {
            end.date().checked_add(1.day()).ok()?
        } else {
            end.date()
        };
        return (start <= end).then_some(EventTime::AllDay { start, end });
    }
    Interval::new(start.instant()?, end.instant()?)
        .ok()
        .map(EventTime::At)
}

impl WireTime {
    /// The wall clock, which has no offset and seven digits of a second.
    pub(super) fn date_time(&self) -> Option<DateTime> {
        self.date_time.as_deref()?.parse().ok()
    }

    /// The instant; none for a time or a zone that cannot be understood.
    pub(super) fn instant(&self) -> Option<Timestamp> {
        let zone = match self.time_zone.as_deref() {
            None | Some("UTC") => TimeZone::UTC,
            Some(name) => known_zone(&iana_name(name)?)?,
        };
        zone.to_timestamp(self.date_time()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(value: Value) -> Result<CalendarEvent, MicrosoftError> {
        serde_json::from_value::<Wire>(value).unwrap().read()
    }

    fn at(date_time: &str, zone: &str) -> Value {
        json!({"dateTime": date_time, "timeZone": zone})
    }

    #[test]
    fn times_come_with_seven_digits_and_any_zone_name() {
        for (date_time, zone, expected) in [
            (
                "2026-11-24T16:00:00.0000000",
                "UTC",
                Some("2026-11-24T16:00:00Z"),
            ),
            (
                "2026-11-24T10:00:00.0000000",
                "Central Standard Time",
                Some("2026-11-24T16:00:00Z"),
            ),
            (
                "2026-11-24T10:00:00",
                "America/Chicago",
                Some("2026-11-24T16:00:00Z"),
            ),
            (
                "0001-01-01T00:00:00.0000000",
                "UTC",
                Some("0001-01-01T00:00:00Z"),
            ),
            ("2026-11-24T10:00:00", "Nowhere Standard Time", None),
            ("2026-11-24", "UTC", Some("2026-11-24T00:00:00Z")),
            ("soon", "UTC", None),
        ] {
            let end = at("2026-11-24T23:00:00.0000000", "UTC");
            let event = read(json!({"id": "1", "start": at(date_time, zone), "end": end}));
            let start = event.ok().map(|event| match event.time {
                EventTime::At(interval) => interval.start().to_string(),
                EventTime::AllDay { .. } => "all day".to_owned(),
            });
            assert_eq!(start.as_deref(), expected, "{date_time} {zone}");
        }
    }

    #[test]
    fn an_event_without_a_usable_time_is_an_error() {
        let noon = at("2026-11-24T12:00:00", "UTC");
        for event in [
            json!({"id": "1"}),
            json!({"id": "1", "start": noon, "end": null}),
            json!({"id": "1", "start": noon, "end": at("2026-11-24T11:00:00", "UTC")}),
            json!({"id": "1", "start": {"dateTime": null, "timeZone": "UTC"}, "end": noon}),
        ] {
            assert!(read(event).is_err());
        }
    }

    #[test]
    fn all_day_events_are_dates() {
        let event = read(json!({
            "id": "1", "isAllDay": true,
            "start": at("2026-11-24T00:00:00.0000000", "UTC"),
            "end": at("2026-11-25T00:00:00.0000000", "UTC"),
        }));
        let date = |text: &str| text.parse::<Date>().unwrap();
        let expected = EventTime::AllDay {
            start: date("2026-11-24"),
            end: date("2026-11-25"),
        };
        assert_eq!(event.unwrap().time, expected);
    }

    #[test]
    fn missing_properties_are_read_as_the_careful_choice() {
        let event = read(json!({
            "id": "1", "showAs": null, "isCancelled": null, "responseStatus": null,
            "start": at("2026-11-24T12:00:00", "UTC"), "end": at("2026-11-24T13:00:00", "UTC"),
        }));
        let busy = event.unwrap().busy();
        assert_eq!(busy.show_as, ShowAs::Unknown);
        assert!(!busy.cancelled && !busy.declined);
    }
}
