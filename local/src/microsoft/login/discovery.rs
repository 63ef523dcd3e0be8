//! `OpenID` Connect discovery and the signing keys (Learn: v2-protocols-oidc).

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{authorize_request::is_known_tenant, signing, token_error::TokenError};
use crate::microsoft::simulator::Microsoft;

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`. Under `common` and
/// `organizations` the issuer holds a literal `{tenantid}`, as Microsoft's does.
pub(super) async fn configuration(
    State(microsoft): State<Microsoft>,
    Path(tenant): Path<String>,
) -> Response {
    if !is_known_tenant(&microsoft, &tenant) {
        return TokenError::unknown_tenant(&tenant).at(microsoft.now());
    }
    let base = microsoft.base_url();
    let issuer_tenant = match microsoft.directory(&tenant) {
        Some(directory) => directory.tenant_id.to_string(),
        None => "{tenantid}".to_owned(),
    };
    Json(json!({
        "issuer": format!("{base}/{issuer_tenant}/v2.0"),
        "authorization_endpoint": format!("{base}/{tenant}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{base}/{tenant}/oauth2/v2.0/token"),
        "jwks_uri": format!("{base}/{tenant}/discovery/v2.0/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "response_modes_supported": ["query"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid",
            "oid", "ver", "email"
        ],
        "request_uri_parameter_supported": false,
    }))
    .into_response()
}

/// `GET /{tenant}/discovery/v2.0/keys`.
pub(super) async fn keys(
    State(microsoft): State<Microsoft>,
    Path(tenant): Path<String>,
) -> Response {
    if !is_known_tenant(&microsoft, &tenant) {
        return TokenError::unknown_tenant(&tenant).at(microsoft.now());
    }
    match signing::public_key() {
        Ok(key) => Json(json!({"keys": [key]})).into_response(),
        Err(error) => error.at(microsoft.now()),
    }
}
