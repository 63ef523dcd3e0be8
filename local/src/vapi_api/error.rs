//! Errors as VAPI writes them: `message` is a text, or a list of what is wrong with a
//! body.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Why a request is refused.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    message: Value,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<Value>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "The key is not valid here. Is it the private one?",
        )
    }

    pub(super) fn not_found(id: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("There is no {id} here."))
    }

    /// The body, or the query, cannot be used.
    pub(super) fn unusable(problems: Vec<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, problems)
    }

    /// What was to be kept could not be.
    pub(super) fn not_kept(error: &std::io::Error) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }

    /// A planned fault.
    pub(super) fn injected(status: StatusCode, message: Option<String>) -> Self {
        Self::new(status, message.unwrap_or_else(|| "A planned fault.".into()))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({
            "message": self.message,
            "error": self.status.canonical_reason(),
            "statusCode": self.status.as_u16(),
        });
        (self.status, Json(body)).into_response()
    }
}
