//! `cargo run -- restore`: makes a table hold what another one holds, such as one that
//! DynamoDB restored from its point-in-time recovery, which is always a new table.
//!
//! It can be run again after it was cut off: rows that are as they should be are left
//! alone.

use std::collections::HashMap;
use std::io::Write;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, PutRequest, WriteRequest};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use shared::config::Settings;

use crate::account;

/// The most writes of one request (DynamoDB, `BatchWriteItem`).
const AT_ONCE: usize = 25;

/// How often a request is sent anew while DynamoDB leaves a part of it undone.
const ATTEMPTS: u32 = 12;

type Item = HashMap<String, AttributeValue>;

const FORMS: &str = "\
Stop the functions first: what is written meanwhile may be lost. The AWS account is that of
the environment (AWS_PROFILE, AWS_REGION), and needs dynamodb:DescribeTable, Scan and
BatchWriteItem.

  cargo run -- restore --from ledger-at-noon --to viewing-desk-prod-LedgerTable-1ABC --dry-run";

/// Which table is to hold what.
#[derive(Args)]
#[command(after_help = FORMS)]
pub struct Restore {
    /// The table that was restored; it is only read
    #[arg(long, value_name = "TABLE")]
    pub from: String,
    /// The table that is to hold the same rows, and no others
    #[arg(long, value_name = "TABLE")]
    pub to: String,
    /// Say what would be done, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What has to be done to the table.
#[derive(Debug, Default, PartialEq)]
struct Plan {
    writes: Vec<Item>,
    /// The keys of rows that are to go.
    deletes: Vec<Item>,
    same: usize,
}

/// Carries it out.
pub async fn run(how: &Restore, settings: &Settings, out: &mut dyn Write) -> anyhow::Result<()> {
    ensure!(how.from != how.to, "--from and --to are the same table");
    let client = account::dynamodb(settings).await?;
    let key = key_of(&client, &how.to).await?;
    ensure!(
        key_of(&client, &how.from).await? == key,
        "{} and {} have different keys",
        how.from,
        how.to
    );
    let wanted = rows(&client, &how.from).await?;
    let present = rows(&client, &how.to).await?;
    let plan = plan(&key, wanted, present);
    let (writes, deletes) = (plan.writes.len(), plan.deletes.len());
    writeln!(
        out,
        "{}: {writes} to be written, {deletes} to be deleted, {} as in {}",
        how.to, plan.same, how.from
    )?;
    if how.dry_run {
        writeln!(out, "Nothing was changed.")?;
        return Ok(());
    }
    carry_out(&client, &how.to, plan).await?;
    writeln!(out, "{} holds what {} holds.", how.to, how.from)?;
    Ok(())
}

/// The names of the attributes that make the key of a table.
async fn key_of(client: &Client, table: &str) -> anyhow::Result<Vec<String>> {
    let described = client.describe_table().table_name(table).send().await;
    let described = described
        .map_err(|error| account::refusal("DynamoDB", &error))
        .with_context(|| format!("the table {table} cannot be described"))?;
    let schema = described.table.and_then(|table| table.key_schema);
    let names = schema.unwrap_or_default().into_iter();
    Ok(names.map(|element| element.attribute_name).collect())
}

/// All rows of a table.
async fn rows(client: &Client, table: &str) -> anyhow::Result<Vec<Item>> {
    let bar = ProgressBar::no_length()
        .with_style(ProgressStyle::with_template(
            "{spinner} {pos} rows of {msg}",
        )?)
        .with_message(table.to_owned());
    let scan = client.scan().table_name(table).consistent_read(true);
    let mut pages = scan.into_paginator().send();
    let mut rows = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page
            .map_err(|error| account::refusal("DynamoDB", &error))
            .with_context(|| format!("the table {table} cannot be read"))?;
        rows.extend(page.items.unwrap_or_default());
        bar.set_position(u64::try_from(rows.len()).unwrap_or(u64::MAX));
    }
    bar.finish_and_clear();
    Ok(rows)
}

fn plan(key: &[String], wanted: Vec<Item>, present: Vec<Item>) -> Plan {
    let mut before: HashMap<String, Item> = present
        .into_iter()
        .map(|row| (name_of(key, &row), row))
        .collect();
    let mut plan = Plan::default();
    for row in wanted {
        match before.remove(&name_of(key, &row)) {
            Some(same) if same == row => plan.same += 1,
            Some(_) | None => plan.writes.push(row),
        }
    }
    let left = before.into_values();
    plan.deletes = left.map(|row| key_attributes(key, row)).collect();
    plan
}

/// What tells a row apart: values of different types are never the same.
fn name_of(key: &[String], row: &Item) -> String {
    let values: Vec<_> = key.iter().map(|name| row.get(name)).collect();
    format!("{values:?}")
}

fn key_attributes(key: &[String], mut row: Item) -> Item {
    row.retain(|name, _| key.contains(name));
    row
}

async fn carry_out(client: &Client, table: &str, plan: Plan) -> anyhow::Result<()> {
    let mut requests = Vec::new();
    for row in plan.writes {
        let put = PutRequest::builder().set_item(Some(row)).build()?;
        requests.push(WriteRequest::builder().put_request(put).build());
    }
    for key in plan.deletes {
        let delete = DeleteRequest::builder().set_key(Some(key)).build()?;
        requests.push(WriteRequest::builder().delete_request(delete).build());
    }
    let bar = ProgressBar::new(u64::try_from(requests.len())?)
        .with_style(ProgressStyle::with_template("{bar:40} {pos} of {len}")?);
    for batch in requests.chunks(AT_ONCE) {
        write(client, table, batch.to_vec()).await?;
        bar.inc(u64::try_from(batch.len())?);
    }
    bar.finish_and_clear();
    Ok(())
}

/// Writes a batch, of which DynamoDB may leave a part undone when it is busy.
async fn write(client: &Client, table: &str, batch: Vec<WriteRequest>) -> anyhow::Result<()> {
    let mut left = batch;
    for attempt in 0..ATTEMPTS {
        let request = client.batch_write_item().request_items(table, left);
        let answer = request
            .send()
            .await
            .map_err(|error| account::refusal("DynamoDB", &error));
        let answer = answer.with_context(|| {
            format!("the table {table} cannot be written; run this again to go on")
        })?;
        let mut undone = answer.unprocessed_items.unwrap_or_default();
        left = undone.remove(table).unwrap_or_default();
        if left.is_empty() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50 << attempt.min(6))).await;
    }
    bail!("DynamoDB is too busy to write {table}; run this again to go on")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, value: &str) -> Item {
        [("id", id), ("value", value)]
            .map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())))
            .into()
    }

    #[test]
    fn only_what_differs_is_written_and_what_is_too_much_goes() {
        let key = ["id".to_owned()];
        let wanted = vec![row("same", "1"), row("changed", "2"), row("lost", "3")];
        let present = vec![row("same", "1"), row("changed", "9"), row("new", "4")];
        let plan = plan(&key, wanted, present);
        let gone = row("new", "4").into_iter().filter(|(name, _)| name == "id");
        assert_eq!(
            plan,
            Plan {
                writes: vec![row("changed", "2"), row("lost", "3")],
                deletes: vec![gone.collect()],
                same: 1,
            }
        );
    }
}
