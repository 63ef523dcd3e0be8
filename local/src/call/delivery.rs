//! What VAPI delivers during a call (VAPI docs, Server events): that it began, its tool
//! calls, and how it ended. A tool call is in the list that is documented, and in two
//! more that say the same in other ways.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use shared::vapi::Tool;
use uuid::Uuid;

use super::arguments::Arguments;
use super::scenario::{Form, Person, Speaker};

/// A call that is going on.
#[derive(Clone, Debug)]
pub(super) struct PhoneCall {
    pub(super) caller: Person,
    id: Uuid,
    assistant_id: String,
    began: Timestamp,
    /// What was said so far, as VAPI keeps it.
    history: Vec<(Speaker, String)>,
}

/// One tool call of it.
pub(super) struct Asking<'a> {
    pub(super) id: &'a str,
    pub(super) tool: &'a str,
    pub(super) arguments: &'a Arguments,
    pub(super) form: Form,
    pub(super) now: Timestamp,
    pub(super) webhook: &'a str,
}

impl PhoneCall {
    pub(super) fn new(caller: &Person, assistant_id: &str, began: Timestamp) -> Self {
        Self {
            caller: caller.clone(),
            id: Uuid::new_v4(),
            assistant_id: assistant_id.to_owned(),
            began,
            history: Vec::new(),
        }
    }

    pub(super) fn say(&mut self, speaker: Speaker, text: &str) {
        self.history.push((speaker, text.to_owned()));
    }

    /// The message that somebody is on the line.
    pub(super) fn began(&self, now: Timestamp) -> Value {
        self.message("status-update", now, &json!({"status": "in-progress"}))
    }

    /// The message that the caller hung up, and what became of the call.
    pub(super) fn ended(&self, now: Timestamp) -> Value {
        let report = json!({
            "endedReason": "customer-ended-call",
            "startedAt": self.began,
            "endedAt": now,
            "cost": 0.05,
            "analysis": {"summary": "A caller asked about a viewing.", "successEvaluation": "true"},
        });
        self.message("end-of-call-report", now, &report)
    }

    /// The message of a tool call.
    pub(super) fn delivery(&self, asking: &Asking<'_>) -> Value {
        let arguments = asking.arguments.to_json();
        let arguments = match asking.form {
            Form::Object => arguments,
            Form::Text => Value::String(arguments.to_string()),
        };
        let tool_call = json!({
            "id": asking.id,
            "type": "function",
            "function": {"name": asking.tool, "arguments": arguments},
        });
        let lists = json!({
            "toolCalls": [tool_call],
            "toolCallList": [tool_call],
            "toolWithToolCallList": [tool_with(asking, &tool_call)],
        });
        self.message("tool-calls", asking.now, &lists)
    }

    /// A message with those fields, and the call around it.
    fn message(&self, kind: &str, now: Timestamp, fields: &Value) -> Value {
        let mut message = json!({
            "type": kind,
            "timestamp": now.as_millisecond(),
            "call": {
                "id": self.id,
                "orgId": "demo-organisation",
                "createdAt": self.began,
                "updatedAt": now,
                "type": "inboundPhoneCall",
                "status": "in-progress",
                "assistantId": self.assistant_id,
                "phoneNumberId": "demo-phone-number",
                "phoneCallProvider": "vapi",
                "phoneCallTransport": "pstn",
                "customer": {"number": self.caller.number},
            },
            "customer": {"number": self.caller.number},
            "artifact": self.artifact(),
            "assistant": {"name": "Viewing desk"},
        });
        for (name, value) in fields.as_object().into_iter().flatten() {
            message[name] = value.clone();
        }
        json!({"message": message})
    }

    fn artifact(&self) -> Value {
        let messages = self.history.iter().map(|(speaker, text)| {
            let role = if *speaker == Speaker::Caller {
                "user"
            } else {
                "bot"
            };
            json!({"role": role, "message": text})
        });
        let openai = self.history.iter().map(|(speaker, text)| {
            let role = if *speaker == Speaker::Caller {
                "user"
            } else {
                "assistant"
            };
            json!({"role": role, "content": text})
        });
        json!({
            "messages": messages.collect::<Vec<_>>(),
            "messagesOpenAIFormatted": openai.collect::<Vec<_>>(),
        })
    }
}

/// The tool's own definition with the call in it.
fn tool_with(asking: &Asking<'_>, tool_call: &Value) -> Value {
    let definition = Tool::named(asking.tool).map(|tool| tool.definition().to_json());
    let mut tool = match definition {
        Some(Value::Object(tool)) => tool,
        _ => Map::new(),
    };
    for (key, value) in [
        ("async", json!(false)),
        (
            "server",
            json!({"url": asking.webhook, "timeoutSeconds": 20}),
        ),
        ("messages", json!([])),
        ("toolCall", tool_call.clone()),
    ] {
        tool.insert(key.to_owned(), value);
    }
    Value::Object(tool)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::vapi::wire::{Message, parse};

    fn delivery(form: Form) -> Value {
        let caller = Person {
            name: "Dana Whitfield".to_owned(),
            number: "+15125550142".to_owned(),
            email: None,
        };
        let mut call = PhoneCall::new(&caller, "demo-assistant", Timestamp::UNIX_EPOCH);
        call.say(Speaker::Caller, "Hello.");
        let arguments: Arguments =
            serde_yaml_ng::from_str("property_address: 14 Mill Lane").unwrap();
        call.delivery(&Asking {
            id: "call_1",
            tool: "get_availability",
            arguments: &arguments,
            form,
            now: Timestamp::UNIX_EPOCH,
            webhook: "http://127.0.0.1:9000/vapi/webhook",
        })
    }

    #[test]
    fn the_same_call_is_in_all_three_lists() {
        let message = delivery(Form::Object)["message"].take();
        let call = &message["toolCallList"][0];
        assert_eq!(
            call["function"]["arguments"]["property_address"],
            "14 Mill Lane"
        );
        assert_eq!(&message["toolCalls"][0], call);
        assert_eq!(&message["toolWithToolCallList"][0]["toolCall"], call);
        assert_eq!(
            message["toolWithToolCallList"][0]["function"]["name"],
            "get_availability"
        );
        assert_eq!(message["artifact"]["messages"][0]["role"], "user");
    }

    #[test]
    fn how_a_call_begins_and_ends_is_read_by_the_webhook() {
        let caller = Person {
            name: "Dana Whitfield".to_owned(),
            number: "+15125550142".to_owned(),
            email: None,
        };
        let call = PhoneCall::new(&caller, "demo-assistant", Timestamp::UNIX_EPOCH);
        let read = |body: Value| parse(body.to_string().as_bytes()).unwrap().message;
        let began = read(call.began(Timestamp::UNIX_EPOCH));
        assert!(matches!(began, Message::StatusUpdate { status, .. } if status == "in-progress"));
        let later = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_mins(2);
        let Message::EndOfCall(end) = read(call.ended(later)) else {
            panic!("not an end");
        };
        assert_eq!(end.ended_at, Some(later));
        assert_eq!(end.reason.as_deref(), Some("customer-ended-call"));
    }

    #[test]
    fn both_forms_are_read_by_the_webhook_alike() {
        for form in [Form::Object, Form::Text] {
            let body = delivery(form).to_string();
            let delivery = parse(body.as_bytes()).unwrap();
            assert_eq!(delivery.call.verified_caller(), Some("+15125550142"));
            assert_eq!(
                delivery.call.assistant_id.as_deref(),
                Some("demo-assistant")
            );
            let Message::ToolCalls(calls) = delivery.message else {
                panic!("{body}");
            };
            let [call] = calls.as_slice() else {
                panic!("{} calls", calls.len());
            };
            let arguments = call.arguments.as_ref().unwrap();
            let address = arguments.text("property_address").unwrap();
            assert_eq!(address.as_deref(), Some("14 Mill Lane"));
        }
    }
}
