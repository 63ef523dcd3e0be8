//! Who is calling: credentials of the CRM's server and of signed-in staff.
//!
//! An API key acts for every staff member, a token of the configured issuer for the one
//! that it is of: whatever else a request names, it is refused.
//!
//! Nothing configured means closed. Secrets are compared in constant time, and a
//! refusal does not say what was wrong.

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::jwt::Issuer;
use super::{ApiRequest, ConnectLink, FeedLink, HttpError};
use crate::aws::Aws;
use crate::config::{SettingError, Settings};
use crate::ids::UserId;
use crate::secrets::{AccessSecret, ApiKey, Secret};

/// Checks the credentials of the routes that the CRM calls.
pub struct Access {
    secret: Secret<AccessSecret>,
    issuer: Issuer,
}

/// A caller whose credential holds.
pub struct Caller(ActsFor);

enum ActsFor {
    Everyone,
    Only(UserId),
}

impl Access {
    /// Uses the secret that `ACCESS_SECRET` names.
    pub fn new(settings: &Settings, aws: &Aws) -> Result<Self, SettingError> {
        let id = settings.required("ACCESS_SECRET")?;
        Ok(Self {
            secret: Secret::new(&aws.secrets, id),
            issuer: Issuer::default(),
        })
    }

    /// Checks the credential of a request: an API key, from `Authorization: Bearer` or
    /// `x-api-key`, or the token of a staff member, from the former.
    pub async fn caller(&self, request: &ApiRequest) -> Result<Caller, HttpError> {
        let bearer = request.header("authorization").and_then(bearer);
        let sent = bearer
            .or_else(|| request.header("x-api-key"))
            .map(str::trim)
            .filter(|sent| !sent.is_empty())
            .ok_or_else(HttpError::unauthorized)?;
        let secret = self.secret.get().await?;
        if is_api_key(&secret.api_keys, sent) {
            return Ok(Caller(ActsFor::Everyone));
        }
        match (bearer.filter(|sent| looks_like_jwt(sent)), &secret.jwt) {
            (Some(token), Some(accepted)) if accepted.is_complete() => {
                let user = self.issuer.user(token, accepted, request.now()).await?;
                Ok(Caller(ActsFor::Only(user)))
            }
            _ => Err(HttpError::unauthorized()),
        }
    }

    /// The staff member that a request without a body acts for.
    pub async fn user(&self, request: &ApiRequest) -> Result<UserId, HttpError> {
        self.caller(request).await?.acting_for(request, None)
    }

    /// Signs a connect link.
    pub async fn sign(&self, link: &ConnectLink) -> Result<String, HttpError> {
        Ok(link.sign(&self.secret.get().await?.link_key))
    }

    /// Reads a connect link whose signature holds and whose time is not over.
    pub async fn connect_link(&self, text: &str, now: Timestamp) -> Result<ConnectLink, HttpError> {
        let secret = self.secret.get().await?;
        ConnectLink::verify(text, &secret.link_key, now).ok_or_else(|| {
            HttpError::forbidden("It has expired or is incomplete. Please ask for a new one.")
        })
    }

    /// What stands for a staff member in the links to their feed.
    pub async fn feed_of(&self, user: &UserId) -> Result<String, HttpError> {
        let secret = self.secret.get().await?;
        FeedLink::feed_of(user, &secret.link_key).ok_or_else(no_link_key)
    }

    /// Signs a feed link.
    pub async fn sign_feed(&self, link: &FeedLink) -> Result<String, HttpError> {
        let secret = self.secret.get().await?;
        link.sign(&secret.link_key).ok_or_else(no_link_key)
    }

    /// Reads a feed link whose signature holds; nothing else is known of it yet.
    pub async fn feed_link(&self, text: &str) -> Result<Option<FeedLink>, HttpError> {
        let secret = self.secret.get().await?;
        Ok(FeedLink::verify(text, &secret.link_key))
    }

    /// Reads the secret ahead of the first request.
    pub async fn warm(&self) {
        let _ = self.secret.get().await;
    }

    /// Whether the secret can be read.
    pub async fn reachable(&self) -> bool {
        self.secret.get().await.is_ok()
    }
}

impl Caller {
    /// The staff member that this caller means to act for, named by `user_id` in the
    /// body or else in the query. One who acts only for themself need not say so, and
    /// can name nobody else.
    pub fn acting_for(
        &self,
        request: &ApiRequest,
        in_body: Option<&str>,
    ) -> Result<UserId, HttpError> {
        let mut named = [in_body, request.query("user_id")].into_iter().flatten();
        match &self.0 {
            ActsFor::Everyone => {
                let named = named.next();
                let named = named.ok_or_else(|| HttpError::bad_field("user_id", "is missing"))?;
                UserId::parse(named)
                    .ok_or_else(|| HttpError::bad_field("user_id", "is not a user id"))
            }
            ActsFor::Only(user) if named.all(|named| named == user.as_str()) => Ok(user.clone()),
            ActsFor::Only(_) => Err(HttpError::forbidden(
                "You can only do this for yourself. Leave user_id out, or give your own.",
            )),
        }
    }

    /// The staff member whose things this caller asks for, named as for
    /// [`acting_for`](Self::acting_for); none means everybody's.
    pub fn asking_for(
        &self,
        request: &ApiRequest,
        in_body: Option<&str>,
    ) -> Result<Option<UserId>, HttpError> {
        let names_nobody = in_body.or_else(|| request.query("user_id")).is_none();
        if self.acts_for_everyone() && names_nobody {
            return Ok(None);
        }
        self.acting_for(request, in_body).map(Some)
    }

    /// Whether this caller may act for every staff member.
    pub fn acts_for_everyone(&self) -> bool {
        matches!(self.0, ActsFor::Everyone)
    }
}

fn no_link_key() -> HttpError {
    HttpError::internal("no key for links is configured")
}

fn is_api_key(keys: &[ApiKey], sent: &str) -> bool {
    let digest = hex(&Sha256::digest(sent.as_bytes()));
    // Every key is compared, so that the time says nothing of which matched.
    keys.iter().fold(false, |known, key| {
        known | same(&key.sha256.to_ascii_lowercase(), &digest)
    })
}

/// Three parts with dots between them (RFC 7515 §7.1).
fn looks_like_jwt(text: &str) -> bool {
    text.split('.').count() == 3
}

/// The token of `Bearer …` (RFC 6750 §2.1; the scheme's case does not matter).
pub(super) fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Compares in constant time, whatever the lengths.
pub(super) fn same(one: &str, other: &str) -> bool {
    let one = Sha256::digest(one.as_bytes());
    let other = Sha256::digest(other.as_bytes());
    bool::from(one.as_slice().ct_eq(other.as_slice()))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bearer_scheme_is_read_in_any_case() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer  abc "), Some("abc"));
        assert_eq!(bearer("Basic abc"), None);
        assert_eq!(bearer("abc"), None);
        assert_eq!(bearer(""), None);
    }
}
