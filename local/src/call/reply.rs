//! What VAPI would make of the webhook's answer to one tool call.
//!
//! VAPI drops an answer for small faults (VAPI docs, Custom tools, "Response
//! format"), so every one of them is looked for, whether or not a script asks.

use serde_json::{Map, Value};
use shared::vapi::speech::formatter::survives;
use shared::vapi::speech::rules::violations;
use shared::vapi::wire::MESSAGE_LIMIT;

use super::backend::Delivered;

/// What the assistant learns from an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// A result, and not an error.
    pub(crate) done: bool,
    /// What the caller hears: the message, else the result or error.
    pub(crate) spoken: String,
    /// The result or error, which the language model reads.
    pub(super) told: String,
}

impl Said {
    /// What a voice, or VAPI's formatter before it, would get wrong.
    pub(super) fn speech_problems(&self) -> Vec<String> {
        let told = (self.told != self.spoken).then_some(&self.told);
        let mut problems = Vec::new();
        for text in [&self.spoken].into_iter().chain(told) {
            let broken = violations(text);
            problems.extend(broken.iter().map(|rule| format!("{rule:?} in \"{text}\"")));
            if broken.is_empty() && !survives(text) {
                problems.push(format!("words that VAPI's formatter changes in \"{text}\""));
            }
        }
        problems
    }
}

/// Reads the answer to one tool call, and what VAPI would not accept of it.
pub(crate) fn read(answer: &Delivered, id: &str, tool: &str) -> (Option<Said>, Vec<String>) {
    let mut problems = envelope(answer);
    let Ok(Value::Object(root)) = serde_json::from_slice(&answer.body) else {
        problems.push("no JSON object".to_owned());
        return (None, problems);
    };
    let Some(Value::Array(results)) = root.get("results") else {
        problems.push("no list of results".to_owned());
        return (None, problems);
    };
    let [Value::Object(result)] = results.as_slice() else {
        problems.push(format!("{} results for one call", results.len()));
        return (None, problems);
    };
    for (field, expected) in [("toolCallId", id), ("name", tool)] {
        if result.get(field).and_then(Value::as_str) != Some(expected) {
            problems.push(format!("{field} {}", shown(result.get(field))));
        }
    }
    let said = outcome(result, &mut problems).map(|(done, told)| Said {
        done,
        spoken: message(result, done, &mut problems).unwrap_or_else(|| told.clone()),
        told,
    });
    (said, problems)
}

/// What VAPI would not accept of the answer to a message that wants none.
pub(super) fn to_information(answer: &Delivered) -> Vec<String> {
    let mut problems = envelope(answer);
    if answer.body != b"{}" {
        problems.push("an answer that is not {}".to_owned());
    }
    problems
}

fn envelope(answer: &Delivered) -> Vec<String> {
    let mut problems = Vec::new();
    if answer.status != 200 {
        problems.push(format!("status {}", answer.status));
    }
    let kind = answer.content_type.as_deref().unwrap_or("none");
    if kind.split(';').next().map(str::trim) != Some("application/json") {
        problems.push(format!("content type {kind}"));
    }
    problems
}

/// Whether it was done, and the one line that says so.
fn outcome(result: &Map<String, Value>, problems: &mut Vec<String>) -> Option<(bool, String)> {
    let (done, text) = match (result.get("result"), result.get("error")) {
        (Some(text), None) => (true, text),
        (None, Some(text)) => (false, text),
        (Some(_), Some(_)) => {
            problems.push("a result and an error at once".to_owned());
            return None;
        }
        (None, None) => {
            problems.push("neither a result nor an error".to_owned());
            return None;
        }
    };
    let Some(line) = text.as_str() else {
        problems.push(format!("a result that is no text, {text}"));
        return None;
    };
    if line.contains(['\n', '\r']) {
        problems.push("a result of several lines".to_owned());
    }
    if line.trim().is_empty() {
        problems.push("an empty result".to_owned());
    }
    Some((done, line.to_owned()))
}

/// What is said word for word, if there is such a message.
fn message(result: &Map<String, Value>, done: bool, problems: &mut Vec<String>) -> Option<String> {
    let message = result.get("message")?;
    let expected = if done {
        "request-complete"
    } else {
        "request-failed"
    };
    if message.get("type").and_then(Value::as_str) != Some(expected) {
        problems.push(format!("a message of type {}", shown(message.get("type"))));
    }
    let Some(content) = message.get("content").and_then(Value::as_str) else {
        problems.push("a message without content".to_owned());
        return None;
    };
    if content.contains(['\n', '\r']) {
        problems.push("a message of several lines".to_owned());
    }
    if content.chars().count() > MESSAGE_LIMIT {
        problems.push(format!("a message of more than {MESSAGE_LIMIT} characters"));
    }
    Some(content.to_owned())
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "missing".to_owned(), Value::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    fn problems_of(body: &Value) -> Vec<String> {
        read(
            &delivered(200, "application/json", body),
            "c1",
            "set_appointment",
        )
        .1
    }

    fn delivered(status: u16, content_type: &str, body: &Value) -> Delivered {
        Delivered {
            status,
            content_type: Some(content_type.to_owned()),
            body: body.to_string().into_bytes(),
            took: Duration::ZERO,
        }
    }

    #[test]
    fn a_good_answer_says_its_message() {
        let body = json!({"results": [{
            "toolCallId": "c1", "name": "set_appointment", "error": "It was taken.",
            "message": {"type": "request-failed", "content": "That one is gone."}
        }]});
        let answer = delivered(200, "application/json; charset=utf-8", &body);
        let (said, problems) = read(&answer, "c1", "set_appointment");
        assert_eq!(problems, Vec::<String>::new());
        let said = said.unwrap();
        assert!(!said.done);
        assert_eq!(
            (said.spoken.as_str(), said.told.as_str()),
            ("That one is gone.", "It was taken.")
        );
        assert_eq!(said.speech_problems(), Vec::<String>::new());
    }

    #[test]
    fn everything_that_vapi_would_drop_is_found() {
        let result = |fields: Value| {
            let mut result = json!({"toolCallId": "c1", "name": "set_appointment"});
            let fields = fields.as_object().unwrap().clone();
            result.as_object_mut().unwrap().extend(fields);
            json!({"results": [result]})
        };
        let message = |message: Value| result(json!({"result": "Done.", "message": message}));
        for (body, expected) in [
            (json!([]), "no JSON object"),
            (
                json!({"messageResponse": {"results": []}}),
                "no list of results",
            ),
            (json!({"results": []}), "0 results for one call"),
            (
                json!({"results": [{"name": "set_appointment", "result": "a"}]}),
                "toolCallId missing",
            ),
            (
                json!({"results": [{"toolCallId": "c1", "name": "x", "result": "a"}]}),
                "name \"x\"",
            ),
            (result(json!({})), "neither a result nor an error"),
            (
                result(json!({"result": "a", "error": "b"})),
                "a result and an error at once",
            ),
            (
                result(json!({"result": {"a": 1}})),
                "a result that is no text, {\"a\":1}",
            ),
            (
                result(json!({"result": "a\nb"})),
                "a result of several lines",
            ),
            (result(json!({"error": " "})), "an empty result"),
            (message(json!([])), "a message of type missing"),
            (
                message(json!({"type": "request-failed", "content": "a"})),
                "a message of type \"request-failed\"",
            ),
            (
                message(json!({"type": "request-complete"})),
                "a message without content",
            ),
            (
                message(json!({"type": "request-complete", "content": "a\r"})),
                "a message of several lines",
            ),
        ] {
            assert!(
                problems_of(&body).iter().any(|problem| problem == expected),
                "{body}"
            );
        }
        let fine = result(json!({"result": "Done."}));
        let (_, problems) = read(
            &delivered(500, "text/plain", &fine),
            "c1",
            "set_appointment",
        );
        assert_eq!(problems, ["status 500", "content type text/plain"]);
    }

    #[test]
    fn what_cannot_be_said_is_found() {
        let said = Said {
            done: true,
            spoken: "Booked for 10:30 AM.".to_owned(),
            told: "Booked.".to_owned(),
        };
        let problems = said.speech_problems();
        assert!(
            problems.contains(&"Colon in \"Booked for 10:30 AM.\"".to_owned()),
            "{problems:?}"
        );
    }
}
