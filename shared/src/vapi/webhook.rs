//! The webhook: a delivery comes in, every tool call in it is carried out, and
//! each gets its answer, in order.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream;

use super::answer::Answer;
use super::once::once;
use super::tool::Tool;
use super::wire::{
    Arguments, ArgumentsError, CallContext, Delivery, Message, Reply, ToolCall, ToolResult,
};
use super::{
    cancel_appointment, find_appointments, get_availability, get_property_details,
    reschedule_appointment, search_rentals, send_confirmation_email, set_appointment,
};
use crate::aws::Aws;
use crate::booking::{Desk, OfferedSlot, SlotIds};
use crate::clock::Turn;
use crate::config::{SettingError, Settings};
use crate::ids::UserId;
use crate::store::{Answers, Calls, Outbox, Rentals, Staff, StoreError};
use crate::web_search::WebSearch;

/// How many tool calls of one delivery run at once.
const AT_ONCE: usize = 4;

/// What is kept of a deadline for answering after the last upstream call.
const TO_ANSWER: Duration = Duration::from_millis(500);

/// Everything that a delivery needs.
pub struct Webhook {
    pub(super) desk: Desk,
    pub(super) calls: Calls,
    rentals: Rentals,
    web: WebSearch,
    slot_ids: SlotIds,
    pub(super) staff: Staff,
    answers: Answers,
    outbox: Outbox,
    require_binding: bool,
    pub(super) read_deadline: Duration,
    write_deadline: Duration,
}

/// One tool call in the making.
pub(super) struct Asked<'a> {
    pub(super) desk: &'a Desk,
    pub(super) answers: &'a Answers,
    pub(super) outbox: &'a Outbox,
    pub(super) calls: &'a Calls,
    pub(super) rentals: &'a Rentals,
    pub(super) web: &'a WebSearch,
    slot_ids: &'a SlotIds,
    /// The staff member that is meant.
    pub(super) user: UserId,
    /// All whom the assistant may book for.
    staff: Vec<UserId>,
    pub(super) arguments: &'a Arguments,
    pub(super) call: &'a CallContext,
    /// Tells this tool call apart from the others of its delivery.
    pub(super) label: String,
    pub(super) turn: Turn,
}

impl Webhook {
    /// Uses `READ_DEADLINE_MS`, `WRITE_DEADLINE_MS`, `REQUIRE_ASSISTANT_BINDING`,
    /// and the settings of [`Staff`], [`Calls`], [`Rentals`], [`WebSearch`], [`Answers`],
    /// [`Outbox`], [`Desk`] and [`SlotIds`].
    pub fn new(
        settings: &Settings,
        aws: &Aws,
        http: &reqwest::Client,
    ) -> Result<Self, SettingError> {
        Ok(Self {
            desk: Desk::new(settings, aws, http)?,
            calls: Calls::new(settings, aws)?,
            rentals: Rentals::new(settings, aws)?,
            web: WebSearch::new(settings, aws, http)?,
            slot_ids: SlotIds::new(settings, aws)?,
            staff: Staff::new(settings, aws)?,
            answers: Answers::new(settings, aws)?,
            outbox: Outbox::new(settings, aws)?,
            require_binding: settings.parsed("REQUIRE_ASSISTANT_BINDING", true, "true or false")?,
            read_deadline: settings.milliseconds("READ_DEADLINE_MS", 4000)?,
            write_deadline: settings.milliseconds("WRITE_DEADLINE_MS", 8000)?,
        })
    }

    /// Fetches ahead what the first request needs.
    pub async fn warm(&self) {
        tokio::join!(self.desk.warm(), self.slot_ids.warm());
    }

    /// By when a delivery is answered at the latest.
    pub fn write_deadline(&self) -> Duration {
        self.write_deadline
    }

    /// Carries out what a delivery asks for.
    pub async fn answer(&self, delivery: &Delivery, turn: &Turn) -> Reply {
        tracing::Span::current().record("call_id", delivery.call.conversation());
        match &delivery.message {
            Message::ToolCalls(calls) => {
                let runs: Vec<_> = calls
                    .iter()
                    .map(|asked| self.result(asked, &delivery.call, turn))
                    .collect();
                Reply::Results(stream::iter(runs).buffered(AT_ONCE).collect().await)
            }
            Message::FunctionCall(call) => {
                // It has no id, so that nothing tells a repeat from a second one.
                let answer = self
                    .run(&call.name, &call.arguments, None, &delivery.call, turn)
                    .await;
                Reply::FunctionResult(answer.sentence().into())
            }
            other => Box::pin(self.converse(other, &delivery.call, turn)).await,
        }
    }

    async fn result(&self, asked: &ToolCall, call: &CallContext, turn: &Turn) -> ToolResult {
        let answer = self
            .run(
                &asked.name,
                &asked.arguments,
                Some(asked.reply_id()),
                call,
                turn,
            )
            .await;
        let sentence = answer.sentence();
        match answer {
            Answer::Done(_) | Answer::Pending(_) => ToolResult::succeeded(asked, sentence),
            Answer::NotDone(_) => ToolResult::failed(asked, sentence),
        }
        .saying(sentence)
    }

    async fn run(
        &self,
        name: &str,
        arguments: &Result<Arguments, ArgumentsError>,
        id: Option<String>,
        call: &CallContext,
        turn: &Turn,
    ) -> Answer {
        let started = Instant::now();
        let tool = Tool::named(name);
        let answer = self.try_run(tool, arguments, id, call, turn).await;
        let elapsed = started.elapsed();
        if let Some(tool) = tool {
            self.note_tool_call(call, (tool, &answer), elapsed, turn)
                .await;
        }
        let duration_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        let tool = tool.map_or("unknown", |tool| tool.definition().name);
        let done = !matches!(answer, Answer::NotDone(_));
        tracing::info!(tool, done, duration_ms, "tool call");
        answer
    }

    async fn try_run(
        &self,
        tool: Option<Tool>,
        arguments: &Result<Arguments, ArgumentsError>,
        id: Option<String>,
        call: &CallContext,
        turn: &Turn,
    ) -> Answer {
        let Some(tool) = tool else {
            return Answer::not_done(
                "I am not able to do that. Is there something else I can help with?",
            );
        };
        let Ok(arguments) = arguments else {
            return Answer::not_done("I did not get all of that. Could you say it once more?");
        };
        let (user, staff) = match self.staff_member(arguments, call).await {
            Ok(found) => found,
            Err(answer) => return answer,
        };
        let deadline = if tool.writes() {
            self.write_deadline
        } else {
            self.read_deadline
        };
        let asked = Asked {
            desk: &self.desk,
            answers: &self.answers,
            outbox: &self.outbox,
            calls: &self.calls,
            rentals: &self.rentals,
            web: &self.web,
            slot_ids: &self.slot_ids,
            user,
            staff,
            arguments,
            call,
            label: id.clone().unwrap_or_else(|| "function-call".to_owned()),
            turn: turn.within(deadline.saturating_sub(TO_ANSWER)),
        };
        // Upstream calls keep to the turn; this is for whatever else may hang.
        let in_time = async {
            let limit = turn.within(deadline).patience(deadline);
            let work = Box::pin(carry_out(tool, &asked));
            match tokio::time::timeout(limit, work).await {
                Ok(answered) => answered,
                Err(_) => Err(too_late(tool)),
            }
        };
        let repeatable = call.conversation().zip(id).filter(|_| tool.writes());
        match repeatable {
            Some((conversation, id)) => {
                let id = format!("call {conversation} {id}");
                let name = tool.definition().name;
                once(&self.answers, &id, name, &asked.turn, in_time).await
            }
            None => in_time.await.unwrap_or_else(|answer| answer),
        }
    }

    /// The staff member that a call is for, and all whom the assistant is bound to.
    ///
    /// A `user_id` among the arguments was filled in by a language model. It can
    /// choose among those that are bound, and decides only while no binding is
    /// required.
    async fn staff_member(
        &self,
        arguments: &Arguments,
        call: &CallContext,
    ) -> Result<(UserId, Vec<UserId>), Answer> {
        let named = arguments.text("user_id").ok().flatten();
        let named = named.as_deref().and_then(UserId::parse);
        match (self.bound_staff(call).await?, named) {
            (Some(bound), None) => Ok((self.meant(&bound, arguments).await?, bound)),
            (Some(bound), Some(named)) if bound.contains(&named) => Ok((named, bound)),
            (None, Some(named)) if !self.require_binding => Ok((named.clone(), vec![named])),
            (Some(_), Some(_)) => Err(Answer::not_done(
                "I can only arrange viewings with the people this number is for. Shall I look at \
                 their times?",
            )),
            (None, _) => Err(not_set_up()),
        }
    }

    /// Which of several staff members is meant when none is named: the one whose slot
    /// was offered, else the first.
    async fn meant(&self, bound: &[UserId], arguments: &Arguments) -> Result<UserId, Answer> {
        let slot_id = arguments.text("slot_id").ok().flatten();
        let offered = match slot_id {
            Some(id) if bound.len() > 1 => {
                let key = self.slot_ids.key().await?;
                bound.iter().find(|user| key.read(user, &id).is_some())
            }
            _ => None,
        };
        let meant = offered.or_else(|| bound.first()).cloned();
        meant.ok_or_else(not_set_up)
    }

    pub(super) async fn bound_staff(
        &self,
        call: &CallContext,
    ) -> Result<Option<Vec<UserId>>, StoreError> {
        let of_assistant = async {
            match &call.assistant_id {
                Some(id) => self.staff.binding_of_assistant(id).await,
                None => Ok(None),
            }
        };
        let of_number = async {
            match &call.phone_number_id {
                Some(id) => self.staff.binding_of_phone_number(id).await,
                None => Ok(None),
            }
        };
        let (assistant, number) = tokio::try_join!(of_assistant, of_number)?;
        Ok(assistant.or(number).map(|binding| binding.user_ids))
    }
}

async fn carry_out(tool: Tool, asked: &Asked<'_>) -> Result<Answer, Answer> {
    match tool {
        Tool::GetAvailability => get_availability::run(asked).await,
        Tool::SetAppointment => set_appointment::run(asked).await,
        Tool::FindAppointments => find_appointments::run(asked).await,
        Tool::CancelAppointment => cancel_appointment::run(asked).await,
        Tool::RescheduleAppointment => reschedule_appointment::run(asked).await,
        Tool::SendConfirmationEmail => send_confirmation_email::run(asked).await,
        Tool::GetPropertyDetails => get_property_details::run(asked).await,
        Tool::SearchRentals => search_rentals::run(asked).await,
    }
}

/// The deadline came first. What was cut off may still have been done.
fn too_late(tool: Tool) -> Answer {
    Answer::not_done(match tool {
        Tool::GetAvailability => {
            "The calendar is taking too long to answer. Shall I try once more?"
        }
        Tool::FindAppointments => {
            "Our booking records are taking too long to answer. Shall I try once more?"
        }
        Tool::GetPropertyDetails | Tool::SearchRentals => {
            "Our list of properties is taking too long to answer. Shall I try once more?"
        }
        Tool::SetAppointment => {
            "The calendar is taking too long, and I cannot tell yet whether the viewing is booked. \
             Shall I check once more?"
        }
        Tool::CancelAppointment | Tool::RescheduleAppointment => {
            "The calendar is taking too long, and I cannot tell yet whether your viewing has \
             changed. Shall I check once more?"
        }
        Tool::SendConfirmationEmail => {
            "The mailbox is taking too long, and I cannot tell yet whether the e-mail was sent. \
             Shall I check once more?"
        }
    })
}

fn not_set_up() -> Answer {
    Answer::not_done("I cannot see whose calendar this is for. May I take a message instead?")
}

impl Asked<'_> {
    /// A text argument. One that cannot be used counts as absent, so that the
    /// caller is asked for it.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.arguments.text(name).ok().flatten()
    }

    /// The slot that the argument `slot_id` stands for, if it was offered with that
    /// staff member.
    pub(super) async fn offered_slot(&self, user: &UserId) -> Result<Option<OfferedSlot>, Answer> {
        let Some(id) = self.text("slot_id") else {
            return Ok(None);
        };
        Ok(self.slot_ids.key().await?.read(user, &id))
    }

    /// All whom the assistant may book for.
    pub(super) fn staff(&self) -> &[UserId] {
        &self.staff
    }

    /// Whether viewings of that staff member are this assistant's business.
    pub(super) fn serves(&self, user: &UserId) -> bool {
        self.staff.contains(user)
    }

    /// What guesses are counted by: the call or chat, else whoever asks.
    pub(super) fn conversation(&self) -> String {
        let of_caller = || {
            self.call
                .verified_caller()
                .map(|caller| format!("from {caller}"))
        };
        let of_call = self.call.conversation().map(|call| format!("in {call}"));
        let of_assistant = || {
            self.call
                .assistant_id
                .as_ref()
                .map(|id| format!("with {id}"))
        };
        of_call
            .or_else(of_caller)
            .or_else(of_assistant)
            .unwrap_or_else(|| "of nobody".to_owned())
    }

    /// A whole number, brought into `range`.
    pub(super) fn number(
        &self,
        name: &str,
        default: i64,
        range: std::ops::RangeInclusive<i64>,
    ) -> i64 {
        let number = self
            .arguments
            .integer(name)
            .ok()
            .flatten()
            .unwrap_or(default);
        number.clamp(*range.start(), *range.end())
    }
}
