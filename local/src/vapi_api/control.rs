//! The control API, for tests and for people: everything that is held, things put there
//! as they are, fault rules, counts. It asks for no credential, so the simulator belongs
//! on loopback only.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::kind::Kind;
use super::operation::Operation;
use super::simulator::Vapi;
use crate::faults::Rule;

/// Everything below `/control`.
pub(super) fn routes(vapi: &Vapi) -> Router {
    Router::new()
        .route("/state", get(state))
        .route("/{kind}", post(put))
        .route(
            "/faults",
            get(list_faults).post(add_faults).delete(clear_faults),
        )
        .route("/requests", get(requests))
        .with_state(vapi.clone())
}

async fn state(State(vapi): State<Vapi>) -> Json<Value> {
    let all = Kind::ALL.map(|kind| (kind.segment().to_owned(), vapi.all(kind).into()));
    Json(Value::Object(all.into_iter().collect()))
}

/// One thing, or a list of them: `POST /control/assistant`.
async fn put(State(vapi): State<Vapi>, Path(kind): Path<Kind>, body: Bytes) -> Response {
    let things = match serde_json::from_slice(&body) {
        Ok(Value::Array(things)) => things,
        Ok(thing) => vec![thing],
        Err(error) => return unusable(&error.to_string()),
    };
    let put: Result<Vec<Value>, _> = things
        .into_iter()
        .map(|thing| vapi.put(kind, thing))
        .collect();
    match put {
        Ok(put) => Json(put).into_response(),
        Err(error) => unusable(&error.to_string()),
    }
}

async fn list_faults(State(vapi): State<Vapi>) -> Json<Value> {
    Json(json!({"faults": vapi.faults().list()}))
}

async fn add_faults(State(vapi): State<Vapi>, body: Bytes) -> Response {
    let rules: Vec<Rule<Operation>> = match serde_json::from_slice(&body) {
        Ok(rules) => rules,
        Err(error) => return unusable(&error.to_string()),
    };
    if let Some(problem) = rules.iter().find_map(Rule::problem) {
        return unusable(problem);
    }
    vapi.add_faults(rules);
    list_faults(State(vapi)).await.into_response()
}

async fn clear_faults(State(vapi): State<Vapi>) -> StatusCode {
    vapi.clear_faults();
    StatusCode::NO_CONTENT
}

/// How often each operation was asked for, and what was changed, in order.
async fn requests(State(vapi): State<Vapi>) -> Json<Value> {
    Json(json!({"operations": vapi.counts(), "changes": vapi.changes()}))
}

fn unusable(problem: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": problem}))).into_response()
}
