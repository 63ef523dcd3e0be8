//! The authorize endpoint: shows the sign-in page, and takes the choice made
//! there. A choice is posted to the same address, query included, with
//! `account=<e-mail>` or `decision=cancel`; programs do the same. `outcome` says how
//! the sign-in ends in place of what the account is set to, and `place` where an
//! error shows.

use axum::{
    body::Bytes,
    extract::{Extension, Path, RawQuery, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::SignedDuration;
use uuid::Uuid;

use super::{
    authorize_request::{AuthorizeRequest, Refusal, lets_in},
    callback_error::CallbackError,
    page,
    parameters::Parameters,
};
use crate::microsoft::{
    journal::StorageError,
    options::Account,
    records::{Code, Grant, fingerprint, random_secret},
    sign_in::{Place, SignIn, SignInError},
    simulator::Microsoft,
    state::{Approval, Change},
};

/// How long a code can be redeemed (Learn: "about 10 minutes").
const CODE_LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// `GET /{tenant}/oauth2/v2.0/authorize`.
pub(super) async fn show(
    State(microsoft): State<Microsoft>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let parameters = Parameters::decode(query.as_bytes());
    match AuthorizeRequest::check(&microsoft, &tenant, &parameters) {
        Ok(request) => page::sign_in(&microsoft, &request, &tenant, &query),
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
    let query = query.unwrap_or_default();
    let parameters = Parameters::decode(query.as_bytes()).and(Parameters::decode(&form));
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
    if !lets_in(&microsoft, &request.authority, account) {
        let message = format!(
            "User account '{}' does not exist in tenant '{tenant}' and cannot access the application.",
            account.email
        );
        return page::error(50_020, &message);
    }
    let chosen = match parameters.get("outcome") {
        None => None,
        Some(name) => match SignIn::named(name) {
            Some(chosen) => Some(chosen),
            None => return page::error(90_023, "There is no such outcome of a sign-in."),
        },
    };
    let sign_in = chosen.unwrap_or_else(|| microsoft.sign_in_of(account));
    let place = parameters.get("place").and_then(Place::named);
    match outcome(&microsoft, &request, account, sign_in, place) {
        Outcome::Code => send_code(&microsoft, &request, account, None).await,
        Outcome::Consent if parameters.get("decision") == Some("accept") => {
            match consent(&microsoft, &request, account).await {
                Ok(()) => send_code(&microsoft, &request, account, None).await,
                Err(error) => redirect_error(&request, &error.into()),
            }
        }
        Outcome::Consent => page::consent(account, &request, &tenant, &query),
        Outcome::Error(error, Place::Page) => page::error(error.number, error.meaning),
        Outcome::Error(error, Place::Callback) => {
            redirect_error(&request, &CallbackError::of(&error))
        }
        Outcome::Error(error, Place::Token) => {
            send_code(&microsoft, &request, account, Some(error.number)).await
        }
    }
}

/// What comes of the choice of an account.
enum Outcome {
    Code,
    /// The person is asked.
    Consent,
    Error(SignInError, Place),
}

fn outcome(
    microsoft: &Microsoft,
    request: &AuthorizeRequest,
    account: &Account,
    sign_in: SignIn,
    place: Option<Place>,
) -> Outcome {
    let tenant = microsoft.directory_of(account);
    let tenant = tenant.map(|directory| directory.tenant_id);
    let (is_approved, is_consented) = microsoft.store().read(|state| {
        let client = &request.client_id;
        (
            state.is_approved(client, tenant),
            state.is_consented(client, &account.email),
        )
    });
    let number = match sign_in {
        SignIn::AsksConsent if !is_approved && !is_consented => return Outcome::Consent,
        SignIn::NeedsApproval if !is_approved => 90_094,
        SignIn::Allowed | SignIn::AsksConsent | SignIn::NeedsApproval => return Outcome::Code,
        SignIn::Refused(number) => number,
    };
    match SignInError::of(number) {
        Some(error) => Outcome::Error(error, place.unwrap_or(error.place)),
        None => Outcome::Code,
    }
}

async fn consent(
    microsoft: &Microsoft,
    request: &AuthorizeRequest,
    account: &Account,
) -> Result<(), StorageError> {
    let consented = Change::ClientApproved(Approval {
        client_id: request.client_id.clone(),
        tenant_id: None,
        email: Some(account.email.clone()),
    });
    microsoft.store().write(|_| Ok((vec![consented], ()))).await
}

/// Back with a code, which redeems to the error of that number if one is given.
async fn send_code(
    microsoft: &Microsoft,
    request: &AuthorizeRequest,
    account: &Account,
    refused: Option<u32>,
) -> Response {
    match issue_code(microsoft, request, account, refused).await {
        Ok(code) => redirect_code(request, &code),
        Err(error) => redirect_error(request, &CallbackError::from(error)),
    }
}

async fn issue_code(
    microsoft: &Microsoft,
    request: &AuthorizeRequest,
    account: &Account,
    refused: Option<u32>,
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
                refused,
            };
            Ok((vec![Change::CodeStored { key, code }], ()))
        })
        .await
        .map(|()| secret)
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
