//! The outer form of Graph's successful answers.

use axum::{
    Json,
    http::{HeaderName, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};

use super::caller::Caller;
use crate::microsoft::simulator::Microsoft;

const APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// One resource, with `@odata.context` and the preferences that were applied.
pub(super) fn entity(
    microsoft: &Microsoft,
    caller: &Caller,
    status: StatusCode,
    context: &str,
    body: Value,
) -> Response {
    let mut fields = match body {
        Value::Object(fields) => fields,
        other => Map::from_iter([("value".to_owned(), other)]),
    };
    fields.insert(
        "@odata.context".to_owned(),
        Value::String(format!("{}/v1.0/$metadata#{context}", microsoft.base_url())),
    );
    let mut response = (status, Json(Value::Object(fields))).into_response();
    let applied = caller.preferences.applied(context.contains("events"));
    if let Some(value) = applied.and_then(|applied| applied.parse().ok()) {
        response.headers_mut().insert(APPLIED, value);
    }
    response
}
