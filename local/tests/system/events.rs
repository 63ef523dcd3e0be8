//! `GET` and `POST /calendar/events`, as the CRM's front end uses them.

use local::defaults::{ACCOUNT, API_KEY, USER};
use reqwest::Method;
use serde_json::{Value, json};

use crate::system::{Answer, TestSystem};
use crate::voice::Call;

fn visit(start: &str, end: &str) -> Value {
    json!({
        "user_id": USER,
        "subject": "Owner visit",
        "start_time": start,
        "end_time": end,
        "body": "Bring the keys.",
        "location": "22 Elm Court",
        "attendee_email": "owner@example.com",
        "attendee_name": "Olive Owner",
    })
}

#[tokio::test]
async fn a_created_event_is_in_the_calendar_and_in_the_list() {
    let system = TestSystem::start().await;
    let fields = visit("2031-11-25T10:00:00-06:00", "2031-11-25T11:00:00-06:00");
    let created = system.post("/calendar/events", &fields).await;
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(created.body["status"], "success");
    let event = &created.body["event"];

    let listed = system.get("/calendar/events?user_id=demo").await;
    assert_eq!(listed.status, 200, "{listed:?}");
    assert_eq!(listed.body["time_zone"], "America/Chicago");
    let [in_list] = listed.body["events"].as_array().unwrap().as_slice() else {
        panic!("{listed:?}");
    };
    for field in [
        "id",
        "subject",
        "start_time",
        "end_time",
        "location",
        "appointment_id",
    ] {
        assert_eq!(in_list[field], event[field], "{field}");
        assert!(in_list[field].is_string(), "{field}: {in_list}");
    }
    let mut shown = in_list.clone();
    for field in ["id", "appointment_id", "web_link", "body"] {
        assert!(shown[field].take().is_string(), "{field}: {in_list}");
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&shown).unwrap(), @r#"
    {
      "appointment_id": null,
      "attendees": [
        {
          "email": "owner@example.com",
          "name": "Olive Owner",
          "status": "none"
        }
      ],
      "body": null,
      "end_time": "2031-11-25T11:00:00-06:00",
      "id": null,
      "is_all_day": false,
      "is_online_meeting": false,
      "location": "22 Elm Court",
      "show_as": "busy",
      "start_time": "2031-11-25T10:00:00-06:00",
      "subject": "Owner visit",
      "web_link": null
    }
    "#);
    assert!(
        in_list["body"]
            .as_str()
            .unwrap()
            .starts_with("Bring the keys.")
    );
    assert_eq!(system.events().await.len(), 1);
    assert_eq!(
        system.mailbox(ACCOUNT).await["outbox"][0]["to"],
        json!(["owner@example.com"])
    );
}

#[tokio::test]
async fn an_event_can_come_in_the_query_as_the_front_end_sends_it() {
    let system = TestSystem::start().await;
    let query = "user_id=demo&subject=Owner+visit&start_time=2031-11-25T10:00:00-06:00\
                 &end_time=2031-11-25T11:00:00-06:00&attendee_email=owner@example.com\
                 &attendee_name=Olive%20Owner&attendees=a@example.com,%20b@example.com\
                 &location=22%20Elm%20Court&is_online_meeting=false";
    let request = system.request(Method::POST, &format!("/calendar/events?{query}"));
    let created = Answer::of(request.header("x-api-key", API_KEY)).await;
    assert_eq!(created.status, 201, "{created:?}");
    let [event] = system.events().await.try_into().unwrap();
    assert_eq!(event["subject"], "Owner visit");
    assert_eq!(event["start"], "2031-11-25T16:00:00Z");
    assert_eq!(
        event["attendees"],
        json!(["owner@example.com", "a@example.com", "b@example.com"])
    );
}

#[tokio::test]
async fn an_offset_whose_plus_became_a_space_is_read() {
    let system = TestSystem::start().await;
    let query =
        "user_id=demo&subject=Visit&start_time=2031-11-25T16:00:00+00:00&duration_minutes=45";
    let request = system.request(Method::POST, &format!("/calendar/events?{query}"));
    let created = Answer::of(request.header("x-api-key", API_KEY)).await;
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(
        created.body["event"]["start_time"],
        "2031-11-25T10:00:00-06:00"
    );
    assert_eq!(
        created.body["event"]["end_time"],
        "2031-11-25T10:45:00-06:00"
    );
}

#[tokio::test]
async fn a_conflict_is_409_with_the_nearest_times_and_can_be_overridden() {
    let system = TestSystem::start().await;
    system
        .busy("2031-11-25T10:00:00-06:00", "2031-11-25T11:00:00-06:00")
        .await;
    let mut fields = visit("2031-11-25T10:30:00-06:00", "2031-11-25T11:30:00-06:00");
    let refused = system.post("/calendar/events", &fields).await;
    insta::assert_snapshot!(refused.error(), @"409 slot_taken: That time is not free.");
    let alternatives = refused.body["alternatives"].as_array().unwrap();
    let starts: Vec<_> = alternatives
        .iter()
        .map(|slot| &slot["start_time"])
        .collect();
    assert_eq!(
        starts,
        [
            "2031-11-25T09:00:00-06:00",
            "2031-11-25T11:00:00-06:00",
            "2031-11-25T11:30:00-06:00"
        ]
    );
    assert_eq!(system.events().await.len(), 1);
    assert!(system.rows("AppointmentsTable").await.is_empty());

    fields["allow_conflict"] = json!(true);
    assert_eq!(system.post("/calendar/events", &fields).await.status, 201);
    assert_eq!(system.events().await.len(), 2);
}

#[tokio::test]
async fn a_viewing_of_ours_is_never_doubled_even_when_conflicts_are_allowed() {
    let system = TestSystem::start().await;
    assert!(
        Call::new("call-1")
            .book(&system, "2031-11-25T10:00:00")
            .await
            .done
    );
    let mut fields = visit("2031-11-25T10:00:00-06:00", "2031-11-25T10:30:00-06:00");
    fields["allow_conflict"] = json!(true);
    let refused = system.post("/calendar/events", &fields).await;
    assert_eq!((refused.status, refused.code()), (409, "slot_taken"));
    assert_eq!(system.events().await.len(), 1);
}

#[tokio::test]
async fn staff_may_book_outside_their_working_hours() {
    let system = TestSystem::start().await;
    let fields = visit("2031-11-29T19:10:00-06:00", "2031-11-29T20:05:00-06:00");
    assert_eq!(system.post("/calendar/events", &fields).await.status, 201);
}

#[tokio::test]
async fn an_event_across_midnight_takes_both_days() {
    let system = TestSystem::start().await;
    // Midnight by the ledger's days, which are UTC.
    let fields = visit("2031-11-25T17:00:00-06:00", "2031-11-25T19:00:00-06:00");
    assert_eq!(system.post("/calendar/events", &fields).await.status, 201);
    for (start, end) in [
        ("2031-11-25T17:30:00-06:00", "2031-11-25T18:00:00-06:00"),
        ("2031-11-25T18:00:00-06:00", "2031-11-25T18:30:00-06:00"),
    ] {
        let refused = system.post("/calendar/events", &visit(start, end)).await;
        assert_eq!(refused.status, 409, "{refused:?}");
    }
    assert_eq!(system.events().await.len(), 1);
}

#[tokio::test]
async fn a_viewing_by_phone_is_listed_with_its_appointment() {
    let system = TestSystem::start().await;
    assert!(
        Call::new("call-1")
            .book(&system, "2031-11-25T10:00:00")
            .await
            .done
    );
    system
        .busy("2031-11-25T12:00:00-06:00", "2031-11-25T13:00:00-06:00")
        .await;
    let listed = system
        .get("/calendar/events?user_id=demo&days_ahead=2")
        .await;
    let events = listed.body["events"].as_array().unwrap();
    let [row] = system.rows("AppointmentsTable").await.try_into().unwrap();
    assert_eq!(events.len(), 2);
    assert_eq!(
        events[0]["appointment_id"].as_str(),
        Some(row["appointment_id"].as_s().unwrap().as_str())
    );
    assert!(events[1].get("appointment_id").is_none(), "{}", events[1]);
}

#[tokio::test]
async fn the_list_covers_what_was_asked_for_and_nothing_else() {
    let system = TestSystem::start().await;
    for day in [24, 25, 27] {
        let at = |hour| format!("2031-11-{day}T{hour}:00:00-06:00");
        system.busy(&at(10), &at(11)).await;
    }
    system
        .add_event(&json!({"start": "2031-11-26", "end": "2031-11-27", "all_day": true, "show_as": "free"}))
        .await;
    for (query, expected) in [
        ("", 4),
        ("&days_ahead=1", 2),
        ("&start=2031-11-25&end=2031-11-27", 2),
        (
            "&start=2031-11-25T10:30:00-06:00&end=2031-11-25T10:45:00-06:00",
            1,
        ),
        (
            "&start=2031-11-25T11:00:00-06:00&end=2031-11-25T12:00:00-06:00",
            0,
        ),
    ] {
        let listed = system
            .get(&format!("/calendar/events?user_id=demo{query}"))
            .await;
        assert_eq!(
            listed.body["events"].as_array().unwrap().len(),
            expected,
            "{query}: {listed:?}"
        );
    }
    let listed = system
        .get("/calendar/events?user_id=demo&start=2031-11-26&end=2031-11-27")
        .await;
    let event = &listed.body["events"][0];
    assert_eq!(event["is_all_day"], true);
    assert_eq!(event["start_time"], "2031-11-26T00:00:00-06:00");
    assert_eq!(event["end_time"], "2031-11-27T00:00:00-06:00");
    assert_eq!(event["show_as"], "free");
}
