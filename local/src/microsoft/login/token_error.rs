//! Errors of the token endpoint and the AADSTS body they have (Learn:
//! reference-error-codes, v2-oauth2-auth-code-flow "Error response").

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::microsoft::{journal::StorageError, sign_in::SignInError};

/// An OAuth error with its AADSTS number.
#[derive(Clone, Debug)]
pub(crate) struct TokenError {
    status: StatusCode,
    error: String,
    code: u32,
    message: String,
}

impl TokenError {
    fn new(error: &str, code: u32, message: impl Into<String>) -> Self {
        let status = match error {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            "temporarily_unavailable" => StatusCode::SERVICE_UNAVAILABLE,
            "server_error" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        Self {
            status,
            error: error.to_owned(),
            code,
            message: message.into(),
        }
    }

    /// An error that was chosen on the sign-in page.
    pub(crate) fn of(error: &SignInError) -> Self {
        Self::new(error.error, error.number, format!("{}.", error.meaning))
    }

    /// The code or refresh token is of no use.
    pub(crate) fn invalid_grant(code: u32, message: &str) -> Self {
        Self::new("invalid_grant", code, message)
    }

    /// The application did not prove itself.
    pub(crate) fn invalid_client(code: u32, message: &str) -> Self {
        Self::new("invalid_client", code, message)
    }

    /// The application is not known in the directory.
    pub(crate) fn unauthorized_client(client_id: &str) -> Self {
        let message = format!("Application with identifier '{client_id}' was not found.");
        Self::new("unauthorized_client", 700_016, message)
    }

    /// The request is malformed.
    pub(crate) fn invalid_request(code: u32, message: impl Into<String>) -> Self {
        Self::new("invalid_request", code, message)
    }

    /// A parameter that must be there is not.
    pub(crate) fn missing(parameter: &str) -> Self {
        let message =
            format!("The request body must contain the following parameter: '{parameter}'.");
        Self::invalid_request(900_144, message)
    }

    /// A scope does not exist.
    pub(crate) fn invalid_scope(scope: &str) -> Self {
        let message =
            format!("The provided value for the input parameter 'scope' is not valid: {scope}.");
        Self::new("invalid_scope", 70_011, message)
    }

    /// Neither a code nor a refresh token is redeemed.
    pub(crate) fn unsupported_grant_type() -> Self {
        let message = "The provided value for the input parameter 'grant_type' is not valid.";
        Self::new("unsupported_grant_type", 70_003, message)
    }

    /// No directory has this name.
    pub(crate) fn unknown_tenant(tenant: &str) -> Self {
        Self::invalid_request(90_002, format!("Tenant '{tenant}' not found."))
    }

    /// The simulator itself failed.
    pub(crate) fn server_error() -> Self {
        Self::new("server_error", 90_033, "A transient error has occurred.")
    }

    /// An error that a fault rule asks for.
    pub(crate) fn injected(status: StatusCode, error: Option<String>, code: Option<u32>) -> Self {
        Self {
            status,
            error: error.unwrap_or_else(|| "temporarily_unavailable".to_owned()),
            code: code.unwrap_or(90_006),
            message: "Injected by a fault rule.".to_owned(),
        }
    }

    /// The answer, dated.
    pub(crate) fn at(&self, now: Timestamp) -> Response {
        let (trace, correlation) = (Uuid::new_v4(), Uuid::new_v4());
        let timestamp = now.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
        let body = json!({
            "error": self.error,
            "error_description": format!(
                "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}",
                self.code, self.message
            ),
            "error_codes": [self.code],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.code),
        });
        (
            self.status,
            [(header::CACHE_CONTROL, "no-store")],
            Json(body),
        )
            .into_response()
    }
}

impl From<StorageError> for TokenError {
    fn from(error: StorageError) -> Self {
        tracing::error!(error = %error, "the simulated Microsoft failed to keep a grant");
        Self::server_error()
    }
}
