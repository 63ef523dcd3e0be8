//! The tool `reschedule_appointment`: the new time is had before the old one is given
//! up.

use local::defaults::{ACCOUNT, USER};
use serde_json::json;

use crate::invariants::assert_sound;
use crate::system::TestSystem;
use crate::voice::{Call, Heard};

pub(crate) const TEN: &str = "2031-11-25T10:00:00";
pub(crate) const TWO: &str = "2031-11-25T14:00:00";

pub(crate) async fn move_to(system: &TestSystem, time: &str) -> Heard {
    let call = Call::new("call-2");
    let arguments = json!({"new_start_time": time});
    call.tool(system, "reschedule_appointment", arguments).await
}

/// A system in which a viewing is booked, with a guest.
pub(crate) async fn with_viewing(start_time: &str) -> TestSystem {
    let system = TestSystem::start().await;
    book(&system, start_time).await;
    system
}

async fn book(system: &TestSystem, start_time: &str) {
    let arguments = json!({
        "start_time": start_time, "attendee_name": "Casey Caller",
        "attendee_email": "casey@example.com",
    });
    let call = Call::new(start_time);
    let booked = call.tool(system, "set_appointment", arguments).await;
    assert!(booked.done, "{booked:?}");
}

/// Asserts that the one viewing is at that time everywhere: event, row and ledger.
pub(crate) async fn assert_at(system: &TestSystem, start: &str, end: &str) {
    let viewings = system.viewings().await;
    let live = viewings.iter().filter(|one| one["status"] == "confirmed");
    let [viewing] = live.collect::<Vec<_>>().try_into().unwrap();
    let events = system.events().await;
    let mut events = events.iter();
    let event = events
        .find(|event| event["id"] == viewing["event_id"])
        .unwrap();
    assert_eq!(
        (&event["start"], &event["end"]),
        (&json!(start), &json!(end))
    );
    assert_eq!(system.ledger().await, [format!("{start}/{end}")]);
    assert_sound(system, &[(USER, ACCOUNT)], "a move").await;
}

#[tokio::test]
async fn a_moved_viewing_is_at_the_new_time_everywhere_and_keeps_its_code() {
    let system = with_viewing(TEN).await;
    let [before] = system.viewings().await.try_into().unwrap();
    let heard = move_to(&system, TWO).await;
    assert!(heard.done, "{heard:?}");
    insta::assert_snapshot!(heard.without_code(), @"Your viewing is now on Tuesday, November twenty fifth, at two PM. The confirmation code is still CODE. Everybody who was invited is told by e-mail.");
    assert_at(&system, "2031-11-25T20:00:00Z", "2031-11-25T20:30:00Z").await;
    assert_eq!(
        system.mails().await,
        ["invitation: casey@example.com", "update: casey@example.com"]
    );
    let [after] = system.viewings().await.try_into().unwrap();
    for kept in ["appointment_id", "confirmation_code", "event_id"] {
        assert_eq!(before[kept], after[kept], "{kept}");
    }
    let moved = after["history"].as_array().unwrap().last().unwrap();
    assert_eq!(moved["what"], "moved");
    assert_eq!(moved["from"], before["start_time"]);
    let open = system.open_on(USER, "2031-11-25").await;
    assert!(open.contains(&"10:00".to_owned()), "{open:?}");
    assert!(!open.contains(&"14:00".to_owned()), "{open:?}");
    // The caller may think again.
    assert!(move_to(&system, TEN).await.done);
    assert_at(&system, "2031-11-25T16:00:00Z", "2031-11-25T16:30:00Z").await;
}

#[tokio::test]
async fn a_time_that_cannot_be_had_leaves_the_viewing_where_it_is() {
    let system = with_viewing(TEN).await;
    system
        .busy("2031-11-25T14:00:00-06:00", "2031-11-25T15:00:00-06:00")
        .await;
    let other = Call::from("call-3", "+13125550177");
    assert!(other.book(&system, "2031-11-25T16:00:00").await.done);
    system
        .busy("2031-11-25T10:30:00-06:00", "2031-11-25T11:00:00-06:00")
        .await;
    let mut transcript = Vec::new();
    for (what, time) in [
        ("an event", TWO),
        ("an event beside it", "2031-11-25T10:30:00"),
        ("a viewing", "2031-11-25T16:00:00"),
        ("after hours", "2031-11-25T19:00:00"),
        ("a weekend", "2031-11-29T10:00:00"),
        ("the past", "2031-11-24T07:00:00"),
        ("another year", "2033-11-25T10:00:00"),
        ("a day", "2031-11-26"),
        ("words", "blue"),
        ("nothing", ""),
    ] {
        let heard = move_to(&system, time).await;
        assert!(!heard.done, "{what}: {heard:?}");
        transcript.push(format!("{what}: {}", heard.text));
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    an event: Your viewing stays on Tuesday, November twenty fifth, at ten AM, because that time is not open. The nearest I have are Tuesday, November twenty fifth, at one PM, one thirty PM, or three PM. Which would you like?
    an event beside it: Your viewing stays on Tuesday, November twenty fifth, at ten AM, because that time is not open. The nearest I have are Tuesday, November twenty fifth, at nine thirty AM, eleven AM, or eleven thirty AM. Which would you like?
    a viewing: Your viewing stays on Tuesday, November twenty fifth, at ten AM, because that time is not open. The nearest I have are Tuesday, November twenty fifth, at three PM, three thirty PM, or four thirty PM. Which would you like?
    after hours: Your viewing stays on Tuesday, November twenty fifth, at ten AM, because that time is not open. The nearest I have are Tuesday, November twenty fifth, at three PM, three thirty PM, or four thirty PM. Which would you like?
    a weekend: Your viewing stays on Tuesday, November twenty fifth, at ten AM, because that time is not open. The nearest I have are Friday, November twenty eighth, at three thirty PM, four PM, or four thirty PM. Which would you like?
    the past: Monday, November twenty fourth, at seven AM has already passed. I could do Monday, November twenty fourth, at nine AM, Tuesday, November twenty fifth, at one thirty PM, or Wednesday, November twenty sixth, at eleven thirty AM. Which would you like?
    another year: I can only book up to a year ahead. Which day would suit you?
    a day: I did not catch the time. Which day and time would you like?
    words: I did not catch the time. Which day and time would you like?
    nothing: Which day and time would you like?
    ");
    let taken = [
        "2031-11-25T16:00:00Z/2031-11-25T16:30:00Z",
        "2031-11-25T22:00:00Z/2031-11-25T22:30:00Z",
    ];
    assert_eq!(system.ledger().await, taken);
    assert_eq!(system.mails().await, ["invitation: casey@example.com"]);
    assert_sound(&system, &[(USER, ACCOUNT)], "refused moves").await;
}

#[tokio::test]
async fn moving_to_where_it_is_changes_nothing() {
    let system = with_viewing(TEN).await;
    let heard = move_to(&system, TEN).await;
    assert!(heard.done, "{heard:?}");
    insta::assert_snapshot!(heard.without_code(), @"Your viewing is now on Tuesday, November twenty fifth, at ten AM. The confirmation code is still CODE. Everybody who was invited is told by e-mail.");
    assert_at(&system, "2031-11-25T16:00:00Z", "2031-11-25T16:30:00Z").await;
    assert_eq!(system.count("update_event").await, 0);
}

#[tokio::test]
async fn a_viewing_is_not_in_its_own_way() {
    let system = TestSystem::start().await;
    let rules = json!({"interval_minutes": 15, "viewing_minutes": 30, "buffer_before_minutes": 15, "buffer_after_minutes": 15});
    system.choose(USER, &rules).await;
    book(&system, TEN).await;
    for (time, start, end) in [
        (
            "2031-11-25T10:15:00",
            "2031-11-25T16:15:00Z",
            "2031-11-25T16:45:00Z",
        ),
        (
            "2031-11-25T09:45:00",
            "2031-11-25T15:45:00Z",
            "2031-11-25T16:15:00Z",
        ),
        (
            "2031-11-25T10:00:00",
            "2031-11-25T16:00:00Z",
            "2031-11-25T16:30:00Z",
        ),
    ] {
        let heard = move_to(&system, time).await;
        assert!(heard.done, "{time}: {heard:?}");
        let [event] = system.events().await.try_into().unwrap();
        assert_eq!(
            (&event["start"], &event["end"]),
            (&json!(start), &json!(end))
        );
        assert_eq!(system.ledger().await.len(), 1);
        assert_sound(&system, &[(USER, ACCOUNT)], time).await;
    }
}

#[tokio::test]
async fn a_viewing_moves_over_midnight_of_the_ledger_s_days_and_back() {
    let system = TestSystem::start().await;
    let evening = json!({
        "viewing_minutes": 60, "interval_minutes": 30,
        "weekly_hours": {"tuesday": [{"start": "09:00", "end": "22:00"}]},
    });
    system.choose(USER, &evening).await;
    book(&system, "2031-11-25T17:30:00").await;
    for (time, start, end) in [
        (
            "2031-11-25T17:30:00",
            "2031-11-25T23:30:00Z",
            "2031-11-26T00:30:00Z",
        ),
        (
            "2031-11-25T19:00:00",
            "2031-11-26T01:00:00Z",
            "2031-11-26T02:00:00Z",
        ),
        (
            "2031-11-25T17:00:00",
            "2031-11-25T23:00:00Z",
            "2031-11-26T00:00:00Z",
        ),
        (
            "2031-11-25T17:30:00",
            "2031-11-25T23:30:00Z",
            "2031-11-26T00:30:00Z",
        ),
        (
            "2031-11-25T18:00:00",
            "2031-11-26T00:00:00Z",
            "2031-11-26T01:00:00Z",
        ),
    ] {
        let heard = move_to(&system, time).await;
        assert!(heard.done, "{time}: {heard:?}");
        assert_at(&system, start, end).await;
    }
}

#[tokio::test]
async fn a_viewing_that_has_begun_stays_where_it_is() {
    let system = with_viewing("2031-11-24T09:00:00").await;
    let mut transcript = Vec::new();
    for (minutes, what) in [(61, "it is on"), (29, "it is over")] {
        system.pass(minutes);
        let heard = move_to(&system, TEN).await;
        assert!(!heard.done, "{heard:?}");
        transcript.push(format!("{what}: {}", heard.text));
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    it is on: The viewing on Monday, November twenty fourth, at nine AM has already begun, so it cannot be moved. Shall I book a new one?
    it is over: I do not see an upcoming viewing that was booked from this number. Do you have the confirmation code?
    ");
    assert_at(&system, "2031-11-24T15:00:00Z", "2031-11-24T15:30:00Z").await;
}

#[tokio::test]
async fn what_the_calendar_does_not_answer_is_said_as_it_is() {
    let system = with_viewing(TEN).await;
    let mut transcript = Vec::new();
    for (what, operation, moment, effect) in [
        (
            "unreadable",
            "calendar_view",
            "before",
            json!({"error": {"status": 503}}),
        ),
        (
            "the event unreadable",
            "get_event",
            "before",
            json!({"error": {"status": 503}}),
        ),
        (
            "refused",
            "update_event",
            "before",
            json!({"error": {"status": 403, "code": "ErrorAccessDenied"}}),
        ),
        ("lost answer", "update_event", "after", json!("cut")),
    ] {
        system
            .fault(&json!({"operation": operation, "moment": moment, "effect": effect}))
            .await;
        let heard = move_to(&system, TWO).await;
        transcript.push(format!("{what}: {} {}", heard.done, heard.without_code()));
        system.no_faults().await;
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    unreadable: false I cannot reach the calendar right now, and your viewing stays as it is. Shall I try again?
    the event unreadable: false I cannot reach the calendar right now, and your viewing stays as it is. Shall I try again?
    refused: false The calendar cannot be used at the moment, and your viewing stays as it is. May I take a message instead?
    lost answer: true Your viewing is now on Tuesday, November twenty fifth, at two PM. The confirmation code is still CODE. Everybody who was invited is told by e-mail.
    ");
    assert_at(&system, "2031-11-25T20:00:00Z", "2031-11-25T20:30:00Z").await;
}
