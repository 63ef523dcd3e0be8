//! The issuer's keys, fetched when they are needed and kept while the function is warm.
//!
//! They are found by OpenID Connect Discovery 1.0 (§4) and asked for again after an
//! hour, or when a token names a key that is not among them, which is how keys are
//! rotated. After asking again there is a pause, so that tokens with made-up key ids
//! cannot have us burden the issuer. While it does not answer, the keys it gave last
//! stay in use, for a day.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::sync::{Mutex, OnceCell};

use super::keys::SigningKeys;
use super::token::{Token, TokenError};
use crate::config::is_safe_base;
use crate::https::{self, HttpsError, read_within};
use crate::ids::UserId;
use crate::secrets::JwtIssuer;

/// How long keys are used before they are asked for again.
const FRESH: SignedDuration = SignedDuration::from_hours(1);

/// How long they are used when asking again does not succeed: a key that the issuer
/// has withdrawn must not hold for ever.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// How long nothing is asked after asking again, whatever key ids come.
const PAUSE: SignedDuration = SignedDuration::from_secs(60);

/// How long nothing is asked after a failure.
const PAUSE_AFTER_FAILURE: SignedDuration = SignedDuration::from_secs(10);

/// How long asking may take; somebody waits for it.
const LIMIT: Duration = Duration::from_secs(2);

/// The largest document that is read. Those of the large issuers have some 20 KB.
const SIZE_LIMIT: usize = 256 * 1024;

/// Why an issuer's keys could not be had.
#[derive(Debug, thiserror::Error)]
enum IssuerError {
    #[error("its address is neither https nor on loopback")]
    UnsafeAddress,
    #[error("it cannot be reached")]
    Unreachable(#[from] reqwest::Error),
    #[error(transparent)]
    Https(#[from] HttpsError),
    #[error("it took too long to answer")]
    TimedOut,
    #[error("it answered {0}")]
    Refused(reqwest::StatusCode),
    #[error("its answer is too long")]
    TooLong,
    #[error("its answer cannot be read")]
    Unreadable,
    /// Discovery 1.0 §4.3: the document must be that of the issuer that was asked.
    #[error("it calls itself by another name")]
    OtherName,
}

/// The issuer of tokens, as far as it is known.
#[derive(Default)]
pub(in crate::http) struct Issuer {
    http: OnceCell<reqwest::Client>,
    known: Mutex<Known>,
}

/// What the issuer of that name has answered.
#[derive(Default)]
struct Known {
    name: String,
    keys: Option<Keys>,
    /// Nothing is asked before.
    ask_after: Option<Timestamp>,
    /// Whether asking failed the last time.
    failing: bool,
}

struct Keys {
    keys: SigningKeys,
    fetched_at: Timestamp,
}

impl Issuer {
    /// The staff member whom an acceptable token is of.
    pub(in crate::http) async fn user(
        &self,
        token: &str,
        accepted: &JwtIssuer,
        now: Timestamp,
    ) -> Result<UserId, TokenError> {
        let token = Token::read(token)?;
        // Held while asking, so that those who come at the same time wait for one answer.
        let mut known = self.known.lock().await;
        if known.name != accepted.issuer {
            *known = Known {
                name: accepted.issuer.clone(),
                ..Known::default()
            };
        }
        if known.should_ask(&token, now) {
            let answer = self.ask(&accepted.issuer).await;
            known.learn(answer, now);
        }
        let keys = known.usable(now).map(|keys| &keys.keys);
        match keys.and_then(|keys| keys.find(token.key_id.as_deref(), token.algorithm)) {
            Some(key) => token.verify(key, accepted, now),
            // What the issuer would say of this key is not known.
            None if known.failing => Err(TokenError::NoKeys),
            None => Err(TokenError::UnknownKey),
        }
    }

    async fn ask(&self, issuer: &str) -> Result<SigningKeys, IssuerError> {
        let asking = async {
            let client = async || https::client();
            let http = self.http.get_or_try_init(client).await?;
            let base = issuer.trim_end_matches('/');
            let about = format!("{base}/.well-known/openid-configuration");
            let about: About = serde_json::from_slice(&fetch(http, &about).await?)
                .map_err(|_| IssuerError::Unreadable)?;
            if about.issuer != issuer {
                return Err(IssuerError::OtherName);
            }
            let keys = fetch(http, &about.jwks_uri).await?;
            SigningKeys::read(&keys).ok_or(IssuerError::Unreadable)
        };
        let answer = tokio::time::timeout(LIMIT, asking).await;
        answer.unwrap_or(Err(IssuerError::TimedOut))
    }
}

/// The members of the issuer's metadata that are read.
#[derive(Deserialize)]
struct About {
    issuer: String,
    jwks_uri: String,
}

async fn fetch(http: &reqwest::Client, url: &str) -> Result<Vec<u8>, IssuerError> {
    if !is_safe_base(url) {
        return Err(IssuerError::UnsafeAddress);
    }
    let answer = http.get(url).send().await?;
    if !answer.status().is_success() {
        return Err(IssuerError::Refused(answer.status()));
    }
    let body = read_within(answer, SIZE_LIMIT).await?;
    body.ok_or(IssuerError::TooLong)
}

impl Known {
    fn usable(&self, now: Timestamp) -> Option<&Keys> {
        let keys = self.keys.as_ref();
        keys.filter(|keys| now.duration_since(keys.fetched_at) < KEPT)
    }

    fn should_ask(&self, token: &Token<'_>, now: Timestamp) -> bool {
        if self.ask_after.is_some_and(|after| now < after) {
            return false;
        }
        let Some(Keys { keys, fetched_at }) = self.usable(now) else {
            return true;
        };
        let id = token.key_id.as_deref();
        let is_new = id.is_some() && keys.find(id, token.algorithm).is_none();
        is_new || now.duration_since(*fetched_at) >= FRESH
    }

    fn learn(&mut self, answer: Result<SigningKeys, IssuerError>, now: Timestamp) {
        self.failing = answer.is_err();
        let found_some = answer.as_ref().is_ok_and(|keys| !keys.is_empty());
        let is_first = self.usable(now).is_none() && found_some;
        self.ask_after = match (self.failing, is_first) {
            (true, _) => now.checked_add(PAUSE_AFTER_FAILURE).ok(),
            (false, true) => None,
            (false, false) => now.checked_add(PAUSE).ok(),
        };
        match answer {
            Ok(keys) => {
                if keys.is_empty() {
                    tracing::warn!(issuer = %self.name, "the issuer has no key for RS256 or ES256");
                }
                self.keys = Some(Keys {
                    keys,
                    fetched_at: now,
                });
            }
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(issuer = %self.name, %error, cause, "the issuer's keys could not be fetched");
            }
        }
    }
}
