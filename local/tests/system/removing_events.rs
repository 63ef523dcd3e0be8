//! `DELETE /calendar/events/{id}`, and which events can be changed or removed at all.

use local::defaults::{ACCOUNT, USER};
use serde_json::{Value, json};
use shared::microsoft::TAG_NAME;

use crate::changing_events::{change, remove, times, with_both};
use crate::invariants::assert_sound;
use crate::system::TestSystem;
use crate::voice::Call;

#[tokio::test]
async fn an_event_that_is_not_there_is_404() {
    let (system, viewing, lunch) = with_both().await;
    system.connect("pat", "pat@lakeside.example").await;
    let gone = system
        .add_event(&json!({"start": "2031-11-26T10:00:00Z", "end": "2031-11-26T11:00:00Z"}))
        .await;
    system.delete_event(&gone).await;
    for id in ["nothing", "%20", "..%2Fme", gone["id"].as_str().unwrap()] {
        for answer in [
            change(&system, id, json!({"subject": "X"})).await,
            remove(&system, id, "").await,
        ] {
            assert_eq!(
                answer.error(),
                "404 not_found: There is no such event in the calendar.",
                "{id}"
            );
        }
    }
    for id in [&viewing, &lunch] {
        let path = format!("/calendar/events/{id}?user_id=pat");
        assert_eq!(system.delete(&path).await.status, 404);
        assert_eq!(
            system.patch(&path, &json!({"subject": "X"})).await.status,
            404
        );
    }
    assert_eq!(system.events().await.len(), 2);
}

#[tokio::test]
async fn a_removed_event_is_cancelled_once_and_whoever_is_invited_is_told_why() {
    let (system, viewing, lunch) = with_both().await;
    for (id, guest) in [(&viewing, "casey"), (&lunch, "olive")] {
        let removed = remove(&system, id, "&comment=The%20roof%20leaks.").await;
        assert_eq!(removed.status, 200, "{removed:?}");
        assert_eq!(remove(&system, id, "").await.status, 404);
        let outbox = system.mailbox(ACCOUNT).await["outbox"].take();
        let last = outbox.as_array().unwrap().last().unwrap();
        assert_eq!(last["kind"], "cancellation");
        assert_eq!(last["to"], json!([format!("{guest}@example.com")]));
        assert_eq!(last["comment"], "The roof leaks.");
    }
    assert!(system.events().await.is_empty());
    assert!(system.ledger().await.is_empty());
    let [row] = system.viewings().await.try_into().unwrap();
    assert_eq!(row["status"], "cancelled");
    assert_eq!(
        row["history"].as_array().unwrap().last().unwrap()["cause"],
        "crm"
    );
}

/// A viewing goes by its event's id, its appointment's id, and its confirmation code.
#[tokio::test]
async fn a_viewing_is_changed_and_removed_by_whatever_names_it() {
    for name in ["event id", "appointment_id", "confirmation_code"] {
        let (system, viewing, _) = with_both().await;
        system.connect("pat", "pat@lakeside.example").await;
        let row = system.viewings().await.remove(0);
        let id = row[name].as_str().unwrap_or(&viewing).to_owned();
        let moved = change(&system, &id, json!({"start_time": "2031-11-25T15:00:00"})).await;
        assert_eq!(moved.status, 200, "{name}: {moved:?}");
        assert_eq!(times(&system).await, ["12:00-13:00", "15:00-15:30"]);
        // It names nothing in another calendar.
        let elsewhere = format!("/calendar/events/{id}?user_id=pat");
        assert_eq!(system.delete(&elsewhere).await.status, 404, "{name}");

        assert_eq!(remove(&system, &id, "").await.status, 200, "{name}");
        assert_eq!(times(&system).await, ["12:00-13:00"]);
        // What is gone has no id any more, its record has.
        let again = remove(&system, &id, "").await;
        let late = change(&system, &id, json!({"subject": "X"})).await;
        let (expected, code) = match name {
            "event id" => (404, "not_found"),
            _ => (200, "appointment_over"),
        };
        assert_eq!((again.status, late.code()), (expected, code), "{name}");
        assert_eq!(system.mails().await.len(), 3, "{name}");
        assert_sound(&system, &[(USER, ACCOUNT)], name).await;
    }
}

#[tokio::test]
async fn a_viewing_whose_event_is_not_known_yet_can_be_removed_and_not_changed() {
    let system = TestSystem::start().await;
    let lost = json!({"operation": "create_event", "effect": {"error": {"status": 503}}});
    system.fault(&lost).await;
    let held = Call::new("call-1")
        .book(&system, "2031-11-25T10:00:00")
        .await;
    assert!(held.text.starts_with("I am holding"), "{held:?}");
    let row = system.viewings().await.remove(0);
    let id = row["appointment_id"].as_str().unwrap();
    let changed = change(&system, id, json!({"subject": "X"})).await;
    assert_eq!(changed.code(), "appointment_pending", "{changed:?}");
    assert_eq!(remove(&system, id, "").await.status, 202);
    system.no_faults().await;
    system.settle().await;
    assert!(system.events().await.is_empty());
    assert_sound(&system, &[(USER, ACCOUNT)], "a removal").await;
}

#[tokio::test]
async fn a_viewing_that_has_begun_is_not_moved_and_one_that_is_over_not_cancelled() {
    let (system, viewing, lunch) = with_both().await;
    system.pass(26 * 60 + 15);
    let mut transcript = Vec::new();
    let fields = json!({"start_time": "2031-11-25T15:00:00"});
    transcript.push(change(&system, &viewing, fields.clone()).await.error());
    system.pass(15);
    transcript.push(remove(&system, &viewing, "").await.error());
    insta::assert_snapshot!(transcript.join("\n"), @"
    409 appointment_past: This viewing has already begun, so it cannot be moved.
    409 appointment_past: This viewing has already taken place.
    ");
    assert_eq!(change(&system, &lunch, fields).await.status, 200);
    assert_eq!(times(&system).await, ["15:00-16:00"]);
    assert_eq!(system.viewings().await[0]["status"], "confirmed");
}

/// A copy of the event of the one viewing, made in Outlook: it has its tag.
async fn copy_of_the_viewing(system: &TestSystem) -> Value {
    let appointment_id = system.viewings().await[0]["appointment_id"].clone();
    let copy = json!({
        "start": "2031-11-26T10:00:00-06:00", "end": "2031-11-26T10:30:00-06:00",
        "properties": {"singleValueExtendedProperties": [{"id": TAG_NAME, "value": appointment_id}]},
    });
    system.add_event(&copy).await
}

#[tokio::test]
async fn a_copy_that_somebody_made_of_a_viewing_is_an_event_like_any_other() {
    let (system, viewing, _) = with_both().await;
    let copy = copy_of_the_viewing(&system).await;
    let id = copy["id"].as_str().unwrap();
    let moved = change(&system, id, json!({"start_time": "2031-11-26T15:00:00"})).await;
    assert_eq!(moved.status, 200, "{moved:?}");
    assert!(
        moved.body["event"].get("appointment_id").is_none(),
        "{moved:?}"
    );
    assert_eq!(remove(&system, id, "").await.status, 200);
    assert_eq!(system.events().await[0]["id"], json!(viewing));
    assert_sound(&system, &[(USER, ACCOUNT)], "a copy").await;
}

#[tokio::test]
async fn a_copy_that_somebody_made_of_a_viewing_stays_when_that_is_cancelled() {
    let (system, viewing, _) = with_both().await;
    let copy = copy_of_the_viewing(&system).await;
    assert_eq!(remove(&system, &viewing, "").await.status, 200);
    for _ in 0..3 {
        system.reconcile_after(1).await;
    }
    let events = system.events().await;
    assert!(
        events.iter().any(|event| event["id"] == copy["id"]),
        "{events:?}"
    );
}

#[tokio::test]
async fn what_microsoft_does_not_confirm_is_202_for_a_viewing_and_an_error_for_the_rest() {
    let (system, viewing, lunch) = with_both().await;
    let mut transcript = Vec::new();
    for operation in ["update_event", "cancel_event"] {
        let fault = json!({"operation": operation, "effect": {"error": {"status": 503}}});
        system.fault(&fault).await;
        for (what, id, hour) in [("viewing", &viewing, 14), ("event", &lunch, 15)] {
            let moved = json!({"start_time": format!("2031-11-25T{hour}:00:00")});
            let answer = match operation {
                "update_event" => change(&system, id, moved).await,
                _ => remove(&system, id, "").await,
            };
            let said = answer.body["message"].as_str().unwrap();
            transcript.push(format!("{operation} {what}: {} {said}", answer.status));
        }
        system.no_faults().await;
        system.reconcile_after(1).await;
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    update_event viewing: 202 Microsoft has not confirmed the move yet. Until it does, both times are held.
    update_event event: 502 Microsoft could not answer. Please try again.
    cancel_event viewing: 202 The event will be cancelled. Microsoft has not confirmed it yet.
    cancel_event event: 502 Microsoft could not answer. Please try again.
    ");
    assert_eq!(times(&system).await, ["12:00-13:00"]);
}
