//! Deliveries that come again: the same tool call gets the same answer and is carried
//! out once, and only what is settled is kept.

use local::defaults::{ACCOUNT, USER};
use serde_json::{Value, json};

use crate::crashes::crash_at_create;
use crate::invariants::assert_sound;
use crate::system::{Answer, TestSystem};
use crate::voice::{Call, deliver, deliver_at_once, heard};

const TEN: &str = "2031-11-25T10:00:00";
const TWO: &str = "2031-11-25T14:00:00";

fn booking() -> Value {
    json!({
        "start_time": TEN, "attendee_name": "Casey Caller",
        "attendee_email": "casey@example.com",
    })
}

/// The three tools that write, each with arguments that succeed after the one before.
fn writes() -> [(&'static str, Value); 3] {
    [
        ("set_appointment", booking()),
        ("reschedule_appointment", json!({"new_start_time": TWO})),
        (
            "cancel_appointment",
            json!({"reason": "Found another place."}),
        ),
    ]
}

fn delivery(call: &str, id: &str, tool: &str, arguments: &Value) -> Value {
    Call::new(call).delivery(&[(id, tool, arguments.clone())])
}

/// Asserts that all answers are the same bytes, and that what was asked for was done.
fn assert_one(answers: &[Answer], what: &str) {
    for answer in answers {
        assert_eq!(answer.text, answers[0].text, "{what}");
        assert!(heard(answer)[0].done, "{what}: {answer:?}");
    }
}

#[tokio::test]
async fn a_delivery_that_comes_again_is_answered_with_the_same_bytes() {
    let system = TestSystem::start().await;
    for (tool, arguments) in writes() {
        let delivery = delivery("call-1", tool, tool, &arguments);
        let mut answers = Vec::new();
        for minutes in [0, 1, 60] {
            system.pass(minutes);
            answers.push(deliver(&system, &delivery).await);
        }
        assert_one(&answers, tool);
    }
    assert!(system.events().await.is_empty());
    assert_eq!(system.viewings().await.len(), 1);
    assert_eq!(system.mails().await.len(), 3);
    for operation in ["create_event", "update_event", "cancel_event"] {
        assert_eq!(system.count(operation).await, 1, "{operation}");
    }
}

#[tokio::test]
async fn ten_copies_at_once_are_carried_out_once_and_answered_alike() {
    let system = TestSystem::start().await;
    system.allow_at_once(100).await;
    for (tool, arguments) in writes() {
        let delivery = delivery("call-1", tool, tool, &arguments);
        let answers = deliver_at_once(&system, &vec![delivery; 10]).await;
        assert_one(&answers, tool);
    }
    for operation in ["create_event", "update_event", "cancel_event"] {
        assert_eq!(system.count(operation).await, 1, "{operation}");
    }
    assert_eq!(system.viewings().await.len(), 1);
    assert_eq!(system.mails().await.len(), 3);
    assert_sound(&system, &[(USER, ACCOUNT)], "ten copies of each").await;
}

#[tokio::test]
async fn copies_within_one_delivery_are_one_too() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    let twice = [
        ("a", "set_appointment", booking()),
        ("a", "set_appointment", booking()),
    ];
    let answer = deliver(&system, &call.delivery(&twice)).await;
    assert_eq!(heard(&answer).len(), 1, "{answer:?}");
    assert_eq!(system.events().await.len(), 1);
}

#[tokio::test]
async fn a_booking_that_was_cut_off_is_taken_up_once() {
    for moment in ["before", "after"] {
        let system = TestSystem::start().await;
        system.allow_at_once(100).await;
        crash_at_create(&system, moment).await;
        system.pass(1);
        let deliveries: Vec<Value> = (0..6)
            .map(|number| delivery("call-1", &number.to_string(), "set_appointment", &booking()))
            .collect();
        let answers = deliver_at_once(&system, &deliveries).await;
        for heard in answers.iter().flat_map(heard) {
            assert!(heard.done, "{moment}: {heard:?}");
        }
        assert_eq!(system.events().await.len(), 1, "{moment}");
        system.pass(1);
        system.local.reconcile().await.unwrap();
        assert_sound(&system, &[(USER, ACCOUNT)], moment).await;
    }
}

#[tokio::test]
async fn another_tool_call_for_the_same_change_is_the_same_change() {
    let system = TestSystem::start().await;
    for (tool, arguments) in writes().into_iter().take(2) {
        let answers = [
            deliver(
                &system,
                &delivery("call-1", &format!("{tool} 1"), tool, &arguments),
            )
            .await,
            deliver(
                &system,
                &delivery("call-1", &format!("{tool} 2"), tool, &arguments),
            )
            .await,
        ];
        assert_eq!(heard(&answers[0]), heard(&answers[1]), "{tool}");
    }
    assert_eq!(system.viewings().await.len(), 1);
    assert_eq!(system.mails().await.len(), 2);
}

#[tokio::test]
async fn a_no_is_an_answer_that_stays() {
    let system = TestSystem::start().await;
    let busy = json!({"start": "2031-11-25T10:00:00-06:00", "end": "2031-11-25T11:00:00-06:00"});
    let busy = system.add_event(&busy).await;
    let asked = delivery("call-1", "a", "set_appointment", &booking());
    let first = deliver(&system, &asked).await;
    assert!(!heard(&first)[0].done);
    system.delete_event(&busy).await;
    // The model acts on one answer; a repeat must not say another.
    assert_eq!(deliver(&system, &asked).await.text, first.text);
    let anew = delivery("call-1", "b", "set_appointment", &booking());
    assert!(heard(&deliver(&system, &anew).await)[0].done);
}

#[tokio::test]
async fn a_failure_is_not_kept() {
    let system = TestSystem::start().await;
    let unreadable = json!({"effect": {"error": {"status": 503}}});
    for (tool, arguments) in writes() {
        let delivery = delivery("call-1", tool, tool, &arguments);
        if tool != "cancel_appointment" {
            system.fault(&unreadable).await;
            let failed = deliver(&system, &delivery).await;
            assert!(!heard(&failed)[0].done, "{tool}: {failed:?}");
            system.no_faults().await;
        }
        let done = deliver(&system, &delivery).await;
        assert!(heard(&done)[0].done, "{tool}: {done:?}");
        assert_eq!(deliver(&system, &delivery).await.text, done.text, "{tool}");
    }
    assert!(system.events().await.is_empty());
}

#[tokio::test]
async fn what_is_still_open_is_not_kept() {
    let system = TestSystem::start().await;
    let open =
        |operation: &str| json!({"operation": operation, "effect": {"error": {"status": 503}}});
    let mut transcript = Vec::new();
    for ((tool, arguments), operation) in
        writes()
            .into_iter()
            .zip(["create_event", "update_event", "cancel_event"])
    {
        let delivery = delivery("call-1", tool, tool, &arguments);
        system.fault(&open(operation)).await;
        let pending = heard(&deliver(&system, &delivery).await).remove(0);
        assert!(pending.done, "{tool}: {pending:?}");
        transcript.push(pending.without_code());
        system.no_faults().await;
        system.pass(1);
        let settled = heard(&deliver(&system, &delivery).await).remove(0);
        assert!(settled.done, "{tool}: {settled:?}");
        transcript.push(settled.without_code());
        system.pass(1);
        system.local.reconcile().await.unwrap();
        let after = heard(&deliver(&system, &delivery).await).remove(0);
        transcript.push(after.without_code());
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    I am holding Tuesday, November twenty fifth, at ten AM for Casey Caller. The calendar has not answered yet, so we will confirm it in a moment. The confirmation code is CODE.
    Booked for Casey Caller on Tuesday, November twenty fifth, at ten AM. The confirmation code is CODE. An invitation is on its way by e-mail.
    Booked for Casey Caller on Tuesday, November twenty fifth, at ten AM. The confirmation code is CODE. An invitation is on its way by e-mail.
    I am moving your viewing to Tuesday, November twenty fifth, at two PM. The calendar has not answered yet, so both times are held until we confirm it.
    I am moving your viewing to Tuesday, November twenty fifth, at two PM. The calendar has not answered yet, so both times are held until we confirm it.
    Your viewing is now on Tuesday, November twenty fifth, at two PM. The confirmation code is still CODE. Everybody who was invited is told by e-mail.
    I have taken the cancellation of the viewing on Tuesday, November twenty fifth, at two PM down. The calendar has not answered yet, so it will be done in a moment.
    The viewing on Tuesday, November twenty fifth, at two PM is cancelled. Everybody who was invited is told by e-mail.
    The viewing on Tuesday, November twenty fifth, at two PM is cancelled. Everybody who was invited is told by e-mail.
    ");
    assert_sound(&system, &[(USER, ACCOUNT)], "three open changes").await;
}

#[tokio::test]
async fn a_tool_call_id_means_nothing_in_another_call_or_for_another_tool() {
    let system = TestSystem::start().await;
    for (call, time) in [("call-1", TEN), ("call-2", TWO)] {
        let mut arguments = booking();
        arguments["start_time"] = json!(time);
        let answer = deliver(&system, &delivery(call, "a", "set_appointment", &arguments)).await;
        assert!(
            heard(&answer)[0].text.starts_with("Booked for"),
            "{answer:?}"
        );
    }
    assert_eq!(system.events().await.len(), 2);
    let arguments = json!({"viewing_date": "tomorrow", "appointment_id": system.viewings().await[0]["appointment_id"]});
    let answer = deliver(
        &system,
        &delivery("call-1", "a", "cancel_appointment", &arguments),
    )
    .await;
    assert!(
        heard(&answer)[0].text.contains("is cancelled"),
        "{answer:?}"
    );
    assert_eq!(system.events().await.len(), 1);
}

#[tokio::test]
async fn a_first_note_whose_answer_is_lost_does_not_keep_the_caller_waiting() {
    let system = TestSystem::start().await;
    let fault = json!({
        "operation": "put_item", "table": "ToolCallsTable", "trigger": {"first": 1},
        "moment": "after", "effect": "cut",
    });
    system.aws_fault(&fault).await;
    let heard = Call::new("call-1").book(&system, TEN).await;
    assert!(heard.text.starts_with("Booked"), "{heard:?}");
}
