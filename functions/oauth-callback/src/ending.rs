//! How a sign-in can end, and the page for each.

use lambda_http::http::StatusCode;
use shared::http::pages::{Page, Tone};
use shared::http::{HttpError, Response, html, see_other};
use shared::microsoft::MicrosoftError;

/// The end of a sign-in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Connected {
        email: String,
    },
    /// The state is missing, used, or too old.
    Stale,
    /// Another browser began this sign-in.
    OtherBrowser,
    /// The person, or a policy of their organisation, said no.
    Declined,
    /// Microsoft wants the person to do something first.
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

impl Ending {
    /// What an `error` on the callback means (Microsoft Learn, "OAuth 2.0
    /// authorization code flow", error codes of the authorization endpoint).
    pub(super) fn of_callback_error(error: &str) -> Self {
        match error {
            "access_denied" | "consent_required" => Self::Declined,
            "login_required" | "interaction_required" => Self::SignInAgain,
            "server_error" | "temporarily_unavailable" => Self::MicrosoftFailed,
            _ => {
                tracing::error!(error = %code_only(error), "Microsoft refused a sign-in");
                Self::OurFault
            }
        }
    }

    pub(super) fn of_failure(error: &MicrosoftError) -> Self {
        match error {
            MicrosoftError::NeedsReconnect(_) => Self::SignInAgain,
            MicrosoftError::Gone => Self::NoMailbox,
            MicrosoftError::Refused { .. } => Self::NoCalendarScope,
            MicrosoftError::Throttled { .. }
            | MicrosoftError::TimedOut
            | MicrosoftError::Unreachable(_)
            | MicrosoftError::Unreadable(_) => Self::MicrosoftFailed,
            MicrosoftError::NotConnected
            | MicrosoftError::Operator { .. }
            | MicrosoftError::Store(_)
            | MicrosoftError::Secret(_)
            | MicrosoftError::Sealing(_) => Self::OurFault,
        }
    }

    /// A page, or the way back to the page that asked for the sign-in.
    pub(super) fn answer(&self, redirect_url: Option<&str>) -> Result<Response, HttpError> {
        match redirect_url.and_then(|url| url::Url::parse(url).ok()) {
            Some(mut url) => {
                match self {
                    Self::Connected { .. } => {
                        url.query_pairs_mut().append_pair("calendar", "connected");
                    }
                    _ => {
                        url.query_pairs_mut()
                            .append_pair("calendar", "failed")
                            .append_pair("reason", self.reason());
                    }
                }
                see_other(url.as_str())
            }
            None => Ok(html(self.status(), self.page())),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Connected { .. } => "connected",
            Self::Stale => "expired",
            Self::OtherBrowser => "other_browser",
            Self::Declined => "declined",
            Self::SignInAgain => "sign_in_again",
            Self::NoCalendarScope => "calendar_not_granted",
            Self::NoMailbox => "no_mailbox",
            Self::MicrosoftFailed => "microsoft_failed",
            Self::OurFault => "our_fault",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Connected { .. } => StatusCode::OK,
            Self::Stale | Self::SignInAgain | Self::NoCalendarScope | Self::NoMailbox => {
                StatusCode::BAD_REQUEST
            }
            Self::OtherBrowser | Self::Declined => StatusCode::FORBIDDEN,
            Self::MicrosoftFailed => StatusCode::BAD_GATEWAY,
            Self::OurFault => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn page(&self) -> String {
        let start_again = "Open the link that you were sent once more. If it has expired, ask for a \
                           new one.";
        let (title, paragraphs): (&str, Vec<&str>) = match self {
            Self::Connected { email } => {
                return Page {
                    tone: Tone::Success,
                    title: "Your calendar is connected",
                    paragraphs: &[
                        &format!("Viewings will be booked into the calendar of {email}."),
                        "You can close this page. Nothing else is needed.",
                    ],
                    action: None,
                }
                .render();
            }
            Self::Stale => (
                "This sign-in is over",
                vec![
                    "It was finished before, or it took longer than ten minutes.",
                    start_again,
                ],
            ),
            Self::OtherBrowser => (
                "This sign-in was begun elsewhere",
                vec![
                    "For your safety, a sign-in has to be finished in the browser in which it was \
                     begun. Nothing was connected.",
                    start_again,
                ],
            ),
            Self::Declined => (
                "Your calendar was not connected",
                vec![
                    "The sign-in was cancelled, or your organisation wants an administrator to \
                     approve this app first.",
                    "If you cancelled by mistake, open the link once more and accept. If you were \
                     asked for approval, please pass that on to your administrator.",
                ],
            ),
            Self::SignInAgain => (
                "Microsoft asks you to sign in again",
                vec![
                    "Your organisation may want another proof that it is you.",
                    start_again,
                ],
            ),
            Self::NoCalendarScope => (
                "The calendar was left out",
                vec![
                    "You signed in, but did not allow the use of your calendar, so viewings cannot \
                     be booked.",
                    "Open the link once more and leave all boxes ticked.",
                ],
            ),
            Self::NoMailbox => (
                "This account has no mailbox",
                vec![
                    "You signed in with an account that has no Exchange Online mailbox yet. A new \
                     licence can take fifteen minutes.",
                    "Open the link once more and choose your work account.",
                ],
            ),
            Self::MicrosoftFailed => (
                "Microsoft did not answer",
                vec!["Nothing was connected. This usually passes.", start_again],
            ),
            Self::OurFault => (
                "Something went wrong on our side",
                vec![
                    "Nothing was connected, and there is nothing for you to put right. We look \
                      into it.",
                    start_again,
                ],
            ),
        };
        Page {
            tone: Tone::Problem,
            title,
            paragraphs: &paragraphs,
            action: None,
        }
        .render()
    }
}

/// An error code as far as it is one; what came in the query could be anything.
fn code_only(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .take(40)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_the_callback_has_its_page() {
        for (error, expected) in [
            ("access_denied", Ending::Declined),
            ("consent_required", Ending::Declined),
            ("login_required", Ending::SignInAgain),
            ("interaction_required", Ending::SignInAgain),
            ("server_error", Ending::MicrosoftFailed),
            ("temporarily_unavailable", Ending::MicrosoftFailed),
            ("invalid_request", Ending::OurFault),
            ("unauthorized_client", Ending::OurFault),
            ("<script>", Ending::OurFault),
        ] {
            assert_eq!(Ending::of_callback_error(error), expected, "{error}");
        }
    }

    #[test]
    fn a_page_that_asked_is_told_how_it_ended() {
        let back = Some("https://crm.example.com/settings?tab=calendar");
        let location = |ending: Ending| {
            let response = ending.answer(back).unwrap();
            response.headers()["location"].to_str().unwrap().to_owned()
        };
        let connected = Ending::Connected {
            email: "dana@example.com".to_owned(),
        };
        let base = "https://crm.example.com/settings?tab=calendar&calendar=";
        assert_eq!(location(connected), format!("{base}connected"));
        assert_eq!(
            location(Ending::Declined),
            format!("{base}failed&reason=declined")
        );
    }
}
