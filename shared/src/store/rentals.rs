//! The inventory (`RENTALS_TABLE`): one row a rental, one counter a website, and one stamp
//! a staff member.
//!
//! Each write of rentals is one transaction with the counters of their websites and the
//! stamps of their owners, so that neither is off by what a crash cut short.
//! docs/rentals.md lists every access pattern.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, Select, TransactWriteItem, Update};
use futures_util::FutureExt;
use futures_util::future::try_join_all;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::rental::{AvailableDate, Rental};
use super::table::{
    Batch, Item, Table, all_items, attributes, may_be_id, number, pause_before, put_item,
    start_key, text, texts, unbuildable,
};
use super::transaction::{Transacted, transact};
use crate::aws::Aws;
use crate::clock::Turn;
use crate::config::{SettingError, Settings};
use crate::ids::{RentalId, UserId};

/// Over how many partitions of the index the whole inventory is spread.
const SHARDS: usize = 8;

/// The partition of the index that holds the counters.
const COUNTS: &str = "counts";

/// The attribute that holds the rental itself.
const RENTAL: &str = "rental";

/// How often a write is tried again when others write the same counters, and a read that
/// leaves items out.
const ATTEMPTS: u32 = 40;

/// The most keys that one read may name.
pub(super) const KEYS_LIMIT: usize = 100;

/// Which rentals are listed: in order of the date from which they can be had.
#[derive(Clone, Copy, Debug)]
pub struct RentalList<'a> {
    pub of: RentalsOf<'a>,
    /// Only what can be had by then.
    pub available_by: Option<Date>,
}

/// Whose rentals.
#[derive(Clone, Copy, Debug)]
pub enum RentalsOf<'a> {
    Everyone,
    Staff(&'a UserId),
    Website(&'a str),
}

/// Where a page begins.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// Which of the list's partitions.
    partition: usize,
    /// The last key before it there.
    #[serde(default)]
    after: Option<HashMap<String, String>>,
}

/// One page of a list.
#[derive(Debug)]
pub struct RentalPage {
    pub rentals: Vec<Rental>,
    /// Where the next page begins, if there is one.
    pub next: Option<Start>,
}

/// What is written of one rental.
#[derive(Clone, Copy, Debug)]
pub enum RentalWrite<'a> {
    /// A row that is not there yet.
    Insert(&'a Rental),
    /// The next form of a row, over the version before it, and whose it was.
    Replace(&'a Rental, &'a UserId),
    /// No row any more; this is the form that it has.
    Delete(&'a Rental),
}

/// How many rentals a website has here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceCount {
    pub source: String,
    pub rental_count: u64,
    /// When one of them was last written.
    pub last_updated: Timestamp,
}

/// The table of rentals.
pub struct Rentals(pub(super) Table);

impl Rentals {
    /// The most rentals of one [`write`](Self::write): with as many counters, and twice as
    /// many stamps, they are the hundred items of a transaction.
    pub const MOST_WRITES: usize = 25;

    /// Uses the table that `RENTALS_TABLE` names.
    pub fn new(settings: &Settings, aws: &Aws) -> Result<Self, SettingError> {
        let name = settings.required("RENTALS_TABLE")?;
        Ok(Self(Table::new(&aws.dynamodb, name)))
    }

    /// The rental with that id.
    pub async fn get(&self, id: &RentalId) -> Result<Option<Rental>, StoreError> {
        // A counter, a stamp or a source, which is not to be read as a rental; or no id at all.
        if id.as_str().contains('#') || !may_be_id(id.as_str()) {
            return Ok(None);
        }
        let item = self.0.get_item(key(id)).await?;
        item.map(|item| self.read(item)).transpose()
    }

    /// Those of the ids that there are, in no order.
    pub async fn get_all(&self, ids: &[&RentalId]) -> Result<Vec<Rental>, StoreError> {
        let mut rentals = Vec::new();
        for some in ids.chunks(KEYS_LIMIT) {
            let mut batch = Batch::default();
            for id in some {
                batch.add(&self.0, key(id));
            }
            let found = batch.read(&self.0.client, ATTEMPTS).await?.of(&self.0)?;
            for item in found {
                rentals.push(self.read(item)?);
            }
        }
        Ok(rentals)
    }

    /// One page of a list, with as many rentals as asked for unless it is the last.
    pub async fn page(
        &self,
        list: &RentalList<'_>,
        limit: usize,
        from: Option<Start>,
    ) -> Result<RentalPage, StoreError> {
        let partitions = list.partitions();
        let mut rentals = Vec::new();
        let mut place = from.unwrap_or_default();
        while let Some(partition) = partitions.get(place.partition) {
            let room = i32::try_from(limit.saturating_sub(rentals.len())).unwrap_or(i32::MAX);
            let query = self.query(list, partition).limit(room.max(1));
            let query = query.set_exclusive_start_key(place.after.take().map(start_key));
            let answer = listed(query).await?;
            for item in answer.items.unwrap_or_default() {
                rentals.push(self.read(item)?);
            }
            place.after = answer.last_evaluated_key.and_then(texts);
            if place.after.is_none() {
                place.partition += 1;
            }
            if rentals.len() >= limit {
                break;
            }
        }
        let next = (place.partition < partitions.len()).then_some(place);
        Ok(RentalPage { rentals, next })
    }

    /// How many rentals a list has. Reads all of them within DynamoDB, though it sends
    /// none: not for the path of a call.
    pub async fn count(&self, list: &RentalList<'_>) -> Result<u64, StoreError> {
        let partitions = list.partitions();
        let counts = partitions.iter().map(|partition| async move {
            let query = self.query(list, partition).select(Select::Count);
            let mut pages = query.into_paginator().send();
            let mut count = 0;
            while let Some(page) = pages.next().await {
                count += u64::try_from(page?.count).unwrap_or(0);
            }
            Ok::<u64, StoreError>(count)
        });
        Ok(try_join_all(counts).await?.into_iter().sum())
    }

    fn query(&self, list: &RentalList<'_>, partition: &Partition) -> QueryFluentBuilder {
        let query = self.0.client.query().table_name(&self.0.name);
        let query = query
            .index_name(partition.index)
            .expression_attribute_names("#key", partition.key)
            .expression_attribute_values(":value", text(&partition.value));
        match list.available_by {
            None => query.key_condition_expression("#key = :value"),
            Some(date) => query
                .key_condition_expression("#key = :value AND available_from <= :from")
                .expression_attribute_values(":from", text(from_date(date))),
        }
    }

    /// How many rentals each website has, by its name.
    pub async fn sources(&self) -> Result<Vec<SourceCount>, StoreError> {
        let query = self.0.client.query().table_name(&self.0.name);
        let query = query
            .index_name("by_shard")
            .key_condition_expression("#shard = :counts")
            .expression_attribute_names("#shard", "shard")
            .expression_attribute_values(":counts", text(COUNTS));
        let mut sources = Vec::new();
        for item in all_items(query).await? {
            let source: SourceCount = self.0.read(item)?;
            if source.rental_count > 0 {
                sources.push(source);
            }
        }
        Ok(sources)
    }

    /// The count of one website.
    pub async fn source(&self, website: &str) -> Result<Option<SourceCount>, StoreError> {
        self.0.get(count_key(website)).await
    }

    /// Writes at most [`MOST_WRITES`](Self::MOST_WRITES) rentals, all of them or none,
    /// and counts them. Fails with [`StoreError::Changed`] when one of the rows is not
    /// as the write takes it to be.
    pub async fn write(&self, writes: &[RentalWrite<'_>], turn: &Turn) -> Result<(), StoreError> {
        let Some(first) = writes.first() else {
            return Ok(());
        };
        let who = first.rental().id.as_str();
        for attempt in 0..ATTEMPTS {
            match transact(&self.0.client, self.transaction(writes, turn)?).await? {
                Transacted::Done => return Ok(()),
                Transacted::Refused(refused) if refused.is_empty() => {
                    tokio::time::sleep(pause_before(attempt, who)).await;
                }
                // Counters and stamps have no conditions.
                Transacted::Refused(_) => return Err(StoreError::Changed),
            }
        }
        Err(StoreError::Unavailable("the counters are too busy".into()))
    }

    fn transaction(
        &self,
        writes: &[RentalWrite<'_>],
        turn: &Turn,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let rows = writes.iter().map(|write| self.row(*write));
        let changes = by_website(writes);
        let counters = changes.into_iter().map(|(website, change)| {
            let update = Update::builder()
                .table_name(&self.0.name)
                .set_key(Some(count_key(website)))
                .update_expression(
                    "SET #shard = :counts, available_from = :website, #source = :website, \
                     last_updated = :now ADD rental_count :change",
                )
                .expression_attribute_names("#shard", "shard")
                .expression_attribute_names("#source", "source")
                .expression_attribute_values(":counts", text(COUNTS))
                .expression_attribute_values(":website", text(website))
                .expression_attribute_values(":now", text(turn.now.to_string()))
                .expression_attribute_values(":change", number(change))
                .build()
                .map_err(unbuildable)?;
            Ok(TransactWriteItem::builder().update(update).build())
        });
        rows.chain(counters)
            .chain(self.stamped(writes, turn))
            .collect()
    }

    fn row(&self, write: RentalWrite<'_>) -> Result<TransactWriteItem, StoreError> {
        let put = |rental: &Rental| -> Result<_, StoreError> {
            let put = Put::builder().table_name(&self.0.name);
            Ok(put.set_item(Some(self.row_item(rental)?)))
        };
        match write {
            RentalWrite::Insert(rental) => {
                put_item(put(rental)?.condition_expression("attribute_not_exists(id)"))
            }
            RentalWrite::Replace(rental, _) => put_item(
                put(rental)?
                    .condition_expression("version = :before")
                    .expression_attribute_values(":before", number(rental.version - 1)),
            ),
            RentalWrite::Delete(rental) => {
                let delete = Delete::builder()
                    .table_name(&self.0.name)
                    .set_key(Some(key(&rental.id)))
                    .condition_expression("version = :before")
                    .expression_attribute_values(":before", number(rental.version))
                    .build()
                    .map_err(unbuildable)?;
                Ok(TransactWriteItem::builder().delete(delete).build())
            }
        }
    }

    /// The row: the rental as JSON, and beside it what keys and conditions name. A list of
    /// hundreds is read while somebody waits, which takes half of the time so.
    fn row_item(&self, rental: &Rental) -> Result<Item, StoreError> {
        let json = serde_json::to_string(rental).map_err(|source| self.0.unreadable(source))?;
        Ok(attributes([
            ("id", text(rental.id.as_str())),
            ("version", number(rental.version)),
            ("user_id", text(rental.user_id.as_str())),
            ("website", text(&rental.website)),
            ("shard", text(shard_of(&rental.id))),
            ("available_from", text(available_from(rental))),
            (RENTAL, text(json)),
        ]))
    }

    fn read(&self, mut item: Item) -> Result<Rental, StoreError> {
        match item.remove(RENTAL) {
            Some(AttributeValue::S(json)) => {
                serde_json::from_str(&json).map_err(|source| self.0.unreadable(source))
            }
            // Rows were attribute by attribute at first.
            _ => self.0.read(item),
        }
    }
}

/// What a query lists: of each row the text alone, or all of it where one has none yet.
async fn listed(query: QueryFluentBuilder) -> Result<QueryOutput, StoreError> {
    let texts = query
        .clone()
        .projection_expression("#rental")
        .expression_attribute_names("#rental", RENTAL);
    let answer = texts.send().boxed().await?;
    if answer.items().iter().all(|item| item.contains_key(RENTAL)) {
        return Ok(answer);
    }
    Ok(query.send().boxed().await?)
}

/// One partition of an index.
struct Partition {
    index: &'static str,
    key: &'static str,
    value: String,
}

impl<'a> RentalList<'a> {
    /// The rentals of a staff member; everybody's without one.
    pub fn owned_by(owner: Option<&'a UserId>) -> Self {
        Self {
            of: owner.map_or(RentalsOf::Everyone, RentalsOf::Staff),
            available_by: None,
        }
    }

    /// The partitions that the list is made of, in order.
    fn partitions(&self) -> Vec<Partition> {
        let one = |index, key, value: &str| Partition {
            index,
            key,
            value: value.to_owned(),
        };
        match self.of {
            RentalsOf::Everyone => (0..SHARDS)
                .map(|number| one("by_shard", "shard", &shard(number)))
                .collect(),
            RentalsOf::Staff(user) => vec![one("by_user", "user_id", user.as_str())],
            RentalsOf::Website(website) => vec![one("by_website", "website", website)],
        }
    }

    /// Whether a page of this list can begin there. DynamoDB answers anything else with
    /// an error.
    pub fn can_begin_at(&self, start: &Start) -> bool {
        let partitions = self.partitions();
        let Some(partition) = partitions.get(start.partition) else {
            return false;
        };
        let Some(after) = &start.after else {
            return true;
        };
        let text = |name: &str| after.get(name).map_or("", String::as_str);
        let bound = self.available_by.map(from_date);
        after.len() == 3
            && text(partition.key) == partition.value
            && !text("id").is_empty()
            && !text("available_from").is_empty()
            && bound.is_none_or(|bound| text("available_from") <= bound.as_str())
    }
}

impl<'a> RentalWrite<'a> {
    pub(super) fn rental(self) -> &'a Rental {
        match self {
            Self::Insert(rental) | Self::Replace(rental, _) | Self::Delete(rental) => rental,
        }
    }
}

/// By how many rentals each website grows.
fn by_website<'a>(writes: &[RentalWrite<'a>]) -> BTreeMap<&'a str, i64> {
    let mut changes = BTreeMap::new();
    for write in writes {
        let change = match write {
            RentalWrite::Insert(_) => 1,
            RentalWrite::Replace(..) => 0,
            RentalWrite::Delete(_) => -1,
        };
        *changes.entry(write.rental().website.as_str()).or_insert(0) += change;
    }
    changes
}

fn key(id: &RentalId) -> Item {
    attributes([("id", text(id.as_str()))])
}

/// No rental has such an id: those are made of hexadecimal digits.
fn count_key(website: &str) -> Item {
    attributes([("id", text(format!("count#{website}")))])
}

fn shard(number: usize) -> String {
    format!("all#{number}")
}

fn shard_of(id: &RentalId) -> String {
    let sum = id.as_str().bytes().fold(0_usize, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(byte.into())
    });
    shard(sum % SHARDS)
}

/// What the indexes are in order of: first what can be had now, then by date, then
/// what has no date, then what cannot be had.
fn available_from(rental: &Rental) -> String {
    match rental.available_date {
        _ if rental.off_market => "9 off the market".to_owned(),
        None => "8 unknown".to_owned(),
        Some(AvailableDate::Now) => "0 now".to_owned(),
        Some(AvailableDate::On(date)) => from_date(date),
    }
}

fn from_date(date: Date) -> String {
    format!("1 {date}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_begins_only_within_its_list() {
        let user = UserId::new("demo");
        let list = RentalList {
            of: RentalsOf::Staff(&user),
            available_by: Some(jiff::civil::date(2026, 12, 1)),
        };
        let start = |partition, pairs: &[(&str, &str)]| Start {
            partition,
            after: Some(
                pairs
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                    .collect(),
            ),
        };
        let id = ("id", "an-id");
        let from = ("available_from", "1 2026-12-01");
        assert!(list.can_begin_at(&Start::default()));
        assert!(list.can_begin_at(&start(0, &[id, from, ("user_id", "demo")])));
        for outside in [
            start(0, &[id, from, ("user_id", "pat")]),
            start(
                0,
                &[id, ("available_from", "1 2026-12-02"), ("user_id", "demo")],
            ),
            start(0, &[("id", ""), from, ("user_id", "demo")]),
            start(0, &[id, from]),
            start(0, &[id, from, ("user_id", "demo"), ("more", "x")]),
            start(1, &[id, from, ("user_id", "demo")]),
        ] {
            assert!(!list.can_begin_at(&outside), "{outside:?}");
        }
    }

    #[test]
    fn the_whole_inventory_is_spread_evenly() {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for number in 0..8000 {
            let id = crate::ids::rental_listed("crm", &number.to_string());
            *counts.entry(shard_of(&id)).or_default() += 1;
        }
        assert_eq!(counts.len(), SHARDS);
        assert!(
            counts.values().all(|count| (850..1150).contains(count)),
            "{counts:?}"
        );
    }
}
