//! Who is calling whom, as far as a delivery tells.
//!
//! Only a message's own fields are sure to be there (VAPI docs, Server events):
//! `call`, `chat`, `customer`, `phoneNumber` and `assistant` are each optional,
//! and a chat has no call. So everything here may be absent.

use std::fmt;

use serde_json::{Map, Value};

use super::ids::is_id;
use super::json::{object, string};

/// What carries the conversation; it decides whether a number is evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// A telephone call; the network supplied the caller's number.
    Phone,
    /// A call from a web page.
    Web,
    /// Text, through VAPI's chat or sessions.
    Chat,
    /// The delivery does not say.
    Unknown,
}

/// The conversation that a delivery belongs to.
#[derive(Clone, PartialEq, Eq)]
pub struct CallContext {
    /// `call.id`.
    pub call_id: Option<String>,
    /// `chat.id`.
    pub chat_id: Option<String>,
    /// `call.assistantId`, else `assistant.id`, else `chat.assistantId`.
    pub assistant_id: Option<String>,
    /// `call.phoneNumberId`, else `phoneNumber.id`.
    pub phone_number_id: Option<String>,
    /// The number that was called, from `phoneNumber.number`.
    pub called_number: Option<String>,
    /// The other party's number, from `call.customer.number`, else
    /// `customer.number`; only digits, with a leading `+` if it had one. Absent
    /// when it is withheld. For identity use [`CallContext::verified_caller`].
    pub caller: Option<String>,
    /// What carries the conversation.
    pub channel: Channel,
}

impl CallContext {
    /// The scope of a tool call's id: the call, else the chat.
    #[must_use]
    pub fn conversation(&self) -> Option<&str> {
        self.call_id.as_deref().or(self.chat_id.as_deref())
    }

    /// The caller's number where the telephone network vouches for it.
    ///
    /// On the web and in a chat, the page that started the conversation chose
    /// the `customer` itself, so the number proves nothing there.
    #[must_use]
    pub fn verified_caller(&self) -> Option<&str> {
        match self.channel {
            Channel::Phone | Channel::Unknown => self.caller.as_deref(),
            Channel::Web | Channel::Chat => None,
        }
    }

    pub(super) fn read(message: &Map<String, Value>) -> Self {
        let call = object(message, "call");
        let chat = object(message, "chat");
        let assistant = object(message, "assistant");
        let phone_number = object(message, "phoneNumber")
            .or_else(|| call.and_then(|call| object(call, "phoneNumber")));
        let caller_in =
            |parent: &Map<String, Value>| phone(object(parent, "customer")?.get("number")?);
        Self {
            call_id: call.and_then(|call| id(call, "id")),
            chat_id: chat.and_then(|chat| id(chat, "id")),
            assistant_id: call
                .and_then(|call| id(call, "assistantId"))
                .or_else(|| assistant.and_then(|assistant| id(assistant, "id")))
                .or_else(|| chat.and_then(|chat| id(chat, "assistantId"))),
            phone_number_id: call
                .and_then(|call| id(call, "phoneNumberId"))
                .or_else(|| phone_number.and_then(|number| id(number, "id"))),
            called_number: phone_number.and_then(|number| phone(number.get("number")?)),
            caller: call
                .and_then(caller_in)
                .or_else(|| caller_in(message))
                .or_else(|| chat.and_then(caller_in)),
            channel: channel(call, chat),
        }
    }
}

/// Leaves the telephone numbers out, so that they cannot reach a log.
impl fmt::Debug for CallContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CallContext")
            .field("call_id", &self.call_id)
            .field("chat_id", &self.chat_id)
            .field("assistant_id", &self.assistant_id)
            .field("phone_number_id", &self.phone_number_id)
            .field("channel", &self.channel)
            .finish_non_exhaustive()
    }
}

fn id(parent: &Map<String, Value>, key: &str) -> Option<String> {
    string(parent, key)
        .filter(|text| is_id(text))
        .map(str::to_owned)
}

fn channel(call: Option<&Map<String, Value>>, chat: Option<&Map<String, Value>>) -> Channel {
    match (call, chat) {
        (Some(call), _) => match string(call, "type") {
            Some("webCall") => Channel::Web,
            Some("inboundPhoneCall" | "outboundPhoneCall") => Channel::Phone,
            _ => Channel::Unknown,
        },
        (None, Some(_)) => Channel::Chat,
        (None, None) => Channel::Unknown,
    }
}

/// What carriers send in place of a number that the caller withheld: a word
/// spelled on a telephone keypad. Taken as identity, one would make all callers
/// of that kind the same person.
const WITHHELD: [&str; 6] = [
    "266696687",   // anonymous
    "7378742833",  // restricted
    "2562533",     // blocked
    "8656696",     // unknown
    "86282452253", // unavailable
    "7748283",     // private
];

/// A telephone number of 7 to 15 digits (ITU-T E.164), without separators.
fn phone(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    let (plus, rest) = match text.strip_prefix('+') {
        Some(rest) => ("+", rest),
        None => ("", text),
    };
    let mut digits = String::new();
    for c in rest.chars() {
        match c {
            '0'..='9' if digits.len() < 15 => digits.push(c),
            ' ' | '-' | '.' | '(' | ')' => {}
            _ => return None,
        }
    }
    let is_number = digits.len() >= 7 && !WITHHELD.contains(&digits.as_str());
    is_number.then(|| format!("{plus}{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(message: &Value) -> CallContext {
        CallContext::read(message.as_object().unwrap())
    }

    #[test]
    fn the_calls_own_customer_wins_over_the_messages() {
        let both = json!({
            "call": {"customer": {"number": "+15125550142"}},
            "customer": {"number": "+15125550199"}
        });
        assert_eq!(read(&both).caller.as_deref(), Some("+15125550142"));
        let outer = json!({"call": {}, "customer": {"number": "+15125550199"}});
        assert_eq!(read(&outer).caller.as_deref(), Some("+15125550199"));
    }

    #[test]
    fn a_caller_is_a_number_or_nobody() {
        let cases = [
            (json!("+15125550142"), Some("+15125550142")),
            (json!(" +1 (512) 555-0142 "), Some("+15125550142")),
            (json!("5125550142"), Some("5125550142")),
            (json!("anonymous"), None),
            (json!("Restricted"), None),
            (json!("+266696687"), None),
            (json!("+86282452253"), None),
            (json!("1001"), None),
            (json!(""), None),
            (json!("{{customer.number}}"), None),
            (json!("+1512555014212345678"), None),
            (json!("sip:casey@example.com"), None),
            (json!("٠١٢٣٤٥٦٧٨٩"), None),
            (json!(15_125_550_142_u64), None),
            (json!(null), None),
        ];
        for (number, caller) in cases {
            let message = json!({"call": {"customer": {"number": number}}});
            assert_eq!(read(&message).caller.as_deref(), caller, "{number}");
        }
    }

    #[test]
    fn only_the_telephone_network_vouches_for_a_number() {
        let customer = json!({"number": "+15125550142"});
        let cases = [
            (
                json!({"call": {"type": "inboundPhoneCall", "customer": customer}}),
                true,
            ),
            (
                json!({"call": {"type": "outboundPhoneCall", "customer": customer}}),
                true,
            ),
            (json!({"call": {"customer": customer}}), true),
            (
                json!({"call": {"type": "webCall", "customer": customer}}),
                false,
            ),
            (json!({"chat": {"id": "c1"}, "customer": customer}), false),
            (json!({"chat": {"id": "c1", "customer": customer}}), false),
        ];
        for (message, verified) in cases {
            let context = read(&message);
            assert!(context.caller.is_some(), "{message}");
            assert_eq!(context.verified_caller().is_some(), verified, "{message}");
        }
    }

    #[test]
    fn a_number_does_not_show_in_debug_output() {
        let context = read(&json!({"call": {"id": "c1", "customer": {"number": "+15125550142"}}}));
        let shown = format!("{context:?}");
        assert!(
            shown.contains("c1") && !shown.contains("5125550142"),
            "{shown}"
        );
    }

    #[test]
    fn each_id_has_its_second_place() {
        let context = read(&json!({
            "chat": {"id": "chat-1", "assistantId": "a-3"},
            "phoneNumber": {"id": "p-2", "number": "+15125550100"}
        }));
        assert_eq!(context.conversation(), Some("chat-1"));
        assert_eq!(context.assistant_id.as_deref(), Some("a-3"));
        assert_eq!(context.phone_number_id.as_deref(), Some("p-2"));
        assert_eq!(context.called_number.as_deref(), Some("+15125550100"));
        assert_eq!(context.channel, Channel::Chat);

        let context = read(&json!({
            "call": {"id": "call-1", "assistantId": "a-1", "phoneNumberId": "p-1"},
            "chat": {"id": "chat-1"}, "assistant": {"id": "a-2"}, "phoneNumber": {"id": "p-2"}
        }));
        assert_eq!(context.conversation(), Some("call-1"));
        assert_eq!(context.assistant_id.as_deref(), Some("a-1"));
        assert_eq!(context.phone_number_id.as_deref(), Some("p-1"));
    }

    #[test]
    fn fields_of_the_wrong_kind_are_absent() {
        let message = json!({
            "call": [1], "chat": "c", "assistant": null, "customer": "x", "phoneNumber": 7
        });
        let context = read(&message);
        assert_eq!(context.conversation(), None);
        assert_eq!(context.caller, None);
        assert_eq!(context.channel, Channel::Unknown);
    }
}
