//! A function that ends in the middle of a booking: a client that hangs up makes
//! the gateway drop the function's work where it stands.

use std::time::Duration;

use local::defaults::{ACCOUNT, WEBHOOK_SECRET};
use serde_json::{Value, json};

use crate::system::{Answer, TestSystem};
use crate::voice::Call;

const TIME: &str = "2031-11-25T10:00:00";

/// Begins a booking in which the create never answers, and drops it there.
pub(crate) async fn crash_at_create(system: &TestSystem, moment: &str) {
    let rule = json!({"operation": "create_event", "moment": moment, "effect": "hang"});
    system.fault(&rule).await;
    let arguments = json!({"start_time": TIME, "attendee_name": "Casey Caller"});
    let delivery = Call::new("call-1").delivery(&[("a", "set_appointment", arguments)]);
    let request = system
        .http
        .post(format!("{}/vapi/webhook", system.local.gateway))
        .header("x-vapi-secret", WEBHOOK_SECRET)
        .json(&delivery);
    let running = tokio::spawn(Answer::of(request));
    wait(system, |mailbox| {
        let events = mailbox["events"].as_array().map_or(0, Vec::len);
        mailbox["counters"]["operations"]["create_event"] == 1
            && events == usize::from(moment == "after")
    })
    .await;
    running.abort();
    wait(system, |mailbox| mailbox["counters"]["in_flight"] == 0).await;
    system.no_faults().await;
}

/// Asks for the mailbox until it is as wanted, and gives up after some seconds.
async fn wait(system: &TestSystem, wanted: impl Fn(&Value) -> bool) {
    let reached = async { while !wanted(&system.mailbox(ACCOUNT).await) {} };
    let reached = tokio::time::timeout(Duration::from_secs(5), reached).await;
    reached.expect("the mailbox did not get there");
}

/// The status of the one appointment, and whether its time is only held.
async fn stored(system: &TestSystem) -> (String, bool) {
    let [row] = system.rows("AppointmentsTable").await.try_into().unwrap();
    let [day] = system.rows("LedgerTable").await.try_into().unwrap();
    let entries = day["entries"].as_m().unwrap();
    assert_eq!(entries.len(), 1);
    let entry = entries.values().next().unwrap().as_m().unwrap();
    (
        row["status"].as_s().unwrap().clone(),
        entry.contains_key("hold_until"),
    )
}

#[tokio::test]
async fn a_claim_that_nobody_finished_lapses() {
    let system = TestSystem::start().await;
    crash_at_create(&system, "before").await;
    assert_eq!(stored(&system).await, ("pending".to_owned(), true));
    let other = Call::new("call-2").book(&system, TIME).await;
    assert!(!other.done, "{other:?}");
    system.pass(6);
    let other = Call::new("call-2").book(&system, TIME).await;
    assert!(other.done, "{other:?}");
    assert_eq!(system.events().await.len(), 1);
}

#[tokio::test]
async fn a_booking_that_was_cut_off_is_finished_when_the_call_asks_again() {
    for minutes in [1, 6] {
        let system = TestSystem::start().await;
        crash_at_create(&system, "before").await;
        system.pass(minutes);
        let again = Call::new("call-1").book(&system, TIME).await;
        assert!(
            again.text.starts_with("Booked for Casey Caller"),
            "after {minutes} minutes: {again:?}"
        );
        assert_eq!(stored(&system).await, ("confirmed".to_owned(), false));
        assert_eq!(system.events().await.len(), 1);
    }
}

#[tokio::test]
async fn a_booking_that_was_cut_off_gives_way_to_another_call_after_its_hold() {
    let system = TestSystem::start().await;
    crash_at_create(&system, "before").await;
    system.pass(6);
    let other = Call::new("call-2").book(&system, TIME).await;
    assert!(other.done, "{other:?}");
    let again = Call::new("call-1").book(&system, TIME).await;
    assert!(again.text.starts_with("That time is not open"), "{again:?}");
    assert_eq!(system.events().await.len(), 1);
}

#[tokio::test]
async fn an_event_that_was_made_before_the_crash_is_found_by_the_same_call() {
    let system = TestSystem::start().await;
    crash_at_create(&system, "after").await;
    assert_eq!(stored(&system).await, ("pending".to_owned(), true));
    let again = Call::new("call-1").book(&system, TIME).await;
    assert!(
        again.text.starts_with("Booked for Casey Caller"),
        "{again:?}"
    );
    assert_eq!(stored(&system).await, ("confirmed".to_owned(), false));
    assert_eq!(system.events().await.len(), 1);
}

#[tokio::test]
async fn an_event_that_was_made_before_the_crash_is_in_the_way_after_its_hold() {
    let system = TestSystem::start().await;
    crash_at_create(&system, "after").await;
    system.pass(6);
    let other = Call::new("call-2").book(&system, TIME).await;
    assert!(!other.done, "{other:?}");
    assert_eq!(system.events().await.len(), 1);
}
