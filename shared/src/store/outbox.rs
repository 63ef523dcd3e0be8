//! Messages that are sent once (`TOOL_CALLS_TABLE`): what became of each, by what it is
//! and to whom.
//!
//! Microsoft cannot tell a repeat from a second message, so whoever sends one says so
//! here first, and what came of it after. A message whose sender was cut off, or heard
//! nothing, is unknown: it is not sent again in the call that it was asked for in. When
//! somebody calls again and asks for it, it did not arrive.

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::table::{Table, attributes, number, text};
use crate::aws::Aws;
use crate::config::{SettingError, Settings};

/// How long a message is taken to be on its way: longer than a function that answers a
/// caller runs.
const LEASE: SignedDuration = SignedDuration::from_secs(20);

/// A message to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// What it is, and to whom: the same id is the same message.
    pub id: &'a str,
    /// The call in which it is asked for.
    pub call: &'a str,
    /// Tells this attempt apart from any other.
    pub attempt: &'a str,
    /// Epoch seconds until which it is remembered.
    pub kept_until: i64,
}

/// What is known of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posted {
    /// Nothing: it is ours to send.
    New,
    /// Somebody is sending it.
    Sending,
    /// It was sent.
    Sent,
    /// It may have been sent.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Sending,
    Sent,
    Unknown,
}

#[derive(Serialize, Deserialize)]
struct Row {
    id: String,
    state: State,
    call: String,
    attempt: String,
    /// Epoch seconds.
    lease_until: i64,
    /// Epoch seconds; the table's TTL attribute.
    expires_at: i64,
}

/// The messages in the table of answers.
pub struct Outbox(Table);

impl Outbox {
    /// Uses the table that `TOOL_CALLS_TABLE` names.
    pub fn new(settings: &Settings, aws: &Aws) -> Result<Self, SettingError> {
        let name = settings.required("TOOL_CALLS_TABLE")?;
        Ok(Self(Table::new(&aws.dynamodb, name)))
    }

    /// Begins to send a message, or says what became of it.
    pub async fn begin(&self, message: &Message<'_>, now: Timestamp) -> Result<Posted, StoreError> {
        let row = row(message, State::Sending, now);
        let put = self
            .0
            .put(self.0.item(&row)?)
            .condition_expression(
                "attribute_not_exists(id) OR expires_at <= :now OR (#call <> :call AND \
                 (#state = :unknown OR (#state = :sending AND lease_until <= :now)))",
            )
            .expression_attribute_names("#call", "call")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":now", number(now.as_second()))
            .expression_attribute_values(":call", text(message.call))
            .expression_attribute_values(":unknown", text("unknown"))
            .expression_attribute_values(":sending", text("sending"));
        match put.send().boxed().await.map_err(StoreError::from) {
            Ok(_) => return Ok(Posted::New),
            Err(StoreError::Changed) => {}
            Err(error) => return Err(error),
        }
        let key = attributes([("id", text(row_id(message)))]);
        let Some(known) = self.0.get::<Row>(key).await? else {
            // Forgotten between the two: whoever was sending it failed.
            return Ok(Posted::Sending);
        };
        Ok(match known.state {
            // The answer to our own write was lost, and the write repeated.
            State::Sending if known.attempt == message.attempt => Posted::New,
            State::Sending if now.as_second() < known.lease_until => Posted::Sending,
            State::Sending | State::Unknown => Posted::Unknown,
            State::Sent => Posted::Sent,
        })
    }

    /// Notes that it was sent.
    pub async fn sent(&self, message: &Message<'_>, now: Timestamp) -> Result<(), StoreError> {
        self.note(message, State::Sent, now).await
    }

    /// Notes that it may have been sent.
    pub async fn unknown(&self, message: &Message<'_>, now: Timestamp) -> Result<(), StoreError> {
        self.note(message, State::Unknown, now).await
    }

    /// Forgets a message that this attempt certainly did not send, so that it can be begun
    /// again.
    pub async fn forget(&self, message: &Message<'_>) -> Result<(), StoreError> {
        let table = &self.0;
        let delete = table.client.delete_item().table_name(&table.name);
        let deleted = delete
            .key("id", text(row_id(message)))
            .condition_expression("attempt = :attempt")
            .expression_attribute_values(":attempt", text(message.attempt))
            .send()
            .boxed()
            .await;
        match deleted.map_err(StoreError::from) {
            // What is on record is another attempt's.
            Ok(_) | Err(StoreError::Changed) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn note(
        &self,
        message: &Message<'_>,
        state: State,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let row = row(message, state, now);
        self.0.put(self.0.item(&row)?).send().boxed().await?;
        Ok(())
    }
}

fn row(message: &Message<'_>, state: State, now: Timestamp) -> Row {
    Row {
        id: row_id(message),
        state,
        call: message.call.to_owned(),
        attempt: message.attempt.to_owned(),
        lease_until: now.as_second() + LEASE.as_secs(),
        expires_at: message.kept_until,
    }
}

/// No tool call and no request has an id that begins so.
fn row_id(message: &Message<'_>) -> String {
    format!("mail {}", message.id)
}
