//! The token endpoint: redeems a code or a refresh token (Learn:
//! v2-oauth2-auth-code-flow, refresh-tokens). A refresh issues a new refresh
//! token and leaves the old one valid, as Microsoft does.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::{
    authorize_request::is_known_tenant, client_authentication::authenticate_client,
    id_token::id_token, parameters::Parameters, redeem::Circumstances, scopes,
    token_error::TokenError,
};
use crate::microsoft::{
    records::{Grant, fingerprint, random_secret},
    simulator::Microsoft,
    state::{Change, State as Kept},
};

/// 90 days (Learn: refresh-tokens, "Token lifetime").
const REFRESH_LIFETIME: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The tokens of one answer.
struct Issued {
    access_token: String,
    refresh_token: Option<String>,
    grant: Grant,
    nonce: Option<String>,
    lifetime: i64,
    turn: u64,
}

/// `POST /{tenant}/oauth2/v2.0/token`.
pub(super) async fn token(
    State(microsoft): State<Microsoft>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let issued = exchange(&microsoft, &tenant, &headers, &body).await;
    match issued.and_then(|issued| answer(&microsoft, issued)) {
        Ok(body) => ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response(),
        Err(error) => error.at(microsoft.now()),
    }
}

async fn exchange(
    microsoft: &Microsoft,
    tenant: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Issued, TokenError> {
    if !is_known_tenant(microsoft, tenant) {
        return Err(TokenError::unknown_tenant(tenant));
    }
    if !is_form(headers) {
        let message = "The request must be application/x-www-form-urlencoded.";
        return Err(TokenError::invalid_request(9_002_326, message));
    }
    let form = Parameters::decode(body);
    let grant_type = form
        .get("grant_type")
        .ok_or_else(|| TokenError::missing("grant_type"))?;
    let by_code = match grant_type {
        "authorization_code" => true,
        "refresh_token" => false,
        _ => return Err(TokenError::unsupported_grant_type()),
    };
    let circumstances = Circumstances {
        client: authenticate_client(microsoft, headers, &form)?,
        authority: tenant,
        form: &form,
        now: microsoft.now(),
    };
    let strict = microsoft.settings().strict_refresh;
    if by_code {
        let code = form
            .get("code")
            .ok_or_else(|| TokenError::missing("code"))?;
        let key = fingerprint(code);
        let decide = |state: &Kept| redeem_code(&circumstances, state, key);
        microsoft.store().write(decide).await
    } else {
        let secret = form
            .get("refresh_token")
            .ok_or_else(|| TokenError::missing("refresh_token"))?;
        let key = fingerprint(secret);
        let decide = |state: &Kept| refresh(&circumstances, state, key, strict);
        // A strict server's refusal changes the state too.
        microsoft.store().write(decide).await?
    }
}

type Redeemed = Result<(Vec<Change>, Issued), TokenError>;

fn redeem_code(circumstances: &Circumstances<'_>, state: &Kept, key: String) -> Redeemed {
    let mut code = circumstances.code(state, &key)?.clone();
    let scopes = circumstances.scopes(&code.grant.scopes)?;
    let (mut changes, mut issued) = issue(circumstances, state, &code.grant, scopes);
    issued.nonce.clone_from(&code.nonce);
    code.redeemed = true;
    changes.push(Change::CodeStored { key, code });
    Ok((changes, issued))
}

type Refreshed = Result<(Vec<Change>, Result<Issued, TokenError>), TokenError>;

fn refresh(
    circumstances: &Circumstances<'_>,
    state: &Kept,
    key: String,
    strict: bool,
) -> Refreshed {
    let mut old = circumstances.refresh_token(state, &key)?.clone();
    if strict && old.replaced {
        let message = "The refresh token was used before; its grant has been revoked.";
        let ended = Change::SignInEnded {
            sign_in: old.sign_in,
        };
        return Ok((vec![ended], Err(TokenError::invalid_grant(70_000, message))));
    }
    let scopes = circumstances.scopes(&old.scopes)?;
    let (mut changes, issued) = issue(circumstances, state, &old, scopes);
    if issued.refresh_token.is_some() && !old.replaced {
        old.replaced = true;
        changes.push(Change::RefreshTokenStored { key, grant: old });
    }
    Ok((changes, Ok(issued)))
}

/// New tokens for `scopes` out of what was granted. The new refresh token
/// carries the whole grant, whatever part of it the access token is for.
fn issue(
    circumstances: &Circumstances<'_>,
    state: &Kept,
    granted: &Grant,
    scopes: Vec<String>,
) -> (Vec<Change>, Issued) {
    let now = circumstances.now;
    let turn = state.issued;
    // About an hour, never the same twice in a row (Learn: access-tokens,
    // "Token lifetime" says 60 to 90 minutes).
    let lifetime = 3_600 + i64::try_from(turn % 11).unwrap_or(0) * 163;
    let later = |seconds| now.saturating_add(seconds).unwrap_or(now);
    let grant = Grant {
        scopes,
        expires: later(SignedDuration::from_secs(lifetime)),
        replaced: false,
        ..granted.clone()
    };
    let access_token = random_secret("EwB", 6);
    let refresh_token = grant
        .scopes
        .iter()
        .any(|scope| scope == "offline_access")
        .then(|| random_secret("1.AXoB", 6));
    let mut changes = vec![
        Change::IssuedReached { issued: turn + 1 },
        Change::AccessTokenStored {
            key: fingerprint(&access_token),
            grant: grant.clone(),
        },
    ];
    if let Some(secret) = &refresh_token {
        let kept = Grant {
            expires: later(REFRESH_LIFETIME),
            replaced: false,
            ..granted.clone()
        };
        changes.push(Change::RefreshTokenStored {
            key: fingerprint(secret),
            grant: kept,
        });
    }
    let issued = Issued {
        access_token,
        refresh_token,
        grant,
        nonce: None,
        lifetime,
        turn,
    };
    (changes, issued)
}

fn answer(microsoft: &Microsoft, issued: Issued) -> Result<Value, TokenError> {
    let variety = microsoft.settings().variety;
    let mut body = Map::new();
    body.insert("token_type".to_owned(), json!("Bearer"));
    let scope = scopes::present(&issued.grant.scopes, issued.turn, variety);
    body.insert("scope".to_owned(), json!(scope));
    body.insert("expires_in".to_owned(), json!(issued.lifetime));
    body.insert("ext_expires_in".to_owned(), json!(issued.lifetime));
    body.insert("access_token".to_owned(), json!(issued.access_token));
    if let Some(refresh_token) = issued.refresh_token {
        body.insert("refresh_token".to_owned(), json!(refresh_token));
    }
    if issued.grant.scopes.iter().any(|scope| scope == "openid") {
        let token = id_token(microsoft, &issued.grant, issued.nonce.as_deref())?;
        body.insert("id_token".to_owned(), json!(token));
    }
    Ok(Value::Object(body))
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| {
            kind.trim()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        })
}
