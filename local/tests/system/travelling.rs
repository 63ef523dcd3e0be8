//! The way between viewings: what is offered can be driven to, and so is what is booked,
//! whoever books it and however many at once.

use local::defaults::{ACCOUNT, USER};
use serde_json::{Value, json};

use crate::invariants::assert_sound;
use crate::system::{Answer, TestSystem};
use crate::voice::{Call, assert_speakable, deliver, deliver_at_once, heard};

const TUESDAY: &str = "2031-11-25";

/// Two homes that are 19.99 kilometres apart, and another flat in the first house.
pub(crate) struct Homes {
    pub(crate) system: TestSystem,
    pub(crate) mill: String,
    pub(crate) mill_two: String,
    pub(crate) maple: String,
}

impl Homes {
    /// At thirty kilometres an hour the way takes forty minutes.
    async fn with(settings: &Value) -> Self {
        Self::within(TestSystem::start().await, settings).await
    }

    pub(crate) async fn within(system: TestSystem, settings: &Value) -> Self {
        system.choose(USER, settings).await;
        let add = async |address: &str, latitude: f64| {
            let rental = json!({
                "user_id": USER, "property_address": address, "available_date": "2031-11-01",
                "latitude": latitude, "longitude": -87.6298,
            });
            let added = system.post("/rentals", &rental).await;
            assert_eq!(added.status, 201, "{}", added.text);
            added.body["rental"]["id"].as_str().unwrap().to_owned()
        };
        let mill = add("16 Mill Lane, Apt 1", 41.8781).await;
        let mill_two = add("16 Mill Lane, Apt 2", 41.8781).await;
        let maple = add("120 Maple Street", 42.0579).await;
        Self {
            system,
            mill,
            mill_two,
            maple,
        }
    }

    /// What is open on Tuesday for that property, as `HH:MM`.
    pub(crate) async fn open(&self, property: &str) -> String {
        let path = format!(
            "/calendar/availability?user_id={USER}&start={TUESDAY}T00:00:00\
             &end={TUESDAY}T23:59:00&property_id={property}"
        );
        let answer = self.system.get(&path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let slots = answer.body["available_slots"].as_array().unwrap().iter();
        let times: Vec<&str> = slots
            .map(|slot| &slot["start_time"].as_str().unwrap()[11..16])
            .collect();
        times.join(" ")
    }

    /// Books it on Tuesday for half an hour, as the CRM does.
    pub(crate) async fn book(&self, property: &str, time: &str) -> Answer {
        let event = json!({
            "user_id": USER, "subject": "Viewing", "start_time": format!("{TUESDAY}T{time}:00"),
            "duration_minutes": 30, "property_id": property,
        });
        self.system.post("/calendar/events", &event).await
    }

    pub(crate) async fn assert_sound(&self) {
        assert_sound(&self.system, &[(USER, ACCOUNT)], "travelling").await;
    }
}

pub(crate) fn booking(caller: &str, property: &str, start: &str) -> Value {
    let arguments = json!({
        "property_id": property, "start_time": start, "attendee_name": "Casey Caller",
    });
    Call::new(caller).delivery(&[("a", "set_appointment", arguments)])
}

#[tokio::test]
async fn what_is_offered_can_be_driven_to_from_the_viewings_before_and_after() {
    let homes = Homes::with(&json!({"travel": {"extra_minutes": 5}})).await;
    assert_eq!(homes.book(&homes.mill, "12:00").await.status, 201);
    let near = "09:00 09:30 10:00 10:30 11:00 11:30 12:30 13:00 13:30 14:00 14:30 15:00 15:30 \
                16:00 16:30";
    assert_eq!(homes.open(&homes.mill).await, near);
    assert_eq!(homes.open(&homes.mill_two).await, near);
    // Forty minutes and five on both sides.
    let far = "09:00 09:30 10:00 10:30 13:30 14:00 14:30 15:00 15:30 16:00 16:30";
    assert_eq!(homes.open(&homes.maple).await, far);
    // What somebody else put into the calendar is somewhere unknown.
    homes
        .system
        .busy("2031-11-25T15:00:00-06:00", "2031-11-25T15:30:00-06:00")
        .await;
    let far = "09:00 09:30 10:00 10:30 13:30 14:00 14:30 15:30 16:00 16:30";
    assert_eq!(homes.open(&homes.maple).await, far);
}

#[tokio::test]
async fn without_the_setting_the_way_takes_no_time() {
    let homes = Homes::with(&json!({})).await;
    assert_eq!(homes.book(&homes.mill, "12:00").await.status, 201);
    assert_eq!(homes.book(&homes.maple, "12:30").await.status, 201);
    homes.assert_sound().await;
}

#[tokio::test]
async fn a_caller_hears_of_times_that_can_be_driven_to_and_gets_no_others() {
    let homes = Homes::with(&json!({"travel": {"speed_kmh": 30}})).await;
    assert_eq!(homes.book(&homes.mill, "12:00").await.status, 201);
    let call = Call::new("call-1");
    let mut transcript = Vec::new();
    for (tool, arguments) in [
        (
            "get_availability",
            json!({"property_address": "maple", "date": TUESDAY, "after": "11:00", "before": "14:30"}),
        ),
        (
            "set_appointment",
            json!({
                "property_address": "maple", "start_time": "2031-11-25T13:00:00",
                "attendee_name": "Casey Caller",
            }),
        ),
        (
            "set_appointment",
            json!({
                "property_address": "maple", "start_time": "2031-11-25T13:30:00",
                "attendee_name": "Casey Caller",
            }),
        ),
        // Nearer to the viewing on Mill Lane, and there from the one on Maple Street.
        (
            "reschedule_appointment",
            json!({"new_start_time": "2031-11-25T11:00:00"}),
        ),
        (
            "reschedule_appointment",
            json!({"new_start_time": "2031-11-25T10:30:00"}),
        ),
    ] {
        let heard = call.tool(&homes.system, tool, arguments).await;
        assert_speakable(&heard.text);
        transcript.push(format!("{} {}", heard.done, heard.without_code()));
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    true I can offer a viewing at one twenty Maple Street on Tuesday, November twenty fifth, at one thirty PM or two PM. Which works best?
    false That time is not open. The nearest I have are Tuesday, November twenty fifth, at one thirty PM, two PM, or two thirty PM. Which would you like?
    true Booked for Casey Caller on Tuesday, November twenty fifth, at one thirty PM. The confirmation code is CODE.
    false Your viewing stays on Tuesday, November twenty fifth, at one thirty PM, because that time is not open. The nearest I have are Tuesday, November twenty fifth, at nine thirty AM, ten AM, or ten thirty AM. Which would you like?
    true Your viewing is now on Tuesday, November twenty fifth, at ten thirty AM. The confirmation code is still CODE.
    ");
    homes.assert_sound().await;
}

#[tokio::test]
async fn several_that_may_be_meant_are_offered_times_that_do_for_each() {
    let homes = Homes::with(&json!({"travel": {"speed_kmh": 30}})).await;
    let more = json!({
        "user_id": USER, "property_address": "122 Maple Street", "available_date": "2031-11-01",
        "latitude": 42.2377, "longitude": -87.6298,
    });
    assert_eq!(homes.system.post("/rentals", &more).await.status, 201);
    assert_eq!(homes.book(&homes.mill, "12:00").await.status, 201);
    let ask = async |address: &str| {
        let arguments = json!({
            "property_address": address, "date": TUESDAY, "after": "12:00", "limit": 1,
        });
        let call = Call::new("call-1");
        call.tool(&homes.system, "get_availability", arguments)
            .await
            .text
    };
    let one = ask("120 Maple Street").await;
    assert!(one.contains("one thirty PM"), "{one}");
    // The other is forty kilometres away.
    let either = ask("Maple Street").await;
    assert!(either.contains("two PM"), "{either}");
}

/// The calendar shows nothing of what another function is about to book; only the ledger
/// keeps the two apart, across midnight of UTC (six in the evening) too.
#[tokio::test]
async fn of_two_far_homes_that_are_booked_at_once_one_is_refused_with_other_times() {
    let office = json!([{"start": "09:00", "end": "21:00"}]);
    let homes = Homes::with(&json!({
        "weekly_hours": {"tuesday": office, "wednesday": office, "thursday": office},
        "travel": {"speed_kmh": 30},
    }))
    .await;
    homes.system.allow_at_once(100).await;
    for (round, (near, far)) in [
        ("2031-11-25T17:30:00", "2031-11-25T18:00:00"),
        ("2031-11-26T18:30:00", "2031-11-26T17:30:00"),
        ("2031-11-27T10:00:00", "2031-11-27T10:30:00"),
    ]
    .into_iter()
    .enumerate()
    {
        let deliveries = [
            booking(&format!("near {round}"), &homes.mill, near),
            booking(&format!("far {round}"), &homes.maple, far),
        ];
        let answers = deliver_at_once(&homes.system, &deliveries).await;
        let heard: Vec<_> = answers.iter().flat_map(heard).collect();
        assert_eq!(
            heard.iter().filter(|heard| heard.done).count(),
            1,
            "{heard:#?}"
        );
        let refused = heard.iter().find(|heard| !heard.done).unwrap();
        assert!(refused.text.contains("The nearest I have"), "{refused:?}");
        assert_eq!(homes.system.events().await.len(), round + 1);
    }
    homes.assert_sound().await;
}

#[tokio::test]
async fn a_crowd_over_two_days_books_only_what_can_be_driven_to() {
    let office = json!([{"start": "00:00", "end": "24:00"}]);
    let homes = Homes::with(&json!({
        "weekly_hours": {"tuesday": office, "wednesday": office}, "interval_minutes": 15,
        "travel": {"speed_kmh": 30},
    }))
    .await;
    homes.system.allow_at_once(100).await;
    // Every quarter of an hour from four until eight, at the one and the other in turn.
    let deliveries: Vec<Value> = (0..16)
        .map(|caller| {
            let property = [&homes.mill, &homes.maple][caller % 2];
            let minutes = 16 * 60 + 15 * caller;
            let start = format!("{TUESDAY}T{:02}:{:02}:00", minutes / 60, minutes % 60);
            booking(&format!("call-{caller}"), property, &start)
        })
        .collect();
    let answers = deliver_at_once(&homes.system, &deliveries).await;
    let booked = answers.iter().flat_map(heard).filter(|heard| heard.done);
    assert!(booked.count() >= 2);
    homes.assert_sound().await;
}

#[tokio::test]
async fn viewings_of_one_property_follow_each_other_at_once_where_that_is_chosen() {
    let mut open = Vec::new();
    for stacks in [false, true] {
        let homes = Homes::with(&json!({
            "buffer_before_minutes": 15, "buffer_after_minutes": 15,
            "travel": {"stack_same_property": stacks},
        }))
        .await;
        assert_eq!(homes.book(&homes.mill, "12:00").await.status, 201);
        for (home, property) in [
            ("the same", &homes.mill),
            ("another flat", &homes.mill_two),
            ("far", &homes.maple),
        ] {
            let times = homes.open(property).await;
            open.push(format!("stacks {stacks}, {home}: {times}"));
        }
        // Never two families at one time, whatever is chosen.
        for (time, status) in [("12:15", 409), ("12:30", if stacks { 201 } else { 409 })] {
            let answer = homes.book(&homes.mill, time).await;
            assert_eq!(answer.status, status, "{stacks} {time} {answer:?}");
        }
        homes.assert_sound().await;
    }
    insta::assert_snapshot!(open.join("\n"), @"
    stacks false, the same: 09:00 09:30 10:00 10:30 11:00 13:00 13:30 14:00 14:30 15:00 15:30 16:00 16:30
    stacks false, another flat: 09:00 09:30 10:00 10:30 11:00 13:00 13:30 14:00 14:30 15:00 15:30 16:00 16:30
    stacks false, far: 09:00 09:30 10:00 10:30 13:30 14:00 14:30 15:00 15:30 16:00 16:30
    stacks true, the same: 09:00 09:30 10:00 10:30 11:00 11:30 12:30 13:00 13:30 14:00 14:30 15:00 15:30 16:00 16:30
    stacks true, another flat: 09:00 09:30 10:00 10:30 11:00 13:00 13:30 14:00 14:30 15:00 15:30 16:00 16:30
    stacks true, far: 09:00 09:30 10:00 10:30 13:30 14:00 14:30 15:00 15:30 16:00 16:30
    ");
}

#[tokio::test]
async fn an_event_for_a_property_is_at_its_address_and_a_property_that_is_not_there_is_named() {
    let homes = Homes::with(&json!({})).await;
    let booked = homes.book(&homes.mill, "12:00").await;
    assert_eq!(booked.body["event"]["location"], "16 Mill Lane, Apt 1");
    let wrong = homes.book("no-such-rental", "13:00").await;
    assert_eq!(
        (wrong.status, &wrong.body["field"]),
        (400, &json!("property_id"))
    );
    let path = format!("/calendar/availability?user_id={USER}&property_id=no-such-rental");
    let wrong = homes.system.get(&path).await;
    assert_eq!(
        (wrong.status, &wrong.body["field"]),
        (400, &json!("property_id"))
    );
}

#[tokio::test]
async fn each_of_several_comes_from_their_own_viewings() {
    let homes = Homes::with(&json!({"travel": {"speed_kmh": 30}})).await;
    let system = &homes.system;
    system.connect("pat", "pat@lakeside.example").await;
    let hours = json!({
        "time_zone": "America/Chicago",
        "weekly_hours": {"tuesday": [{"start": "09:00", "end": "17:00"}]},
        "travel": {"speed_kmh": 120},
    });
    system.choose("pat", &hours).await;
    let event = json!({
        "user_id": "pat", "subject": "Viewing", "start_time": "2031-11-25T15:00:00",
        "duration_minutes": 30, "property_id": homes.mill,
    });
    assert_eq!(system.post("/calendar/events", &event).await.status, 201);
    assert_eq!(homes.book(&homes.mill, "12:00").await.status, 201);
    // Dana needs forty minutes to Maple Street, Pat ten.
    let open = homes.open(&format!("{}&with=pat", homes.maple)).await;
    insta::assert_snapshot!(open, @"09:00 09:30 10:00 10:30 13:30 14:00 16:00 16:30");
}

#[tokio::test]
async fn a_calendar_that_was_read_ahead_offers_what_can_be_driven_to() {
    let homes = Homes::with(&json!({"travel": {"speed_kmh": 30}})).await;
    assert_eq!(homes.book(&homes.mill, "12:00").await.status, 201);
    let call = Call::new("call-1");
    let begins = json!({"message": {
        "type": "status-update", "status": "in-progress", "call": call.context(),
    }});
    deliver(&homes.system, &begins).await;
    let arguments =
        json!({"property_id": homes.maple, "date": TUESDAY, "after": "12:00", "limit": 1});
    let heard = call
        .tool(&homes.system, "get_availability", arguments)
        .await;
    assert!(heard.text.contains("one thirty PM"), "{heard:?}");
}
