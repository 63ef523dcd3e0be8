//! Calls as VAPI reports them, and what was read ahead for them (`CALLS_TABLE`).
//!
//! A call's row is put together from what comes in any order: that it began, each of
//! its tool calls, its end. It holds no number and no transcript, and goes by itself.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::FutureExt;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, civil};
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::table::{Batch, Found, Item, Table, attributes, number, text};
use crate::aws::Aws;
use crate::config::{SettingError, Settings};
use crate::ids::UserId;
use crate::scheduling::{Busy, Interval};

/// How long what was read ahead may serve: the time that a caller takes to say what
/// they want.
const AHEAD_LASTS: SignedDuration = SignedDuration::from_mins(2);

/// The most that is stored of a calendar, in bytes; an item has at most 400 KB.
const AHEAD_LIMIT: usize = 300_000;

/// How many tool calls of one call are kept: more than any conversation has, and what a
/// model that calls without end cannot make an item too large with.
const MOST_TOOL_CALLS: i64 = 500;

/// Days after which a call's row is deleted when no setting says otherwise.
const RETENTION_DAYS: u16 = 90;

/// Which call something belongs to.
#[derive(Clone, Copy, Debug)]
pub struct CallRef<'a> {
    /// VAPI's id of the call or chat.
    pub id: &'a str,
    pub assistant_id: Option<&'a str>,
}

/// A call, as far as it is known.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CallRecord {
    pub call_id: String,
    /// When it was first heard of.
    pub first_seen: Timestamp,
    #[serde(default)]
    pub assistant_id: Option<String>,
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub started_at: Option<Timestamp>,
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
    #[serde(default)]
    pub ended_reason: Option<String>,
    /// In US dollars.
    #[serde(default)]
    pub cost: Option<f64>,
    #[serde(default)]
    pub summary: Option<String>,
    /// What VAPI's analysis thinks of it, in its own words.
    #[serde(default)]
    pub success: Option<String>,
    /// How often VAPI said that something hung.
    #[serde(default)]
    pub hangs: i64,
    /// A mark for each viewing that was booked in it; a repeat has the same.
    #[serde(default)]
    pub booked: HashSet<String>,
    #[serde(default)]
    pub tools: Vec<ToolTime>,
}

/// How long one tool call took.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ToolTime {
    pub tool: String,
    pub milliseconds: i64,
    pub done: bool,
}

/// What the report at the end of a call tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallEnd {
    pub reason: Option<String>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub cost: Option<f64>,
    pub summary: Option<String>,
    pub success: Option<String>,
}

/// A staff member's calendar as it was when a call began.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ahead {
    pub window: Interval,
    pub busy: Vec<Busy>,
    pub read_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct AheadRow {
    id: String,
    calendar: String,
    /// Epoch seconds; the table's TTL attribute.
    expires_at: i64,
}

impl AheadRow {
    fn ahead(self) -> Option<Ahead> {
        serde_json::from_str(&self.calendar).ok()
    }
}

impl Ahead {
    /// Whether it may still serve.
    pub fn is_recent(&self, now: Timestamp) -> bool {
        now.duration_since(self.read_at) < AHEAD_LASTS
    }
}

/// The table of calls.
pub struct Calls {
    table: Table,
    kept_for: SignedDuration,
}

impl Calls {
    /// Uses the table that `CALLS_TABLE` names, and `CALL_RETENTION_DAYS`.
    pub fn new(settings: &Settings, aws: &Aws) -> Result<Self, SettingError> {
        let days = settings.parsed("CALL_RETENTION_DAYS", RETENTION_DAYS, "a number of days")?;
        Ok(Self {
            table: Table::new(&aws.dynamodb, settings.required("CALLS_TABLE")?),
            kept_for: SignedDuration::from_hours(i64::from(days) * 24),
        })
    }

    /// Keeps what was read ahead for a call. A calendar that is too large is left out.
    pub async fn keep_ahead(
        &self,
        call: &str,
        user: &UserId,
        ahead: &Ahead,
    ) -> Result<(), StoreError> {
        let calendar = serde_json::to_string(ahead).unwrap_or_default();
        if calendar.is_empty() || calendar.len() > AHEAD_LIMIT {
            return Ok(());
        }
        let row = AheadRow {
            id: ahead_id(call, user),
            calendar,
            expires_at: ahead.read_at.as_second() + AHEAD_LASTS.as_secs(),
        };
        self.table
            .put(self.table.item(&row)?)
            .send()
            .boxed()
            .await?;
        Ok(())
    }

    /// What was read ahead for a call.
    pub async fn ahead(&self, call: &str, user: &UserId) -> Result<Option<Ahead>, StoreError> {
        let row: Option<AheadRow> = self.table.get(ahead_key(call, user)).await?;
        Ok(row.and_then(AheadRow::ahead))
    }

    /// Forgets what was read ahead: it serves once, since what the call itself changes is
    /// not in it.
    pub async fn forget_ahead(&self, call: &str, user: &UserId) -> Result<(), StoreError> {
        let delete = self.table.client.delete_item();
        let delete = delete.table_name(&self.table.name);
        delete
            .set_key(Some(ahead_key(call, user)))
            .send()
            .boxed()
            .await?;
        Ok(())
    }

    /// Adds what was read ahead for a call to what is to be read.
    pub(super) fn want_ahead(&self, batch: &mut Batch, call: &str, user: &UserId) {
        batch.add(&self.table, ahead_key(call, user));
    }

    /// What was read ahead, if it was found and can be read.
    pub(super) fn ahead_in(&self, found: &mut Found) -> Option<Ahead> {
        let rows = found.of(&self.table);
        let rows = rows.inspect_err(|error| {
            tracing::warn!(%error, "what was read ahead is left out");
        });
        let row: AheadRow = self.table.read(rows.ok()?.pop()?).ok()?;
        row.ahead()
    }

    /// Notes how a call stands.
    pub async fn stands(
        &self,
        call: CallRef<'_>,
        status: &str,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut note = Note::new(call);
        note.set("status", Some(text(status)));
        note.set("ended_reason", reason.map(text));
        if status == "in-progress" {
            note.set("started_at", Some(text(now.to_string())));
        }
        self.write(note, now).await
    }

    /// Notes that VAPI waited for something too long.
    pub async fn hung(&self, call: CallRef<'_>, now: Timestamp) -> Result<(), StoreError> {
        let mut note = Note::new(call);
        note.add("hangs", number(1));
        self.write(note, now).await
    }

    /// Notes a tool call, unless there are [`MOST_TOOL_CALLS`] of them already.
    pub async fn used(
        &self,
        call: CallRef<'_>,
        time: &ToolTime,
        booked: Option<String>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let time = AttributeValue::M(attributes([
            ("tool", text(&time.tool)),
            ("milliseconds", number(time.milliseconds)),
            ("done", AttributeValue::Bool(time.done)),
        ]));
        let note = || {
            let mut note = Note::new(call);
            if let Some(mark) = &booked {
                note.add("booked", AttributeValue::Ss(vec![mark.clone()]));
            }
            note
        };
        let mut whole = note();
        whole.append("tools", time);
        match self.write(whole, now).await {
            // The list is full. A booking counts all the same.
            Err(StoreError::Changed) if booked.is_some() => self.write(note(), now).await,
            Err(StoreError::Changed) => Ok(()),
            written => written,
        }
    }

    /// Notes the end of a call.
    pub async fn ended(
        &self,
        call: CallRef<'_>,
        end: &CallEnd,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut note = Note::new(call);
        note.set("status", Some(text("ended")));
        note.set("ended_reason", end.reason.as_deref().map(text));
        note.set("started_at", end.started_at.map(|at| text(at.to_string())));
        note.set("ended_at", end.ended_at.map(|at| text(at.to_string())));
        let cost = end.cost.map(|cost| AttributeValue::N(format!("{cost:.4}")));
        note.set("cost", cost);
        note.set("summary", end.summary.as_deref().map(text));
        note.set("success", end.success.as_deref().map(text));
        self.write(note, now).await
    }

    /// One page of the calls that were first heard of on a UTC day, the latest first.
    pub async fn of_day(
        &self,
        day: civil::Date,
        limit: i32,
        from: Option<HashMap<String, String>>,
    ) -> Result<(Vec<CallRecord>, Option<HashMap<String, String>>), StoreError> {
        let from = from.map(|from| {
            let key = from.into_iter().map(|(name, value)| (name, text(value)));
            key.collect()
        });
        let page = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .index_name("by_day")
            .key_condition_expression("#day = :day")
            .expression_attribute_names("#day", "day")
            .expression_attribute_values(":day", text(day.to_string()))
            .scan_index_forward(false)
            .limit(limit)
            .set_exclusive_start_key(from)
            .send()
            .boxed()
            .await?;
        let rows = page.items.unwrap_or_default().into_iter();
        let calls: Result<Vec<CallRecord>, _> = rows.map(|row| self.table.read(row)).collect();
        let next = page.last_evaluated_key.map(|key| {
            let parts = key.into_iter();
            let parts = parts.filter_map(|(name, value)| Some((name, value.as_s().ok()?.clone())));
            parts.collect()
        });
        Ok((calls?, next))
    }

    async fn write(&self, note: Note<'_>, now: Timestamp) -> Result<(), StoreError> {
        let expires_at = now.as_second().saturating_add(self.kept_for.as_secs());
        let mut update = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(attributes([(
                "id",
                text(format!("call#{}", note.call.id)),
            )])))
            .expression_attribute_names("#day", "day")
            .expression_attribute_values(":day", text(day_of(now).to_string()))
            .expression_attribute_values(":now", text(now.to_string()))
            .expression_attribute_values(":call", text(note.call.id))
            .expression_attribute_values(":expires", number(expires_at));
        for (name, value) in note.names.iter().zip(note.values) {
            update = update
                .expression_attribute_names(format!("#{name}"), *name)
                .expression_attribute_values(format!(":{name}"), value);
        }
        if let Some(list) = note.appends_to {
            let empty = AttributeValue::L(Vec::new());
            update = update
                .expression_attribute_values(":empty", empty)
                .expression_attribute_values(":most", number(MOST_TOOL_CALLS))
                .condition_expression(format!(
                    "attribute_not_exists(#{list}) OR size(#{list}) < :most"
                ));
        }
        let mut sets = vec![
            "call_id = :call".to_owned(),
            "#day = if_not_exists(#day, :day)".to_owned(),
            "first_seen = if_not_exists(first_seen, :now)".to_owned(),
            "expires_at = if_not_exists(expires_at, :expires)".to_owned(),
        ];
        sets.extend(note.sets);
        let mut expression = format!("SET {}", sets.join(", "));
        if !note.adds.is_empty() {
            expression = format!("{expression} ADD {}", note.adds.join(", "));
        }
        update.update_expression(expression).send().boxed().await?;
        Ok(())
    }
}

/// What is to be written of a call.
struct Note<'a> {
    call: CallRef<'a>,
    sets: Vec<String>,
    adds: Vec<String>,
    /// The list that one more goes to; it does not grow without end.
    appends_to: Option<&'static str>,
    names: Vec<&'static str>,
    values: Vec<AttributeValue>,
}

impl<'a> Note<'a> {
    fn new(call: CallRef<'a>) -> Self {
        let mut note = Self {
            call,
            sets: Vec::new(),
            adds: Vec::new(),
            appends_to: None,
            names: Vec::new(),
            values: Vec::new(),
        };
        note.set("assistant_id", call.assistant_id.map(text));
        note
    }

    fn set(&mut self, name: &'static str, value: Option<AttributeValue>) {
        if let Some(value) = value {
            self.sets.push(format!("#{name} = :{name}"));
            self.names.push(name);
            self.values.push(value);
        }
    }

    fn append(&mut self, name: &'static str, value: AttributeValue) {
        self.sets.push(format!(
            "#{name} = list_append(if_not_exists(#{name}, :empty), :{name})"
        ));
        self.names.push(name);
        self.values.push(AttributeValue::L(vec![value]));
        self.appends_to = Some(name);
    }

    fn add(&mut self, name: &'static str, value: AttributeValue) {
        self.adds.push(format!("#{name} :{name}"));
        self.names.push(name);
        self.values.push(value);
    }
}

fn ahead_id(call: &str, user: &UserId) -> String {
    format!("ahead#{call}#{user}")
}

fn ahead_key(call: &str, user: &UserId) -> Item {
    attributes([("id", text(ahead_id(call, user)))])
}

/// The UTC day of a time.
pub fn day_of(at: Timestamp) -> civil::Date {
    at.to_zoned(TimeZone::UTC).date()
}
