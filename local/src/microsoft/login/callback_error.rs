//! What an application reads on its redirect URI when a sign-in fails.

use crate::faults::Effect;
use crate::microsoft::{journal::StorageError, sign_in::SignInError};

/// `error`, `error_subcode` and `error_description` on the redirect URI.
#[derive(Clone, Debug)]
pub(crate) struct CallbackError {
    error: String,
    subcode: Option<String>,
    description: String,
}

impl CallbackError {
    fn new(error: &str, description: impl std::fmt::Display) -> Self {
        Self {
            error: error.to_owned(),
            subcode: None,
            description: description.to_string(),
        }
    }

    /// An error of the table.
    pub(super) fn of(error: &SignInError) -> Self {
        let SignInError {
            number, meaning, ..
        } = error;
        Self {
            subcode: error.subcode().map(str::to_owned),
            ..Self::new(error.error, format_args!("AADSTS{number}: {meaning}."))
        }
    }

    /// The person left the page.
    pub(super) fn cancelled() -> Self {
        Self {
            subcode: Some("cancel".to_owned()),
            ..Self::new(
                "access_denied",
                "AADSTS65004: User declined to consent to access the app.",
            )
        }
    }

    pub(super) fn invalid_request(code: u32, message: impl std::fmt::Display) -> Self {
        Self::new("invalid_request", format_args!("AADSTS{code}: {message}"))
    }

    pub(super) fn missing(parameter: &str) -> Self {
        let message = format!("The request must contain the parameter '{parameter}'.");
        Self::invalid_request(900_144, message)
    }

    pub(super) fn unsupported_response_type() -> Self {
        Self::new(
            "unsupported_response_type",
            "AADSTS700054: The response type is not enabled for the application.",
        )
    }

    /// `prompt=none`: the simulator keeps no browser session.
    pub(super) fn login_required() -> Self {
        Self::new("login_required", "AADSTS50058: No user is signed in.")
    }

    /// An error that a fault rule asks for.
    pub(crate) fn injected(effect: &Effect) -> Self {
        let Effect::Error { code, aadsts, .. } = effect else {
            return Self::new(
                "server_error",
                "AADSTS90033: A transient error has occurred.",
            );
        };
        let error = code.as_deref().unwrap_or("server_error");
        let number = aadsts.unwrap_or(90_033);
        Self::new(
            error,
            format_args!("AADSTS{number}: Injected by a fault rule."),
        )
    }

    /// The parameters, in order.
    pub(super) fn pairs(&self) -> Vec<(&str, &str)> {
        let mut pairs = vec![("error", self.error.as_str())];
        if let Some(subcode) = &self.subcode {
            pairs.push(("error_subcode", subcode));
        }
        pairs.push(("error_description", &self.description));
        pairs
    }
}

impl From<StorageError> for CallbackError {
    fn from(error: StorageError) -> Self {
        tracing::error!(error = %error, "the simulated Microsoft failed to keep a code");
        Self::new(
            "server_error",
            "AADSTS90033: A transient error has occurred.",
        )
    }
}
