//! Whole deliveries: every sample, and mutations that no sender would send.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const SAMPLES: [(&str, &str); 7] = [
    (
        "assistant-request",
        include_str!("../../../fixtures/vapi/assistant-request.json"),
    ),
    (
        "conversation-update",
        include_str!("../../../fixtures/vapi/conversation-update.json"),
    ),
    (
        "end-of-call-report",
        include_str!("../../../fixtures/vapi/end-of-call-report.json"),
    ),
    (
        "function-call",
        include_str!("../../../fixtures/vapi/function-call.legacy.json"),
    ),
    ("hang", include_str!("../../../fixtures/vapi/hang.json")),
    (
        "status-update",
        include_str!("../../../fixtures/vapi/status-update.json"),
    ),
    (
        "tool-calls",
        include_str!("../../../fixtures/vapi/tool-calls.json"),
    ),
];

#[test]
fn every_sample_is_read() {
    for (kind, sample) in SAMPLES {
        let delivery = parse(sample.as_bytes()).unwrap();
        match delivery.message {
            Message::ToolCalls(calls) => {
                assert_eq!(kind, "tool-calls");
                assert_eq!(calls.len(), 1);
                let call = &calls[0];
                assert_eq!(call.reply_id(), "call_SAMPLE0000000000000001");
                assert_eq!(call.name, "set_appointment");
                let arguments = call.arguments.as_ref().unwrap();
                let start = arguments.text("start_time").unwrap();
                assert_eq!(start.as_deref(), Some("2026-11-24T10:00:00-06:00"));
            }
            Message::FunctionCall(call) => {
                assert_eq!(kind, "function-call");
                assert_eq!(call.name, "set_appointment");
                let name = call.arguments.unwrap().text("attendee_name").unwrap();
                assert_eq!(name.as_deref(), Some("Casey Example"));
            }
            Message::Information(information) => {
                assert_eq!(kind, "conversation-update");
                assert_eq!(information, Information::ConversationUpdate);
            }
            Message::AssistantRequest => assert_eq!(kind, "assistant-request"),
            Message::Hang => assert_eq!(kind, "hang"),
            Message::StatusUpdate {
                status,
                ended_reason,
            } => {
                assert_eq!((kind, status.as_str()), ("status-update", "ended"));
                assert_eq!(ended_reason.as_deref(), Some("customer-ended-call"));
            }
            Message::EndOfCall(end) => {
                assert_eq!(kind, "end-of-call-report");
                let summary = "The caller booked a property viewing for Tuesday at ten AM.";
                assert_eq!(end.summary.as_deref(), Some(summary));
                assert_eq!(end.cost, Some(0.2143));
                assert_eq!(end.success.as_deref(), Some("true"));
                assert!(end.started_at < end.ended_at);
            }
            other => panic!("{kind}: {other:?}"),
        }
        let call = delivery.call;
        assert_eq!(
            call.conversation(),
            Some("0f7c1a9e-4a6b-4f0c-9d55-2f6c1b3e7a10")
        );
        assert_eq!(call.caller.as_deref(), Some("+15125550142"), "{kind}");
        assert_eq!(call.verified_caller(), call.caller.as_deref(), "{kind}");
        assert_eq!(
            call.phone_number_id.as_deref(),
            Some("5b1e2c3d-3333-4d4e-8f5a-6b7c8d9e0f1a")
        );
        assert_eq!(
            call.assistant_id.is_some(),
            kind != "assistant-request",
            "{kind}"
        );
        assert_eq!(
            delivery.sent_at.is_some(),
            kind != "function-call",
            "{kind}"
        );
    }
}

/// Every type of information that the documentation names.
#[test]
fn information_is_told_apart_by_its_type() {
    for (kind, expected) in [
        ("conversation-update", Information::ConversationUpdate),
        ("speech-update", Information::SpeechUpdate),
        ("transcript", Information::Transcript),
        (
            "transcript[transcriptType=\"final\"]",
            Information::Transcript,
        ),
        ("user-interrupted", Information::UserInterrupted),
        ("transfer-update", Information::TransferUpdate),
        ("model-output", Information::ModelOutput),
        ("voice-input", Information::VoiceInput),
        ("phone-call-control", Information::PhoneCallControl),
        ("language-change-detected", Information::LanguageChange),
        ("language-changed", Information::LanguageChange),
        ("assistant.started", Information::AssistantStarted),
        (
            "assistant.speechStarted",
            Information::AssistantSpeechStarted,
        ),
        ("chat.created", Information::Chat),
        ("session.updated", Information::Session),
        ("call.deleted", Information::CallDeletion),
        ("call.delete.failed", Information::CallDeletion),
        ("call.artifact.upload", Information::ArtifactUploaded),
    ] {
        let body = json!({"message": {"type": kind, "call": null, "unknown": {"a": []}}});
        let delivery = parse(body.to_string().as_bytes()).unwrap();
        assert_eq!(delivery.message, Message::Information(expected), "{kind}");
    }
}

/// A reply to whatever was parsed holds what VAPI demands of one.
fn assert_answerable(delivery: &Delivery, text: &str) {
    let Message::ToolCalls(calls) = &delivery.message else {
        return;
    };
    let answer = |call: &ToolCall| match &call.arguments {
        Ok(_) => ToolResult::succeeded(call, text).saying(text),
        Err(_) => ToolResult::failed(call, text),
    };
    let reply = Reply::Results(calls.iter().map(answer).collect()).to_body();
    let reply: Value = serde_json::from_str(&reply).unwrap();
    let results = reply["results"].as_array().unwrap();
    assert_eq!(results.len(), calls.len());
    let one_line = |value: &Value| {
        let text = value.as_str().unwrap();
        assert!(!text.trim().is_empty());
        assert!(!text.chars().any(line::breaks_a_line), "{text:?}");
    };
    for result in results {
        one_line(&result["toolCallId"]);
        one_line(&result["name"]);
        let (done, failed) = (result.get("result"), result.get("error"));
        assert_ne!(done.is_some(), failed.is_some());
        done.or(failed).map(one_line);
        if let Some(message) = result.get("message") {
            assert!(message.is_object());
            one_line(&message["content"]);
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!("{{customer.number}}")),
        Just(json!("{\"a\": \"b\"}")),
        Just(json!("\"{\\\"a\\\": 1}\"")),
        Just(json!("x".repeat(70_000))),
    ];
    let key = prop_oneof![
        prop::sample::select(KEYS.to_vec()).prop_map(str::to_owned),
        ".{0,4}",
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

const KEYS: [&str; 18] = [
    "message",
    "type",
    "toolCallList",
    "toolCalls",
    "toolWithToolCallList",
    "toolCall",
    "id",
    "function",
    "name",
    "arguments",
    "parameters",
    "call",
    "customer",
    "number",
    "chat",
    "phoneNumber",
    "assistant",
    "timestamp",
];

/// Replaces or removes what a path of choices leads to.
fn mutate(value: &mut Value, path: &[prop::sample::Index], replacement: Option<Value>) {
    let Some((step, rest)) = path.split_first() else {
        *value = replacement.unwrap_or(Value::Null);
        return;
    };
    match value {
        Value::Object(map) if !map.is_empty() => {
            let key = map.keys().nth(step.index(map.len())).unwrap().clone();
            match (rest.is_empty(), &replacement) {
                (true, None) => drop(map.remove(&key)),
                _ => mutate(&mut map[&key], rest, replacement),
            }
        }
        Value::Array(values) if !values.is_empty() => {
            let at = step.index(values.len());
            mutate(&mut values[at], rest, replacement);
        }
        other => *other = replacement.unwrap_or(Value::Null),
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&body);
    }

    #[test]
    fn a_sample_with_changed_bytes_never_panics(
        sample in 0..SAMPLES.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut body = SAMPLES[sample].1.as_bytes().to_vec();
        for (at, byte) in edits {
            let at = at.index(body.len());
            body[at] = byte;
        }
        if let Some(cut) = cut {
            body.truncate(cut.index(body.len()));
        }
        if let Ok(delivery) = parse(&body) {
            assert_answerable(&delivery, "Done.");
        }
    }

    #[test]
    fn a_sample_with_changed_structure_is_typed_and_answerable(
        sample in 0..SAMPLES.len(),
        mutations in prop::collection::vec(
            (prop::collection::vec(any::<prop::sample::Index>(), 1..7),
             prop::option::of(any_json())),
            1..4),
        text in ".{0,40}",
    ) {
        let mut body: Value = serde_json::from_str(SAMPLES[sample].1).unwrap();
        for (path, replacement) in mutations {
            mutate(&mut body, &path, replacement);
        }
        if let Ok(delivery) = parse(body.to_string().as_bytes()) {
            assert_answerable(&delivery, &text);
        }
    }

    #[test]
    fn any_list_of_calls_is_typed_and_each_id_is_answered_once(
        list in any_json(), other in any_json(), tools in any_json(), text in ".{0,40}",
    ) {
        let body = json!({"message": {"type": "tool-calls",
            "toolCallList": list, "toolCalls": other, "toolWithToolCallList": tools}});
        let delivery = parse(body.to_string().as_bytes()).unwrap();
        assert_answerable(&delivery, &text);
        let Message::ToolCalls(calls) = delivery.message else {
            panic!("not tool calls");
        };
        let mut ids: Vec<_> = calls.iter().map(ToolCall::reply_id).collect();
        ids.sort();
        ids.dedup();
        prop_assert_eq!(ids.len(), calls.len());
    }

    #[test]
    fn readers_of_arguments_never_panic(value in any_json(), limit in 0usize..50) {
        let map = json!({"key": value}).as_object().unwrap().clone();
        let arguments = Arguments::from(map);
        if let Ok(Some(text)) = arguments.text_within("key", limit) {
            prop_assert!(!text.trim().is_empty());
            prop_assert!(!text.chars().any(line::breaks_a_line));
        }
        let _ = (arguments.integer("key"), arguments.number("key"), arguments.boolean("key"));
    }
}
