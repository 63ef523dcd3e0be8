//! What becomes of a connection: its tokens are renewed, refused, and sealed.

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use local::defaults::{ACCOUNT, API_KEY, USER};
use reqwest::Method;
use serde_json::{Value, json};

use crate::settings;
use crate::system::{Answer, TestSystem};
use crate::voice::Call;

const AVAILABILITY: &str = "/calendar/availability?user_id=demo&limit=1";

/// Lets time pass until the access token has that many minutes left.
async fn pass_until_left(system: &TestSystem, minutes: i64) {
    let status = system
        .get("/calendar/auth/status?user_id=demo&verify=false")
        .await;
    let ends: jiff::Timestamp = status.body["expires_at"].as_str().unwrap().parse().unwrap();
    let left = system.clock.now().duration_until(ends).as_mins();
    system.pass(left - minutes);
}

#[tokio::test]
async fn an_access_token_is_renewed_once_and_kept() {
    let system = TestSystem::start().await;
    let before = system.count("token").await;
    assert_eq!(system.get(AVAILABILITY).await.status, 200);
    assert_eq!(system.count("token").await, before);
    system.pass(120);
    for _ in 0..3 {
        assert_eq!(system.get(AVAILABILITY).await.status, 200);
    }
    assert!(
        Call::new("call-1")
            .book(&system, "2031-11-25T10:00:00")
            .await
            .done
    );
    assert_eq!(system.count("token").await, before + 1);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let system = TestSystem::start().await;
    let before = system.count("token").await;
    pass_until_left(&system, 7).await;
    assert_eq!(system.get(AVAILABILITY).await.status, 200);
    assert_eq!(system.count("token").await, before);
    system.pass(3);
    assert_eq!(system.get(AVAILABILITY).await.status, 200);
    assert_eq!(system.count("token").await, before + 1);
}

#[tokio::test]
async fn requests_that_meet_an_ended_token_together_all_succeed() {
    let system = TestSystem::start().await;
    system.pass(120);
    let requests: Vec<_> = (0..4)
        .map(|_| {
            let request = system.request(Method::GET, AVAILABILITY);
            tokio::spawn(Answer::of(request.header("x-api-key", API_KEY)))
        })
        .collect();
    for request in requests {
        let answer = request.await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let before = system.count("token").await;
    assert_eq!(system.get(AVAILABILITY).await.status, 200);
    assert_eq!(system.count("token").await, before);
}

#[tokio::test]
async fn a_sign_in_service_that_is_down_does_not_matter_while_the_token_lasts() {
    let system = TestSystem::start().await;
    pass_until_left(&system, 3).await;
    system
        .fault(&json!({"operation": "token", "effect": {"html": 503}}))
        .await;
    assert_eq!(system.get(AVAILABILITY).await.status, 200);
    system.pass(10);
    let answer = system.get(AVAILABILITY).await;
    insta::assert_snapshot!(answer.error(), @"502 calendar_failed: Microsoft could not answer. Please try again.");
    system.no_faults().await;
    assert_eq!(system.get(AVAILABILITY).await.status, 200);
}

#[tokio::test]
async fn a_fault_in_our_registration_touches_no_connection() {
    let system = TestSystem::start().await;
    system.pass(120);
    for code in ["invalid_client", "unauthorized_client", "invalid_scope"] {
        let effect = json!({"error": {"status": 401, "code": code}});
        system
            .fault(&json!({"operation": "token", "effect": effect}))
            .await;
        let answer = system.get(AVAILABILITY).await;
        assert_eq!(
            (answer.status, answer.code()),
            (502, "calendar_failed"),
            "{code}"
        );
        let status = system
            .get("/calendar/auth/status?user_id=demo&verify=false")
            .await;
        assert_eq!(status.body["needs_reconnect"], false, "{code}");
        system.no_faults().await;
    }
    assert_eq!(system.get(AVAILABILITY).await.status, 200);
}

#[tokio::test]
async fn a_revoked_grant_asks_for_a_new_connection_until_there_is_one() {
    let system = TestSystem::start().await;
    let revoke = format!("/accounts/{ACCOUNT}/revoke");
    system.control(Method::POST, &revoke, &Value::Null).await;
    system.pass(120);
    let answer = system.get(AVAILABILITY).await;
    insta::assert_snapshot!(answer.error(), @"424 calendar_needs_reconnect: The calendar needs to be reconnected.");
    let heard = Call::new("call-1")
        .book(&system, "2031-11-25T10:00:00")
        .await;
    insta::assert_snapshot!(heard.text, @"The calendar needs to be reconnected before I can use it. May I take a message instead?");
    system.assert_nothing_stored("a revoked grant").await;

    // Once known, Microsoft is not asked again.
    let asked = system.count("token").await;
    assert_eq!(system.get(AVAILABILITY).await.status, 424);
    let status = system.get("/calendar/auth/status?user_id=demo").await.body;
    assert_eq!(system.count("token").await, asked);
    assert_eq!(status["authorized"], false);
    assert_eq!(status["token_valid"], false);
    assert_eq!(status["needs_reconnect"], true);
    assert_eq!(status["calendar_verified"], false);
    assert_eq!(status["calendar_email"], ACCOUNT);
    insta::assert_snapshot!(status["message"].as_str().unwrap(), @"The calendar needs to be reconnected.");

    system.connect(USER, ACCOUNT).await;
    assert_eq!(system.get(AVAILABILITY).await.status, 200);
    let status = system.get("/calendar/auth/status?user_id=demo").await.body;
    assert_eq!(status["calendar_verified"], true);
    assert_eq!(status["needs_reconnect"], false);
}

#[tokio::test]
async fn a_status_tells_what_a_live_read_found() {
    let system = TestSystem::start().await;
    system
        .fault(&json!({"operation": "mailbox_settings", "effect": {"html": 503}}))
        .await;
    let status = system.get("/calendar/auth/status?user_id=demo").await;
    assert_eq!(status.status, 200);
    assert_eq!(status.body["authorized"], true);
    assert_eq!(status.body["calendar_verified"], false);
    insta::assert_snapshot!(status.body["calendar_error"].as_str().unwrap(), @"Microsoft could not answer. Please try again.");
    insta::assert_snapshot!(status.body["message"].as_str().unwrap(), @"The calendar is connected, but cannot be read at the moment.");
    let unread = system
        .get("/calendar/auth/status?user_id=demo&verify=false")
        .await;
    assert_eq!(unread.body["calendar_error"], Value::Null);
    assert_eq!(unread.body["calendar_verified"], false);
}

#[tokio::test]
async fn tokens_are_stored_sealed() {
    let system = TestSystem::start().await;
    let [row] = system.rows("ConnectionsTable").await.try_into().unwrap();
    let graph = format!("{}/v1.0/me", system.local.microsoft.as_ref().unwrap());
    for name in ["access_token", "refresh_token"] {
        let stored = row[name].as_s().unwrap();
        let sealed = stored.rsplit('.').next().unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(sealed).unwrap();
        // A token is one long run of text, which sealed bytes are not.
        let mut runs = bytes.split(|byte| !byte.is_ascii_graphic());
        assert!(bytes.len() > 40 && runs.all(|run| run.len() < 24), "{name}");
        let answer = Answer::of(system.request(Method::GET, &graph).bearer_auth(stored)).await;
        assert_eq!(answer.status, 401, "{name}");
    }
    let plain = ["client_secret", "local-client-secret", "code_verifier"];
    assert!(
        plain
            .iter()
            .all(|secret| !format!("{row:?}").contains(secret))
    );
}

#[tokio::test]
async fn sealed_tokens_serve_nobody_but_their_owner() {
    let system = TestSystem::start().await;
    let [mut row] = system.rows("ConnectionsTable").await.try_into().unwrap();
    row.insert("user_id".to_owned(), AttributeValue::S("thief".to_owned()));
    let aws = settings::aws(&settings::of_staff(&system.local));
    let put = aws.dynamodb.put_item().table_name("ConnectionsTable");
    put.set_item(Some(row)).send().await.unwrap();
    let answer = system.get("/calendar/availability?user_id=thief").await;
    insta::assert_snapshot!(answer.error(), @"500 internal_error: Something went wrong on our side. Please try again.");
}

#[tokio::test]
async fn a_disconnected_calendar_is_gone_and_its_viewings_stay() {
    let system = TestSystem::start().await;
    assert!(
        Call::new("call-1")
            .book(&system, "2031-11-25T10:00:00")
            .await
            .done
    );
    let answer = system
        .delete("/calendar/auth/disconnect?user_id=demo")
        .await;
    insta::assert_snapshot!(answer.text, @r#"{"message":"The calendar is disconnected. Viewings that were booked stay in it.","success":true}"#);
    assert!(system.rows("ConnectionsTable").await.is_empty());
    assert_eq!(system.rows("AppointmentsTable").await.len(), 1);
    assert_eq!(system.events().await.len(), 1);

    let status = system.get("/calendar/auth/status?user_id=demo").await;
    assert_eq!(status.body["authorized"], false);
    assert_eq!(status.body["calendar_email"], Value::Null);
    insta::assert_snapshot!(status.body["message"].as_str().unwrap(), @"No calendar is connected.");
    let listed = system.get("/calendar/availability?user_id=demo").await;
    insta::assert_snapshot!(listed.error(), @"424 calendar_not_connected: No calendar is connected for this staff member.");
    let heard = Call::new("call-2")
        .book(&system, "2031-11-25T11:00:00")
        .await;
    insta::assert_snapshot!(heard.text, @"I cannot see that calendar, because it is not connected yet. May I take a message instead?");
    let again = system
        .delete("/calendar/auth/disconnect?user_id=demo")
        .await;
    insta::assert_snapshot!(again.text, @r#"{"message":"No calendar was connected.","success":true}"#);
}
