//! What VAPI asks and tells around the tool calls of a conversation: who answers, how
//! a call stands, how it ended.
//!
//! When a call begins, the calendar is read ahead, so that the first question for
//! times needs no round trip to Microsoft. Nobody waits for that.

use std::time::Duration;

use futures_util::future::join_all;
use jiff::civil::Date;

use super::speech;
use super::unwritten::Unwritten;
use super::webhook::Webhook;
use super::wire::{CallContext, Message, Reply};
use crate::clock::Turn;
use crate::ids::UserId;
use crate::store::{CallRef, StoreError};

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
    ) -> (Reply, Unwritten) {
        let mut unwritten = Unwritten::default();
        let reply = match message {
            Message::AssistantRequest => {
                let (reply, staff) = self.who_answers(call, &turn.within(WHO_ANSWERS)).await;
                unwritten.ahead = staff;
                reply
            }
            Message::TransferDestinationRequest | Message::HandoffDestinationRequest => {
                let apology = "I cannot put you through from here. May I take a message instead?";
                Reply::Apology(apology.into())
            }
            Message::KnowledgeBaseRequest => Reply::NoDocuments,
            Message::StatusUpdate {
                status,
                ended_reason,
            } => {
                let begins = async {
                    match status.as_str() {
                        "in-progress" => self.staff_of(call).await,
                        _ => Vec::new(),
                    }
                };
                let noting = self.noting(call, async |about| {
                    let reason = ended_reason.as_deref();
                    self.calls.stands(about, status, reason, turn.now).await
                });
                (unwritten.ahead, ()) = tokio::join!(begins, noting);
                Reply::Nothing
            }
            Message::EndOfCall(end) => {
                self.noting(call, async |about| {
                    self.calls.ended(about, end, turn.now).await
                })
                .await;
                Reply::Nothing
            }
            Message::Hang => {
                self.noting(call, async |about| self.calls.hung(about, turn.now).await)
                    .await;
                Reply::Nothing
            }
            Message::Unknown(kind) => {
                tracing::info!(kind, "VAPI sent a type that is new to us");
                Reply::Nothing
            }
            // Nothing but a clear yes has VAPI dial, and no campaign is ours.
            Message::CampaignPredial
            | Message::Information(_)
            | Message::ToolCalls(_)
            | Message::FunctionCall(_) => Reply::Nothing,
        };
        (reply, unwritten)
    }

    /// Which assistant answers the number that was dialled, and what it should know; and
    /// whom it is for.
    async fn who_answers(&self, call: &CallContext, turn: &Turn) -> (Reply, Vec<UserId>) {
        let not_set_up = || {
            let apology = "This number is not set up yet. Please call again another time.";
            (Reply::Apology(apology.into()), Vec::new())
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
                return (Reply::Apology(apology.into()), Vec::new());
            }
        };
        let (Some(id), Some(user)) = (binding.answered_by, binding.user_ids.first()) else {
            return not_set_up();
        };
        let variables = self.variables(user, turn).await;
        (Reply::Assistant { id, variables }, binding.user_ids)
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

    /// Whom the assistant of a call is for, as far as that is known.
    async fn staff_of(&self, call: &CallContext) -> Vec<UserId> {
        match self.staff_bound_to(call).await {
            Ok(staff) => staff.unwrap_or_default(),
            Err(error) => {
                tracing::warn!(%error, "no calendar is read ahead");
                Vec::new()
            }
        }
    }

    /// Reads the calendars ahead that a call is likely to ask for.
    pub(super) async fn read_ahead_for(&self, staff: &[UserId], call: &CallContext, turn: &Turn) {
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
    pub(super) async fn noting(
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
