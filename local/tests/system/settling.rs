//! Bookings that a conversation left open are settled by reconcile: those whose outcome
//! nobody knew, and claims that nobody finished.

use aws_sdk_dynamodb::types::AttributeValue;
use local::defaults::{ACCOUNT, USER};
use serde_json::{Value, json};
use shared::booking::Report;
use shared::microsoft::TAG_NAME;

use crate::crashes::crash_at_create;
use crate::invariants::assert_sound;
use crate::system::TestSystem;
use crate::voice::{Call, Heard};

const TEN: &str = "2031-11-25T10:00:00";

/// Carries out one tool call while an operation fails, at first or for good.
pub(crate) async fn during(
    system: &TestSystem,
    faults: &[Value],
    tool: &str,
    arguments: Value,
) -> Heard {
    for fault in faults {
        system.fault(fault).await;
    }
    let heard = Call::new("call-1").tool(system, tool, arguments).await;
    system.no_faults().await;
    heard
}

pub(crate) fn fails(operation: &str, moment: &str) -> Value {
    json!({"operation": operation, "moment": moment, "effect": {"error": {"status": 503}}})
}

pub(crate) fn booking() -> Value {
    json!({
        "start_time": TEN, "attendee_name": "Casey Caller",
        "attendee_email": "casey@example.com",
    })
}

/// A system in which a booking is promised, and its event exists or not.
pub(crate) async fn promised(exists: bool) -> TestSystem {
    let system = TestSystem::start().await;
    let moment = if exists { "after" } else { "before" };
    let faults = [
        fails("create_event", moment),
        fails("list_events", "before"),
    ];
    let heard = during(&system, &faults, "set_appointment", booking()).await;
    assert!(heard.text.starts_with("I am holding"), "{heard:?}");
    assert_eq!(system.events().await.len(), usize::from(exists));
    system
}

/// The status of the one viewing, and what last happened to it.
pub(crate) async fn state(system: &TestSystem) -> String {
    let [viewing] = system.viewings().await.try_into().unwrap();
    let latest = viewing["history"].as_array().unwrap().last().unwrap();
    format!(
        "{}: {} by {}",
        viewing["status"], latest["what"], latest["cause"]
    )
    .replace('"', "")
}

pub(crate) async fn assert_settled(system: &TestSystem, what: &str) {
    let state = state(system).await;
    assert_eq!(
        system.local.reconcile().await.unwrap(),
        Report::default(),
        "{what}"
    );
    assert_eq!(self::state(system).await, state, "{what}");
    assert_sound(system, &[(USER, ACCOUNT)], what).await;
}

pub(crate) const AT_TEN: &str = "2031-11-25T16:00:00Z/2031-11-25T16:30:00Z";

#[tokio::test]
async fn a_promised_booking_is_confirmed_or_made() {
    for exists in [true, false] {
        let system = promised(exists).await;
        let code = system.viewings().await[0]["confirmation_code"].clone();
        assert_eq!(system.reconcile_after(0).await, Report::default());
        assert_eq!(
            system.reconcile_after(1).await,
            Report {
                due: 1,
                booked: 1,
                ..Report::default()
            }
        );
        assert_eq!(state(&system).await, "confirmed: booked by reconcile");
        assert_eq!(system.viewings().await[0]["confirmation_code"], code);
        assert_eq!(system.ledger().await, [AT_TEN]);
        assert_eq!(system.mails().await, ["invitation: casey@example.com"]);
        assert_settled(&system, "a promised booking").await;
    }
}

#[tokio::test]
async fn a_promised_booking_fails_when_somebody_took_the_time_in_outlook() {
    let system = promised(false).await;
    system
        .busy("2031-11-25T10:00:00-06:00", "2031-11-25T10:30:00-06:00")
        .await;
    assert_eq!(
        system.reconcile_after(1).await,
        Report {
            due: 1,
            failed: 1,
            ..Report::default()
        }
    );
    assert_eq!(state(&system).await, "failed: failed by reconcile");
    assert!(system.ledger().await.is_empty());
    assert!(system.mails().await.is_empty());
    assert_settled(&system, "a lost time").await;
    let again = Call::new("call-1").book(&system, TEN).await;
    assert!(again.text.starts_with("That time is not open"), "{again:?}");
}

#[tokio::test]
async fn a_promised_booking_stays_open_as_long_as_the_calendar_does_not_answer() {
    for exists in [true, false] {
        let system = promised(exists).await;
        for operation in ["list_events", "calendar_view", "create_event"] {
            if exists && operation != "list_events" {
                continue;
            }
            system.fault(&fails(operation, "before")).await;
            let report = system.reconcile_after(5).await;
            assert_eq!((report.booked, report.failed), (0, 0), "{operation}");
            assert_eq!(report.open, 1, "{operation}");
            assert_eq!(system.ledger().await, [AT_TEN], "{operation}");
            system.no_faults().await;
        }
        assert_eq!(system.reconcile_after(5).await.booked, 1);
        assert_eq!(system.events().await.len(), 1);
        assert_settled(&system, "a calendar that was away").await;
    }
}

#[tokio::test]
async fn a_caller_who_asks_again_while_the_event_cannot_be_looked_up_loses_nothing() {
    for minutes in [0, 1, 6] {
        let system = TestSystem::start().await;
        crash_at_create(&system, "after").await;
        system.pass(minutes);
        let faults = [fails("list_events", "before")];
        let heard = during(&system, &faults, "set_appointment", booking()).await;
        assert!(heard.done, "after {minutes} minutes: {heard:?}");
        for _ in 0..7 {
            system.reconcile_after(1).await;
        }
        assert_eq!(system.events().await.len(), 1, "after {minutes} minutes");
        assert_eq!(state(&system).await, "confirmed: booked by reconcile");
        assert_settled(&system, "a look-up that failed").await;
    }
}

#[tokio::test]
async fn a_claim_that_nobody_finished_is_confirmed_or_lapses() {
    for (moment, expected) in [
        ("after", "confirmed: booked by reconcile"),
        ("before", "failed: failed by reconcile"),
    ] {
        let system = TestSystem::start().await;
        crash_at_create(&system, moment).await;
        for _ in 0..6 {
            system.reconcile_after(1).await;
        }
        assert_eq!(state(&system).await, expected);
        assert_eq!(system.events().await.len(), usize::from(moment == "after"));
        assert_settled(&system, moment).await;
    }
}

#[tokio::test]
async fn a_claim_whose_calendar_cannot_be_read_is_not_called_failed() {
    let system = TestSystem::start().await;
    crash_at_create(&system, "after").await;
    system.fault(&fails("list_events", "before")).await;
    for _ in 0..3 {
        let report = system.reconcile_after(6).await;
        assert_eq!((report.failed, report.unreadable), (0, 1), "{report:?}");
    }
    system.no_faults().await;
    assert_eq!(system.reconcile_after(6).await.booked, 1);
    assert_eq!(system.events().await.len(), 1);
    assert_settled(&system, "a claim").await;
}

#[tokio::test]
async fn an_event_that_comes_after_its_booking_was_given_up_goes_again() {
    let system = promised(false).await;
    let busy = json!({"start": "2031-11-25T10:00:00-06:00", "end": "2031-11-25T10:30:00-06:00"});
    system.add_event(&busy).await;
    assert_eq!(system.reconcile_after(1).await.failed, 1);
    let [viewing] = system.viewings().await.try_into().unwrap();
    let mut late = busy;
    late["properties"] = json!({
        "singleValueExtendedProperties": [{"id": TAG_NAME, "value": viewing["appointment_id"]}],
        "attendees": [{"emailAddress": {"address": "casey@example.com"}}],
    });
    system.pass(3);
    system.add_event(&late).await;
    assert_eq!(system.events().await.len(), 2);
    system.reconcile_after(5).await;
    assert_eq!(system.events().await.len(), 1);
    assert_eq!(system.mails().await, ["cancellation: casey@example.com"]);
    assert_eq!(state(&system).await, "failed: failed by reconcile");
    for _ in 0..8 {
        system.reconcile_after(5).await;
    }
    assert_settled(&system, "a late event").await;
    assert_eq!(system.reconcile_after(600).await, Report::default());
}

/// What stops a request for a while, and would not stop it later.
fn passing(operation: &str) -> [Value; 3] {
    let throttled = json!({"error": {"status": 429, "retry_after": "3600"}});
    let refused = json!({"error": {"status": 400, "code": "invalid_client", "aadsts": 7_000_222}});
    [
        json!({"operation": operation, "effect": throttled}),
        json!({"operation": operation, "effect": {"error": {"status": 503}}}),
        json!({"operation": "token", "effect": refused}),
    ]
}

#[tokio::test]
async fn a_promised_booking_outlives_whatever_passes() {
    let system = promised(false).await;
    for fault in passing("create_event") {
        system.fault(&fault).await;
        let report = system.reconcile_after(90).await;
        assert_eq!((report.failed, report.open), (0, 1), "{fault}: {report:?}");
        assert_eq!(system.ledger().await, [AT_TEN], "{fault}");
        system.no_faults().await;
    }
    assert_eq!(system.reconcile_after(5).await.booked, 1);
    assert_eq!(system.events().await.len(), 1);
    assert_settled(&system, "a promised booking").await;
}

#[tokio::test]
async fn a_promised_booking_that_microsoft_refuses_is_given_up() {
    let system = promised(false).await;
    let refused = json!({"error": {"status": 400, "code": "ErrorInvalidRequest"}});
    let fault = json!({"operation": "create_event", "effect": refused});
    system.fault(&fault).await;
    let report = system.reconcile_after(1).await;
    assert_eq!((report.open, report.failed), (0, 1), "{report:?}");
    assert_eq!(state(&system).await, "failed: failed by reconcile");
    assert!(system.ledger().await.is_empty());
}

#[tokio::test]
async fn somebody_who_waits_is_counted_although_the_calendar_cannot_be_opened() {
    let system = promised(false).await;
    let other = Call::new("call-2")
        .book(&system, "2031-11-25T14:00:00")
        .await;
    assert!(other.done, "{other:?}");
    let [_, _, away] = passing("create_event");
    system.fault(&away).await;
    let report = system.reconcile_after(90).await;
    assert_eq!(
        report,
        Report {
            due: 2,
            open: 1,
            unreadable: 2,
            ..Report::default()
        }
    );
}

#[tokio::test]
async fn an_event_that_comes_after_its_booking_was_cancelled_goes_again() {
    for wait in [1, 6] {
        let system = promised(false).await;
        system.fault(&fails("create_event", "before")).await;
        assert_eq!(system.reconcile_after(6).await.open, 1);
        system.no_faults().await;
        // What was asked for six minutes after the booking may still be on its way.
        let heard = during(&system, &[], "cancel_appointment", json!({})).await;
        assert!(heard.text.starts_with("I have taken"), "{heard:?}");
        assert_eq!(system.ledger().await, [AT_TEN]);
        system.reconcile_after(wait).await;
        let [viewing] = system.viewings().await.try_into().unwrap();
        let tag = json!({"id": TAG_NAME, "value": viewing["appointment_id"]});
        let late = json!({
            "start": "2031-11-25T10:00:00-06:00", "end": "2031-11-25T10:30:00-06:00",
            "properties": {"singleValueExtendedProperties": [tag]},
        });
        system.add_event(&late).await;
        system.reconcile_after(5).await;
        assert!(system.events().await.is_empty(), "after {wait} minutes");
        for _ in 0..8 {
            system.reconcile_after(5).await;
        }
        assert_eq!(state(&system).await, "cancelled: cancelled by reconcile");
        assert_settled(&system, "a late event").await;
    }
}

#[tokio::test]
async fn a_row_that_nobody_understands_is_no_reason_to_leave_the_others() {
    let system = promised(true).await;
    let [row] = system.rows("AppointmentsTable").await.try_into().unwrap();
    let mut odd = row.clone();
    let id = |id: &str| AttributeValue::S(id.to_owned());
    odd.insert("appointment_id".to_owned(), id("odd"));
    odd.insert("status".to_owned(), id("unheard-of"));
    system.put_row("AppointmentsTable", odd).await;
    let report = system.reconcile_after(1).await;
    assert_eq!(
        (report.due, report.booked, report.unreadable),
        (2, 1, 1),
        "{report:?}"
    );
}
