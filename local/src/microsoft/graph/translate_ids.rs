//! `POST /me/translateExchangeIds`: from one format of event ids to the other
//! (Learn: user-translateexchangeids), at most a thousand at once.

use axum::{
    body::Bytes,
    extract::{Extension, State, rejection::BytesRejection},
    http::StatusCode,
    response::Response,
};
use serde_json::{Value, json};

use super::{
    answer,
    caller::Caller,
    error::GraphError,
    ids::{event_id, read_event_id},
    json_fields::{Fields, list, mismatch, read_body, text},
};
use crate::microsoft::simulator::Microsoft;

const MOST_IDS: usize = 1_000;

/// Ids that name nothing are left out of the answer.
pub(super) async fn translate_ids(
    State(microsoft): State<Microsoft>,
    Extension(caller): Extension<Caller>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, GraphError> {
    let body = read_body(body)?;
    let fields = Fields::of("translateExchangeIds", &body)?;
    let ids = fields
        .any_case("inputIds")
        .ok_or_else(|| mismatch("inputIds"))?;
    let ids = list("inputIds", ids)?;
    if ids.len() > MOST_IDS {
        return Err(mismatch("inputIds"));
    }
    let is_immutable = |name: &str| -> Result<bool, GraphError> {
        let format = fields.any_case(name).ok_or_else(|| mismatch(name))?;
        match text(name, format)? {
            "restId" => Ok(false),
            "restImmutableEntryId" => Ok(true),
            _ => Err(mismatch(name)),
        }
    };
    let (from, to) = (is_immutable("sourceIdType")?, is_immutable("targetIdType")?);
    let translated: Vec<Value> = ids
        .iter()
        .filter_map(Value::as_str)
        .filter_map(|id| {
            let event = read_event_id(from, id).ok()?;
            let target = event_id(to, event.key, event.date);
            Some(json!({"sourceId": id, "targetId": target}))
        })
        .collect();
    let body = json!({"value": translated});
    let context = "Collection(microsoft.graph.convertIdResult)";
    Ok(answer::entity(
        &microsoft,
        &caller,
        StatusCode::OK,
        context,
        body,
    ))
}
