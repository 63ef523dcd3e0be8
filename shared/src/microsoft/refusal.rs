//! Why Microsoft does not let somebody sign in, by what to do about it (Microsoft
//! Learn, "Microsoft identity platform error codes").
//!
//! The class comes from `error`. The AADSTS numbers beside it, which only the token
//! endpoint sends as data, refine what the person is told; a description is never
//! read.

use std::fmt;

use jiff::Timestamp;
use oauth2::ErrorResponse;
use serde::{Deserialize, Serialize};

use super::MicrosoftError;
use crate::telemetry;

/// What has to happen before the sign-in can succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The code is used, too old, or not for this sign-in: begin once more.
    StartAgain,
    /// Microsoft wants another proof of who the person is.
    SignInAgain,
    /// A policy of the organisation keeps this device or place out.
    BlockedByPolicy,
    /// The account is switched off.
    AccountDisabled,
    /// The person left the page, or was told that an administrator must approve:
    /// Microsoft does not say which.
    Declined,
    /// An administrator must approve.
    ApprovalNeeded,
    /// The person is not among those who may use this application.
    NotAssigned,
    /// Microsoft is out of order for the moment.
    Passing,
    /// Our registration is at fault, or we are.
    Operator,
}

/// Why a code was not exchanged for tokens.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Microsoft refused; the code is its `error` with the numbers beside it.
    #[error("Microsoft refused the sign-in ({code})")]
    Refused { refusal: Refusal, code: String },
    /// The id token is of another sign-in, application or organisation.
    #[error("the id token is not for this sign-in")]
    Foreign,
    #[error(transparent)]
    Failed(#[from] MicrosoftError),
}

/// The body of a refusal by the token endpoint.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct TokenRefusal {
    error: String,
    #[serde(default)]
    error_codes: Vec<u64>,
}

impl Refusal {
    /// What an `error` on the redirect URI means.
    pub fn of_callback(error: &str, now: Timestamp) -> Self {
        let refusal = Self::of(error, &[]);
        refusal.tell_operator(&code_only(error), now);
        refusal
    }

    /// Tells the operator when it is about our registration, such as an expired client
    /// secret: it stops every calendar, and no staff member can do anything about it.
    fn tell_operator(self, code: &str, now: Timestamp) {
        if self == Self::Operator {
            tracing::error!(code, "Microsoft refuses our registration");
            telemetry::metrics("microsoft", now, &[("OperatorErrors", 1)]);
        }
    }

    fn of(error: &str, numbers: &[u64]) -> Self {
        // A loop of ours is to be stopped, whatever it is called.
        if numbers.contains(&50_196) {
            return Self::Operator;
        }
        let usual = match error {
            "invalid_grant" => Self::StartAgain,
            "interaction_required" | "login_required" => Self::SignInAgain,
            "access_denied" | "consent_required" => Self::Declined,
            "temporarily_unavailable" | "server_error" => return Self::Passing,
            _ => return Self::Operator,
        };
        numbers
            .iter()
            .find_map(|number| refined(*number))
            .unwrap_or(usual)
    }
}

/// What an AADSTS number adds to an `error` that is about the person.
fn refined(number: u64) -> Option<Refusal> {
    Some(match number {
        50_074 | 50_076 | 50_078 | 50_079 | 50_132 | 50_133 | 50_173 | 70_043 => {
            Refusal::SignInAgain
        }
        53_000..=53_003 => Refusal::BlockedByPolicy,
        50_057 => Refusal::AccountDisabled,
        65_001 | 65_004 => Refusal::Declined,
        90_094 | 90_095 => Refusal::ApprovalNeeded,
        50_105 => Refusal::NotAssigned,
        _ => return None,
    })
}

/// An error code as far as it is one; what came in the query could be anything.
fn code_only(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .take(40)
        .collect()
}

impl TokenRefusal {
    /// Tells the operator when it is about our registration.
    pub(super) fn tell_operator(&self, now: Timestamp) {
        let refusal = Refusal::of(&self.error, &self.error_codes);
        refusal.tell_operator(&self.to_string(), now);
    }

    /// What it means for a sign-in.
    pub(super) fn of_code(&self) -> SignInError {
        SignInError::Refused {
            refusal: Refusal::of(&self.error, &self.error_codes),
            code: self.to_string(),
        }
    }

    /// What it means for a connection whose token was to be renewed.
    pub(super) fn of_refresh(&self) -> MicrosoftError {
        let code = self.to_string();
        match Refusal::of(&self.error, &self.error_codes) {
            Refusal::StartAgain
            | Refusal::SignInAgain
            | Refusal::BlockedByPolicy
            | Refusal::AccountDisabled
            | Refusal::Declined
            | Refusal::ApprovalNeeded
            | Refusal::NotAssigned => MicrosoftError::NeedsReconnect(code),
            Refusal::Passing => MicrosoftError::Unreachable(code),
            Refusal::Operator => MicrosoftError::Operator { code },
        }
    }
}

/// The error and its numbers, as the operator looks them up.
impl fmt::Display for TokenRefusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.error)?;
        self.error_codes
            .iter()
            .try_for_each(|number| write!(formatter, " AADSTS{number}"))
    }
}

impl ErrorResponse for TokenRefusal {}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(error: &str, numbers: &[u64]) -> TokenRefusal {
        TokenRefusal {
            error: error.to_owned(),
            error_codes: numbers.to_vec(),
        }
    }

    #[test]
    fn the_error_decides_and_the_number_refines() {
        for (error, numbers, expected) in [
            ("invalid_grant", &[][..], Refusal::StartAgain),
            ("invalid_grant", &[54_005], Refusal::StartAgain),
            ("invalid_grant", &[501_481], Refusal::StartAgain),
            ("invalid_grant", &[70_008], Refusal::StartAgain),
            ("invalid_grant", &[999_999], Refusal::StartAgain),
            ("invalid_grant", &[50_076], Refusal::SignInAgain),
            ("interaction_required", &[], Refusal::SignInAgain),
            ("login_required", &[], Refusal::SignInAgain),
            ("interaction_required", &[53_003], Refusal::BlockedByPolicy),
            ("invalid_grant", &[50_057], Refusal::AccountDisabled),
            ("access_denied", &[], Refusal::Declined),
            ("consent_required", &[], Refusal::Declined),
            ("invalid_grant", &[65_001], Refusal::Declined),
            ("consent_required", &[90_094], Refusal::ApprovalNeeded),
            ("invalid_grant", &[50_105], Refusal::NotAssigned),
            ("temporarily_unavailable", &[], Refusal::Passing),
            ("server_error", &[50_076], Refusal::Passing),
            ("invalid_client", &[7_000_222], Refusal::Operator),
            ("unauthorized_client", &[50_057], Refusal::Operator),
            ("anything else", &[], Refusal::Operator),
            ("invalid_grant", &[50_196], Refusal::Operator),
        ] {
            assert_eq!(Refusal::of(error, numbers), expected, "{error} {numbers:?}");
        }
    }

    #[test]
    fn only_what_the_person_can_put_right_marks_a_connection() {
        for (error, number, marks) in [
            ("invalid_grant", 70_008, true),
            ("invalid_grant", 50_173, true),
            ("interaction_required", 53_003, true),
            ("consent_required", 65_001, true),
            ("invalid_client", 7_000_222, false),
            ("unauthorized_client", 700_016, false),
            ("temporarily_unavailable", 90_006, false),
            ("invalid_grant", 50_196, false),
        ] {
            let means = refused(error, &[number]).of_refresh();
            let marked = matches!(means, MicrosoftError::NeedsReconnect(_));
            assert_eq!(marked, marks, "{error} {number}");
        }
    }

    #[test]
    fn an_operator_reads_the_number() {
        let shown = refused("invalid_client", &[7_000_222]).to_string();
        assert_eq!(shown, "invalid_client AADSTS7000222");
    }
}
