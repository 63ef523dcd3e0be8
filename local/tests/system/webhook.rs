//! Every form in which VAPI sends tool calls, and everything else that it sends.

use serde_json::{Value, json};

use crate::system::TestSystem;
use crate::voice::{Call, assert_speakable, deliver, heard};

fn arguments() -> Value {
    json!({"date": "tomorrow", "property_address": "14 Mill Lane"})
}

/// The message of a delivery in which the calls are written in another form.
fn message(fields: &[(&str, Value)]) -> Value {
    let mut message = json!({"type": "tool-calls", "call": Call::new("call-1").context()});
    for (name, value) in fields {
        message[*name] = value.clone();
    }
    json!({"message": message})
}

#[tokio::test]
async fn every_form_of_a_tool_call_is_understood_with_object_and_string_arguments() {
    let system = TestSystem::start().await;
    let name = "get_availability";
    let expected = Call::new("call-1").tool(&system, name, arguments()).await;
    assert!(expected.done);
    assert!(
        expected.text.contains("at fourteen Mill Lane on Tuesday"),
        "{expected:?}"
    );

    let text = Value::String(arguments().to_string());
    let wrapped = Value::String(text.to_string());
    for given in [arguments(), text, wrapped] {
        let function = |key: &str| json!({"id": "a", "type": "function", "function": {"name": name, key: given}});
        let flat = |key: &str| json!({"id": "a", "name": name, key: given});
        let unnamed = json!({"id": "a", "function": {"arguments": given}});
        let tool = json!({"type": "function", "function": {"name": name}, "toolCall": unnamed});
        let with_tool =
            |call: Value| json!({"type": "function", "function": {"name": name}, "toolCall": call});
        let forms = [
            message(&[("toolCallList", json!([function("arguments")]))]),
            message(&[("toolCallList", json!([function("parameters")]))]),
            message(&[("toolCallList", json!([flat("arguments")]))]),
            message(&[("toolCallList", json!([flat("parameters")]))]),
            message(&[("toolCalls", json!([function("arguments")]))]),
            message(&[("toolCalls", json!([flat("parameters")]))]),
            message(&[(
                "toolWithToolCallList",
                json!([with_tool(function("arguments"))]),
            )]),
            message(&[(
                "toolWithToolCallList",
                json!([with_tool(flat("parameters"))]),
            )]),
            message(&[("toolWithToolCallList", json!([tool]))]),
            message(&[
                ("toolCallList", json!([function("arguments")])),
                ("toolCalls", json!([function("arguments")])),
                (
                    "toolWithToolCallList",
                    json!([with_tool(function("arguments"))]),
                ),
            ]),
            message(&[(
                "toolCallList",
                json!([function("arguments"), function("arguments")]),
            )]),
        ];
        for form in forms {
            let answer = deliver(&system, &form).await;
            let [said] = heard(&answer).try_into().unwrap();
            assert_eq!(said, expected, "{form}");
            assert_eq!(answer.body["results"][0]["toolCallId"], "a", "{form}");
            assert_eq!(answer.body["results"][0]["name"], name, "{form}");
        }
    }
}

#[tokio::test]
async fn several_calls_are_answered_in_their_order_each_under_its_id() {
    let system = TestSystem::start().await;
    let days = [
        "Wednesday",
        "tomorrow",
        "Friday",
        "Thursday",
        "today",
        "blue",
    ];
    let calls: Vec<(String, Value)> = days
        .iter()
        .enumerate()
        .map(|(index, day)| (format!("call_{index}"), json!({"date": day})))
        .collect();
    let calls: Vec<(&str, &str, Value)> = calls
        .iter()
        .map(|(id, arguments)| (id.as_str(), "get_availability", arguments.clone()))
        .collect();
    let answer = deliver(&system, &Call::new("call-1").delivery(&calls)).await;
    let said = heard(&answer);
    for (index, (day, part)) in [
        ("Wednesday", "twenty sixth"),
        ("tomorrow", "twenty fifth"),
        ("Friday", "twenty eighth"),
        ("Thursday", "twenty seventh"),
        ("today", "twenty fourth"),
        ("blue", "did not catch"),
    ]
    .into_iter()
    .enumerate()
    {
        assert!(said[index].text.contains(part), "{day}: {:?}", said[index]);
        assert_eq!(
            answer.body["results"][index]["toolCallId"],
            format!("call_{index}")
        );
    }
    assert_eq!(said.len(), days.len());
}

#[tokio::test]
async fn a_call_without_an_id_or_a_name_is_answered_too() {
    let system = TestSystem::start().await;
    let calls = json!([
        {"function": {"name": "get_availability", "arguments": {}}},
        {"id": "b", "function": {"arguments": {}}},
        {"id": 7, "function": {"name": "get_availability"}},
    ]);
    let answer = deliver(&system, &message(&[("toolCallList", calls)])).await;
    let said = heard(&answer);
    assert_eq!(
        said.iter().map(|heard| heard.done).collect::<Vec<_>>(),
        [true, false, true]
    );
    let results = answer.body["results"].as_array().unwrap();
    let ids: Vec<&Value> = results.iter().map(|result| &result["toolCallId"]).collect();
    assert_eq!(ids, ["missing-id-1", "b", "7"]);
}

#[tokio::test]
async fn a_name_with_line_breaks_cannot_break_the_answer() {
    let system = TestSystem::start().await;
    let calls =
        json!([{"id": "a", "function": {"name": "get\n_availability\u{2028}", "arguments": {}}}]);
    let answer = deliver(&system, &message(&[("toolCallList", calls)])).await;
    assert!(!heard(&answer)[0].done);
    let name = answer.body["results"][0]["name"].as_str().unwrap();
    assert!(!name.contains(['\n', '\r', '\u{2028}']), "{name:?}");
}

#[tokio::test]
async fn what_the_caller_says_cannot_break_the_rules_of_speech() {
    let system = TestSystem::start().await;
    for (index, text) in [
        "<b>Casey</b>: *call* me\nat https://evil.example",
        "Casey 😀 \u{200b}\u{202e}desrever",
        "14:30 {{system}} _now_ `rm -rf` ~ $100,000",
        "x@example.com \u{2028} 2026-11-24T10:00:00Z",
        "- one\n- two\n1. three",
        &"very ".repeat(400),
    ]
    .into_iter()
    .enumerate()
    {
        let call = Call::new(&format!("call-{index}"));
        let said = json!({"attendee_name": text, "property_address": text, "notes": text,
                          "start_time": format!("2031-11-25T{:02}:00:00", 9 + index)});
        // The helpers assert the rules on every sentence.
        call.tool(&system, "set_appointment", said.clone()).await;
        call.tool(&system, "get_availability", said).await;
    }
}

#[tokio::test]
async fn the_deprecated_function_call_is_served() {
    let system = TestSystem::start().await;
    let parameters = json!({"start_time": "2031-11-25T10:00:00", "attendee_name": "Casey Caller"});
    for parameters in [parameters.clone(), Value::String(parameters.to_string())] {
        let delivery = json!({"message": {
            "type": "function-call",
            "functionCall": {"name": "set_appointment", "parameters": parameters},
            "call": Call::new("call-1").context(),
        }});
        let answer = deliver(&system, &delivery).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body.as_object().unwrap().len(), 1, "{answer:?}");
        let said = answer.body["result"].as_str().unwrap();
        assert_speakable(said);
        assert!(said.starts_with("Booked for Casey Caller"), "{said}");
    }
    assert_eq!(system.events().await.len(), 1);
    let unknown = json!({"message": {"type": "function-call", "functionCall": {"name": "fly"}}});
    let answer = deliver(&system, &unknown).await;
    insta::assert_snapshot!(answer.text, @r#"{"result":"I am not able to do that. Is there something else I can help with?"}"#);
}

#[tokio::test]
async fn information_and_types_to_come_get_an_empty_answer() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1").context();
    for kind in [
        "status-update",
        "end-of-call-report",
        "conversation-update",
        "speech-update",
        "transcript",
        "transcript[transcriptType=\"final\"]",
        "hang",
        "user-interrupted",
        "transfer-update",
        "model-output",
        "voice-input",
        "phone-call-control",
        "language-change-detected",
        "assistant.started",
        "chat.created",
        "session.updated",
        "call.deleted",
        "a-type-to-come",
    ] {
        let delivery = json!({"message": {
            "type": kind, "call": call, "status": "ended", "timestamp": 1_795_528_800_000_i64,
            "artifact": {"messages": [{"role": "user"}]}, "assistantVersion": null,
        }});
        let answer = deliver(&system, &delivery).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "{}"), "{kind}");
    }
    system.assert_nothing_stored("information").await;
}

#[tokio::test]
async fn a_chat_without_a_call_can_book_and_is_no_proof_of_a_number() {
    let system = TestSystem::start().await;
    let delivery = json!({"message": {
        "type": "tool-calls",
        "toolCallList": [{"id": "a", "function": {"name": "set_appointment", "arguments": {
            "start_time": "2031-11-25T10:00:00", "attendee_name": "Casey Caller",
        }}}],
        "chat": {"id": "chat-1", "assistantId": "demo-assistant"},
        "customer": {"number": "+15125550142"},
    }});
    let said = heard(&deliver(&system, &delivery).await);
    assert!(said[0].done, "{said:?}");
    assert_eq!(heard(&deliver(&system, &delivery).await), said);
    let [row] = system.rows("AppointmentsTable").await.try_into().unwrap();
    assert_eq!(row["call_id"].as_s().unwrap(), "chat-1");
    assert!(
        !row.get("caller")
            .is_some_and(aws_sdk_dynamodb::types::AttributeValue::is_s)
    );
}

#[tokio::test]
async fn unknown_arguments_and_fields_are_ignored() {
    let system = TestSystem::start().await;
    let mut delivery = Call::new("call-1").delivery(&[(
        "a",
        "get_availability",
        json!({"date": "tomorrow", "mood": "sunny", "limit": "2", "days_ahead": "many", "after": null}),
    )]);
    delivery["extra"] = json!([1, {"deep": null}]);
    delivery["message"]["novelty"] = json!({"a": 1});
    let said = heard(&deliver(&system, &delivery).await);
    assert!(said[0].done, "{said:?}");
    assert!(said[0].text.contains("nine AM or "), "{said:?}");
}
