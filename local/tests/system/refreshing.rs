//! Access tokens are refreshed by one function at a time, and a grant outlives
//! whatever happens meanwhile.

use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use local::Options;
use local::defaults::{ACCOUNT, ASSISTANT, USER};
use local::faults::Moment;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::settings;
use crate::system::{MONDAY, TestSystem};
use crate::voice::{Call, deliver_at_once, heard};

const AVAILABILITY: &str = "/calendar/availability?user_id=demo&limit=1";

/// A system whose access token has ended. Its Microsoft revokes a refresh token when
/// it is used, as stricter services do, and revokes the grant when it is used again.
async fn with_ended_token(strict: bool) -> TestSystem {
    let system = TestSystem::start().await;
    end_token(&system, strict).await;
    system
}

async fn end_token(system: &TestSystem, strict: bool) {
    let settings = json!({"strict_refresh": strict});
    system.control(Method::PUT, "/settings", &settings).await;
    system.pass(120);
}

/// Carries work out, and counts the tokens that were asked for.
async fn tokens_during<T>(system: &TestSystem, work: impl Future<Output = T>) -> (T, u64) {
    let before = system.count("token").await;
    let done = work.await;
    (done, system.count("token").await - before)
}

#[tokio::test]
async fn fifty_tool_calls_that_meet_an_ended_token_make_one_refresh() {
    for strict in [false, true] {
        // Fifty at once are slow on a small machine, and not what is tested.
        let (template, _folder) = settings::patient_template();
        let options = Options {
            template: Some(template),
            ..Options::default()
        };
        let system = TestSystem::start_with(options, MONDAY).await;
        system.connect(USER, ACCOUNT).await;
        system.bind(ASSISTANT, &[USER]).await;
        end_token(&system, strict).await;
        let ask = ("call", "get_availability", json!({"date": "tomorrow"}));
        let mut asking: Vec<Value> = (0..50)
            .map(|call| Call::new(&format!("call-{call}")).delivery(std::slice::from_ref(&ask)))
            .collect();
        let began = Instant::now();
        // Whoever hears an apology, since the machine is overrun, asks again.
        let everybody = async {
            for _ in 0..8 {
                let answers = deliver_at_once(&system, &asking).await;
                let mut answers = answers.iter();
                asking.retain(|_| !heard(answers.next().unwrap())[0].done);
            }
        };
        let ((), tokens) = tokens_during(&system, everybody).await;
        let took = began.elapsed();
        println!("fifty tool calls, ended token, strict: {strict}: {tokens} refresh, {took:?}");
        assert!(asking.is_empty(), "{asking:?}");
        assert_eq!(tokens, 1, "strict: {strict}");
        // The grant survives, and serves the next time.
        system.pass(120);
        assert_eq!(system.get(AVAILABILITY).await.status, 200);
    }
}

#[tokio::test]
async fn several_functions_that_meet_an_ended_token_make_one_refresh() {
    let system = with_ended_token(true).await;
    let paths = [
        AVAILABILITY.to_owned(),
        "/calendar/events?user_id=demo".to_owned(),
        "/calendar/auth/status?user_id=demo".to_owned(),
    ];
    let asked = futures_util::future::join_all(paths.iter().map(|path| system.get(path)));
    let (answers, tokens) = tokens_during(&system, asked).await;
    for answer in answers {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert_eq!(tokens, 1);
}

#[tokio::test]
async fn a_refresh_that_is_cut_off_anywhere_loses_no_grant() {
    let system = with_ended_token(false).await;
    system.local.fuse.mend();
    assert_eq!(system.get(AVAILABILITY).await.status, 200);
    let effects = system.local.fuse.effects();
    assert_eq!(effects, 3, "lease, refresh, tokens");
    for effect in 1..=effects {
        for moment in [Moment::Before, Moment::After] {
            let what = format!("cut {moment:?} effect {effect}");
            let system = with_ended_token(false).await;
            let cut_off = async {
                system.local.fuse.blow_at(effect, moment);
                let answer = system.get(AVAILABILITY).await;
                assert!(system.local.fuse.is_blown(), "{what}: {answer:?}");
                assert!(answer.status >= 500, "{what}: {answer:?}");
                system.local.fuse.mend();
                // Whoever began is taken for gone.
                system.clock.advance(SignedDuration::from_secs(5));
                assert_eq!(system.get(AVAILABILITY).await.status, 200, "{what}");
            };
            let ((), tokens) = tokens_during(&system, cut_off).await;
            assert!((1..=2).contains(&tokens), "{what}: {tokens} refreshes");
            assert!(system.is_connected(USER).await, "{what}");
            system.pass(120);
            assert_eq!(system.get(AVAILABILITY).await.status, 200, "{what}");
        }
    }
    println!("refresh: {effects} effects, {} points", effects * 2);
}

#[tokio::test]
async fn somebody_who_waits_for_a_refresh_that_was_cut_off_does_it_in_the_end() {
    let system = with_ended_token(false).await;
    system.local.fuse.blow_at(2, Moment::Before);
    assert!(system.get(AVAILABILITY).await.status >= 500);
    system.local.fuse.mend();
    let booked = Call::new("call-1")
        .book(&system, "2031-11-25T10:00:00")
        .await;
    assert!(booked.done, "{booked:?}");
}

#[tokio::test]
async fn a_token_that_graph_refuses_is_replaced_once() {
    let system = TestSystem::start().await;
    let refused = json!({"operation": "calendar_view", "trigger": {"first": 1}, "effect": {"error": {"status": 401}}});
    system.fault(&refused).await;
    let call = Call::new("call-1");
    let (heard, tokens) = tokens_during(&system, call.book(&system, "2031-11-25T10:00:00")).await;
    assert!(heard.done, "{heard:?}");
    assert_eq!(tokens, 1);

    // A new one that is refused, too, is not what is wrong.
    let system = TestSystem::start().await;
    let refused = json!({"operation": "calendar_view", "effect": {"error": {"status": 401}}});
    system.fault(&refused).await;
    let (answers, tokens) = tokens_during(&system, async {
        [
            system.get(AVAILABILITY).await,
            system.get(AVAILABILITY).await,
        ]
    })
    .await;
    for answer in answers {
        assert_eq!(answer.code(), "calendar_needs_reconnect", "{answer:?}");
    }
    assert_eq!(tokens, 1);
    system.no_faults().await;
    assert!(system.is_connected(USER).await);
    assert_eq!(system.get(AVAILABILITY).await.status, 200);
}

#[tokio::test]
async fn what_only_the_owner_can_settle_is_asked_of_the_owner() {
    for (status, code) in [(401, "insufficient_claims"), (403, "ErrorAccessDenied")] {
        let system = TestSystem::start().await;
        let effect = json!({"error": {"status": status, "code": code}});
        let rule = json!({"operation": "calendar_view", "trigger": {"first": 1}, "effect": effect});
        system.fault(&rule).await;
        let asked = Call::new("call-1");
        let (heard, tokens) =
            tokens_during(&system, asked.book(&system, "2031-11-25T10:00:00")).await;
        assert_eq!(
            heard.text,
            "The calendar needs to be reconnected before I can use it. May I take a message \
             instead?",
            "{code}"
        );
        assert_eq!(tokens, 0, "{code}");
        let status = system.get("/calendar/auth/status?user_id=demo").await.body;
        assert_eq!(status["needs_reconnect"], true, "{code}");
        system.connect(USER, ACCOUNT).await;
        assert_eq!(system.get(AVAILABILITY).await.status, 200, "{code}");
    }
}

#[tokio::test]
async fn a_refresh_that_fails_in_passing_is_tried_once_more() {
    let system = with_ended_token(false).await;
    let down = json!({"operation": "token", "trigger": {"first": 1}, "effect": {"error": {"status": 503}}});
    system.fault(&down).await;
    let (answer, tokens) = tokens_during(&system, system.get(AVAILABILITY)).await;
    assert_eq!((answer.status, tokens), (200, 2), "{answer:?}");
}

/// Both sealed tokens of the demo connection, by the id of the key that sealed them.
async fn sealed_by(system: &TestSystem) -> [String; 2] {
    let [row] = system.rows("ConnectionsTable").await.try_into().unwrap();
    ["access_token", "refresh_token"].map(|token| {
        let sealed = row[token].as_s().unwrap();
        sealed.split('.').nth(1).unwrap().to_owned()
    })
}

#[tokio::test]
async fn tokens_are_sealed_anew_when_they_are_used_after_a_rotation() {
    let folder = TempDir::new().unwrap();
    let keys = |current: &str, ids: &[u8]| {
        let key = |id: &u8| (format!("key-{id}"), json!(STANDARD.encode([*id; 32])));
        let keys: serde_json::Map<String, Value> = ids.iter().map(key).collect();
        json!({"current": current, "keys": keys}).to_string()
    };
    let started = async |keys: String| {
        let options = Options {
            data: Some(folder.path().to_owned()),
            secrets: [("TokenKeysSecret", keys)].into(),
            ..Options::default()
        };
        TestSystem::start_with(options, MONDAY).await
    };
    let system = started(keys("key-1", &[1])).await;
    system.connect(USER, ACCOUNT).await;
    assert_eq!(sealed_by(&system).await, ["key-1", "key-1"]);
    system.local.stop().await;

    let system = started(keys("key-2", &[1, 2])).await;
    assert_eq!(system.get(AVAILABILITY).await.status, 200);
    assert_eq!(sealed_by(&system).await, ["key-2", "key-2"]);
    system.local.stop().await;

    let system = started(keys("key-2", &[2])).await;
    assert_eq!(system.get(AVAILABILITY).await.status, 200);
    system.pass(120);
    assert_eq!(system.get(AVAILABILITY).await.status, 200);
    assert_eq!(system.count("token").await, 1);
}
