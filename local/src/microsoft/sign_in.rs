//! How a sign-in ends: with tokens, with a question, or with an error of the login
//! authority. Which of them, the account says, the control API, or whoever sits at
//! the sign-in page.
//!
//! The errors are those of Learn, "Microsoft identity platform error codes". Which
//! `error` belongs to a number, and where it shows, is documented for few of them;
//! the rest is what the number's meaning suggests.

use serde::{Deserialize, Serialize};

/// What happens when an account is chosen on the sign-in page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignIn {
    /// It ends with a code.
    #[default]
    Allowed,
    /// The person is asked to consent, once; then it ends with a code.
    AsksConsent,
    /// An administrator of the directory has to approve first (90094).
    NeedsApproval,
    /// It ends with the error of that AADSTS number.
    Refused(u32),
}

/// An error by its AADSTS number.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct SignInError {
    pub number: u32,
    /// The OAuth error.
    pub error: &'static str,
    pub meaning: &'static str,
    /// Where it usually shows.
    pub place: Place,
}

/// Where an error shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Place {
    /// On a page of Microsoft, and the application never hears of it.
    Page,
    /// On the redirect URI.
    Callback,
    /// When the code is redeemed.
    Token,
}

impl Place {
    /// The place of that name, as forms send it.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "page" => Some(Self::Page),
            "callback" => Some(Self::Callback),
            "token" => Some(Self::Token),
            _ => None,
        }
    }
}

impl SignIn {
    /// What forms send: a state by its name, or the number of an error.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "allowed" => Some(Self::Allowed),
            "asks_consent" => Some(Self::AsksConsent),
            "needs_approval" => Some(Self::NeedsApproval),
            number => {
                SignInError::of(number.parse().ok()?).map(|error| Self::Refused(error.number))
            }
        }
    }

    /// Whether it can happen: the number of an error has to be known.
    pub(super) fn is_known(self) -> bool {
        match self {
            Self::Refused(number) => SignInError::of(number).is_some(),
            Self::Allowed | Self::AsksConsent | Self::NeedsApproval => true,
        }
    }
}

impl SignInError {
    /// The error of that number.
    pub(super) fn of(number: u32) -> Option<Self> {
        ERRORS.iter().find(|error| error.number == number).copied()
    }

    /// All of them, by what the application has to do.
    pub(super) fn all() -> &'static [Self] {
        &ERRORS
    }

    /// The sub-code that comes with it: the person left the page.
    pub(super) fn subcode(&self) -> Option<&'static str> {
        matches!(self.number, 65_004 | 90_094).then_some("cancel")
    }
}

const fn row(number: u32, error: &'static str, place: Place, meaning: &'static str) -> SignInError {
    SignInError {
        number,
        error,
        meaning,
        place,
    }
}

#[rustfmt::skip]
static ERRORS: [SignInError; 51] = {
    use Place::{Callback, Page, Token};
    [
        // The person signs in again.
        row(65_001, "invalid_grant", Token, "Consent is missing"),
        row(50_058, "login_required", Callback, "Nobody is signed in"),
        row(50_074, "interaction_required", Token, "Strong authentication is required"),
        row(50_076, "interaction_required", Token, "Multi-factor authentication is required"),
        row(50_078, "interaction_required", Token, "Multi-factor authentication has expired"),
        row(50_079, "interaction_required", Token, "Multi-factor authentication has to be set up"),
        row(70_008, "invalid_grant", Token, "The code or refresh token has expired"),
        row(700_082, "invalid_grant", Token, "The refresh token has expired by inactivity"),
        row(50_173, "invalid_grant", Token, "The grant was revoked"),
        row(70_043, "invalid_grant", Token, "The sign-in frequency is over"),
        row(700_084, "invalid_grant", Token, "The refresh token of a single page app has expired"),
        row(50_132, "invalid_grant", Token, "The session is not valid"),
        row(50_133, "invalid_grant", Token, "The session has expired"),
        row(50_089, "invalid_grant", Token, "The flow token has expired"),
        row(53_000, "interaction_required", Token, "The device is not compliant"),
        row(53_001, "interaction_required", Token, "The device is not joined to the domain"),
        row(53_002, "interaction_required", Token, "The app is not an approved one"),
        row(53_003, "interaction_required", Token, "Access is blocked by Conditional Access"),
        row(50_057, "invalid_grant", Token, "The account is disabled"),
        // The connection is begun again.
        row(54_005, "invalid_grant", Token, "The code was redeemed before"),
        row(501_481, "invalid_grant", Token, "The code verifier does not match"),
        row(700_005, "invalid_grant", Token, "The code is for another tenant"),
        // A person or an administrator decides.
        row(65_004, "access_denied", Callback, "The person declined to consent"),
        row(90_094, "access_denied", Callback, "An administrator has to consent"),
        row(90_095, "consent_required", Callback, "An administrator has to consent to a request"),
        row(50_105, "access_denied", Callback, "The person is not assigned to the app"),
        // The operator of the application is to blame.
        row(7_000_222, "invalid_client", Token, "The client secret has expired"),
        row(7_000_215, "invalid_client", Token, "The client secret is wrong"),
        row(70_002, "invalid_client", Token, "The client could not be validated"),
        row(7_000_218, "invalid_client", Token, "The client secret is missing"),
        row(700_016, "unauthorized_client", Token, "The app is not in the directory"),
        row(700_025, "invalid_client", Token, "The client is public, and sent a secret"),
        row(7_000_112, "unauthorized_client", Token, "The app is disabled"),
        row(70_001, "unauthorized_client", Token, "The app is disabled or not known"),
        row(50_011, "invalid_request", Page, "The redirect URI is not registered"),
        row(50_194, "invalid_request", Page, "The app is not configured for /common"),
        row(90_002, "invalid_request", Page, "The tenant does not exist"),
        row(70_011, "invalid_scope", Token, "A scope is not valid"),
        row(28_002, "invalid_scope", Token, "A scope is not valid for the token"),
        row(700_022, "invalid_request", Callback, "Scopes of several resources are mixed"),
        row(500_011, "invalid_resource", Callback, "The resource is not in the directory"),
        row(900_144, "invalid_request", Callback, "A parameter is missing"),
        // It passes.
        row(90_006, "temporarily_unavailable", Token, "The service is not available"),
        row(90_012, "temporarily_unavailable", Token, "The request has timed out"),
        row(90_024, "temporarily_unavailable", Callback, "The request could not be processed"),
        row(90_033, "server_error", Callback, "A transient error has occurred"),
        row(90_055, "temporarily_unavailable", Token, "There are too many requests"),
        row(90_090, "server_error", Token, "The grant could not be processed"),
        row(50_033, "server_error", Token, "A retryable error has occurred"),
        row(50_087, "server_error", Callback, "A transient error has occurred at the home tenant"),
        // The application must stop.
        row(50_196, "invalid_grant", Token, "The client asks in a loop"),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_there_once_and_known_by_name() {
        let mut numbers: Vec<u32> = ERRORS.iter().map(|error| error.number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), ERRORS.len());
        for number in numbers {
            let named = SignIn::named(&number.to_string());
            assert_eq!(named, Some(SignIn::Refused(number)));
        }
        for unknown in ["", "1", "refused", "-50076"] {
            assert_eq!(SignIn::named(unknown), None, "{unknown}");
        }
    }
}
