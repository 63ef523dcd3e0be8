//! What must hold of a system at rest, whatever happened to it before.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;
use shared::microsoft::TAG_NAME;
use shared::store::{Appointment, Cause, Status, What};

use crate::system::TestSystem;

/// Asserts that appointments, ledger and calendars agree and that no two viewings meet.
/// `staff` are user ids and their accounts; `after` says what was done.
pub(crate) async fn assert_sound(system: &TestSystem, staff: &[(&str, &str)], after: &str) {
    let rows = appointments(system).await;
    let seats = ledger(system).await;
    for (user, account) in staff {
        let own: Vec<&Appointment> = rows
            .iter()
            .filter(|row| row.user_id.as_str() == *user)
            .collect();
        let mailbox = system.mailbox(account).await;
        let events: Vec<&Value> = mailbox["events"].as_array().unwrap().iter().collect();
        let bare = &mailbox["counters"]["bare"];
        assert_eq!(bare, 0, "{after}: requests without their headers");
        no_two_meet(&own, after);
        one_event_each(&own, &events, after);
        no_event_without_appointment(&own, &events, after);
        ledger_agrees(&own, seats.get(*user), after);
    }
}

/// Every row of the appointments table.
pub(crate) async fn appointments(system: &TestSystem) -> Vec<Appointment> {
    let rows = system.rows("AppointmentsTable").await;
    rows.into_iter()
        .map(|row| serde_dynamo::from_item(row).unwrap())
        .collect()
}

fn no_two_meet(rows: &[&Appointment], after: &str) {
    // Whoever moves an event in Outlook may put it where they like.
    let by_hand = |row: &Appointment| {
        let mut history = row.history.iter();
        history.any(|entry| entry.what == What::Moved && entry.cause == Cause::Outlook)
    };
    let live = || rows.iter().filter(|row| row.is_live() && !by_hand(row));
    for (index, one) in live().enumerate() {
        for other in live().skip(index + 1) {
            let meet = one.seats.iter().any(|seat| {
                let others = &mut other.seats.iter();
                others.any(|other| seat.blocked.overlaps(other.blocked))
            });
            assert!(!meet, "{after}: two viewings meet: {one:#?} {other:#?}");
        }
    }
}

fn one_event_each(rows: &[&Appointment], events: &[&Value], after: &str) {
    for row in rows {
        let tagged: Vec<&&Value> = events
            .iter()
            .filter(|event| tag(event) == Some(row.appointment_id.as_str()))
            .filter(|event| event["is_cancelled"] != true)
            .collect();
        match row.status {
            Status::Confirmed if row.change.is_none() => {
                assert_eq!(
                    tagged.len(),
                    1,
                    "{after}: not one event: {row:#?} {tagged:#?}"
                );
                let start = tagged[0]["start"].as_str().unwrap();
                assert_eq!(start, row.start.to_string(), "{after}: {row:#?}");
            }
            Status::Confirmed | Status::Pending => {
                panic!("{after}: still open: {row:#?}");
            }
            Status::Cancelled | Status::Failed => {
                assert!(
                    tagged.is_empty(),
                    "{after}: an event is left: {row:#?} {tagged:#?}"
                );
                assert!(row.seats.is_empty(), "{after}: a seat is left: {row:#?}");
            }
        }
    }
}

fn no_event_without_appointment(rows: &[&Appointment], events: &[&Value], after: &str) {
    let known: BTreeSet<&str> = rows.iter().map(|row| row.appointment_id.as_str()).collect();
    for event in events {
        if let Some(tag) = tag(event) {
            assert!(known.contains(tag), "{after}: nobody's event: {event:#?}");
        }
    }
}

/// The ledger holds the seats of live appointments, and no others for good.
fn ledger_agrees(rows: &[&Appointment], seats: Option<&BTreeMap<String, bool>>, after: &str) {
    let wanted: BTreeSet<String> = rows
        .iter()
        .flat_map(|row| {
            let id = &row.appointment_id;
            row.seats
                .iter()
                .map(move |seat| format!("{id}#{}", seat.number))
        })
        .collect();
    let empty = BTreeMap::new();
    let found = seats.unwrap_or(&empty);
    for seat in &wanted {
        assert!(
            found.contains_key(seat),
            "{after}: {seat} is not in the ledger"
        );
    }
    for (seat, is_hold) in found {
        let is_wanted = wanted.contains(seat) || *is_hold;
        assert!(is_wanted, "{after}: {seat} is nobody's");
    }
}

/// The seats in the ledger by staff member, and whether each is only held.
async fn ledger(system: &TestSystem) -> BTreeMap<String, BTreeMap<String, bool>> {
    let mut seats: BTreeMap<String, BTreeMap<String, bool>> = BTreeMap::new();
    for day in system.rows("LedgerTable").await {
        let user = day["user_id"].as_s().unwrap().clone();
        let entries = day["entries"].as_m().unwrap();
        let of_user = seats.entry(user).or_default();
        for (key, entry) in entries {
            let is_hold =
                matches!(entry, AttributeValue::M(entry) if entry.contains_key("hold_until"));
            of_user.insert(key.clone(), is_hold);
        }
    }
    seats
}

/// The appointment that an event was made for.
pub(crate) fn tag(event: &Value) -> Option<&str> {
    let properties = event["tags"].as_object()?;
    let mut properties = properties.iter();
    let (_, value) = properties.find(|(name, _)| name.eq_ignore_ascii_case(TAG_NAME))?;
    value.as_str()
}
