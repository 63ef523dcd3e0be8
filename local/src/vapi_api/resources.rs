//! Assistants, tools, phone numbers and calls: list, read, make, change, remove.

use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, OriginalUri, Path, Query, State};
use axum::http::{Method, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::analytics::analytics;
use super::body;
use super::error::Refusal;
use super::kind::Kind;
use super::paging::page;
use super::simulator::Vapi;
use super::store::{Thing, Things};

/// VAPI does not publish its limit; a prompt has to fit.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// The API.
pub(super) fn routes(vapi: &Vapi) -> Router {
    let mut router = Router::new();
    for kind in Kind::ALL {
        let all = format!("/{}", kind.segment());
        let one = format!("{all}/{{id}}");
        let (mut of_all, mut of_one) = (get(list), get(show));
        if kind.is_written() {
            of_all = of_all.post(create);
            of_one = of_one.patch(change).delete(remove);
        }
        let state = (vapi.clone(), kind);
        router = router
            .route(&all, of_all.with_state(state.clone()))
            .route(&one, of_one.with_state(state));
    }
    router
        .route("/analytics", post(analytics).with_state(vapi.clone()))
        .fallback(unknown)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
}

type Of = State<(Vapi, Kind)>;

async fn list(
    State((vapi, kind)): Of,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Vec<Thing>>, Refusal> {
    let mut all = vapi.store().read(|things| of(things, kind).to_vec());
    for field in ["id", "assistantId", "phoneNumberId"] {
        if let Some(wanted) = query.get(field) {
            all.retain(|thing| thing.get(field).and_then(Value::as_str) == Some(wanted));
        }
    }
    Ok(Json(page(all, &query)?))
}

async fn show(State((vapi, kind)): Of, Path(id): Path<String>) -> Result<Json<Thing>, Refusal> {
    let found = vapi
        .store()
        .read(|things| find(of(things, kind), &id).cloned());
    found.map(Json).ok_or_else(|| Refusal::not_found(&id))
}

async fn create(
    State((vapi, kind)): Of,
    body: Bytes,
) -> Result<(StatusCode, Json<Thing>), Refusal> {
    let sent = read(&body)?;
    refuse(&vapi, kind, &sent, None)?;
    let mut thing = vapi.stamps(kind);
    thing.extend(body::stored(sent.clone()));
    let kept = vapi.store().write(|things| {
        things.entry(kind).or_default().push(thing.clone());
    });
    kept.map_err(|error| Refusal::not_kept(&error))?;
    vapi.note_change(json!({"made": kind, "id": thing["id"], "body": sent}));
    Ok((StatusCode::CREATED, Json(thing)))
}

/// Every named top-level field is replaced whole. Each change is a new version, also
/// one that changes nothing; whether it is published at once is not documented.
async fn change(
    State((vapi, kind)): Of,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<Thing>, Refusal> {
    let sent = read(&body)?;
    let found = vapi
        .store()
        .read(|things| find(of(things, kind), &id).cloned());
    let found = found.ok_or_else(|| Refusal::not_found(&id))?;
    refuse(&vapi, kind, &sent, Some(&found))?;
    let now = vapi.now();
    let changed = vapi.store().write(|things| {
        let mut all = things.entry(kind).or_default().iter_mut();
        let thing = all.find(|thing| thing.get("id").and_then(Value::as_str) == Some(&id))?;
        thing.extend(body::stored(sent.clone()));
        thing.insert("updatedAt".to_owned(), now.into());
        if kind.has_versions() {
            let next = next_version(thing.get("latestVersion"));
            thing.insert("latestVersion".to_owned(), next.into());
        }
        Some(thing.clone())
    });
    let changed = changed.map_err(|error| Refusal::not_kept(&error))?;
    vapi.note_change(json!({"changed": kind, "id": id, "body": sent}));
    changed.map(Json).ok_or_else(|| Refusal::not_found(&id))
}

async fn remove(State((vapi, kind)): Of, Path(id): Path<String>) -> Result<Json<Thing>, Refusal> {
    let removed = vapi.store().write(|things| {
        let all = things.entry(kind).or_default();
        let place = all.iter().position(|thing| thing["id"] == id.as_str());
        place.map(|place| all.remove(place))
    });
    let removed = removed.map_err(|error| Refusal::not_kept(&error))?;
    removed.map(Json).ok_or_else(|| Refusal::not_found(&id))
}

async fn unknown(method: Method, OriginalUri(uri): OriginalUri) -> Refusal {
    let message = format!("Cannot {method} {}", uri.path());
    Refusal::new(StatusCode::NOT_FOUND, message)
}

fn read(body: &[u8]) -> Result<Thing, Refusal> {
    let sent = serde_json::from_slice(body);
    sent.map_err(|error| Refusal::unusable(vec![format!("the body is no object: {error}")]))
}

fn refuse(vapi: &Vapi, kind: Kind, sent: &Thing, found: Option<&Thing>) -> Result<(), Refusal> {
    let is_tool = |id: &str| {
        vapi.store()
            .read(|things| find(of(things, Kind::Tool), id).is_some())
    };
    let problems = body::problems(kind, sent, found, &is_tool);
    if problems.is_empty() {
        return Ok(());
    }
    Err(Refusal::unusable(problems))
}

fn of(things: &Things, kind: Kind) -> &[Thing] {
    things.get(&kind).map_or(&[], Vec::as_slice)
}

fn find<'a>(all: &'a [Thing], id: &str) -> Option<&'a Thing> {
    all.iter()
        .find(|thing| thing.get("id").and_then(Value::as_str) == Some(id))
}

/// Versions are labels such as `v3`.
fn next_version(label: Option<&Value>) -> String {
    let label = label.and_then(Value::as_str).unwrap_or_default();
    let number: u64 = label.trim_start_matches('v').parse().unwrap_or(0);
    format!("v{}", number + 1)
}
