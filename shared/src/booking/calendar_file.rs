//! Viewings as a file for other calendars (iCalendar, RFC 5545).
//!
//! Times are in UTC, which every program puts on its own clock; a viewing that moves
//! keeps its `UID` and has a higher `SEQUENCE`, so that it moves in a calendar that has
//! it already.

use icalendar::{Calendar, Component, Event};
use jiff::Timestamp;

use crate::store::{Appointment, Status};

/// A viewing in a file.
pub(super) struct Entry<'a> {
    pub(super) viewing: &'a Appointment,
    pub(super) description: String,
}

/// The viewings of a staff member that take place, as a file that their calendar program
/// reads again and again.
pub fn viewings_file(viewings: &[Appointment]) -> String {
    let live = viewings.iter().filter(|viewing| viewing.is_live());
    let entries = live.map(|viewing| Entry {
        viewing,
        description: for_staff(viewing),
    });
    calendar_file(Some("Viewings"), entries)
}

fn for_staff(viewing: &Appointment) -> String {
    let attendee = viewing.attendee.clone().unwrap_or_default();
    let code = Some(viewing.confirmation_code.clone());
    [
        (
            "Attendee",
            Some(attendee.name).filter(|name| !name.is_empty()),
        ),
        ("Phone", attendee.phone),
        ("E-mail", attendee.email),
        ("Confirmation code", code),
    ]
    .into_iter()
    .filter_map(|(label, fact)| fact.map(|fact| format!("{label}: {fact}")))
    .collect::<Vec<_>>()
    .join("\n")
}

/// The file. A name is for one that is subscribed to.
pub(super) fn calendar_file<'a>(
    name: Option<&str>,
    entries: impl IntoIterator<Item = Entry<'a>>,
) -> String {
    let mut file = Calendar::empty();
    file.append_property(("VERSION", "2.0"));
    file.append_property(("PRODID", "-//Viewing desk//Viewings//EN"));
    file.append_property(("METHOD", "PUBLISH"));
    if let Some(name) = name {
        file.name(name);
    }
    for entry in entries {
        file.push(event(&entry));
    }
    file.to_string()
}

fn event(entry: &Entry<'_>) -> Event {
    let viewing = entry.viewing;
    let id = &viewing.appointment_id;
    let state = match viewing.status {
        Status::Confirmed => "CONFIRMED",
        Status::Pending => "TENTATIVE",
        Status::Cancelled | Status::Failed => "CANCELLED",
    };
    let mut event = Event::new();
    event
        .add_property("UID", format!("{id}@viewing-desk"))
        .add_property("SEQUENCE", viewing.revision.to_string())
        .add_property("DTSTAMP", utc(viewing.updated_at))
        .add_property("DTSTART", utc(viewing.start))
        .add_property("DTEND", utc(viewing.end))
        .add_property("STATUS", state)
        .add_property("SUMMARY", printable(&viewing.subject))
        .add_property("DESCRIPTION", printable(&entry.description));
    if let Some(address) = &viewing.property_address {
        event.add_property("LOCATION", printable(address));
    }
    event
}

fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// The crate escapes what a text needs, but for control characters, which no text may
/// have (RFC 5545 section 3.3.11).
fn printable(text: &str) -> String {
    text.chars()
        .filter(|&c| c == '\n' || !c.is_control())
        .collect()
}
