//! `PATCH /calendar/events/{id}`: viewings, and whatever else is in a staff member's
//! calendar.

use local::defaults::{ACCOUNT, USER};
use serde_json::{Value, json};

use crate::invariants::assert_sound;
use crate::system::{Answer, TestSystem};
use crate::voice::Call;

/// A system with a viewing at ten that has a guest, and an event at noon.
pub(crate) async fn with_both() -> (TestSystem, String, String) {
    let system = TestSystem::start().await;
    let arguments = json!({
        "start_time": "2031-11-25T10:00:00", "attendee_name": "Casey Caller",
        "attendee_email": "casey@example.com", "property_address": "14 Mill Lane",
    });
    let booked = Call::new("call-1")
        .tool(&system, "set_appointment", arguments)
        .await;
    assert!(booked.done, "{booked:?}");
    let lunch = json!({
        "subject": "Lunch", "start": "2031-11-25T12:00:00-06:00", "end": "2031-11-25T13:00:00-06:00",
        "properties": {"attendees": [{"emailAddress": {"address": "olive@example.com"}}]},
    });
    system.add_event(&lunch).await;
    let events = system.events().await;
    let id = |event: &Value| event["id"].as_str().unwrap().to_owned();
    let (viewing, lunch) = (id(&events[0]), id(&events[1]));
    (system, viewing, lunch)
}

pub(crate) async fn change(system: &TestSystem, id: &str, mut fields: Value) -> Answer {
    fields["user_id"] = json!(USER);
    system
        .patch(&format!("/calendar/events/{id}"), &fields)
        .await
}

pub(crate) async fn remove(system: &TestSystem, id: &str, query: &str) -> Answer {
    system
        .delete(&format!("/calendar/events/{id}?user_id={USER}{query}"))
        .await
}

/// The times of all events, as the wall clock in Chicago.
pub(crate) async fn times(system: &TestSystem) -> Vec<String> {
    let listed = system
        .get("/calendar/events?user_id=demo&days_ahead=30")
        .await;
    let events = listed.body["events"].as_array().unwrap();
    let at = |event: &Value, name: &str| event[name].as_str().unwrap()[11..16].to_owned();
    events
        .iter()
        .map(|event| format!("{}-{}", at(event, "start_time"), at(event, "end_time")))
        .collect()
}

#[tokio::test]
async fn what_is_not_said_of_a_time_stays() {
    let (system, viewing, lunch) = with_both().await;
    for (id, fields, expected) in [
        (
            &viewing,
            json!({"start_time": "2031-11-25T14:00:00"}),
            ["12:00-13:00", "14:00-14:30"],
        ),
        (
            &viewing,
            json!({"end_time": "2031-11-25T15:00:00"}),
            ["12:00-13:00", "14:00-15:00"],
        ),
        (
            &viewing,
            json!({"duration_minutes": 20}),
            ["12:00-13:00", "14:00-14:20"],
        ),
        (
            &lunch,
            json!({"start_time": "2031-11-25T19:00:00-06:00"}),
            ["14:00-14:20", "19:00-20:00"],
        ),
        (
            &lunch,
            json!({"duration_minutes": 15}),
            ["14:00-14:20", "19:00-19:15"],
        ),
        (
            &viewing,
            json!({"start_time": "2031-11-25T16:00:00Z", "end_time": "2031-11-25T16:30:00Z"}),
            ["10:00-10:30", "19:00-19:15"],
        ),
    ] {
        let changed = change(&system, id, fields.clone()).await;
        assert_eq!(changed.status, 200, "{fields}: {changed:?}");
        assert_eq!(times(&system).await, expected, "{fields}");
        assert_eq!(system.ledger().await.len(), 1);
        assert_sound(&system, &[(USER, ACCOUNT)], &fields.to_string()).await;
    }
    let [row] = system.viewings().await.try_into().unwrap();
    assert_eq!(
        row["history"].as_array().unwrap().last().unwrap()["cause"],
        "crm"
    );
}

#[tokio::test]
async fn a_time_that_is_not_free_is_409_with_the_nearest_and_nothing_changes() {
    let (system, viewing, lunch) = with_both().await;
    let other = Call::from("call-2", "+13125550177");
    assert!(other.book(&system, "2031-11-25T15:00:00").await.done);
    let before = times(&system).await;
    let mut transcript = Vec::new();
    for (what, id, time, allow_conflict) in [
        (
            "viewing onto an event",
            &viewing,
            "2031-11-25T12:30:00",
            false,
        ),
        (
            "viewing onto a viewing",
            &viewing,
            "2031-11-25T15:00:00",
            false,
        ),
        ("event onto a viewing", &lunch, "2031-11-25T09:30:00", false),
        (
            "viewing onto a viewing, allowed",
            &viewing,
            "2031-11-25T14:45:00",
            true,
        ),
        (
            "event onto a viewing, allowed",
            &lunch,
            "2031-11-25T09:30:00",
            true,
        ),
    ] {
        let fields = json!({"start_time": time, "allow_conflict": allow_conflict});
        let refused = change(&system, id, fields).await;
        let nearest = refused.body["alternatives"].as_array().unwrap().iter();
        let nearest = nearest.map(|slot| &slot["start_time"].as_str().unwrap()[11..16]);
        let nearest = nearest.collect::<Vec<_>>().join(", ");
        transcript.push(format!("{what}: {} [{nearest}]", refused.error()));
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    viewing onto an event: 409 slot_taken: That time is not free. [11:30, 13:00, 13:30]
    viewing onto a viewing: 409 slot_taken: That time is not free. [14:00, 14:30, 15:30]
    event onto a viewing: 409 slot_taken: That time is not free. [09:00, 10:30, 11:00]
    viewing onto a viewing, allowed: 409 slot_taken: That time is not free. [14:00, 14:30, 15:30]
    event onto a viewing, allowed: 409 slot_taken: That time is not free. [09:00, 10:30, 11:00]
    ");
    assert_eq!(times(&system).await, before);
    let fields = json!({"start_time": "2031-11-25T12:30:00", "allow_conflict": true});
    assert_eq!(change(&system, &viewing, fields).await.status, 200);
    assert_eq!(
        times(&system).await,
        ["12:00-13:00", "12:30-13:00", "15:00-15:30"]
    );
    assert_sound(&system, &[(USER, ACCOUNT)], "an accepted conflict").await;
}

#[tokio::test]
async fn text_can_be_changed_and_a_viewing_keeps_its_code() {
    let (system, viewing, lunch) = with_both().await;
    let code = system.viewings().await[0]["confirmation_code"].clone();
    let fields = json!({
        "subject": "Viewing with the owner", "body": "Bring the keys.", "location": "22 Elm Court",
        "start_time": "2031-11-25T14:00:00",
    });
    let changed = change(&system, &viewing, fields.clone()).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let event = &changed.body["event"];
    assert_eq!(event["subject"], "Viewing with the owner");
    assert_eq!(event["start_time"], "2031-11-25T14:00:00-06:00");
    let body = event["body"].as_str().unwrap();
    let code = code.as_str().unwrap();
    assert!(
        body.contains("Bring the keys.") && body.contains(code),
        "{body}"
    );
    let [row] = system.viewings().await.try_into().unwrap();
    assert_eq!(row["subject"], "Viewing with the owner");
    assert_eq!(row["property_address"], "22 Elm Court");
    let found = system
        .get("/appointments?user_id=demo&property=22%20elm%20court")
        .await;
    assert_eq!(found.body["appointments"].as_array().unwrap().len(), 1);
    let path = json!({"confirmation_code": code});
    let told = Call::new("call-2")
        .tool(&system, "find_appointments", path)
        .await;
    insta::assert_snapshot!(told.text, @"You have a viewing on Tuesday, November twenty fifth, at two PM at twenty two Elm Court.");

    let changed = change(
        &system,
        &lunch,
        json!({"subject": "Brunch", "body": "Eggs."}),
    )
    .await;
    assert_eq!(changed.body["event"]["subject"], "Brunch");
    let body = changed.body["event"]["body"].as_str().unwrap();
    assert!(body.contains("Eggs.") && !body.contains("ode"), "{body}");
    assert_eq!(system.viewings().await, [row]);
}

#[tokio::test]
async fn an_event_of_whole_days_can_be_renamed_and_removed_but_not_moved() {
    let system = TestSystem::start().await;
    let day =
        json!({"subject": "Away", "start": "2031-11-25", "end": "2031-11-26", "all_day": true});
    let event = system.add_event(&day).await;
    let id = event["id"].as_str().unwrap();
    let refused = change(&system, id, json!({"start_time": "2031-11-25T10:00:00"})).await;
    insta::assert_snapshot!(refused.error(), @"400 invalid_request (start_time): start_time cannot be changed for an event of whole days.");
    let renamed = change(&system, id, json!({"subject": "Still away"})).await;
    assert_eq!(renamed.status, 200, "{renamed:?}");
    assert_eq!(renamed.body["event"]["is_all_day"], true);
    assert_eq!(remove(&system, id, "").await.status, 200);
    assert!(system.events().await.is_empty());
}

#[tokio::test]
async fn what_cannot_be_used_is_named_and_nothing_changes() {
    let (system, viewing, _) = with_both().await;
    let before = system.events().await;
    let mut transcript = Vec::new();
    for fields in [
        json!({"start": "2031-11-25T14:00:00"}),
        json!({"start_time": "today"}),
        json!({"start_time": "2031-11-24T07:00:00-06:00"}),
        json!({"end_time": "2031-11-25T09:00:00-06:00"}),
        json!({"end_time": "2031-11-27T09:00:00-06:00"}),
        json!({"duration_minutes": 0}),
        json!({"duration_minutes": "long"}),
        json!({"start_time": "2031-11-25T14:00:30-06:00"}),
        json!({"subject": " "}),
        json!({"subject": "x".repeat(256)}),
        json!({"body": "x".repeat(10_001)}),
    ] {
        let answer = change(&system, &viewing, fields.clone()).await;
        let mut shown = fields.to_string();
        shown.truncate(60);
        transcript.push(format!("{shown}: {}", answer.error()));
    }
    let long = format!("&comment={}", "x".repeat(256));
    transcript.push(format!(
        "comment: {}",
        remove(&system, &viewing, &long).await.error()
    ));
    insta::assert_snapshot!(transcript.join("\n"), @r#"
    {"start":"2031-11-25T14:00:00"}: 400 invalid_request (start): start is not known here.
    {"start_time":"today"}: 400 invalid_request (start_time): start_time must be a time such as 2026-11-24T10:00:00-06:00.
    {"start_time":"2031-11-24T07:00:00-06:00"}: 400 invalid_request (start_time): start_time is in the past.
    {"end_time":"2031-11-25T09:00:00-06:00"}: 400 invalid_request (end_time): end_time must be later than start_time.
    {"end_time":"2031-11-27T09:00:00-06:00"}: 400 invalid_request (end_time): end_time must be within a day of start_time.
    {"duration_minutes":0}: 400 invalid_request (duration_minutes): duration_minutes must be from 1 to 1440.
    {"duration_minutes":"long"}: 400 invalid_request (duration_minutes): duration_minutes has a value of the wrong kind.
    {"start_time":"2031-11-25T14:00:30-06:00"}: 400 invalid_request (start_time): start_time and end_time must be whole minutes.
    {"subject":" "}: 400 invalid_request (subject): subject is missing.
    {"subject":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: 400 invalid_request (subject): subject may have at most 255 characters.
    {"body":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: 400 invalid_request (body): body may have at most 10000 characters.
    comment: 400 invalid_request (comment): comment may have at most 255 characters.
    "#);
    assert_eq!(change(&system, &viewing, json!({})).await.status, 200);
    assert_eq!(system.events().await, before);
}

#[tokio::test]
async fn an_event_that_somebody_changes_meanwhile_is_409() {
    let (system, _, lunch) = with_both().await;
    let delay =
        json!({"operation": "update_event", "trigger": {"first": 1}, "effect": {"delay_ms": 600}});
    system.fault(&delay).await;
    let edits = async {
        while system.count("update_event").await == 0 {}
        let events = system.events().await;
        system
            .edit_event(&events[1], &json!({"subject": "Brunch"}))
            .await;
    };
    let fields = json!({"start_time": "2031-11-25T14:00:00"});
    let (changed, ()) = tokio::join!(change(&system, &lunch, fields), edits);
    insta::assert_snapshot!(changed.error(), @"409 event_changed: Somebody else changed this event. Read it again, and change what is there now.");
    assert_eq!(times(&system).await, ["10:00-10:30", "12:00-13:00"]);
}
