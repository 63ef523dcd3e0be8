//! Whether VAPI takes a body: for each kind, the fields that can be written, and what
//! has to be in those that we know.

use serde_json::Value;

use super::fields::{Problems, function, server, static_parameter, tool_message};
use super::kind::Kind;
use super::store::Thing;

/// `CreateAssistantDTO` and `UpdateAssistantDTO` of the API reference.
const ASSISTANT: &[&str] = &[
    "transcriber",
    "model",
    "voice",
    "firstMessage",
    "firstMessageInterruptionsEnabled",
    "firstMessageMode",
    "voicemailDetection",
    "clientMessages",
    "serverMessages",
    "maxDurationSeconds",
    "backgroundSound",
    "modelOutputInMessagesEnabled",
    "transportConfigurations",
    "observabilityPlan",
    "credentials",
    "hooks",
    "name",
    "voicemailMessage",
    "endCallMessage",
    "endCallPhrases",
    "compliancePlan",
    "metadata",
    "backgroundSpeechDenoisingPlan",
    "analysisPlan",
    "artifactPlan",
    "startSpeakingPlan",
    "stopSpeakingPlan",
    "monitorPlan",
    "credentialIds",
    "server",
    "keypadInputPlan",
];

/// The same of a function tool.
const FUNCTION_TOOL: &[&str] = &[
    "type",
    "messages",
    "async",
    "server",
    "variableExtractionPlan",
    "parameters",
    "rejectionPlan",
    "function",
];

/// The same of a phone number, of all providers together.
const PHONE_NUMBER: &[&str] = &[
    "provider",
    "fallbackDestination",
    "hooks",
    "name",
    "assistantId",
    "workflowId",
    "squadId",
    "server",
    "number",
    "numberDesiredAreaCode",
    "sipUri",
    "authentication",
    "smsEnabled",
    "twilioAccountSid",
    "twilioAuthToken",
    "twilioApiKey",
    "twilioApiSecret",
    "credentialId",
    "numberE164CheckEnabled",
];

const PROVIDERS: &[&str] = &["byo-phone-number", "twilio", "vonage", "vapi", "telnyx"];

/// What VAPI itself writes, and nobody else.
const READ_ONLY: &[&str] = &["id", "orgId", "createdAt", "updatedAt", "latestVersion"];

/// What an assistant's server can be told (API reference, `serverMessages`).
const SERVER_MESSAGES: &[&str] = &[
    "assistant.started",
    "assistant.speechStarted",
    "call.deleted",
    "call.delete.failed",
    "call.artifact.upload",
    "chat.created",
    "chat.deleted",
    "conversation-update",
    "end-of-call-report",
    "function-call",
    "hang",
    "handoff-destination-request",
    "knowledge-base-request",
    "language-change-detected",
    "language-changed",
    "model-output",
    "phone-call-control",
    "session.created",
    "session.updated",
    "session.deleted",
    "speech-update",
    "status-update",
    "tool-calls",
    "transcript",
    "transcript[transcriptType=\"final\"]",
    "transfer-destination-request",
    "transfer-update",
    "user-interrupted",
    "voice-input",
];

/// What is wrong with a body; it makes a thing when nothing is `found`, or changes that.
pub(super) fn problems(
    kind: Kind,
    sent: &Thing,
    found: Option<&Thing>,
    is_tool: &dyn Fn(&str) -> bool,
) -> Vec<String> {
    let mut problems = Problems::default();
    if let Some(form) = kind.form() {
        let expected = found.and_then(|found| found.get(form));
        match (sent.get(form), expected) {
            (None, _) => problems.add(form, "should not be empty"),
            (Some(given), Some(expected)) if given != expected => {
                problems.add(form, &format!("must be {expected}"));
            }
            (Some(given), _) if kind == Kind::PhoneNumber => {
                problems.one_of(form, given, PROVIDERS);
            }
            (Some(given), _) => problems.text(form, given),
        }
    }
    match kind {
        Kind::Assistant => assistant(sent, is_tool, &mut problems),
        Kind::Tool => tool("", sent, found.is_none(), &mut problems),
        Kind::PhoneNumber => {
            problems.only("", sent, PHONE_NUMBER);
            if let Some(value) = sent.get("server") {
                server("server", value, &mut problems);
            }
        }
        Kind::Call => problems.add("call", "cannot be written"),
    }
    problems.into_list()
}

/// What is kept of a body: a tool that is pinned to a version is not in `toolIds` too
/// (API reference, `model.toolRefs`).
pub(super) fn stored(mut sent: Thing) -> Thing {
    let Some(model) = sent.get_mut("model").and_then(Value::as_object_mut) else {
        return sent;
    };
    let pinned = list(model.get("toolRefs"));
    let pinned: Vec<Value> = pinned.iter().map(|one| one["toolId"].clone()).collect();
    if let Some(ids) = model.get_mut("toolIds").and_then(Value::as_array_mut) {
        ids.retain(|id| !pinned.contains(id));
    }
    sent
}

fn assistant(sent: &Thing, is_tool: &dyn Fn(&str) -> bool, problems: &mut Problems) {
    problems.only("", sent, ASSISTANT);
    for name in ["name", "firstMessage"] {
        if let Some(value) = sent.get(name).filter(|value| !value.is_null()) {
            problems.text(name, value);
        }
    }
    if let Some(value) = sent.get("server") {
        server("server", value, problems);
    }
    if let Some(value) = sent.get("serverMessages") {
        for (place, message) in problems.list("serverMessages", value).iter().enumerate() {
            let at = format!("serverMessages.{place}");
            problems.one_of(&at, message, SERVER_MESSAGES);
        }
    }
    if let Some(voice) = sent.get("voice") {
        problems.text("voice.provider", &voice["provider"]);
    }
    if let Some(value) = sent.get("model") {
        model(value, is_tool, problems);
    }
}

fn model(value: &Value, is_tool: &dyn Fn(&str) -> bool, problems: &mut Problems) {
    problems.text("model.provider", &value["provider"]);
    problems.text("model.model", &value["model"]);
    for (place, message) in list(value.get("messages")).iter().enumerate() {
        let at = format!("model.messages.{place}");
        let roles = &[
            "system",
            "user",
            "assistant",
            "tool",
            "developer",
            "function",
        ];
        problems.one_of(&format!("{at}.role"), &message["role"], roles);
    }
    for (place, inline) in list(value.get("tools")).iter().enumerate() {
        let at = format!("model.tools.{place}.");
        problems.text(&format!("{at}type"), &inline["type"]);
        if let Some(inline) = inline.as_object() {
            tool(&at, inline, true, problems);
        }
    }
    for id in list(value.get("toolIds")) {
        if !id.as_str().is_some_and(is_tool) {
            problems.add("model.toolIds", &format!("has {id}, which is no tool"));
        }
    }
    for pinned in list(value.get("toolRefs")) {
        if !pinned["toolId"].as_str().is_some_and(is_tool) || !pinned["version"].is_string() {
            problems.add(
                "model.toolRefs",
                &format!("has {pinned}, which is no version"),
            );
        }
    }
}

/// A tool of its own, or one in an assistant. Of other tools than functions, only what
/// nobody may write is known.
fn tool(at: &str, sent: &Thing, is_new: bool, problems: &mut Problems) {
    if sent.get("type").and_then(Value::as_str) != Some("function") {
        for name in READ_ONLY.iter().filter(|name| sent.contains_key(**name)) {
            problems.add(&format!("{at}{name}"), "should not exist");
        }
        return;
    }
    problems.only(at, sent, FUNCTION_TOOL);
    match sent.get("function") {
        Some(value) => function(&format!("{at}function"), value, problems),
        None if is_new => problems.add(&format!("{at}function"), "should not be empty"),
        None => {}
    }
    if let Some(value) = sent.get("server") {
        server(&format!("{at}server"), value, problems);
    }
    for (place, value) in list(sent.get("messages")).iter().enumerate() {
        tool_message(&format!("{at}messages.{place}"), value, problems);
    }
    for (place, value) in list(sent.get("parameters")).iter().enumerate() {
        static_parameter(&format!("{at}parameters.{place}"), value, problems);
    }
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(kind: Kind, sent: &Value, found: Option<Value>) -> String {
        let found = found.map(|found| found.as_object().unwrap().clone());
        let is_tool = |id: &str| id == "t";
        let sent = sent.as_object().unwrap();
        problems(kind, sent, found.as_ref(), &is_tool).join("; ")
    }

    #[test]
    fn what_is_wrong_with_an_assistant_is_told_field_by_field() {
        let model = |more: Value| {
            let mut model = json!({"provider": "openai", "model": "gpt-4.1"});
            model
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            json!({"model": model})
        };
        for (sent, expected) in [
            (json!({"name": "Leasing", "firstMessage": null}), ""),
            (
                json!({"id": "x", "latestVersion": "v2"}),
                "property id should not exist; property latestVersion should not exist",
            ),
            (
                json!({"server": {"url": "desk"}}),
                "server.url must be an http or https URL",
            ),
            (
                json!({"server": {"timeoutSeconds": 0}}),
                "server.timeoutSeconds must be a number from 1 to 300",
            ),
            (
                json!({"server": {"url": "https://a.example", "secret": "x"}}),
                "",
            ),
            (
                json!({"server": {"backoffPlan": {"type": "fixed", "maxRetries": 11}}}),
                "server.backoffPlan.maxRetries must be a number from 0 to 10",
            ),
            (
                json!({"serverMessages": ["tool-calls", "gossip"]}),
                "serverMessages.1 has a value that is not known, \"gossip\"",
            ),
            (
                json!({"voice": {"voiceId": "x"}}),
                "voice.provider must be a string",
            ),
            (
                model(json!({"toolIds": ["t"], "toolRefs": [{"toolId": "t", "version": "v1"}]})),
                "",
            ),
            (
                model(json!({"toolIds": ["u"]})),
                "model.toolIds has \"u\", which is no tool",
            ),
            (
                model(json!({"tools": [{"type": "endCall", "id": "x"}, {"type": "function"}]})),
                "model.tools.0.id should not exist; model.tools.1.function should not be empty",
            ),
            (
                json!({"model": {"messages": []}}),
                "model.provider must be a string; model.model must be a string",
            ),
        ] {
            assert_eq!(of(Kind::Assistant, &sent, None), expected, "{sent}");
        }
    }

    #[test]
    fn a_change_repeats_the_form_of_what_it_changes() {
        let found = Some(json!({"type": "function", "provider": "vapi"}));
        for (kind, sent, expected) in [
            (
                Kind::Tool,
                json!({"messages": []}),
                "type should not be empty",
            ),
            (
                Kind::Tool,
                json!({"type": "endCall"}),
                "type must be \"function\"",
            ),
            (Kind::Tool, json!({"type": "function"}), ""),
            (
                Kind::PhoneNumber,
                json!({"name": "x"}),
                "provider should not be empty",
            ),
            (
                Kind::PhoneNumber,
                json!({"provider": "vapi", "status": "active"}),
                "property status should not exist",
            ),
        ] {
            assert_eq!(of(kind, &sent, found.clone()), expected, "{sent}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_tool_is_told_field_by_field() {
        let long = "x".repeat(1001);
        for (field, value, expected) in [
            (
                "function",
                json!({"name": "get availability"}),
                "function.name must be 1 to 64 letters, digits, _ or -",
            ),
            (
                "function",
                json!({"name": "x", "parameters": {"type": "array"}}),
                "function.parameters.type must be \"object\"",
            ),
            (
                "function",
                json!({"name": "x", "parameters": {"type": "object", "properties":
                {"a": {"type": "text"}}, "required": ["b"]}}),
                "function.parameters.properties.a.type has a value that is not known, \"text\"; \
                 function.parameters.required has \"b\", which is no property",
            ),
            (
                "messages",
                json!([{"type": "request-start", "content": long}]),
                "messages.0.content must be at most 1000 characters",
            ),
            (
                "messages",
                json!([{"type": "request-response-delayed", "timingMilliseconds": 50}]),
                "messages.0.timingMilliseconds must be a number from 100 to 120000",
            ),
            (
                "messages",
                json!([{"type": "request-start", "role": "system"}]),
                "messages.0.role should not exist",
            ),
            (
                "parameters",
                json!([{"key": "call_id", "value": "{{call.id}}"}]),
                "",
            ),
            (
                "parameters",
                json!([{"key": "", "value": "x"}]),
                "parameters.0.key should not be empty",
            ),
        ] {
            let sent = json!({"type": "function", field: value});
            assert_eq!(
                of(Kind::Tool, &sent, Some(json!({"type": "function"}))),
                expected
            );
        }
    }

    #[test]
    fn a_pinned_tool_is_not_attached_twice() {
        let sent = json!({"model": {"toolIds": ["a", "b"],
            "toolRefs": [{"toolId": "a", "version": "v1"}]}});
        let kept = stored(sent.as_object().unwrap().clone());
        assert_eq!(kept["model"]["toolIds"], json!(["b"]));
    }
}
