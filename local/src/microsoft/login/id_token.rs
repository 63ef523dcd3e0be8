//! The id token: who signed in, for the application only (Learn:
//! id-token-claims-reference).

use serde_json::{Map, Value, json};

use super::{signing, token_error::TokenError};
use crate::microsoft::{
    records::{Grant, fingerprint},
    simulator::Microsoft,
};

/// Clocks may differ by this much; Microsoft dates tokens back likewise.
const SKEW_SECONDS: i64 = 300;
const LIFETIME_SECONDS: i64 = 3_600;

/// A signed token for the person and application of a grant.
pub(super) fn id_token(
    microsoft: &Microsoft,
    grant: &Grant,
    nonce: Option<&str>,
) -> Result<String, TokenError> {
    let Some(account) = microsoft.account(&grant.email) else {
        return Err(TokenError::server_error());
    };
    let Some(directory) = microsoft.directory_of(account) else {
        return Err(TokenError::server_error());
    };
    let tenant = directory.tenant_id;
    let now = microsoft.now().as_second();
    let has = |scope: &str| grant.scopes.iter().any(|granted| granted == scope);
    // Pairwise: another application sees another subject.
    let subject = fingerprint(&format!("{} {}", account.object_id, grant.client_id));

    let mut claims = Map::new();
    let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    claim("ver", json!("2.0"));
    claim(
        "iss",
        json!(format!("{}/{tenant}/v2.0", microsoft.base_url())),
    );
    claim("aud", json!(grant.client_id));
    claim("sub", json!(subject));
    claim("tid", json!(tenant));
    claim("iat", json!(now - SKEW_SECONDS));
    claim("nbf", json!(now - SKEW_SECONDS));
    claim("exp", json!(now + LIFETIME_SECONDS));
    if let Some(nonce) = nonce {
        claim("nonce", json!(nonce));
    }
    if has("profile") {
        claim("oid", json!(account.object_id));
        claim("name", json!(account.display_name));
        claim("preferred_username", json!(account.email));
    }
    if has("email") {
        claim("email", json!(account.email));
    }
    signing::sign(&Value::Object(claims))
}
