//! Signing in at the Microsoft identity platform: the authorization code flow
//! with PKCE, and refreshing (Microsoft Learn, "OAuth 2.0 authorization code
//! flow").

use std::time::Duration;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use oauth2::basic::{
    BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, ExtraTokenFields, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken,
    RequestTokenError, Scope, StandardRevocableToken, StandardTokenResponse, TokenResponse as _,
    TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::MicrosoftError;
use super::connecting::SignedIn;
use super::http::{CALL_LIMIT, TokenEndpoint};
use super::id_token::{Expected, Identity};
use super::refusal::{SignInError, TokenRefusal};
use crate::aws::Aws;
use crate::clock::Turn;
use crate::config::{SettingError, Settings};
use crate::secrets::{MicrosoftSecret, Secret};

/// What we always ask for. Without `offline_access` there is no refresh token.
const SCOPES: [&str; 7] = [
    "openid",
    "profile",
    "email",
    "offline_access",
    "User.Read",
    "Calendars.ReadWrite",
    "MailboxSettings.Read",
];

/// What is asked for beyond that where a setting says so, to send confirmations from the
/// mailbox: many organisations let only an administrator consent to it.
const MAIL_SEND: &str = "Mail.Send";

/// How long to wait before a refresh that failed is tried once more.
const PAUSE: Duration = Duration::from_millis(200);

/// Where Microsoft's sign-in lives when no setting says otherwise.
const DEFAULT_AUTHORITY: &str = "https://login.microsoftonline.com/organizations";

/// The sign-in service as this function may use it.
pub struct SignIn {
    http: reqwest::Client,
    secret: Secret<MicrosoftSecret>,
    authority: String,
    redirect_uri: String,
    asks_for_mail: bool,
}

/// What a new sign-in needs to send the browser to Microsoft.
#[derive(Debug)]
pub struct Authorization<'a> {
    pub state: &'a str,
    pub nonce: &'a str,
    pub code_verifier: &'a str,
    /// The account to suggest; without one, Microsoft lets the person choose.
    pub login_hint: Option<&'a str>,
}

/// Tokens as Microsoft handed them out.
pub struct Tokens {
    pub access_token: SecretString,
    /// Absent when the old one stays valid.
    pub refresh_token: Option<SecretString>,
    pub expires_at: Timestamp,
    /// As they came: in any order and case, some with Graph's address before them.
    pub scopes: Vec<String>,
    id_token: Option<String>,
}

#[derive(Debug, Deserialize, Serialize)]
struct IdTokenField {
    #[serde(default)]
    id_token: Option<String>,
}

impl ExtraTokenFields for IdTokenField {}

type TokenAnswer = StandardTokenResponse<IdTokenField, BasicTokenType>;

type Client = oauth2::Client<
    TokenRefusal,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

impl SignIn {
    /// Uses `MICROSOFT_AUTHORITY`, `MICROSOFT_SECRET`, `PUBLIC_BASE_URL` and
    /// `ASK_FOR_MAIL_SEND`.
    pub fn new(
        settings: &Settings,
        aws: &Aws,
        http: &reqwest::Client,
    ) -> Result<Self, SettingError> {
        let base = settings.base_url("PUBLIC_BASE_URL", None)?;
        Ok(Self {
            http: http.clone(),
            secret: Secret::new(&aws.secrets, settings.required("MICROSOFT_SECRET")?),
            authority: settings.base_url("MICROSOFT_AUTHORITY", Some(DEFAULT_AUTHORITY))?,
            redirect_uri: format!("{base}/calendar/auth/callback"),
            asks_for_mail: settings.parsed("ASK_FOR_MAIL_SEND", false, "true or false")?,
        })
    }

    /// On which day the client secret ends, when that was recorded with it.
    pub async fn client_secret_expires(&self) -> Option<Date> {
        self.secret.get().await.ok()?.expires
    }

    /// The address at which the person signs in.
    pub async fn authorization_url(
        &self,
        authorization: &Authorization<'_>,
    ) -> Result<String, MicrosoftError> {
        let verifier = PkceCodeVerifier::new(authorization.code_verifier.to_owned());
        let client = self.client().await?;
        let request = client
            .authorize_url(|| CsrfToken::new(authorization.state.to_owned()))
            .add_scopes(scopes(self.asks_for_mail).map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_extra_param("nonce", authorization.nonce)
            .add_extra_param("response_mode", "query");
        let request = match authorization.login_hint {
            Some(hint) => request.add_extra_param("login_hint", hint),
            None => request.add_extra_param("prompt", "select_account"),
        };
        Ok(request.url().0.into())
    }

    /// The address at which an administrator approves this application for their
    /// whole organisation (Learn, "Admin consent on the Microsoft identity platform").
    pub async fn approval_url(&self, state: &str) -> Result<String, MicrosoftError> {
        let secret = self.secret.get().await?;
        // `common` names no organisation that somebody could speak for.
        let authority = match self.authority.strip_suffix("/common") {
            Some(host) => format!("{host}/organizations"),
            None => self.authority.clone(),
        };
        let scopes: Vec<&str> = scopes(self.asks_for_mail).collect();
        let url = url::Url::parse_with_params(
            &format!("{authority}/v2.0/adminconsent"),
            [
                ("client_id", secret.client_id.as_str()),
                ("scope", &scopes.join(" ")),
                ("redirect_uri", &self.redirect_uri),
                ("state", state),
            ],
        );
        Ok(url.map_err(misconfigured)?.into())
    }

    /// Exchanges the code that the browser brought back, and checks whose it is.
    pub async fn redeem(
        &self,
        code: &str,
        code_verifier: &str,
        nonce: &str,
        turn: &Turn,
    ) -> Result<SignedIn, SignInError> {
        let client = self.client().await?;
        let endpoint = self.token_endpoint(turn);
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(code_verifier.to_owned()))
            .request_async(&endpoint)
            .await
            .map_err(|error| match refused(error, turn.now) {
                Ok(refusal) => refusal.of_code(),
                Err(error) => error.into(),
            })?;
        let tokens = Tokens::from_answer(&answer, turn.now);
        let expected = Expected {
            audience: client.client_id().as_str(),
            authority: &self.authority,
            nonce,
            now: turn.now,
        };
        let identity = Identity::read(tokens.id_token.as_deref().unwrap_or_default(), &expected)?;
        Ok(SignedIn { identity, tokens })
    }

    /// Gets a new access token. The scopes are asked for again in full, or
    /// Microsoft may leave out the next refresh token; never more than were granted,
    /// or it gives none at all.
    pub async fn refresh(
        &self,
        refresh_token: &SecretString,
        granted: &[String],
        turn: &Turn,
    ) -> Result<Tokens, MicrosoftError> {
        let client = self.client().await?;
        let token = RefreshToken::new(refresh_token.expose_secret().to_owned());
        let with_mail = is_granted(granted, MAIL_SEND);
        let mut failed_before = false;
        loop {
            let endpoint = self.token_endpoint(turn);
            let answer = client
                .exchange_refresh_token(&token)
                .add_scopes(scopes(with_mail).map(|scope| Scope::new(scope.to_owned())))
                .request_async(&endpoint)
                .await;
            let answer = answer.map_err(|error| match refused(error, turn.now) {
                Ok(refusal) => refusal.of_refresh(),
                Err(error) => error,
            });
            match answer {
                Ok(answer) => return Ok(Tokens::from_answer(&answer, turn.now)),
                // The old token is not revoked by its use, so it can be used again.
                Err(MicrosoftError::Unreachable(_)) if !failed_before => {
                    failed_before = true;
                    tokio::time::sleep(turn.patience(PAUSE)).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Reads the registration ahead of the first request.
    pub async fn warm(&self) {
        let _ = self.secret.get().await;
    }

    fn token_endpoint(&self, turn: &Turn) -> TokenEndpoint<'_> {
        TokenEndpoint {
            http: &self.http,
            limit: turn.patience(CALL_LIMIT),
        }
    }

    async fn client(&self) -> Result<Client, MicrosoftError> {
        let secret = self.secret.get().await?;
        let endpoint = |name: &str| format!("{}/oauth2/v2.0/{name}", self.authority);
        Ok(oauth2::Client::new(ClientId::new(secret.client_id.clone()))
            .set_client_secret(ClientSecret::new(
                secret.client_secret.expose_secret().to_owned(),
            ))
            .set_auth_type(AuthType::RequestBody)
            .set_auth_uri(AuthUrl::new(endpoint("authorize")).map_err(misconfigured)?)
            .set_token_uri(TokenUrl::new(endpoint("token")).map_err(misconfigured)?)
            .set_redirect_uri(RedirectUrl::new(self.redirect_uri.clone()).map_err(misconfigured)?))
    }
}

/// The settings make no address.
fn misconfigured(_: url::ParseError) -> MicrosoftError {
    MicrosoftError::Operator {
        code: "invalid_endpoint".to_owned(),
    }
}

impl Tokens {
    /// Tokens that were handed out earlier.
    pub(super) fn kept(
        access_token: String,
        refresh_token: Option<String>,
        expires_at: Timestamp,
        scopes: Vec<String>,
    ) -> Self {
        Self {
            access_token: SecretString::from(access_token),
            refresh_token: refresh_token.map(SecretString::from),
            expires_at,
            scopes,
            id_token: None,
        }
    }

    fn from_answer(answer: &TokenAnswer, now: Timestamp) -> Self {
        let lifetime = answer
            .expires_in()
            .and_then(|lifetime| SignedDuration::try_from(lifetime).ok())
            .unwrap_or(SignedDuration::from_mins(5));
        let scopes = answer.scopes().map(Vec::as_slice).unwrap_or_default();
        Self {
            access_token: SecretString::from(answer.access_token().secret().clone()),
            refresh_token: answer
                .refresh_token()
                .map(|token| SecretString::from(token.secret().clone())),
            expires_at: now.checked_add(lifetime).unwrap_or(now),
            scopes: scopes.iter().map(|scope| scope.to_string()).collect(),
            id_token: answer.extra_fields().id_token.clone(),
        }
    }

    /// Whether Microsoft granted `scope`, in whatever form it says so.
    pub fn grants(&self, scope: &str) -> bool {
        is_granted(&self.scopes, scope)
    }
}

/// All that is asked for.
fn scopes(with_mail: bool) -> impl Iterator<Item = &'static str> {
    SCOPES.into_iter().chain(with_mail.then_some(MAIL_SEND))
}

fn is_granted(granted: &[String], scope: &str) -> bool {
    granted.iter().any(|granted| {
        let bare = granted.rsplit('/').next().unwrap_or(granted);
        bare.eq_ignore_ascii_case(scope)
    })
}

/// The refusal in a failed token request, or what failed instead.
fn refused(
    error: RequestTokenError<MicrosoftError, TokenRefusal>,
    now: Timestamp,
) -> Result<TokenRefusal, MicrosoftError> {
    match error {
        RequestTokenError::ServerResponse(refusal) => {
            refusal.tell_operator(now);
            Ok(refusal)
        }
        RequestTokenError::Request(error) => Err(error),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            Err(MicrosoftError::Unreadable("a token response"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(scopes: &[&str]) -> Tokens {
        Tokens {
            access_token: SecretString::from("a"),
            refresh_token: None,
            expires_at: Timestamp::UNIX_EPOCH,
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            id_token: None,
        }
    }

    #[test]
    fn a_granted_scope_is_recognised_in_every_form() {
        for form in [
            "Calendars.ReadWrite",
            "calendars.readwrite",
            "https://graph.microsoft.com/Calendars.ReadWrite",
        ] {
            assert!(
                tokens(&["openid", form]).grants("Calendars.ReadWrite"),
                "{form}"
            );
        }
        for form in ["Calendars.Read", "Calendars.ReadWrite.Shared"] {
            assert!(
                !tokens(&["openid", form]).grants("Calendars.ReadWrite"),
                "{form}"
            );
        }
    }
}
