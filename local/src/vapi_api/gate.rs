//! What happens around every request: it is counted, its key is looked at, and what is
//! planned to go wrong goes wrong.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::Refusal;
use super::operation::Operation;
use super::simulator::Vapi;
use crate::faults::disturb;

/// The layer around everything but `/control`.
pub(super) async fn gate(State(vapi): State<Vapi>, request: Request, next: Next) -> Response {
    let (operation, id) = Operation::of(request.method(), request.uri().path());
    vapi.count(operation);
    if !is_ours(request.headers(), vapi.key()) {
        return Refusal::unauthorized().into_response();
    }
    let about: Vec<&str> = id.into_iter().collect();
    let plan = vapi.faults().plan(&operation, &about);
    if let Some(answer) = disturb(plan.before, fault).await {
        return answer;
    }
    let answer = next.run(request).await;
    disturb(plan.after, fault).await.unwrap_or(answer)
}

fn is_ours(headers: &HeaderMap, key: &str) -> bool {
    let given = headers.get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    given == Some(key)
}

fn fault(
    headers: HeaderMap,
    status: StatusCode,
    code: Option<String>,
    _aadsts: Option<u32>,
) -> Response {
    (headers, Refusal::injected(status, code)).into_response()
}
