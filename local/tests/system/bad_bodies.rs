//! Requests that are refused before they are read: by their body, path or method.

use local::defaults::{API_KEY, USER};
use reqwest::Method;
use serde_json::{Value, json};

use crate::system::{Answer, TestSystem};

/// The fields of an event that would be created.
fn event() -> Value {
    json!({
        "user_id": USER,
        "subject": "Owner visit",
        "start_time": "2031-11-25T10:00:00-06:00",
        "end_time": "2031-11-25T11:00:00-06:00",
    })
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_by_size_type_or_form() {
    let system = TestSystem::start().await;
    let mut large = event();
    large["body"] = json!("x".repeat(2 * 1024 * 1024));
    let large = large.to_string();
    let good = event().to_string();
    let mut transcript = Vec::new();
    for (what, path, media_type, body) in [
        (
            "not JSON",
            "/calendar/events",
            "application/json",
            "subject=Visit",
        ),
        (
            "cut off",
            "/calendar/events",
            "application/json",
            &good[..40],
        ),
        (
            "a form",
            "/calendar/events",
            "application/x-www-form-urlencoded",
            "subject=Visit",
        ),
        ("text", "/calendar/events", "text/plain", &good),
        (
            "two megabytes",
            "/calendar/events",
            "application/json",
            &large,
        ),
        (
            "no user for a link",
            "/calendar/auth/links",
            "application/json",
            "{}",
        ),
        (
            "a blank user for a link",
            "/calendar/auth/links",
            "application/json",
            r#"{"user_id":" "}"#,
        ),
        (
            "no body for a link",
            "/calendar/auth/links",
            "application/json",
            "",
        ),
    ] {
        let request = system
            .request(Method::POST, path)
            .header("x-api-key", API_KEY)
            .header("content-type", media_type)
            .body(body.to_owned());
        let answer = Answer::of(request).await;
        transcript.push(format!("{what}: {}", answer.error()));
        system.assert_nothing_stored(what).await;
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    not JSON: 400 invalid_request: The body is not JSON.
    cut off: 400 invalid_request: The body is not JSON.
    a form: 415 unsupported_media_type: The body must be application/json.
    text: 415 unsupported_media_type: The body must be application/json.
    two megabytes: 413 payload_too_large: The body may have at most 1048576 bytes.
    no user for a link: 400 invalid_request (user_id): user_id is missing.
    a blank user for a link: 400 invalid_request (user_id): user_id is not a user id.
    no body for a link: 400 invalid_request: The body is not JSON.
    ");
}

#[tokio::test]
async fn a_path_or_method_that_is_no_route_says_what_there_is() {
    let system = TestSystem::empty().await;
    let mut transcript = Vec::new();
    for (method, path) in [
        (Method::GET, "/nowhere"),
        (Method::GET, "/calendar"),
        (Method::GET, "/health/"),
        (Method::POST, "/"),
        (Method::POST, "/health"),
        (Method::PUT, "/calendar/events"),
        (Method::POST, "/calendar/availability"),
        (Method::GET, "/calendar/auth/disconnect"),
        (Method::GET, "/calendar/auth/links"),
    ] {
        let answer = Answer::of(system.request(method.clone(), path)).await;
        let allow = answer.header("allow");
        transcript.push(format!("{method} {path} [{allow}]\n  {}", answer.error()));
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    GET /nowhere []
      404 not_found: There is nothing at this address.
    GET /calendar []
      404 not_found: There is nothing at this address.
    GET /health/ []
      404 not_found: There is nothing at this address.
    POST / [GET]
      405 method_not_allowed: This path answers GET.
    POST /health [GET]
      405 method_not_allowed: This path answers GET.
    PUT /calendar/events [GET, POST]
      405 method_not_allowed: This path answers GET, POST.
    POST /calendar/availability [GET]
      405 method_not_allowed: This path answers GET.
    GET /calendar/auth/disconnect [DELETE]
      405 method_not_allowed: This path answers DELETE.
    GET /calendar/auth/links [POST]
      405 method_not_allowed: This path answers POST.
    ");
}
