//! Calls, what came of them, and for whom an assistant books.

use local::defaults::{API_KEY, USER};
use reqwest::Method;
use serde_json::{Value, json};

use crate::system::{Answer, TestSystem};
use crate::voice::{Call, deliver};

async fn ended(system: &TestSystem, call: &str, assistant: &str, minutes: i64) {
    let start = system.clock.now();
    let end = start + jiff::SignedDuration::from_mins(minutes);
    let message = json!({"message": {
        "type": "end-of-call-report", "endedReason": "customer-ended-call", "cost": 0.1,
        "startedAt": start, "endedAt": end, "call": {"id": call, "assistantId": assistant},
    }});
    assert_eq!(deliver(system, &message).await.status, 200);
}

async fn with_key(system: &TestSystem, method: Method, path: &str, body: Option<&Value>) -> Answer {
    let request = system.request(method, path).header("x-api-key", API_KEY);
    Answer::of(match body {
        Some(body) => request.json(body),
        None => request,
    })
    .await
}

#[tokio::test]
async fn calls_are_listed_by_day_the_latest_first_over_pages() {
    let system = TestSystem::start().await;
    for number in 0..7 {
        let assistant = if number % 2 == 0 { "even" } else { "odd" };
        ended(&system, &format!("call-{number}"), assistant, number).await;
        system.pass(12 * 60);
    }
    let list = async |query: &str| {
        let (mut ids, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let answer = system.get(&format!("/vapi/calls?{query}{cursor}")).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            let calls = answer.body["calls"].as_array().unwrap().clone();
            ids.extend(
                calls
                    .iter()
                    .map(|call| call["call_id"].as_str().unwrap().to_owned()),
            );
            pages += 1;
            match answer.body["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return (ids.join(" "), pages),
            }
        }
    };
    let all = "call-6 call-5 call-4 call-3 call-2 call-1 call-0";
    let (found, pages) = list("").await;
    assert_eq!((found.as_str(), pages), (all, 1));
    let (found, pages) = list("limit=2").await;
    assert_eq!(found, all);
    assert!((4..=8).contains(&pages), "{pages}");
    assert_eq!(
        list("limit=1&assistant_id=odd").await.0,
        "call-5 call-3 call-1"
    );
    assert_eq!(
        list("from=2031-11-25&to=2031-11-25").await.0,
        "call-2 call-1"
    );

    let calls = system.get("/vapi/calls?limit=1").await.body;
    let call = &calls["calls"][0];
    assert_eq!(
        (
            &call["duration_seconds"],
            &call["ended_reason"],
            &call["cost"]
        ),
        (&json!(360), &json!("customer-ended-call"), &json!(0.1))
    );
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_told_by_its_field() {
    let system = TestSystem::start().await;
    for (query, field) in [
        ("from=soon", "from"),
        ("to=2031-02-30", "to"),
        ("from=2031-11-25&to=2031-11-24", "to"),
        ("from=2031-01-01&to=2031-11-24", "to"),
    ] {
        for path in ["calls", "analytics"] {
            let answer = system.get(&format!("/vapi/{path}?{query}")).await;
            assert_eq!(
                (answer.status, &answer.body["field"]),
                (400, &json!(field)),
                "{query}"
            );
        }
    }
    for cursor in [
        "x",
        "e30",
        "eyJkYXkiOiIyMDMxLTExLTI0IiwiYWZ0ZXIiOnsiaWQiOiJ4In19",
    ] {
        let answer = system.get(&format!("/vapi/calls?cursor={cursor}")).await;
        assert_eq!(
            (answer.status, &answer.body["field"]),
            (400, &json!("cursor"))
        );
    }
}

#[tokio::test]
async fn analytics_count_calls_minutes_cost_bookings_and_latency() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    call.tool(&system, "get_availability", json!({})).await;
    assert!(call.book(&system, "2031-11-25T10:00:00").await.done);
    ended(&system, "call-1", &call.assistant, 3).await;
    ended(&system, "call-2", &call.assistant, 1).await;
    ended(&system, "call-3", "another", 1).await;

    let answer = system.get("/vapi/analytics").await;
    let mut groups = answer.body["groups"].as_array().unwrap().clone();
    assert_eq!(groups.len(), 2, "{answer:?}");
    let group = groups.pop().unwrap();
    assert_eq!(group["assistant_id"], call.assistant);
    assert_eq!(group["day"], "2031-11-24");
    for (name, expected) in [
        ("calls", json!(2)),
        ("minutes", json!(4.0)),
        ("cost", json!(0.2)),
        ("bookings", json!(1)),
        ("conversion", json!(0.5)),
    ] {
        assert_eq!(group[name], expected, "{name}");
    }
    assert_eq!(group["tools"]["set_appointment"]["calls"], 1);
    assert!(group["tools"]["get_availability"]["p95_ms"].is_i64());
    let one = system.get("/vapi/analytics?assistant_id=another").await;
    assert_eq!(one.body["groups"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_binding_decides_at_once_for_whom_an_assistant_books() {
    let system = TestSystem::start().await;
    let path = "/vapi/bindings";
    let binding = json!({"assistant_id": "new-assistant", "user_ids": [USER]});
    let mut call = Call::new("call-1");
    call.assistant = "new-assistant".to_owned();
    let ask = async || call.tool(&system, "get_availability", json!({})).await.done;
    assert!(!ask().await);
    let answer = with_key(&system, Method::PUT, path, Some(&binding)).await;
    assert_eq!(
        (answer.status, &answer.body["user_ids"]),
        (200, &json!([USER])),
        "{answer:?}"
    );
    assert!(ask().await);
    let query = format!("{path}?assistant_id=new-assistant");
    assert_eq!(system.get(&query).await.body["user_ids"], json!([USER]));
    assert_eq!(
        with_key(&system, Method::DELETE, &query, None).await.status,
        200
    );
    assert!(!ask().await);
    assert_eq!(system.get(&query).await.status, 404);

    for (body, field) in [
        (json!({"user_ids": [USER]}), "assistant_id"),
        (
            json!({"assistant_id": "a", "phone_number_id": "b", "user_ids": [USER]}),
            "assistant_id",
        ),
        (
            json!({"assistant_id": "a b", "user_ids": [USER]}),
            "assistant_id",
        ),
        (json!({"assistant_id": "a", "user_ids": []}), "user_ids"),
        (
            json!({"assistant_id": "a", "user_ids": [USER, USER]}),
            "user_ids",
        ),
        (
            json!({"assistant_id": "a", "user_ids": ["not an id!"]}),
            "user_ids",
        ),
        (
            json!({"assistant_id": "a", "user_ids": [USER], "answered_by": "b"}),
            "answered_by",
        ),
        (
            json!({"phone_number_id": "a", "user_ids": [USER], "answered_by": ""}),
            "answered_by",
        ),
    ] {
        let answer = with_key(&system, Method::PUT, path, Some(&body)).await;
        assert_eq!(
            (answer.status, &answer.body["field"]),
            (400, &json!(field)),
            "{body}"
        );
    }
}
