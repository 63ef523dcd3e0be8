//! One table and the few calls that all of them share.
//!
//! Whatever is sent is boxed first: the SDK's futures have five to seven kilobytes, which
//! each of ours that waits for one would hold, and copy, as often as it is nested.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, TransactWriteItem};
use futures_util::FutureExt;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;

/// An item, or a key, as DynamoDB sees it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// A table by its name.
#[derive(Clone)]
pub(super) struct Table {
    pub(super) client: Client,
    pub(super) name: String,
}

impl Table {
    pub(super) fn new(client: &Client, name: &str) -> Self {
        Self {
            client: client.clone(),
            name: name.to_owned(),
        }
    }

    /// Reads the item with that key.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        key: Item,
    ) -> Result<Option<T>, StoreError> {
        let item = self.get_item(key).await?;
        item.map(|item| self.read(item)).transpose()
    }

    /// The item with that key, as it is.
    pub(super) async fn get_item(&self, key: Item) -> Result<Option<Item>, StoreError> {
        let request = self.client.get_item().table_name(&self.name);
        let request = request.set_key(Some(key)).consistent_read(true);
        Ok(request.send().boxed().await?.item)
    }

    /// The beginning of a write to this table.
    pub(super) fn put(&self, item: Item) -> PutItemFluentBuilder {
        let put = self.client.put_item().table_name(&self.name);
        put.set_item(Some(item))
    }

    /// An item as the struct that it was stored from.
    pub(super) fn read<T: DeserializeOwned>(&self, item: Item) -> Result<T, StoreError> {
        serde_dynamo::from_item(item).map_err(|source| self.unreadable(source))
    }

    /// A struct as an item.
    pub(super) fn item(&self, value: &impl Serialize) -> Result<Item, StoreError> {
        serde_dynamo::to_item(value).map_err(|source| self.unreadable(source))
    }

    /// What it means that an item has another form than it should.
    pub(super) fn unreadable(
        &self,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> StoreError {
        StoreError::Unreadable {
            table: self.name.clone(),
            source: source.into(),
        }
    }
}

/// Every item that a query finds, on however many pages.
pub(super) async fn all_items(query: QueryFluentBuilder) -> Result<Vec<Item>, StoreError> {
    let mut items = Vec::new();
    let mut next = None;
    loop {
        let page = query.clone().set_exclusive_start_key(next);
        let page = page.send().boxed().await?;
        items.extend(page.items.unwrap_or_default());
        next = page.last_evaluated_key;
        if next.is_none() {
            return Ok(items);
        }
    }
}

/// How often a batch is asked for while somebody is on the phone: DynamoDB may leave a part
/// of it unanswered.
pub(super) const BRIEFLY: u32 = 4;

/// How long to wait before it is asked for the rest; longer each time, up to a limit.
const PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Reads of several tables in one request.
#[derive(Default)]
pub(super) struct Batch(HashMap<String, Vec<Item>>);

/// What a batch found, by table.
pub(super) struct Found {
    items: HashMap<String, Vec<Item>>,
    /// Of which a part is unanswered.
    missing: HashSet<String>,
}

impl Batch {
    /// Adds the item of a table with that key.
    pub(super) fn add(&mut self, table: &Table, key: Item) {
        self.0.entry(table.name.clone()).or_default().push(key);
    }

    /// Asks so often at most.
    pub(super) async fn read(self, client: &Client, attempts: u32) -> Result<Found, StoreError> {
        let wanted = self.0.into_iter().map(|(table, keys)| {
            let keys = KeysAndAttributes::builder().set_keys(Some(keys));
            let keys = keys.consistent_read(true).build();
            Ok((table, keys.map_err(unbuildable)?))
        });
        let mut left = wanted.collect::<Result<HashMap<_, _>, StoreError>>()?;
        let mut items: HashMap<String, Vec<Item>> = HashMap::new();
        for attempt in 0..attempts {
            if left.is_empty() {
                break;
            }
            if attempt > 0 {
                tokio::time::sleep((PAUSE * attempt).min(LONGEST_PAUSE)).await;
            }
            let answer = client.batch_get_item().set_request_items(Some(left));
            let answer = answer.send().boxed().await?;
            for (table, some) in answer.responses.unwrap_or_default() {
                items.entry(table).or_default().extend(some);
            }
            left = answer.unprocessed_keys.unwrap_or_default();
        }
        let missing = left.into_keys().collect();
        Ok(Found { items, missing })
    }
}

impl Found {
    /// What was found in a table, in no order; an error when a part of it is unanswered.
    pub(super) fn of(&mut self, table: &Table) -> Result<Vec<Item>, StoreError> {
        if self.missing.contains(&table.name) {
            return Err(StoreError::Unavailable("a part is unanswered".into()));
        }
        Ok(self.items.remove(&table.name).unwrap_or_default())
    }
}

/// The longest id that is looked up, in bytes: DynamoDB refuses a key of more than 2048
/// ("Quotas"), and ours have few. What somebody sent is longer only if it is no id.
const LONGEST_ID: usize = 1024;

/// Whether a text that somebody sent can be the id of something.
pub(super) fn may_be_id(sent: &str) -> bool {
    (1..=LONGEST_ID).contains(&sent.len())
}

/// A text attribute.
pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute.
pub(super) fn number(value: impl Into<i64>) -> AttributeValue {
    AttributeValue::N(value.into().to_string())
}

/// A key or a set of values, by name.
pub(super) fn attributes<const N: usize>(pairs: [(&str, AttributeValue); N]) -> Item {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The key at which a page begins: every attribute of these keys is a text.
pub(super) fn start_key(texts: HashMap<String, String>) -> Item {
    let pairs = texts.into_iter();
    pairs.map(|(name, value)| (name, text(value))).collect()
}

/// Such a key as the texts in it.
pub(super) fn texts(key: Item) -> Option<HashMap<String, String>> {
    let pairs = key.into_iter();
    pairs
        .map(|(name, value)| match value {
            AttributeValue::S(value) => Some((name, value)),
            _ => None,
        })
        .collect()
}

/// A put as a part of a transaction.
pub(super) fn put_item(put: PutBuilder) -> Result<TransactWriteItem, StoreError> {
    let put = put.build().map_err(unbuildable)?;
    Ok(TransactWriteItem::builder().put(put).build())
}

pub(super) fn unbuildable(error: BuildError) -> StoreError {
    StoreError::Unavailable(Box::new(error))
}

/// How long to wait before a write is tried again that others were in the way of:
/// longer each time, and for another time than those who are told apart by `who`.
pub(super) fn pause_before(attempt: u32, who: &str) -> Duration {
    let spread = who.bytes().fold(u64::from(attempt), |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    Duration::from_millis(spread % (16 << attempt.min(5)))
}
