//! Booking by phone: what is stored, what the mailbox holds, what the caller hears.

use local::defaults::{ACCOUNT, USER};
use serde_json::{Value, json};

use crate::system::TestSystem;
use crate::voice::{Call, deliver, heard};

fn casey(start_time: &str) -> Value {
    json!({
        "start_time": start_time,
        "attendee_name": "Casey Caller",
        "attendee_email": "Casey.Caller@example.com",
        "property_address": "14 Mill Lane",
        "notes": "Has a dog.",
    })
}

#[tokio::test]
async fn a_booking_is_one_event_one_row_one_invitation_and_one_spoken_confirmation() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    let heard = call
        .tool(&system, "set_appointment", casey("2031-11-25T10:00:00"))
        .await;
    assert!(heard.done);
    insta::assert_snapshot!(heard.without_code(), @"Booked for Casey Caller on Tuesday, November twenty fifth, at ten AM. The confirmation code is CODE. An invitation is on its way by e-mail.");

    let mailbox = system.mailbox(ACCOUNT).await;
    let [event] = mailbox["events"].as_array().unwrap().as_slice() else {
        panic!("{mailbox}");
    };
    assert_eq!(event["start"], "2031-11-25T16:00:00Z");
    assert_eq!(event["end"], "2031-11-25T16:30:00Z");
    assert_eq!(event["subject"], "Viewing: 14 Mill Lane");
    assert_eq!(event["show_as"], "busy");
    assert_eq!(event["attendees"], json!(["casey.caller@example.com"]));
    let [sent] = mailbox["outbox"].as_array().unwrap().as_slice() else {
        panic!("{mailbox}");
    };
    assert_eq!(sent["kind"], "invitation");
    assert_eq!(sent["to"], json!(["casey.caller@example.com"]));

    let [row] = system.rows("AppointmentsTable").await.try_into().unwrap();
    assert_eq!(row["status"].as_s().unwrap(), "confirmed");
    assert_eq!(
        row["event_id"].as_s().unwrap(),
        event["id"].as_str().unwrap()
    );
    assert_eq!(row["user_id"].as_s().unwrap(), USER);
    assert_eq!(row["caller"].as_s().unwrap(), "+15125550142");
    let code = row["confirmation_code"].as_s().unwrap();
    let tags: Vec<&str> = event["tags"]
        .as_object()
        .unwrap()
        .values()
        .map(|tag| tag.as_str().unwrap())
        .collect();
    assert_eq!(tags, [row["appointment_id"].as_s().unwrap().as_str()]);
    let body = event["graph"]["body"]["content"].as_str().unwrap();
    for part in ["Casey Caller", "+15125550142", "Has a dog.", code] {
        assert!(body.contains(part), "{part}: {body}");
    }
    let [day] = system.rows("LedgerTable").await.try_into().unwrap();
    let entries = day["entries"].as_m().unwrap();
    assert_eq!(entries.len(), 1);
    assert!(
        !format!("{entries:?}").contains("hold_until"),
        "{entries:?}"
    );
}

#[tokio::test]
async fn a_viewing_without_an_address_or_an_e_mail_is_booked_without_an_invitation() {
    let system = TestSystem::start().await;
    let arguments = json!({"start_time": "tomorrow at 2:30 pm", "attendee_name": "casey o'neil"});
    let call = Call::new("call-1");
    let heard = call.tool(&system, "set_appointment", arguments).await;
    insta::assert_snapshot!(heard.without_code(), @"Booked for casey o'neil on Tuesday, November twenty fifth, at two thirty PM. The confirmation code is CODE.");
    let mailbox = system.mailbox(ACCOUNT).await;
    assert_eq!(mailbox["events"][0]["start"], "2031-11-25T20:30:00Z");
    assert_eq!(mailbox["outbox"], json!([]));
}

#[tokio::test]
async fn every_way_to_say_a_time_books_that_time() {
    let system = TestSystem::start().await;
    for (arguments, start) in [
        (
            json!({"start_time": "2031-11-25T09:00:00"}),
            "2031-11-25T15:00:00Z",
        ),
        (
            json!({"start_time": "2031-11-25T10:00:00-06:00"}),
            "2031-11-25T16:00:00Z",
        ),
        (
            json!({"start_time": "2031-11-25T17:00:00Z"}),
            "2031-11-25T17:00:00Z",
        ),
        (
            json!({"start_time": "tomorrow at noon"}),
            "2031-11-25T18:00:00Z",
        ),
        (
            json!({"start_time": "Wednesday at 1 pm"}),
            "2031-11-26T19:00:00Z",
        ),
        (
            json!({"start_time": "November 27 at nine thirty in the morning"}),
            "2031-11-27T15:30:00Z",
        ),
        (
            json!({"start_time": "2031-11-28T10:00:00", "timezone": "America/New_York"}),
            "2031-11-28T15:00:00Z",
        ),
        (
            json!({"start_time": "2031-11-28T10:00:00", "timezone": "Pacific Standard Time"}),
            "2031-11-28T18:00:00Z",
        ),
    ] {
        let mut arguments = arguments;
        arguments["attendee_name"] = json!("Casey Caller");
        let call = Call::new(start);
        let heard = call
            .tool(&system, "set_appointment", arguments.clone())
            .await;
        assert!(heard.done, "{arguments}: {heard:?}");
        let events = system.events().await;
        assert!(
            events.iter().any(|event| event["start"] == start),
            "{arguments}: {heard:?}"
        );
    }
}

#[tokio::test]
async fn an_offered_slot_id_books_the_offered_slot() {
    let system = TestSystem::start().await;
    let answer = system
        .get("/calendar/availability?user_id=demo&limit=1")
        .await;
    let slot = &answer.body["available_slots"][0];
    let arguments = json!({"slot_id": slot["slot_id"], "attendee_name": "Casey Caller"});
    let call = Call::new("call-1");
    assert!(call.tool(&system, "set_appointment", arguments).await.done);
    let path = "/calendar/events?user_id=demo";
    let events = system.get(path).await;
    assert_eq!(events.body["events"][0]["start_time"], slot["start_time"]);
    assert_eq!(events.body["events"][0]["end_time"], slot["end_time"]);
}

#[tokio::test]
async fn a_booked_time_is_gone_from_what_is_offered() {
    let system = TestSystem::start().await;
    assert!(
        Call::new("call-1")
            .book(&system, "2031-11-25T10:00:00")
            .await
            .done
    );
    let open = system.open_on("demo", "2031-11-25").await;
    assert_eq!(open.len(), 15);
    assert!(!open.contains(&"10:00".to_owned()));
}

#[tokio::test]
async fn a_taken_time_gets_the_three_nearest() {
    let system = TestSystem::start().await;
    system
        .busy("2031-11-25T09:00:00-06:00", "2031-11-25T11:00:00-06:00")
        .await;
    assert!(
        Call::new("call-1")
            .book(&system, "2031-11-25T12:00:00")
            .await
            .done
    );
    let mut transcript = Vec::new();
    for time in [
        "2031-11-25T10:00:00",
        "2031-11-25T12:00:00",
        "2031-11-25T12:15:00",
    ] {
        let heard = Call::new(time).book(&system, time).await;
        assert!(!heard.done);
        transcript.push(format!("{time}: {}", heard.text));
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    2031-11-25T10:00:00: That time is not open. The nearest I have are Tuesday, November twenty fifth, at eleven AM, eleven thirty AM, or twelve thirty PM. Which would you like?
    2031-11-25T12:00:00: That time is not open. The nearest I have are Tuesday, November twenty fifth, at eleven AM, eleven thirty AM, or twelve thirty PM. Which would you like?
    2031-11-25T12:15:00: That time is not open. The nearest I have are Tuesday, November twenty fifth, at eleven thirty AM, twelve thirty PM, or one PM. Which would you like?
    ");
    assert_eq!(system.rows("AppointmentsTable").await.len(), 1);
}

#[tokio::test]
async fn a_repeat_of_a_call_is_the_same_booking_whatever_its_tool_call_id() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    let mut said = Vec::new();
    for id in ["call_1", "call_1", "call_2"] {
        let delivery = call.delivery(&[(id, "set_appointment", casey("2031-11-25T10:00:00"))]);
        said.push(heard(&deliver(&system, &delivery).await));
    }
    assert!(said[0][0].done, "{said:?}");
    assert_eq!(said[0], said[1]);
    assert_eq!(said[0], said[2]);
    assert_eq!(system.events().await.len(), 1);
    assert_eq!(system.rows("AppointmentsTable").await.len(), 1);
    assert_eq!(
        system.mailbox(ACCOUNT).await["outbox"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn two_viewings_in_one_delivery_are_both_booked() {
    let system = TestSystem::start().await;
    let delivery = Call::new("call-1").delivery(&[
        ("a", "set_appointment", casey("2031-11-25T10:00:00")),
        ("b", "set_appointment", casey("2031-11-26T10:00:00")),
    ]);
    let heard = heard(&deliver(&system, &delivery).await);
    assert!(heard.iter().all(|heard| heard.done), "{heard:?}");
    assert_eq!(system.events().await.len(), 2);
}

#[tokio::test]
async fn viewings_may_follow_each_other_without_a_gap() {
    let system = TestSystem::start().await;
    for time in ["10:00:00", "10:30:00", "09:30:00"] {
        let heard = Call::new(time)
            .book(&system, &format!("2031-11-25T{time}"))
            .await;
        assert!(heard.done, "{heard:?}");
    }
}

#[tokio::test]
async fn a_time_that_the_call_has_for_one_property_is_not_called_booked_for_another() {
    let system = TestSystem::start().await;
    for address in ["14 Mill Lane", "7 Elm Court"] {
        let rental = json!({"user_id": USER, "property_address": address});
        assert_eq!(system.post("/rentals", &rental).await.status, 201);
    }
    let call = Call::new("call-1");
    assert!(call.book(&system, "2031-11-25T10:00:00").await.done);
    let mut arguments = json!({
        "start_time": "2031-11-25T10:00:00", "attendee_name": "Casey Caller",
        "property_address": "7 Elm Court",
    });
    let heard = call
        .tool(&system, "set_appointment", arguments.clone())
        .await;
    assert!(!heard.done);
    insta::assert_snapshot!(heard.text, @"You already have Tuesday, November twenty fifth, at ten AM for a viewing at fourteen Mill Lane, and nothing else can be at that time. Which other time would suit you?");
    arguments["property_address"] = json!("14 Mill Ln");
    let heard = call.tool(&system, "set_appointment", arguments).await;
    assert!(heard.text.starts_with("Booked"), "{heard:?}");
    assert_eq!(system.events().await.len(), 1);
}

#[tokio::test]
async fn a_repeat_that_names_the_property_otherwise_hears_where_the_viewing_is() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    assert!(call.book(&system, "2031-11-25T10:00:00").await.done);
    let arguments = json!({
        "start_time": "2031-11-25T10:00:00", "attendee_name": "Casey Caller",
        "property_address": "the house by the mill",
    });
    let heard = call.tool(&system, "set_appointment", arguments).await;
    insta::assert_snapshot!(heard.without_code(), @"Booked for Casey Caller on Tuesday, November twenty fifth, at ten AM at fourteen Mill Lane. The confirmation code is CODE.");
    assert_eq!(system.events().await.len(), 1);
}

#[tokio::test]
async fn two_hours_of_one_day_are_told_apart_by_the_hour() {
    let system = TestSystem::start().await;
    let heard = Call::new("call-1")
        .book(&system, "tomorrow at 9 or 11")
        .await;
    insta::assert_snapshot!(heard.text, @"Do you mean Tuesday, November twenty fifth, at nine AM, or Tuesday, November twenty fifth, at eleven AM?");
}

#[tokio::test]
async fn a_viewing_is_booked_as_long_as_it_was_offered() {
    let system = TestSystem::start().await;
    let mut arguments = json!({
        "start_time": "2031-11-25T10:00:00", "attendee_name": "Casey Caller",
        "duration_minutes": 60,
    });
    let call = Call::new("call-1");
    let heard = call
        .tool(&system, "set_appointment", arguments.clone())
        .await;
    assert!(heard.done, "{heard:?}");
    let hour = "2031-11-25T16:00:00Z/2031-11-25T17:00:00Z";
    assert_eq!(system.ledger().await, [hour]);
    arguments["start_time"] = json!("2031-11-25T10:30:00");
    let heard = Call::new("call-2")
        .tool(&system, "set_appointment", arguments)
        .await;
    assert!(heard.text.starts_with("That time is not open"), "{heard:?}");
}

#[tokio::test]
async fn an_unknown_time_zone_is_asked_about_and_a_familiar_one_is_understood() {
    let system = TestSystem::start().await;
    let mut arguments = json!({
        "start_time": "2031-11-25T10:00:00", "attendee_name": "Casey Caller",
        "timezone": "Mars/Olympus",
    });
    let call = Call::new("call-1");
    let heard = call
        .tool(&system, "set_appointment", arguments.clone())
        .await;
    insta::assert_snapshot!(heard.text, @"I do not know that time zone. Shall I take it as the time where the property is?");
    arguments["timezone"] = json!("CST");
    let heard = call.tool(&system, "set_appointment", arguments).await;
    assert!(heard.text.contains("at ten AM"), "{heard:?}");
}

#[tokio::test]
async fn only_an_hour_that_was_named_is_booked() {
    let system = TestSystem::start().await;
    for (words, is_named) in [
        ("tomorrow afternoon at 4", true),
        ("tomorrow afternoon after 4", false),
        ("tomorrow between 2 and 3", false),
        ("tomorrow late", false),
    ] {
        let heard = Call::new("call-1").book(&system, words).await;
        assert_eq!(heard.done, is_named, "{words}: {heard:?}");
        if !is_named {
            assert!(heard.text.contains("did not catch the time"), "{heard:?}");
        }
    }
    assert_eq!(system.ledger().await.len(), 1);
}
