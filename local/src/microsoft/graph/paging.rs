//! Pages of a collection: ten by default, `$top` silently clamped, and an
//! absolute link to the next one (Learn: paging).

use axum::{http::StatusCode, response::Response};
use serde_json::{Value, json};

use super::{answer, caller::Caller, query::Query};
use crate::microsoft::simulator::Microsoft;

/// Exchange's default size of a page.
const DEFAULT_PAGE: usize = 10;

/// What a page is cut from.
pub(super) struct Collection<'a> {
    /// Below `/v1.0`, for links.
    pub path: &'a str,
    /// After `$metadata#`.
    pub context: &'a str,
    /// The request's query string.
    pub raw_query: &'a str,
}

/// Answers with the page that the query asks for. Only its items are written.
pub(super) fn page<T>(
    microsoft: &Microsoft,
    caller: &Caller,
    collection: &Collection<'_>,
    query: &Query,
    items: &[T],
    write: impl Fn(&T) -> Value,
) -> Response {
    let limit = microsoft.settings().page_limit.max(1);
    let size = query.top.unwrap_or(DEFAULT_PAGE).min(limit);
    let shown: Vec<Value> = items
        .iter()
        .skip(query.skip)
        .take(size)
        .map(write)
        .collect();
    let next = query.skip.saturating_add(size);
    let mut body = json!({"value": shown});
    if next < items.len() {
        let kept = form_urlencoded::parse(collection.raw_query.as_bytes())
            .filter(|(name, _)| name != "$skip");
        let next_query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept)
            .append_pair("$skip", &next.to_string())
            .finish();
        let base = microsoft.base_url();
        body["@odata.nextLink"] = json!(format!("{base}/v1.0{}?{next_query}", collection.path));
    }
    answer::entity(microsoft, caller, StatusCode::OK, collection.context, body)
}
