//! The ledger (`LEDGER_TABLE`): which intervals of a staff member are taken.
//!
//! Microsoft accepts overlapping events, so exclusion is ours. One item holds the
//! intervals of one staff member and UTC day; a claim is a conditional write on
//! its version, in one transaction with the appointment that it is for. Entries
//! keep the buffers around a viewing inside them.
//!
//! An entry with `hold_until` is a hold, which lapses by itself; confirming takes
//! that away. Every change counts the version up, so that no claim can be decided
//! on what is no longer so.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem, Update};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan, civil};
use serde::{Deserialize, Serialize};

use super::appointments::{Appointment, Status};
use super::table::{Item, Table, attributes, number, text};
use super::{Appointments, StoreError};
use crate::aws::Aws;
use crate::config::{SettingError, Settings};
use crate::ids::{AppointmentId, EventId, UserId};
use crate::scheduling::Interval;

/// How often a claim is tried again when others write the same day.
const ATTEMPTS: u32 = 12;

/// Days after which the row of a day is deleted by TTL.
const KEPT_DAYS: i64 = 60;

/// The outcome of a claim.
#[derive(Debug)]
pub enum Claim {
    /// The time is ours, and the appointment is stored as pending.
    Won,
    /// This very booking was made before.
    Known(Box<Appointment>),
    /// Somebody else has (part of) the time.
    Taken,
}

/// An interval that is taken or held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub appointment_id: AppointmentId,
    /// The viewing itself.
    pub viewing: Interval,
    /// The clear time that it keeps before it and after it.
    pub before_minutes: u32,
    pub after_minutes: u32,
}

/// The ledger, together with the appointments that it is kept in step with.
pub struct Ledger {
    days: Table,
    appointments: Table,
    rows: Appointments,
}

#[derive(Debug, Serialize, Deserialize)]
struct Day {
    user_id: UserId,
    #[serde(rename = "day")]
    date: civil::Date,
    version: i64,
    entries: HashMap<String, Entry>,
    /// Epoch seconds; the table's TTL attribute.
    expires_at: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    /// What is taken, from and until in epoch seconds.
    start: i64,
    end: i64,
    /// Seconds of that which are buffers, before the viewing and after it.
    #[serde(default)]
    before: i64,
    #[serde(default)]
    after: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hold_until: Option<i64>,
}

impl Entry {
    fn of(appointment: &Appointment, hold_until: Option<Timestamp>) -> Self {
        let blocked = appointment.blocked;
        let (start, end) = (blocked.start().as_second(), blocked.end().as_second());
        Self {
            start,
            end,
            before: appointment.start.as_second() - start,
            after: end - appointment.end.as_second(),
            hold_until: hold_until.map(Timestamp::as_second),
        }
    }

    fn taken(&self, id: String) -> Option<Taken> {
        let instant = |second: Option<i64>| Timestamp::from_second(second?).ok();
        let start = instant(self.start.checked_add(self.before))?;
        let end = instant(self.end.checked_sub(self.after))?;
        let minutes = |seconds: i64| u32::try_from(seconds / 60).unwrap_or(0);
        Some(Taken {
            appointment_id: AppointmentId::new(id),
            viewing: Interval::new(start, end).ok()?,
            before_minutes: minutes(self.before),
            after_minutes: minutes(self.after),
        })
    }

    fn lapsed(&self, now: Timestamp) -> bool {
        self.hold_until
            .is_some_and(|until| until <= now.as_second())
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

impl Ledger {
    /// Uses the tables that `LEDGER_TABLE` and `APPOINTMENTS_TABLE` name.
    pub fn new(settings: &Settings, aws: &Aws) -> Result<Self, SettingError> {
        Ok(Self {
            days: Table::new(&aws.dynamodb, settings.required("LEDGER_TABLE")?),
            appointments: Table::new(&aws.dynamodb, settings.required("APPOINTMENTS_TABLE")?),
            rows: Appointments::new(settings, aws)?,
        })
    }

    /// Claims the time of a pending appointment, buffers included, until
    /// `hold_until` unless it is confirmed before.
    pub async fn claim(
        &self,
        appointment: &Appointment,
        hold_until: Timestamp,
        now: Timestamp,
    ) -> Result<Claim, StoreError> {
        for attempt in 0..ATTEMPTS {
            let Some(mut writes) = self.hold(appointment, hold_until, now).await? else {
                return Ok(Claim::Taken);
            };
            writes.push(self.insert(appointment)?);
            match self.write(writes).await {
                Ok(()) => return Ok(Claim::Won),
                Err(StoreError::Changed) => match self.known(appointment).await? {
                    Claim::Taken => pause(attempt, appointment).await,
                    known => return Ok(known),
                },
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Changed)
    }

    /// Claims the time of a stored appointment once more, whether or not its hold has
    /// lapsed. Whether it could still be had.
    pub async fn claim_again(
        &self,
        appointment: &Appointment,
        hold_until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        for attempt in 0..ATTEMPTS {
            let Some(writes) = self.hold(appointment, hold_until, now).await? else {
                return Ok(false);
            };
            match self.write(writes).await {
                Ok(()) => return Ok(true),
                Err(StoreError::Changed) => pause(attempt, appointment).await,
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Changed)
    }

    /// Makes a claim permanent, now that the event exists.
    pub async fn confirm(
        &self,
        appointment: &Appointment,
        event_id: &EventId,
    ) -> Result<(), StoreError> {
        let confirmed = Update::builder()
            .table_name(&self.appointments.name)
            .set_key(Some(key(&appointment.appointment_id)))
            .update_expression("SET #status = :confirmed, event_id = :event")
            .condition_expression("transaction_id = :transaction")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":confirmed", text("confirmed"))
            .expression_attribute_values(":event", text(event_id.as_str()))
            .expression_attribute_values(":transaction", text(&appointment.transaction_id));
        let mut writes = vec![update(confirmed)?];
        writes.extend(self.unlimited(appointment)?);
        self.write_again(&writes, appointment).await
    }

    /// Keeps a claim beyond its hold, since it is not known whether the event exists.
    pub async fn keep(&self, appointment: &Appointment) -> Result<(), StoreError> {
        self.write_again(&self.unlimited(appointment)?, appointment)
            .await
    }

    /// Gives a claim back: the time is free again and there is no appointment.
    pub async fn release(&self, appointment: &Appointment) -> Result<(), StoreError> {
        let gone = Delete::builder()
            .table_name(&self.appointments.name)
            .set_key(Some(key(&appointment.appointment_id)))
            .condition_expression("#status = :pending AND transaction_id = :transaction")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":pending", text("pending"))
            .expression_attribute_values(":transaction", text(&appointment.transaction_id))
            .build()
            .map_err(unbuildable)?;
        let mut writes = vec![TransactWriteItem::builder().delete(gone).build()];
        for day in days_of(appointment.blocked) {
            let freed = self
                .change(&appointment.user_id, day, &appointment.appointment_id)
                .update_expression("REMOVE entries.#id ADD version :one")
                .condition_expression("attribute_exists(entries.#id)");
            writes.push(update(freed)?);
        }
        self.write_again(&writes, appointment).await
    }

    /// What is taken or held at `now` within the window.
    pub async fn taken(
        &self,
        user: &UserId,
        window: Interval,
        now: Timestamp,
    ) -> Result<Vec<Taken>, StoreError> {
        let days = days_of(window);
        let (Some(first), Some(last)) = (days.first(), days.last()) else {
            return Ok(Vec::new());
        };
        let mut pages = self
            .days
            .client
            .query()
            .table_name(&self.days.name)
            .consistent_read(true)
            .key_condition_expression("user_id = :user AND #day BETWEEN :first AND :last")
            .expression_attribute_names("#day", "day")
            .expression_attribute_values(":user", text(user.as_str()))
            .expression_attribute_values(":first", text(first.to_string()))
            .expression_attribute_values(":last", text(last.to_string()))
            .into_paginator()
            .items()
            .send();
        let mut found = Vec::new();
        while let Some(item) = pages.next().await {
            let day: Day = self.days.read(item?)?;
            let live = day
                .entries
                .into_iter()
                .filter(|(_, entry)| !entry.lapsed(now));
            found.extend(live.filter_map(|(id, entry)| entry.taken(id)));
        }
        Ok(found)
    }

    /// The writes that hold the time of an appointment in the ledger as it is now;
    /// none when somebody else has (part of) it.
    async fn hold(
        &self,
        appointment: &Appointment,
        hold_until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Vec<TransactWriteItem>>, StoreError> {
        let own = appointment.appointment_id.as_str();
        let mut writes = Vec::new();
        for day in days_of(appointment.blocked) {
            let stored = self.day(&appointment.user_id, day).await?;
            let entries = || stored.iter().flat_map(|day| &day.entries);
            // What was kept for good is not put under a time limit again.
            let kept = entries().any(|(id, entry)| id == own && entry.hold_until.is_none());
            let entry = Entry::of(appointment, (!kept).then_some(hold_until));
            let mut others = entries().filter(|(id, other)| *id != own && !other.lapsed(now));
            if others.any(|(_, other)| other.overlaps(&entry)) {
                return Ok(None);
            }
            writes.push(self.add(appointment, day, stored, &entry, now)?);
        }
        Ok(Some(writes))
    }

    async fn day(&self, user: &UserId, day: civil::Date) -> Result<Option<Day>, StoreError> {
        self.days.get(day_key(user, day)).await
    }

    /// What is stored of this booking: it was made before, or this very claim took
    /// effect although its answer was lost.
    async fn known(&self, appointment: &Appointment) -> Result<Claim, StoreError> {
        Ok(match self.rows.get(&appointment.appointment_id).await? {
            Some(stored) if stored.transaction_id == appointment.transaction_id => Claim::Won,
            Some(stored) => Claim::Known(Box::new(stored)),
            None => Claim::Taken,
        })
    }

    fn insert(&self, appointment: &Appointment) -> Result<TransactWriteItem, StoreError> {
        debug_assert_eq!(appointment.status, Status::Pending);
        let put = Put::builder()
            .table_name(&self.appointments.name)
            .set_item(Some(self.appointments.item(appointment)?))
            .condition_expression("attribute_not_exists(appointment_id)")
            .build()
            .map_err(unbuildable)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// The write that adds an entry to a day as it was read, and drops lapsed
    /// holds from it.
    fn add(
        &self,
        appointment: &Appointment,
        day: civil::Date,
        stored: Option<Day>,
        entry: &Entry,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let before = stored.as_ref().map(|day| day.version);
        let mut entries = stored.map(|day| day.entries).unwrap_or_default();
        entries.retain(|_, entry| !entry.lapsed(now));
        entries.insert(appointment.appointment_id.to_string(), entry.clone());
        let item = self.days.item(&Day {
            user_id: appointment.user_id.clone(),
            date: day,
            version: before.unwrap_or(0) + 1,
            entries,
            expires_at: expiry(day),
        })?;
        let put = Put::builder()
            .table_name(&self.days.name)
            .set_item(Some(item));
        let put = match before {
            None => put.condition_expression("attribute_not_exists(user_id)"),
            Some(before) => put
                .condition_expression("version = :before")
                .expression_attribute_values(":before", number(before)),
        };
        let put = put.build().map_err(unbuildable)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// The writes that take the time limit off a claim.
    fn unlimited(&self, appointment: &Appointment) -> Result<Vec<TransactWriteItem>, StoreError> {
        let days = days_of(appointment.blocked).into_iter();
        days.map(|day| {
            let kept = self
                .change(&appointment.user_id, day, &appointment.appointment_id)
                .update_expression("REMOVE entries.#id.hold_until ADD version :one")
                .condition_expression("attribute_exists(entries.#id)");
            update(kept)
        })
        .collect()
    }

    fn change(
        &self,
        user: &UserId,
        day: civil::Date,
        id: &AppointmentId,
    ) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
        Update::builder()
            .table_name(&self.days.name)
            .set_key(Some(day_key(user, day)))
            .expression_attribute_names("#id", id.as_str())
            .expression_attribute_values(":one", number(1))
    }

    /// Writes what does not depend on what others write to the same day, so that
    /// meeting them is only a reason to try again.
    async fn write_again(
        &self,
        writes: &[TransactWriteItem],
        appointment: &Appointment,
    ) -> Result<(), StoreError> {
        for attempt in 0..ATTEMPTS {
            match self.write(writes.to_vec()).await {
                Err(StoreError::Changed) => pause(attempt, appointment).await,
                outcome => return outcome,
            }
        }
        Err(StoreError::Changed)
    }

    async fn write(&self, writes: Vec<TransactWriteItem>) -> Result<(), StoreError> {
        let sent = self
            .days
            .client
            .transact_write_items()
            .set_transact_items(Some(writes))
            .send()
            .await;
        sent.map(|_| ())
            .map_err(|error| match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled))
                    if only_conflicts(cancelled.cancellation_reasons()) =>
                {
                    StoreError::Changed
                }
                Some(TransactWriteItemsError::TransactionInProgressException(_)) => {
                    StoreError::Changed
                }
                _ => error.into(),
            })
    }
}

/// Whether a transaction failed because somebody else was first, and for no other
/// reason.
fn only_conflicts(reasons: &[aws_sdk_dynamodb::types::CancellationReason]) -> bool {
    let codes = || reasons.iter().filter_map(|reason| reason.code());
    codes().any(|code| code != "None")
        && codes().all(|code| {
            matches!(
                code,
                "None" | "ConditionalCheckFailed" | "TransactionConflict"
            )
        })
}

/// The UTC days that an interval touches.
fn days_of(interval: Interval) -> Vec<civil::Date> {
    let date = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let last_instant = interval
        .end()
        .checked_sub(SignedDuration::from_nanos(1))
        .map_or(interval.start(), |at| at.max(interval.start()));
    let (first, last) = (date(interval.start()), date(last_instant));
    first
        .series(1.day())
        .take_while(|day| *day <= last)
        .collect()
}

fn expiry(day: civil::Date) -> i64 {
    day.to_zoned(TimeZone::UTC)
        .ok()
        .and_then(|start| {
            start
                .timestamp()
                .as_second()
                .checked_add(KEPT_DAYS * 86_400)
        })
        .unwrap_or(i64::MAX)
}

/// Waits before the next attempt: longer each time, and for another time than the
/// others who compete for the day.
async fn pause(attempt: u32, appointment: &Appointment) {
    tokio::time::sleep(pause_before(attempt, &appointment.transaction_id)).await;
}

fn pause_before(attempt: u32, transaction_id: &str) -> Duration {
    let spread = transaction_id
        .bytes()
        .fold(u64::from(attempt), |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(u64::from(byte))
        });
    Duration::from_millis(spread % (8 << attempt.min(4)))
}

fn key(id: &AppointmentId) -> Item {
    attributes([("appointment_id", text(id.as_str()))])
}

fn day_key(user: &UserId, day: civil::Date) -> Item {
    attributes([
        ("user_id", text(user.as_str())),
        ("day", text(day.to_string())),
    ])
}

fn update(
    builder: aws_sdk_dynamodb::types::builders::UpdateBuilder,
) -> Result<TransactWriteItem, StoreError> {
    let update = builder.build().map_err(unbuildable)?;
    Ok(TransactWriteItem::builder().update(update).build())
}

fn unbuildable(error: aws_sdk_dynamodb::error::BuildError) -> StoreError {
    StoreError::Unavailable(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(start: &str, end: &str) -> Interval {
        Interval::new(start.parse().unwrap(), end.parse().unwrap()).unwrap()
    }

    #[test]
    fn an_interval_touches_the_days_that_it_has_a_moment_of() {
        for (start, end, expected) in [
            ("2026-11-24T16:00:00Z", "2026-11-24T16:30:00Z", 1),
            ("2026-11-24T23:30:00Z", "2026-11-25T00:00:00Z", 1),
            ("2026-11-24T23:45:00Z", "2026-11-25T00:15:00Z", 2),
            ("2026-11-24T00:00:00Z", "2026-11-27T00:00:00Z", 3),
        ] {
            assert_eq!(
                days_of(interval(start, end)).len(),
                expected,
                "{start} {end}"
            );
        }
    }

    #[test]
    fn competitors_pause_for_different_times() {
        assert!(pause_before(3, "a") < Duration::from_millis(64));
        assert_ne!(pause_before(3, "a"), pause_before(3, "b"));
    }
}
