//! How a sign-in can end: what it means, and where the browser goes.

use jiff::Timestamp;
use lambda_http::http::StatusCode;
use shared::http::{HttpError, Response, html, html_form, see_other};
use shared::microsoft::{MicrosoftError, Refusal, SignInError};

use crate::page;

/// The end of a sign-in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Connected {
        user: String,
        email: String,
    },
    /// Another account signed in than was expected; the person has to say.
    OtherAccount(Question),
    /// The person did not mean the other account.
    Kept,
    /// The state is missing, used, or too old.
    Stale,
    /// Another browser began this sign-in.
    OtherBrowser,
    /// The code is used, too old, or of another sign-in.
    StartAgain,
    /// The person left, or an administrator must approve: Microsoft does not say.
    Declined,
    /// An administrator must approve.
    ApprovalNeeded,
    /// An administrator approved.
    Approved,
    /// An administrator did not.
    NotApproved,
    /// The person is not among those who may use this application.
    NotAssigned,
    /// A policy of the organisation forbids it.
    BlockedByPolicy,
    /// The account is switched off.
    AccountDisabled,
    /// Microsoft wants another proof of who it is.
    SignInAgain,
    /// The person did not grant the calendar.
    NoCalendarScope,
    /// The account has no mailbox that can be used.
    NoMailbox,
    /// Microsoft did not answer properly.
    MicrosoftFailed,
    /// Our registration at Microsoft is at fault, or we are.
    OurFault,
}

/// Which account the person meant.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) user: String,
    pub(super) signed_in: String,
    pub(super) expected: String,
    /// Whether the expected one is connected, or was only suggested.
    pub(super) is_connected: bool,
    /// What the answer names the held sign-in by.
    pub(super) token: String,
}

/// The links that a page may offer to the browser that began the sign-in.
#[derive(Debug, Default)]
pub(super) struct Ways {
    /// To begin once more.
    pub(super) again: Option<String>,
    /// For an administrator.
    pub(super) approval: Option<String>,
}

impl Ending {
    /// What an `error` on the redirect URI means.
    pub(super) fn of_callback_error(error: &str, now: Timestamp) -> Self {
        Self::of_class(Refusal::of_callback(error, now))
    }

    /// What it means that a code was not exchanged.
    pub(super) fn of_refusal(error: &SignInError) -> Self {
        match error {
            SignInError::Refused { refusal, .. } => Self::of_class(*refusal),
            SignInError::Foreign => Self::StartAgain,
            SignInError::Failed(error) => Self::of_failure(error),
        }
    }

    fn of_class(refusal: Refusal) -> Self {
        match refusal {
            Refusal::StartAgain => Self::StartAgain,
            Refusal::SignInAgain => Self::SignInAgain,
            Refusal::BlockedByPolicy => Self::BlockedByPolicy,
            Refusal::AccountDisabled => Self::AccountDisabled,
            Refusal::Declined => Self::Declined,
            Refusal::ApprovalNeeded => Self::ApprovalNeeded,
            Refusal::NotAssigned => Self::NotAssigned,
            Refusal::Passing => Self::MicrosoftFailed,
            Refusal::Operator => Self::OurFault,
        }
    }

    /// What it means that a granted calendar could not be connected.
    pub(super) fn of_failure(error: &MicrosoftError) -> Self {
        match error {
            MicrosoftError::NeedsReconnect(_) => Self::SignInAgain,
            MicrosoftError::NoMailbox | MicrosoftError::Gone => Self::NoMailbox,
            // The scopes were granted, so it is the organisation that forbids it.
            MicrosoftError::Refused { .. } => Self::BlockedByPolicy,
            MicrosoftError::Throttled { .. }
            | MicrosoftError::TimedOut
            | MicrosoftError::Unreachable(_)
            | MicrosoftError::Unreadable(_) => Self::MicrosoftFailed,
            MicrosoftError::NotConnected
            | MicrosoftError::AnotherAccount
            | MicrosoftError::Operator { .. }
            | MicrosoftError::Store(_)
            | MicrosoftError::Secret(_)
            | MicrosoftError::Sealing(_) => Self::OurFault,
        }
    }

    /// A page, or the way back to the page that asked for the sign-in.
    pub(super) fn answer(
        &self,
        redirect_url: Option<&str>,
        ways: &Ways,
    ) -> Result<Response, HttpError> {
        let page = page::of(self, ways);
        if matches!(self, Self::OtherAccount(_)) {
            return Ok(html_form(self.status(), page, redirect_url));
        }
        match redirect_url.and_then(|url| url::Url::parse(url).ok()) {
            Some(mut url) => {
                let mut pairs = url.query_pairs_mut();
                match self.reason() {
                    None => pairs.append_pair("calendar", "connected"),
                    Some(reason) => pairs
                        .append_pair("calendar", "failed")
                        .append_pair("reason", reason),
                };
                drop(pairs);
                see_other(url.as_str())
            }
            None => Ok(html(self.status(), page)),
        }
    }

    /// Why nothing was connected, for programs.
    fn reason(&self) -> Option<&'static str> {
        Some(match self {
            Self::Connected { .. } => return None,
            Self::OtherAccount(_) | Self::Kept => "other_account",
            Self::Stale => "expired",
            Self::OtherBrowser => "other_browser",
            Self::StartAgain => "start_again",
            Self::Declined => "declined",
            Self::ApprovalNeeded => "approval_needed",
            Self::Approved => "approved",
            Self::NotApproved => "not_approved",
            Self::NotAssigned => "not_assigned",
            Self::BlockedByPolicy => "blocked_by_policy",
            Self::AccountDisabled => "account_disabled",
            Self::SignInAgain => "sign_in_again",
            Self::NoCalendarScope => "calendar_not_granted",
            Self::NoMailbox => "no_mailbox",
            Self::MicrosoftFailed => "microsoft_failed",
            Self::OurFault => "our_fault",
        })
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Connected { .. } | Self::Approved | Self::Kept => StatusCode::OK,
            Self::OtherAccount(_) => StatusCode::CONFLICT,
            Self::Stale
            | Self::StartAgain
            | Self::SignInAgain
            | Self::NoCalendarScope
            | Self::NoMailbox => StatusCode::BAD_REQUEST,
            Self::OtherBrowser
            | Self::Declined
            | Self::ApprovalNeeded
            | Self::NotApproved
            | Self::NotAssigned
            | Self::BlockedByPolicy
            | Self::AccountDisabled => StatusCode::FORBIDDEN,
            Self::MicrosoftFailed => StatusCode::BAD_GATEWAY,
            Self::OurFault => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_the_callback_has_its_end() {
        for (error, expected) in [
            ("access_denied", Ending::Declined),
            ("consent_required", Ending::Declined),
            ("login_required", Ending::SignInAgain),
            ("interaction_required", Ending::SignInAgain),
            ("server_error", Ending::MicrosoftFailed),
            ("temporarily_unavailable", Ending::MicrosoftFailed),
            ("invalid_request", Ending::OurFault),
            ("unauthorized_client", Ending::OurFault),
            ("unsupported_response_type", Ending::OurFault),
            ("invalid_resource", Ending::OurFault),
            ("<script>", Ending::OurFault),
        ] {
            assert_eq!(
                Ending::of_callback_error(error, Timestamp::UNIX_EPOCH),
                expected,
                "{error}"
            );
        }
    }

    #[test]
    fn a_page_that_asked_is_told_how_it_ended() {
        let back = Some("https://crm.example.com/settings?tab=calendar");
        let location = |ending: Ending| {
            let response = ending.answer(back, &Ways::default()).unwrap();
            response.headers()["location"].to_str().unwrap().to_owned()
        };
        let connected = Ending::Connected {
            user: "dana".to_owned(),
            email: "dana@example.com".to_owned(),
        };
        let base = "https://crm.example.com/settings?tab=calendar&calendar=";
        assert_eq!(location(connected), format!("{base}connected"));
        assert_eq!(
            location(Ending::Declined),
            format!("{base}failed&reason=declined")
        );
    }

    #[test]
    fn the_question_is_asked_before_the_browser_goes_on_to_the_page_that_asked() {
        let ending = Ending::OtherAccount(Question {
            user: "dana".to_owned(),
            signed_in: "pat@example.com".to_owned(),
            expected: "dana@example.com".to_owned(),
            is_connected: true,
            token: "token".to_owned(),
        });
        let back = Some("https://crm.example.com/settings?tab=calendar");
        let response = ending.answer(back, &Ways::default()).unwrap();
        assert_eq!(response.status(), StatusCode::CONFLICT);
        let policy = response.headers()["content-security-policy"]
            .to_str()
            .unwrap();
        let targets = "form-action 'self' https://crm.example.com;";
        assert!(policy.contains(targets), "{policy}");
    }
}
