//! The authorize endpoint: shows the sign-in page, and takes the choice made
//! there. A choice is posted to the same address, query included, with
//! `account=<e-mail>` or `decision=cancel`; programs do the same.

use axum::{
    body::Bytes,
    extract::{Extension, Path, RawQuery, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::SignedDuration;
use uuid::Uuid;

use super::{
    authorize_request::{AuthorizeRequest, Refusal},
    page,
    parameters::Parameters,
};
use crate::faults::Effect;
use crate::microsoft::{
    journal::StorageError,
    options::{Account, SignIn},
    records::{Code, Grant, fingerprint, random_secret},
    simulator::Microsoft,
    state::Change,
};

/// How long a code can be redeemed (Learn: "about 10 minutes").
const CODE_LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// `error`, `error_subcode` and `error_description` on the redirect URI.
#[derive(Clone, Debug)]
pub(crate) struct CallbackError {
    error: String,
    subcode: Option<String>,
    description: String,
}

/// `GET /{tenant}/oauth2/v2.0/authorize`.
pub(super) async fn show(
    State(microsoft): State<Microsoft>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let parameters = Parameters::decode(query.as_bytes());
    match AuthorizeRequest::check(&microsoft, &tenant, &parameters) {
        Ok(request) => page::sign_in(&microsoft.options().accounts, &request, &tenant, &query),
        Err(refusal) => refuse(refusal, StatusCode::FOUND),
    }
}

/// `POST /{tenant}/oauth2/v2.0/authorize`.
pub(super) async fn choose(
    State(microsoft): State<Microsoft>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    injected: Option<Extension<CallbackError>>,
    form: Bytes,
) -> Response {
    let query = Parameters::decode(query.unwrap_or_default().as_bytes());
    let parameters = query.and(Parameters::decode(&form));
    let request = match AuthorizeRequest::check(&microsoft, &tenant, &parameters) {
        Ok(request) => request,
        Err(refusal) => return refuse(refusal, StatusCode::SEE_OTHER),
    };
    if let Some(Extension(error)) = injected {
        return redirect_error(&request, &error);
    }
    if parameters.get("decision") == Some("cancel") {
        return redirect_error(&request, &CallbackError::cancelled());
    }
    let account = parameters
        .get("account")
        .and_then(|email| microsoft.account(email));
    let Some(account) = account else {
        let message = "The user account does not exist in the directory.";
        return page::error(50_034, message);
    };
    let approved = microsoft
        .store()
        .read(|state| state.approved_clients.contains(&request.client_id));
    match &account.sign_in {
        SignIn::Refused {
            error,
            error_subcode,
            code,
        } if !approved => {
            let description =
                format!("AADSTS{code}: The application needs an administrator's approval.");
            let refused = CallbackError {
                error: error.clone(),
                subcode: error_subcode.clone(),
                description,
            };
            redirect_error(&request, &refused)
        }
        _ => match issue_code(&microsoft, &request, account).await {
            Ok(code) => redirect_code(&request, &code),
            Err(error) => redirect_error(&request, &CallbackError::from(error)),
        },
    }
}

async fn issue_code(
    microsoft: &Microsoft,
    request: &AuthorizeRequest,
    account: &Account,
) -> Result<String, StorageError> {
    let secret = random_secret("1.AXoA", 3);
    let key = fingerprint(&secret);
    let withheld = microsoft.settings().withheld_scopes;
    let mut scopes = request.scopes.clone();
    scopes.retain(|scope| !withheld.iter().any(|held| held.eq_ignore_ascii_case(scope)));
    let expires = microsoft.now().saturating_add(CODE_LIFETIME);
    microsoft
        .store()
        .write(|state| {
            let grant = Grant {
                sign_in: Uuid::new_v4(),
                email: account.email.clone(),
                client_id: request.client_id.clone(),
                scopes,
                expires: expires.unwrap_or(microsoft.now()),
                generation: state.generation(&account.email),
                replaced: false,
            };
            let code = Code {
                grant,
                authority: request.authority.clone(),
                redirect_uri: request.redirect_uri.clone(),
                challenge: request.challenge.clone(),
                nonce: request.nonce.clone(),
                redeemed: false,
            };
            Ok((vec![Change::CodeStored { key, code }], ()))
        })
        .await
        .map(|()| secret)
}

impl CallbackError {
    fn new(error: &str, description: impl std::fmt::Display) -> Self {
        Self {
            error: error.to_owned(),
            subcode: None,
            description: description.to_string(),
        }
    }

    /// The person left the page.
    fn cancelled() -> Self {
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

fn refuse(refusal: Refusal, status: StatusCode) -> Response {
    match refusal {
        Refusal::Page(code, message) => page::error(code, &message),
        Refusal::Redirect {
            redirect_uri,
            state,
            error,
        } => redirect(status, &redirect_uri, &error.pairs(), state.as_deref()),
    }
}

impl CallbackError {
    fn pairs(&self) -> Vec<(&str, &str)> {
        let mut pairs = vec![("error", self.error.as_str())];
        if let Some(subcode) = &self.subcode {
            pairs.push(("error_subcode", subcode));
        }
        pairs.push(("error_description", &self.description));
        pairs
    }
}

fn redirect_error(request: &AuthorizeRequest, error: &CallbackError) -> Response {
    redirect(
        StatusCode::SEE_OTHER,
        &request.redirect_uri,
        &error.pairs(),
        request.state.as_deref(),
    )
}

fn redirect_code(request: &AuthorizeRequest, code: &str) -> Response {
    let session = Uuid::new_v4().to_string();
    redirect(
        StatusCode::SEE_OTHER,
        &request.redirect_uri,
        &[("code", code), ("session_state", &session)],
        request.state.as_deref(),
    )
}

/// Back to the application, with `state` as it came.
pub(super) fn redirect(
    status: StatusCode,
    redirect_uri: &str,
    pairs: &[(&str, &str)],
    state: Option<&str>,
) -> Response {
    let state = state.map(|state| ("state", state));
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs.iter().copied().chain(state))
        .finish();
    let joint = if redirect_uri.contains('?') { '&' } else { '?' };
    let headers = [
        (header::LOCATION, format!("{redirect_uri}{joint}{query}")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (status, headers).into_response()
}
