//! Crashes at every point: a booking, a move and a cancellation are cut off before
//! and after each thing that they do to the world, then tried again or left to
//! reconcile. Whatever happened, what must hold holds.

use local::defaults::{ACCOUNT, USER};
use local::faults::Moment;
use serde_json::json;

use crate::invariants::assert_sound;
use crate::system::TestSystem;
use crate::voice::{Call, Heard};

const TEN: &str = "2031-11-25T10:00:00";
const TWO: &str = "2031-11-25T14:00:00";

/// What is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Book,
    Move,
    Cancel,
}

/// What happens after the crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    /// The same call asks again under a new tool call id, at once.
    Retry,
    /// It asks again when whoever began is surely gone.
    LateRetry,
    /// Nobody asks again.
    Reconcile,
}

async fn prepare(flow: Flow, call: &Call) -> TestSystem {
    let system = TestSystem::start().await;
    if flow != Flow::Book {
        let arguments = json!({
            "start_time": TEN, "attendee_name": "Casey Caller",
            "attendee_email": "casey@example.com",
        });
        let booked = call.tool(&system, "set_appointment", arguments).await;
        assert!(booked.done, "{booked:?}");
    }
    system
}

async fn run(flow: Flow, call: &Call, system: &TestSystem) -> Heard {
    match flow {
        Flow::Book => call.book(system, TEN).await,
        Flow::Move => {
            let arguments = json!({"new_start_time": TWO});
            call.tool(system, "reschedule_appointment", arguments).await
        }
        Flow::Cancel => call.tool(system, "cancel_appointment", json!({})).await,
    }
}

/// The starts of the events in the calendar, as `HH:MM` of UTC.
async fn starts(system: &TestSystem) -> Vec<String> {
    let events = system.mailbox(ACCOUNT).await["events"].clone();
    let events = events.as_array().unwrap().iter();
    let mut starts: Vec<String> = events
        .filter(|event| event["is_cancelled"] != true)
        .map(|event| event["start"].as_str().unwrap()[11..16].to_owned())
        .collect();
    starts.sort();
    starts
}

/// Cuts the flow off at one point, goes on as told, and checks what came of it.
async fn crash(flow: Flow, point: u64, moment: Moment, after: After) {
    let what = format!("{flow:?} cut {moment:?} effect {point}, then {after:?}");
    let call = Call::new("call-1");
    let system = prepare(flow, &call).await;
    system.local.fuse.blow_at(point, moment);
    let heard = run(flow, &call, &system).await;
    assert!(system.local.fuse.is_blown(), "{what}: {heard:?}");
    system.local.fuse.mend();

    let again = match after {
        After::Retry => Some(run(flow, &call, &system).await),
        After::LateRetry => {
            system.pass(1);
            Some(run(flow, &call, &system).await)
        }
        After::Reconcile => None,
    };
    system.settle().await;
    assert_sound(&system, &[(USER, ACCOUNT)], &what).await;

    let there = starts(&system).await;
    let told = [Some(&heard), again.as_ref()].into_iter().flatten();
    for heard in told {
        let text = &heard.text;
        if text.starts_with("Booked for") {
            assert_eq!(there, ["16:00"], "{what}: {text}");
        }
        if text.starts_with("Your viewing is now on") {
            assert_eq!(there, ["20:00"], "{what}: {text}");
        }
        if text.starts_with("I am holding") {
            assert_eq!(there, ["16:00"], "{what}: {text}");
        }
        if text.starts_with("I am moving") {
            assert_eq!(there, ["20:00"], "{what}: {text}");
        }
        if text.contains("is cancelled") || text.starts_with("I have taken the cancellation") {
            assert_eq!(there, [""; 0], "{what}: {text}");
        }
    }
    match (flow, again) {
        // Whoever asks again gets there.
        (Flow::Book, Some(_)) => assert_eq!(there, ["16:00"], "{what}"),
        (Flow::Move, Some(_)) => assert_eq!(there, ["20:00"], "{what}"),
        (Flow::Cancel, Some(_)) => assert_eq!(there, [""; 0], "{what}"),
        // What nobody asks for again is done, or it is not.
        (Flow::Book, None) => assert!(there.is_empty() || there == ["16:00"], "{what}: {there:?}"),
        (Flow::Move, None) => assert!(
            there == ["16:00"] || there == ["20:00"],
            "{what}: {there:?}"
        ),
        (Flow::Cancel, None) => {
            assert!(there.is_empty() || there == ["16:00"], "{what}: {there:?}");
        }
    }
}

/// How many effects a flow has when nothing goes wrong.
async fn effects(flow: Flow) -> u64 {
    let call = Call::new("call-1");
    let system = prepare(flow, &call).await;
    system.local.fuse.mend();
    let heard = run(flow, &call, &system).await;
    assert!(heard.done, "{heard:?}");
    system.local.fuse.effects()
}

async fn every_crash(flow: Flow) {
    let effects = effects(flow).await;
    let mut crashes = 0;
    for point in 1..=effects {
        for moment in [Moment::Before, Moment::After] {
            for after in [After::Retry, After::LateRetry, After::Reconcile] {
                crash(flow, point, moment, after).await;
                crashes += 1;
            }
        }
    }
    println!(
        "{flow:?}: {effects} effects, {} points, {crashes} crashes",
        effects * 2
    );
    assert!(effects >= 4, "{flow:?} has only {effects} effects");
}

#[tokio::test]
async fn a_booking_survives_a_crash_at_every_point() {
    Box::pin(every_crash(Flow::Book)).await;
}

#[tokio::test]
async fn a_move_survives_a_crash_at_every_point() {
    Box::pin(every_crash(Flow::Move)).await;
}

#[tokio::test]
async fn a_cancellation_survives_a_crash_at_every_point() {
    Box::pin(every_crash(Flow::Cancel)).await;
}
