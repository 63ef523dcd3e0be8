//! The ids of a request, which every Graph answer carries in its headers and
//! every error also in its body (Learn: Graph error responses, "innererror").

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::error::GraphError;
use crate::microsoft::simulator::Microsoft;

/// The ids and date of one request.
pub(crate) struct Trace {
    request_id: String,
    client_request_id: HeaderValue,
    now: Timestamp,
    /// Real answers spell `innerError` in two ways.
    lower_case: bool,
}

impl Trace {
    /// Begins a request; the client may have named it.
    pub(crate) fn start(microsoft: &Microsoft, headers: &HeaderMap) -> Self {
        let request_id = Uuid::new_v4().to_string();
        let given = headers.get("client-request-id").cloned();
        let own = || HeaderValue::from_str(&request_id);
        let client_request_id = match given {
            Some(given) => given,
            None => own().unwrap_or(HeaderValue::from_static("")),
        };
        Self {
            client_request_id,
            request_id,
            now: microsoft.now(),
            lower_case: microsoft.settings().variety && microsoft.next_turn() % 2 == 1,
        }
    }

    /// Completes an answer.
    pub(crate) fn finish(self, mut response: Response) -> Response {
        if let Some(error) = response.extensions_mut().remove::<GraphError>() {
            let inner = if self.lower_case {
                "innererror"
            } else {
                "innerError"
            };
            let body = json!({"error": {
                "code": error.code,
                "message": error.message,
                inner: {
                    "date": self.now.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
                    "request-id": self.request_id,
                    "client-request-id": self.client_request_id.to_str().unwrap_or_default(),
                },
            }});
            *response.body_mut() = Body::from(body.to_string());
            response.headers_mut().insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            );
            response.headers_mut().remove(header::CONTENT_LENGTH);
        }
        if let Ok(request_id) = HeaderValue::from_str(&self.request_id) {
            response.headers_mut().insert("request-id", request_id);
        }
        let headers = response.headers_mut();
        headers.insert("client-request-id", self.client_request_id);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private"));
        response
    }
}
