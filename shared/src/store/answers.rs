//! Answers that were given once and must be given again (`TOOL_CALLS_TABLE`): those
//! of tool calls that write, and of requests with an `Idempotency-Key`. The same
//! table counts the codes that a conversation has guessed.
//!
//! Whoever begins first does the work, under a lease that ends by itself when they
//! are cut off. A failure is forgotten, never stored.

use std::time::Duration;

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::table::{Table, attributes, number, text};
use crate::aws::Aws;
use crate::clock::Turn;
use crate::config::{SettingError, Settings};

/// How long whoever began is taken to be at work: longer than a function that answers a
/// caller runs.
const LEASE: SignedDuration = SignedDuration::from_secs(20);

/// How long to wait before looking again whether somebody else is done.
const LOOK_AGAIN: Duration = Duration::from_millis(150);

/// What an answer needs at the end of the time that there is.
const TO_ANSWER: Duration = Duration::from_millis(700);

/// How long an answer is kept. VAPI repeats a delivery within minutes, a client a
/// request within a day.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// What is known of a piece of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Nothing: it is ours to do.
    New,
    /// Somebody is at it, and was for as long as could be waited.
    Running,
    /// It was answered with this.
    Answered(String),
    /// The same id came with another content.
    Different,
}

#[derive(Serialize, Deserialize)]
struct Row {
    id: String,
    /// What the work is, as far as a repeat must be the same.
    content: String,
    /// Tells who began it apart from any other; rows of before do not.
    #[serde(default)]
    attempt: String,
    /// Epoch seconds.
    lease_until: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    /// Epoch seconds; the table's TTL attribute.
    expires_at: i64,
}

/// The table of answers.
pub struct Answers(Table);

impl Answers {
    /// Uses the table that `TOOL_CALLS_TABLE` names.
    pub fn new(settings: &Settings, aws: &Aws) -> Result<Self, SettingError> {
        let name = settings.required("TOOL_CALLS_TABLE")?;
        Ok(Self(Table::new(&aws.dynamodb, name)))
    }

    /// Begins a piece of work, or says what came of it. Waits for whoever is at it.
    pub async fn begin(&self, id: &str, content: &str, turn: &Turn) -> Result<Begun, StoreError> {
        let attempt = turn.seed.uuid(&format!("work {id}")).to_string();
        loop {
            let begun = self.try_begin(id, content, &attempt, turn.at()).await?;
            if begun != Begun::Running || turn.patience(TO_ANSWER) < TO_ANSWER {
                return Ok(begun);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    async fn try_begin(
        &self,
        id: &str,
        content: &str,
        attempt: &str,
        now: Timestamp,
    ) -> Result<Begun, StoreError> {
        let row = Row {
            id: id.to_owned(),
            content: content.to_owned(),
            attempt: attempt.to_owned(),
            lease_until: now.as_second() + LEASE.as_secs(),
            answer: None,
            expires_at: expiry(now),
        };
        let put = self
            .0
            .put(self.0.item(&row)?)
            .condition_expression(
                "attribute_not_exists(id) OR expires_at <= :now OR \
                 (attribute_not_exists(answer) AND lease_until <= :now AND content = :content)",
            )
            .expression_attribute_values(":now", number(now.as_second()))
            .expression_attribute_values(":content", text(content));
        match put.send().boxed().await.map_err(StoreError::from) {
            Ok(_) => return Ok(Begun::New),
            Err(StoreError::Changed) => {}
            Err(error) => return Err(error),
        }
        let key = attributes([("id", text(id))]);
        let Some(known) = self.0.get::<Row>(key).await? else {
            // Forgotten between the two: whoever began it failed.
            return Ok(Begun::Running);
        };
        Ok(match known.answer {
            _ if known.content != content => Begun::Different,
            Some(answer) => Begun::Answered(answer),
            // The answer to our own write was lost, and the write repeated.
            None if known.attempt == attempt => Begun::New,
            None => Begun::Running,
        })
    }

    /// Stores the answer.
    pub async fn finish(
        &self,
        id: &str,
        content: &str,
        answer: String,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let row = Row {
            id: id.to_owned(),
            content: content.to_owned(),
            attempt: String::new(),
            lease_until: now.as_second(),
            answer: Some(answer),
            expires_at: expiry(now),
        };
        self.0.put(self.0.item(&row)?).send().boxed().await?;
        Ok(())
    }

    /// Forgets work that failed, so that it can be begun again at once.
    pub async fn forget(&self, id: &str) -> Result<(), StoreError> {
        let table = &self.0;
        let delete = table.client.delete_item().table_name(&table.name);
        let deleted = delete
            .key("id", text(id))
            .condition_expression("attribute_not_exists(answer)")
            .send()
            .boxed()
            .await;
        match deleted.map_err(StoreError::from) {
            // Somebody else has finished it since; then it is no longer ours to forget.
            Ok(_) | Err(StoreError::Changed) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Counts one more guess of a conversation, and says how many there were.
    pub async fn guess(&self, conversation: &str, now: Timestamp) -> Result<i64, StoreError> {
        self.count(conversation, 1, now).await
    }

    /// Takes a guess back that was right.
    pub async fn guessed_right(
        &self,
        conversation: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.count(conversation, -1, now).await.map(|_| ())
    }

    async fn count(&self, conversation: &str, by: i64, now: Timestamp) -> Result<i64, StoreError> {
        let table = &self.0;
        let counted = table
            .client
            .update_item()
            .table_name(&table.name)
            .key("id", text(format!("guesses {conversation}")))
            .update_expression("ADD guesses :by SET expires_at = :expiry")
            .expression_attribute_values(":by", number(by))
            .expression_attribute_values(":expiry", number(expiry(now)))
            .return_values(aws_sdk_dynamodb::types::ReturnValue::AllNew)
            .send()
            .boxed()
            .await?;
        let guesses = counted.attributes.unwrap_or_default().remove("guesses");
        let guesses = guesses.and_then(|value| value.as_n().ok()?.parse().ok());
        // A count that cannot be read ends the guessing.
        Ok(guesses.unwrap_or(i64::MAX))
    }
}

fn expiry(now: Timestamp) -> i64 {
    now.as_second() + KEPT.as_secs()
}
