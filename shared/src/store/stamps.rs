//! Stamps (`RENTALS_TABLE`): when something last changed in what a staff member shows, so
//! that whoever keeps their rentals knows whether they are still those.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use serde::Deserialize;

use super::StoreError;
use super::rentals::{KEYS_LIMIT, RentalWrite, Rentals};
use super::table::{BRIEFLY, Batch, Found, Item, attributes, number, text, unbuildable};
use crate::clock::Turn;
use crate::ids::UserId;

/// When something last changed in what a staff member shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Counts the writes.
    pub writes: i64,
    /// Epoch seconds.
    pub changed_at: i64,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    writes: i64,
    changed_at: i64,
}

impl Rentals {
    /// The stamps of what those staff members show, each in its place; none where nothing
    /// was ever shown.
    pub async fn stamps(&self, staff: &[UserId]) -> Result<Vec<Option<Stamp>>, StoreError> {
        let mut stamps = Vec::with_capacity(staff.len());
        for some in staff.chunks(KEYS_LIMIT) {
            let mut batch = Batch::default();
            self.want_stamps(&mut batch, some);
            let mut found = batch.read(&self.0.client, BRIEFLY).await?;
            stamps.extend(self.stamps_in(&mut found, some)?);
        }
        Ok(stamps)
    }

    /// Adds the stamps of those staff members to what is to be read.
    pub(super) fn want_stamps(&self, batch: &mut Batch, staff: &[UserId]) {
        for user in BTreeSet::from_iter(staff) {
            batch.add(&self.0, key(user));
        }
    }

    /// The stamps of those staff members, each in its place, from what was found.
    pub(super) fn stamps_in(
        &self,
        found: &mut Found,
        staff: &[UserId],
    ) -> Result<Vec<Option<Stamp>>, StoreError> {
        let rows = found.of(&self.0)?.into_iter().map(|row| {
            let row: Row = self.0.read(row)?;
            let stamp = Stamp {
                writes: row.writes,
                changed_at: row.changed_at,
            };
            Ok((row.id, stamp))
        });
        let stamps = rows.collect::<Result<HashMap<_, _>, StoreError>>()?;
        let stamps = staff.iter().map(|user| stamps.get(&id(user)).copied());
        Ok(stamps.collect())
    }

    /// The stamps that writes of rentals put, as parts of their transaction.
    pub(super) fn stamped(
        &self,
        writes: &[RentalWrite<'_>],
        turn: &Turn,
    ) -> impl Iterator<Item = Result<TransactWriteItem, StoreError>> {
        // A turn can last longer than an index takes to follow.
        let changed_at = turn.at().as_second();
        owners(writes).into_iter().map(move |user| {
            let update = Update::builder()
                .table_name(&self.0.name)
                .set_key(Some(key(user)))
                .update_expression("SET changed_at = :at ADD writes :one")
                .expression_attribute_values(":at", number(changed_at))
                .expression_attribute_values(":one", number(1))
                .build()
                .map_err(unbuildable)?;
            Ok(TransactWriteItem::builder().update(update).build())
        })
    }
}

/// All whose rentals change.
fn owners<'a>(writes: &[RentalWrite<'a>]) -> BTreeSet<&'a UserId> {
    let owners = writes.iter().flat_map(|write| {
        let before = match write {
            RentalWrite::Replace(_, before) => Some(*before),
            RentalWrite::Insert(_) | RentalWrite::Delete(_) => None,
        };
        before.into_iter().chain([&write.rental().user_id])
    });
    owners.collect()
}

/// No rental has such an id, and a row of it none of the attributes that indexes need.
fn id(user: &UserId) -> String {
    format!("shown#{user}")
}

fn key(user: &UserId) -> Item {
    attributes([("id", text(id(user)))])
}
