//! People move and delete viewings in Outlook: the minute's run of reconcile follows
//! them.

use local::defaults::{ACCOUNT, API_KEY, USER};
use reqwest::Method;
use serde_json::{Value, json};
use shared::booking::Report;

use crate::double_bookings::categories;
use crate::invariants::assert_sound;
use crate::system::{Answer, TestSystem};
use crate::voice::Call;

pub(crate) const TEN: &str = "2031-11-25T10:00:00";

/// A system in which viewings are booked at those times, and settled.
pub(crate) async fn with_viewings(times: &[&str]) -> TestSystem {
    let system = TestSystem::start().await;
    for time in times {
        let booked = Call::new(time).book(&system, time).await;
        assert!(booked.done, "{booked:?}");
    }
    system
}

pub(crate) fn at(start: &str, end: &str) -> Value {
    json!({"start": format!("2031-11-25T{start}:00-06:00"), "end": format!("2031-11-25T{end}:00-06:00")})
}

/// The latest of what happened to a viewing.
pub(crate) fn latest(viewing: &Value) -> String {
    let latest = viewing["history"].as_array().unwrap().last().unwrap();
    format!("{} by {}", latest["what"], latest["cause"]).replace('"', "")
}

#[tokio::test]
async fn what_nobody_touched_stays_as_it_is() {
    let system = with_viewings(&[TEN]).await;
    let before = system.viewings().await;
    let quiet = Report {
        due: 1,
        ..Report::default()
    };
    assert_eq!(system.reconcile_after(0).await, Report::default());
    assert_eq!(system.reconcile_after(1).await, quiet);
    assert_eq!(system.reconcile_after(1).await, Report::default());
    assert_eq!(system.reconcile_after(15).await, quiet);
    // What it says is its owner's business.
    let text = json!({"subject": "Viewing with the owner"});
    system.edit_event(&system.events().await[0], &text).await;
    assert_eq!(system.reconcile_after(15).await, quiet);
    assert_eq!(system.viewings().await, before);
    assert_eq!(system.count("update_event").await, 0);
}

#[tokio::test]
async fn a_moved_event_takes_its_viewing_with_it() {
    for (edit, start, end, open) in [
        (
            at("14:00", "14:30"),
            "2031-11-25T20:00:00Z",
            "2031-11-25T20:30:00Z",
            "10:00",
        ),
        (
            at("10:00", "11:00"),
            "2031-11-25T16:00:00Z",
            "2031-11-25T17:00:00Z",
            "11:00",
        ),
        (
            json!({"start": "2032-03-25T10:00:00-05:00", "end": "2032-03-25T10:30:00-05:00"}),
            "2032-03-25T15:00:00Z",
            "2032-03-25T15:30:00Z",
            "10:00",
        ),
    ] {
        let system = with_viewings(&[TEN]).await;
        system.edit_event(&system.events().await[0], &edit).await;
        let report = system.reconcile_after(1).await;
        assert_eq!(
            report,
            Report {
                due: 1,
                moved: 1,
                ..Report::default()
            },
            "{edit}"
        );
        let [viewing] = system.viewings().await.try_into().unwrap();
        assert_eq!(latest(&viewing), "moved by outlook");
        assert_eq!(viewing["history"][2]["from"], "2031-11-25T10:00:00-06:00");
        assert_eq!(system.ledger().await, [format!("{start}/{end}")]);
        assert_sound(&system, &[(USER, ACCOUNT)], &edit.to_string()).await;
        let times = system.open_on(USER, "2031-11-25").await;
        assert!(times.contains(&open.to_owned()), "{edit}: {times:?}");
        let taken = Call::new("call-2").book(&system, start).await;
        assert!(!taken.done, "{edit}: {taken:?}");
        assert_eq!(system.reconcile_after(1).await.moved, 0);
    }
}

#[tokio::test]
async fn a_deleted_or_cancelled_event_cancels_its_viewing() {
    for cancelled in [true, false] {
        let system = with_viewings(&[TEN]).await;
        let [event] = system.events().await.try_into().unwrap();
        if cancelled {
            system.edit_event(&event, &json!({"cancelled": true})).await;
        } else {
            system.delete_event(&event).await;
        }
        let report = system.reconcile_after(1).await;
        assert_eq!(
            report,
            Report {
                due: 1,
                cancelled: 1,
                ..Report::default()
            }
        );
        let [viewing] = system.viewings().await.try_into().unwrap();
        assert_eq!(viewing["status"], "cancelled");
        assert_eq!(latest(&viewing), "cancelled by outlook");
        assert!(system.ledger().await.is_empty());
        assert_sound(&system, &[(USER, ACCOUNT)], "gone in Outlook").await;
        let heard = Call::new("call-2")
            .tool(&system, "find_appointments", json!({}))
            .await;
        assert!(!heard.done, "{heard:?}");
        assert!(Call::new("call-3").book(&system, TEN).await.done);
    }
}

#[tokio::test]
async fn a_calendar_that_cannot_be_read_changes_nothing() {
    let system = with_viewings(&[TEN]).await;
    let before = system.viewings().await;
    let [event] = system.events().await.try_into().unwrap();
    let unreadable = Report {
        due: 1,
        unreadable: 1,
        ..Report::default()
    };
    for effect in [
        json!({"error": {"status": 503}}),
        json!("cut"),
        json!({"empty": 200}),
    ] {
        system
            .fault(&json!({"operation": "calendar_view", "effect": effect}))
            .await;
        assert_eq!(system.reconcile_after(15).await, unreadable, "{effect}");
        system.no_faults().await;
    }
    // The list lacks it, and whether it is gone cannot be read.
    system.delete_event(&event).await;
    for operation in ["get_event", "list_events"] {
        system
            .fault(&json!({"operation": operation, "effect": {"error": {"status": 503}}}))
            .await;
        assert_eq!(system.reconcile_after(15).await, unreadable, "{operation}");
        system.no_faults().await;
    }
    assert_eq!(system.viewings().await, before);
    assert_eq!(system.ledger().await.len(), 1);
    assert_eq!(system.reconcile_after(15).await.cancelled, 1);
}

#[tokio::test]
async fn a_disconnected_calendar_keeps_its_viewings() {
    let system = with_viewings(&[TEN]).await;
    let path = "/calendar/auth/disconnect?user_id=demo";
    let request = system
        .request(Method::DELETE, path)
        .header("x-api-key", API_KEY);
    assert_eq!(Answer::of(request).await.status, 200);
    for _ in 0..2 {
        assert_eq!(
            system.reconcile_after(15).await,
            Report {
                due: 1,
                unreadable: 1,
                ..Report::default()
            }
        );
    }
    system.connect(USER, ACCOUNT).await;
    system.delete_event(&system.events().await[0]).await;
    assert_eq!(system.reconcile_after(15).await.cancelled, 1);
}

#[tokio::test]
async fn two_runs_at_once_do_nothing_twice() {
    let system = with_viewings(&[TEN, "2031-11-25T12:00:00", "2031-11-25T14:00:00"]).await;
    let events = system.events().await;
    system.delete_event(&events[0]).await;
    system.edit_event(&events[1], &at("16:00", "16:30")).await;
    system.add_event(&at("14:00", "15:00")).await;
    system.pass(1);
    let runs = (0..4).map(|_| system.local.reconcile());
    for report in futures_util::future::join_all(runs).await {
        assert_eq!(report.unwrap().unreadable, 0);
    }
    for viewing in system.viewings().await {
        let history = viewing["history"].as_array().unwrap();
        assert_eq!(history.len(), 3, "{viewing:#}");
    }
    assert_eq!(
        categories(&system).await,
        [json!(["Double-booked viewing"]), json!([])]
    );
    assert_sound(&system, &[(USER, ACCOUNT)], "four runs at once").await;
}

#[tokio::test]
async fn a_viewing_that_is_over_is_left_alone() {
    let system = with_viewings(&["2031-11-24T09:00:00"]).await;
    system.pass(60);
    system.reconcile_after(30).await;
    system.delete_event(&system.events().await[0]).await;
    for minutes in [0, 15, 600] {
        assert_eq!(system.reconcile_after(minutes).await, Report::default());
    }
    assert_eq!(system.viewings().await[0]["status"], "confirmed");
}
