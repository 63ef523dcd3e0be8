//! `Idempotency-Key` on `POST /calendar/events`: a request that is sent again makes one
//! event and gets the answer that was given.

use local::defaults::{ACCOUNT, API_KEY, USER};
use reqwest::Method;
use serde_json::{Value, json};

use crate::invariants::assert_sound;
use crate::system::{Answer, TestSystem};

fn visit(start: &str) -> Value {
    json!({
        "user_id": USER, "subject": "Owner visit", "start_time": start, "duration_minutes": 30,
        "attendee_email": "owner@example.com",
    })
}

async fn post(system: &TestSystem, key: &str, body: &Value) -> Answer {
    let request = system.request(Method::POST, "/calendar/events").json(body);
    let request = request.header("x-api-key", API_KEY);
    Answer::of(request.header("idempotency-key", key)).await
}

const TEN: &str = "2031-11-25T10:00:00-06:00";
const TWO: &str = "2031-11-25T14:00:00-06:00";

#[tokio::test]
async fn a_request_that_is_sent_again_gets_the_same_answer_and_makes_one_event() {
    let system = TestSystem::start().await;
    let first = post(&system, "key-1", &visit(TEN)).await;
    assert_eq!(first.status, 201, "{first:?}");
    for minutes in [0, 30, 600] {
        system.pass(minutes);
        let again = post(&system, "key-1", &visit(TEN)).await;
        assert_eq!((again.status, &again.text), (201, &first.text));
    }
    assert_eq!(system.events().await.len(), 1);
    assert_eq!(system.mails().await, ["invitation: owner@example.com"]);
}

#[tokio::test]
async fn a_key_that_comes_with_another_request_is_refused() {
    let system = TestSystem::start().await;
    assert_eq!(post(&system, "key-1", &visit(TEN)).await.status, 201);
    let other = post(&system, "key-1", &visit(TWO)).await;
    insta::assert_snapshot!(other.error(), @"422 idempotency_key_reused: This Idempotency-Key was used for another request.");
    let path = "/calendar/events?allow_conflict=true";
    let request = system.request(Method::POST, path).json(&visit(TEN));
    let request = request.header("x-api-key", API_KEY);
    let other = Answer::of(request.header("idempotency-key", "key-1")).await;
    assert_eq!(
        (other.status, other.code()),
        (422, "idempotency_key_reused")
    );
    assert_eq!(system.events().await.len(), 1);
}

#[tokio::test]
async fn without_a_key_or_with_another_one_it_is_another_event() {
    let system = TestSystem::start().await;
    assert_eq!(post(&system, "key-1", &visit(TEN)).await.status, 201);
    let other = post(&system, "key-2", &visit(TEN)).await;
    assert_eq!((other.status, other.code()), (409, "slot_taken"));
    let none = system.post("/calendar/events", &visit(TEN)).await;
    assert_eq!((none.status, none.code()), (409, "slot_taken"));
}

#[tokio::test]
async fn ten_copies_at_once_make_one_event() {
    let system = TestSystem::start().await;
    system.allow_at_once(100).await;
    let sent: Vec<_> = (0..10)
        .map(|_| {
            let request = system.request(Method::POST, "/calendar/events");
            let request = request.header("x-api-key", API_KEY).json(&visit(TEN));
            tokio::spawn(Answer::of(request.header("idempotency-key", "key-1")))
        })
        .collect();
    let mut made = Vec::new();
    for answer in sent {
        let answer = answer.await.unwrap();
        match (answer.status, answer.code()) {
            (201, _) => made.push(answer.text),
            (409, "in_progress") => {}
            _ => panic!("{answer:?}"),
        }
    }
    assert!(!made.is_empty());
    assert!(made.iter().all(|text| *text == made[0]), "{made:#?}");
    assert_eq!(system.events().await.len(), 1);
    assert_eq!(system.mails().await.len(), 1);
    assert_sound(&system, &[(USER, ACCOUNT)], "ten copies").await;
}

#[tokio::test]
async fn only_an_event_that_was_made_is_remembered() {
    let system = TestSystem::start().await;
    let busy = json!({"start": TEN, "end": "2031-11-25T11:00:00-06:00"});
    let busy = system.add_event(&busy).await;
    let taken = post(&system, "key-1", &visit(TEN)).await;
    assert_eq!((taken.status, taken.code()), (409, "slot_taken"));
    system.delete_event(&busy).await;
    system
        .fault(&json!({"operation": "calendar_view", "effect": {"error": {"status": 503}}}))
        .await;
    assert_eq!(post(&system, "key-1", &visit(TEN)).await.status, 502);
    system.no_faults().await;
    let mut wrong = visit(TEN);
    wrong["subject"] = json!("");
    assert_eq!(post(&system, "key-1", &wrong).await.status, 400);
    assert_eq!(post(&system, "key-1", &visit(TEN)).await.status, 201);
    assert_eq!(system.events().await.len(), 1);
}

#[tokio::test]
async fn what_is_pending_is_found_out_anew() {
    let system = TestSystem::start().await;
    system
        .fault(&json!({"operation": "create_event", "effect": {"error": {"status": 503}}}))
        .await;
    assert_eq!(post(&system, "key-1", &visit(TEN)).await.status, 202);
    system.no_faults().await;
    system.pass(1);
    system.local.reconcile().await.unwrap();
    let made = post(&system, "key-1", &visit(TEN)).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.body["event"]["id"], system.events().await[0]["id"]);
    assert_eq!(system.events().await.len(), 1);
}

#[tokio::test]
async fn an_unusable_key_is_refused_and_nothing_is_made() {
    let system = TestSystem::start().await;
    let long = "k".repeat(256);
    let mut transcript = Vec::new();
    for key in ["", " ", "two words", &long] {
        transcript.push(post(&system, key, &visit(TEN)).await.error());
    }
    transcript.dedup();
    insta::assert_snapshot!(transcript.join("\n"), @"400 invalid_request (Idempotency-Key): Idempotency-Key must be 1 to 255 visible characters.");
    system.assert_nothing_stored("unusable keys").await;
    assert_eq!(post(&system, &long[1..], &visit(TEN)).await.status, 201);
}

#[tokio::test]
async fn a_key_of_one_staff_member_means_nothing_for_another() {
    let system = TestSystem::start().await;
    system.connect("pat", "pat@lakeside.example").await;
    let mine = post(&system, "key-1", &visit(TEN)).await;
    let mut body = visit(TEN);
    body["user_id"] = json!("pat");
    let theirs = post(&system, "key-1", &body).await;
    assert_eq!((mine.status, theirs.status), (201, 201));
    assert_ne!(mine.body["event"]["id"], theirs.body["event"]["id"]);
    let mailbox = system.mailbox("pat@lakeside.example").await;
    assert_eq!(mailbox["events"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_event_that_is_gone_since_is_not_made_again() {
    let system = TestSystem::start().await;
    let made = post(&system, "key-1", &visit(TEN)).await;
    let id = made.body["event"]["id"].as_str().unwrap();
    let gone = system
        .delete(&format!("/calendar/events/{id}?user_id=demo"))
        .await;
    assert_eq!(gone.status, 200, "{gone:?}");
    let again = post(&system, "key-1", &visit(TEN)).await;
    assert_eq!(again.text, made.text);
    assert!(system.events().await.is_empty());
}
