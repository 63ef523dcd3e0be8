//! One call: ask, book, move, cancel, as fast as the pace allows.

use serde_json::{Value, json};
use uuid::Uuid;

use super::Pace;
use super::figures::{Figures, Step};
use super::stage::{Member, Stage};
use crate::call::{Said, read_reply};

/// What is said when somebody else was faster, which is an answer like any other.
const TAKEN: &str = "That time is not open";

struct Line<'a> {
    id: Uuid,
    number: String,
    member: &'a Member,
    stage: &'a Stage,
    pace: &'a Pace,
}

/// Plays the call of that number.
pub(super) async fn play_call(call: u32, stage: &Stage, pace: &Pace, figures: &mut Figures) {
    // Two in a row call the same staff member, and want the same slot.
    let pair = call as usize / 2;
    let member = &stage.members[pair % stage.members.len()];
    let wanted = pair / stage.members.len() * 2;
    let slot = |index: usize| &member.slots[index % member.slots.len()];
    let line = Line {
        id: Uuid::new_v4(),
        number: format!("+1512{:07}", call % 10_000_000),
        member,
        stage,
        pace,
    };
    line.ask(Step::Ask, "get_availability", json!({}), figures)
        .await;
    let booking = json!({
        "start_time": slot(wanted),
        "attendee_name": "Casey Caller",
        "property_address": "14 Mill Lane",
    });
    let booked = line
        .ask(Step::Book, "set_appointment", booking, figures)
        .await;
    if !booked {
        return;
    }
    let moved = json!({"new_start_time": slot(wanted + 1)});
    line.ask(Step::Change, "reschedule_appointment", moved, figures)
        .await;
    line.ask(Step::Cancel, "cancel_appointment", json!({}), figures)
        .await;
}

impl Line<'_> {
    /// One tool call. Whether it did what was asked; that somebody else has the time is
    /// no failure.
    async fn ask(&self, step: Step, tool: &str, arguments: Value, figures: &mut Figures) -> bool {
        let id = Uuid::new_v4().to_string();
        let delivery = json!({"message": {
            "type": "tool-calls",
            "toolCallList": [{
                "id": id,
                "type": "function",
                "function": {"name": tool, "arguments": arguments},
            }],
            "call": {
                "id": self.id,
                "type": "inboundPhoneCall",
                "assistantId": self.member.assistant,
                "customer": {"number": self.number},
            },
        }});
        self.pace.next().await;
        let answer = match self.stage.backend.deliver(&delivery).await {
            Ok(answer) => answer,
            Err(error) => {
                figures.failed(step, error.to_string());
                return false;
            }
        };
        figures.took(step, answer.took);
        match read_reply(&answer, &id, tool) {
            (Some(Said { done: true, .. }), problems) if problems.is_empty() => true,
            (Some(said), problems) if problems.is_empty() && said.spoken.starts_with(TAKEN) => {
                figures.was_taken(step);
                false
            }
            (Some(said), problems) if problems.is_empty() => {
                figures.failed(step, said.spoken);
                false
            }
            (_, problems) => {
                figures.failed(step, problems.join("; "));
                false
            }
        }
    }
}
