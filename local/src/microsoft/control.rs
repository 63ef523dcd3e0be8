//! The control API, for tests and for people: looks into mailboxes, adds,
//! changes and removes events behind the client's back, sets fault rules and settings, ends grants. It
//! asks for no credential, so the simulator belongs on loopback only.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, patch, post},
};
use serde_json::{Value, json};

use super::{
    control_events::{EventEdit, added_event, edited_event, shown_event},
    event::Event,
    graph::{GraphError, event_id},
    journal::StorageError,
    operation::Operation,
    options::{Account, Settings},
    sign_in::SignInError,
    simulator::Microsoft,
    state::{Change, Mailbox},
};
use crate::faults::Rule;

/// Everything below `/control`.
pub(super) fn routes(microsoft: &Microsoft) -> Router {
    Router::new()
        .route("/accounts", get(accounts))
        .route("/sign-in-errors", get(sign_in_errors))
        .route("/accounts/{email}/revoke", post(revoke))
        .route("/mailboxes/{email}", get(mailbox))
        .route("/mailboxes/{email}/events", post(add_event))
        .route(
            "/mailboxes/{email}/events/{id}",
            patch(edit_event).delete(remove_event),
        )
        .route(
            "/faults",
            get(list_faults).post(add_faults).delete(clear_faults),
        )
        .route("/settings", get(settings).put(replace_settings))
        .with_state(microsoft.clone())
}

/// Why a control request is refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum ControlError {
    /// No such account or event.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The body cannot be used.
    #[error("{0}")]
    Unusable(String),
    /// The change could not be kept.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<GraphError> for ControlError {
    fn from(error: GraphError) -> Self {
        Self::Unusable(error.message.into_owned())
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Unusable(_) => StatusCode::BAD_REQUEST,
            Self::Storage(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(json!({"error": self.to_string()}))).into_response()
    }
}

async fn accounts(State(microsoft): State<Microsoft>) -> Json<Value> {
    let options = microsoft.options();
    Json(json!({
        "tenant_id": options.directories.first().map(|directory| directory.tenant_id),
        "directories": options.directories,
        "accounts": options.accounts,
    }))
}

/// The errors in which a sign-in can be made to end: `sign_ins` of the settings, and
/// the sign-in page.
async fn sign_in_errors() -> Json<Value> {
    Json(json!({"errors": SignInError::all()}))
}

/// Ends all grants of an account, as an administrator's revocation does.
async fn revoke(
    State(microsoft): State<Microsoft>,
    Path(email): Path<String>,
) -> Result<StatusCode, ControlError> {
    let account = known(&microsoft, &email)?;
    microsoft
        .store()
        .write(|state| {
            let reached = Change::GenerationReached {
                email: account.email.clone(),
                generation: state.generation(&account.email) + 1,
            };
            Ok::<_, ControlError>((vec![reached], ()))
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn mailbox(
    State(microsoft): State<Microsoft>,
    Path(email): Path<String>,
) -> Result<Json<Value>, ControlError> {
    let account = known(&microsoft, &email)?;
    let (mut events, outbox) = microsoft.store().read(|state| {
        let mailbox = state.mailbox(&account.email);
        let events: Vec<_> = mailbox.events.values().cloned().collect();
        (events, mailbox.outbox.clone())
    });
    events.sort_by_cached_key(|event| event.start.instant());
    let shown: Vec<Value> = events.iter().map(shown_event).collect();
    Ok(Json(json!({
        "email": account.email,
        "display_name": account.display_name,
        "time_zone": account.time_zone,
        "events": shown,
        "outbox": outbox,
        "counters": microsoft.traffic().counters(&account.email),
    })))
}

async fn add_event(
    State(microsoft): State<Microsoft>,
    Path(email): Path<String>,
    body: Bytes,
) -> Result<Response, ControlError> {
    let account = known(&microsoft, &email)?;
    let added = parse(&body)?;
    let now = microsoft.now();
    let event = microsoft
        .store()
        .write(|state| {
            let mut event = added_event(account, &added, now)?;
            let count = state.mailbox(&account.email).events.len();
            event.variant = u64::try_from(count).unwrap_or(0);
            let stored = Change::EventStored {
                mailbox: account.email.clone(),
                event: Box::new(event.clone()),
            };
            Ok::<_, ControlError>((vec![stored], event))
        })
        .await?;
    Ok((StatusCode::CREATED, Json(shown_event(&event))).into_response())
}

/// Changes an event as its owner does in Outlook; what the body does not name stays.
/// Its etag is another one then. Nobody is told.
async fn edit_event(
    State(microsoft): State<Microsoft>,
    Path((email, id)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let account = known(&microsoft, &email)?;
    let edit: EventEdit = parse(&body)?;
    let now = microsoft.now();
    let event = microsoft
        .store()
        .write(|state| {
            let event = with_id(state.mailbox(&account.email), &id)?;
            let event = edited_event(account, event, &edit, now)?;
            let stored = Change::EventStored {
                mailbox: account.email.clone(),
                event: Box::new(event.clone()),
            };
            Ok::<_, ControlError>((vec![stored], event))
        })
        .await?;
    Ok(Json(shown_event(&event)))
}

/// Removes an event. Nobody is told.
async fn remove_event(
    State(microsoft): State<Microsoft>,
    Path((email, id)): Path<(String, String)>,
) -> Result<StatusCode, ControlError> {
    let account = known(&microsoft, &email)?;
    microsoft
        .store()
        .write(|state| {
            let removed = Change::EventRemoved {
                mailbox: account.email.clone(),
                key: with_id(state.mailbox(&account.email), &id)?.key,
            };
            Ok::<_, ControlError>((vec![removed], ()))
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The event with an id that `GET /control/mailboxes/{email}` shows.
fn with_id<'a>(mailbox: &'a Mailbox, id: &str) -> Result<&'a Event, ControlError> {
    let mut events = mailbox.events.values();
    let found = events.find(|event| {
        event_id(true, event.key, None) == id || event_id(false, event.key, None) == id
    });
    found.ok_or(ControlError::NotFound("event"))
}

async fn list_faults(State(microsoft): State<Microsoft>) -> Json<Value> {
    Json(json!({"faults": microsoft.faults().list()}))
}

async fn add_faults(
    State(microsoft): State<Microsoft>,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let rules: Vec<Rule<Operation>> = parse(&body)?;
    if let Some(problem) = rules.iter().find_map(Rule::problem) {
        return Err(ControlError::Unusable(problem.to_owned()));
    }
    microsoft.add_faults(rules);
    Ok(list_faults(State(microsoft)).await)
}

async fn clear_faults(State(microsoft): State<Microsoft>) -> StatusCode {
    microsoft.faults().clear();
    StatusCode::NO_CONTENT
}

async fn settings(State(microsoft): State<Microsoft>) -> Json<Settings> {
    Json(microsoft.settings())
}

/// What the body does not name returns to its default.
async fn replace_settings(
    State(microsoft): State<Microsoft>,
    body: Bytes,
) -> Result<Json<Settings>, ControlError> {
    let settings: Settings = parse(&body)?;
    let sign_ins = &settings.sign_ins;
    let unknown = sign_ins
        .keys()
        .find(|email| microsoft.account(email).is_none());
    if unknown.is_some() {
        return Err(ControlError::NotFound("account"));
    }
    if !sign_ins.values().all(|sign_in| sign_in.is_known()) {
        return Err(ControlError::NotFound("sign-in error"));
    }
    microsoft.set_settings(settings);
    Ok(Json(microsoft.settings()))
}

fn known<'a>(microsoft: &'a Microsoft, email: &str) -> Result<&'a Account, ControlError> {
    microsoft
        .account(email)
        .ok_or(ControlError::NotFound("account"))
}

fn parse<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, ControlError> {
    serde_json::from_slice(body).map_err(|error| ControlError::Unusable(error.to_string()))
}
