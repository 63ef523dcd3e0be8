//! What VAPI asks and tells around tool calls: who answers, that a call begins and
//! ends; and the calendar that is read ahead meanwhile.

use std::time::{Duration, Instant};

use local::defaults::{ACCOUNT, ASSISTANT, USER};
use serde_json::{Value, json};
use shared::store::CallRecord;

use crate::system::TestSystem;
use crate::voice::{Call, deliver};

const NUMBER: &str = "the-number";

/// A message of a call.
fn message(call: &str, kind: &str, fields: Value) -> Value {
    let mut message = fields;
    message["type"] = json!(kind);
    message["call"] = json!({
        "id": call, "assistantId": ASSISTANT, "phoneNumberId": NUMBER,
        "type": "inboundPhoneCall", "customer": {"number": "+15125550142"},
    });
    json!({"message": message})
}

async fn told(system: &TestSystem, call: &str, kind: &str, fields: Value) -> Value {
    let answer = deliver(system, &message(call, kind, fields)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

/// The calls that are on record.
async fn records(system: &TestSystem) -> Vec<CallRecord> {
    let rows = system.rows("CallsTable").await.into_iter();
    let calls = rows.filter(|row| row["id"].as_s().unwrap().starts_with("call#"));
    calls
        .map(|row| serde_dynamo::from_item(row).unwrap())
        .collect()
}

#[tokio::test]
async fn the_assistant_of_the_dialled_number_answers_and_knows_what_day_it_is() {
    let system = TestSystem::start().await;
    system
        .bind_number(NUMBER, &[USER], Some("the-assistant"))
        .await;
    let answer = told(&system, "call-1", "assistant-request", json!({})).await;
    let expected = json!({
        "assistantId": "the-assistant",
        "assistantOverrides": {"variableValues": {
            "user_id": "demo", "staff_name": "Dana Demo", "time_zone": "America/Chicago",
            "today": "Monday, November twenty fourth, twenty thirty one", "time_now": "eight AM",
        }},
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn a_number_that_nobody_set_up_is_answered_with_an_apology() {
    let system = TestSystem::start().await;
    let apology =
        json!({"error": "This number is not set up yet. Please call again another time."});
    let ask = async || told(&system, "call-1", "assistant-request", json!({})).await;
    assert_eq!(ask().await, apology);
    system.bind_number(NUMBER, &[USER], None).await;
    assert_eq!(ask().await, apology);
}

#[tokio::test]
async fn an_assistant_answers_though_microsoft_hangs() {
    let system = TestSystem::start().await;
    system
        .bind_number(NUMBER, &[USER], Some("the-assistant"))
        .await;
    system
        .fault(&json!({"operation": "calendar_view", "effect": "hang"}))
        .await;
    let began = Instant::now();
    let answer = told(&system, "call-1", "assistant-request", json!({})).await;
    assert_eq!(answer["assistantId"], "the-assistant");
    assert!(began.elapsed() < Duration::from_millis(7500));
}

#[tokio::test]
async fn requests_that_are_not_met_have_answers_of_their_form() {
    let system = TestSystem::start().await;
    for (kind, expected) in [
        (
            "transfer-destination-request",
            json!({"error": "I cannot put you through from here. May I take a message instead?"}),
        ),
        (
            "handoff-destination-request",
            json!({"error": "I cannot put you through from here. May I take a message instead?"}),
        ),
        ("knowledge-base-request", json!({"documents": []})),
        ("campaign.predial", json!({})),
        ("hang", json!({})),
        ("status-update", json!({})),
        ("end-of-call-report", json!({})),
        ("conversation-update", json!({})),
    ] {
        assert_eq!(
            told(&system, "call-1", kind, json!({})).await,
            expected,
            "{kind}"
        );
    }
}

/// Whether a calendar was read ahead. VAPI does not wait for that, nor does a caller who
/// has said nothing yet.
async fn reads_ahead(system: &TestSystem) -> bool {
    for _ in 0..500 {
        let rows = system.rows("CallsTable").await;
        if format!("{rows:?}").contains("ahead#") {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

#[tokio::test]
async fn the_first_question_for_times_needs_no_round_trip_to_microsoft() {
    for kind in ["status-update", "assistant-request"] {
        let system = TestSystem::start().await;
        system.bind_number(NUMBER, &[USER], Some(ASSISTANT)).await;
        let busy =
            json!({"start": "2031-11-25T09:00:00-06:00", "end": "2031-11-25T16:30:00-06:00"});
        system.add_event(&busy).await;
        let slow = json!({"operation": "calendar_view", "effect": {"delay_ms": 600}});
        system.fault(&slow).await;
        let began = json!({"status": "in-progress"});
        told(&system, "call-1", kind, began).await;
        assert!(reads_ahead(&system).await, "{kind}");
        let before = system.count("calendar_view").await;

        let call = Call::new("call-1");
        let ask = json!({"date": "tomorrow"});
        let started = Instant::now();
        let first = call.tool(&system, "get_availability", ask.clone()).await;
        let took = started.elapsed();
        println!("{kind}: the first question took {took:?}, with a calendar that takes 600 ms");
        assert!(
            first.done && first.text.contains("four thirty PM"),
            "{first:?}"
        );
        assert_eq!(system.count("calendar_view").await, before);

        // It serves once, for this call, and never for a booking.
        let second = call.tool(&system, "get_availability", ask.clone()).await;
        assert_eq!(second, first);
        assert_eq!(system.count("calendar_view").await, before + 1);
        let other = Call::new("call-2");
        other.tool(&system, "get_availability", ask).await;
        assert_eq!(system.count("calendar_view").await, before + 2);
        assert!(call.book(&system, "2031-11-25T16:30:00").await.done);
        assert!(system.count("calendar_view").await > before + 2);
    }
}

#[tokio::test]
async fn what_was_read_ahead_is_soon_too_old() {
    let system = TestSystem::start().await;
    let began = json!({"status": "in-progress"});
    told(&system, "call-1", "status-update", began).await;
    system.pass(3);
    let busy = json!({"start": "2031-11-25T09:00:00-06:00", "end": "2031-11-25T16:30:00-06:00"});
    system.add_event(&busy).await;
    let ask = json!({"date": "tomorrow"});
    let heard = Call::new("call-1")
        .tool(&system, "get_availability", ask)
        .await;
    assert!(heard.text.contains("The one open time"), "{heard:?}");
}

#[tokio::test]
async fn a_booking_of_another_call_is_not_offered_from_what_was_read_ahead() {
    let system = TestSystem::start().await;
    let began = json!({"status": "in-progress"});
    told(&system, "call-1", "status-update", began).await;
    for hour in 9..17 {
        let time = format!("2031-11-25T{hour:02}:00:00");
        let half = format!("2031-11-25T{hour:02}:30:00");
        assert!(Call::new(&time).book(&system, &time).await.done);
        if hour < 16 {
            assert!(Call::new(&half).book(&system, &half).await.done);
        }
    }
    let ask = json!({"date": "tomorrow"});
    let heard = Call::new("call-1")
        .tool(&system, "get_availability", ask)
        .await;
    assert!(heard.text.contains("four thirty PM"), "{heard:?}");
    assert!(heard.text.contains("The one open time"), "{heard:?}");
}

#[tokio::test]
async fn a_call_is_on_record_with_what_was_done_in_it() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    let began = json!({"status": "in-progress"});
    told(&system, "call-1", "status-update", began).await;
    call.tool(&system, "get_availability", json!({})).await;
    for _ in 0..2 {
        assert!(call.book(&system, "2031-11-25T10:00:00").await.done);
    }
    assert!(
        !Call::new("call-2")
            .book(&system, "2031-11-25T10:00:00")
            .await
            .done
    );
    told(&system, "call-1", "hang", json!({})).await;
    let report = json!({
        "endedReason": "customer-ended-call", "cost": 0.2143,
        "startedAt": "2031-11-24T14:00:05.000Z", "endedAt": "2031-11-24T14:03:20.000Z",
        "analysis": {"summary": "The caller booked\na viewing.", "successEvaluation": true},
        "artifact": {"transcript": "User: I am Casey."},
    });
    told(&system, "call-1", "end-of-call-report", report).await;

    let mut records = records(&system).await;
    records.sort_by(|one, other| one.call_id.cmp(&other.call_id));
    let [one, other] = records.try_into().unwrap();
    assert_eq!(one.assistant_id.as_deref(), Some(ASSISTANT));
    assert_eq!(one.status.as_deref(), Some("ended"));
    assert_eq!(one.ended_reason.as_deref(), Some("customer-ended-call"));
    assert_eq!(
        (one.cost, one.hangs, one.booked.len()),
        (Some(0.2143), 1, 1)
    );
    assert_eq!(one.summary.as_deref(), Some("The caller booked a viewing."));
    assert_eq!(one.success.as_deref(), Some("true"));
    let lasted = one
        .started_at
        .unwrap()
        .duration_until(one.ended_at.unwrap());
    assert_eq!(lasted.as_secs(), 195);
    let tools: Vec<_> = one
        .tools
        .iter()
        .map(|time| (time.tool.as_str(), time.done))
        .collect();
    let (ask, book) = (("get_availability", true), ("set_appointment", true));
    assert_eq!(tools, [ask, book, book]);
    assert_eq!((other.booked.len(), other.tools.len()), (0, 1));
    assert!(!other.tools[0].done);

    // Nobody's number, and nothing that was said, is kept.
    let rows = format!("{:?}", system.rows("CallsTable").await);
    assert!(
        !rows.contains("5125550142") && !rows.contains("Casey"),
        "{rows}"
    );
}

#[tokio::test]
async fn a_report_that_says_little_or_nonsense_is_no_harm() {
    let system = TestSystem::start().await;
    for report in [
        json!({}),
        json!({"cost": "0.5", "endedReason": "x".repeat(5000), "analysis": null}),
        json!({"cost": -1, "startedAt": "soon", "endedAt": 12, "analysis": {"summary": [1]}}),
        json!({"cost": 1e300, "analysis": {"summary": "y".repeat(100_000)}}),
    ] {
        told(&system, "call-1", "end-of-call-report", report).await;
    }
    let [record] = records(&system).await.try_into().unwrap();
    assert_eq!(record.cost, Some(0.5));
    assert_eq!(record.ended_reason.map(|reason| reason.len()), Some(200));
    assert_eq!(record.summary.map(|summary| summary.len()), Some(2000));
    assert_eq!(system.mailbox(ACCOUNT).await["counters"]["throttled"], 0);
}

#[tokio::test]
async fn a_model_that_calls_tools_without_end_fills_a_record_only_so_far() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    for batch in 0..26 {
        let ids: Vec<String> = (0..20).map(|number| format!("{batch}-{number}")).collect();
        let calls = ids
            .iter()
            .map(|id| (id.as_str(), "find_appointments", json!({})));
        let delivery = call.delivery(&calls.collect::<Vec<_>>());
        assert_eq!(deliver(&system, &delivery).await.status, 200);
    }
    assert!(call.book(&system, "2031-11-25T10:00:00").await.done);
    let [record] = records(&system).await.try_into().unwrap();
    assert_eq!((record.tools.len(), record.booked.len()), (500, 1));
}
