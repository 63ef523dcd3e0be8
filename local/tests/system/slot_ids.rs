//! Ids of offered slots: what they book, and when they no longer do.

use local::defaults::USER;
use serde_json::json;

use crate::system::TestSystem;
use crate::voice::Call;

async fn first_slot(system: &TestSystem, query: &str) -> serde_json::Value {
    let path = format!("/calendar/availability?limit=1&{query}");
    let answer = system.get(&path).await;
    answer.body["available_slots"][0].clone()
}

#[tokio::test]
async fn an_id_books_its_start_and_its_length() {
    let system = TestSystem::start().await;
    let slot = first_slot(&system, "user_id=demo&duration_minutes=60").await;
    let arguments = json!({"slot_id": slot["slot_id"], "attendee_name": "Casey Caller"});
    let heard = Call::new("call-1")
        .tool(&system, "set_appointment", arguments)
        .await;
    assert!(heard.done, "{heard:?}");
    let events = system.get("/calendar/events?user_id=demo").await;
    assert_eq!(events.body["events"][0]["start_time"], slot["start_time"]);
    assert_eq!(events.body["events"][0]["end_time"], slot["end_time"]);
}

#[tokio::test]
async fn an_old_id_is_no_longer_good_and_says_so() {
    let system = TestSystem::start().await;
    let slot = first_slot(&system, "user_id=demo").await;
    system.pass(61);
    let arguments = json!({"slot_id": slot["slot_id"], "attendee_name": "Casey Caller"});
    let heard = Call::new("call-1")
        .tool(&system, "set_appointment", arguments)
        .await;
    insta::assert_snapshot!(heard.text, @"That offer is too old to be sure of. Shall I look again at what is open?");
    assert!(!heard.done);
    assert!(system.events().await.is_empty());
}

#[tokio::test]
async fn an_id_ends_with_the_rules_that_it_was_offered_by() {
    let system = TestSystem::start().await;
    let slot = first_slot(&system, "user_id=demo").await;
    system.choose(USER, &json!({"viewing_minutes": 45})).await;
    let arguments = json!({"slot_id": slot["slot_id"], "attendee_name": "Casey Caller"});
    let heard = Call::new("call-1")
        .tool(&system, "set_appointment", arguments)
        .await;
    assert!(!heard.done && heard.text.contains("too old"), "{heard:?}");
}

#[tokio::test]
async fn an_id_that_nobody_gave_out_is_no_time_at_all() {
    let system = TestSystem::start().await;
    let arguments = json!({"slot_id": "AfAx8AHwMfgAHgABzHRyB1cyY2Nl", "attendee_name": "Casey"});
    let call = Call::new("call-1");
    let heard = call.tool(&system, "set_appointment", arguments).await;
    insta::assert_snapshot!(heard.text, @"Which day and time would you like?");
    // A time that was understood beside it counts.
    let arguments = json!({
        "slot_id": "none", "start_time": "2031-11-25T10:00:00", "attendee_name": "Casey",
    });
    assert!(call.tool(&system, "set_appointment", arguments).await.done);
}

#[tokio::test]
async fn an_id_chooses_among_the_staff_of_an_assistant() {
    let system = TestSystem::start().await;
    system.connect("pat", "pat@lakeside.example").await;
    system.bind("pair", &["demo", "pat"]).await;
    let slot = first_slot(&system, "user_id=pat").await;
    let arguments = json!({"slot_id": slot["slot_id"], "attendee_name": "Casey Caller"});
    let mut call = Call::new("call-1");
    call.assistant = "pair".to_owned();
    let heard = call
        .tool(&system, "set_appointment", arguments.clone())
        .await;
    assert!(heard.done, "{heard:?}");
    assert!(system.events().await.is_empty());
    let pats = system.mailbox("pat@lakeside.example").await;
    assert_eq!(pats["events"].as_array().unwrap().len(), 1);

    // For an assistant of somebody else it is not a slot.
    let others = Call::new("call-2")
        .tool(&system, "set_appointment", arguments)
        .await;
    assert_eq!(others.text, "Which day and time would you like?");
}
