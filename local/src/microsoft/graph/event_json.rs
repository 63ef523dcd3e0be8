//! An event as Graph shows it, to one caller's preferences. With `variety`,
//! events differ in what clients must tolerate (casing of enum members,
//! unknown properties, nulls), never in what they mean.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value, json};

use super::{
    ids::event_id,
    recurrence::Instance,
    times::{write_instant, write_wall_time},
};
use crate::microsoft::event::{Attendee, Event, Person, PropertyId, ShowAs, WallTime};

/// Outlook does not support selecting these (Learn: user-list-calendarview).
const NOT_SELECTABLE: &[&str] = &["createdDateTime", "lastModifiedDateTime"];

/// The properties that `$select` knows.
pub(super) const EVENT_PROPERTIES: &[&str] = &[
    "id",
    "allowNewTimeProposals",
    "attendees",
    "body",
    "bodyPreview",
    "categories",
    "changeKey",
    "end",
    "hasAttachments",
    "hideAttendees",
    "iCalUId",
    "importance",
    "isAllDay",
    "isCancelled",
    "isDraft",
    "isOnlineMeeting",
    "isOrganizer",
    "isReminderOn",
    "location",
    "locations",
    "onlineMeeting",
    "onlineMeetingProvider",
    "onlineMeetingUrl",
    "organizer",
    "originalEndTimeZone",
    "originalStartTimeZone",
    "recurrence",
    "reminderMinutesBeforeStart",
    "responseRequested",
    "responseStatus",
    "sensitivity",
    "seriesMasterId",
    "showAs",
    "start",
    "subject",
    "transactionId",
    "type",
    "webLink",
];

/// How to show events.
pub(crate) struct EventView {
    /// As the caller spelled it.
    pub zone_name: String,
    pub zone: TimeZone,
    pub immutable_ids: bool,
    pub select: Option<Vec<String>>,
    pub expand: Vec<PropertyId>,
    pub variety: bool,
}

impl EventView {
    /// One event or occurrence. Only what is selected is computed.
    pub(crate) fn show(&self, instance: &Instance<'_>) -> Value {
        let event = instance.event;
        let mut shown = Map::new();
        let mut put = |name: &str| {
            let varied = if self.variety {
                varied(event, name)
            } else {
                None
            };
            let value = varied.unwrap_or_else(|| self.property(instance, name));
            shown.insert(name.to_owned(), value);
        };
        put("id");
        match &self.select {
            Some(select) => select.iter().for_each(|name| put(name)),
            None => EVENT_PROPERTIES
                .iter()
                .chain(NOT_SELECTABLE)
                .copied()
                .for_each(put),
        }
        shown.insert("@odata.etag".to_owned(), json!(event.etag()));
        if self.variety && event.variant % 4 == 2 {
            let addition = json!({"ring": 3, "notes": null});
            shown.insert("simulatedAddition".to_owned(), addition);
        }
        let tags: Vec<Value> = event
            .tags
            .iter()
            .filter(|tag| self.expand.contains(&tag.id))
            .map(|tag| json!({"id": tag.id.to_string(), "value": tag.value}))
            .collect();
        if !tags.is_empty() {
            shown.insert("singleValueExtendedProperties".to_owned(), json!(tags));
        }
        Value::Object(shown)
    }

    fn property(&self, instance: &Instance<'_>, name: &str) -> Value {
        let event = instance.event;
        let id = |date| event_id(self.immutable_ids, event.key, date);
        match name {
            "id" => json!(id(instance.date)),
            "createdDateTime" => json!(seven_digits(event.created)),
            "lastModifiedDateTime" => json!(seven_digits(event.modified)),
            "changeKey" => json!(event.change_key()),
            "transactionId" => json!(
                event
                    .transaction
                    .as_ref()
                    .map(|transaction| &transaction.id)
            ),
            "originalStartTimeZone" => json!(event.start.zone),
            "originalEndTimeZone" => json!(event.end.zone),
            "iCalUId" => json!(format!(
                "040000008200E00074C5B7101A82E008{}",
                event.key.simple()
            )),
            "bodyPreview" => json!(body_preview(event)),
            "isAllDay" => json!(event.is_all_day),
            "isCancelled" => json!(event.is_cancelled),
            "isOrganizer" => json!(event.is_organizer),
            "seriesMasterId" => json!(instance.date.map(|_| id(None))),
            "showAs" => json!(event.show_as.name()),
            "type" => json!(kind(instance)),
            "webLink" => {
                json!(format!(
                    "https://outlook.example/calendar/item/{}",
                    event.key.simple()
                ))
            }
            "onlineMeeting" => online_meeting(event),
            "recurrence" if instance.date.is_none() => json!(event.recurrence),
            "responseStatus" => response_status(&event.response),
            "start" => self.time(event, &instance.start, instance.from),
            "end" => self.time(event, &instance.end, instance.to),
            "attendees" => event.attendees.iter().map(attendee).collect(),
            "organizer" => json!({"emailAddress": email_address(&event.organizer)}),
            written => match event.properties.get(written) {
                Some(value) => value.clone(),
                None => unwritten(written),
            },
        }
    }

    /// All-day events are dates: midnight, whatever zone is asked for.
    fn time(&self, event: &Event, time: &WallTime, instant: Timestamp) -> Value {
        if event.is_all_day {
            write_wall_time(time.local, &self.zone_name)
        } else {
            write_instant(instant, &self.zone, &self.zone_name)
        }
    }
}

/// What properties are when nobody wrote them.
fn unwritten(name: &str) -> Value {
    match name {
        "subject" => json!(""),
        "body" => json!({"contentType": "text", "content": ""}),
        "location" => {
            json!({"displayName": "", "locationType": "default", "uniqueIdType": "unknown"})
        }
        "categories" | "locations" => json!([]),
        "importance" | "sensitivity" => json!("normal"),
        "allowNewTimeProposals" | "responseRequested" | "isReminderOn" => json!(true),
        "hasAttachments" | "hideAttendees" | "isDraft" | "isOnlineMeeting" => json!(false),
        "reminderMinutesBeforeStart" => json!(15),
        "onlineMeetingProvider" => json!("unknown"),
        _ => Value::Null,
    }
}

/// A property's value in another spelling, where the event's turn has one.
fn varied(event: &Event, name: &str) -> Option<Value> {
    let is_busy = event.show_as == ShowAs::Busy;
    match (event.variant % 4, name) {
        (1, "showAs") => Some(json!(capitalized(event.show_as.name()))),
        (1, "responseStatus") => Some(response_status(&capitalized(&event.response))),
        (2, "isReminderOn") => Some(Value::Null),
        (2, "isCancelled") if !event.is_cancelled => Some(Value::Null),
        (2, "isAllDay") if !event.is_all_day => Some(Value::Null),
        (2, "responseStatus") if event.response != "declined" => Some(Value::Null),
        // A missing status counts as busy, so only a busy one may be missing.
        (3, "showAs") if is_busy && event.variant % 8 == 7 => Some(Value::Null),
        _ => None,
    }
}

fn kind(instance: &Instance<'_>) -> &'static str {
    match (&instance.event.recurrence, instance.date) {
        (_, Some(_)) => "occurrence",
        (Some(_), None) => "seriesMaster",
        (None, None) => "singleInstance",
    }
}

fn body_preview(event: &Event) -> String {
    let body = event.properties.get("body");
    let content = body.and_then(|body| body["content"].as_str());
    content.unwrap_or_default().chars().take(255).collect()
}

fn online_meeting(event: &Event) -> Value {
    if event.properties.get("isOnlineMeeting") != Some(&Value::Bool(true)) {
        return Value::Null;
    }
    let join = format!("https://teams.example/l/meetup-join/{}", event.key.simple());
    json!({"joinUrl": join})
}

fn response_status(response: &str) -> Value {
    json!({"response": response, "time": "0001-01-01T00:00:00Z"})
}

fn attendee(attendee: &Attendee) -> Value {
    json!({
        "type": attendee.kind,
        "status": response_status("none"),
        "emailAddress": email_address(&attendee.person),
    })
}

fn capitalized(name: &str) -> String {
    let mut characters = name.chars();
    characters
        .next()
        .map(|first| first.to_ascii_uppercase().to_string() + characters.as_str())
        .unwrap_or_default()
}

fn email_address(person: &Person) -> Value {
    json!({"name": person.name, "address": person.address})
}

fn seven_digits(instant: Timestamp) -> String {
    let ticks = instant.subsec_nanosecond() / 100;
    format!("{}.{ticks:07}Z", instant.strftime("%Y-%m-%dT%H:%M:%S"))
}
