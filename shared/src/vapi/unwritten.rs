//! What a delivery leaves to be written when it has been answered: no caller waits for
//! it.

use std::time::Duration;

use futures_util::future::join_all;

use super::answer::Answer;
use super::once::Outcome;
use super::tool::Tool;
use super::webhook::Webhook;
use super::wire::CallContext;
use crate::clock::Turn;
use crate::ids::{UserId, digest};
use crate::store::ToolTime;

/// How long it is tried to keep the outcome of a tool call: Lambda stops a function whose
/// time is over.
const TO_KEEP: Duration = Duration::from_secs(2);

/// Of one delivery.
#[derive(Default)]
pub struct Unwritten {
    used: Vec<Used>,
    outcomes: Vec<Outcome>,
    /// Whose calendars are to be read ahead for the call.
    pub(super) ahead: Vec<UserId>,
}

/// A tool as the record of the call has it.
struct Used {
    time: ToolTime,
    /// A mark of the viewing that it booked.
    booked: Option<String>,
}

impl Unwritten {
    /// What one tool call leaves.
    pub(super) fn of_tool(
        tool: Tool,
        answer: &Answer,
        elapsed: Duration,
        outcome: Option<Outcome>,
    ) -> Self {
        let booked = match (tool, answer) {
            // The sentence names the booking's code.
            (Tool::SetAppointment, Answer::Done(sentence) | Answer::Pending(sentence)) => {
                Some(digest(&[sentence.as_bytes()]))
            }
            _ => None,
        };
        let time = ToolTime {
            tool: tool.definition().name.to_owned(),
            milliseconds: i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX),
            done: !matches!(answer, Answer::NotDone(_)),
        };
        Self {
            used: vec![Used { time, booked }],
            outcomes: outcome.into_iter().collect(),
            ahead: Vec::new(),
        }
    }

    pub(super) fn append(&mut self, mut other: Self) {
        self.used.append(&mut other.used);
        self.outcomes.append(&mut other.outcomes);
        self.ahead.append(&mut other.ahead);
    }
}

impl Webhook {
    /// Writes what answering a delivery left. What cannot be written costs a number in a
    /// report, or has a repeat carried out again.
    pub async fn write(&self, unwritten: Unwritten, call: &CallContext, turn: &Turn) {
        let Unwritten {
            used,
            outcomes,
            ahead,
        } = unwritten;
        let keeping = join_all(outcomes.into_iter().map(|outcome| self.keep(outcome, turn)));
        let noting = async {
            for Used { time, booked } in used {
                self.noting(call, async |about| {
                    self.calls
                        .used(about, &time, booked.clone(), turn.now)
                        .await
                })
                .await;
            }
        };
        let reading = self.read_ahead_for(&ahead, call, turn);
        tokio::join!(keeping, noting, reading);
    }

    async fn keep(&self, outcome: Outcome, turn: &Turn) {
        let keeping = outcome.keep(&self.answers, turn);
        let again = "a repeat of this tool call will be carried out again";
        match tokio::time::timeout(TO_KEEP, keeping).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "{again}"),
            Err(_) => tracing::warn!("{again}"),
        }
    }
}
