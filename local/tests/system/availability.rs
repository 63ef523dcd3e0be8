//! Which times are offered, with everything that a real calendar holds.

use local::defaults::ACCOUNT;
use reqwest::Method;
use serde_json::json;

use crate::system::TestSystem;
use crate::voice::Call;

const TUESDAY: &str = "2031-11-25";

#[tokio::test]
async fn a_free_day_is_open_from_nine_to_five() {
    let system = TestSystem::start().await;
    let open = system.open_on("demo", TUESDAY).await;
    assert_eq!(open.len(), 16, "{open:?}");
    assert_eq!((open[0].as_str(), open[15].as_str()), ("09:00", "16:30"));
}

#[tokio::test]
async fn what_takes_time_is_in_the_way_and_what_does_not_is_not() {
    let system = TestSystem::start().await;
    for (date, what, extra, blocks) in [
        ("2031-11-25", "a plain event", json!({}), true),
        ("2031-11-26", "a busy one", json!({"show_as": "busy"}), true),
        (
            "2031-11-27",
            "a tentative one",
            json!({"show_as": "tentative"}),
            true,
        ),
        (
            "2031-11-28",
            "out of office",
            json!({"show_as": "oof"}),
            true,
        ),
        (
            "2031-12-01",
            "a free one",
            json!({"show_as": "free"}),
            false,
        ),
        (
            "2031-12-02",
            "a cancelled one",
            json!({"cancelled": true}),
            false,
        ),
        (
            "2031-12-03",
            "a declined one",
            json!({"declined": true}),
            false,
        ),
    ] {
        let at = |hour: u32| format!("{date}T{hour:02}:00:00-06:00");
        let mut event = json!({"start": at(10), "end": at(11)});
        let fields = event.as_object_mut().unwrap();
        fields.extend(extra.as_object().unwrap().clone());
        system.add_event(&event).await;
        let open = system.open_on("demo", date).await;
        let offered = open.iter().filter(|time| time.starts_with("10:")).count();
        assert_eq!(offered, if blocks { 0 } else { 2 }, "{what}: {open:?}");
        let heard = Call::new(date).book(&system, &at(10)).await;
        assert_eq!(heard.done, !blocks, "{what}: {heard:?}");
    }
}

#[tokio::test]
async fn an_all_day_event_takes_its_days_and_no_others() {
    let system = TestSystem::start().await;
    system
        .add_event(
            &json!({"start": TUESDAY, "end": "2031-11-27", "all_day": true, "show_as": "oof"}),
        )
        .await;
    system
        .add_event(&json!({"start": "2031-11-28", "end": "2031-11-29", "all_day": true, "show_as": "free"}))
        .await;
    for (date, open) in [
        ("2031-11-24", 16),
        (TUESDAY, 0),
        ("2031-11-26", 0),
        ("2031-11-27", 16),
        ("2031-11-28", 16),
    ] {
        assert_eq!(system.open_on("demo", date).await.len(), open, "{date}");
    }
}

#[tokio::test]
async fn a_recurring_meeting_is_in_the_way_each_time() {
    let system = TestSystem::start().await;
    system
        .add_event(&json!({
            "start": "2031-11-24T09:00:00-06:00", "end": "2031-11-24T09:30:00-06:00",
            "recurrence": {
                "pattern": {"type": "daily", "interval": 1},
                "range": {"type": "endDate", "startDate": "2031-11-24", "endDate": "2031-11-26"},
            },
        }))
        .await;
    for (date, first) in [
        (TUESDAY, "09:30"),
        ("2031-11-26", "09:30"),
        ("2031-11-27", "09:00"),
    ] {
        assert_eq!(system.open_on("demo", date).await[0], first, "{date}");
    }
}

#[tokio::test]
async fn a_calendar_of_many_pages_is_read_to_its_end() {
    let system = TestSystem::start().await;
    let settings = json!({"page_limit": 5});
    system.control(Method::PUT, "/settings", &settings).await;
    for hour in 9..17 {
        for minute in [0, 15, 30] {
            let start = format!("{TUESDAY}T{hour:02}:{minute:02}:00-06:00");
            let end = format!("{TUESDAY}T{hour:02}:{:02}:00-06:00", minute + 15);
            system.busy(&start, &end).await;
        }
    }
    let reads = system.count("calendar_view").await;
    assert!(system.open_on("demo", TUESDAY).await.is_empty());
    assert_eq!(system.count("calendar_view").await - reads, 5);
    assert_eq!(system.open_on("demo", "2031-11-26").await.len(), 16);
}

#[tokio::test]
async fn staff_are_offered_in_their_own_zone_and_working_hours() {
    let system = TestSystem::empty().await;
    system.connect("pat", "pat@lakeside.example").await;
    system.connect("nora", "nora@lakeside.example").await;
    for (user, zone, first, last) in [
        (
            "pat",
            "America/Los_Angeles",
            "2031-11-25T08:30:00-08:00",
            "2031-11-25T16:00:00-08:00",
        ),
        (
            "nora",
            "America/Chicago",
            "2031-11-25T09:00:00-06:00",
            "2031-11-25T16:30:00-06:00",
        ),
    ] {
        let path = format!("/calendar/availability?user_id={user}&start={TUESDAY}&end=2031-11-26");
        let answer = system.get(&path).await;
        let slots = answer.body["available_slots"].as_array().unwrap();
        assert_eq!(answer.body["time_zone"], zone);
        assert_eq!(slots[0]["start_time"], first);
        assert_eq!(slots.last().unwrap()["start_time"], last);
    }
    let heard = Call::unbound("call-1")
        .tool(
            &system,
            "set_appointment",
            json!({"user_id": "pat", "start_time": "tomorrow at 8:30 am", "attendee_name": "Casey"}),
        )
        .await;
    assert!(heard.done, "{heard:?}");
    let events = &system.mailbox("pat@lakeside.example").await["events"];
    assert_eq!(events[0]["start"], "2031-11-25T16:30:00Z");
}

#[tokio::test]
async fn a_slot_says_when_it_is_in_every_form_the_front_end_shows() {
    let system = TestSystem::start().await;
    let path = "/calendar/availability?user_id=demo&limit=2&start_hour=10&end_hour=12";
    let answer = system.get(path).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.body["generated_at"]
            .as_str()
            .unwrap()
            .starts_with("2031-11-24T14:0")
    );
    assert_eq!(answer.body["status"], "success");
    let mut slots = answer.body["available_slots"].clone();
    for slot in slots.as_array_mut().unwrap() {
        // Signed, and so different from one minute to the next.
        assert_eq!(slot["slot_id"].as_str().unwrap().len(), 30);
        slot["slot_id"] = json!("ID");
    }
    let slots = serde_json::to_string_pretty(&slots).unwrap();
    insta::assert_snapshot!(slots, @r#"
    [
      {
        "day": "Monday",
        "end_time": "2031-11-24T10:30:00-06:00",
        "formatted_time": "Monday, November 24, 2031 at 10:00 AM",
        "slot_id": "ID",
        "start_time": "2031-11-24T10:00:00-06:00"
      },
      {
        "day": "Monday",
        "end_time": "2031-11-24T11:00:00-06:00",
        "formatted_time": "Monday, November 24, 2031 at 10:30 AM",
        "slot_id": "ID",
        "start_time": "2031-11-24T10:30:00-06:00"
      }
    ]
    "#);
}

#[tokio::test]
async fn narrowing_by_hours_and_length_leaves_only_what_fits() {
    let system = TestSystem::start().await;
    system
        .busy("2031-11-25T11:00:00-06:00", "2031-11-25T12:00:00-06:00")
        .await;
    let path = "/calendar/availability?user_id=demo&start=2031-11-25&end=2031-11-26\
                &start_hour=10&end_hour=14&duration_minutes=60";
    let answer = system.get(path).await;
    let slots = answer.body["available_slots"].as_array().unwrap();
    let starts: Vec<&str> = slots
        .iter()
        .map(|slot| &slot["start_time"].as_str().unwrap()[11..16])
        .collect();
    assert_eq!(starts, ["10:00", "12:00", "12:30", "13:00"]);
}

#[tokio::test]
async fn offers_are_spoken_as_a_person_would() {
    let system = TestSystem::start().await;
    system
        .busy("2031-11-28T08:00:00-06:00", "2031-11-28T18:00:00-06:00")
        .await;
    let mut transcript = Vec::new();
    for (asked, arguments) in [
        ("any time", json!({"property_address": "14 Mill Ln, Apt 2"})),
        ("tomorrow", json!({"date": "tomorrow"})),
        (
            "in the afternoon",
            json!({"date": "tomorrow", "part_of_day": "afternoon"}),
        ),
        ("one time only", json!({"date": "Wednesday", "limit": 1})),
        (
            "between",
            json!({"date": "Wednesday", "after": "3 PM", "before": "4 PM"}),
        ),
        ("a full day", json!({"date": "Friday"})),
        ("a weekend", json!({"date": "Saturday"})),
        ("too late", json!({"date": "Wednesday", "after": "6 PM"})),
        ("evenings", json!({"part_of_day": "evening"})),
        (
            "no hour",
            json!({"date": "tomorrow", "after": "5 PM", "before": "3 PM"}),
        ),
        (
            "no day",
            json!({"date": "February 30", "part_of_day": "morning"}),
        ),
        ("next tuesday", json!({"date": "next Tuesday"})),
        (
            "a long viewing",
            json!({"date": "tomorrow", "duration_minutes": 240}),
        ),
    ] {
        let call = Call::new("call-1");
        let heard = call.tool(&system, "get_availability", arguments).await;
        transcript.push(format!("{asked}: {}", heard.text));
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    any time: I can offer a viewing at fourteen Mill Lane, apartment two on Monday, November twenty fourth, at nine AM, Tuesday, November twenty fifth, at two PM, or Wednesday, November twenty sixth, at eleven thirty AM. There are other times too. Which works best?
    tomorrow: I can offer a viewing on Tuesday, November twenty fifth, at nine AM, eleven thirty AM, or two thirty PM. There are other times too. Which works best?
    in the afternoon: I can offer a viewing on Tuesday, November twenty fifth, at noon, one thirty PM, or three thirty PM. There are other times too. Which works best?
    one time only: The first open time for a viewing is Wednesday, November twenty sixth, at nine AM, and there are others. Would that work?
    between: I can offer a viewing on Wednesday, November twenty sixth, at three PM or three thirty PM. Which works best?
    a full day: There is nothing free on Friday, November twenty eighth. The next opening is Monday, December first, at nine AM or two thirty PM. Would that suit you?
    a weekend: There is nothing free on Saturday, November twenty ninth. The next opening is Monday, December first, at nine AM or two thirty PM. Would that suit you?
    too late: There is nothing free on Wednesday, November twenty sixth, after six PM. At other hours I have Wednesday, November twenty sixth, at nine AM or two thirty PM. Would that suit you?
    evenings: There is nothing free from Monday, November twenty fourth to Monday, December first, after five PM. At other hours I have Monday, November twenty fourth, at nine AM, or Tuesday, November twenty fifth, at two PM. Would that suit you?
    no hour: I did not catch the time of day. Would the morning, the afternoon or the evening suit you?
    no day: I did not catch the day. Which day would suit you?
    next tuesday: Do you mean Tuesday, November twenty fifth, or Tuesday, December second?
    a long viewing: I can offer a viewing on Tuesday, November twenty fifth, at nine AM, ten thirty AM, or noon. There are other times too. Which works best?
    ");
}

#[tokio::test]
async fn a_calendar_without_any_opening_offers_to_take_a_message() {
    let system = TestSystem::start().await;
    system
        .add_event(&json!({"start": "2031-11-01", "end": "2032-03-01", "all_day": true}))
        .await;
    let call = Call::new("call-1");
    let heard = call
        .tool(&system, "get_availability", json!({"date": "Friday"}))
        .await;
    insta::assert_snapshot!(heard.text, @"There is nothing free on Friday, November twenty eighth, nor in the four weeks after. May I take a message instead?");
    let heard = call.book(&system, "2031-11-25T10:00:00").await;
    insta::assert_snapshot!(heard.text, @"That time is not open, and there is nothing near it. Would another week work?");
    assert_eq!(system.mailbox(ACCOUNT).await["outbox"], json!([]));
}
