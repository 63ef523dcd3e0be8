//! Staff who prove themselves with a token: what of others they can reach, which is
//! nothing, and how often their issuer is asked for its keys.

use std::sync::Arc;

use futures_util::future::join_all;
use local::defaults::USER;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::appointments::{book, starts};
use crate::issuer::{Asked, Issuer, Key, Manner};
use crate::system::{Answer, MONDAY, TestSystem};

const PAT: &str = "pat";

/// A request with a fresh token of that staff member.
fn by(
    system: &TestSystem,
    issuer: &Issuer,
    key: &Key,
    user: &str,
    (method, path): (Method, &str),
) -> RequestBuilder {
    let token = key.sign(&issuer.claims(user, system.clock.now()));
    system.request(method, path).bearer_auth(token)
}

#[tokio::test]
async fn naming_somebody_else_anywhere_is_refused() {
    let (issuer, key) = Issuer::start().await;
    let system = TestSystem::start_with(issuer.options(), MONDAY).await;
    let ask = |method, path| by(&system, &issuer, &key, USER, (method, path));
    let link = "/calendar/auth/links";
    for request in [
        ask(Method::GET, "/appointments?user_id=pat"),
        ask(Method::GET, "/appointments?user_id=DEMO"),
        ask(Method::POST, link).json(&json!({"user_id": "pat"})),
        ask(Method::POST, link).json(&json!({"user_id": ""})),
        ask(Method::POST, "/calendar/auth/links?user_id=pat").json(&json!({"user_id": USER})),
        ask(Method::POST, "/calendar/events?user_id=pat").json(&json!({"user_id": USER})),
        ask(Method::POST, "/calendar/events?user_id=pat"),
        ask(Method::PATCH, "/calendar/events/an-id?user_id=pat").json(&json!({"user_id": USER})),
        ask(Method::PUT, "/calendar/settings?user_id=pat").json(&json!({"user_id": USER})),
        ask(Method::GET, "/calendar/auth/start?user_id=pat"),
    ] {
        let answer = Answer::of(request).await;
        assert_eq!(
            answer.error(),
            "403 forbidden: You can only do this for yourself. Leave user_id out, or give your own."
        );
    }
    let odd = ask(Method::PUT, "/calendar/settings").json(&json!({"user_id": ["demo"]}));
    insta::assert_snapshot!(Answer::of(odd).await.error(), @"400 invalid_request (user_id): user_id is not a user id.");
    // The link that one makes for oneself is one's own.
    let own = Answer::of(ask(Method::POST, link).json(&json!({}))).await;
    assert_eq!(own.status, 200, "{own:?}");
    let page = Answer::of(system.request(Method::GET, own.body["url"].as_str().unwrap())).await;
    assert_eq!(page.status, 307);
}

#[tokio::test]
async fn what_others_have_cannot_be_seen_or_touched() {
    let (issuer, key) = Issuer::start().await;
    let system = TestSystem::start_with(issuer.options(), MONDAY).await;
    system.connect(USER, local::defaults::ACCOUNT).await;
    system.connect(PAT, "pat@lakeside.example").await;
    system.bind(local::defaults::ASSISTANT, &[USER]).await;
    for hour in 9..12 {
        let time = format!("2031-11-25T{hour:02}:00:00");
        book(&system, "+15125550142", &time, "14 Mill Lane").await;
    }
    let viewings = system.viewings().await;
    let ask = |user, method, path: &str| by(&system, &issuer, &key, user, (method, path));
    let list = async |user, query: &str| {
        let path = format!("/appointments?limit=1{query}");
        Answer::of(ask(user, Method::GET, &path)).await
    };

    for query in ["", "&caller=%2B15125550142", "&property=14%20Mill%20Lane"] {
        let own = list(USER, query).await;
        assert_eq!(starts(&own.body), ["11-25T09:00"], "{query}");
        let cursor = own.body["next_cursor"].as_str().unwrap();
        let next = list(USER, &format!("{query}&cursor={cursor}")).await;
        assert_eq!(starts(&next.body), ["11-25T10:00"], "{query}");

        let others = list(PAT, query).await;
        assert_eq!(others.body["appointments"], json!([]), "{query}");
        assert_eq!(others.body["next_cursor"], Value::Null, "{query}");
        // Neither by the cursor of one whose page it is, nor of one who sees all.
        let path = format!("/appointments?user_id=demo&limit=1{query}");
        let by_key = system.get(&path).await;
        for cursor in [cursor, by_key.body["next_cursor"].as_str().unwrap()] {
            let stolen = list(PAT, &format!("{query}&cursor={cursor}")).await;
            assert_eq!(stolen.body["field"], "cursor", "{query}: {stolen:?}");
        }
    }
    let nobodys = list(USER, "&caller=%2B13125550177").await;
    assert_eq!(nobodys.body["appointments"], json!([]));

    let event = viewings[0]["event_id"].as_str().unwrap();
    let path = format!("/calendar/events/{event}");
    let cancel = Answer::of(ask(PAT, Method::DELETE, &path)).await;
    let change = ask(PAT, Method::PATCH, &path).json(&json!({"subject": "Mine"}));
    let change = Answer::of(change).await;
    assert_eq!((cancel.status, change.status), (404, 404));
    assert_eq!(system.viewings().await, viewings);

    let visit = json!({
        "subject": "Visit", "start_time": "2031-11-25T15:00:00", "duration_minutes": 30,
    });
    let mut made = Vec::new();
    for user in [USER, PAT] {
        let request = ask(user, Method::POST, "/calendar/events").json(&visit);
        let answer = Answer::of(request.header("idempotency-key", "one-key")).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        made.push(answer.body["event"]["id"].clone());
    }
    assert_ne!(made[0], made[1], "a key is the user's own");
    let again = ask(PAT, Method::POST, "/calendar/events").json(&visit);
    let again = Answer::of(again.header("idempotency-key", "one-key")).await;
    assert_eq!(again.body["event"]["id"], made[1]);
}

/// A system without staff, and how it answers tokens.
struct Door {
    system: TestSystem,
    issuer: Issuer,
}

impl Door {
    async fn new() -> (Self, Arc<Key>) {
        let (issuer, key) = Issuer::start().await;
        let system = TestSystem::start_with(issuer.options(), MONDAY).await;
        (Self { system, issuer }, key)
    }

    async fn knock(&self, token: &str) -> Answer {
        let request = self.system.request(Method::GET, "/appointments");
        Answer::of(request.bearer_auth(token)).await
    }

    /// The status for a fresh token that is signed with that key.
    async fn open(&self, key: &Key) -> u16 {
        let claims = self.issuer.claims(USER, self.system.clock.now());
        self.knock(&key.sign(&claims)).await.status
    }

    /// The status for a token that names a key which there is not.
    async fn open_with_unknown_key(&self, key: &Key, number: usize) -> u16 {
        let claims = self.issuer.claims(USER, self.system.clock.now());
        let token = key.sign_as(&format!("made-up-{number}"), &claims);
        self.knock(&token).await.status
    }
}

fn asked(times: u32) -> Asked {
    Asked {
        about: times,
        keys: times,
    }
}

#[tokio::test]
async fn keys_are_fetched_once_and_again_when_they_are_rotated() {
    let (door, first) = Door::new().await;
    let at_once = join_all((0..10).map(|_| door.open(&first))).await;
    assert_eq!(at_once, [200; 10]);
    for _ in 0..20 {
        assert_eq!(door.open(&first).await, 200);
    }
    assert_eq!(door.issuer.asked(), asked(1));

    let second = Arc::new(Key::ec("second"));
    door.issuer.rotate(vec![Arc::clone(&second)]);
    assert_eq!(door.open(&second).await, 200);
    assert_eq!(door.open(&first).await, 401, "withdrawn");
    assert_eq!(door.issuer.asked(), asked(2));

    for minute in 0..3 {
        for number in 0..20 {
            assert_eq!(door.open_with_unknown_key(&first, number).await, 401);
        }
        assert_eq!(door.open(&second).await, 200);
        assert_eq!(door.issuer.asked(), asked(2 + minute));
        door.system.pass(1);
    }
    door.system.pass(54);
    assert_eq!(door.open(&second).await, 200);
    assert_eq!(door.issuer.asked(), asked(4));
    door.system.pass(6);
    for _ in 0..5 {
        assert_eq!(door.open(&second).await, 200);
    }
    assert_eq!(door.issuer.asked(), asked(5), "after an hour");
}

#[tokio::test]
async fn keys_that_were_known_serve_while_the_issuer_is_down() {
    let (door, key) = Door::new().await;
    assert_eq!(door.open(&key).await, 200);
    door.issuer.answer(Manner::Status(500));
    door.system.pass(23 * 60 + 59);
    for _ in 0..5 {
        assert_eq!(door.open(&key).await, 200);
    }
    assert_eq!(door.issuer.asked(), Asked { about: 2, keys: 1 });
    // It may be a key that has been made since.
    assert_eq!(door.open_with_unknown_key(&key, 0).await, 503);
    door.system.pass(1);
    assert_eq!(door.open(&key).await, 503, "not for ever");
    door.issuer.answer(Manner::Well);
    assert_eq!(door.open(&key).await, 503, "too soon to ask again");
    door.system.pass(1);
    assert_eq!(door.open(&key).await, 200);
}

#[tokio::test]
async fn without_the_issuers_keys_nobody_is_let_in_and_nobody_refused() {
    let (door, key) = Door::new().await;
    let oct = json!({"keys": [{"kty": "oct", "kid": "first", "k": "c2VjcmV0"}]}).to_string();
    let long = format!("{{\"keys\": [{}]}}", " ".repeat(300_000));
    for (manner, expected) in [
        (Manner::Status(500), 503),
        (Manner::Status(404), 503),
        (Manner::Elsewhere, 503),
        (Manner::OtherName, 503),
        (Manner::KeysInTheOpen, 503),
        (Manner::Keys(long), 503),
        (Manner::Keys("<html>".to_owned()), 503),
        (Manner::NotAtAll, 503),
        // It has answered: none of its keys is one that is accepted.
        (Manner::Keys(oct), 401),
        (Manner::Well, 200),
    ] {
        door.issuer.answer(manner.clone());
        let before = door.issuer.asked().about;
        let claims = door.issuer.claims(USER, door.system.clock.now());
        for _ in 0..3 {
            let answer = door.knock(&key.sign(&claims)).await;
            assert_eq!(answer.status, expected, "{manner:?}: {answer:?}");
            if expected == 503 {
                assert_eq!(
                    answer.error(),
                    "503 sign_in_unavailable: Your sign-in cannot be checked right now. \
                     Please try again in a moment."
                );
                assert_eq!(answer.header("retry-after"), "10");
            }
        }
        assert_eq!(door.issuer.asked().about, before + 1, "{manner:?}");
        door.system.pass(1);
    }
}

#[tokio::test]
async fn a_token_that_no_key_could_help_is_not_asked_about() {
    let (door, key) = Door::new().await;
    let claims = door.issuer.claims(USER, door.system.clock.now());
    let token = key.sign(&claims);
    let (_, rest) = token.split_once('.').unwrap();
    for token in [
        "a.b.c",
        "..",
        &format!("eyJhbGciOiJub25lIn0.{rest}"),
        "a.b",
        "a.b.c.d",
    ] {
        assert_eq!(door.knock(token).await.status, 401, "{token}");
    }
    assert_eq!(door.issuer.asked(), asked(0));
}
