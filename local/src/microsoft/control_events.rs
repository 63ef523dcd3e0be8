//! Events as the control API takes and shows them: instants in RFC 3339, names
//! in snake case, and Graph's own form beside them.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil, tz::TimeZone};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    control::ControlError,
    event::{Event, Person, ShowAs, WallTime},
    graph::{EventView, Instance, event_id, write_event},
    options::Account,
    zones::mailbox_zone,
};

/// An event to add.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AddedEvent {
    #[serde(default)]
    subject: Option<String>,
    /// RFC 3339; with `all_day` also a date.
    start: String,
    end: String,
    /// A member of freeBusyStatus; busy when absent.
    #[serde(default)]
    show_as: Option<String>,
    #[serde(default)]
    all_day: bool,
    /// Somebody else's meeting, which the person declined.
    #[serde(default)]
    declined: bool,
    /// Somebody else's meeting, which they called off.
    #[serde(default)]
    cancelled: bool,
    /// Who called the meeting; the person themself when absent.
    #[serde(default)]
    organizer: Option<String>,
    /// Graph's `patternedRecurrence`.
    #[serde(default)]
    recurrence: Option<Value>,
    /// Further writable properties, as Graph's create takes them.
    #[serde(default)]
    properties: Option<Value>,
}

/// A change of an event.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventEdit {
    #[serde(default)]
    subject: Option<String>,
    /// RFC 3339; for an event of whole days also a date.
    #[serde(default)]
    start: Option<String>,
    #[serde(default)]
    end: Option<String>,
    /// Whether it is one of whole days.
    #[serde(default)]
    all_day: Option<bool>,
    /// Whether it was called off.
    #[serde(default)]
    cancelled: Option<bool>,
}

/// The event that a request describes, on the wall clock of the mailbox.
pub(super) fn added_event(
    account: &Account,
    added: &AddedEvent,
    now: Timestamp,
) -> Result<Event, ControlError> {
    let own = Person {
        name: account.display_name.clone(),
        address: account.email.clone(),
    };
    let mut event = Event::blank(Uuid::new_v4(), now, own);
    if let Some(address) = &added.organizer {
        event.organizer = Person {
            name: address.clone(),
            address: address.clone(),
        };
    } else if added.declined || added.cancelled {
        event.organizer = Person {
            name: "Olive Organizer".to_owned(),
            address: "olive@elsewhere.example".to_owned(),
        };
    }
    event.is_organizer = event.organizer.address.eq_ignore_ascii_case(&account.email);
    if !event.is_organizer {
        let response = if added.declined {
            "declined"
        } else {
            "accepted"
        };
        response.clone_into(&mut event.response);
    }
    event.is_cancelled = added.cancelled;
    event.is_all_day = added.all_day;
    event.start = wall_time(account, &added.start, added.all_day)?;
    event.end = wall_time(account, &added.end, added.all_day)?;
    if let Some(name) = &added.show_as {
        let known = ShowAs::parse(name);
        event.show_as = known.ok_or_else(|| unusable("show_as", name))?;
    }
    event.recurrence.clone_from(&added.recurrence);
    let subject = added.subject.as_deref().unwrap_or("Busy");
    event
        .properties
        .insert("subject".to_owned(), json!(subject));
    let no_more = json!({});
    write_event(added.properties.as_ref().unwrap_or(&no_more), &mut event)?;
    Ok(event)
}

/// The event as it is after a change, one version on.
pub(super) fn edited_event(
    account: &Account,
    event: &Event,
    edit: &EventEdit,
    now: Timestamp,
) -> Result<Event, ControlError> {
    let mut event = event.clone();
    event.is_all_day = edit.all_day.unwrap_or(event.is_all_day);
    let time = |text: &str| wall_time(account, text, event.is_all_day);
    let (start, end) = (edit.start.as_deref(), edit.end.as_deref());
    let (start, end) = (start.map(time).transpose()?, end.map(time).transpose()?);
    event.start = start.unwrap_or(event.start);
    event.end = end.unwrap_or(event.end);
    event.is_cancelled = edit.cancelled.unwrap_or(event.is_cancelled);
    let properties = match &edit.subject {
        Some(subject) => json!({"subject": subject}),
        None => json!({}),
    };
    write_event(&properties, &mut event)?;
    event.version += 1;
    event.modified = now;
    Ok(event)
}

/// An event with everything a test may ask about.
pub(super) fn shown_event(event: &Event) -> Value {
    let view = EventView {
        zone_name: "UTC".to_owned(),
        zone: TimeZone::UTC,
        immutable_ids: true,
        select: None,
        expand: event.tags.iter().map(|tag| tag.id.clone()).collect(),
        variety: false,
    };
    let instance = Instance::whole(event);
    let tags: BTreeMap<String, &str> = event
        .tags
        .iter()
        .map(|tag| (tag.id.to_string(), tag.value.as_str()))
        .collect();
    let attendees = event
        .attendees
        .iter()
        .map(|attendee| &attendee.person.address);
    json!({
        "id": event_id(true, event.key, None),
        "mutable_id": event_id(false, event.key, None),
        "etag": event.etag(),
        "subject": event.properties.get("subject"),
        "start": instance.from,
        "end": instance.to,
        "written_time_zone": event.start.zone,
        "is_all_day": event.is_all_day,
        "show_as": event.show_as.name(),
        "is_cancelled": event.is_cancelled,
        "is_organizer": event.is_organizer,
        "response": event.response,
        "attendees": attendees.collect::<Vec<_>>(),
        "transaction_id": event.transaction.as_ref().map(|transaction| &transaction.id),
        "tags": tags,
        "recurrence": event.recurrence,
        "graph": view.show(&instance),
    })
}

fn wall_time(account: &Account, text: &str, all_day: bool) -> Result<WallTime, ControlError> {
    let zone = mailbox_zone(&account.time_zone);
    let local: civil::DateTime = match text.parse::<Timestamp>() {
        Ok(instant) => instant.to_zoned(zone).datetime(),
        Err(_) if all_day => text
            .parse::<civil::Date>()
            .map_err(|_| unusable("time", text))?
            .to_datetime(civil::Time::midnight()),
        Err(_) => return Err(unusable("time", text)),
    };
    if !(1900..=2200).contains(&local.year()) {
        return Err(unusable("time", text));
    }
    let name = match account.time_zone.as_str() {
        "" => "UTC",
        name => name,
    };
    Ok(WallTime {
        local,
        zone: name.to_owned(),
    })
}

fn unusable(what: &str, text: &str) -> ControlError {
    ControlError::Unusable(format!("'{text}' cannot be used as {what}"))
}
