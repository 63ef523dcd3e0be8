//! A viewing that a caller moves while its owner changes the same event in Outlook.

use local::defaults::{ACCOUNT, USER};
use serde_json::{Value, json};

use crate::invariants::assert_sound;
use crate::moving::{TEN, TWO, assert_at, move_to, with_viewing};
use crate::system::TestSystem;
use crate::voice::{Call, Heard};

/// Moves the viewing to two, while its owner edits the event between our reading it
/// and our changing it.
async fn move_during(system: &TestSystem, edit: &Value) -> Heard {
    let rule =
        json!({"operation": "update_event", "trigger": {"first": 1}, "effect": {"delay_ms": 600}});
    system.fault(&rule).await;
    let edits = async {
        while system.count("update_event").await == 0 {}
        let events = system.events().await;
        system.edit_event(&events[0], edit).await;
    };
    let (heard, ()) = tokio::join!(move_to(system, TWO), edits);
    system.no_faults().await;
    heard
}

#[tokio::test]
async fn a_person_who_edits_the_text_meanwhile_is_not_in_the_way() {
    let system = with_viewing(TEN).await;
    let heard = move_during(&system, &json!({"subject": "Viewing with the owner"})).await;
    assert!(heard.done, "{heard:?}");
    assert_at(&system, "2031-11-25T20:00:00Z", "2031-11-25T20:30:00Z").await;
    assert_eq!(
        system.events().await[0]["subject"],
        "Viewing with the owner"
    );
    assert_eq!(system.count("update_event").await, 2);
}

#[tokio::test]
async fn a_person_who_moves_the_event_meanwhile_was_first_and_it_goes_on_from_there() {
    let system = with_viewing(TEN).await;
    let noon = json!({"start": "2031-11-25T12:00:00-06:00", "end": "2031-11-25T12:30:00-06:00"});
    let heard = move_during(&system, &noon).await;
    assert!(heard.done, "{heard:?}");
    assert_at(&system, "2031-11-25T20:00:00Z", "2031-11-25T20:30:00Z").await;
    let [viewing] = system.viewings().await.try_into().unwrap();
    let moves: Vec<String> = viewing["history"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["what"] == "moved")
        .map(|entry| format!("by {} from {}", entry["cause"], entry["from"]).replace('"', ""))
        .collect();
    assert_eq!(
        moves,
        [
            "by outlook from 2031-11-25T10:00:00-06:00",
            "by caller from 2031-11-25T12:00:00-06:00"
        ]
    );
}

#[tokio::test]
async fn a_person_who_deletes_the_event_meanwhile_has_cancelled_the_viewing() {
    let system = with_viewing(TEN).await;
    system.delete_event(&system.events().await[0]).await;
    let heard = move_to(&system, TWO).await;
    insta::assert_snapshot!(heard.text, @"The viewing on Tuesday, November twenty fifth, at ten AM does not take place any more. Shall I book a new one?");
    assert!(system.ledger().await.is_empty());
    assert_sound(&system, &[(USER, ACCOUNT)], "a deletion").await;
}

/// The new time is another family's, so that nothing would be moved anyway.
#[tokio::test]
async fn what_a_refused_move_says_of_the_old_time_is_so() {
    let noon = json!({"start": "2031-11-25T12:00:00-06:00", "end": "2031-11-25T12:30:00-06:00"});
    let mut heard = Vec::new();
    for is_deleted in [true, false] {
        let system = with_viewing(TEN).await;
        let [event] = system.events().await.try_into().unwrap();
        let other = Call::from("call-3", "+15125550177");
        assert!(other.book(&system, TWO).await.done);
        if is_deleted {
            system.delete_event(&event).await;
        } else {
            system.edit_event(&event, &noon).await;
        }
        heard.push(move_to(&system, TWO).await.text);
        assert_sound(&system, &[(USER, ACCOUNT)], "a refused move").await;
    }
    insta::assert_snapshot!(heard.join("\n"), @"
    The viewing on Tuesday, November twenty fifth, at ten AM does not take place any more. Shall I book a new one?
    Your viewing stays on Tuesday, November twenty fifth, at noon, because that time is not open. The nearest I have are Tuesday, November twenty fifth, at one PM, one thirty PM, or two thirty PM. Which would you like?
    ");
}

#[tokio::test]
async fn a_viewing_that_was_moved_in_outlook_is_moved_from_there_and_back() {
    for to in [TWO, TEN] {
        let system = with_viewing(TEN).await;
        let noon =
            json!({"start": "2031-11-25T12:00:00-06:00", "end": "2031-11-25T12:30:00-06:00"});
        system.edit_event(&system.events().await[0], &noon).await;
        let heard = move_to(&system, to).await;
        assert!(heard.done, "{to}: {heard:?}");
        let (start, end) = match to {
            TWO => ("2031-11-25T20:00:00Z", "2031-11-25T20:30:00Z"),
            _ => ("2031-11-25T16:00:00Z", "2031-11-25T16:30:00Z"),
        };
        assert_at(&system, start, end).await;
    }
}

#[tokio::test]
async fn an_event_that_somebody_stretched_over_months_is_followed_and_can_be_cancelled() {
    let system = with_viewing(TEN).await;
    let [event] = system.events().await.try_into().unwrap();
    let months = json!({"start": "2031-11-25T10:00:00-06:00", "end": "2032-08-25T10:00:00-06:00"});
    system.edit_event(&event, &months).await;
    let report = system.reconcile_after(15).await;
    assert_eq!((report.moved, report.unreadable), (1, 0), "{report:?}");
    let [viewing] = system.viewings().await.try_into().unwrap();
    assert_eq!(viewing["end_time"], "2032-08-25T11:00:00-05:00");
    // A transaction takes 100 items; the week is what the ledger has of it.
    assert_eq!(system.rows("LedgerTable").await.len(), 8);

    let call = Call::new("call-1");
    let cancelled = call.tool(&system, "cancel_appointment", json!({})).await;
    assert!(cancelled.done, "{cancelled:?}");
    assert!(system.ledger().await.is_empty());
    assert_sound(&system, &[(USER, ACCOUNT)], "a cancellation").await;
}

#[tokio::test]
async fn an_event_that_somebody_made_one_of_whole_days_can_be_moved() {
    for (to, start) in [(TWO, "2031-11-25T20:00:00Z"), (TEN, "2031-11-25T16:00:00Z")] {
        let system = with_viewing(TEN).await;
        let whole = json!({"start": "2031-11-25", "end": "2031-11-26", "all_day": true});
        system.edit_event(&system.events().await[0], &whole).await;
        let report = system.reconcile_after(1).await;
        assert_eq!((report.due, report.moved), (1, 0), "{report:?}");
        assert_eq!(system.reconcile_after(1).await.due, 0);
        let heard = move_to(&system, to).await;
        assert!(
            heard.text.starts_with("Your viewing is now on"),
            "{heard:?}"
        );
        let events = system.events().await;
        let [event] = events.as_slice() else {
            panic!("{events:?}");
        };
        assert_eq!(
            (&event["start"], &event["is_all_day"]),
            (&json!(start), &json!(false))
        );
        assert_sound(&system, &[(USER, ACCOUNT)], to).await;
    }
}
