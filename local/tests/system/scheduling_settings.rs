//! The scheduling rules of a staff member: who may choose what, and what it does.

use local::defaults::USER;
use reqwest::Method;
use serde_json::{Value, json};

use crate::system::{Answer, TestSystem};
use crate::voice::Call;

const PATH: &str = "/calendar/settings?user_id=demo";
const TUESDAY: &str = "2031-11-25";

#[tokio::test]
async fn nothing_chosen_is_what_the_mailbox_says() {
    let system = TestSystem::start().await;
    let answer = system.get(PATH).await;
    let text = serde_json::to_string_pretty(&answer.body).unwrap();
    insta::assert_snapshot!(text, @r#"
    {
      "effective": {
        "time_zone": "America/Chicago",
        "weekly_hours": {
          "friday": [
            {
              "end": "17:00",
              "start": "09:00"
            }
          ],
          "monday": [
            {
              "end": "17:00",
              "start": "09:00"
            }
          ],
          "saturday": [],
          "sunday": [],
          "thursday": [
            {
              "end": "17:00",
              "start": "09:00"
            }
          ],
          "tuesday": [
            {
              "end": "17:00",
              "start": "09:00"
            }
          ],
          "wednesday": [
            {
              "end": "17:00",
              "start": "09:00"
            }
          ]
        }
      },
      "settings": {
        "buffer_after_minutes": 0,
        "buffer_before_minutes": 0,
        "date_overrides": [],
        "holidays": [],
        "horizon_days": null,
        "interval_minutes": 30,
        "max_per_day": null,
        "max_per_week": null,
        "notice_minutes": 0,
        "pack_tightly": false,
        "tentative_is_busy": true,
        "time_zone": null,
        "travel": null,
        "viewing_minutes": 30,
        "weekly_hours": null
      },
      "status": "success",
      "user_id": "demo",
      "version": 0
    }
    "#);
}

#[tokio::test]
async fn rules_can_be_chosen_before_a_calendar_is_connected() {
    let system = TestSystem::empty().await;
    let before = system.get("/calendar/settings?user_id=nobody").await;
    assert_eq!(before.body["effective"]["time_zone"], "America/Chicago");
    system
        .choose("nobody", &json!({"time_zone": "Asia/Kolkata"}))
        .await;
    let after = system.get("/calendar/settings?user_id=nobody").await;
    assert_eq!(after.body["effective"]["time_zone"], "Asia/Kolkata");
    assert_eq!(after.body["version"], 1);
}

#[tokio::test]
async fn what_is_chosen_decides_what_is_offered() {
    let system = TestSystem::start().await;
    let settings = json!({
        "weekly_hours": {"tuesday": [{"start": "10:00", "end": "12:00"}, {"start": "18:00", "end": "20:00"}]},
        "date_overrides": [{"date": "2031-11-29", "blocks": [{"start": "09:00", "end": "10:00"}]}],
        "holidays": ["2031-12-02"],
        "viewing_minutes": 45, "interval_minutes": 60,
    });
    system.choose(USER, &settings).await;
    assert_eq!(
        system.open_on(USER, TUESDAY).await,
        ["10:00", "11:00", "18:00", "19:00"]
    );
    assert_eq!(system.open_on(USER, "2031-11-26").await, [""; 0]);
    assert_eq!(system.open_on(USER, "2031-11-29").await, ["09:00"]);
    assert_eq!(system.open_on(USER, "2031-12-02").await, [""; 0]);

    let heard = Call::new("call-1")
        .book(&system, "2031-11-25T18:00:00")
        .await;
    assert!(heard.done, "{heard:?}");
    assert_eq!(system.events().await[0]["end"], "2031-11-26T00:45:00Z");
    let closed = Call::new("call-2")
        .book(&system, "2031-12-02T10:00:00")
        .await;
    assert!(!closed.done, "{closed:?}");
}

#[tokio::test]
async fn buffers_stay_free_around_events_and_between_viewings() {
    let system = TestSystem::start().await;
    let buffers = json!({"buffer_before_minutes": 15, "buffer_after_minutes": 30});
    system.choose(USER, &buffers).await;
    system
        .busy("2031-11-25T14:00:00-06:00", "2031-11-25T15:00:00-06:00")
        .await;
    let booked = Call::new("call-1")
        .book(&system, "2031-11-25T10:00:00")
        .await;
    assert!(booked.done, "{booked:?}");
    // Ten to ten thirty is a viewing that keeps 9:45 to 11:00, so that the next one
    // starts at 11:15 and the one before ends by 9:15.
    let open = system.open_on(USER, TUESDAY).await;
    let expected = [
        "11:30", "12:00", "12:30", "13:00", "15:30", "16:00", "16:30",
    ];
    assert_eq!(open, expected);
}

#[tokio::test]
async fn buffers_are_part_of_the_claim() {
    let system = TestSystem::start().await;
    system
        .choose(
            USER,
            &json!({"buffer_after_minutes": 30, "interval_minutes": 15}),
        )
        .await;
    // The calendar shows nothing of what another function is about to book.
    let calls: Vec<Call> = (0..4)
        .map(|call| Call::new(&format!("call-{call}")))
        .collect();
    let times = ["10:00", "10:15", "10:30", "10:45"].map(|time| format!("{TUESDAY}T{time}:00"));
    let at_once = calls
        .iter()
        .zip(&times)
        .map(|(call, time)| call.book(&system, time));
    let heard = futures_util::future::join_all(at_once).await;
    let booked = heard.iter().filter(|heard| heard.done).count();
    assert_eq!(booked, 1, "{heard:?}");
    assert_eq!(system.events().await.len(), 1);
}

#[tokio::test]
async fn notice_horizon_and_limits_hold_for_callers_too() {
    let system = TestSystem::start().await;
    let settings = json!({"notice_minutes": 1440, "horizon_days": 3, "max_per_day": 1});
    system.choose(USER, &settings).await;
    let book = async |call: &str, time: &str| Call::new(call).book(&system, time).await.done;
    assert!(!book("a", "2031-11-24T16:00:00").await, "notice");
    assert!(!book("b", "2031-11-28T10:00:00").await, "horizon");
    assert!(book("c", "2031-11-26T10:00:00").await);
    assert!(!book("d", "2031-11-26T14:00:00").await, "limit a day");
    assert!(book("e", "2031-11-27T10:00:00").await);
}

/// Its seat is on two days of the ledger: five thirty to six in Chicago ends at midnight
/// of UTC, and its buffer on the day after.
#[tokio::test]
async fn a_viewing_across_midnight_of_utc_counts_once() {
    let system = TestSystem::start().await;
    let settings = json!({
        "weekly_hours": {"tuesday": [{"start": "09:00", "end": "20:00"}]},
        "buffer_after_minutes": 15, "max_per_day": 2,
    });
    system.choose(USER, &settings).await;
    let book = async |call: &str, time: &str| {
        let time = format!("{TUESDAY}T{time}:00");
        Call::new(call).book(&system, &time).await.done
    };
    assert!(book("a", "17:30").await);
    assert!(book("b", "11:00").await);
    assert!(!book("c", "13:00").await);
}

#[tokio::test]
async fn a_limit_holds_for_callers_who_book_different_times_at_once() {
    let system = TestSystem::start().await;
    system.choose(USER, &json!({"max_per_day": 1})).await;
    for (round, day) in ["2031-11-25", "2031-11-26", "2031-11-27"]
        .iter()
        .enumerate()
    {
        let calls: Vec<Call> = (0..4)
            .map(|call| Call::new(&format!("call-{round}-{call}")))
            .collect();
        let times = ["09:00", "11:00", "13:00", "15:00"].map(|time| format!("{day}T{time}:00"));
        let at_once = calls
            .iter()
            .zip(&times)
            .map(|(call, time)| call.book(&system, time));
        let heard = futures_util::future::join_all(at_once).await;
        let booked = heard.iter().filter(|heard| heard.done).count();
        assert!(booked <= 1, "{heard:?}");
        // Whoever asks on their own gets what the crowd left.
        let later = Call::new(&format!("later-{round}"));
        let gets_it = later.book(&system, &times[0]).await.done;
        assert_eq!(gets_it, booked == 0, "{heard:?}");
        assert_eq!(system.events().await.len(), round + 1);
    }
}

#[tokio::test]
async fn a_tentative_event_is_in_the_way_as_long_as_that_is_chosen() {
    let system = TestSystem::start().await;
    let event = json!({
        "start": "2031-11-25T09:00:00-06:00", "end": "2031-11-25T17:00:00-06:00",
        "show_as": "tentative",
    });
    system.add_event(&event).await;
    assert_eq!(system.open_on(USER, TUESDAY).await.len(), 0);
    system
        .choose(USER, &json!({"tentative_is_busy": false}))
        .await;
    assert_eq!(system.open_on(USER, TUESDAY).await.len(), 16);
}

#[tokio::test]
async fn a_stale_change_is_refused_and_loses_nothing() {
    let system = TestSystem::start().await;
    let change = |version: i64, minutes: u32| json!({"version": version, "settings": {"viewing_minutes": minutes}});
    assert_eq!(system.put(PATH, &change(0, 45)).await.body["version"], 1);
    for version in [0, 2, 7] {
        let stale = system.put(PATH, &change(version, 60)).await;
        assert_eq!(stale.status, 409, "{stale:?}");
        assert_eq!(stale.body["code"], "settings_changed");
    }
    let kept = system.get(PATH).await.body;
    assert_eq!(
        (&kept["version"], &kept["settings"]["viewing_minutes"]),
        (&json!(1), &json!(45))
    );
    assert_eq!(system.put(PATH, &change(1, 60)).await.body["version"], 2);
}

#[tokio::test]
async fn of_changes_made_at_once_one_is_kept() {
    let system = TestSystem::start().await;
    let changes = (0..8).map(|index| {
        let system = &system;
        async move {
            let change = json!({"version": 0, "settings": {"viewing_minutes": 30 + index}});
            system.put(PATH, &change).await.status
        }
    });
    let mut statuses = futures_util::future::join_all(changes).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_and_nothing_is_changed() {
    let system = TestSystem::start().await;
    let wrong = json!({"version": 0, "settings": {
        "viewing_minutes": 0, "lunch": "noon",
        "weekly_hours": {"monday": [{"start": "9:00", "end": "17:00"}]},
    }});
    let answer = system.put(PATH, &wrong).await;
    assert_eq!(answer.status, 400);
    let mut body = answer.body.clone();
    body["request_id"] = Value::Null;
    let text = serde_json::to_string_pretty(&body).unwrap();
    insta::assert_snapshot!(text, @r#"
    {
      "code": "invalid_request",
      "errors": [
        {
          "field": "weekly_hours.monday[0].start",
          "message": "weekly_hours.monday[0].start must be a time from 00:00 to 24:00."
        },
        {
          "field": "viewing_minutes",
          "message": "viewing_minutes must be a whole number from 5 to 240."
        },
        {
          "field": "lunch",
          "message": "lunch is not a setting."
        }
      ],
      "field": "weekly_hours.monday[0].start",
      "message": "weekly_hours.monday[0].start must be a time from 00:00 to 24:00. 2 more fields are wrong.",
      "request_id": null,
      "status": "error"
    }
    "#);
    for (body, field) in [
        (json!({}), "version"),
        (json!({"version": "1", "settings": {}}), "version"),
        (json!({"version": -1, "settings": {}}), "version"),
        (json!({"version": 0}), "settings"),
        (json!({"version": 0, "settings": []}), "settings"),
        (json!({"version": 0, "settings": {}, "zone": "UTC"}), "zone"),
    ] {
        let answer = system.put(PATH, &body).await;
        assert_eq!(
            (answer.status, answer.body["field"].as_str()),
            (400, Some(field)),
            "{body}"
        );
    }
    assert_eq!(system.get(PATH).await.body["version"], 0);
}

#[tokio::test]
async fn what_was_read_can_be_written_back() {
    let system = TestSystem::start().await;
    let settings = json!({
        "time_zone": "America/Denver",
        "weekly_hours": {"friday": [{"start": "22:00", "end": "02:00"}]},
        "date_overrides": [{"date": "2031-12-24", "blocks": []}],
        "holidays": ["2031-12-25"], "horizon_days": 30, "pack_tightly": true,
        "travel": {"speed_kmh": 40, "extra_minutes": 5, "stack_same_property": true},
    });
    system.choose(USER, &settings).await;
    let read = system.get(PATH).await.body["settings"].clone();
    system.choose(USER, &read).await;
    assert_eq!(system.get(PATH).await.body["settings"], read);
}

#[tokio::test]
async fn nobody_changes_rules_without_a_key() {
    let system = TestSystem::start().await;
    let body = json!({"version": 0, "settings": {}});
    let request = system.request(Method::PUT, PATH).json(&body);
    assert_eq!(Answer::of(request).await.status, 401);
    assert_eq!(
        Answer::of(system.request(Method::GET, PATH)).await.status,
        401
    );
}
