//! Viewings around the nights in which the clock is moved. In Chicago that is
//! Sunday, 14 March 2032, two to three, and Sunday, 7 November 2032, one to two.

use serde_json::json;

use crate::system::TestSystem;
use crate::voice::Call;

#[tokio::test]
async fn office_hours_stay_on_the_wall_clock_across_a_change() {
    let system = TestSystem::start_at("2032-03-10T08:00:00-06:00").await;
    for (time, start) in [
        ("2032-03-12T09:00:00", "2032-03-12T15:00:00Z"),
        ("2032-03-15T09:00:00", "2032-03-15T14:00:00Z"),
    ] {
        let heard = Call::new(time).book(&system, time).await;
        assert!(heard.done, "{heard:?}");
        let events = system.events().await;
        assert!(
            events.iter().any(|event| event["start"] == start),
            "{events:?}"
        );
    }
    let query = "user_id=demo&start=2032-03-12T16:30:00&end=2032-03-15T10:00:00";
    let answer = system.get(&format!("/calendar/availability?{query}")).await;
    let slots = answer.body["available_slots"].as_array().unwrap();
    let starts: Vec<_> = slots.iter().map(|slot| &slot["start_time"]).collect();
    assert_eq!(
        starts,
        ["2032-03-12T16:30:00-06:00", "2032-03-15T09:30:00-05:00"]
    );
}

#[tokio::test]
async fn the_same_holds_in_autumn() {
    let system = TestSystem::start_at("2032-11-03T08:00:00-05:00").await;
    let heard = Call::new("call-1").book(&system, "Monday at 9 am").await;
    assert!(heard.done, "{heard:?}");
    assert_eq!(system.events().await[0]["start"], "2032-11-08T15:00:00Z");
}

#[tokio::test]
async fn a_time_that_is_skipped_or_comes_twice_is_asked_for_again() {
    let system = TestSystem::start_at("2032-03-10T08:00:00-06:00").await;
    for time in ["2032-03-14T02:30:00", "2032-11-07T01:30:00"] {
        let heard = Call::new("call-1").book(&system, time).await;
        assert!(!heard.done, "{heard:?}");
        let fields = json!({
            "user_id": "demo", "subject": "Visit", "start_time": time, "duration_minutes": 30,
        });
        let answer = system.post("/calendar/events", &fields).await;
        assert_eq!(
            (answer.status, answer.body["field"].as_str()),
            (400, Some("start_time"))
        );
        system.assert_nothing_stored(time).await;
    }
}

#[tokio::test]
async fn an_offset_tells_the_two_hours_of_autumn_apart() {
    let system = TestSystem::start_at("2032-11-03T08:00:00-05:00").await;
    for (time, start) in [
        ("2032-11-07T01:30:00-05:00", "2032-11-07T06:30:00Z"),
        ("2032-11-07T01:30:00-06:00", "2032-11-07T07:30:00Z"),
    ] {
        let fields = json!({
            "user_id": "demo", "subject": "Night shift", "start_time": time, "duration_minutes": 60,
        });
        let answer = system.post("/calendar/events", &fields).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(answer.body["event"]["start_time"], time);
        let events = system.events().await;
        assert!(
            events.iter().any(|event| event["start"] == start),
            "{events:?}"
        );
    }
}
