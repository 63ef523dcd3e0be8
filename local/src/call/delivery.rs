//! A tool call as VAPI delivers it (VAPI docs, Server events, `tool-calls`): the
//! list that is documented, the two lists that say the same in other ways, and
//! the call around them.

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

    /// The body of the delivery.
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
        json!({"message": {
            "type": "tool-calls",
            "toolCalls": [tool_call],
            "toolCallList": [tool_call],
            "toolWithToolCallList": [tool_with(asking, &tool_call)],
            "timestamp": asking.now.as_millisecond(),
            "call": {
                "id": self.id,
                "orgId": "demo-organisation",
                "createdAt": self.began,
                "updatedAt": asking.now,
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
        }})
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
