//! Many callers at once: however they interleave, no time is given away twice.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::system::{Answer, TestSystem};
use crate::voice::{Call, Heard, deliver, deliver_at_once, heard};

const CALLERS: usize = 20;

/// All of them at once, and what each heard.
async fn at_once(system: &TestSystem, deliveries: &[Value]) -> Vec<Heard> {
    let answers = deliver_at_once(system, deliveries).await;
    answers.iter().flat_map(heard).collect()
}

fn booking(caller: usize, start_time: &str) -> Value {
    let call = Call::new(&format!("call-{caller}"));
    let arguments = json!({"start_time": start_time, "attendee_name": format!("Caller {caller}")});
    call.delivery(&[("a", "set_appointment", arguments)])
}

#[tokio::test]
async fn of_twenty_callers_for_one_slot_exactly_one_gets_it() {
    let system = TestSystem::start().await;
    system.allow_at_once(100).await;
    let deliveries: Vec<Value> = (0..CALLERS)
        .map(|caller| booking(caller, "2031-11-25T10:00:00"))
        .collect();
    let heard = at_once(&system, &deliveries).await;
    assert_eq!(
        heard.iter().filter(|heard| heard.done).count(),
        1,
        "{heard:#?}"
    );
    assert_eq!(system.events().await.len(), 1);
    assert_eq!(system.rows("AppointmentsTable").await.len(), 1);
}

#[tokio::test]
async fn callers_whom_graph_throttles_wait_and_exactly_one_gets_the_slot() {
    let system = TestSystem::start().await;
    let deliveries: Vec<Value> = (0..CALLERS)
        .map(|caller| booking(caller, "2031-11-25T10:00:00"))
        .collect();
    let heard = at_once(&system, &deliveries).await;
    let booked = heard.iter().filter(|heard| heard.done).count();
    assert_eq!(booked, 1, "{heard:#?}");
    assert_eq!(system.events().await.len(), 1);
}

#[tokio::test]
async fn overlapping_wishes_end_in_viewings_that_do_not_overlap() {
    let system = TestSystem::start().await;
    system.allow_at_once(100).await;
    let requests: Vec<_> = (0..CALLERS)
        .map(|number| {
            // Lengths of 40 minutes that begin every ten minutes.
            let minutes = 9 * 60 + number * 10;
            let start = format!(
                "2031-11-25T{:02}:{:02}:00-06:00",
                minutes / 60,
                minutes % 60
            );
            let fields = json!({
                "user_id": "demo", "subject": format!("Visit {number}"),
                "start_time": start, "duration_minutes": 40,
            });
            let request = system
                .request(Method::POST, "/calendar/events")
                .json(&fields);
            tokio::spawn(Answer::of(
                request.header("x-api-key", local::defaults::API_KEY),
            ))
        })
        .collect();
    let mut created = 0;
    for request in requests {
        let answer = request.await.unwrap();
        match answer.status {
            201 => created += 1,
            409 => {}
            _ => panic!("{answer:?}"),
        }
    }
    let mut times: Vec<(String, String)> = system
        .events()
        .await
        .iter()
        .map(|event| {
            let at = |name| event[name].as_str().unwrap().to_owned();
            (at("start"), at("end"))
        })
        .collect();
    times.sort();
    assert_eq!(times.len(), created);
    assert!(created >= 1);
    for pair in times.windows(2) {
        assert!(pair[0].1 <= pair[1].0, "{times:#?}");
    }
}

#[tokio::test]
async fn a_delivery_that_vapi_repeats_while_it_runs_books_once() {
    let system = TestSystem::start().await;
    system.allow_at_once(100).await;
    let delivery = booking(1, "2031-11-25T10:00:00");
    let heard = at_once(&system, &vec![delivery.clone(); 5]).await;
    assert_eq!(system.events().await.len(), 1, "{heard:#?}");
    assert!(heard.iter().all(|heard| heard.done), "{heard:#?}");
    // Each copy names the same code, whether it booked or waited.
    let codes: BTreeSet<&str> = heard
        .iter()
        .map(|heard| heard.text.split("code is ").nth(1).unwrap())
        .map(|rest| rest.split('.').next().unwrap())
        .collect();
    assert_eq!(codes.len(), 1, "{heard:#?}");
    let again = deliver(&system, &delivery).await;
    assert!(again.text.contains("Booked for"), "{again:?}");
}

#[tokio::test]
async fn callers_for_different_slots_all_get_theirs() {
    let system = TestSystem::start().await;
    system.allow_at_once(100).await;
    let deliveries: Vec<Value> = (0..8)
        .map(|caller| booking(caller, &format!("2031-11-25T{:02}:00:00", 9 + caller)))
        .collect();
    let heard = at_once(&system, &deliveries).await;
    assert!(heard.iter().all(|heard| heard.done), "{heard:#?}");
    assert_eq!(system.events().await.len(), 8);
}
