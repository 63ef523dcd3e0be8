//! Every route, with no credential, with wrong ones, and with the right one.

use local::defaults::{API_KEY, WEBHOOK_SECRET};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::settings;
use crate::system::{Answer, TestSystem};
use crate::voice::{Call, heard};

/// A request to a route that would succeed with the right credential.
fn request(system: &TestSystem, route: &str) -> RequestBuilder {
    let (method, path) = route.split_once(' ').unwrap();
    let method: Method = method.parse().unwrap();
    let to = |path: &str, method: Method| system.request(method, path);
    match route {
        "POST /vapi/webhook" => {
            let call = Call::new("call-1");
            let delivery = call.delivery(&[("a", "get_availability", json!({}))]);
            to(path, method).json(&delivery)
        }
        "POST /calendar/auth/links" => to(path, method).json(&json!({"user_id": "demo"})),
        "POST /calendar/events" => to(path, method).json(&json!({
            "user_id": "demo", "subject": "Visit",
            "start_time": "2031-11-25T10:00:00", "duration_minutes": 30,
        })),
        "PATCH /calendar/events/{id}" => to("/calendar/events/an-id", method)
            .json(&json!({"user_id": "demo", "subject": "Visit"})),
        "DELETE /calendar/events/{id}" => to("/calendar/events/an-id?user_id=demo", method),
        _ => to(&format!("{path}?user_id=demo"), method),
    }
}

/// Routes that answer without a credential: what they tell is no secret.
const OPEN: [&str; 5] = [
    "GET /",
    "GET /health",
    "GET /openapi.json",
    "GET /calendar/auth/callback",
    "POST /calendar/auth/confirm",
];

#[tokio::test]
async fn no_route_gives_anything_away_without_its_credential() {
    let system = TestSystem::start().await;
    let template = settings::template(&system.local);
    let routes = template
        .functions
        .iter()
        .flat_map(|function| &function.routes);
    let mut closed = 0;
    for route in routes.filter(|route| *route != "$default") {
        if OPEN.contains(&route.as_str()) {
            continue;
        }
        closed += 1;
        for (name, value) in [
            ("x-nothing", "x"),
            ("x-api-key", ""),
            ("x-api-key", "wrong"),
            ("x-api-key", "local-api-kex"),
            ("authorization", ""),
            ("authorization", "Bearer"),
            ("authorization", "Bearer "),
            ("authorization", "Bearer wrong"),
            ("authorization", "Basic bG9jYWwtYXBpLWtleQ=="),
            ("authorization", "Bearer local-client-secret"),
            ("x-vapi-secret", ""),
            ("x-vapi-secret", "wrong"),
            ("cookie", "x-api-key=local-api-key"),
        ] {
            let answer = Answer::of(request(&system, route).header(name, value)).await;
            assert_eq!(
                answer.error(),
                "401 unauthorized: A valid credential is needed.",
                "{route} with {name}: {value}"
            );
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
        // The other kind of caller's credential is none here.
        let others = match route.as_str() {
            "POST /vapi/webhook" => [("x-api-key", API_KEY), ("x-vapi-secret", API_KEY)],
            _ => [
                ("x-vapi-secret", WEBHOOK_SECRET),
                ("x-api-key", WEBHOOK_SECRET),
            ],
        };
        for (name, value) in others {
            let answer = Answer::of(request(&system, route).header(name, value)).await;
            assert_eq!(answer.status, 401, "{route} with {name}: {value}");
        }
    }
    assert!(closed >= 8);
    system.assert_nothing_stored("wrong credentials").await;
    let status = system.get("/calendar/auth/status?user_id=demo").await;
    assert_eq!(status.body["authorized"], true, "nothing was disconnected");
}

#[tokio::test]
async fn the_right_credential_opens_every_route_in_either_header() {
    let system = TestSystem::start().await;
    for (route, expected) in [
        ("POST /vapi/webhook", 200),
        ("GET /calendar/auth/start", 307),
        ("POST /calendar/auth/links", 200),
        ("GET /calendar/auth/status", 200),
        ("GET /appointments", 200),
        ("GET /calendar/events", 200),
        ("PATCH /calendar/events/{id}", 404),
        ("DELETE /calendar/events/{id}", 404),
        ("GET /calendar/availability", 200),
        ("GET /calendar/settings", 200),
        ("PUT /calendar/settings", 400),
        ("DELETE /calendar/auth/disconnect", 200),
    ] {
        let (own, value) = match route {
            "POST /vapi/webhook" => ("x-vapi-secret", WEBHOOK_SECRET),
            _ => ("x-api-key", API_KEY),
        };
        let bearer = format!("Bearer {value}");
        for (name, value) in [(own, value), ("authorization", &bearer)] {
            let answer = Answer::of(request(&system, route).header(name, value)).await;
            assert_eq!(answer.status, expected, "{route} with {name}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn what_is_open_says_nothing_of_anyone() {
    let system = TestSystem::start().await;
    for (route, expected) in [
        ("GET /", 200),
        ("GET /health", 200),
        ("GET /calendar/auth/callback", 400),
        ("POST /calendar/auth/confirm", 400),
    ] {
        let answer = Answer::of(request(&system, route)).await;
        assert_eq!(answer.status, expected, "{route}");
        for secret in ["demo", "lakeside", API_KEY, WEBHOOK_SECRET] {
            assert!(!answer.text.contains(secret), "{route}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn a_refusal_does_not_tell_who_exists() {
    let system = TestSystem::start().await;
    let ask = async |user: &str| {
        let path = format!("/calendar/auth/status?user_id={user}");
        Answer::of(system.request(Method::GET, &path)).await.error()
    };
    assert_eq!(ask("demo").await, ask("stranger").await);
}

#[tokio::test]
async fn no_answer_is_kept_by_a_cache() {
    let system = TestSystem::start().await;
    for route in [
        "GET /",
        "GET /calendar/auth/status",
        "GET /calendar/availability",
    ] {
        let answer = Answer::of(request(&system, route).header("x-api-key", API_KEY)).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{route}");
    }
    let answer = Answer::of(request(&system, "POST /vapi/webhook")).await;
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_booking_with_a_wrong_secret_is_not_made() {
    let system = TestSystem::start().await;
    let arguments = json!({"start_time": "2031-11-25T10:00:00", "attendee_name": "Casey"});
    let delivery: Value = Call::new("call-1").delivery(&[("a", "set_appointment", arguments)]);
    let request = system
        .request(Method::POST, "/vapi/webhook")
        .json(&delivery);
    let refused = Answer::of(request.header("x-vapi-secret", "local-webhook-secreT")).await;
    assert_eq!(refused.status, 401);
    system.assert_nothing_stored("a wrong secret").await;
    let request = system
        .request(Method::POST, "/vapi/webhook")
        .json(&delivery);
    let made = Answer::of(request.bearer_auth(WEBHOOK_SECRET)).await;
    assert!(heard(&made)[0].done);
}
