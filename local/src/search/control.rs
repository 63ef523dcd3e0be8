//! The control API of the search engines, for tests and for people.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::simulator::{Operation, Page, SearchEngines};
use crate::faults::Rule;

/// Everything below `/control`.
pub(super) fn routes() -> Router<SearchEngines> {
    Router::new()
        .route("/requests", get(requests))
        .route(
            "/faults",
            get(list_faults).post(add_faults).delete(clear_faults),
        )
        .route("/settings", get(settings).put(replace_settings))
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default)]
    page: Page,
}

/// What was searched for, by engine and in order.
async fn requests(State(engines): State<SearchEngines>) -> Json<Value> {
    Json(json!(*engines.asked()))
}

async fn list_faults(State(engines): State<SearchEngines>) -> Json<Value> {
    Json(json!({"faults": engines.faults().list()}))
}

async fn add_faults(State(engines): State<SearchEngines>, body: Bytes) -> Response {
    let rules: Vec<Rule<Operation>> = match serde_json::from_slice(&body) {
        Ok(rules) => rules,
        Err(error) => return unusable(&error.to_string()),
    };
    if let Some(problem) = rules.iter().find_map(Rule::problem) {
        return unusable(problem);
    }
    engines.faults().add(rules);
    list_faults(State(engines)).await.into_response()
}

async fn clear_faults(State(engines): State<SearchEngines>) -> StatusCode {
    engines.faults().clear();
    StatusCode::NO_CONTENT
}

async fn settings(State(engines): State<SearchEngines>) -> Json<Settings> {
    Json(Settings {
        page: *engines.page(),
    })
}

async fn replace_settings(State(engines): State<SearchEngines>, body: Bytes) -> Response {
    match serde_json::from_slice::<Settings>(&body) {
        Ok(chosen) => *engines.page() = chosen.page,
        Err(error) => return unusable(&error.to_string()),
    }
    settings(State(engines)).await.into_response()
}

fn unusable(problem: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": problem}))).into_response()
}
