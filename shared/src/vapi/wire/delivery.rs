//! One webhook delivery: `{"message": {"type": …}}` (VAPI docs, Server events).
//!
//! A delivery that cannot be read at all is a [`WireError`]. Everything else is
//! a [`Message`]: types that need nothing from us, and those VAPI will add
//! ([`Message::Unknown`]), get an empty answer.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::arguments::Arguments;
use super::context::CallContext;
use super::decode::{self, ArgumentsError};
use super::information::Information;
use super::json::{from_bytes, object};
use super::line::one_line;
use super::tool_call::{self, ToolCall};
use crate::store::CallEnd;

/// The longest reason, status or evaluation that is kept, in characters.
const WORDS_LIMIT: usize = 200;

/// The longest summary of a call that is kept, in characters.
const SUMMARY_LIMIT: usize = 2_000;

/// What VAPI sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// What it wants, or tells.
    pub message: Message,
    /// The conversation it belongs to.
    pub call: CallContext,
    /// When VAPI sent it, by VAPI's clock.
    pub sent_at: Option<Timestamp>,
}

/// A message by its type.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// `tool-calls`: each is answered, in this order. May be empty.
    ToolCalls(Vec<ToolCall>),
    /// `function-call`, of assistants that still use `model.functions`.
    FunctionCall(FunctionCall),
    /// `assistant-request`: which assistant answers a number that has none of its own.
    AssistantRequest,
    /// `transfer-destination-request`: to whom a call is put through.
    TransferDestinationRequest,
    /// `handoff-destination-request`: which assistant goes on with a call.
    HandoffDestinationRequest,
    /// `knowledge-base-request`: documents for what was asked.
    KnowledgeBaseRequest,
    /// `campaign.predial`: whether a number may be called.
    CampaignPredial,
    /// `status-update`: how a call stands, and why it ended.
    StatusUpdate {
        status: String,
        ended_reason: Option<String>,
    },
    /// `end-of-call-report`.
    EndOfCall(CallEnd),
    /// `hang`: a model, a voice or a tool of ours was slow.
    Hang,
    /// Information that we have no use for.
    Information(Information),
    /// A type to come, by name.
    Unknown(String),
}

/// A call of the deprecated kind: one at a time, and without an id.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionCall {
    /// The function's name; empty if the message has none.
    pub name: String,
    /// What the model filled in.
    pub arguments: Result<Arguments, ArgumentsError>,
}

/// Why a body is not a delivery. Each is the sender's mistake.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The bytes are not JSON, or nest deeper than any message does.
    #[error("the body is not JSON")]
    NotJson(#[source] serde_json::Error),
    /// JSON, but not an object.
    #[error("the body is not a JSON object")]
    NotAnObject,
    /// There is no object named `message`.
    #[error("the body has no message")]
    NoMessage,
    /// The message has no `type`, or one that is not text.
    #[error("the message has no type")]
    NoType,
}

/// Reads a delivery from the body of a request.
///
/// ```
/// use shared::vapi::wire::{Message, parse};
///
/// let delivery = parse(br#"{"message": {"type": "hang", "call": {"id": "c1"}}}"#)?;
/// assert_eq!(delivery.message, Message::Hang);
/// assert_eq!(delivery.call.conversation(), Some("c1"));
/// # Ok::<(), shared::vapi::wire::WireError>(())
/// ```
///
/// # Errors
/// When the bytes are not JSON, or not a message with a type.
pub fn parse(body: &[u8]) -> Result<Delivery, WireError> {
    let body = from_bytes(body).map_err(WireError::NotJson)?;
    let body = body.as_object().ok_or(WireError::NotAnObject)?;
    let message = object(body, "message").ok_or(WireError::NoMessage)?;
    let kind = super::json::string(message, "type").ok_or(WireError::NoType)?;
    Ok(Delivery {
        message: match kind {
            "tool-calls" => Message::ToolCalls(tool_call::read_all(message)),
            "function-call" => Message::FunctionCall(function_call(message)),
            "assistant-request" => Message::AssistantRequest,
            "transfer-destination-request" => Message::TransferDestinationRequest,
            "handoff-destination-request" => Message::HandoffDestinationRequest,
            "knowledge-base-request" => Message::KnowledgeBaseRequest,
            "campaign.predial" => Message::CampaignPredial,
            "status-update" => Message::StatusUpdate {
                status: words(message, "status").unwrap_or_default(),
                ended_reason: words(message, "endedReason"),
            },
            "end-of-call-report" => Message::EndOfCall(end_of_call(message)),
            "hang" => Message::Hang,
            other => match Information::named(other) {
                Some(information) => Message::Information(information),
                None => Message::Unknown(kind_name(other)),
            },
        },
        call: CallContext::read(message),
        sent_at: message.get("timestamp").and_then(timestamp),
    })
}

fn function_call(message: &Map<String, Value>) -> FunctionCall {
    let call = object(message, "functionCall");
    FunctionCall {
        name: call
            .and_then(|call| call.get("name"))
            .and_then(tool_call::name_of)
            .unwrap_or_default(),
        arguments: call.map_or_else(
            || Ok(Arguments::default()),
            |call| decode::first_of([call.get("parameters"), call.get("arguments")]),
        ),
    }
}

/// The report, as far as it has what is expected: every field may be absent.
fn end_of_call(message: &Map<String, Value>) -> CallEnd {
    let call = object(message, "call");
    let analysis = object(message, "analysis");
    let of_call = |key: &str| message.get(key).or_else(|| call?.get(key));
    CallEnd {
        reason: words(message, "endedReason"),
        started_at: of_call("startedAt").and_then(timestamp),
        ended_at: of_call("endedAt").and_then(timestamp),
        cost: of_call("cost").and_then(amount),
        summary: analysis
            .and_then(|analysis| text_of(analysis, "summary", SUMMARY_LIMIT))
            .or_else(|| text_of(message, "summary", SUMMARY_LIMIT)),
        success: analysis.and_then(|analysis| words(analysis, "successEvaluation")),
    }
}

/// A cost that is one: neither negative nor out of all proportion.
fn amount(value: &Value) -> Option<f64> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok()?,
        other => other.as_f64()?,
    };
    (0.0..1_000_000.0).contains(&number).then_some(number)
}

/// A short text, on one line.
fn words(parent: &Map<String, Value>, key: &str) -> Option<String> {
    text_of(parent, key, WORDS_LIMIT)
}

fn text_of(parent: &Map<String, Value>, key: &str, limit: usize) -> Option<String> {
    let text = match parent.get(key)? {
        Value::String(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let text: String = one_line(text.trim()).chars().take(limit).collect();
    (!text.is_empty()).then_some(text)
}

/// Type names end up in logs, so an absurd one is cut.
fn kind_name(kind: &str) -> String {
    one_line(kind).chars().take(64).collect()
}

/// Epoch milliseconds, or an ISO 8601 string.
fn timestamp(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(number) => {
            let milliseconds = number.as_i64().or_else(|| whole(number.as_f64()?))?;
            Timestamp::from_millisecond(milliseconds).ok()
        }
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the cast saturates, and jiff refuses what is out of range"
)]
fn whole(number: f64) -> Option<i64> {
    number.is_finite().then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse_value(value: &Value) -> Result<Delivery, WireError> {
        parse(value.to_string().as_bytes())
    }

    #[test]
    fn each_unreadable_body_has_its_own_error() {
        for body in [
            &b""[..],
            b"{",
            b"not json",
            b"\xFF\xFE",
            &b"[".repeat(100_000),
        ] {
            assert!(
                matches!(parse(body), Err(WireError::NotJson(_))),
                "{body:?}"
            );
        }
        for body in ["[]", "7", "null", "\"x\""] {
            assert!(
                matches!(parse(body.as_bytes()), Err(WireError::NotAnObject)),
                "{body}"
            );
        }
        for body in [
            "{}",
            r#"{"message":null}"#,
            r#"{"message":"hang"}"#,
            r#"{"type":"hang"}"#,
        ] {
            assert!(
                matches!(parse(body.as_bytes()), Err(WireError::NoMessage)),
                "{body}"
            );
        }
        for body in [
            r#"{"message":{}}"#,
            r#"{"message":{"type":7}}"#,
            r#"{"message":{"type":""}}"#,
        ] {
            assert!(
                matches!(parse(body.as_bytes()), Err(WireError::NoType)),
                "{body}"
            );
        }
    }

    #[test]
    fn a_type_that_is_new_to_us_is_kept_by_name() {
        for kind in ["new-thing", "chat", "transcripts", "Hang", "voice-request"] {
            let delivery = parse_value(&json!({"message": {"type": kind}})).unwrap();
            assert_eq!(delivery.message, Message::Unknown(kind.to_owned()));
        }
        let absurd = json!({"message": {"type": "x".repeat(10_000)}});
        let Message::Unknown(kind) = parse_value(&absurd).unwrap().message else {
            panic!("not another type");
        };
        assert_eq!(kind.len(), 64);
    }

    #[test]
    fn the_time_of_sending_is_milliseconds_or_iso() {
        let cases = [
            (json!(1_795_359_600_000_i64), Some("2026-11-22T15:00:00Z")),
            (json!(1_795_359_600_000.0), Some("2026-11-22T15:00:00Z")),
            (
                json!("2026-11-22T15:00:00.000Z"),
                Some("2026-11-22T15:00:00Z"),
            ),
            (
                json!("2026-11-22T09:00:00-06:00"),
                Some("2026-11-22T15:00:00Z"),
            ),
            (json!("yesterday"), None),
            (json!(1e300), None),
            (json!(null), None),
        ];
        for (value, expected) in cases {
            let delivery = parse_value(&json!({"message": {"type": "hang", "timestamp": value}}));
            let expected: Option<Timestamp> = expected.map(|text| text.parse().unwrap());
            assert_eq!(delivery.unwrap().sent_at, expected, "{value}");
        }
    }

    #[test]
    fn the_legacy_call_takes_an_object_or_a_string() {
        let expected = json!({"property_id": "prop-14"});
        for parameters in [expected.clone(), json!(expected.to_string())] {
            let message = json!({"message": {"type": "function-call",
                "functionCall": {"name": "set_appointment", "parameters": parameters}}});
            let Message::FunctionCall(call) = parse_value(&message).unwrap().message else {
                panic!("not a function call");
            };
            assert_eq!(call.name, "set_appointment");
            assert_eq!(
                call.arguments
                    .unwrap()
                    .text("property_id")
                    .unwrap()
                    .unwrap(),
                "prop-14"
            );
        }
        let empty = parse_value(&json!({"message": {"type": "function-call"}})).unwrap();
        let Message::FunctionCall(call) = empty.message else {
            panic!("not a function call");
        };
        assert_eq!(
            (call.name.as_str(), call.arguments),
            ("", Ok(Arguments::default()))
        );
    }
}
