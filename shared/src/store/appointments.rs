//! Appointments (`APPOINTMENTS_TABLE`): one row a viewing, from the moment its
//! time is claimed until its retention ends. Rows are written by
//! [`Ledger`](super::Ledger), in one transaction with the time that they take, and
//! each write says which revision of the row it was decided on.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::FutureExt;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::connections::Account;
use super::place::Place;
use super::table::{Table, attributes, number, start_key, text, texts};
use crate::aws::Aws;
use crate::config::{SettingError, Settings};
use crate::ids::{AppointmentId, EventId, UserId};
use crate::scheduling::{Interval, Travel};

/// The most changes that a row remembers; the first and the latest stay.
const HISTORY_LIMIT: usize = 60;

/// The one partition of the index by due time.
const DUE: &str = "due";

/// How far a booking has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The time is held, and the event may or may not exist yet.
    Pending,
    /// The event exists.
    Confirmed,
    /// There is no event any more, and the time is free.
    Cancelled,
    /// The event was never made, and the time is free.
    Failed,
}

/// Something that is being done to the event of a confirmed appointment. It is on
/// the row before Microsoft is asked, and goes when the outcome is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// It goes to another time, which is claimed too.
    Move { start: Timestamp, end: Timestamp },
    /// It is cancelled; attendees are told `comment`.
    Cancel { comment: String },
}

/// A stretch of the ledger that an appointment holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// Tells apart the seats that one appointment had in its life.
    pub number: u32,
    /// The viewing itself.
    pub viewing: Interval,
    /// The viewing and the buffers around it.
    pub blocked: Interval,
    /// How the staff member gets here and on, if that is to count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub travel: Option<Travel>,
}

/// One viewing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    pub appointment_id: AppointmentId,
    /// Version of this form of the row.
    pub schema: u8,
    /// Counts the writes of this row.
    pub revision: i64,
    pub user_id: UserId,
    /// The account in whose calendar its event is, or is to be. Rows of the first form do
    /// not tell; theirs is the one that is connected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    pub status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// Whether the caller was told that the time is being held. What was promised is
    /// tried again, what was not lapses.
    #[serde(default)]
    pub promised: bool,
    /// Whether something else in the calendar overlaps it.
    #[serde(default)]
    pub conflict: bool,
    pub start: Timestamp,
    pub end: Timestamp,
    /// What the ledger keeps for it: one seat, two while it is moved, none when it
    /// is over.
    #[serde(default)]
    pub seats: Vec<Seat>,
    /// IANA name of the zone in which the time was agreed.
    pub time_zone: String,
    pub subject: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property_address: Option<String>,
    /// The property as the index knows it, see [`property_key`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property_key: Option<String>,
    /// Where it is; somewhere unknown without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    #[serde(default)]
    pub attendee: Option<Attendee>,
    /// Whether anybody is invited by e-mail, and so told of changes.
    #[serde(default)]
    pub has_guests: bool,
    pub confirmation_code: String,
    /// What makes a repeated create the same event at Microsoft.
    pub transaction_id: String,
    /// The exact body of the create request, for a repeat.
    pub event_body: String,
    #[serde(default)]
    pub event_id: Option<EventId>,
    /// The call (or chat) in which it was booked.
    #[serde(default)]
    pub call_id: Option<String>,
    /// The verified number that booked it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<String>,
    pub created_at: Timestamp,
    /// When something last happened to it.
    pub updated_at: Timestamp,
    /// What happened to it, in order.
    #[serde(default)]
    pub history: Vec<HistoryEntry>,
    /// When reconcile looks at it next, in epoch seconds; absent when it need not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<i64>,
    /// The partition of the index by due time; there as long as `due_at` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// Epoch seconds; the table's TTL attribute.
    pub expires_at: i64,
}

/// Who comes to the viewing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendee {
    pub name: String,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub phone: Option<String>,
}

/// One change of an appointment's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    pub at: Timestamp,
    pub what: What,
    pub cause: Cause,
    /// The start before, where it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
}

/// What happened to an appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Claimed,
    ClaimedAgain,
    Held,
    Booked,
    Failed,
    Moving,
    Moved,
    MoveAbandoned,
    Cancelling,
    Cancelled,
    ConflictFound,
    ConflictGone,
    Changed,
}

/// On whose behalf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A caller, through the assistant.
    Caller,
    /// The CRM.
    Crm,
    /// Somebody in Outlook.
    Outlook,
    /// Nobody: what was left open was settled.
    Reconcile,
}

impl Appointment {
    /// The version that new rows have.
    pub const SCHEMA: u8 = 1;

    /// The next form of the row: one revision on, with what happened in its history.
    #[must_use]
    pub fn after(&self, what: What, cause: Cause, now: Timestamp) -> Self {
        let mut next = self.unchanged();
        next.updated_at = now;
        next.history.push(HistoryEntry {
            at: now,
            what,
            cause,
            from: None,
        });
        if next.history.len() > HISTORY_LIMIT {
            next.history.remove(1);
        }
        next
    }

    /// The next form of the row when nothing happened that anybody needs to know.
    #[must_use]
    pub fn unchanged(&self) -> Self {
        Self {
            revision: self.revision.saturating_add(1),
            ..self.clone()
        }
    }

    /// Has reconcile look at it at that time, or not at all.
    pub fn look_again(&mut self, at: Option<Timestamp>) {
        self.due_at = at.map(Timestamp::as_second);
        self.due = at.map(|_| DUE.to_owned());
    }

    /// The zone in which its time was agreed.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// When it is.
    pub fn time(&self) -> Interval {
        Interval::new(self.start, self.end).unwrap_or_else(|_| Interval::lasting(self.start, 0))
    }

    /// Puts it at another time; its row is kept as long after that as it was to be
    /// kept after the old one.
    pub fn move_to(&mut self, time: Interval) {
        let later = time.end().as_second() - self.end.as_second();
        self.expires_at = self.expires_at.saturating_add(later);
        (self.start, self.end) = (time.start(), time.end());
    }

    /// Whether somebody waits for what becomes of it: of its booking, or of a change.
    pub fn is_open(&self) -> bool {
        self.status == Status::Pending || self.status == Status::Confirmed && self.change.is_some()
    }

    /// When its time was last claimed, so that its event may be on its way since.
    pub fn claimed_at(&self) -> Timestamp {
        let claimed =
            |entry: &&HistoryEntry| matches!(entry.what, What::Claimed | What::ClaimedAgain);
        let last = self.history.iter().rev().find(claimed);
        last.map_or(self.created_at, |entry| entry.at)
    }

    /// Whether it takes place, or may.
    pub fn is_live(&self) -> bool {
        matches!(self.status, Status::Pending | Status::Confirmed)
    }

    /// The number of the next seat.
    pub fn next_seat(&self) -> u32 {
        self.seats
            .iter()
            .map(|seat| seat.number + 1)
            .max()
            .unwrap_or(0)
    }
}

/// A property's address as the index knows it: letters and digits only, in lower
/// case, so that two spellings of one address mostly meet.
pub fn property_key(address: &str) -> Option<String> {
    let words: Vec<String> = address
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// By what appointments are listed; all but the last in order of their start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListBy<'a> {
    Staff(&'a UserId),
    /// The verified number that booked.
    Caller(&'a str),
    /// A [`property_key`].
    Property(&'a str),
    Code(&'a str),
}

impl ListBy<'_> {
    /// The index, the name of its partition key, and the partition.
    fn partition(&self) -> (&'static str, &'static str, &str) {
        match self {
            Self::Staff(user) => ("by_user", "user_id", user.as_str()),
            Self::Caller(caller) => ("by_caller", "caller", caller),
            Self::Property(property) => ("by_property", "property_key", property),
            Self::Code(code) => ("by_code", "confirmation_code", code),
        }
    }

    /// Whether a page of this list can begin there. DynamoDB answers anything else with
    /// an error.
    pub fn can_begin_at(&self, from: &HashMap<String, String>, window: Interval) -> bool {
        let (_, key, value) = self.partition();
        let text = |name: &str| from.get(name).map(String::as_str);
        let start = text("start").and_then(|start| start.parse::<Timestamp>().ok());
        from.len() == 3
            && text(key) == Some(value)
            && text("appointment_id").is_some_and(|id| !id.is_empty())
            && start.is_some_and(|start| window.contains(start))
    }
}

/// Which comes first in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Earliest,
    Latest,
}

/// One page of a list.
#[derive(Debug, Default)]
pub struct AppointmentPage {
    pub appointments: Vec<Appointment>,
    /// Where the next page begins, if there is one.
    pub next: Option<HashMap<String, String>>,
}

/// The table of appointments.
pub struct Appointments(Table);

impl Appointments {
    /// Uses the table that `APPOINTMENTS_TABLE` names.
    pub fn new(settings: &Settings, aws: &Aws) -> Result<Self, SettingError> {
        let name = settings.required("APPOINTMENTS_TABLE")?;
        Ok(Self(Table::new(&aws.dynamodb, name)))
    }

    /// The appointment with that id.
    pub async fn get(&self, id: &AppointmentId) -> Result<Option<Appointment>, StoreError> {
        self.0
            .get(attributes([("appointment_id", text(id.as_str()))]))
            .await
    }

    /// The appointments of a staff member that start within the window, in order.
    pub async fn starting_in(
        &self,
        user: &UserId,
        window: Interval,
    ) -> Result<Vec<Appointment>, StoreError> {
        self.all(&ListBy::Staff(user), window).await
    }

    /// All that start within the window, however many pages that takes.
    pub async fn all(
        &self,
        by: &ListBy<'_>,
        window: Interval,
    ) -> Result<Vec<Appointment>, StoreError> {
        let mut found = Vec::new();
        let mut from = None;
        loop {
            let page = self.page(by, window, Order::Earliest, (200, from)).await?;
            found.extend(page.appointments);
            match page.next {
                Some(next) => from = Some(next),
                None => return Ok(found),
            }
        }
    }

    /// One page of those that start within the window: how many are read for it, and
    /// where it begins.
    pub async fn page(
        &self,
        by: &ListBy<'_>,
        window: Interval,
        order: Order,
        (limit, from): (i32, Option<HashMap<String, String>>),
    ) -> Result<AppointmentPage, StoreError> {
        let (index, key, value) = by.partition();
        // A range of keys has both its ends, a window does not have its last.
        let last = window.end().checked_sub(SignedDuration::from_nanos(1));
        let Some(last) = last.ok().filter(|last| window.start() <= *last) else {
            return Ok(AppointmentPage::default());
        };
        let answer = self
            .0
            .client
            .query()
            .table_name(&self.0.name)
            .index_name(index)
            .key_condition_expression("#key = :value AND #start BETWEEN :from AND :until")
            .expression_attribute_names("#key", key)
            .expression_attribute_names("#start", "start")
            .expression_attribute_values(":value", text(value))
            .expression_attribute_values(":from", text(window.start().to_string()))
            .expression_attribute_values(":until", text(last.to_string()))
            .scan_index_forward(order == Order::Earliest)
            .limit(limit)
            .set_exclusive_start_key(from.map(start_key))
            .send()
            .boxed()
            .await?;
        let rows = answer.items.unwrap_or_default().into_iter();
        Ok(AppointmentPage {
            appointments: rows
                .map(|item| self.0.read(item))
                .collect::<Result<_, _>>()?,
            next: answer.last_evaluated_key.and_then(texts),
        })
    }

    /// The ids of those that reconcile has to look at, the longest due first.
    pub async fn due(&self, now: Timestamp, limit: i32) -> Result<Vec<AppointmentId>, StoreError> {
        let answer = self
            .0
            .client
            .query()
            .table_name(&self.0.name)
            .index_name("by_due")
            .key_condition_expression("due = :due AND due_at <= :now")
            .expression_attribute_values(":due", text(DUE))
            .expression_attribute_values(":now", number(now.as_second()))
            .limit(limit)
            .send()
            .boxed()
            .await?;
        let rows = answer.items.unwrap_or_default().into_iter();
        Ok(rows
            .filter_map(|mut item| match item.remove("appointment_id")? {
                AttributeValue::S(id) => Some(AppointmentId::new(id)),
                _ => None,
            })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RentalId;
    use crate::scheduling::Position;

    /// The longest texts that are let in, and a history that is full.
    #[test]
    fn the_largest_row_is_far_below_the_limit_of_an_item() {
        let at = Timestamp::UNIX_EPOCH;
        let long = "\u{1F600}".repeat(255);
        let appointment = Appointment {
            appointment_id: AppointmentId::new("a".repeat(36)),
            schema: Appointment::SCHEMA,
            revision: 0,
            user_id: UserId::new("u".repeat(128)),
            account: Some(Account {
                tenant_id: "0".repeat(36),
                object_id: "0".repeat(36),
            }),
            status: Status::Confirmed,
            change: Some(Change::Cancel {
                comment: long.clone(),
            }),
            promised: true,
            conflict: true,
            start: at,
            end: at,
            seats: Vec::new(),
            time_zone: "America/Argentina/Buenos_Aires".to_owned(),
            subject: long.clone(),
            property_address: Some(long.clone()),
            property_key: Some(long.clone()),
            place: Some(Place {
                property: RentalId::new("r".repeat(36)),
                position: Position::from_degrees(-41.878_114, -123.629_798),
            }),
            attendee: Some(Attendee {
                name: long.clone(),
                email: Some("e".repeat(254)),
                phone: Some("+123456789012345".to_owned()),
            }),
            has_guests: true,
            confirmation_code: "K7QX4M".to_owned(),
            transaction_id: "t".repeat(36),
            event_body: "\u{1F600}".repeat(10_000 + 50 * 320),
            event_id: Some(EventId::new("e".repeat(200))),
            call_id: Some("c".repeat(200)),
            caller: Some("+123456789012345".to_owned()),
            created_at: at,
            updated_at: at,
            history: Vec::new(),
            due_at: Some(1),
            due: Some(DUE.to_owned()),
            expires_at: 1,
        };
        let full = (0..200).fold(appointment, |row, _| {
            row.after(What::ConflictFound, Cause::Reconcile, at)
        });
        assert_eq!(full.history.len(), HISTORY_LIMIT);
        let bytes = serde_json::to_string(&full).unwrap().len();
        println!("the largest row takes {bytes} bytes");
        assert!(bytes < 200 * 1024, "{bytes}");
    }

    #[test]
    fn spellings_of_an_address_meet() {
        for (address, key) in [
            ("14 Mill Lane, Apt 2B", Some("14 mill lane apt 2b")),
            (" 14  MILL lane; apt. 2b", Some("14 mill lane apt 2b")),
            ("--", None),
            ("", None),
        ] {
            assert_eq!(property_key(address).as_deref(), key, "{address}");
        }
    }
}
