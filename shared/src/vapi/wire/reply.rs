//! What the webhook answers (VAPI docs, Custom tools, "Response format").
//!
//! VAPI ignores a whole answer for small faults: several lines in a string, a
//! result that is not a string, a missing id. The types here cannot express
//! them: text is a [`Line`], and an [`Outcome`] is a result or an error, never
//! both. The message type follows from the outcome.

use serde_json::{Map, Value, json};

use super::line::{Line, MESSAGE_LIMIT};
use super::tool_call::ToolCall;

/// The body of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// To `tool-calls`: one result for each call, in the calls' order.
    Results(Vec<ToolResult>),
    /// To the legacy `function-call`, which knows no errors.
    FunctionResult(Line),
    /// To `assistant-request`: who answers, and what that assistant is told.
    Assistant {
        id: String,
        variables: Vec<(&'static str, String)>,
    },
    /// To a request that cannot be met; it is spoken.
    Apology(Line),
    /// To `knowledge-base-request`: there are none.
    NoDocuments,
    /// To information, and to types that we do not know.
    Nothing,
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done; what the model is told.
    Result(Line),
    /// It was not done; what the model is told.
    Error(Line),
}

/// The answer to one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolResult {
    tool_call_id: String,
    name: Line,
    outcome: Outcome,
    message: Option<Line>,
}

impl ToolResult {
    /// The call was done.
    pub fn succeeded(call: &ToolCall, result: impl Into<Line>) -> Self {
        Self::new(call, Outcome::Result(result.into()))
    }

    /// The call was not done.
    pub fn failed(call: &ToolCall, error: impl Into<Line>) -> Self {
        Self::new(call, Outcome::Error(error.into()))
    }

    /// An answer to `call` with an outcome made elsewhere, such as a stored one.
    #[must_use]
    pub fn new(call: &ToolCall, outcome: Outcome) -> Self {
        Self {
            tool_call_id: call.reply_id(),
            name: call.reply_name(),
            outcome,
            message: None,
        }
    }

    /// Has the assistant say `content` word for word, in place of its own
    /// words: `request-complete` after a result, `request-failed` after an
    /// error. Cut at [`MESSAGE_LIMIT`]; blank content is no message.
    #[must_use]
    pub fn saying(mut self, content: impl Into<Line>) -> Self {
        let content = content.into();
        self.message = (!content.is_blank()).then(|| content.within(MESSAGE_LIMIT));
        self
    }

    /// What became of the call.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// What is said word for word, if anything.
    #[must_use]
    pub fn message(&self) -> Option<&Line> {
        self.message.as_ref()
    }

    fn to_json(&self) -> Value {
        let (key, text, fallback, kind) = match &self.outcome {
            Outcome::Result(text) => ("result", text, NO_RESULT, "request-complete"),
            Outcome::Error(text) => ("error", text, NO_ERROR, "request-failed"),
        };
        let mut answer = json!({
            "toolCallId": self.tool_call_id,
            "name": self.name.as_str(),
            key: or_fallback(text, fallback),
        });
        if let (Some(content), Some(fields)) = (&self.message, answer.as_object_mut()) {
            let message = json!({"type": kind, "content": content.as_str()});
            fields.insert("message".to_owned(), message);
        }
        answer
    }
}

/// VAPI takes an empty string for "no result returned".
const NO_RESULT: &str = "There is nothing to report.";
const NO_ERROR: &str = "Something went wrong.";

fn or_fallback<'a>(text: &'a Line, fallback: &'a str) -> &'a str {
    if text.is_blank() {
        fallback
    } else {
        text.as_str()
    }
}

impl Reply {
    /// The answer as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::Results(results) => {
                let results: Vec<Value> = results.iter().map(ToolResult::to_json).collect();
                json!({"results": results})
            }
            Self::FunctionResult(text) => json!({"result": or_fallback(text, NO_RESULT)}),
            Self::Assistant { id, variables } => {
                let values: Map<String, Value> = variables
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), json!(value)))
                    .collect();
                json!({"assistantId": id, "assistantOverrides": {"variableValues": values}})
            }
            Self::Apology(sentence) => json!({"error": or_fallback(sentence, NO_ERROR)}),
            Self::NoDocuments => json!({"documents": []}),
            Self::Nothing => json!({}),
        }
    }

    /// The answer as the body of a response of type `application/json`.
    #[must_use]
    pub fn to_body(&self) -> String {
        self.to_json().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vapi::wire::{Arguments, ToolCallId};

    fn call() -> ToolCall {
        ToolCall {
            id: ToolCallId::parse("call_SAMPLE0000000000000001"),
            name: "set_appointment".to_owned(),
            arguments: Ok(Arguments::default()),
            position: 0,
        }
    }

    fn fixture(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_success_is_the_documented_answer() {
        let reply = Reply::Results(vec![ToolResult::succeeded(
            &call(),
            "Booked for Casey Example on Tuesday, November twenty fourth, at ten AM. \
             The confirmation code is seven, K, Q, two.",
        )]);
        let sample = include_str!("../../../fixtures/vapi/tool-calls.response.json");
        assert_eq!(reply.to_json(), fixture(sample));
    }

    #[test]
    fn a_failure_is_the_documented_answer() {
        let failed = ToolResult::failed(
            &call(),
            "That time was just taken. The nearest open times on Tuesday, November twenty \
             fourth, are ten thirty AM, eleven AM, and one PM.",
        )
        .saying(
            "That time was just taken. I have ten thirty or eleven that morning, or one in \
             the afternoon. Which works best?",
        );
        let sample = include_str!("../../../fixtures/vapi/tool-calls.response.error.json");
        assert_eq!(Reply::Results(vec![failed]).to_json(), fixture(sample));
    }

    #[test]
    fn the_legacy_answer_and_the_empty_one() {
        let sample = include_str!("../../../fixtures/vapi/function-call.legacy.response.json");
        let text = "Booked for Tuesday, November twenty fourth, at ten AM.";
        assert_eq!(
            Reply::FunctionResult(text.into()).to_json(),
            fixture(sample)
        );
        assert_eq!(Reply::Nothing.to_body(), "{}");
        assert_eq!(Reply::Results(vec![]).to_body(), r#"{"results":[]}"#);
    }

    #[test]
    fn a_message_is_complete_after_a_result_and_bounded() {
        let long = "word ".repeat(1000);
        let answer = ToolResult::succeeded(&call(), "Done.")
            .saying(long)
            .to_json();
        assert_eq!(answer["message"]["type"], "request-complete");
        let content = answer["message"]["content"].as_str().unwrap();
        assert!(content.chars().count() <= MESSAGE_LIMIT);
        assert!(content.ends_with("word"));
        let silent = ToolResult::succeeded(&call(), "Done.")
            .saying(" \n")
            .to_json();
        assert_eq!(silent.get("message"), None);
    }

    #[test]
    fn an_answer_is_never_empty_and_never_two_lines() {
        for (outcome, key) in [
            (Outcome::Result("".into()), "result"),
            (Outcome::Error("\r\n".into()), "error"),
            (Outcome::Result("a\nb\u{2029}c".into()), "result"),
        ] {
            let answer = ToolResult::new(&call(), outcome).to_json();
            let text = answer[key].as_str().unwrap();
            assert!(!text.trim().is_empty());
            assert!(!text.contains(['\n', '\r', '\u{2028}', '\u{2029}']));
        }
    }
}
