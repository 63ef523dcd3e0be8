//! People put other things over viewings in Outlook: each is flagged, and its event is
//! marked, until that is sorted out.

use local::defaults::{ACCOUNT, USER};
use serde_json::{Value, json};
use shared::booking::Report;

use crate::invariants::assert_sound;
use crate::outlook::{TEN, at, latest, with_viewings};
use crate::system::TestSystem;

/// The categories of the events of all viewings, in order.
pub(crate) async fn categories(system: &TestSystem) -> Vec<Value> {
    let (viewings, events) = (system.viewings().await, system.events().await);
    let event = |viewing: &Value| {
        events
            .iter()
            .find(|event| event["id"] == viewing["event_id"])
    };
    let events = viewings.iter().filter_map(event);
    events
        .map(|event| event["graph"]["categories"].clone())
        .collect()
}

#[tokio::test]
async fn an_event_over_a_viewing_is_flagged_and_marked_until_it_goes() {
    let system = with_viewings(&[TEN]).await;
    let other = system.add_event(&at("10:15", "10:45")).await;
    let report = system.reconcile_after(1).await;
    assert_eq!(
        report,
        Report {
            due: 1,
            conflicts: 1,
            ..Report::default()
        }
    );
    let [viewing] = system.viewings().await.try_into().unwrap();
    assert_eq!(
        (&viewing["conflict"], &viewing["status"]),
        (&json!(true), &json!("confirmed"))
    );
    assert_eq!(latest(&viewing), "conflict_found by reconcile");
    assert_eq!(
        categories(&system).await,
        [json!(["Double-booked viewing"])]
    );

    assert_eq!(
        system.reconcile_after(15).await,
        Report {
            due: 1,
            ..Report::default()
        }
    );
    assert_eq!(system.viewings().await, [viewing]);

    system.delete_event(&other).await;
    assert_eq!(
        system.reconcile_after(15).await,
        Report {
            due: 1,
            ..Report::default()
        }
    );
    let [viewing] = system.viewings().await.try_into().unwrap();
    assert_eq!(viewing["conflict"], false);
    assert_eq!(latest(&viewing), "conflict_gone by reconcile");
    assert_eq!(categories(&system).await, [json!([])]);
}

#[tokio::test]
async fn a_conflict_that_nobody_sorted_out_stays_on_record() {
    let system = with_viewings(&["2031-11-24T09:00:00"]).await;
    let over = json!({"start": "2031-11-24T09:00:00-06:00", "end": "2031-11-24T10:00:00-06:00"});
    system.add_event(&over).await;
    assert_eq!(system.reconcile_after(1).await.conflicts, 1);
    for minutes in [30, 30, 30] {
        system.reconcile_after(minutes).await;
        let [viewing] = system.viewings().await.try_into().unwrap();
        assert_eq!(viewing["conflict"], true, "{viewing:#}");
        assert_eq!(latest(&viewing), "conflict_found by reconcile");
    }
}

#[tokio::test]
async fn what_takes_no_time_is_no_conflict() {
    let system = with_viewings(&[TEN]).await;
    for (name, value) in [
        ("show_as", json!("free")),
        ("declined", json!(true)),
        ("cancelled", json!(true)),
    ] {
        let mut event = at("10:00", "10:30");
        event[name] = value;
        system.add_event(&event).await;
    }
    system.add_event(&at("09:00", "10:00")).await;
    system.add_event(&at("10:30", "11:00")).await;
    assert_eq!(
        system.reconcile_after(1).await,
        Report {
            due: 1,
            ..Report::default()
        }
    );
    system
        .add_event(&json!({"start": "2031-11-25", "end": "2031-11-26", "all_day": true}))
        .await;
    assert_eq!(system.reconcile_after(15).await.conflicts, 1);
}

#[tokio::test]
async fn a_viewing_that_is_moved_onto_another_is_a_conflict_of_both() {
    let system = with_viewings(&[TEN, "2031-11-25T14:00:00"]).await;
    let events = system.events().await;
    system.edit_event(&events[0], &at("14:15", "14:45")).await;
    assert_eq!(
        system.reconcile_after(1).await,
        Report {
            due: 2,
            moved: 1,
            conflicts: 1,
            ..Report::default()
        }
    );
    assert_eq!(
        system.reconcile_after(1).await,
        Report {
            due: 1,
            conflicts: 1,
            ..Report::default()
        }
    );
    for viewing in system.viewings().await {
        assert_eq!(viewing["conflict"], true, "{viewing:#}");
    }
    system.edit_event(&events[0], &at("15:00", "15:30")).await;
    system.reconcile_after(15).await;
    system.reconcile_after(1).await;
    for viewing in system.viewings().await {
        assert_eq!(viewing["conflict"], false, "{viewing:#}");
    }
    assert_sound(&system, &[(USER, ACCOUNT)], "there and back").await;
}
