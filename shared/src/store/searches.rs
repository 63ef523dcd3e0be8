//! Web searches (`SEARCH_TABLE`): what was found, how often an engine is asked, and
//! whether it is left alone. All functions share it.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::table::{Table, attributes, number, text};
use crate::aws::Aws;
use crate::config::{SettingError, Settings};

/// How long a count is kept that nobody adds to.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(2);

/// How often an engine may be asked.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The time that one request takes up.
    pub every: Duration,
    /// How far ahead of that requests may be.
    pub at_once: Duration,
}

/// What a search found, and when.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CachedSearch {
    /// As JSON.
    pub hits: String,
    pub at: Timestamp,
}

/// How an engine has been doing.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Circuit {
    /// Failures since it last worked.
    #[serde(default)]
    pub failures: i64,
    /// Until when it is left alone.
    #[serde(default)]
    pub open_until: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct CacheRow {
    id: String,
    found: CachedSearch,
    /// Epoch seconds; the table's TTL attribute.
    expires_at: i64,
}

/// The table of searches.
pub struct Searches(Table);

impl Searches {
    /// Uses the table that `SEARCH_TABLE` names.
    pub fn new(settings: &Settings, aws: &Aws) -> Result<Self, SettingError> {
        let name = settings.required("SEARCH_TABLE")?;
        Ok(Self(Table::new(&aws.dynamodb, name)))
    }

    /// What an engine said to the same query not long ago.
    pub async fn cached(
        &self,
        engine: &str,
        query: &str,
        now: Timestamp,
    ) -> Result<Option<CachedSearch>, StoreError> {
        let key = attributes([("id", text(cache_id(engine, query)))]);
        let row: Option<CacheRow> = self.0.get(key).await?;
        Ok(row
            .filter(|row| now.as_second() < row.expires_at)
            .map(|row| row.found))
    }

    /// Keeps what an engine said.
    pub async fn keep(
        &self,
        engine: &str,
        query: &str,
        found: &CachedSearch,
        lasts: SignedDuration,
    ) -> Result<(), StoreError> {
        let row = CacheRow {
            id: cache_id(engine, query),
            found: found.clone(),
            expires_at: found.at.as_second() + lasts.as_secs(),
        };
        self.0.put(self.0.item(&row)?).send().boxed().await?;
        Ok(())
    }

    /// Takes the right to ask an engine once, if there is one now.
    ///
    /// One row holds the time up to which requests are accounted for (the generic cell
    /// rate algorithm). Whoever may ask moves it on, by one of two conditional writes, of
    /// which at most one holds: so no two functions take the same right.
    pub async fn may_ask(
        &self,
        engine: &str,
        pace: Pace,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (now, every) = (now.as_millisecond(), milliseconds(pace.every));
        let limit = now.saturating_add(milliseconds(pace.at_once));
        let from_now = [(":now", now), (":next", now.saturating_add(every))];
        let behind = "attribute_not_exists(paid_until) OR paid_until <= :now";
        if self
            .account(engine, "SET paid_until = :next", behind, &from_now)
            .await?
        {
            return Ok(true);
        }
        if limit == now {
            return Ok(false);
        }
        let from_there = [(":now", now), (":limit", limit), (":every", every)];
        let ahead = "paid_until > :now AND paid_until < :limit";
        self.account(
            engine,
            "SET paid_until = paid_until + :every",
            ahead,
            &from_there,
        )
        .await
    }

    async fn account(
        &self,
        engine: &str,
        update: &str,
        condition: &str,
        values: &[(&str, i64)],
    ) -> Result<bool, StoreError> {
        let table = &self.0;
        let mut request = table
            .client
            .update_item()
            .table_name(&table.name)
            .key("id", text(format!("pace {engine}")))
            .update_expression(update)
            .condition_expression(condition);
        for (name, value) in values {
            request = request.expression_attribute_values(*name, number(*value));
        }
        match request.send().boxed().await.map_err(StoreError::from) {
            Ok(_) => Ok(true),
            Err(StoreError::Changed) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// How an engine has been doing.
    pub async fn circuit(&self, engine: &str) -> Result<Circuit, StoreError> {
        let key = attributes([("id", text(circuit_id(engine)))]);
        Ok(self.0.get(key).await?.unwrap_or_default())
    }

    /// Counts a failure of an engine, and has it left alone until then.
    pub async fn failed(
        &self,
        engine: &str,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let table = &self.0;
        let expiry = now.as_second() + FORGOTTEN.as_secs();
        let mut update = "ADD failures :one SET expires_at = :expiry".to_owned();
        let mut request = table
            .client
            .update_item()
            .table_name(&table.name)
            .key("id", text(circuit_id(engine)))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":expiry", number(expiry));
        if let Some(until) = until {
            update.push_str(", open_until = :until");
            let until: AttributeValue = text(until.to_string());
            request = request.expression_attribute_values(":until", until);
        }
        request.update_expression(update).send().boxed().await?;
        Ok(())
    }

    /// Forgets the failures of an engine.
    pub async fn close(&self, engine: &str) -> Result<(), StoreError> {
        let table = &self.0;
        let delete = table.client.delete_item().table_name(&table.name);
        delete
            .key("id", text(circuit_id(engine)))
            .send()
            .boxed()
            .await?;
        Ok(())
    }
}

fn cache_id(engine: &str, query: &str) -> String {
    format!("found {engine} {query}")
}

fn circuit_id(engine: &str) -> String {
    format!("circuit {engine}")
}

fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
