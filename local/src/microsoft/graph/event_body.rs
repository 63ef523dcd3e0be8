//! Writing an event from a request body (Learn: event resource type,
//! user-post-events, event-update). Names and types are checked as Graph's
//! metadata has them; read-only properties are ignored, unknown ones refused.

use serde_json::{Value, json};

use super::{
    error::GraphError,
    json_fields::{Fields, list, mismatch, text, truth},
    recurrence::Recurrence,
    times::read_wall_time,
};
use crate::microsoft::event::{Attendee, Event, Person, PropertyId, ShowAs, Tag};

/// Learn: "The maximum number of attendees included in an event is 500".
const MOST_ATTENDEES: usize = 500;

const READ_ONLY: &[&str] = &[
    "id",
    "bodyPreview",
    "changeKey",
    "createdDateTime",
    "hasAttachments",
    "iCalUId",
    "isCancelled",
    "isDraft",
    "isOrganizer",
    "lastModifiedDateTime",
    "onlineMeeting",
    "onlineMeetingUrl",
    "organizer",
    "originalEndTimeZone",
    "originalStart",
    "originalStartTimeZone",
    "responseStatus",
    "seriesMasterId",
    "transactionId",
    "type",
    "webLink",
];

/// Applies a body to an event. The caller keeps the event only when all of it
/// could be applied.
pub(crate) fn write_event(body: &Value, event: &mut Event) -> Result<(), GraphError> {
    let fields = Fields::of("event", body)?;
    for (name, value) in fields.iter() {
        write_property(name, value, event)?;
    }
    check_times(event)?;
    if let Some(recurrence) = &event.recurrence {
        Recurrence::read(recurrence, event.start.local.date())?;
    }
    Ok(())
}

fn write_property(name: &str, value: &Value, event: &mut Event) -> Result<(), GraphError> {
    match name {
        "start" => event.start = read_wall_time(name, value)?,
        "end" => event.end = read_wall_time(name, value)?,
        "isAllDay" => event.is_all_day = truth(name, value)?,
        "showAs" => {
            let known = ShowAs::parse(text(name, value)?);
            event.show_as = known.ok_or_else(|| mismatch(name))?;
        }
        "attendees" => event.attendees = attendees(value)?,
        "recurrence" => {
            event.recurrence = Some(value.clone()).filter(|value| !value.is_null());
        }
        "singleValueExtendedProperties" => write_tags(value, event)?,
        "isOnlineMeeting" => {
            // Once an online meeting, always one (Learn: event-update).
            let already = event.properties.get(name) == Some(&Value::Bool(true));
            keep(name, json!(truth(name, value)? || already), event);
        }
        "subject" => keep(name, nullable_text(name, value)?, event),
        "body" => keep(name, item_body(value)?, event),
        "location" => {
            let location = location(value)?;
            keep("locations", json!([location.clone()]), event);
            keep(name, location, event);
        }
        "locations" | "categories" => keep(name, json!(list(name, value)?), event),
        "allowNewTimeProposals" | "responseRequested" | "isReminderOn" | "hideAttendees" => {
            keep(name, json!(truth(name, value)?), event);
        }
        "reminderMinutesBeforeStart" => {
            let minutes = value.as_i64().ok_or_else(|| mismatch(name))?;
            keep(name, json!(minutes), event);
        }
        "sensitivity" => {
            let members = ["normal", "personal", "private", "confidential"];
            keep(name, member(name, value, &members)?, event);
        }
        "importance" => keep(
            name,
            member(name, value, &["low", "normal", "high"])?,
            event,
        ),
        "onlineMeetingProvider" => {
            let members = [
                "unknown",
                "skypeForBusiness",
                "skypeForConsumer",
                "teamsForBusiness",
            ];
            keep(name, member(name, value, &members)?, event);
        }
        ignored if READ_ONLY.contains(&ignored) || ignored.starts_with('@') => {}
        unknown => {
            return Err(GraphError::body_property(format!(
                "The property '{unknown}' does not exist on type 'microsoft.graph.event'."
            )));
        }
    }
    Ok(())
}

fn keep(name: &str, value: Value, event: &mut Event) {
    event.properties.insert(name.to_owned(), value);
}

fn check_times(event: &Event) -> Result<(), GraphError> {
    if event.end.instant() < event.start.instant() {
        let message = "The start must not be later than the end.";
        return Err(GraphError::property_validation(message));
    }
    if !event.is_all_day {
        return Ok(());
    }
    let midnight = |time: &crate::microsoft::event::WallTime| {
        time.local.time() == jiff::civil::Time::midnight()
    };
    if !midnight(&event.start) || !midnight(&event.end) || event.start.zone != event.end.zone {
        let message = "An all-day event starts and ends at midnight in one time zone.";
        return Err(GraphError::property_validation(message));
    }
    if event.start.local >= event.end.local {
        let message = "An all-day event lasts at least 24 hours.";
        return Err(GraphError::property_validation(message));
    }
    Ok(())
}

fn attendees(value: &Value) -> Result<Vec<Attendee>, GraphError> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    let entries = list("attendees", value)?;
    if entries.len() > MOST_ATTENDEES {
        let message = "An event has at most 500 attendees.";
        return Err(GraphError::bad("ErrorExceededMaxRecipientLimit", message));
    }
    entries.iter().map(attendee).collect()
}

fn attendee(value: &Value) -> Result<Attendee, GraphError> {
    let fields = Fields::of("attendees", value)?;
    let kind = match fields.get("type") {
        Some(kind) => member("type", kind, &["required", "optional", "resource"])?,
        None => json!("required"),
    };
    Ok(Attendee {
        person: recipient(value)?,
        kind: kind.as_str().unwrap_or("required").to_owned(),
    })
}

/// Reads `{"emailAddress": {"address": …, "name": …}}`.
pub(super) fn recipient(value: &Value) -> Result<Person, GraphError> {
    let invalid = || GraphError::bad("ErrorInvalidRecipients", "A recipient is not valid.");
    let fields = Fields::of("recipient", value)?;
    let fields = Fields::of(
        "emailAddress",
        fields.get("emailAddress").ok_or_else(invalid)?,
    )?;
    let address = fields.text("address")?.ok_or_else(invalid)?.trim();
    let (local, domain) = address.split_once('@').ok_or_else(invalid)?;
    if local.is_empty() || domain.is_empty() || address.contains(char::is_whitespace) {
        return Err(invalid());
    }
    Ok(Person {
        name: fields.text("name")?.unwrap_or(address).to_owned(),
        address: address.to_owned(),
    })
}

/// Tags are added or replaced one by one; others stay.
fn write_tags(value: &Value, event: &mut Event) -> Result<(), GraphError> {
    for entry in list("singleValueExtendedProperties", value)? {
        let fields = Fields::of("singleValueExtendedProperties", entry)?;
        let id = fields
            .text("id")?
            .and_then(PropertyId::parse)
            .ok_or_else(|| {
                let message = "The id of an extended property is not valid.";
                GraphError::bad("ErrorInvalidExtendedProperty", message)
            })?;
        let value = fields
            .text("value")?
            .ok_or_else(|| mismatch("value"))?
            .to_owned();
        event.tags.retain(|tag| tag.id != id);
        event.tags.push(Tag { id, value });
    }
    Ok(())
}

fn nullable_text(name: &str, value: &Value) -> Result<Value, GraphError> {
    match value {
        Value::Null => Ok(Value::Null),
        other => Ok(json!(text(name, other)?)),
    }
}

pub(super) fn item_body(value: &Value) -> Result<Value, GraphError> {
    let fields = Fields::of("body", value)?;
    let kind = match fields.get("contentType") {
        Some(kind) => member("contentType", kind, &["text", "html"])?,
        None => json!("text"),
    };
    let content = fields.text("content")?.unwrap_or_default();
    Ok(json!({"contentType": kind, "content": content}))
}

fn location(value: &Value) -> Result<Value, GraphError> {
    let fields = Fields::of("location", value)?;
    fields.text("displayName")?;
    let mut location =
        json!({"displayName": "", "locationType": "default", "uniqueIdType": "unknown"});
    for (name, value) in fields.iter() {
        location[name] = value.clone();
    }
    Ok(location)
}

fn member(name: &str, value: &Value, members: &[&str]) -> Result<Value, GraphError> {
    let given = text(name, value)?;
    let mut members = members.iter();
    let known = members.find(|member| member.eq_ignore_ascii_case(given));
    known
        .map(|member| json!(member))
        .ok_or_else(|| mismatch(name))
}
