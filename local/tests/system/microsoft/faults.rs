//! Injected faults and the limit of simultaneous requests.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::harness::{DEMO, Simulator, code_of, get, viewing};

#[tokio::test]
async fn errors_have_the_shape_of_their_operation() {
    let simulator = Simulator::start().await;
    let graph = simulator.sign_in(DEMO).await;
    simulator
        .fault(json!({
            "operation": "me", "account": DEMO, "trigger": {"nth": 2},
            "effect": {"error": {"status": 429, "code": "TooManyRequests", "retry_after": "7"}}
        }))
        .await;
    assert_eq!(graph.get("/me").await.0, StatusCode::OK);
    let answer = graph.request(Method::GET, "/me").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers()["retry-after"], "7");
    assert_eq!(code_of(&answer.json().await.unwrap()), "TooManyRequests");
    assert_eq!(graph.get("/me").await.0, StatusCode::OK);

    simulator
        .fault(json!({
            "operation": "token",
            "effect": {"error": {"status": 400, "code": "invalid_grant", "aadsts": 50076}}
        }))
        .await;
    let code = simulator.code(&[], DEMO).await;
    let (status, body) = simulator.redeem(&code).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(
        (&body["error"], &body["error_codes"]),
        (&json!("invalid_grant"), &json!([50076]))
    );

    simulator
        .fault(json!({
            "operation": "authorize",
            "effect": {"error": {"status": 302, "code": "temporarily_unavailable", "aadsts": 90006}}
        }))
        .await;
    let parameters = simulator.choose(&[], ("account", DEMO)).await;
    assert_eq!(get(&parameters, "error"), Some("temporarily_unavailable"));
    assert_eq!(get(&parameters, "state"), Some("st&te=1"));

    let (_, listed) = simulator.control(Method::GET, "/faults", Value::Null).await;
    assert_eq!(
        (&listed["faults"][0]["seen"], &listed["faults"][0]["hit"]),
        (&json!(3), &json!(1))
    );
    simulator
        .control(Method::DELETE, "/faults", Value::Null)
        .await;
    assert_eq!(simulator.redeem(&code).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_rule_for_one_account_leaves_the_others_alone() {
    let simulator = Simulator::start().await;
    let (demo, pat) = (
        simulator.sign_in(DEMO).await,
        simulator.sign_in("pat@lakeside.example").await,
    );
    simulator
        .fault(json!({"account": DEMO, "effect": {"empty": 503}}))
        .await;
    assert_eq!(
        demo.get("/me").await,
        (StatusCode::SERVICE_UNAVAILABLE, Value::Null)
    );
    assert_eq!(pat.get("/me").await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_claims_challenge_can_be_asked_for() {
    let simulator = Simulator::start().await;
    let graph = simulator.sign_in(DEMO).await;
    simulator.fault(json!({"operation": "me", "effect": {"error": {"status": 401, "code": "insufficient_claims"}}})).await;
    let answer = graph.request(Method::GET, "/me").send().await.unwrap();
    assert!(
        answer.headers()["www-authenticate"]
            .to_str()
            .unwrap()
            .contains("insufficient_claims")
    );
}

#[tokio::test]
async fn html_and_empty_bodies_replace_answers_before_or_after_the_commit() {
    let simulator = Simulator::start().await;
    let graph = simulator.sign_in(DEMO).await;
    simulator
        .fault(json!({"operation": "create_event", "trigger": {"nth": 1}, "effect": {"html": 500}}))
        .await;
    let request = graph
        .request(Method::POST, "/me/events")
        .json(&viewing("t-1", "VW-1"));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(answer.headers().contains_key("request-id"));
    assert!(answer.text().await.unwrap().starts_with("<!DOCTYPE html>"));
    assert_eq!(simulator.mailbox().await["events"], json!([]));

    simulator
        .fault(json!({"operation": "create_event", "moment": "after", "effect": {"empty": 504}}))
        .await;
    assert_eq!(
        graph.post("/me/events", &viewing("t-1", "VW-1")).await,
        (StatusCode::GATEWAY_TIMEOUT, Value::Null)
    );
    let mailbox = simulator.mailbox().await;
    assert_eq!(mailbox["events"][0]["transaction_id"], "t-1");
}

#[tokio::test]
async fn a_cut_connection_has_no_answer_whether_or_not_the_event_exists() {
    let simulator = Simulator::start().await;
    let graph = simulator.sign_in(DEMO).await;
    for (moment, events) in [("before", 0), ("after", 1)] {
        simulator
            .control(Method::DELETE, "/faults", Value::Null)
            .await;
        simulator
            .fault(json!({"operation": "create_event", "moment": moment, "effect": "cut"}))
            .await;
        let request = graph
            .request(Method::POST, "/me/events")
            .json(&viewing("t-1", "VW-1"));
        assert!(request.send().await.is_err(), "{moment}");
        let mailbox = simulator.mailbox().await;
        assert_eq!(
            mailbox["events"].as_array().unwrap().len(),
            events,
            "{moment}"
        );
    }
}

#[tokio::test]
async fn a_hanging_request_ends_with_the_clients_patience_and_frees_its_place() {
    let simulator = Simulator::start().await;
    let graph = simulator.sign_in(DEMO).await;
    simulator
        .fault(json!({"operation": "create_event", "moment": "after", "effect": "hang"}))
        .await;
    let request = graph
        .request(Method::POST, "/me/events")
        .json(&viewing("t-1", "VW-1"));
    let error = request
        .timeout(Duration::from_millis(50))
        .send()
        .await
        .unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(
        in_flight_becomes(&simulator, 0).await["events"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn the_fifth_simultaneous_request_on_a_mailbox_is_throttled() {
    let simulator = Simulator::start().await;
    let graph = simulator.sign_in(DEMO).await;
    let pat = simulator.sign_in("pat@lakeside.example").await;
    simulator
        .fault(json!({"operation": "calendar_view", "effect": "hang"}))
        .await;
    let hanging: Vec<_> = (0..4)
        .map(|_| {
            let graph = graph.clone();
            tokio::spawn(async move { graph.get("/me/calendarView").await })
        })
        .collect();
    in_flight_becomes(&simulator, 4).await;
    let answer = graph
        .request(Method::GET, "/me/events")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.headers().contains_key("retry-after"));
    assert_eq!(
        code_of(&answer.json().await.unwrap()),
        "ApplicationThrottled"
    );
    assert_eq!(pat.get("/me/events").await.0, StatusCode::OK);

    hanging.iter().for_each(tokio::task::JoinHandle::abort);
    let mailbox = in_flight_becomes(&simulator, 0).await;
    assert_eq!(graph.get("/me/events").await.0, StatusCode::OK);
    assert_eq!(mailbox["counters"]["max_in_flight"], 4);
    assert_eq!(mailbox["counters"]["throttled"], 1);
}

/// Asks until the count is reached, and gives up after a few seconds.
async fn in_flight_becomes(simulator: &Simulator, count: u64) -> Value {
    let reached = async {
        loop {
            let mailbox = simulator.mailbox().await;
            if mailbox["counters"]["in_flight"] == count {
                return mailbox;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), reached)
        .await
        .expect("the count of requests in flight")
}
