//! Microsoft fails, hangs or answers nonsense. An unreadable calendar is never a
//! free one, and a create whose outcome is unknown is never called failed.

use std::path::PathBuf;

use local::Options;
use local::defaults::{ACCOUNT, ASSISTANT, USER};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::settings::template_path;
use crate::system::{MONDAY, TestSystem};
use crate::voice::Call;

/// A system that gives up early, so that a hanging Microsoft costs a test little.
async fn impatient() -> (TestSystem, TempDir) {
    let folder = TempDir::new().unwrap();
    let template = std::fs::read_to_string(template_path()).unwrap();
    let template = template
        .replace("Default: 4000", "Default: 1500")
        .replace("Default: 8000", "Default: 2000");
    let path: PathBuf = folder.path().join("template.yaml");
    std::fs::write(&path, template).unwrap();
    let options = Options {
        template: Some(path),
        ..Options::default()
    };
    let system = TestSystem::start_with(options, MONDAY).await;
    system.connect(USER, ACCOUNT).await;
    system.bind(ASSISTANT, &[USER]).await;
    (system, folder)
}

#[tokio::test]
async fn an_unreadable_calendar_is_an_apology_and_nothing_is_stored() {
    let (system, _folder) = impatient().await;
    let mut transcript = Vec::new();
    for (what, effect) in [
        (
            "an error",
            json!({"error": {"status": 500, "code": "UnknownError"}}),
        ),
        ("a page", json!({"html": 502})),
        ("a page that says it is fine", json!({"html": 200})),
        ("nothing", json!({"empty": 200})),
        (
            "throttling",
            json!({"error": {"status": 429, "code": "TooManyRequests", "retry_after": "7"}}),
        ),
        (
            "a refusal",
            json!({"error": {"status": 403, "code": "ErrorAccessDenied"}}),
        ),
        (
            "a lost grant",
            json!({"error": {"status": 401, "code": "InvalidAuthenticationToken"}}),
        ),
        (
            "no mailbox",
            json!({"error": {"status": 404, "code": "MailboxNotEnabledForRESTAPI"}}),
        ),
        ("a broken connection", json!("cut")),
        ("silence", json!("hang")),
    ] {
        system
            .fault(&json!({"operation": "calendar_view", "effect": effect}))
            .await;
        let call = Call::new("call-1");
        let offered = call.tool(&system, "get_availability", json!({})).await;
        let booked = call.book(&system, "2031-11-25T10:00:00").await;
        assert!(
            !offered.done && !booked.done,
            "{what}: {offered:?} {booked:?}"
        );
        assert_eq!(offered.text, booked.text, "{what}");
        system.assert_nothing_stored(what).await;
        let listed = system.get("/calendar/availability?user_id=demo").await;
        let retry = listed.header("retry-after");
        transcript.push(format!(
            "{what}: {}\n  {} [{retry}]",
            booked.text,
            listed.error()
        ));
        system.no_faults().await;
        system.reconnect(USER, ACCOUNT).await;
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    an error: I cannot reach the calendar right now. Shall I try again?
      502 calendar_failed: Microsoft could not answer. Please try again. []
    a page: I cannot reach the calendar right now. Shall I try again?
      502 calendar_failed: Microsoft could not answer. Please try again. []
    a page that says it is fine: I cannot reach the calendar right now. Shall I try again?
      502 calendar_failed: Microsoft could not answer. Please try again. []
    nothing: I cannot reach the calendar right now. Shall I try again?
      502 calendar_failed: Microsoft could not answer. Please try again. []
    throttling: I cannot reach the calendar right now. Shall I try again?
      503 calendar_busy: Microsoft asks us to slow down. Please try again in a moment. [7]
    a refusal: The calendar needs to be reconnected before I can use it. May I take a message instead?
      424 calendar_needs_reconnect: The calendar needs to be reconnected. []
    a lost grant: The calendar needs to be reconnected before I can use it. May I take a message instead?
      424 calendar_needs_reconnect: The calendar needs to be reconnected. []
    no mailbox: The calendar cannot be used at the moment. May I take a message instead?
      424 calendar_unavailable: The connected account has no mailbox that can be used. []
    a broken connection: I cannot reach the calendar right now. Shall I try again?
      502 calendar_failed: Microsoft could not answer. Please try again. []
    silence: The calendar is taking too long to answer. Shall I try again?
      504 calendar_timeout: Microsoft took too long to answer. Please try again. []
    ");
    assert!(
        Call::new("call-2")
            .book(&system, "2031-11-25T10:00:00")
            .await
            .done
    );
}

#[tokio::test]
async fn half_a_calendar_is_no_calendar() {
    let system = TestSystem::start().await;
    let settings = json!({"page_limit": 2});
    system
        .control(reqwest::Method::PUT, "/settings", &settings)
        .await;
    for hour in 10..15 {
        let at = |minute| format!("2031-11-25T{hour}:{minute}:00-06:00");
        system.busy(&at("00"), &at("30")).await;
    }
    for effect in [json!({"html": 503}), json!({"empty": 200})] {
        // The second page fails, and so does its repeat.
        for nth in [2, 3] {
            let rule =
                json!({"operation": "calendar_view", "trigger": {"nth": nth}, "effect": effect});
            system.fault(&rule).await;
        }
        let listed = system
            .get("/calendar/availability?user_id=demo&start=2031-11-25&end=2031-11-26")
            .await;
        assert_eq!(
            (listed.status, listed.code()),
            (502, "calendar_failed"),
            "{listed:?}"
        );
        system.no_faults().await;
    }
}

#[tokio::test]
async fn one_failed_read_is_repeated_and_nobody_notices() {
    let system = TestSystem::start().await;
    for effect in [json!({"error": {"status": 503}}), json!("cut")] {
        let rule = json!({"operation": "calendar_view", "trigger": {"nth": 1}, "effect": effect});
        system.fault(&rule).await;
        assert_eq!(system.open_on("demo", "2031-11-25").await.len(), 16);
        system.no_faults().await;
    }
}

/// Books while creates go wrong in that way.
async fn book_with_fault(system: &TestSystem, moment: &str, effect: &Value) -> crate::voice::Heard {
    let rule = json!({
        "operation": "create_event", "trigger": {"first": 1}, "moment": moment, "effect": effect,
    });
    system.fault(&rule).await;
    let heard = Call::new("call-1")
        .book(system, "2031-11-25T10:00:00")
        .await;
    system.no_faults().await;
    heard
}

#[tokio::test]
async fn a_create_that_took_effect_is_never_called_failed() {
    for effect in [
        json!({"error": {"status": 500, "code": "UnknownError"}}),
        json!({"error": {"status": 503, "code": "ServiceUnavailable"}}),
        json!({"error": {"status": 409, "code": "ErrorDuplicateTransactionId"}}),
        json!({"error": {"status": 400, "code": "ErrorDuplicateTransactionId"}}),
        json!({"html": 504}),
        json!({"html": 201}),
        json!({"empty": 201}),
        json!("cut"),
        json!("hang"),
    ] {
        let (system, _folder) = impatient().await;
        let heard = book_with_fault(&system, "after", &effect).await;
        assert!(heard.done, "{effect}: {heard:?}");
        assert_eq!(system.events().await.len(), 1, "{effect}");
        // Nobody else gets the time, and the caller may ask again.
        let other = Call::new("call-2")
            .book(&system, "2031-11-25T10:00:00")
            .await;
        assert!(!other.done, "{effect}: {other:?}");
        let again = Call::new("call-1")
            .book(&system, "2031-11-25T10:00:00")
            .await;
        assert!(
            again.text.starts_with("Booked for Casey Caller"),
            "{effect}: {again:?}"
        );
        assert_eq!(system.events().await.len(), 1, "{effect}");
        let [row] = system.rows("AppointmentsTable").await.try_into().unwrap();
        assert_eq!(row["status"].as_s().unwrap(), "confirmed", "{effect}");
    }
}

#[tokio::test]
async fn a_create_that_may_not_have_taken_effect_is_held() {
    for effect in [
        json!({"error": {"status": 503}}),
        json!({"error": {"status": 409, "code": "ErrorDuplicateTransactionId"}}),
        json!("cut"),
        json!("hang"),
    ] {
        let (system, _folder) = impatient().await;
        let heard = book_with_fault(&system, "before", &effect).await;
        assert!(heard.done, "{effect}: {heard:?}");
        assert!(
            heard.text.starts_with("I am holding Tuesday"),
            "{effect}: {heard:?}"
        );
        assert!(!heard.text.contains("ooked"), "{effect}: {heard:?}");
        let other = Call::new("call-2")
            .book(&system, "2031-11-25T10:00:00")
            .await;
        assert!(!other.done, "{effect}: {other:?}");
        let [row] = system.rows("AppointmentsTable").await.try_into().unwrap();
        assert_eq!(row["status"].as_s().unwrap(), "pending", "{effect}");
    }
}

#[tokio::test]
async fn a_create_that_was_refused_gives_the_time_back() {
    let system = TestSystem::start().await;
    let mut transcript = Vec::new();
    for (what, effect) in [
        (
            "a refusal",
            json!({"error": {"status": 403, "code": "ErrorAccessDenied"}}),
        ),
        (
            "a bad request",
            json!({"error": {"status": 400, "code": "ErrorInvalidRequest"}}),
        ),
        (
            "throttling for longer than the caller waits",
            json!({"error": {"status": 429, "code": "TooManyRequests", "retry_after": "30"}}),
        ),
    ] {
        let heard = book_with_fault(&system, "before", &effect).await;
        assert!(!heard.done, "{what}: {heard:?}");
        transcript.push(format!("{what}: {}", heard.text));
        system.assert_nothing_stored(what).await;
        system.reconnect(USER, ACCOUNT).await;
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    a refusal: The calendar needs to be reconnected before I can use it. May I take a message instead?
    a bad request: The calendar cannot be used at the moment. May I take a message instead?
    throttling for longer than the caller waits: I cannot reach the calendar right now. Shall I try again?
    ");
    let other = Call::new("call-2")
        .book(&system, "2031-11-25T10:00:00")
        .await;
    assert!(other.done, "{other:?}");
}

#[tokio::test]
async fn a_pending_event_of_the_crm_is_202_and_not_an_error() {
    let (system, _folder) = impatient().await;
    let rule = json!({"operation": "create_event", "effect": {"error": {"status": 503}}});
    system.fault(&rule).await;
    let fields = json!({
        "user_id": USER, "subject": "Visit",
        "start_time": "2031-11-25T10:00:00-06:00", "duration_minutes": 30,
    });
    let answer = system.post("/calendar/events", &fields).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    assert_eq!(answer.body["status"], "pending");
    assert_eq!(answer.body["event"]["id"], Value::Null);
}

#[tokio::test]
async fn a_time_whose_outcome_is_unknown_stays_held() {
    let (system, _folder) = impatient().await;
    let effect = json!({"error": {"status": 503}});
    let held = book_with_fault(&system, "before", &effect).await;
    assert!(held.done, "{held:?}");
    for minutes in [0, 6, 60] {
        system.pass(minutes);
        let open = system.open_on("demo", "2031-11-25").await;
        assert!(!open.contains(&"10:00".to_owned()), "{open:?}");
        let other = Call::new("call-2")
            .book(&system, "2031-11-25T10:00:00")
            .await;
        assert!(!other.done, "{other:?}");
    }
    let again = Call::new("call-1")
        .book(&system, "2031-11-25T10:00:00")
        .await;
    assert!(again.text.starts_with("Booked for"), "{again:?}");
    assert_eq!(system.events().await.len(), 1);
}

#[tokio::test]
async fn a_create_that_was_throttled_is_sent_again_after_the_wait() {
    let system = TestSystem::start().await;
    let effect = json!({"error": {"status": 429, "code": "TooManyRequests", "retry_after": "1"}});
    let heard = book_with_fault(&system, "before", &effect).await;
    assert!(heard.done, "{heard:?}");
    assert_eq!(system.events().await.len(), 1);
}
