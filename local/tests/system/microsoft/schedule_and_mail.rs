//! Free/busy of several people, and mail.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::harness::{DEMO, Simulator, code_of};

fn request(schedules: &Value) -> Value {
    json!({
        "schedules": schedules,
        "startTime": {"dateTime": "2026-11-24T09:00:00", "timeZone": "Central Standard Time"},
        "endTime": {"dateTime": "2026-11-24T12:00:00", "timeZone": "Central Standard Time"},
        "availabilityViewInterval": 30
    })
}

#[tokio::test]
async fn schedules_show_the_gravest_status_of_each_interval() {
    let simulator = Simulator::start().await;
    for (start, end, show_as) in [
        ("15:00", "15:30", "free"),
        ("15:30", "16:00", "tentative"),
        ("16:00", "17:00", "busy"),
        ("16:30", "16:45", "oof"),
    ] {
        let (start, end) = (
            format!("2026-11-24T{start}:00Z"),
            format!("2026-11-24T{end}:00Z"),
        );
        simulator
            .add_event(json!({"start": start, "end": end, "show_as": show_as}))
            .await;
    }
    let pat = simulator.sign_in("pat@lakeside.example").await;
    let (status, body) = pat
        .post("/me/calendar/getSchedule", &request(&json!([DEMO])))
        .await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let demo = &body["value"][0];
    assert_eq!(demo["availabilityView"], "012300");
    assert_eq!(demo["scheduleItems"].as_array().unwrap().len(), 4);
    assert_eq!(
        demo["scheduleItems"][0]["start"]["dateTime"],
        "2026-11-24T15:00:00.0000000"
    );
    assert_eq!(demo["workingHours"]["startTime"], "09:00:00.0000000");
}

#[tokio::test]
async fn a_schedule_that_cannot_be_read_is_an_error_inside_the_answer() {
    let simulator = Simulator::start().await;
    let settings =
        json!({"unreadable_schedules": ["pat@lakeside.example"], "schedule_lag_seconds": 40});
    simulator.control(Method::PUT, "/settings", settings).await;
    simulator
        .add_event(json!({"start": "2026-11-24T15:00:00Z", "end": "2026-11-24T16:00:00Z"}))
        .await;
    let graph = simulator.sign_in(DEMO).await;
    let addresses = json!([
        DEMO,
        "pat@lakeside.example",
        "who@else.example",
        "mel@lakeside.example"
    ]);
    let mut pascal = request(&addresses);
    for name in [
        "schedules",
        "startTime",
        "endTime",
        "availabilityViewInterval",
    ] {
        let value = pascal[name].take();
        let (first, rest) = name.split_at(1);
        pascal[first.to_uppercase() + rest] = value;
    }
    let (status, body) = graph.post("/me/calendar/getSchedule", &pascal).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let schedules = body["value"].as_array().unwrap();
    assert!(schedules[0].get("error").is_none());
    assert!(
        schedules[1..]
            .iter()
            .all(|schedule| schedule["error"]["responseCode"].is_string())
    );
    // Free/busy lags behind the calendar.
    assert_eq!(schedules[0]["availabilityView"], "000000");
    simulator.pass(41);
    let (_, body) = graph.post("/me/calendar/getSchedule", &pascal).await;
    assert_eq!(body["value"][0]["availabilityView"], "220000");
}

#[tokio::test]
async fn schedule_requests_have_limits() {
    let simulator = Simulator::start().await;
    let graph = simulator.sign_in(DEMO).await;
    let mut long = request(&json!([DEMO]));
    long["endTime"]["dateTime"] = json!("2027-01-25T09:00:00");
    let mut fine = request(&json!([DEMO]));
    fine["availabilityViewInterval"] = json!(4);
    for body in [
        request(&json!([])),
        request(&json!(vec![DEMO; 21])),
        request(&json!(DEMO)),
        long,
        fine,
        json!({}),
    ] {
        let (status, _) = graph.post("/me/calendar/getSchedule", &body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
    }
}

#[tokio::test]
async fn mail_is_recorded_as_often_as_it_is_sent() {
    let simulator = Simulator::start().await;
    let graph = simulator.sign_in(DEMO).await;
    let message = json!({
        "subject": "Your viewing",
        "body": {"contentType": "text", "content": "See you."},
        "toRecipients": [{"emailAddress": {"address": "casey@example.com"}}],
        "attachments": [{"@odata.type": "#microsoft.graph.fileAttachment", "name": "viewing.ics", "contentType": "text/calendar", "contentBytes": "QkVHSU4="}]
    });
    for name in ["message", "Message"] {
        let mut body = json!({"saveToSentItems": true});
        body[name] = message.clone();
        assert_eq!(
            graph.post("/me/sendMail", &body).await,
            (StatusCode::ACCEPTED, Value::Null)
        );
    }
    let outbox = simulator.mailbox().await["outbox"].clone();
    assert_eq!(outbox.as_array().unwrap().len(), 2);
    assert_eq!(
        (&outbox[0]["kind"], &outbox[0]["to"]),
        (&json!("message"), &json!(["casey@example.com"]))
    );
    assert_eq!(
        outbox[0]["message"]["attachments"][0]["name"],
        "viewing.ics"
    );

    for (name, value, code) in [
        ("toRecipients", json!([]), "ErrorInvalidRecipients"),
        ("attachments", json!([{"name": "x"}]), "RequestBodyRead"),
    ] {
        let mut bad = message.clone();
        bad[name] = value;
        let (status, body) = graph.post("/me/sendMail", &json!({"message": bad})).await;
        assert_eq!((status, code_of(&body)), (StatusCode::BAD_REQUEST, code));
    }
    let code = simulator
        .code(&[("scope", "Calendars.ReadWrite")], DEMO)
        .await;
    let mut graph = graph;
    graph.token = simulator.redeem(&code).await.1["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        graph
            .post("/me/sendMail", &json!({"message": message}))
            .await
            .0,
        StatusCode::FORBIDDEN
    );
}
