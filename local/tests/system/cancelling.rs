//! The tool `cancel_appointment`: what the caller hears, what guests are told, and that
//! one cancellation stays one.

use local::defaults::{ACCOUNT, USER};
use serde_json::{Value, json};

use crate::invariants::assert_sound;
use crate::system::TestSystem;
use crate::voice::{Call, Heard, deliver_at_once, heard};

const TUESDAY: &str = "2031-11-25T10:00:00";
const WEDNESDAY: &str = "2031-11-26T14:30:00";

async fn cancel(system: &TestSystem, call: &Call, arguments: Value) -> Heard {
    call.tool(system, "cancel_appointment", arguments).await
}

/// Books with an e-mail address, so that somebody is invited.
async fn book_with_guest(system: &TestSystem, call: &Call) {
    let arguments = json!({
        "start_time": TUESDAY, "attendee_name": "Casey Caller",
        "attendee_email": "casey@example.com", "property_address": "14 Mill Lane",
    });
    let booked = call.tool(system, "set_appointment", arguments).await;
    assert!(booked.done, "{booked:?}");
}

/// What happened to a viewing, and on whose behalf.
fn history(viewing: &Value) -> Vec<String> {
    let entries = viewing["history"].as_array().unwrap().iter();
    entries
        .map(|entry| format!("{} by {}", entry["what"], entry["cause"]).replace('"', ""))
        .collect()
}

#[tokio::test]
async fn a_cancelled_viewing_is_gone_from_calendar_and_ledger_and_stays_on_record() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    assert!(call.book(&system, TUESDAY).await.done);
    let heard = cancel(&system, &call, json!({})).await;
    assert!(heard.done);
    insta::assert_snapshot!(heard.text, @"The viewing on Tuesday, November twenty fifth, at ten AM at fourteen Mill Lane is cancelled.");
    assert!(system.events().await.is_empty());
    assert!(system.mails().await.is_empty());
    assert!(system.ledger().await.is_empty());
    let [viewing] = system.viewings().await.try_into().unwrap();
    assert_eq!(viewing["status"], "cancelled");
    assert_eq!(
        history(&viewing),
        [
            "claimed by caller",
            "booked by caller",
            "cancelling by caller",
            "cancelled by caller"
        ]
    );
    assert_sound(&system, &[(USER, ACCOUNT)], "a cancellation").await;
}

#[tokio::test]
async fn whoever_was_invited_is_told_once_and_why() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    book_with_guest(&system, &call).await;
    let reason = json!({"reason": "Found another place."});
    let heard = cancel(&system, &call, reason.clone()).await;
    insta::assert_snapshot!(heard.text, @"The viewing on Tuesday, November twenty fifth, at ten AM at fourteen Mill Lane is cancelled. Everybody who was invited is told by e-mail.");
    let again = cancel(&system, &call, reason).await;
    assert!(again.text.contains("is cancelled"), "{again:?}");
    assert_eq!(
        system.mails().await,
        [
            "invitation: casey@example.com",
            "cancellation: casey@example.com"
        ]
    );
    let outbox = system.mailbox(ACCOUNT).await["outbox"].take();
    insta::assert_snapshot!(outbox[1]["comment"].as_str().unwrap(), @"The viewing was cancelled by phone. Reason: Found another place.");
}

#[tokio::test]
async fn many_cancellations_at_once_are_one() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    book_with_guest(&system, &call).await;
    let [viewing] = system.viewings().await.try_into().unwrap();
    let code = viewing["confirmation_code"].clone();
    let deliveries: Vec<Value> = (0..8)
        .map(|number| {
            let call = Call::new(&format!("call-{number}"));
            let arguments = json!({"confirmation_code": code});
            call.delivery(&[("a", "cancel_appointment", arguments)])
        })
        .collect();
    let answers = deliver_at_once(&system, &deliveries).await;
    let heard: Vec<Heard> = answers.iter().flat_map(heard).collect();
    assert!(heard.iter().any(|heard| heard.done), "{heard:#?}");
    assert_eq!(system.mails().await.len(), 2, "{heard:#?}");
    let [viewing] = system.viewings().await.try_into().unwrap();
    let cancelled = history(&viewing);
    let cancelled = cancelled
        .iter()
        .filter(|what| what.starts_with("cancelled"));
    assert_eq!(cancelled.count(), 1, "{viewing:#}");
    assert_sound(&system, &[(USER, ACCOUNT)], "many cancellations").await;
}

#[tokio::test]
async fn saying_it_twice_does_not_cancel_another_viewing() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    for time in [TUESDAY, WEDNESDAY] {
        assert!(call.book(&system, time).await.done);
    }
    let mut transcript = Vec::new();
    for _ in 0..2 {
        let heard = cancel(&system, &call, json!({"viewing_date": "Tuesday"})).await;
        transcript.push(format!("{}: {}", heard.done, heard.text));
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    true: The viewing on Tuesday, November twenty fifth, at ten AM at fourteen Mill Lane is cancelled.
    false: You have a viewing on Wednesday, November twenty sixth, at two thirty PM at fourteen Mill Lane. Is that the one you mean?
    ");
    let [event] = system.events().await.try_into().unwrap();
    assert_eq!(event["start"], "2031-11-26T20:30:00Z");
}

#[tokio::test]
async fn one_of_several_can_be_named_by_its_ids() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    for time in [TUESDAY, WEDNESDAY, "2031-11-27T09:00:00"] {
        assert!(call.book(&system, time).await.done);
    }
    let viewings = system.viewings().await;
    for (name, viewing) in [("appointment_id", &viewings[0]), ("event_id", &viewings[2])] {
        let mut arguments = json!({});
        arguments[name] = viewing[name].clone();
        let heard = cancel(&system, &call, arguments).await;
        assert!(heard.done, "{name}: {heard:?}");
    }
    let [event] = system.events().await.try_into().unwrap();
    assert_eq!(event["id"], viewings[1]["event_id"]);
}

#[tokio::test]
async fn a_cancelled_time_can_be_booked_again_even_in_the_same_call() {
    let system = TestSystem::start().await;
    let mut ids = Vec::new();
    for call in ["call-1", "call-1", "call-2", "call-1"] {
        let call = Call::new(call);
        let booked = call.book(&system, TUESDAY).await;
        assert!(booked.text.starts_with("Booked for"), "{booked:?}");
        let again = call.book(&system, TUESDAY).await;
        assert_eq!(booked, again);
        let [event] = system.events().await.try_into().unwrap();
        ids.push(event["id"].clone());
        assert!(cancel(&system, &call, json!({})).await.done);
    }
    ids.dedup();
    assert_eq!(ids.len(), 4);
    assert!(system.ledger().await.is_empty());
    let open = system.open_on(USER, "2031-11-25").await;
    assert!(open.contains(&"10:00".to_owned()), "{open:?}");
    assert_eq!(system.viewings().await.len(), 4);
    assert_sound(&system, &[(USER, ACCOUNT)], "four rounds").await;
}

#[tokio::test]
async fn a_viewing_can_be_cancelled_until_it_is_over() {
    let system = TestSystem::start().await;
    let mut transcript = Vec::new();
    for (minutes, time) in [(75, "2031-11-24T09:00:00"), (45, "2031-11-24T09:30:00")] {
        let call = Call::new(time);
        assert!(call.book(&system, time).await.done);
        system.pass(minutes);
        let heard = cancel(&system, &call, json!({})).await;
        transcript.push(format!("{}: {}", heard.done, heard.text));
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    true: The viewing on Monday, November twenty fourth, at nine AM at fourteen Mill Lane is cancelled.
    false: I do not see an upcoming viewing that was booked from this number. Do you have the confirmation code?
    ");
    let [event] = system.events().await.try_into().unwrap();
    assert_eq!(event["start"], "2031-11-24T15:30:00Z");
}

#[tokio::test]
async fn a_viewing_that_was_deleted_in_outlook_is_cancelled_all_the_same() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    book_with_guest(&system, &call).await;
    system.delete_event(&system.events().await[0]).await;
    let heard = cancel(&system, &call, json!({})).await;
    assert!(heard.done, "{heard:?}");
    assert!(system.ledger().await.is_empty());
    assert_sound(&system, &[(USER, ACCOUNT)], "a deletion").await;
}

#[tokio::test]
async fn what_the_calendar_does_not_answer_is_taken_down_and_done_later() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    book_with_guest(&system, &call).await;
    let mut transcript = Vec::new();
    for (what, operation, effect) in [
        (
            "an error",
            "cancel_event",
            json!({"error": {"status": 503}}),
        ),
        (
            "a refusal",
            "cancel_event",
            json!({"error": {"status": 403, "code": "ErrorAccessDenied"}}),
        ),
        // Its events are still there, and come back with the mailbox.
        (
            "no mailbox",
            "cancel_event",
            json!({"error": {"status": 404, "code": "MailboxNotEnabledForRESTAPI"}}),
        ),
    ] {
        system
            .fault(&json!({"operation": operation, "effect": effect}))
            .await;
        let heard = cancel(&system, &call, json!({})).await;
        transcript.push(format!("{what}: {} {}", heard.done, heard.text));
        let found = call.tool(&system, "find_appointments", json!({})).await;
        transcript.push(format!("  {}", found.text));
        let moved = json!({"new_start_time": WEDNESDAY});
        let moved = call.tool(&system, "reschedule_appointment", moved).await;
        transcript.push(format!("  {} {}", moved.done, moved.text));
        system.no_faults().await;
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    an error: true I have taken the cancellation of the viewing on Tuesday, November twenty fifth, at ten AM down. The calendar has not answered yet, so it will be done in a moment.
      You have a viewing on Tuesday, November twenty fifth, at ten AM at fourteen Mill Lane, which is being cancelled.
      false The viewing on Tuesday, November twenty fifth, at ten AM does not take place any more. Shall I book a new one?
    a refusal: true I have taken the cancellation of the viewing on Tuesday, November twenty fifth, at ten AM down. The calendar has not answered yet, so it will be done in a moment.
      You have a viewing on Tuesday, November twenty fifth, at ten AM at fourteen Mill Lane, which is being cancelled.
      false The viewing on Tuesday, November twenty fifth, at ten AM does not take place any more. Shall I book a new one?
    no mailbox: true I have taken the cancellation of the viewing on Tuesday, November twenty fifth, at ten AM down. The calendar has not answered yet, so it will be done in a moment.
      You have a viewing on Tuesday, November twenty fifth, at ten AM at fourteen Mill Lane, which is being cancelled.
      false The viewing on Tuesday, November twenty fifth, at ten AM does not take place any more. Shall I book a new one?
    ");
    // Its time is free only when its event is gone.
    assert_eq!(system.ledger().await.len(), 1);
    assert!(cancel(&system, &call, json!({})).await.done);
    assert!(system.ledger().await.is_empty());
    assert_eq!(system.mails().await.len(), 2);
}

#[tokio::test]
async fn a_time_is_not_called_booked_while_its_viewing_is_being_cancelled() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    book_with_guest(&system, &call).await;
    let fault = json!({"operation": "cancel_event", "effect": {"error": {"status": 503}}});
    system.fault(&fault).await;
    let heard = cancel(&system, &call, json!({})).await;
    assert!(heard.text.starts_with("I have taken"), "{heard:?}");
    let again = call.book(&system, TUESDAY).await;
    insta::assert_snapshot!(again.text, @"Your viewing on Tuesday, November twenty fifth, at ten AM is still being cancelled, so I cannot book that time again yet. Shall I try once more in a moment?");
    system.no_faults().await;
    let once_more = call.book(&system, TUESDAY).await;
    assert!(once_more.text.starts_with("Booked"), "{once_more:?}");
    assert_eq!(system.events().await.len(), 1);
    for _ in 0..3 {
        system.reconcile_after(1).await;
    }
    assert_eq!(system.events().await.len(), 1);
    assert_sound(&system, &[(USER, ACCOUNT)], "a change of mind").await;
}

#[tokio::test]
async fn of_two_viewings_on_one_day_the_hour_tells_which_is_meant() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    for start in ["2031-11-26T10:00:00", WEDNESDAY] {
        assert!(call.book(&system, start).await.done);
    }
    let day = cancel(&system, &call, json!({"viewing_date": "Wednesday"})).await;
    assert!(day.text.starts_with("You have two viewings"), "{day:?}");
    let arguments = json!({"viewing_date": "Wednesday at two thirty"});
    let heard = cancel(&system, &call, arguments).await;
    insta::assert_snapshot!(heard.text, @"The viewing on Wednesday, November twenty sixth, at two thirty PM at fourteen Mill Lane is cancelled.");
}

#[tokio::test]
async fn whoever_asks_again_hears_that_it_is_cancelled() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    assert!(call.book(&system, TUESDAY).await.done);
    let code = system.viewings().await[0]["confirmation_code"].clone();
    assert!(cancel(&system, &call, json!({})).await.done);
    let again = cancel(&system, &call, json!({})).await;
    insta::assert_snapshot!(again.text, @"The viewing on Tuesday, November twenty fifth, at ten AM at fourteen Mill Lane is cancelled, and I see no other that was booked from this number. Do you have the confirmation code of another?");
    let with_code = cancel(&system, &call, json!({"confirmation_code": code})).await;
    insta::assert_snapshot!(with_code.text, @"The viewing on Tuesday, November twenty fifth, at ten AM at fourteen Mill Lane is cancelled. Shall I book a new one?");
    // It ends where the viewing would have.
    system.pass(3 * 24 * 60);
    let later = cancel(&system, &call, json!({})).await;
    assert!(later.text.starts_with("I do not see"), "{later:?}");
}
