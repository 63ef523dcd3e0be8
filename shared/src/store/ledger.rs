//! The ledger (`LEDGER_TABLE`): which intervals of a staff member are taken.
//!
//! Microsoft accepts overlapping events, so exclusion is ours. One item holds the
//! intervals of one staff member and UTC day. Every change is one transaction: the
//! row of the appointment, conditional on its revision, together with the days that
//! its seats touch. Taking a seat is conditional on the version of the day, so that
//! no two claims can be decided on the same state.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{CancellationReason, Delete, Put, TransactWriteItem, Update};
use jiff::{Timestamp, civil};

use super::appointments::{Appointment, Seat};
use super::ledger_day::{Day, days_of, expiry, seat_key};
use super::table::{Item, Table, attributes, number, pause_before, put_item, text, unbuildable};
use super::{Appointments, StoreError};
use crate::aws::Aws;
use crate::config::{SettingError, Settings};
use crate::ids::{AppointmentId, UserId};
use crate::scheduling::Interval;

/// How often a change is tried again when others write the same day.
const ATTEMPTS: u32 = 40;

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

/// What is written of an appointment's row.
#[derive(Clone, Copy, Debug)]
pub enum Row<'a> {
    /// A row that is not there yet.
    Insert(&'a Appointment),
    /// The next form of a row, over the revision before it.
    Next(&'a Appointment),
    /// No row any more.
    Delete(&'a Appointment),
}

/// What is done to a seat in the ledger.
#[derive(Clone, Copy, Debug)]
pub enum SeatChange<'a> {
    /// Takes it, if nobody else has any of it; until `hold_until` unless it is kept
    /// before.
    Take {
        seat: &'a Seat,
        hold_until: Option<Timestamp>,
    },
    /// Takes it whoever else has it, since the event is there already.
    Force(&'a Seat),
    /// Makes a held seat permanent.
    Keep(&'a Seat),
    /// Gives it up.
    Free(&'a Seat),
}

/// The outcome of a change. Only [`Applied::Done`] has written anything.
#[derive(Debug)]
pub enum Applied {
    Done,
    /// Somebody else has (part of) a seat that was to be taken.
    Taken,
    /// A seat that was to be kept is no longer there.
    Lapsed,
    /// The row has changed, or is there already; this is what it is now.
    Stale(Option<Box<Appointment>>),
}

/// The ledger, together with the appointments that it is kept in step with.
pub struct Ledger {
    days: Table,
    appointments: Table,
    rows: Appointments,
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

    /// Writes a row and what it does to seats, all of it or nothing.
    pub async fn apply(
        &self,
        row: Row<'_>,
        changes: &[SeatChange<'_>],
        now: Timestamp,
    ) -> Result<Applied, StoreError> {
        let appointment = row.appointment();
        let mut gone = BTreeSet::new();
        for attempt in 0..ATTEMPTS {
            let mut writes = vec![self.row(row)?];
            let mut days = Vec::new();
            for (day, changes) in by_day(changes) {
                if gone.contains(&day) {
                    continue;
                }
                let write = self.day_write(appointment, day, &changes, now);
                match Box::pin(write).await? {
                    Some(write) => writes.push(write),
                    None => return Ok(Applied::Taken),
                }
                days.push((day, changes));
            }
            match Box::pin(self.write(writes)).await? {
                Written::Yes => return Ok(Applied::Done),
                Written::No {
                    row_refused: true, ..
                } => return Box::pin(self.stale(row)).await,
                Written::No { refused, .. } => {
                    for (index, (day, changes)) in days.iter().enumerate() {
                        if !refused.contains(&index) || changes.iter().any(takes) {
                            continue;
                        }
                        if changes
                            .iter()
                            .any(|change| matches!(change, SeatChange::Keep(_)))
                        {
                            return Ok(Applied::Lapsed);
                        }
                        // There is nothing on that day any more that could be given up.
                        gone.insert(*day);
                    }
                }
            }
            tokio::time::sleep(pause_before(attempt, &appointment.transaction_id)).await;
        }
        Err(StoreError::Changed)
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
            found.extend(day.taken(now));
        }
        Ok(found)
    }

    /// What a refused row write means: the row is another one now, or this very
    /// write took effect although its answer was lost.
    async fn stale(&self, row: Row<'_>) -> Result<Applied, StoreError> {
        let stored = self.rows.get(&row.appointment().appointment_id).await?;
        let was_written = match row {
            Row::Insert(wanted) | Row::Next(wanted) => stored.as_ref() == Some(wanted),
            Row::Delete(_) => stored.is_none(),
        };
        Ok(if was_written {
            Applied::Done
        } else {
            Applied::Stale(stored.map(Box::new))
        })
    }

    fn row(&self, row: Row<'_>) -> Result<TransactWriteItem, StoreError> {
        let put = |appointment: &Appointment| -> Result<_, StoreError> {
            let put = Put::builder().table_name(&self.appointments.name);
            Ok(put.set_item(Some(self.appointments.item(appointment)?)))
        };
        Ok(match row {
            Row::Insert(appointment) => put_item(
                put(appointment)?.condition_expression("attribute_not_exists(appointment_id)"),
            )?,
            Row::Next(appointment) => put_item(
                put(appointment)?
                    .condition_expression("revision = :before")
                    .expression_attribute_values(":before", number(appointment.revision - 1)),
            )?,
            Row::Delete(appointment) => {
                let delete = Delete::builder()
                    .table_name(&self.appointments.name)
                    .key("appointment_id", text(appointment.appointment_id.as_str()))
                    .condition_expression("revision = :before")
                    .expression_attribute_values(":before", number(appointment.revision))
                    .build()
                    .map_err(unbuildable)?;
                TransactWriteItem::builder().delete(delete).build()
            }
        })
    }

    /// The write of one day; none when a seat that is to be taken is somebody else's.
    ///
    /// Taking needs the day as it is. What only keeps or frees does not depend on
    /// what else is on the day, so it does not have to win against others there.
    async fn day_write(
        &self,
        appointment: &Appointment,
        date: civil::Date,
        changes: &[SeatChange<'_>],
        now: Timestamp,
    ) -> Result<Option<TransactWriteItem>, StoreError> {
        let (user, id) = (&appointment.user_id, &appointment.appointment_id);
        if !changes.iter().any(takes) {
            return Ok(Some(self.day_update(user, date, id, changes)?));
        }
        let stored: Option<Day> = self.days.get(day_key(user, date)).await?;
        let before = stored.as_ref().map(|day| day.version);
        let day = stored.unwrap_or_else(|| Day::empty(user, date));
        let Some(day) = day.changed(id, changes, now) else {
            return Ok(None);
        };
        let put = Put::builder()
            .table_name(&self.days.name)
            .set_item(Some(self.days.item(&day)?));
        let put = match before {
            None => put.condition_expression("attribute_not_exists(user_id)"),
            Some(before) => put
                .condition_expression("version = :before")
                .expression_attribute_values(":before", number(before)),
        };
        Ok(Some(put_item(put)?))
    }

    fn day_update(
        &self,
        user: &UserId,
        date: civil::Date,
        id: &AppointmentId,
        changes: &[SeatChange<'_>],
    ) -> Result<TransactWriteItem, StoreError> {
        let mut update: UpdateBuilder = Update::builder()
            .table_name(&self.days.name)
            .set_key(Some(day_key(user, date)))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":expiry", number(expiry(date)));
        let mut removed = Vec::new();
        let mut conditions = vec!["attribute_exists(entries)".to_owned()];
        for (index, change) in changes.iter().enumerate() {
            let name = format!("#seat{index}");
            update = update.expression_attribute_names(&name, seat_key(id, change.seat()));
            match change {
                SeatChange::Keep(_) => {
                    conditions.push(format!("attribute_exists(entries.{name})"));
                    removed.push(format!("entries.{name}.hold_until"));
                }
                _ => removed.push(format!("entries.{name}")),
            }
        }
        let update = update
            .update_expression(format!(
                "REMOVE {} SET expires_at = :expiry ADD version :one",
                removed.join(", ")
            ))
            .condition_expression(conditions.join(" AND "))
            .build()
            .map_err(unbuildable)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    async fn write(&self, writes: Vec<TransactWriteItem>) -> Result<Written, StoreError> {
        let sent = self
            .days
            .client
            .transact_write_items()
            .set_transact_items(Some(writes))
            .send()
            .await;
        let Err(error) = sent else {
            return Ok(Written::Yes);
        };
        match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                Written::of(cancelled.cancellation_reasons()).ok_or_else(|| error.into())
            }
            Some(TransactWriteItemsError::TransactionInProgressException(_)) => Ok(Written::No {
                row_refused: false,
                refused: BTreeSet::new(),
            }),
            _ => Err(error.into()),
        }
    }
}

impl<'a> Row<'a> {
    fn appointment(self) -> &'a Appointment {
        match self {
            Self::Insert(appointment) | Self::Next(appointment) | Self::Delete(appointment) => {
                appointment
            }
        }
    }
}

impl<'a> SeatChange<'a> {
    pub(super) fn seat(&self) -> &'a Seat {
        match self {
            Self::Take { seat, .. } | Self::Force(seat) | Self::Keep(seat) | Self::Free(seat) => {
                seat
            }
        }
    }
}

fn takes(change: &SeatChange<'_>) -> bool {
    matches!(change, SeatChange::Take { .. } | SeatChange::Force(_))
}

/// Whether a transaction was carried out.
enum Written {
    Yes,
    /// Somebody else was first.
    No {
        row_refused: bool,
        /// Which of the days had a condition that did not hold.
        refused: BTreeSet<usize>,
    },
}

impl Written {
    /// What the reasons say; none when it was cancelled for anything but others.
    fn of(reasons: &[CancellationReason]) -> Option<Self> {
        let codes: Vec<&str> = reasons
            .iter()
            .map(|reason| reason.code().unwrap_or("None"))
            .collect();
        let expected = ["None", "ConditionalCheckFailed", "TransactionConflict"];
        if codes.iter().any(|code| !expected.contains(code)) || codes.iter().all(|c| *c == "None") {
            return None;
        }
        let (row, days) = codes.split_first()?;
        let refused = days.iter().enumerate();
        let refused = refused.filter(|(_, code)| **code == "ConditionalCheckFailed");
        Some(Self::No {
            row_refused: *row == "ConditionalCheckFailed",
            refused: refused.map(|(index, _)| index).collect(),
        })
    }
}

/// What happens on which UTC day.
fn by_day<'a>(changes: &[SeatChange<'a>]) -> BTreeMap<civil::Date, Vec<SeatChange<'a>>> {
    let mut days: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for change in changes {
        for day in days_of(change.seat().blocked) {
            days.entry(day).or_default().push(*change);
        }
    }
    days
}

fn day_key(user: &UserId, day: civil::Date) -> Item {
    attributes([
        ("user_id", text(user.as_str())),
        ("day", text(day.to_string())),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A transaction has at most 100 items (Amazon DynamoDB, "Quotas"). None is larger
    /// than that of a viewing which somebody stretched in Outlook while it was being
    /// moved: it gives up two seats and takes a third, of a week each.
    #[test]
    fn the_largest_transaction_is_far_below_the_limit_of_items() {
        const WEEK: i64 = 7 * 24 * 60;
        let start: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let seats = [0, 1, 2].map(|number| {
            let minutes = jiff::SignedDuration::from_mins(2 * WEEK * i64::from(number));
            let time = Interval::lasting(start.checked_add(minutes).unwrap(), 7 * 24 * 60);
            Seat {
                number,
                viewing: time,
                blocked: time,
            }
        });
        let changes = [
            SeatChange::Free(&seats[0]),
            SeatChange::Free(&seats[1]),
            SeatChange::Force(&seats[2]),
        ];
        let items = 1 + by_day(&changes).len();
        println!("the largest transaction has {items} of 100 items");
        assert_eq!(items, 25);
    }
}
