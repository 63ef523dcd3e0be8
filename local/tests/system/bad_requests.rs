//! Requests of the CRM that cannot be served: each names what is wrong, and leaves
//! nothing behind.

use local::defaults::{API_KEY, USER};
use reqwest::Method;
use serde_json::{Value, json};

use crate::system::{Answer, TestSystem};

#[tokio::test]
async fn a_question_that_cannot_be_answered_names_the_parameter() {
    let system = TestSystem::start().await;
    let mut transcript = Vec::new();
    for query in [
        "availability",
        "availability?user_id=two%20words",
        "availability?user_id=stranger",
        "availability?user_id=demo&days_ahead=0",
        "availability?user_id=demo&days_ahead=61",
        "availability?user_id=demo&days_ahead=-1",
        "availability?user_id=demo&days_ahead=soon",
        "availability?user_id=demo&days_ahead=1.5",
        "availability?user_id=demo&start=2031-11-25",
        "availability?user_id=demo&end=2031-11-25",
        "availability?user_id=demo&start=yesterday&end=2031-11-25",
        "availability?user_id=demo&start=2031-11-25&end=2031-13-45",
        "availability?user_id=demo&start=2031-11-26&end=2031-11-25",
        "availability?user_id=demo&start=2031-11-25&end=2031-11-25",
        "availability?user_id=demo&start=2031-11-25&end=2032-11-25",
        "availability?user_id=demo&start_hour=25",
        "availability?user_id=demo&start_hour=12&end_hour=12",
        "availability?user_id=demo&duration_minutes=4",
        "availability?user_id=demo&duration_minutes=241",
        "availability?user_id=demo&limit=0",
        "events?user_id=stranger",
        "events?user_id=demo&days_ahead=91",
        "events?user_id=demo&start=2031-11-26&end=2031-11-25",
        "events?user_id=demo&start=2031-11-25&end=2031-11-25",
        "events?user_id=demo&start=2031-11-25&end=2032-11-25",
        "auth/status",
        "auth/status?user_id=%20",
    ] {
        let answer = system.get(&format!("/calendar/{query}")).await;
        transcript.push(format!("{query}\n  {}", answer.error()));
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    availability
      400 invalid_request (user_id): user_id is missing.
    availability?user_id=two%20words
      400 invalid_request (user_id): user_id is not a user id.
    availability?user_id=stranger
      424 calendar_not_connected: No calendar is connected for this staff member.
    availability?user_id=demo&days_ahead=0
      400 invalid_request (days_ahead): days_ahead must be a whole number from 1 to 60.
    availability?user_id=demo&days_ahead=61
      400 invalid_request (days_ahead): days_ahead must be a whole number from 1 to 60.
    availability?user_id=demo&days_ahead=-1
      400 invalid_request (days_ahead): days_ahead must be a whole number from 1 to 60.
    availability?user_id=demo&days_ahead=soon
      400 invalid_request (days_ahead): days_ahead must be a whole number from 1 to 60.
    availability?user_id=demo&days_ahead=1.5
      400 invalid_request (days_ahead): days_ahead must be a whole number from 1 to 60.
    availability?user_id=demo&start=2031-11-25
      400 invalid_request (end): end is missing.
    availability?user_id=demo&end=2031-11-25
      400 invalid_request (start): start is missing.
    availability?user_id=demo&start=yesterday&end=2031-11-25
      400 invalid_request (start): start must be a time such as 2026-11-24T10:00:00-06:00.
    availability?user_id=demo&start=2031-11-25&end=2031-13-45
      400 invalid_request (end): end must be a time such as 2026-11-24T10:00:00-06:00.
    availability?user_id=demo&start=2031-11-26&end=2031-11-25
      400 invalid_request (end): end must be later than start.
    availability?user_id=demo&start=2031-11-25&end=2031-11-25
      400 invalid_request (end): end must be later than start.
    availability?user_id=demo&start=2031-11-25&end=2032-11-25
      400 invalid_request (end): end must be at most 62 days after start.
    availability?user_id=demo&start_hour=25
      400 invalid_request (start_hour): start_hour must be a whole number from 0 to 23.
    availability?user_id=demo&start_hour=12&end_hour=12
      400 invalid_request (end_hour): end_hour must be later than start_hour.
    availability?user_id=demo&duration_minutes=4
      400 invalid_request (duration_minutes): duration_minutes must be a whole number from 5 to 240.
    availability?user_id=demo&duration_minutes=241
      400 invalid_request (duration_minutes): duration_minutes must be a whole number from 5 to 240.
    availability?user_id=demo&limit=0
      400 invalid_request (limit): limit must be a whole number from 1 to 1000.
    events?user_id=stranger
      424 calendar_not_connected: No calendar is connected for this staff member.
    events?user_id=demo&days_ahead=91
      400 invalid_request (days_ahead): days_ahead must be a whole number from 1 to 90.
    events?user_id=demo&start=2031-11-26&end=2031-11-25
      400 invalid_request (end): end must be later than start.
    events?user_id=demo&start=2031-11-25&end=2031-11-25
      400 invalid_request (end): end must be later than start.
    events?user_id=demo&start=2031-11-25&end=2032-11-25
      400 invalid_request (end): end must be at most 92 days after start.
    auth/status
      400 invalid_request (user_id): user_id is missing.
    auth/status?user_id=%20
      400 invalid_request (user_id): user_id is missing.
    ");
}

/// The fields of an event that would be created, with changes.
fn event(changes: &[(&str, Value)]) -> Value {
    let mut fields = json!({
        "user_id": USER,
        "subject": "Owner visit",
        "start_time": "2031-11-25T10:00:00-06:00",
        "end_time": "2031-11-25T11:00:00-06:00",
    });
    for (name, value) in changes {
        fields[*name] = value.clone();
    }
    fields
}

#[tokio::test]
async fn an_event_that_cannot_be_created_names_the_field_and_nothing_is_stored() {
    let system = TestSystem::start().await;
    let mut transcript = Vec::new();
    let many: Vec<String> = (0..51).map(|n| format!("guest{n}@example.com")).collect();
    for (what, fields) in [
        ("no user", event(&[("user_id", Value::Null)])),
        ("an unknown user", event(&[("user_id", json!("stranger"))])),
        ("no subject", event(&[("subject", Value::Null)])),
        ("a blank subject", event(&[("subject", json!(" "))])),
        (
            "a long subject",
            event(&[("subject", json!("x".repeat(256)))]),
        ),
        ("a long body", event(&[("body", json!("x".repeat(10_001)))])),
        (
            "a long location",
            event(&[("location", json!("x".repeat(256)))]),
        ),
        ("no start", event(&[("start_time", Value::Null)])),
        ("no end", event(&[("end_time", Value::Null)])),
        (
            "a start in words",
            event(&[("start_time", json!("tomorrow at ten"))]),
        ),
        (
            "an impossible end",
            event(&[("end_time", json!("2031-11-31T11:00:00"))]),
        ),
        (
            "a start in the past",
            event(&[("start_time", json!("2031-11-21T10:00:00"))]),
        ),
        (
            "an end before the start",
            event(&[("end_time", json!("2031-11-25T09:00:00-06:00"))]),
        ),
        (
            "no length",
            event(&[("end_time", json!("2031-11-25T10:00:00-06:00"))]),
        ),
        (
            "longer than a day",
            event(&[("end_time", json!("2031-11-26T10:01:00-06:00"))]),
        ),
        (
            "odd seconds",
            event(&[("start_time", json!("2031-11-25T10:00:30-06:00"))]),
        ),
        (
            "no duration",
            event(&[("end_time", Value::Null), ("duration_minutes", json!(0))]),
        ),
        ("a bad e-mail", event(&[("attendee_email", json!("casey"))])),
        (
            "a bad attendee",
            event(&[("attendees", json!(["casey@example.com", "x@"]))]),
        ),
        ("too many attendees", event(&[("attendees", json!(many))])),
        ("a number as subject", event(&[("subject", json!(7))])),
    ] {
        let answer = system.post("/calendar/events", &fields).await;
        transcript.push(format!("{what}: {}", answer.error()));
        system.assert_nothing_stored(what).await;
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    no user: 400 invalid_request (user_id): user_id is missing.
    an unknown user: 424 calendar_not_connected: No calendar is connected for this staff member.
    no subject: 400 invalid_request (subject): subject is missing.
    a blank subject: 400 invalid_request (subject): subject is missing.
    a long subject: 400 invalid_request (subject): subject may have at most 255 characters.
    a long body: 400 invalid_request (body): body may have at most 10000 characters.
    a long location: 400 invalid_request (location): location may have at most 255 characters.
    no start: 400 invalid_request (start_time): start_time is missing.
    no end: 400 invalid_request (end_time): end_time is missing.
    a start in words: 400 invalid_request (start_time): start_time must be a time such as 2026-11-24T10:00:00-06:00.
    an impossible end: 400 invalid_request (end_time): end_time must be a time such as 2026-11-24T10:00:00-06:00.
    a start in the past: 400 invalid_request (start_time): start_time is in the past.
    an end before the start: 400 invalid_request (end_time): end_time must be later than start_time.
    no length: 400 invalid_request (end_time): end_time must be later than start_time.
    longer than a day: 400 invalid_request (end_time): end_time must be within a day of start_time.
    odd seconds: 400 invalid_request (start_time): start_time and end_time must be whole minutes.
    no duration: 400 invalid_request (duration_minutes): duration_minutes must be from 1 to 1440.
    a bad e-mail: 400 invalid_request (attendee_email): attendee_email must be an e-mail address.
    a bad attendee: 400 invalid_request (attendees): attendees must be an e-mail address.
    too many attendees: 400 invalid_request (attendees): attendees are too many.
    a number as subject: 400 invalid_request (subject): subject has a value of the wrong kind.
    ");
}

#[tokio::test]
async fn an_event_in_the_query_is_checked_the_same_way() {
    let system = TestSystem::start().await;
    let mut transcript = Vec::new();
    for query in [
        "user_id=demo",
        "user_id=demo&subject=Visit",
        "user_id=demo&subject=Visit&start_time=2031-11-25T10:00",
        "user_id=demo&subject=Visit&start_time=2031-11-25T10:00&duration_minutes=0",
        "user_id=demo&subject=Visit&start_time=2031-11-25T10:00&duration_minutes=1441",
        "user_id=demo&subject=Visit&start_time=2031-11-25T10:00&duration_minutes=30&allow_conflict=maybe",
        "user_id=demo&subject=Visit&start_time=2031-11-25T10:00&duration_minutes=30&attendees=a@example.com,b",
    ] {
        let request = system
            .request(Method::POST, &format!("/calendar/events?{query}"))
            .header("x-api-key", API_KEY);
        let answer = Answer::of(request).await;
        transcript.push(format!("{query}\n  {}", answer.error()));
        system.assert_nothing_stored(query).await;
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    user_id=demo
      400 invalid_request (subject): subject is missing.
    user_id=demo&subject=Visit
      400 invalid_request (start_time): start_time is missing.
    user_id=demo&subject=Visit&start_time=2031-11-25T10:00
      400 invalid_request (end_time): end_time is missing.
    user_id=demo&subject=Visit&start_time=2031-11-25T10:00&duration_minutes=0
      400 invalid_request (duration_minutes): duration_minutes must be a whole number from 1 to 1440.
    user_id=demo&subject=Visit&start_time=2031-11-25T10:00&duration_minutes=1441
      400 invalid_request (duration_minutes): duration_minutes must be a whole number from 1 to 1440.
    user_id=demo&subject=Visit&start_time=2031-11-25T10:00&duration_minutes=30&allow_conflict=maybe
      400 invalid_request (allow_conflict): allow_conflict must be true or false.
    user_id=demo&subject=Visit&start_time=2031-11-25T10:00&duration_minutes=30&attendees=a@example.com,b
      400 invalid_request (attendees): attendees must be an e-mail address.
    ");
}
