//! Graph's errors (Learn: Graph error responses; the codes that start with
//! `Error` are Exchange's). The body is completed by [`Trace`](super::Trace),
//! which knows the request's ids.

use std::borrow::Cow;

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::microsoft::journal::StorageError;

const CHALLENGE: &str = "Bearer realm=\"\", client_id=\"00000003-0000-0000-c000-000000000000\"";

/// Asks for a new sign-in (Learn: claims-challenge). The claims are
/// `{"access_token":{"nbf":{"essential":true}}}`.
const CLAIMS_CHALLENGE: &str = "Bearer realm=\"\", error=\"insufficient_claims\", claims=\"eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZX19fQ==\"";

/// A status with `error.code` and `error.message`.
#[derive(Clone, Debug)]
pub(crate) struct GraphError {
    pub status: StatusCode,
    pub code: Cow<'static, str>,
    pub message: Cow<'static, str>,
    /// A further header.
    pub header: Option<(header::HeaderName, &'static str)>,
}

impl GraphError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            header: None,
        }
    }

    /// The token is missing, unknown, expired or revoked.
    pub(crate) fn unauthorized(message: &'static str) -> Self {
        let error = Self::new(
            StatusCode::UNAUTHORIZED,
            "InvalidAuthenticationToken",
            message,
        );
        Self {
            header: Some((header::WWW_AUTHENTICATE, CHALLENGE)),
            ..error
        }
    }

    /// A permission is missing.
    pub(crate) fn access_denied() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "ErrorAccessDenied",
            "Access is denied. Check credentials and try again.",
        )
    }

    /// The person has no mailbox that can be used.
    pub(crate) fn no_mailbox() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "MailboxNotEnabledForRESTAPI",
            "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
        )
    }

    /// More than four requests at once for one mailbox.
    pub(crate) fn too_many_at_once() -> Self {
        let error = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "ApplicationThrottled",
            "Application is over its MailboxConcurrency limit.",
        );
        Self {
            header: Some((header::RETRY_AFTER, "1")),
            ..error
        }
    }

    /// The event does not exist, or its id is of the other format.
    pub(crate) fn item_not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "ErrorItemNotFound",
            "The specified object was not found in the store.",
        )
    }

    /// The id is none of ours.
    pub(crate) fn malformed_id() -> Self {
        Self::bad("ErrorInvalidIdMalformed", "Id is malformed.")
    }

    /// `If-Match` names another version.
    pub(crate) fn changed_meanwhile() -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "ErrorIrresolvableConflict",
            "The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.",
        )
    }

    /// A `transactionId` was used for another event; 400 or 409 by the settings.
    pub(crate) fn duplicate_transaction(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::CONFLICT);
        Self::new(
            status,
            "ErrorDuplicateTransactionId",
            "The transaction id was used for an event with other content.",
        )
    }

    /// A time zone that Graph does not know.
    pub(crate) fn unknown_time_zone(name: &str) -> Self {
        let message = format!(
            "A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name}'."
        );
        Self::bad("TimeZoneNotSupportedException", message)
    }

    /// The body is not JSON.
    pub(crate) fn unreadable_body() -> Self {
        Self::bad(
            "BadRequest",
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
        )
    }

    /// The body has a property of the wrong name or type.
    pub(crate) fn body_property(message: impl Into<Cow<'static, str>>) -> Self {
        Self::bad("RequestBodyRead", message)
    }

    /// The body's values contradict each other.
    pub(crate) fn property_validation(message: impl Into<Cow<'static, str>>) -> Self {
        Self::bad("ErrorPropertyValidationFailure", message)
    }

    /// The query cannot be read.
    pub(crate) fn query(message: impl Into<Cow<'static, str>>) -> Self {
        Self::bad("RequestBroker--ParseUri", message)
    }

    /// The filter cannot be read, or is not simulated.
    pub(crate) fn filter() -> Self {
        Self::bad(
            "ErrorInvalidUrlQueryFilter",
            "The query filter contains one or more invalid nodes.",
        )
    }

    /// Any other refusal of what was asked.
    pub(crate) fn bad(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// No such address under `/v1.0`.
    pub(crate) fn unknown_segment(path: &str) -> Self {
        let message = format!("Resource not found for the segment '{path}'.");
        Self::new(StatusCode::NOT_FOUND, "BadRequest", message)
    }

    /// The address exists, the method does not.
    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "Request_BadRequest",
            "Specified HTTP method is not allowed for the request target.",
        )
    }

    /// The body is larger than Graph takes (4 MB).
    pub(crate) fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "ErrorMessageSizeExceeded",
            "The message exceeds the maximum supported size.",
        )
    }

    /// An error that a fault rule asks for; without a code, the usual one. The
    /// code `insufficient_claims` with 401 is a claims challenge.
    pub(crate) fn injected(status: StatusCode, code: Option<String>) -> Self {
        let usual = match status.as_u16() {
            401 => "InvalidAuthenticationToken",
            403 => "ErrorAccessDenied",
            404 => "ErrorItemNotFound",
            412 => "ErrorIrresolvableConflict",
            429 => "ApplicationThrottled",
            503 => "serviceNotAvailable",
            504 => "UnknownError",
            _ => "generalException",
        };
        let header = match (status.as_u16(), code.as_deref()) {
            (401, Some("insufficient_claims")) => {
                Some((header::WWW_AUTHENTICATE, CLAIMS_CHALLENGE))
            }
            (401, _) => Some((header::WWW_AUTHENTICATE, CHALLENGE)),
            _ => None,
        };
        let code = code.filter(|code| code != "insufficient_claims");
        Self {
            code: code.map_or(Cow::Borrowed(usual), Cow::Owned),
            header,
            ..Self::new(status, usual, "Injected by a fault rule.")
        }
    }
}

impl From<StorageError> for GraphError {
    fn from(error: StorageError) -> Self {
        tracing::error!(error = %error, "the simulated Microsoft failed to keep a change");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "ErrorInternalServerError",
            "An internal server error occurred. The operation failed.",
        )
    }
}

impl IntoResponse for GraphError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some((name, value)) = self.header.clone() {
            let value = header::HeaderValue::from_static(value);
            response.headers_mut().insert(name, value);
        }
        response.extensions_mut().insert(self);
        response
    }
}
