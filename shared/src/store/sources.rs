//! Listing sources: where staff members list their rentals elsewhere. They are kept in
//! `RENTALS_TABLE`, beside the rentals, in partitions of the indexes that no rental is
//! in: docs/rentals.md lists them.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::Select;
use futures_util::FutureExt;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::table::{Item, Table, attributes, may_be_id, number, start_key, text, texts};
use crate::aws::Aws;
use crate::config::{SettingError, Settings};
use crate::ids::{SourceId, UserId};

/// The partition of `by_shard` that holds all sources, in order of when they are due.
const ALL: &str = "sources";

/// One place where rentals of a staff member are listed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListingSource {
    pub id: SourceId,
    /// Version of this form of the row.
    pub schema: u8,
    /// Counts the writes of this row, from 1.
    pub version: i64,
    /// Whose rentals its rows become.
    pub user_id: UserId,
    /// What those rentals are listed on.
    pub website: String,
    pub url: String,
    pub kind: SourceKind,
    /// Where listings are searched for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    pub created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_refreshed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_outcome: Option<SourceOutcome>,
    pub next_refresh_at: Timestamp,
    /// Until when nobody else refreshes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leased_until: Option<Timestamp>,
    /// What the last search saw. These are claims of a website, and in no inventory.
    #[serde(default)]
    pub seen: Vec<SeenListing>,
}

impl ListingSource {
    /// The version that new rows have.
    pub const SCHEMA: u8 = 1;
}

/// How a source is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A CSV or JSON file, whose rows become rentals.
    Feed,
    /// A website that a web search is asked about.
    Search,
}

/// What came of reading a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceOutcome {
    pub status: OutcomeStatus,
    pub added: u64,
    pub updated: u64,
    pub rejected: u64,
    /// A sentence or two for the person whose source it is.
    pub message: String,
}

/// Whether a source could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeStatus {
    Succeeded,
    Failed,
}

/// A page that a search found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenListing {
    pub title: String,
    pub url: String,
    pub seen_at: Timestamp,
}

/// One page of sources.
#[derive(Debug)]
pub struct SourcePage {
    pub sources: Vec<ListingSource>,
    /// The last key of this page, if there is another.
    pub next: Option<HashMap<String, String>>,
}

/// A source, and what only the indexes need. It has no `user_id` of its own, so that it
/// is not among the rentals of anybody.
#[derive(Serialize, Deserialize)]
struct SourceRow {
    id: String,
    shard: String,
    website: String,
    available_from: String,
    version: i64,
    source: ListingSource,
}

/// The table of rentals, as far as it holds sources.
pub struct Sources(Table);

impl Sources {
    /// Uses the table that `RENTALS_TABLE` names.
    pub fn new(settings: &Settings, aws: &Aws) -> Result<Self, SettingError> {
        let name = settings.required("RENTALS_TABLE")?;
        Ok(Self(Table::new(&aws.dynamodb, name)))
    }

    /// The source with that id.
    pub async fn get(&self, id: &SourceId) -> Result<Option<ListingSource>, StoreError> {
        if !may_be_id(id.as_str()) {
            return Ok(None);
        }
        let row: Option<SourceRow> = self.0.get(key(id)).await?;
        Ok(row.map(|row| row.source))
    }

    /// One page of the sources of a staff member, or of all, those first that are due
    /// first.
    pub async fn page(
        &self,
        owner: Option<&UserId>,
        limit: i32,
        from: Option<HashMap<String, String>>,
    ) -> Result<SourcePage, StoreError> {
        let query = self.query(owner).limit(limit);
        let query = query.set_exclusive_start_key(from.map(start_key));
        let answer = query.send().boxed().await?;
        Ok(SourcePage {
            sources: self.read(answer.items)?,
            next: answer.last_evaluated_key.and_then(texts),
        })
    }

    /// Whether a page of that list can begin there. DynamoDB answers anything else with
    /// an error.
    pub fn can_begin_at(owner: Option<&UserId>, place: &HashMap<String, String>) -> bool {
        let (_, key, partition) = partition(owner);
        let text = |name: &str| place.get(name).map_or("", String::as_str);
        place.len() == 3
            && text(key) == partition
            && !text("id").is_empty()
            && !text("available_from").is_empty()
    }

    /// How many sources a staff member has.
    pub async fn count(&self, owner: &UserId) -> Result<usize, StoreError> {
        let query = self.query(Some(owner)).select(Select::Count);
        let answer = query.send().boxed().await?;
        Ok(usize::try_from(answer.count).unwrap_or(0))
    }

    /// Sources that are due, those first that have been so for longest.
    pub async fn due(&self, now: Timestamp, limit: i32) -> Result<Vec<ListingSource>, StoreError> {
        let query = self.0.client.query().table_name(&self.0.name);
        let answer = query
            .index_name("by_shard")
            .key_condition_expression("#shard = :all AND available_from <= :now")
            .expression_attribute_names("#shard", "shard")
            .expression_attribute_values(":all", text(ALL))
            .expression_attribute_values(":now", text(due_from(now)))
            .limit(limit)
            .send()
            .boxed()
            .await?;
        self.read(answer.items)
    }

    fn query(&self, owner: Option<&UserId>) -> QueryFluentBuilder {
        let (index, key, partition) = partition(owner);
        let query = self.0.client.query().table_name(&self.0.name);
        query
            .index_name(index)
            .key_condition_expression("#key = :value")
            .expression_attribute_names("#key", key)
            .expression_attribute_values(":value", text(partition))
    }

    fn read(&self, items: Option<Vec<Item>>) -> Result<Vec<ListingSource>, StoreError> {
        let rows = items.unwrap_or_default().into_iter();
        rows.map(|item| Ok(self.0.read::<SourceRow>(item)?.source))
            .collect()
    }

    /// Adds a source. Fails with [`StoreError::Changed`] when there is one with its id.
    pub async fn add(&self, source: &ListingSource) -> Result<(), StoreError> {
        let put = self.0.put(self.0.item(&row(source))?);
        let put = put.condition_expression("attribute_not_exists(id)");
        put.send().boxed().await?;
        Ok(())
    }

    /// Writes the next form of a source over the version before it. Fails with
    /// [`StoreError::Changed`] when that is not there any more.
    pub async fn replace(&self, source: &ListingSource) -> Result<(), StoreError> {
        let put = self.0.put(self.0.item(&row(source))?);
        let put = put
            .condition_expression("version = :before")
            .expression_attribute_values(":before", number(source.version - 1));
        put.send().boxed().await?;
        Ok(())
    }

    /// Removes a source. The rentals that came of it stay.
    pub async fn remove(&self, id: &SourceId) -> Result<(), StoreError> {
        let delete = self.0.client.delete_item().table_name(&self.0.name);
        delete.set_key(Some(key(id))).send().boxed().await?;
        Ok(())
    }
}

fn row(source: &ListingSource) -> SourceRow {
    SourceRow {
        id: row_id(&source.id),
        shard: ALL.to_owned(),
        website: of_owner(&source.user_id),
        available_from: due_from(source.next_refresh_at),
        version: source.version,
        source: source.clone(),
    }
}

/// The index, its key and the partition in which the sources of somebody, or all, are.
fn partition(owner: Option<&UserId>) -> (&'static str, &'static str, String) {
    match owner {
        Some(owner) => ("by_website", "website", of_owner(owner)),
        None => ("by_shard", "shard", ALL.to_owned()),
    }
}

/// No website is called so: their names have no `#`.
fn of_owner(owner: &UserId) -> String {
    format!("sources#{owner}")
}

/// No rental has such an id: those are made of hexadecimal digits.
fn row_id(id: &SourceId) -> String {
    format!("source#{id}")
}

fn key(id: &SourceId) -> Item {
    attributes([("id", text(row_id(id)))])
}

/// An instant as a text that is in the order of time.
fn due_from(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_begins_only_within_its_list() {
        let place = |pairs: &[(&str, &str)]| -> HashMap<String, String> {
            let pairs = pairs.iter();
            pairs
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        let demo = UserId::new("demo");
        let (id, due) = (
            ("id", "source#1"),
            ("available_from", "2031-11-24T14:00:00Z"),
        );
        for (owner, pairs, expected) in [
            (None, vec![id, due, ("shard", "sources")], true),
            (None, vec![id, due, ("shard", "all#1")], false),
            (None, vec![id, due], false),
            (
                Some(&demo),
                vec![id, due, ("website", "sources#demo")],
                true,
            ),
            (
                Some(&demo),
                vec![id, due, ("website", "sources#pat")],
                false,
            ),
            (Some(&demo), vec![id, due, ("website", "crm")], false),
            (Some(&demo), vec![id, due, ("shard", "sources")], false),
        ] {
            let found = Sources::can_begin_at(owner, &place(&pairs));
            assert_eq!(found, expected, "{owner:?} {pairs:?}");
        }
    }

    #[test]
    fn a_row_from_before_a_field_was_added_can_be_read() {
        let oldest = r#"{"id": "s-1", "schema": 1, "version": 1, "user_id": "demo",
            "website": "listings.example", "url": "https://listings.example/feed.csv",
            "kind": "feed", "created_at": "2026-11-24T12:00:00Z",
            "next_refresh_at": "2026-11-24T12:00:00Z", "from_a_later_version": true}"#;
        let source: ListingSource = serde_json::from_str(oldest).unwrap();
        assert_eq!((source.leased_until, source.seen.len()), (None, 0));
    }
}
