//! The webhook: a delivery comes in, every tool call in it is carried out, and
//! each gets its answer, in order.

use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};

use super::answer::Answer;
use super::once::{Once, Outcome, Turnout};
use super::staff_meant::{Guesses, StaffMeant};
use super::tool::Tool;
use super::unwritten::Unwritten;
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
use crate::rentals::Shown;
use crate::scheduling::Rules;
use crate::store::{Answers, Calls, Outbox, Rentals, Staff};
use crate::web_search::WebSearch;

/// How many tool calls of one delivery run at once.
const AT_ONCE: usize = 4;

/// What is kept of a deadline for answering after the last upstream call.
const TO_ANSWER: Duration = Duration::from_millis(500);

/// Everything that a delivery needs.
pub struct Webhook {
    pub(super) desk: Desk,
    pub(super) calls: Calls,
    pub(super) rentals: Rentals,
    shown: Shown,
    web: WebSearch,
    pub(super) slot_ids: SlotIds,
    pub(super) staff: Staff,
    pub(super) guesses: Guesses,
    pub(super) answers: Answers,
    outbox: Outbox,
    pub(super) require_binding: bool,
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
    pub(super) shown: &'a Shown,
    pub(super) web: &'a WebSearch,
    slot_ids: &'a SlotIds,
    /// Whom it is for.
    pub(super) meant: StaffMeant,
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
            shown: Shown::default(),
            web: WebSearch::new(settings, aws, http)?,
            slot_ids: SlotIds::new(settings, aws)?,
            staff: Staff::new(settings, aws)?,
            guesses: Guesses::default(),
            answers: Answers::new(settings, aws)?,
            outbox: Outbox::new(settings, aws)?,
            require_binding: settings.parsed("REQUIRE_ASSISTANT_BINDING", true, "true or false")?,
            read_deadline: settings.milliseconds("READ_DEADLINE_MS", 4000)?,
            write_deadline: settings.milliseconds("WRITE_DEADLINE_MS", 8000)?,
        })
    }

    /// Fetches ahead what the first request needs.
    pub async fn warm(&self) {
        self.desk.warm().await;
    }

    /// By when a delivery is answered at the latest.
    pub fn write_deadline(&self) -> Duration {
        self.write_deadline
    }

    /// Carries out what a delivery asks for. What is left to be written is to be handed
    /// to [`Webhook::write`] when the answer is given.
    pub async fn answer(&self, delivery: &Delivery, turn: &Turn) -> (Reply, Unwritten) {
        tracing::Span::current().record("call_id", delivery.call.conversation());
        match &delivery.message {
            Message::ToolCalls(calls) => {
                let runs: Vec<_> = calls
                    .iter()
                    .map(|asked| self.result(asked, &delivery.call, turn))
                    .collect();
                let mut unwritten = Unwritten::default();
                let mut results = Vec::with_capacity(runs.len());
                let mut runs = stream::iter(runs).buffered(AT_ONCE);
                while let Some((result, left)) = runs.next().await {
                    results.push(result);
                    unwritten.append(left);
                }
                (Reply::Results(results), unwritten)
            }
            Message::FunctionCall(call) => {
                // It has no id, so that nothing tells a repeat from a second one.
                let (answer, unwritten) = self
                    .run(&call.name, &call.arguments, None, &delivery.call, turn)
                    .await;
                (Reply::FunctionResult(answer.sentence().into()), unwritten)
            }
            other => Box::pin(self.converse(other, &delivery.call, turn)).await,
        }
    }

    async fn result(
        &self,
        asked: &ToolCall,
        call: &CallContext,
        turn: &Turn,
    ) -> (ToolResult, Unwritten) {
        let (answer, unwritten) = self
            .run(
                &asked.name,
                &asked.arguments,
                Some(asked.reply_id()),
                call,
                turn,
            )
            .await;
        let sentence = answer.sentence();
        let result = match answer {
            Answer::Done(_) | Answer::Pending(_) => ToolResult::succeeded(asked, sentence),
            Answer::NotDone(_) => ToolResult::failed(asked, sentence),
        };
        (result.saying(sentence), unwritten)
    }

    async fn run(
        &self,
        name: &str,
        arguments: &Result<Arguments, ArgumentsError>,
        id: Option<String>,
        call: &CallContext,
        turn: &Turn,
    ) -> (Answer, Unwritten) {
        let started = Instant::now();
        let tool = Tool::named(name);
        let (answer, outcome) = match (tool, arguments) {
            (None, _) => {
                let sorry = "I am not able to do that. Is there something else I can help with?";
                (Answer::not_done(sorry), None)
            }
            (Some(_), Err(_)) => {
                let again = "I did not get all of that. Could you say it once more?";
                (Answer::not_done(again), None)
            }
            (Some(tool), Ok(arguments)) => self.try_run(tool, arguments, id, call, turn).await,
        };
        let elapsed = started.elapsed();
        let duration_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        let name = tool.map_or("unknown", |tool| tool.definition().name);
        let done = !matches!(answer, Answer::NotDone(_));
        tracing::info!(tool = name, done, duration_ms, "tool call");
        let unwritten = tool.map(|tool| Unwritten::of_tool(tool, &answer, elapsed, outcome));
        (answer, unwritten.unwrap_or_default())
    }

    /// Carries a tool call out, unless that was done before. What depends on nothing
    /// else is read in one round.
    async fn try_run(
        &self,
        tool: Tool,
        arguments: &Arguments,
        id: Option<String>,
        call: &CallContext,
        turn: &Turn,
    ) -> (Answer, Option<Outcome>) {
        let deadline = if tool.writes() {
            self.write_deadline
        } else {
            self.read_deadline
        };
        let working = turn.within(deadline.saturating_sub(TO_ANSWER));
        let repeatable = call.conversation().zip(id.as_ref());
        let repeatable = repeatable.filter(|_| tool.writes());
        let once = repeatable.map(|(conversation, id)| Once {
            answers: &self.answers,
            id: format!("call {conversation} {id}"),
            tool: tool.definition().name,
        });
        let begin = async {
            match &once {
                Some(once) => once.begin(&working).await,
                None => Turnout::Unkept,
            }
        };
        let meant = self.staff_meant(tool, arguments, call);
        let beginning = async { tokio::join!(begin, meant) };
        // Upstream calls keep to the turn; this is for whatever else may hang.
        let limit = || turn.within(deadline).patience(deadline);
        let first = tokio::time::timeout(limit(), Box::pin(beginning)).await;
        let Ok((turnout, meant)) = first else {
            return (too_late(tool), None);
        };
        let once = match turnout {
            Turnout::Ours => once,
            Turnout::Unkept => None,
            Turnout::Theirs(answer) => return (answer, None),
        };
        let work = async {
            let asked = Asked {
                desk: &self.desk,
                answers: &self.answers,
                outbox: &self.outbox,
                calls: &self.calls,
                rentals: &self.rentals,
                shown: &self.shown,
                web: &self.web,
                slot_ids: &self.slot_ids,
                meant: meant?,
                arguments,
                call,
                label: id.unwrap_or_else(|| "function-call".to_owned()),
                turn: working,
            };
            carry_out(tool, &asked).await
        };
        let answered = match tokio::time::timeout(limit(), work).await {
            Ok(answered) => answered,
            Err(_) => Err(too_late(tool)),
        };
        let outcome = once.map(|once| once.came_to(&answered));
        (answered.unwrap_or_else(|answer| answer), outcome)
    }
}

/// What the tool does. Each has a future of its own size: that of a move is several times
/// as large as that of a question.
fn carry_out<'a>(tool: Tool, asked: &'a Asked<'_>) -> BoxFuture<'a, Result<Answer, Answer>> {
    match tool {
        Tool::GetAvailability => get_availability::run(asked).boxed(),
        Tool::SetAppointment => set_appointment::run(asked).boxed(),
        Tool::FindAppointments => find_appointments::run(asked).boxed(),
        Tool::CancelAppointment => cancel_appointment::run(asked).boxed(),
        Tool::RescheduleAppointment => reschedule_appointment::run(asked).boxed(),
        Tool::SendConfirmationEmail => send_confirmation_email::run(asked).boxed(),
        Tool::GetPropertyDetails => get_property_details::run(asked).boxed(),
        Tool::SearchRentals => search_rentals::run(asked).boxed(),
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

    /// How long the viewing is to take, in minutes.
    pub(super) fn minutes(&self, rules: &Rules) -> u32 {
        let usual = rules.slot_minutes;
        let asked = self.number("duration_minutes", i64::from(usual), 5..=240);
        u32::try_from(asked).unwrap_or(usual)
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
