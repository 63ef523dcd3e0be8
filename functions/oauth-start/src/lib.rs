//! `GET /calendar/auth/start` and `POST /calendar/auth/links`: the way from a staff
//! member to Microsoft's sign-in.
//!
//! The sign-in is bound to the browser that begins it, so a program never gets
//! Microsoft's address: it gets a signed link, which a browser opens. The link for
//! an administrator goes the same way, to Microsoft's approval instead.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;
use shared::aws::Aws;
use shared::config::{Settings, StartError};
use shared::http::pages::{Page, Tone};
use shared::http::{
    Access, AllowedOrigins, ApiRequest, BrowserCookie, ConnectLink, Function, HttpError, Response,
    Routes, html, ok, redirect,
};
use shared::https;
use shared::ids::Seed;
use shared::microsoft::{Authorization, SignIn};
use shared::store::{Connections, OAuthState, OAuthStates, SignInPurpose};

/// A sign-in has to be finished within this time.
const STATE_LASTS: SignedDuration = SignedDuration::from_mins(10);

/// How long a link can be opened that a person is sent to at once.
const OWN_LINK_LASTS: SignedDuration = SignedDuration::from_mins(10);

/// How long a link can be opened that is passed on to a staff member.
const SENT_LINK_LASTS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The function that begins sign-ins.
pub struct OAuthStart {
    access: Access,
    states: OAuthStates,
    connections: Connections,
    sign_in: SignIn,
    origins: AllowedOrigins,
    base: String,
}

impl Function for OAuthStart {
    const NAME: &'static str = "OAuthStart";

    fn start(settings: &Settings) -> Result<Self, StartError> {
        let http = https::client()?;
        let aws = Aws::new(settings, &http);
        let base = settings.base_url("PUBLIC_BASE_URL", None)?;
        Ok(Self {
            access: Access::new(settings, &aws)?,
            states: OAuthStates::new(settings, &aws)?,
            sign_in: SignIn::new(settings, &aws, &http)?,
            connections: Connections::new(settings, &aws)?,
            origins: AllowedOrigins::new(settings),
            base,
        })
    }

    async fn warm(&self) {
        tokio::join!(self.access.warm(), self.sign_in.warm());
    }

    fn routes() -> Routes<Self> {
        Routes::new()
            .on("GET /calendar/auth/start", start)
            .on("POST /calendar/auth/links", make_link)
    }
}

/// A browser with a link goes on to Microsoft; a program with another credential gets
/// the link for a browser.
async fn start(function: Arc<OAuthStart>, request: ApiRequest) -> Result<Response, HttpError> {
    if let Some(link) = request.query("link") {
        let begun = function.begin_by_link(link, request.now()).await;
        return begun.or_else(|error| Ok(problem_page(&error)));
    }
    let user = function.access.user(&request).await?;
    let link = ConnectLink {
        redirect_url: function.origins.checked(request.query("redirect_url"))?,
        ..ConnectLink::to_connect(&user, later(request.now(), OWN_LINK_LASTS)?)
    };
    if request.wants_json() {
        let url = function.url(&link).await?;
        return ok(&json!({"authorization_url": url, "expires_at": link.expires_at}));
    }
    function.begin(link, request.now()).await
}

#[derive(Deserialize)]
struct LinkFields {
    user_id: Option<String>,
    #[serde(default)]
    login_hint: Option<String>,
    #[serde(default)]
    redirect_url: Option<String>,
}

async fn make_link(function: Arc<OAuthStart>, request: ApiRequest) -> Result<Response, HttpError> {
    let caller = function.access.caller(&request).await?;
    let fields: LinkFields = request.json()?;
    let user = caller.acting_for(&request, fields.user_id.as_deref())?;
    let expires_at = later(request.now(), SENT_LINK_LASTS)?;
    let hint = fields.login_hint.map(|hint| hint.trim().to_owned());
    let link = ConnectLink {
        redirect_url: function.origins.checked(fields.redirect_url.as_deref())?,
        login_hint: hint.filter(|hint| !hint.is_empty()),
        ..ConnectLink::to_connect(&user, expires_at)
    };
    let approval = ConnectLink::to_approve(&user, expires_at);
    ok(&json!({
        "url": function.url(&link).await?,
        "admin_consent_url": function.url(&approval).await?,
        "expires_at": expires_at,
    }))
}

impl OAuthStart {
    async fn url(&self, link: &ConnectLink) -> Result<String, HttpError> {
        let signed = self.access.sign(link).await?;
        Ok(ConnectLink::address(&self.base, &signed))
    }

    async fn begin_by_link(&self, link: &str, now: Timestamp) -> Result<Response, HttpError> {
        let link = self.access.connect_link(link, now).await?;
        self.begin(link, now).await
    }

    /// Remembers the sign-in, ties it to the browser, and sends it to Microsoft.
    async fn begin(&self, link: ConnectLink, now: Timestamp) -> Result<Response, HttpError> {
        let seed = Seed::random();
        let secret = seed.token("browser");
        let state = OAuthState {
            state: seed.token("state"),
            user_id: link.user,
            browser: BrowserCookie::fingerprint(&secret),
            code_verifier: seed.token("verifier"),
            nonce: seed.token("nonce"),
            redirect_url: link.redirect_url,
            login_hint: link.login_hint,
            purpose: link.purpose,
            expires_at: later(now, STATE_LASTS)?.as_second(),
        };
        let url = match state.purpose {
            SignInPurpose::Connect => self.sign_in_url(&state).await?,
            SignInPurpose::Approve => self.sign_in.approval_url(&state.state).await?,
        };
        self.states.put(&state).await?;
        BrowserCookie::set(redirect(&url)?, &secret, STATE_LASTS)
    }

    /// Who was connected before is suggested, so that they need not choose.
    async fn sign_in_url(&self, state: &OAuthState) -> Result<String, HttpError> {
        let connected = self.connections.get(&state.user_id).await?;
        let connected = connected.map(|connection| connection.email);
        let authorization = Authorization {
            state: &state.state,
            nonce: &state.nonce,
            code_verifier: &state.code_verifier,
            login_hint: state.login_hint.as_deref().or(connected.as_deref()),
        };
        Ok(self.sign_in.authorization_url(&authorization).await?)
    }
}

/// What a staff member sees when their link does not lead to Microsoft.
fn problem_page(error: &HttpError) -> Response {
    if error.status().is_server_error() {
        let reason = error.reason();
        tracing::error!(code = error.code(), reason, "a sign-in could not be begun");
    }
    let page = Page {
        tone: Tone::Problem,
        title: "This link cannot be used",
        paragraphs: &[error.message(), "Nothing was connected or changed."],
        ..Page::default()
    };
    html(error.status(), page.render())
}

fn later(now: Timestamp, by: SignedDuration) -> Result<Timestamp, HttpError> {
    now.checked_add(by).map_err(HttpError::internal)
}
