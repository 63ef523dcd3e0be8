//! `GET /calendar/auth/callback`: the browser comes back from Microsoft.
//!
//! Whatever it brings, it leaves with a page that says what happened and what to
//! do next, or is sent on to the page that the sign-in was begun for.

mod ending;

use std::sync::Arc;
use std::time::Duration;

use shared::aws::Aws;
use shared::clock::Turn;
use shared::config::Settings;
use shared::http::{ApiRequest, BrowserCookie, Function, HttpError, Response, Routes, StartError};
use shared::microsoft::{self, Accounts};
use shared::store::{OAuthState, OAuthStates};

use ending::Ending;

/// The function that ends sign-ins.
pub struct OAuthCallback {
    states: OAuthStates,
    accounts: Accounts,
    cookie: BrowserCookie,
    deadline: Duration,
}

impl Function for OAuthCallback {
    const NAME: &'static str = "OAuthCallback";

    async fn start(settings: &Settings) -> Result<Self, StartError> {
        let aws = Aws::connect(settings).await;
        let http = microsoft::http_client()?;
        Ok(Self {
            states: OAuthStates::new(settings, &aws)?,
            accounts: Accounts::new(settings, &aws, &http)?,
            cookie: BrowserCookie::for_site(&settings.base_url("PUBLIC_BASE_URL", None)?),
            deadline: settings.milliseconds("WRITE_DEADLINE_MS", 8000)?,
        })
    }

    async fn warm(&self) {
        self.accounts.warm().await;
    }

    fn routes() -> Routes<Self> {
        Routes::new().on("GET /calendar/auth/callback", callback)
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
    match state {
        Ok(Some(state)) => {
            let ending = function.end(&request, &state, &turn).await;
            ending.answer(state.redirect_url.as_deref())
        }
        Ok(None) => Ending::Stale.answer(None),
        Err(error) => {
            tracing::error!(%error, "a sign-in could not be looked up");
            Ending::OurFault.answer(None)
        }
    }
}

impl OAuthCallback {
    /// Ends a sign-in, whose state is used up already.
    async fn end(&self, request: &ApiRequest, state: &OAuthState, turn: &Turn) -> Ending {
        if !self.cookie.matches(request, &state.browser) {
            return Ending::OtherBrowser;
        }
        if let Some(error) = request.query("error") {
            return Ending::of_callback_error(error);
        }
        let Some(code) = request.query("code") else {
            return Ending::Stale;
        };
        match self.connect(code, state, turn).await {
            Ok(ending) => ending,
            Err(error) => {
                tracing::warn!(user_id = %state.user_id, %error, "a calendar could not be connected");
                Ending::of_failure(&error)
            }
        }
    }

    async fn connect(
        &self,
        code: &str,
        state: &OAuthState,
        turn: &Turn,
    ) -> Result<Ending, microsoft::MicrosoftError> {
        let sign_in = self.accounts.sign_in();
        let (tokens, identity) = sign_in
            .redeem(code, &state.code_verifier, &state.nonce, turn)
            .await?;
        if !tokens.grants("Calendars.ReadWrite") {
            return Ok(Ending::NoCalendarScope);
        }
        let connection = self
            .accounts
            .connect(&state.user_id, identity, &tokens, turn)
            .await?;
        Ok(Ending::Connected {
            email: connection.email,
        })
    }
}
