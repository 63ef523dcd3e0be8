//! `GET /calendar/auth/callback`: the browser comes back from Microsoft, and
//! `POST /calendar/auth/confirm`: the person says which account they meant.
//!
//! Whatever it brings, it leaves with a page that says what happened and what to
//! do next, or is sent on to the page that the sign-in was begun for.

mod ending;
mod page;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::aws::Aws;
use shared::clock::Turn;
use shared::config::{Settings, StartError};
use shared::http::{
    Access, ApiRequest, BrowserCookie, ConnectLink, Function, HttpError, Response, Routes,
};
use shared::https;
use shared::ids::UserId;
use shared::microsoft::{Accounts, Connecting, Expected, MicrosoftError, SignedIn};
use shared::store::{HeldSignIn, OAuthState, OAuthStates, SignInPurpose, StoreError};

use ending::{Ending, Question, Ways};

/// Without these, viewings cannot be booked.
const NEEDED_SCOPES: [&str; 2] = ["Calendars.ReadWrite", "MailboxSettings.Read"];

/// How long the link on a page can be opened with which the person tries again.
const AGAIN_LASTS: SignedDuration = SignedDuration::from_mins(10);

/// How long the link can be opened that goes to an administrator.
const APPROVAL_LASTS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The function that ends sign-ins.
pub struct OAuthCallback {
    access: Access,
    states: OAuthStates,
    accounts: Accounts,
    base: String,
    deadline: Duration,
}

impl Function for OAuthCallback {
    const NAME: &'static str = "OAuthCallback";

    fn start(settings: &Settings) -> Result<Self, StartError> {
        let http = https::client()?;
        let aws = Aws::new(settings, &http);
        Ok(Self {
            access: Access::new(settings, &aws)?,
            states: OAuthStates::new(settings, &aws)?,
            accounts: Accounts::new(settings, &aws, &http)?,
            base: settings.base_url("PUBLIC_BASE_URL", None)?,
            deadline: settings.milliseconds("WRITE_DEADLINE_MS", 8000)?,
        })
    }

    async fn warm(&self) {
        let sign_in = self.accounts.sign_in();
        tokio::join!(self.access.warm(), self.accounts.warm(), sign_in.warm());
    }

    fn routes() -> Routes<Self> {
        Routes::new()
            .on("GET /calendar/auth/callback", callback)
            .on("POST /calendar/auth/confirm", confirm)
    }
}

async fn callback(
    function: Arc<OAuthCallback>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let turn = request.turn(function.deadline);
    let state = match request.query("state") {
        Some(state) => function.states.take(state, turn.now).await,
        None => Ok(None),
    };
    let state = match found(state) {
        Ok(state) => state,
        Err(ending) => return ending.answer(None, &Ways::default()),
    };
    if !BrowserCookie::matches(&request, &state.browser) {
        return Ending::OtherBrowser.answer(state.redirect_url.as_deref(), &Ways::default());
    }
    let ending = match state.purpose {
        SignInPurpose::Connect => function.end(&request, &state, &turn).await,
        SignInPurpose::Approve => end_of_approval(&request, turn.now),
    };
    let ways = function.ways(&state, &turn).await;
    ending.answer(state.redirect_url.as_deref(), &ways)
}

/// The answer to the question whether another account than the expected one is
/// meant. What it is about is used up, whatever the answer.
async fn confirm(function: Arc<OAuthCallback>, request: ApiRequest) -> Result<Response, HttpError> {
    let turn = request.turn(function.deadline);
    let held = match request.form_field("token") {
        Some(token) => function.states.take_held(&token, turn.now).await,
        None => Ok(None),
    };
    let held = match found(held) {
        Ok(held) => held,
        Err(ending) => return ending.answer(None, &Ways::default()),
    };
    let redirect_url = held.redirect_url.as_deref();
    if !BrowserCookie::matches(&request, &held.browser) {
        return Ending::OtherBrowser.answer(redirect_url, &Ways::default());
    }
    let ending = if request.form_field("decision").as_deref() == Some("use") {
        let connected = function.connect_held(&held, &turn).await;
        connected.unwrap_or_else(|error| failed(&held.user_id, &error))
    } else {
        Ending::Kept
    };
    let again = ConnectLink {
        login_hint: Some(held.expected.clone()),
        ..ConnectLink::to_connect(&held.user_id, later(&turn, AGAIN_LASTS)?)
    };
    let ways = Ways {
        again: function.signed(&again).await,
        approval: None,
    };
    ending.answer(redirect_url, &ways)
}

/// What was taken out of the table, or how the sign-in ends without it.
fn found<T>(taken: Result<Option<T>, StoreError>) -> Result<T, Ending> {
    match taken {
        Ok(found) => found.ok_or(Ending::Stale),
        Err(error) => {
            tracing::error!(%error, "a sign-in could not be looked up");
            Err(Ending::OurFault)
        }
    }
}

/// An administrator comes back. It changes nothing here, and the tenant that it
/// names is not believed: staff of an organisation that approved can sign in, which
/// Microsoft decides.
fn end_of_approval(request: &ApiRequest, now: Timestamp) -> Ending {
    // A failure can say `admin_consent=True` too.
    match (request.query("error"), request.query("admin_consent")) {
        (Some(error), _) => match Ending::of_callback_error(error, now) {
            Ending::Declined => Ending::NotApproved,
            other => other,
        },
        (None, Some("True")) => Ending::Approved,
        (None, _) => Ending::Stale,
    }
}

fn failed(user: &UserId, error: &MicrosoftError) -> Ending {
    logged(Ending::of_failure(error), user, error)
}

/// What we have to put right ourselves is an error in the log.
fn logged(ending: Ending, user: &UserId, error: &dyn std::error::Error) -> Ending {
    if ending == Ending::OurFault {
        tracing::error!(user_id = %user, %error, "a calendar could not be connected");
    } else {
        tracing::warn!(user_id = %user, %error, "a calendar could not be connected");
    }
    ending
}

fn later(turn: &Turn, by: SignedDuration) -> Result<Timestamp, HttpError> {
    turn.now.checked_add(by).map_err(HttpError::internal)
}

impl OAuthCallback {
    /// Ends a sign-in of the browser that began it, whose state is used up already.
    async fn end(&self, request: &ApiRequest, state: &OAuthState, turn: &Turn) -> Ending {
        if let Some(error) = request.query("error") {
            return Ending::of_callback_error(error, turn.now);
        }
        let Some(code) = request.query("code") else {
            return Ending::Stale;
        };
        let sign_in = self.accounts.sign_in();
        let redeemed = sign_in.redeem(code, &state.code_verifier, &state.nonce, turn);
        match redeemed.await {
            Ok(signed_in) => self
                .connect(&signed_in, state, turn)
                .await
                .unwrap_or_else(|error| failed(&state.user_id, &error)),
            Err(error) => logged(Ending::of_refusal(&error), &state.user_id, &error),
        }
    }

    async fn connect(
        &self,
        signed_in: &SignedIn,
        state: &OAuthState,
        turn: &Turn,
    ) -> Result<Ending, MicrosoftError> {
        let granted = |scope: &&str| signed_in.tokens.grants(scope);
        if !NEEDED_SCOPES.iter().all(granted) {
            return Ok(Ending::NoCalendarScope);
        }
        let expected = Expected::Usual {
            login_hint: state.login_hint.as_deref(),
        };
        let user = &state.user_id;
        match self
            .accounts
            .connect(user, signed_in, expected, turn)
            .await?
        {
            Connecting::Connected(connection) => Ok(Ending::Connected {
                user: user.to_string(),
                email: connection.email,
            }),
            Connecting::OtherAccount {
                expected,
                is_connected,
            } => {
                let held = HeldSignIn {
                    token: turn.seed.token("held"),
                    user_id: user.clone(),
                    browser: state.browser.clone(),
                    sealed: self.accounts.seal(user, signed_in).await?,
                    expected,
                    redirect_url: state.redirect_url.clone(),
                    expires_at: state.expires_at,
                };
                self.states.hold(&held).await?;
                Ok(Ending::OtherAccount(Question {
                    user: held.user_id.to_string(),
                    signed_in: signed_in.identity.username.clone(),
                    expected: held.expected,
                    is_connected,
                    token: held.token,
                }))
            }
        }
    }

    async fn connect_held(&self, held: &HeldSignIn, turn: &Turn) -> Result<Ending, MicrosoftError> {
        let user = &held.user_id;
        let signed_in = self.accounts.unseal(user, &held.sealed).await?;
        let connecting = self
            .accounts
            .connect(user, &signed_in, Expected::Confirmed, turn)
            .await?;
        Ok(match connecting {
            Connecting::Connected(connection) => Ending::Connected {
                user: user.to_string(),
                email: connection.email,
            },
            Connecting::OtherAccount { .. } => Ending::Kept,
        })
    }

    /// How the browser that began a sign-in can go on. Without a link, the page
    /// says so in words.
    async fn ways(&self, state: &OAuthState, turn: &Turn) -> Ways {
        let (Ok(soon), Ok(next_week)) = (later(turn, AGAIN_LASTS), later(turn, APPROVAL_LASTS))
        else {
            return Ways::default();
        };
        let again = ConnectLink {
            login_hint: state.login_hint.clone(),
            purpose: state.purpose,
            ..ConnectLink::to_connect(&state.user_id, soon)
        };
        let approval = ConnectLink::to_approve(&state.user_id, next_week);
        Ways {
            again: self.signed(&again).await,
            approval: self.signed(&approval).await,
        }
    }

    async fn signed(&self, link: &ConnectLink) -> Option<String> {
        let signed = self.access.sign(link).await.ok()?;
        Some(ConnectLink::address(&self.base, &signed))
    }
}
