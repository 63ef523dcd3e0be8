//! VAPI on the other end: deliveries as it sends them, and answers as a caller
//! hears them.

use std::sync::atomic::{AtomicU64, Ordering};

use local::defaults::{ASSISTANT, WEBHOOK_SECRET};
use reqwest::Method;
use serde_json::{Value, json};
use shared::vapi::speech::{formatter, rules};

use crate::system::{Answer, TestSystem};

/// VAPI gives every tool call an id of its own.
static TOOL_CALLS: AtomicU64 = AtomicU64::new(1);

/// A phone call.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub id: String,
    pub assistant: String,
    pub number: String,
    /// The kind of call, as VAPI names it.
    pub kind: &'static str,
}

/// What became of one tool call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    pub done: bool,
    pub text: String,
}

impl Call {
    /// A call to the demo assistant.
    pub(crate) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            assistant: ASSISTANT.to_owned(),
            number: "+15125550142".to_owned(),
            kind: "inboundPhoneCall",
        }
    }

    /// The same from another number.
    pub(crate) fn from(id: &str, number: &str) -> Self {
        Self {
            number: number.to_owned(),
            ..Self::new(id)
        }
    }

    /// A call from a web page, which chooses by itself what number it claims.
    pub(crate) fn on_the_web(id: &str) -> Self {
        Self {
            kind: "webCall",
            ..Self::new(id)
        }
    }

    /// A call to an assistant that is bound to nobody.
    pub(crate) fn unbound(id: &str) -> Self {
        Self {
            assistant: "another-assistant".to_owned(),
            ..Self::new(id)
        }
    }

    /// A delivery with those tool calls, given as `(id, name, arguments)`.
    pub(crate) fn delivery(&self, calls: &[(&str, &str, Value)]) -> Value {
        let calls = calls.iter().map(|(id, name, arguments)| {
            json!({
                "id": id,
                "type": "function",
                "function": {"name": name, "arguments": arguments},
            })
        });
        json!({"message": {
            "type": "tool-calls",
            "toolCallList": calls.collect::<Vec<_>>(),
            "call": self.context(),
        }})
    }

    pub(crate) fn context(&self) -> Value {
        json!({
            "id": self.id,
            "type": self.kind,
            "assistantId": self.assistant,
            "customer": {"number": self.number},
        })
    }

    /// One tool call, and what the caller hears.
    pub(crate) async fn tool(&self, system: &TestSystem, name: &str, arguments: Value) -> Heard {
        let id = format!("call_{}", TOOL_CALLS.fetch_add(1, Ordering::Relaxed));
        let delivery = self.delivery(&[(&id, name, arguments)]);
        let answer = deliver(system, &delivery).await;
        let [heard] = heard(&answer).try_into().unwrap();
        heard
    }

    /// Books, with a name unless the arguments have one.
    pub(crate) async fn book(&self, system: &TestSystem, start_time: &str) -> Heard {
        let arguments = json!({
            "start_time": start_time,
            "attendee_name": "Casey Caller",
            "property_address": "14 Mill Lane",
        });
        self.tool(system, "set_appointment", arguments).await
    }
}

impl Heard {
    /// What was said, without the confirmation code, which differs from run to run.
    pub(crate) fn without_code(&self) -> String {
        let Some((before, after)) = self.text.split_once(" code is ") else {
            return self.text.clone();
        };
        let (still, after) = match after.strip_prefix("still ") {
            Some(after) => ("still ", after),
            None => ("", after),
        };
        let (_, after) = after.split_once('.').unwrap();
        format!("{before} code is {still}CODE.{after}")
    }
}

/// Sends all of them at once; what each was answered, in order.
pub(crate) async fn deliver_at_once(system: &TestSystem, deliveries: &[Value]) -> Vec<Answer> {
    let url = format!("{}/vapi/webhook", system.local.gateway);
    let sent: Vec<_> = deliveries
        .iter()
        .map(|delivery| {
            let request = system.http.post(&url).json(delivery);
            tokio::spawn(Answer::of(request.header("x-vapi-secret", WEBHOOK_SECRET)))
        })
        .collect();
    let mut answers = Vec::new();
    for answer in sent {
        answers.push(answer.await.unwrap());
    }
    answers
}

/// Sends a delivery with the right credential.
pub(crate) async fn deliver(system: &TestSystem, delivery: &Value) -> Answer {
    let request = system.request(Method::POST, "/vapi/webhook").json(delivery);
    Answer::of(request.header("x-vapi-secret", WEBHOOK_SECRET)).await
}

/// The results of an answer, each of which keeps the rules of VAPI and of speech.
pub(crate) fn heard(answer: &Answer) -> Vec<Heard> {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/json");
    let results = answer.body["results"].as_array();
    let results = results.unwrap_or_else(|| panic!("no results: {answer:?}"));
    results.iter().map(heard_in).collect()
}

fn heard_in(result: &Value) -> Heard {
    assert!(result["toolCallId"].is_string(), "{result}");
    assert!(result["name"].is_string(), "{result}");
    let (done, text) = match (result["result"].as_str(), result["error"].as_str()) {
        (Some(text), None) => (true, text),
        (None, Some(text)) => (false, text),
        _ => panic!("neither result nor error, or both: {result}"),
    };
    let kind = if done {
        "request-complete"
    } else {
        "request-failed"
    };
    assert_eq!(result["message"]["type"], kind, "{result}");
    let content = result["message"]["content"].as_str().unwrap();
    for text in [text, content] {
        assert_speakable(text);
    }
    Heard {
        done,
        text: text.to_owned(),
    }
}

/// Asserts that a string sounds as it is written.
pub(crate) fn assert_speakable(text: &str) {
    assert_eq!(speech_problem(text), None, "{text}");
}

/// Why a string does not sound as it is written, if it does not.
pub(crate) fn speech_problem(text: &str) -> Option<String> {
    if text.trim().is_empty() {
        return Some("nothing is said".to_owned());
    }
    let violations = rules::violations(text);
    if !violations.is_empty() {
        return Some(format!("{violations:?} in {text:?}"));
    }
    let changed = !formatter::survives(text);
    changed.then(|| format!("the formatter changes {text:?}"))
}
