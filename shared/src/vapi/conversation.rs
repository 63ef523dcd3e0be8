//! What VAPI asks and tells around the tool calls of a conversation: who answers, how
//! a call stands, how it ended.
//!
//! When a call begins, the calendar is read ahead, so that the first question for
//! times needs no round trip to Microsoft.

use std::time::Duration;

use futures_util::future::join_all;
use jiff::civil::Date;

use super::answer::Answer;
use super::speech;
use super::tool::Tool;
use super::webhook::Webhook;
use super::wire::{CallContext, Message, Reply};
use crate::clock::Turn;
use crate::ids::{UserId, digest};
use crate::store::{CallRef, StoreError, ToolTime};

/// VAPI waits 7.5 seconds for who answers (VAPI docs, Server events), and the caller
/// hears nothing until then.
const WHO_ANSWERS: Duration = Duration::from_millis(2500);

/// How many calendars are read ahead for an assistant of several staff members.
const READ_AHEAD: usize = 3;

/// What noting something of a call may cost the caller.
const TO_NOTE: Duration = Duration::from_millis(300);

impl Webhook {
    /// Answers a message that is no tool call.
    pub(super) async fn converse(
        &self,
        message: &Message,
        call: &CallContext,
        turn: &Turn,
    ) -> Reply {
        match message {
            Message::AssistantRequest => {
                return self.who_answers(call, &turn.within(WHO_ANSWERS)).await;
            }
            Message::TransferDestinationRequest | Message::HandoffDestinationRequest => {
                let apology = "I cannot put you through from here. May I take a message instead?";
                return Reply::Apology(apology.into());
            }
            Message::KnowledgeBaseRequest => return Reply::NoDocuments,
            Message::StatusUpdate {
                status,
                ended_reason,
            } => {
                let reading = async {
                    if status == "in-progress" {
                        self.read_ahead(call, turn).await;
                    }
                };
                let noting = self.noting(call, async |about| {
                    let reason = ended_reason.as_deref();
                    self.calls.stands(about, status, reason, turn.now).await
                });
                tokio::join!(reading, noting);
            }
            Message::EndOfCall(end) => {
                self.noting(call, async |about| {
                    self.calls.ended(about, end, turn.now).await
                })
                .await;
            }
            Message::Hang => {
                self.noting(call, async |about| self.calls.hung(about, turn.now).await)
                    .await;
            }
            Message::Unknown(kind) => tracing::info!(kind, "VAPI sent a type that is new to us"),
            // Nothing but a clear yes has VAPI dial, and no campaign is ours.
            Message::CampaignPredial
            | Message::Information(_)
            | Message::ToolCalls(_)
            | Message::FunctionCall(_) => {}
        }
        Reply::Nothing
    }

    /// Notes how long a tool call took, and that it booked.
    pub(super) async fn note_tool_call(
        &self,
        call: &CallContext,
        (tool, answer): (Tool, &Answer),
        elapsed: Duration,
        turn: &Turn,
    ) {
        let time = ToolTime {
            tool: tool.definition().name.to_owned(),
            milliseconds: i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX),
            done: !matches!(answer, Answer::NotDone(_)),
        };
        let booked = match (tool, answer) {
            // The sentence names the booking's code.
            (Tool::SetAppointment, Answer::Done(sentence) | Answer::Pending(sentence)) => {
                Some(digest(&[sentence.as_bytes()]))
            }
            _ => None,
        };
        self.noting(call, async |about| {
            self.calls
                .used(about, &time, booked.clone(), turn.now)
                .await
        })
        .await;
    }

    /// Which assistant answers the number that was dialled, and what it should know.
    async fn who_answers(&self, call: &CallContext, turn: &Turn) -> Reply {
        let not_set_up = || {
            let apology = "This number is not set up yet. Please call again another time.";
            Reply::Apology(apology.into())
        };
        let Some(number) = &call.phone_number_id else {
            return not_set_up();
        };
        let binding = match self.staff.binding_of_phone_number(number).await {
            Ok(Some(binding)) => binding,
            Ok(None) => return not_set_up(),
            Err(error) => {
                tracing::warn!(%error, "nobody answers a call");
                let apology = "I am sorry, we cannot take your call right now. Please call again \
                               in a moment.";
                return Reply::Apology(apology.into());
            }
        };
        let (Some(id), Some(user)) = (binding.answered_by, binding.user_ids.first()) else {
            return not_set_up();
        };
        let reading = tokio::time::timeout(
            turn.patience(WHO_ANSWERS),
            Box::pin(self.read_ahead_for(&binding.user_ids, call, turn)),
        );
        let (variables, _) = tokio::join!(self.variables(user, turn), reading);
        Reply::Assistant { id, variables }
    }

    /// What an assistant is told of the staff member that it answers for. The year is
    /// said, since a model that is not told invents one.
    async fn variables(&self, user: &UserId, turn: &Turn) -> Vec<(&'static str, String)> {
        let known = self.desk.about(user).await;
        let now = turn.now.to_zoned(known.zone.clone());
        let mut variables = vec![
            ("user_id", user.to_string()),
            (
                "time_zone",
                known.zone.iana_name().unwrap_or("UTC").to_owned(),
            ),
            ("today", speech::date(now.date(), Date::default())),
            ("time_now", speech::time(now.time())),
        ];
        variables.extend(known.name.map(|name| ("staff_name", name)));
        variables
    }

    /// Reads the calendars ahead that a call is likely to ask for.
    async fn read_ahead(&self, call: &CallContext, turn: &Turn) {
        match self.bound_staff(call).await {
            Ok(Some(staff)) => Box::pin(self.read_ahead_for(&staff, call, turn)).await,
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "no calendar is read ahead"),
        }
    }

    async fn read_ahead_for(&self, staff: &[UserId], call: &CallContext, turn: &Turn) {
        let Some(conversation) = call.conversation() else {
            return;
        };
        let turn = turn.within(self.read_deadline);
        let reading = staff.iter().take(READ_AHEAD).map(|user| {
            let turn = &turn;
            async move {
                let calendar = self.desk.calendar(user, turn).await?;
                calendar.read_ahead(conversation, &self.calls, turn).await
            }
        });
        for error in join_all(reading).await.into_iter().filter_map(Result::err) {
            // The question for times tells the caller, should one come.
            tracing::info!(%error, "a calendar was not read ahead");
        }
    }

    /// Waits for something to be noted of a call, but not for long: a note that is lost
    /// costs a number in a report.
    async fn noting(
        &self,
        call: &CallContext,
        write: impl AsyncFnOnce(CallRef<'_>) -> Result<(), StoreError>,
    ) {
        let Some(id) = call.conversation() else {
            return;
        };
        let about = CallRef {
            id,
            assistant_id: call.assistant_id.as_deref(),
        };
        match tokio::time::timeout(TO_NOTE, write(about)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "a call's record is incomplete"),
            Err(_) => tracing::warn!("a call's record is incomplete"),
        }
    }
}
