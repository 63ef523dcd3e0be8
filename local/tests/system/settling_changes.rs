//! Moves and cancellations that a conversation left open are settled by reconcile.

use local::defaults::{ACCOUNT, USER};
use serde_json::{Value, json};
use shared::booking::Report;

use crate::invariants::assert_sound;
use crate::settling::{AT_TEN, assert_settled, booking, during, fails, promised, state};
use crate::system::TestSystem;

const TWO: &str = "2031-11-25T14:00:00";
const AT_TWO: &str = "2031-11-25T20:00:00Z/2031-11-25T20:30:00Z";

/// A system in which a viewing is booked, and something was done to it while the
/// operation failed.
async fn booked_then(fault: Value, tool: &str, arguments: Value) -> TestSystem {
    let system = TestSystem::start().await;
    let booked = during(&system, &[], "set_appointment", booking()).await;
    assert!(booked.done, "{booked:?}");
    let heard = during(&system, &[fault], tool, arguments).await;
    assert!(heard.done, "{heard:?}");
    system
}

#[tokio::test]
async fn a_cancellation_under_way_is_carried_through_once() {
    for moment in ["before", "after"] {
        let fault = fails("cancel_event", moment);
        let reason = json!({"reason": "Ill."});
        let system = booked_then(fault, "cancel_appointment", reason).await;
        assert_eq!(state(&system).await, "confirmed: cancelling by caller");
        assert_eq!(system.ledger().await, [AT_TEN]);
        assert_eq!(
            system.reconcile_after(1).await,
            Report {
                due: 1,
                cancelled: 1,
                ..Report::default()
            }
        );
        assert_eq!(state(&system).await, "cancelled: cancelled by reconcile");
        assert!(system.ledger().await.is_empty());
        assert_eq!(system.mails().await.len(), 2, "{moment}");
        let outbox = system.mailbox(ACCOUNT).await["outbox"].take();
        let comment = outbox[1]["comment"].as_str().unwrap();
        assert!(comment.ends_with("Reason: Ill."), "{comment}");
        assert_settled(&system, moment).await;
    }
}

#[tokio::test]
async fn a_move_under_way_is_finished() {
    for moment in ["before", "after"] {
        let arguments = json!({"new_start_time": TWO});
        let fault = json!({"operation": "update_event", "moment": moment, "effect": "cut"});
        let system = TestSystem::start().await;
        during(&system, &[], "set_appointment", booking()).await;
        let faults = [
            fault,
            json!({"operation": "get_event", "trigger": {"nth": 2}, "effect": "cut"}),
            json!({"operation": "get_event", "trigger": {"nth": 3}, "effect": "cut"}),
        ];
        let heard = during(&system, &faults, "reschedule_appointment", arguments).await;
        assert!(heard.text.starts_with("I am moving"), "{moment}: {heard:?}");
        assert_eq!(system.ledger().await, [AT_TEN, AT_TWO]);
        assert_eq!(
            system.reconcile_after(1).await,
            Report {
                due: 1,
                moved: 1,
                ..Report::default()
            }
        );
        assert_eq!(state(&system).await, "confirmed: moved by reconcile");
        assert_eq!(system.ledger().await, [AT_TWO]);
        assert_eq!(system.mails().await.len(), 2, "{moment}");
        assert_settled(&system, moment).await;
    }
}

#[tokio::test]
async fn a_move_under_way_is_given_up_when_the_time_is_taken_in_outlook() {
    let arguments = json!({"new_start_time": TWO});
    let fault = fails("update_event", "before");
    let system = booked_then(fault, "reschedule_appointment", arguments).await;
    system
        .busy("2031-11-25T14:00:00-06:00", "2031-11-25T14:30:00-06:00")
        .await;
    assert_eq!(
        system.reconcile_after(1).await,
        Report {
            due: 1,
            failed: 1,
            ..Report::default()
        }
    );
    assert_eq!(
        state(&system).await,
        "confirmed: move_abandoned by reconcile"
    );
    assert_eq!(system.ledger().await, [AT_TEN]);
    assert_settled(&system, "a taken time").await;
}

#[tokio::test]
async fn a_move_under_way_yields_to_whoever_moves_the_event_elsewhere() {
    let arguments = json!({"new_start_time": TWO});
    let fault = fails("update_event", "before");
    let system = booked_then(fault, "reschedule_appointment", arguments).await;
    let noon = json!({"start": "2031-11-25T12:00:00-06:00", "end": "2031-11-25T12:30:00-06:00"});
    system.edit_event(&system.events().await[0], &noon).await;
    assert_eq!(
        system.reconcile_after(1).await,
        Report {
            due: 1,
            moved: 1,
            ..Report::default()
        }
    );
    assert_eq!(state(&system).await, "confirmed: moved by outlook");
    assert_eq!(
        system.ledger().await,
        ["2031-11-25T18:00:00Z/2031-11-25T18:30:00Z"]
    );
    assert_settled(&system, "another time").await;
}

#[tokio::test]
async fn two_runs_at_once_settle_nothing_twice() {
    let cancelling = fails("cancel_event", "before");
    let moving = fails("update_event", "before");
    for (system, events, mails) in [
        (promised(true).await, 1, 1),
        (promised(false).await, 1, 1),
        (
            booked_then(cancelling, "cancel_appointment", json!({})).await,
            0,
            2,
        ),
        (
            booked_then(
                moving,
                "reschedule_appointment",
                json!({"new_start_time": TWO}),
            )
            .await,
            1,
            2,
        ),
    ] {
        system.pass(1);
        let runs = (0..4).map(|_| system.local.reconcile());
        for report in futures_util::future::join_all(runs).await {
            report.unwrap();
        }
        for _ in 0..3 {
            system.reconcile_after(5).await;
        }
        let state = state(&system).await;
        assert_eq!(system.events().await.len(), events, "{state}");
        assert_eq!(system.mails().await.len(), mails, "{state}");
        assert_sound(&system, &[(USER, ACCOUNT)], &state).await;
    }
}

#[tokio::test]
async fn a_promised_move_outlives_whatever_passes() {
    let arguments = json!({"new_start_time": TWO});
    let fault = fails("update_event", "before");
    let system = booked_then(fault, "reschedule_appointment", arguments).await;
    let throttled = json!({"error": {"status": 429, "retry_after": "3600"}});
    for effect in [throttled, json!({"error": {"status": 503}})] {
        let fault = json!({"operation": "update_event", "effect": effect});
        system.fault(&fault).await;
        let report = system.reconcile_after(5).await;
        assert_eq!((report.failed, report.open), (0, 1), "{fault}: {report:?}");
        assert_eq!(system.ledger().await, [AT_TEN, AT_TWO], "{fault}");
        system.no_faults().await;
    }
    assert_eq!(system.reconcile_after(5).await.moved, 1);
    assert_eq!(system.ledger().await, [AT_TWO]);
    assert_settled(&system, "a promised move").await;
}

#[tokio::test]
async fn what_can_never_be_looked_at_is_given_up_a_day_after_it() {
    let arguments = json!({"new_start_time": TWO});
    let fault = fails("update_event", "before");
    let moving = booked_then(fault, "reschedule_appointment", arguments).await;
    let fault = fails("cancel_event", "before");
    let cancelling = booked_then(fault, "cancel_appointment", json!({})).await;
    for (system, last, ends) in [
        (&moving, "confirmed: move_abandoned by reconcile", "failed"),
        (
            &cancelling,
            "cancelled: cancelled by reconcile",
            "cancelled",
        ),
        (
            &promised(false).await,
            "failed: failed by reconcile",
            "failed",
        ),
    ] {
        let path = "/calendar/auth/disconnect?user_id=demo";
        assert_eq!(system.delete(path).await.status, 200);
        // The viewings are tomorrow.
        for hours in [1, 24, 12] {
            let report = system.reconcile_after(hours * 60).await;
            assert_eq!((report.open, report.unreadable), (1, 1), "{report:?}");
        }
        let report = system.reconcile_after(24 * 60).await;
        let ended = json!(report)[ends].clone();
        assert_eq!((report.open, ended), (0, json!(1)), "{report:?}");
        assert_eq!(state(system).await, last);
        system.reconcile_after(60).await;
        assert_eq!(system.reconcile_after(24 * 60).await.due, 0, "{ends}");
    }
}

#[tokio::test]
async fn a_promised_move_waits_while_somebody_else_is_at_the_event() {
    let arguments = json!({"new_start_time": TWO});
    let fault = fails("update_event", "before");
    let system = booked_then(fault, "reschedule_appointment", arguments).await;
    let refused = json!({"error": {"status": 412, "code": "ErrorIrresolvableConflict"}});
    system
        .fault(&json!({"operation": "update_event", "effect": refused}))
        .await;
    let report = system.reconcile_after(1).await;
    assert_eq!((report.open, report.failed), (1, 0), "{report:?}");
    system.no_faults().await;
    assert_eq!(system.reconcile_after(1).await.moved, 1);
}
