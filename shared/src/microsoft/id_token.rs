//! The id token: who signed in (Microsoft Learn, "ID token claims reference").
//!
//! It comes from the token endpoint over TLS, which stands for its signature
//! (OpenID Connect Core 1.0 §3.1.3.7, item 6). Its claims are checked.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::MicrosoftError;
use super::refusal::SignInError;

/// Clocks may differ by this many seconds.
const SKEW_SECONDS: i64 = 300;

/// The tenant of personal accounts, which are in no organisation.
pub(super) const PERSONAL_TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Who signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Tenant and object id, which together name the account for good.
    pub tenant_id: String,
    pub object_id: String,
    /// What the person signs in with. Unlike the e-mail address, nobody can choose
    /// one of another organisation's domain.
    pub username: String,
    /// For display only: both can change.
    pub email: String,
    pub name: String,
}

/// What the claims must say.
pub(super) struct Expected<'a> {
    pub(super) audience: &'a str,
    /// Whose sign-in it is; the issuer must be of the same host.
    pub(super) authority: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: Timestamp,
}

#[derive(Deserialize)]
struct Claims {
    aud: String,
    iss: String,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(default)]
    nonce: Option<String>,
    tid: String,
    oid: String,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    preferred_username: Option<String>,
    #[serde(default)]
    name: Option<String>,
}

impl Identity {
    /// Reads the token, and refuses one that was not issued for this sign-in.
    pub(super) fn read(token: &str, expected: &Expected<'_>) -> Result<Self, SignInError> {
        let claims = claims(token).ok_or(MicrosoftError::Unreadable("an id token"))?;
        let now = expected.now.as_second();
        let holds = claims.aud == expected.audience
            && issuer_fits(&claims, expected.authority)
            && now < claims.exp.saturating_add(SKEW_SECONDS)
            && claims
                .nbf
                .is_none_or(|from| now >= from.saturating_sub(SKEW_SECONDS))
            && claims.nonce.as_deref() == Some(expected.nonce);
        if !holds {
            return Err(SignInError::Foreign);
        }
        let username = claims.preferred_username.or_else(|| claims.email.clone());
        let username = username.unwrap_or_default();
        let email = claims.email.unwrap_or_else(|| username.clone());
        Ok(Self {
            username,
            name: claims.name.unwrap_or_else(|| email.clone()),
            email,
            tenant_id: claims.tid,
            object_id: claims.oid,
        })
    }
}

fn claims(token: &str) -> Option<Claims> {
    let payload = token.split('.').nth(1)?;
    let bytes = URL_SAFE_NO_PAD.decode(payload).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// The issuer is `{authority's host}/{tid}/v2.0`, and its tenant is the authority's
/// when that names one.
fn issuer_fits(claims: &Claims, authority: &str) -> bool {
    let (host, tenant) = authority.rsplit_once('/').unwrap_or((authority, ""));
    let is_personal = claims.tid.eq_ignore_ascii_case(PERSONAL_TENANT);
    let is_allowed = match tenant {
        "common" => true,
        "organizations" => !is_personal,
        "consumers" => is_personal,
        // One that is named by its domain: only the host can be compared.
        domain if domain.contains('.') => !is_personal,
        id => id.eq_ignore_ascii_case(&claims.tid),
    };
    is_allowed && claims.iss == format!("{host}/{}/v2.0", claims.tid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const AUTHORITY: &str = "https://login.microsoftonline.com/organizations";

    fn good() -> Value {
        json!({
            "aud": "client", "iss": "https://login.microsoftonline.com/tenant/v2.0",
            "exp": 2_000, "nbf": 900, "nonce": "nonce", "tid": "tenant", "oid": "object",
            "preferred_username": "dana@example.com", "name": "Dana"
        })
    }

    fn read(claims: &Value, authority: &str) -> Result<Identity, SignInError> {
        let token = format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let expected = Expected {
            audience: "client",
            authority,
            nonce: "nonce",
            now: Timestamp::from_second(1_000).unwrap(),
        };
        Identity::read(&token, &expected)
    }

    #[test]
    fn a_token_for_this_sign_in_names_the_account() {
        let identity = read(&good(), AUTHORITY).unwrap();
        assert_eq!(identity.email, "dana@example.com");
        assert_eq!(
            (identity.tenant_id.as_str(), identity.object_id.as_str()),
            ("tenant", "object")
        );
        assert!(read(&good(), "https://login.microsoftonline.com/tenant").is_ok());
    }

    #[test]
    fn a_token_for_anything_else_is_refused() {
        for (claim, value) in [
            ("aud", json!("other")),
            ("iss", json!("https://evil.example/tenant/v2.0")),
            ("exp", json!(700)),
            ("nbf", json!(1_301)),
            ("nonce", json!("other")),
            ("nonce", Value::Null),
            ("tid", json!("another")),
            ("oid", Value::Null),
        ] {
            let mut claims = good();
            claims[claim] = value.clone();
            assert!(read(&claims, AUTHORITY).is_err(), "{claim} {value}");
        }
        assert!(read(&good(), "https://login.microsoftonline.com/other").is_err());
    }

    #[test]
    fn personal_accounts_are_let_in_only_where_they_belong() {
        let mut personal = good();
        personal["tid"] = json!(PERSONAL_TENANT);
        personal["iss"] = json!(format!(
            "https://login.microsoftonline.com/{PERSONAL_TENANT}/v2.0"
        ));
        for (tenant, allowed) in [
            ("common", [true, true]),
            ("organizations", [true, false]),
            ("consumers", [false, true]),
            ("example.com", [true, false]),
            ("tenant", [true, false]),
        ] {
            let authority = format!("https://login.microsoftonline.com/{tenant}");
            let read = [good(), personal.clone()].map(|claims| read(&claims, &authority).is_ok());
            assert_eq!(read, allowed, "{tenant}");
        }
    }

    #[test]
    fn an_email_address_that_anybody_can_choose_is_only_shown() {
        let mut claims = good();
        claims["email"] = json!("victim@example.org");
        let identity = read(&claims, AUTHORITY).unwrap();
        assert_eq!(identity.email, "victim@example.org");
        assert_eq!(identity.username, "dana@example.com");
    }
}
