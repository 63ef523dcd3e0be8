//! What happens around every operation, in this order: who asks, how many
//! requests their mailbox is serving, planned faults, permissions; then the
//! operation; then faults in place of its answer, and the headers and error
//! bodies that all answers of that side have.

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    graph::{Caller, GraphError, Trace, authenticate},
    login::{CallbackError, TokenError, account_of_form},
    operation::{Access, Operation},
    simulator::Microsoft,
};
use crate::faults::{Effect, disturb};

/// Larger login forms are refused.
const FORM_LIMIT: usize = 64 * 1024;

/// The layer of one route.
pub(super) async fn gate(
    State((microsoft, operation)): State<(Microsoft, Operation)>,
    request: Request,
    next: Next,
) -> Response {
    match operation.access() {
        Access::Login => login(&microsoft, operation, request, next).await,
        Access::Graph { scopes, mailbox } => {
            let trace = Trace::start(&microsoft, request.headers());
            let answer = serve_graph(&microsoft, operation, (scopes, mailbox), request, next).await;
            trace.finish(answer.unwrap_or_else(IntoResponse::into_response))
        }
    }
}

async fn serve_graph(
    microsoft: &Microsoft,
    operation: Operation,
    (scopes, needs_mailbox): (&[&str], bool),
    mut request: Request,
    next: Next,
) -> Result<Response, GraphError> {
    let caller: Caller = authenticate(microsoft, request.headers())?;
    let email = caller.account.email.clone();
    if !is_well_formed(request.headers()) {
        microsoft.traffic().note_bare(&email);
    }
    let _place = if needs_mailbox {
        let limit = microsoft.settings().concurrency_limit;
        let place = microsoft.traffic().enter(&email, operation, limit);
        Some(place.ok_or_else(GraphError::too_many_at_once)?)
    } else {
        microsoft.traffic().count(&email, operation);
        None
    };

    let plan = microsoft.faults().plan(&operation, &[&email]);
    if let Some(answer) = disturb(plan.before, graph_fault).await {
        return Ok(answer);
    }
    if !scopes.iter().any(|scope| caller.may(scope)) {
        return Err(GraphError::access_denied());
    }
    if needs_mailbox && !caller.account.has_mailbox {
        return Err(GraphError::no_mailbox());
    }
    request.extensions_mut().insert(caller);
    let answer = next.run(request).await;
    Ok(disturb(plan.after, graph_fault).await.unwrap_or(answer))
}

/// Whether a request carries what Graph does not insist on, and a careful client sends
/// with each: both preferences, and a UUID to find it by.
fn is_well_formed(headers: &HeaderMap) -> bool {
    let prefer: Vec<&str> = headers
        .get_all("prefer")
        .iter()
        .filter_map(|line| line.to_str().ok())
        .collect();
    let prefer = prefer.join(",").to_ascii_lowercase();
    let wanted = ["idtype=\"immutableid\"", "outlook.timezone=\"utc\""];
    let id = headers.get("client-request-id");
    let id = id.and_then(|id| id.to_str().ok()?.parse::<uuid::Uuid>().ok());
    wanted.iter().all(|wanted| prefer.contains(wanted)) && id.is_some()
}

async fn login(
    microsoft: &Microsoft,
    operation: Operation,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(form) = to_bytes(body, FORM_LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let account = account_of_form(microsoft, operation, &form);
    if let Some(email) = &account {
        microsoft.traffic().count(email, operation);
    }
    let about: Vec<&str> = account.as_deref().into_iter().collect();
    let mut plan = microsoft.faults().plan(&operation, &about);
    let mut request = Request::from_parts(parts, Body::from(form));
    if operation == Operation::Authorize
        && let Some(error @ Effect::Error { .. }) = &plan.before.outcome
    {
        // The redirect is built where the request is understood.
        request
            .extensions_mut()
            .insert(CallbackError::injected(error));
        plan.before.outcome = None;
    }
    let now = microsoft.now();
    let fault = |headers: HeaderMap, status, code: Option<String>, aadsts| {
        let error = TokenError::injected(status, code, aadsts).at(now);
        (headers, error).into_response()
    };
    if let Some(answer) = disturb(plan.before, fault).await {
        return answer;
    }
    let answer = next.run(request).await;
    disturb(plan.after, fault).await.unwrap_or(answer)
}

fn graph_fault(
    headers: HeaderMap,
    status: StatusCode,
    code: Option<String>,
    _aadsts: Option<u32>,
) -> Response {
    (headers, GraphError::injected(status, code)).into_response()
}
