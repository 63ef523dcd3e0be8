//! The control API.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::harness::{DEMO, Simulator};

#[tokio::test]
async fn accounts_are_listed_with_their_tenant() {
    let simulator = Simulator::start().await;
    let (_, body) = simulator
        .control(Method::GET, "/accounts", Value::Null)
        .await;
    assert!(body["tenant_id"].is_string());
    let emails: Vec<_> = body["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|account| account["email"].as_str().unwrap())
        .collect();
    assert_eq!(emails.len(), 10);
    let domain = |email: &str| email.rsplit_once('@').unwrap().1.to_owned();
    let directories = body["directories"].as_array().unwrap();
    for email in &emails {
        let domain = domain(email);
        assert!(
            directories.iter().any(|known| known["domain"] == domain),
            "{email}"
        );
    }
    assert_eq!(emails[0], DEMO);
}

#[tokio::test]
async fn an_added_event_is_shown_read_and_removed() {
    let simulator = Simulator::start().await;
    let graph = simulator.sign_in(DEMO).await;
    let added = simulator
        .add_event(json!({
            "subject": "Dentist", "start": "2026-11-24T10:00:00-06:00", "end": "2026-11-24T11:00:00-06:00",
            "show_as": "tentative",
            "properties": {"sensitivity": "private", "attendees": [{"emailAddress": {"address": "x@example.com"}}]}
        }))
        .await;
    assert_eq!(added["start"], "2026-11-24T16:00:00Z");
    assert_eq!(added["written_time_zone"], "Central Standard Time");
    assert_eq!(added["graph"]["sensitivity"], "private");
    assert_eq!(added["attendees"], json!(["x@example.com"]));
    let path = format!("/me/events/{}", added["id"].as_str().unwrap());
    assert_eq!(graph.get(&path).await.0, StatusCode::OK);
    let mailbox = simulator.mailbox().await;
    assert_eq!(mailbox["events"][0]["id"], added["id"]);
    assert_eq!(mailbox["outbox"], json!([]));

    let control = format!("/mailboxes/{DEMO}/events/{}", added["id"].as_str().unwrap());
    assert_eq!(
        simulator
            .control(Method::DELETE, &control, Value::Null)
            .await
            .0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        simulator
            .control(Method::DELETE, &control, Value::Null)
            .await
            .0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(graph.get(&path).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_edited_event_is_another_version_and_nobody_is_told() {
    let simulator = Simulator::start().await;
    let graph = simulator.sign_in(DEMO).await;
    let added = simulator
        .add_event(json!({
            "subject": "Dentist", "start": "2026-11-24T10:00:00-06:00", "end": "2026-11-24T11:00:00-06:00",
            "properties": {"attendees": [{"emailAddress": {"address": "x@example.com"}}]}
        }))
        .await;
    let control = format!("/mailboxes/{DEMO}/events/{}", added["id"].as_str().unwrap());
    let edit = json!({"end": "2026-11-24T10:30:00-06:00", "subject": "Doctor", "cancelled": true});
    let (status, edited) = simulator.control(Method::PATCH, &control, edit).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(edited["start"], added["start"]);
    assert_eq!(edited["end"], "2026-11-24T16:30:00Z");
    assert_eq!(edited["subject"], "Doctor");
    assert_eq!(edited["is_cancelled"], true);
    let path = format!("/me/events/{}", added["id"].as_str().unwrap());
    let read = graph.get(&path).await.1;
    assert_eq!(read["@odata.etag"], edited["etag"]);
    assert_ne!(edited["etag"], added["etag"]);
    assert_eq!(simulator.mailbox().await["outbox"], json!([]));

    for (path, edit, expected) in [
        (&control, json!({"end": "2026-11-24T15:00:00Z"}), 400),
        (&control, json!({"start": "today"}), 400),
        (&control, json!({"colour": "red"}), 400),
        (&format!("{control}x"), json!({}), 404),
    ] {
        let (status, answer) = simulator.control(Method::PATCH, path, edit.clone()).await;
        assert_eq!(status.as_u16(), expected, "{edit}: {answer}");
    }
    assert_eq!(graph.get(&path).await.1["@odata.etag"], edited["etag"]);
}

#[tokio::test]
async fn unusable_requests_are_refused_with_a_reason() {
    let simulator = Simulator::start().await;
    let events = format!("/mailboxes/{DEMO}/events");
    for (path, body) in [
        (
            events.as_str(),
            json!({"start": "2026-11-24", "end": "2026-11-25"}),
        ),
        (
            events.as_str(),
            json!({"start": "2026-11-24T10:00:00Z", "end": "2026-11-24T09:00:00Z"}),
        ),
        (
            events.as_str(),
            json!({"start": "2026-11-24T10:00:00Z", "end": "2026-11-24T11:00:00Z", "show_as": "gone"}),
        ),
        (
            events.as_str(),
            json!({"start": "2026-11-24T10:00:00Z", "end": "2026-11-24T11:00:00Z", "recurrence": {"pattern": {"type": "absoluteMonthly"}, "range": {"type": "noEnd"}}}),
        ),
        (
            events.as_str(),
            json!({"start": "2026-11-24T10:00:00Z", "end": "2026-11-24T11:00:00Z", "colour": "red"}),
        ),
        (
            "/faults",
            json!([{"operation": "calendar_views", "effect": "hang"}]),
        ),
        (
            "/faults",
            json!([{"trigger": {"nth": 0}, "effect": "hang"}]),
        ),
        (
            "/faults",
            json!([{"trigger": {"probability": {"chance": 1.5}}, "effect": "hang"}]),
        ),
        ("/faults", json!([{"effect": {"html": 99}}])),
        ("/faults", json!({"effect": "hang"})),
    ] {
        let (status, answer) = simulator.control(Method::POST, path, body.clone()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
        assert!(answer["error"].is_string(), "{body}");
    }
    let nobody = simulator
        .control(Method::GET, "/mailboxes/nobody@x.example", Value::Null)
        .await;
    assert_eq!(nobody.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn settings_are_shown_and_replaced() {
    let simulator = Simulator::start().await;
    let (_, before) = simulator
        .control(Method::GET, "/settings", Value::Null)
        .await;
    assert_eq!(before["page_limit"], 50);
    simulator
        .control(
            Method::PUT,
            "/settings",
            json!({"withheld_scopes": ["calendars.readwrite"]}),
        )
        .await;
    let code = simulator.code(&[], DEMO).await;
    let body = simulator.redeem(&code).await.1;
    assert!(!body["scope"].as_str().unwrap().contains("Calendars"));
    let refused = simulator
        .control(Method::PUT, "/settings", json!({"page_limits": 3}))
        .await;
    assert_eq!(refused.0, StatusCode::BAD_REQUEST);
}
