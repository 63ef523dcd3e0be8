//! One error type for every answer that is not a success.
//!
//! What the client reads (`status`, `code`, `message`) and what the operator
//! reads (`internal`) are two fields, so that neither leaks into the other. The
//! constructors say the intent; conversions from the errors of the layers below
//! are here and nowhere else.

use lambda_http::http::StatusCode;
use serde_json::{Map, Value, json};

use super::jwt::TokenError;
use crate::booking::{BookingError, JointError};
use crate::field_problem::FieldProblem;
use crate::microsoft::{MicrosoftError, ScheduleError};
use crate::rentals::{FileError, InventoryError, RowsError};
use crate::secrets::SecretError;
use crate::sources::SourceError;
use crate::store::StoreError;
use crate::vapi::VapiError;
use crate::web_search::SearchError;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// An answer of 4xx or 5xx.
#[derive(Debug, thiserror::Error)]
#[error("{code}: {message}")]
pub struct HttpError {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) details: Map<String, Value>,
    #[source]
    pub(crate) internal: Option<Source>,
}

impl HttpError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            headers: Vec::new(),
            details: Map::new(),
            internal: None,
        }
    }

    /// 400: `field` of the request is missing or cannot be used.
    pub fn bad_field(field: &'static str, problem: &str) -> Self {
        Self::bad_named_field(field, problem)
    }

    /// 400: the same, of a field that the request named.
    pub(super) fn bad_named_field(field: &str, problem: &str) -> Self {
        let mut error = Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            format!("{field} {problem}."),
        );
        error.details.insert("field".into(), json!(field));
        error
    }

    /// 400: several fields cannot be used; each is told in `errors`.
    pub fn bad_fields(problems: &[FieldProblem]) -> Self {
        let Some(first) = problems.first() else {
            return Self::bad_request("The request cannot be used.");
        };
        let mut error = Self::bad_named_field(&first.field, &first.problem);
        match problems.len() {
            1 => {}
            2 => error.message.push_str(" One more field is wrong."),
            several => {
                let more = format!(" {} more fields are wrong.", several - 1);
                error.message.push_str(&more);
            }
        }
        let told = problems.iter().map(|wrong| {
            json!({
                "field": wrong.field,
                "message": format!("{} {}.", wrong.field, wrong.problem),
            })
        });
        error.with_detail("errors", told.collect())
    }

    /// 400: the cursor is none that a page of this list gave.
    pub fn bad_cursor() -> Self {
        Self::bad_field("cursor", "must be one that an earlier page gave")
    }

    /// 400: the request as a whole cannot be used.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", message)
    }

    /// 401: no credential, or a wrong one. Says nothing of which.
    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "A valid credential is needed.",
        )
        .with_header("www-authenticate", "Bearer".into())
    }

    /// 403: the credential holds, but not for this.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    /// 404: there is no such thing.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// 405: the path is known, the method is not.
    pub fn method_not_allowed(allowed: &str) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            format!("This path answers {allowed}."),
        )
        .with_header("allow", allowed.to_owned())
    }

    /// 409: the request does not fit how things are now, such as a time that is taken.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    /// 422: the request can be read, and contradicts what is known.
    pub fn unprocessable(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
    }

    /// 413: the body is larger than `limit` bytes.
    pub fn too_large(limit: usize) -> Self {
        Self::too_much(format!("The body may have at most {limit} bytes."))
    }

    /// 413: there is more in the body than is taken at once.
    pub fn too_much(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", message)
    }

    /// 415: the body is not of the media type that the route reads.
    pub fn unsupported_media_type(expected: &str) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            format!("The body must be {expected}."),
        )
    }

    /// 424: the staff member's calendar cannot be used until they act.
    fn failed_dependency(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::FAILED_DEPENDENCY, code, message)
    }

    /// 500: our fault. The client learns nothing else.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal_error",
            "Something went wrong on our side. Please try again.",
        )
        .because(source)
    }

    /// Adds a field to the body of the answer.
    #[must_use]
    pub fn with_detail(mut self, name: &str, value: Value) -> Self {
        self.details.insert(name.to_owned(), value);
        self
    }

    fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    fn because(mut self, source: impl Into<Source>) -> Self {
        self.internal = Some(source.into());
        self
    }

    /// The sentence for the person who asked.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What the operator needs to know beyond that: the cause and its causes.
    pub fn reason(&self) -> Option<String> {
        let mut cause: &dyn std::error::Error = self.internal.as_deref()?;
        let mut text = cause.to_string();
        while let Some(source) = cause.source() {
            text.push_str(", ");
            text.push_str(&source.to_string());
            cause = source;
        }
        Some(text)
    }

    /// The stable name of the error.
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl From<SecretError> for HttpError {
    fn from(error: SecretError) -> Self {
        Self::internal(error)
    }
}

impl From<TokenError> for HttpError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Unreadable
            | TokenError::Algorithm
            | TokenError::Type
            | TokenError::Critical
            | TokenError::UnknownKey
            | TokenError::Signature
            | TokenError::Claim(_) => Self::unauthorized(),
            TokenError::NoKeys => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "sign_in_unavailable",
                "Your sign-in cannot be checked right now. Please try again in a moment.",
            )
            .with_header("retry-after", "10".into()),
        }
        .because(error)
    }
}

impl From<StoreError> for HttpError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) | StoreError::Refused(_) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "storage_unavailable",
                "Our records cannot be reached right now. Please try again.",
            )
            .with_header("retry-after", "1".into())
            .because(error),
            StoreError::Changed | StoreError::Unreadable { .. } => Self::internal(error),
        }
    }
}

impl From<MicrosoftError> for HttpError {
    fn from(error: MicrosoftError) -> Self {
        match &error {
            MicrosoftError::NotConnected => Self::failed_dependency(
                "calendar_not_connected",
                "No calendar is connected for this staff member.",
            ),
            MicrosoftError::NeedsReconnect(_) => Self::failed_dependency(
                "calendar_needs_reconnect",
                "The calendar needs to be reconnected.",
            ),
            MicrosoftError::AnotherAccount => Self::failed_dependency(
                "calendar_of_another_account",
                "The event is in the calendar of an account that is not connected any more.",
            ),
            MicrosoftError::NoMailbox => Self::failed_dependency(
                "calendar_unavailable",
                "The connected account has no mailbox that can be used.",
            ),
            MicrosoftError::Gone => Self::not_found("There is no such event in the calendar."),
            MicrosoftError::Throttled { retry_after } => {
                let wait = retry_after.as_secs().max(1).to_string();
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "calendar_busy",
                    "Microsoft asks us to slow down. Please try again in a moment.",
                )
                .with_header("retry-after", wait)
            }
            MicrosoftError::TimedOut => Self::new(
                StatusCode::GATEWAY_TIMEOUT,
                "calendar_timeout",
                "Microsoft took too long to answer. Please try again.",
            ),
            MicrosoftError::Refused { .. }
            | MicrosoftError::Unreachable(_)
            | MicrosoftError::Unreadable(_)
            | MicrosoftError::Operator { .. } => Self::new(
                StatusCode::BAD_GATEWAY,
                "calendar_failed",
                "Microsoft could not answer. Please try again.",
            ),
            MicrosoftError::Store(_) | MicrosoftError::Secret(_) | MicrosoftError::Sealing(_) => {
                return match error {
                    MicrosoftError::Store(error) => error.into(),
                    other => Self::internal(other),
                };
            }
        }
        .because(error)
    }
}

impl From<SearchError> for HttpError {
    fn from(error: SearchError) -> Self {
        match &error {
            SearchError::Off => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "web_search_off",
                "Web search is not switched on here.",
            ),
            SearchError::Busy => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "web_search_busy",
                "The web is being searched as often as it may be. Please try again in a moment.",
            )
            .with_header("retry-after", "1".into()),
            SearchError::Paused { .. } => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "web_search_paused",
                "Web search is not working right now. Please try again later.",
            )
            .with_header("retry-after", "60".into()),
            SearchError::TimedOut => Self::new(
                StatusCode::GATEWAY_TIMEOUT,
                "web_search_timeout",
                "The search engine took too long to answer. Please try again.",
            ),
            SearchError::Blocked { .. }
            | SearchError::Refused { .. }
            | SearchError::Unreachable(_)
            | SearchError::Unreadable => Self::new(
                StatusCode::BAD_GATEWAY,
                "web_search_failed",
                "The search engine could not answer. This does not mean that there are no \
                 rentals.",
            ),
            SearchError::Store(_) | SearchError::Secret(_) => {
                return match error {
                    SearchError::Store(error) => error.into(),
                    other => Self::internal(other),
                };
            }
        }
        .because(error)
    }
}

impl From<VapiError> for HttpError {
    fn from(error: VapiError) -> Self {
        match &error {
            VapiError::Unauthorized => Self::new(
                StatusCode::BAD_GATEWAY,
                "vapi_key_refused",
                "VAPI does not accept our API key, or there is none.",
            ),
            VapiError::Throttled { retry_after } => {
                let wait = retry_after.unwrap_or_default().as_secs().max(1);
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "vapi_busy",
                    "VAPI asks us to slow down. Please try again in a moment.",
                )
                .with_header("retry-after", wait.to_string())
            }
            VapiError::NotFound
            | VapiError::Refused { .. }
            | VapiError::Unavailable(_)
            | VapiError::Unreadable(_) => Self::new(
                StatusCode::BAD_GATEWAY,
                "vapi_failed",
                "VAPI could not answer. Please try again.",
            ),
        }
        .because(error)
    }
}

impl From<InventoryError> for HttpError {
    fn from(error: InventoryError) -> Self {
        match error {
            InventoryError::Store(error) => error.into(),
            InventoryError::Missing => Self::not_found("There is no such rental."),
            InventoryError::NoAddress => Self::bad_field("property_address", "is missing"),
            InventoryError::Listed(id) => Self::conflict(
                "rental_exists",
                "There is a rental at this address of this website. Change that one.",
            )
            .with_detail("id", json!(id)),
            InventoryError::Stale => Self::conflict(
                "rental_changed",
                "Somebody else changed this rental. Read it again, and change what is there now.",
            ),
            InventoryError::KnownBy(field) => Self::bad_field(
                field,
                "cannot become another one; add a new rental for that",
            ),
        }
    }
}

impl From<FileError> for HttpError {
    fn from(error: FileError) -> Self {
        match &error {
            FileError::TooManyRows(limit) => Self::too_much(format!(
                "At most {limit} rows are taken at once. Send the file in parts, as the command \
                 rentals import does."
            )),
            FileError::NotJson => Self::bad_request("The body is not JSON."),
            FileError::NoList => Self::bad_request("The body must be a list of rentals."),
            FileError::Rows(RowsError::NoAddress) => Self::bad_request(
                "No column is an address. Name one property_address in the first line.",
            ),
            FileError::Rows(RowsError::Unreadable(_)) => Self::bad_request("The file is not CSV."),
        }
        .because(error)
    }
}

impl From<SourceError> for HttpError {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Store(error) => error.into(),
            SourceError::Missing => Self::not_found("There is no such source."),
            SourceError::Differs => Self::conflict(
                "source_exists",
                "This address is a source already, with another kind, website or location. \
                 Remove that one first.",
            ),
            SourceError::TooMany => Self::conflict(
                "too_many_sources",
                "There are as many sources as one staff member may have. Remove one first.",
            ),
            SourceError::Busy => Self::conflict(
                "source_busy",
                "This source is being refreshed, or was within the last minute.",
            ),
        }
    }
}

impl From<BookingError> for HttpError {
    fn from(error: BookingError) -> Self {
        match error {
            BookingError::Calendar(error) => error.into(),
            BookingError::Store(error) => error.into(),
            BookingError::Unknown(error) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "outcome_unknown",
                "It is not known yet whether this was recorded. Please look again in a moment.",
            )
            .with_header("retry-after", "5".into())
            .because(error),
            BookingError::Busy => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "calendar_busy",
                "Many bookings are being made for this calendar. Please try again.",
            )
            .with_header("retry-after", "1".into()),
        }
    }
}

impl From<JointError> for HttpError {
    fn from(error: JointError) -> Self {
        let (user, answer) = match error {
            JointError::Staff { user, source } => {
                let mut answer = Self::from(source);
                answer.message = format!("For {user}: {}", answer.message);
                (user, answer)
            }
            JointError::Schedule { user, source } => {
                let answer = match &source {
                    ScheduleError::Refused(_) => Self::failed_dependency(
                        "calendar_unreadable",
                        format!("Microsoft does not tell when {user} is free."),
                    ),
                    ScheduleError::Missing | ScheduleError::Unreadable(_) => Self::new(
                        StatusCode::BAD_GATEWAY,
                        "calendar_failed",
                        format!(
                            "Microsoft did not clearly tell when {user} is free. Please try again."
                        ),
                    ),
                };
                let cause = JointError::Schedule {
                    user: user.clone(),
                    source,
                };
                (user, answer.because(cause))
            }
            JointError::OtherOrganisation { user, lead } => {
                let message = format!(
                    "{user} is of another organisation than {lead}, so Microsoft does not tell when both are free."
                );
                (user, Self::unprocessable("other_organisation", message))
            }
        };
        answer.with_detail("user_id", json!(user))
    }
}
