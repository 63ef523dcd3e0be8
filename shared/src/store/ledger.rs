//! The ledger (`LEDGER_TABLE`): which intervals of a staff member are taken.
//!
//! Microsoft accepts overlapping events, so exclusion is ours. One item holds the
//! intervals of one staff member and UTC day. Every change is one transaction: the
//! row of the appointment, conditional on its revision, together with the days that
//! its seats touch. Taking a seat is conditional on the version of the day, so that
//! no two claims can be decided on the same state. Where the way between viewings
//! counts, the days that are near enough for it are compared too, and the write is
//! conditional on their versions as well, although it leaves them as they are.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{ConditionCheck, Delete, Put, TransactWriteItem, Update};
use jiff::{Timestamp, civil};

use super::appointments::{Appointment, Seat};
use super::ledger_day::{Day, days_of, expiry, seat_key};
use super::place::Place;
use super::table::{
    Item, Table, all_items, attributes, number, pause_before, put_item, text, unbuildable,
};
use super::transaction::{Transacted, transact};
use super::{Appointments, StoreError};
use crate::aws::Aws;
use crate::config::{SettingError, Settings};
use crate::ids::{AppointmentId, UserId};
use crate::scheduling::{Interval, LONGEST_WAY_MINUTES};

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
    /// Where it is, if that is known.
    pub place: Option<Place>,
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
    /// Takes it, if nobody else has any of it or is too far from it; until `hold_until`
    /// unless it is kept before.
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
            let mut days = by_day(appointment.place.as_ref(), changes);
            days.retain(|day, _| !gone.contains(day));
            let mut stored = Box::pin(self.stored(&appointment.user_id, &days)).await?;
            for (day, on_day) in &days {
                let write = match stored.remove(day) {
                    None => self.day_update(appointment, *day, &on_day.changes)?,
                    Some(stored) => {
                        match self.day_decided(appointment, *day, on_day, stored, now)? {
                            Some(write) => write,
                            None => return Ok(Applied::Taken),
                        }
                    }
                };
                writes.push(write);
            }
            match transact(&self.days.client, writes).await? {
                Transacted::Done => return Ok(Applied::Done),
                Transacted::Refused(refused) if refused.contains(&0) => {
                    return Box::pin(self.stale(row)).await;
                }
                Transacted::Refused(refused) => {
                    // The row is the first of the writes.
                    for (index, (day, on_day)) in (1..).zip(&days) {
                        if !refused.contains(&index) || on_day.is_decided() {
                            continue;
                        }
                        let mut changes = on_day.changes.iter();
                        if changes.any(|change| matches!(change, SeatChange::Keep(_))) {
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

    /// What is taken or held at `now` within the window, each seat once.
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
        let days = self.days_between(user, *first, *last).await?;
        // A seat across midnight is on both days.
        let seats = days.into_iter().flat_map(|day| day.taken(now));
        let seats: BTreeMap<String, Taken> = seats.collect();
        Ok(seats.into_values().collect())
    }

    async fn days_between(
        &self,
        user: &UserId,
        first: civil::Date,
        last: civil::Date,
    ) -> Result<Vec<Day>, StoreError> {
        let query = self
            .days
            .client
            .query()
            .table_name(&self.days.name)
            .consistent_read(true)
            .key_condition_expression("user_id = :user AND #day BETWEEN :first AND :last")
            .expression_attribute_names("#day", "day")
            .expression_attribute_values(":user", text(user.as_str()))
            .expression_attribute_values(":first", text(first.to_string()))
            .expression_attribute_values(":last", text(last.to_string()));
        let items = all_items(query).await?.into_iter();
        items.map(|item| self.days.read(item)).collect()
    }

    /// The days that something has to be decided on, as they are.
    async fn stored(
        &self,
        user: &UserId,
        days: &BTreeMap<civil::Date, OnDay<'_>>,
    ) -> Result<BTreeMap<civil::Date, Option<Day>>, StoreError> {
        let decided = days.iter().filter(|(_, on_day)| on_day.is_decided());
        let mut stored: BTreeMap<_, _> = decided.map(|(day, _)| (*day, None)).collect();
        let ends = stored.first_key_value().zip(stored.last_key_value());
        let Some(((&first, _), (&last, _))) = ends else {
            return Ok(stored);
        };
        let found = if first == last {
            let day = self.days.get(day_key(user, first)).await?;
            day.into_iter().collect()
        } else {
            self.days_between(user, first, last).await?
        };
        for day in found {
            if let Some(place) = stored.get_mut(&day.date) {
                *place = Some(day);
            }
        }
        Ok(stored)
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

    /// The write of a day on which a seat is taken, or which is near one that is; none
    /// when that seat is somebody else's.
    fn day_decided(
        &self,
        appointment: &Appointment,
        date: civil::Date,
        on_day: &OnDay<'_>,
        stored: Option<Day>,
        now: Timestamp,
    ) -> Result<Option<TransactWriteItem>, StoreError> {
        let (user, id) = (&appointment.user_id, &appointment.appointment_id);
        let place = appointment.place.as_ref();
        let before = stored.as_ref().map(|day| day.version);
        let day = stored.unwrap_or_else(|| Day::empty(user, date));
        let mut near = on_day.near.iter();
        if !near.all(|seat| day.has_room(id, place, seat, now)) {
            return Ok(None);
        }
        if on_day.changes.is_empty() {
            return Ok(Some(self.day_check(user, date, before)?));
        }
        let Some(day) = day.changed(id, place, &on_day.changes, now) else {
            return Ok(None);
        };
        let put = Put::builder()
            .table_name(&self.days.name)
            .set_item(Some(self.days.item(&day)?))
            .condition_expression(as_it_was(before))
            .set_expression_attribute_values(version_values(before));
        Ok(Some(put_item(put)?))
    }

    /// That a day is still as it was read.
    fn day_check(
        &self,
        user: &UserId,
        date: civil::Date,
        before: Option<i64>,
    ) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.days.name)
            .set_key(Some(day_key(user, date)))
            .condition_expression(as_it_was(before))
            .set_expression_attribute_values(version_values(before))
            .build()
            .map_err(unbuildable)?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// What only keeps or frees does not depend on what else is on the day, so it does
    /// not have to win against others there.
    fn day_update(
        &self,
        appointment: &Appointment,
        date: civil::Date,
        changes: &[SeatChange<'_>],
    ) -> Result<TransactWriteItem, StoreError> {
        let (user, id) = (&appointment.user_id, &appointment.appointment_id);
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

/// What a UTC day has to do with a change.
#[derive(Debug, Default)]
struct OnDay<'a> {
    /// What happens on it.
    changes: Vec<SeatChange<'a>>,
    /// Seats that are taken on other days, so near that the way to them counts.
    near: Vec<&'a Seat>,
}

impl OnDay<'_> {
    /// Whether something is decided on what the day has now.
    fn is_decided(&self) -> bool {
        !self.near.is_empty() || self.changes.iter().any(takes)
    }
}

/// The days that changes of an appointment at that place have to do with.
fn by_day<'a>(
    place: Option<&Place>,
    changes: &[SeatChange<'a>],
) -> BTreeMap<civil::Date, OnDay<'a>> {
    let mut days: BTreeMap<_, OnDay<'a>> = BTreeMap::new();
    for change in changes {
        let seat = change.seat();
        let own = days_of(seat.blocked);
        if let SeatChange::Take { .. } = change
            && seat.travel.is_some()
            && place.is_some()
        {
            let reach = seat
                .viewing
                .widened(LONGEST_WAY_MINUTES, LONGEST_WAY_MINUTES);
            for day in days_of(reach).into_iter().filter(|day| !own.contains(day)) {
                days.entry(day).or_default().near.push(seat);
            }
        }
        for day in own {
            days.entry(day).or_default().changes.push(*change);
        }
    }
    days
}

/// The condition that a day still has that version, or is still not there.
fn as_it_was(version: Option<i64>) -> &'static str {
    match version {
        None => "attribute_not_exists(user_id)",
        Some(_) => "version = :before",
    }
}

fn version_values(version: Option<i64>) -> Option<Item> {
    version.map(|version| attributes([(":before", number(version))]))
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
    use crate::ids::RentalId;
    use crate::scheduling::Travel;

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
                travel: None,
            }
        });
        let changes = [
            SeatChange::Free(&seats[0]),
            SeatChange::Free(&seats[1]),
            SeatChange::Force(&seats[2]),
        ];
        let items = 1 + by_day(None, &changes).len();
        println!("the largest transaction has {items} of 100 items");
        assert_eq!(items, 25);
    }

    #[test]
    fn a_seat_has_to_do_with_the_days_from_which_its_place_can_be_reached() {
        let place = Place {
            property: RentalId::new("mill"),
            position: None,
        };
        let time = |start: &str| Interval::lasting(start.parse().unwrap(), 30);
        let days = |place: Option<&Place>, start: &str, travel| {
            let seat = Seat {
                number: 0,
                viewing: time(start),
                blocked: time(start).widened(15, 15),
                travel,
            };
            let take = SeatChange::Take {
                seat: &seat,
                hold_until: None,
            };
            let days = by_day(place, &[take]);
            assert!(days.values().all(OnDay::is_decided));
            // Neither who keeps a seat nor who gives it up has to do with other days.
            assert_eq!(by_day(place, &[SeatChange::Keep(&seat)]).len(), 1);
            let days = days.iter();
            let days = days.map(|(day, on_day)| (day.day(), on_day.near.len()));
            days.collect::<Vec<_>>()
        };
        let (place, travel) = (Some(&place), Some(Travel::default()));
        let noon = "2026-11-24T12:00:00Z";
        assert_eq!(days(place, noon, travel), [(23, 1), (24, 0), (25, 1)]);
        assert_eq!(days(place, noon, None), [(24, 0)]);
        assert_eq!(days(None, noon, travel), [(24, 0)]);
        let midnight = "2026-11-24T00:15:00Z";
        let near = days(place, midnight, travel);
        assert_eq!(near, [(23, 1), (24, 0), (25, 1)]);
    }
}
