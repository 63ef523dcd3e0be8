//! What must hold of a system at rest, whatever happened to it before: appointments,
//! ledger and calendar of a staff member agree, and no two viewings meet.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use shared::microsoft::TAG_NAME;
use shared::scheduling::Way;
use shared::store::{Appointment, Cause, Seat, Status, What};

/// What does not hold, for one staff member. `seats` are those in the ledger, and
/// whether each is only held; `events` are as the simulated Microsoft has them.
pub fn problems(
    rows: &[&Appointment],
    seats: &BTreeMap<String, bool>,
    events: &[Value],
) -> Vec<String> {
    let mut problems = Vec::new();
    no_two_meet(rows, &mut problems);
    one_event_each(rows, events, &mut problems);
    no_event_without_appointment(rows, events, &mut problems);
    ledger_agrees(rows, seats, &mut problems);
    problems
}

fn no_two_meet(rows: &[&Appointment], problems: &mut Vec<String>) {
    // Whoever moves an event in Outlook may put it where they like.
    let by_hand = |row: &Appointment| {
        let mut history = row.history.iter();
        history.any(|entry| entry.what == What::Moved && entry.cause == Cause::Outlook)
    };
    let live = || rows.iter().filter(|row| row.is_live() && !by_hand(row));
    for (index, one) in live().enumerate() {
        for other in live().skip(index + 1) {
            if meet(one, other) {
                problems.push(format!("two viewings meet: {one:#?} {other:#?}"));
            }
        }
    }
}

/// Whether nobody could be at both viewings: they overlap, buffers included unless both
/// are at one door, or the time between them is shorter than the way.
pub fn meet(one: &Appointment, other: &Appointment) -> bool {
    let way = |seat: &Seat| {
        let (from, to) = (one.place.as_ref()?, other.place.as_ref()?);
        Some(from.way_to(to, seat.travel.as_ref()?))
    };
    one.seats.iter().any(|seat| {
        other.seats.iter().any(|other| {
            // Where they chose differently in between, either may have been decided on.
            let needs = [way(seat), way(other)].map(|way| match way {
                None => seat.blocked.overlaps(other.blocked),
                Some(Way::SameDoor) => seat.viewing.overlaps(other.viewing),
                Some(Way::Minutes(minutes)) => {
                    let near = other.viewing.widened(minutes, minutes);
                    seat.blocked.overlaps(other.blocked) || seat.viewing.overlaps(near)
                }
            });
            needs.iter().all(|meets| *meets)
        })
    })
}

fn one_event_each(rows: &[&Appointment], events: &[Value], problems: &mut Vec<String>) {
    for row in rows {
        let tagged: Vec<&Value> = events
            .iter()
            .filter(|event| tag(event) == Some(row.appointment_id.as_str()))
            .filter(|event| event["is_cancelled"] != true)
            .collect();
        match row.status {
            Status::Confirmed if row.change.is_none() => {
                let starts: Vec<&str> = tagged
                    .iter()
                    .filter_map(|event| event["start"].as_str())
                    .collect();
                if starts != [row.start.to_string()] {
                    problems.push(format!("not one event at its time: {row:#?} {tagged:#?}"));
                }
            }
            Status::Confirmed | Status::Pending => problems.push(format!("still open: {row:#?}")),
            Status::Cancelled | Status::Failed => {
                if !tagged.is_empty() {
                    problems.push(format!("an event is left: {row:#?} {tagged:#?}"));
                }
                if !row.seats.is_empty() {
                    problems.push(format!("a seat is left: {row:#?}"));
                }
            }
        }
    }
}

fn no_event_without_appointment(
    rows: &[&Appointment],
    events: &[Value],
    problems: &mut Vec<String>,
) {
    let known: BTreeSet<&str> = rows.iter().map(|row| row.appointment_id.as_str()).collect();
    for event in events {
        if tag(event).is_some_and(|tag| !known.contains(tag)) {
            problems.push(format!("nobody's event: {event:#?}"));
        }
    }
}

/// The ledger holds the seats of live appointments, and no others for good.
fn ledger_agrees(
    rows: &[&Appointment],
    found: &BTreeMap<String, bool>,
    problems: &mut Vec<String>,
) {
    let seats = rows.iter().flat_map(|row| {
        let id = &row.appointment_id;
        let seats = row.seats.iter();
        seats.map(move |seat| format!("{id}#{}", seat.number))
    });
    let wanted: BTreeSet<String> = seats.collect();
    for seat in wanted.iter().filter(|seat| !found.contains_key(*seat)) {
        problems.push(format!("{seat} is not in the ledger"));
    }
    for (seat, is_hold) in found {
        if !wanted.contains(seat) && !is_hold {
            problems.push(format!("{seat} is nobody's"));
        }
    }
}

/// The seats in days of the ledger by staff member, and whether each is only held.
pub fn seats_by_staff(days: &[Value]) -> BTreeMap<String, BTreeMap<String, bool>> {
    let mut seats: BTreeMap<String, BTreeMap<String, bool>> = BTreeMap::new();
    for day in days {
        let user = day["user_id"].as_str().unwrap_or_default();
        let of_user = seats.entry(user.to_owned()).or_default();
        for (key, entry) in day["entries"].as_object().into_iter().flatten() {
            of_user.insert(key.clone(), entry.get("hold_until").is_some());
        }
    }
    seats
}

/// The appointment that an event was made for.
pub fn tag(event: &Value) -> Option<&str> {
    let properties = event["tags"].as_object()?;
    let mut properties = properties.iter();
    let (_, value) = properties.find(|(name, _)| name.eq_ignore_ascii_case(TAG_NAME))?;
    value.as_str()
}
