//! The calls in a `tool-calls` message (VAPI docs, Custom tools).
//!
//! VAPI sends the same calls in up to three lists and in several shapes; the
//! first list with calls in it counts, and a repeated id is one call. A call
//! that is broken (no id, no name, unreadable arguments) is still a
//! [`ToolCall`], so that it gets an answer and its neighbours still run.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::arguments::Arguments;
use super::decode::{self, ArgumentsError};
use super::ids::ToolCallId;
use super::json::object;
use super::line::{Line, one_line};

/// How many calls of one delivery are read; the rest are refused, each with
/// [`ArgumentsError::TooManyCalls`]. A model asks for one to three at a time.
pub const CALLS_LIMIT: usize = 32;

/// The longest name VAPI allows a tool, in characters.
const NAME_LIMIT: usize = 64;

/// One thing that the model asks to be done.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolCall {
    /// What the result is matched by. Without one the call can be answered, but
    /// nothing may be remembered under it.
    pub id: Option<ToolCallId>,
    /// The tool's name; empty if there is none. Not to be trusted: look it up.
    pub name: String,
    /// What the model filled in, or why that cannot be read.
    pub arguments: Result<Arguments, ArgumentsError>,
    /// Where the call stands in its message, from zero.
    pub position: usize,
}

impl ToolCall {
    /// The id to answer with: the call's own, or a made-up one.
    ///
    /// An answer needs a `toolCallId`, and an empty one could make VAPI refuse
    /// the answers of the other calls too. The made-up one matches no call.
    #[must_use]
    pub fn reply_id(&self) -> String {
        match &self.id {
            Some(id) => id.as_str().to_owned(),
            None => format!("missing-id-{}", self.position.saturating_add(1)),
        }
    }

    /// The name to answer with: the call's own, or `unknown`.
    #[must_use]
    pub fn reply_name(&self) -> Line {
        let name = Line::from(self.name.as_str());
        if name.is_blank() {
            return Line::from("unknown");
        }
        name
    }
}

/// All calls of a message, in order, each id once.
pub(super) fn read_all(message: &Map<String, Value>) -> Vec<ToolCall> {
    let attached = attached_names(message);
    let mut seen = HashSet::new();
    let mut calls = Vec::new();
    for entry in entries(message) {
        let id = entry.id();
        if let Some(id) = &id
            && !seen.insert(id.clone())
        {
            continue;
        }
        let name = entry
            .name()
            .or_else(|| attached.get(id.as_ref()?).cloned())
            .unwrap_or_default();
        let position = calls.len();
        let arguments = if position < CALLS_LIMIT {
            entry.arguments()
        } else {
            Err(ArgumentsError::TooManyCalls)
        };
        calls.push(ToolCall {
            id,
            name,
            arguments,
            position,
        });
    }
    calls
}

/// One element of a list: a call, perhaps inside the tool that it calls.
struct Entry<'a> {
    call: &'a Map<String, Value>,
    tool: Option<&'a Map<String, Value>>,
}

impl<'a> Entry<'a> {
    fn new(value: &'a Value) -> Option<Self> {
        let outer = value.as_object()?;
        Some(match object(outer, "toolCall") {
            Some(call) => Self {
                call,
                tool: Some(outer),
            },
            None => Self {
                call: outer,
                tool: None,
            },
        })
    }

    fn id(&self) -> Option<ToolCallId> {
        ["id", "toolCallId", "tool_call_id"]
            .into_iter()
            .find_map(|key| match self.call.get(key)? {
                Value::String(text) => ToolCallId::parse(text),
                Value::Number(number) => ToolCallId::parse(&number.to_string()),
                _ => None,
            })
    }

    fn name(&self) -> Option<String> {
        own_name(self.call).or_else(|| own_name(self.tool?))
    }

    fn arguments(&self) -> Result<Arguments, ArgumentsError> {
        let function = object(self.call, "function");
        let in_function = |key| function.and_then(|function| function.get(key));
        decode::first_of([
            in_function("arguments"),
            in_function("parameters"),
            self.call.get("arguments"),
            self.call.get("parameters"),
        ])
    }
}

/// The first list that has calls in it; a lone object counts as a list of one.
fn entries(message: &Map<String, Value>) -> Vec<Entry<'_>> {
    ["toolCallList", "toolCalls", "toolWithToolCallList"]
        .into_iter()
        .map(|key| elements(message, key))
        .find(|entries| !entries.is_empty())
        .unwrap_or_default()
}

fn elements<'a>(message: &'a Map<String, Value>, key: &str) -> Vec<Entry<'a>> {
    match message.get(key) {
        Some(Value::Array(values)) => values.iter().filter_map(Entry::new).collect(),
        Some(value) => Entry::new(value).into_iter().collect(),
        None => Vec::new(),
    }
}

/// The names of the tools that calls are attached to, by the call's id.
fn attached_names(message: &Map<String, Value>) -> HashMap<ToolCallId, String> {
    elements(message, "toolWithToolCallList")
        .into_iter()
        .filter_map(|entry| Some((entry.id()?, entry.name()?)))
        .collect()
}

/// `function.name`, else `name`.
fn own_name(object_with_name: &Map<String, Value>) -> Option<String> {
    object(object_with_name, "function")
        .and_then(|function| name_of(function.get("name")?))
        .or_else(|| name_of(object_with_name.get("name")?))
}

/// A name on one line, cut to the length of a real one; `None` if it is empty.
pub(super) fn name_of(value: &Value) -> Option<String> {
    let line: String = one_line(value.as_str()?.trim())
        .chars()
        .take(NAME_LIMIT)
        .collect();
    (!line.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(message: &Value) -> Vec<ToolCall> {
        read_all(message.as_object().unwrap())
    }

    /// How a list can hold a call, given the call's arguments.
    fn shapes(arguments: &Value) -> Vec<(&'static str, Value)> {
        let (id, name) = ("call_1", "set_appointment");
        let call = json!({"id": id, "type": "function",
            "function": {"name": name, "arguments": arguments}});
        vec![
            ("toolCallList", json!({"toolCallList": [call]})),
            ("toolCalls", json!({"toolCalls": [call]})),
            (
                "empty, then toolCalls",
                json!({"toolCallList": [], "toolCalls": [call]}),
            ),
            (
                "wrapped",
                json!({"toolWithToolCallList": [{"toolCall": call}]}),
            ),
            (
                "all three",
                json!({"toolCallList": [call], "toolCalls": [call],
                "toolWithToolCallList": [{"toolCall": call}]}),
            ),
            ("not a list", json!({"toolCallList": call})),
            (
                "junk beside it",
                json!({"toolCallList": [null, 7, "x", [], call]}),
            ),
            (
                "function.parameters",
                json!({"toolCallList": [
                {"id": id, "function": {"name": name, "parameters": arguments}}]}),
            ),
            (
                "flat arguments",
                json!({"toolCallList": [
                {"id": id, "name": name, "arguments": arguments}]}),
            ),
            (
                "flat parameters",
                json!({"toolCallList": [
                {"id": id, "name": name, "parameters": arguments}]}),
            ),
            (
                "name of the enclosing tool",
                json!({"toolWithToolCallList": [
                {"type": "function", "function": {"name": name, "parameters": {"type": "object"}},
                 "toolCall": {"id": id, "function": {"arguments": arguments}}}]}),
            ),
            (
                "plain name of the enclosing tool",
                json!({"toolWithToolCallList": [
                {"name": name, "toolCall": {"id": id, "parameters": arguments}}]}),
            ),
            (
                "name only in the other list",
                json!({
                "toolCallList": [{"id": id, "arguments": arguments}],
                "toolWithToolCallList": [{"function": {"name": name}, "toolCall": {"id": id}}]}),
            ),
            (
                "other spelling of the id",
                json!({"toolCallList": [
                {"toolCallId": id, "name": name, "arguments": arguments}]}),
            ),
            (
                "schema beside the arguments",
                json!({"toolCallList": [
                {"id": id, "arguments": arguments, "function": {"name": name,
                 "parameters": {"type": "object", "properties": {"property_id": {}}}}}]}),
            ),
        ]
    }

    #[test]
    fn every_shape_times_every_form_of_arguments() {
        let object = json!({"property_id": "prop-14"});
        let text = object.to_string();
        let forms: [(Value, Result<usize, ArgumentsError>); 13] = [
            (object, Ok(1)),
            (json!(text), Ok(1)),
            (json!(json!(text).to_string()), Ok(1)),
            (json!({}), Ok(0)),
            (json!("{}"), Ok(0)),
            (json!(""), Ok(0)),
            (json!("null"), Ok(0)),
            (json!(null), Ok(0)),
            (
                json!("{\"property_id\": \"pro"),
                Err(ArgumentsError::Truncated),
            ),
            (json!("property 14"), Err(ArgumentsError::Malformed)),
            (json!([1]), Err(ArgumentsError::NotAnObject)),
            (json!("[1]"), Err(ArgumentsError::NotAnObject)),
            (json!(true), Err(ArgumentsError::NotAnObject)),
        ];
        let mut checked = 0;
        for (form, expected) in forms {
            for (shape, message) in shapes(&form) {
                let calls = read(&message);
                assert_eq!(calls.len(), 1, "{shape}, {form}");
                let call = &calls[0];
                assert_eq!(call.reply_id(), "call_1", "{shape}, {form}");
                assert_eq!(call.name, "set_appointment", "{shape}, {form}");
                let read = call.arguments.as_ref().map(Arguments::len);
                assert_eq!(
                    read,
                    expected.as_ref().map(|length| *length),
                    "{shape}, {form}"
                );
                checked += 1;
            }
        }
        assert_eq!(checked, 13 * 15);
    }

    #[test]
    fn a_call_without_id_or_name_can_be_answered() {
        let calls = read(&json!({"toolCallList": [
            {"function": {"arguments": {}}},
            {"id": "", "name": "book"},
            {"id": "a\nb", "name": "  "},
            {"id": 7, "name": "book"}
        ]}));
        let answered: Vec<_> = calls
            .iter()
            .map(|c| (c.reply_id(), String::from(c.reply_name())))
            .collect();
        let expected = [
            ("missing-id-1", "unknown"),
            ("missing-id-2", "book"),
            ("missing-id-3", "unknown"),
            ("7", "book"),
        ];
        assert_eq!(
            answered,
            expected.map(|(id, name)| (id.to_owned(), name.to_owned()))
        );
        assert!(calls[..3].iter().all(|call| call.id.is_none()));
    }

    #[test]
    fn several_calls_keep_their_order_and_a_repeated_id_is_one_call() {
        let call = |id: &str| json!({"id": id, "name": "book"});
        let calls = read(&json!({"toolCallList": [call("b"), call("a"), call("b"), call("c")]}));
        let ids: Vec<_> = calls.iter().map(ToolCall::reply_id).collect();
        assert_eq!(ids, ["b", "a", "c"]);
    }

    #[test]
    fn a_broken_call_leaves_its_neighbours_alone() {
        let calls = read(&json!({"toolCallList": [
            {"id": "1", "name": "book", "arguments": "{"},
            {"id": "2", "name": "book", "arguments": "{\"a\": 1}"}
        ]}));
        assert_eq!(calls[0].arguments, Err(ArgumentsError::Truncated));
        assert_eq!(calls[1].arguments.as_ref().map(Arguments::len), Ok(1));
    }

    #[test]
    fn calls_beyond_the_limit_are_refused_one_by_one() {
        let many: Vec<_> = (0..100)
            .map(|n| json!({"id": n.to_string(), "name": "x"}))
            .collect();
        let calls = read(&json!({"toolCallList": many}));
        assert_eq!(calls.len(), 100);
        for call in calls {
            let refused = call.arguments == Err(ArgumentsError::TooManyCalls);
            assert_eq!(refused, call.position >= CALLS_LIMIT);
        }
    }

    #[test]
    fn an_absurd_name_is_cut_and_a_message_without_calls_has_none() {
        let calls = read(&json!({"toolCallList": [{"id": "1", "name": "é\n".repeat(5000)}]}));
        assert_eq!(calls[0].name.chars().count(), 64);
        for empty in [
            json!({}),
            json!({"toolCallList": "x"}),
            json!({"toolCalls": [[], 1]}),
        ] {
            assert_eq!(read(&empty), []);
        }
    }
}
