//! Secrets Manager: each secret a typed value, kept for a few minutes.
//!
//! A warm function picks up a rotated secret within five minutes. When Secrets
//! Manager cannot be reached, the last known value stays in use.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::civil::Date;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;
use tokio::sync::RwLock;

use crate::aws::{SecretsManager, SecretsManagerError};

/// How long a secret is used before it is read again.
const KEPT: Duration = Duration::from_mins(5);

/// How long the last known value is used before a failed read is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// The client registration at Microsoft (`MICROSOFT_SECRET`).
#[derive(Deserialize)]
pub struct MicrosoftSecret {
    pub client_id: String,
    pub client_secret: SecretString,
    /// The day on which Microsoft stops accepting the client secret; an alarm tells of
    /// it in time.
    #[serde(default)]
    pub expires: Option<Date>,
}

impl MicrosoftSecret {
    /// Whether nothing is left blank.
    pub fn is_complete(&self) -> bool {
        !self.client_id.trim().is_empty() && is_filled(&self.client_secret)
    }
}

/// What VAPI proves itself with, and we to VAPI (`VAPI_SECRET`).
#[derive(Deserialize)]
pub struct VapiSecret {
    pub webhook: WebhookSecret,
    /// The private key for VAPI's own API.
    #[serde(default)]
    pub api_key: Option<SecretString>,
}

impl VapiSecret {
    /// Whether VAPI can prove itself.
    pub fn is_complete(&self) -> bool {
        let secrets = match &self.webhook {
            WebhookSecret::Bearer { secrets, .. } => secrets,
            WebhookSecret::Hmac(signing) => &signing.secrets,
        };
        !secrets.is_empty() && secrets.iter().all(is_filled)
    }
}

/// The webhook credential, by the way in which it is sent (VAPI docs, Server
/// authentication). Several secrets are valid at once, so that one can be rotated.
#[derive(Deserialize)]
#[serde(tag = "mode", rename_all = "lowercase")]
pub enum WebhookSecret {
    /// The secret itself, with or without `Bearer` before it, in that header; in
    /// `Authorization` or `X-Vapi-Secret` when none is named.
    Bearer {
        secrets: Vec<SecretString>,
        #[serde(default)]
        header: Option<String>,
    },
    /// A signature.
    Hmac(Signing),
}

/// How VAPI signs its deliveries. The options and what they are without being set are
/// those of VAPI's HMAC credential.
#[derive(Deserialize)]
pub struct Signing {
    pub secrets: Vec<SecretString>,
    #[serde(default)]
    pub algorithm: Digest,
    #[serde(default = "Signing::usual_signature_header")]
    pub signature_header: String,
    #[serde(default = "Signing::usual_timestamp_header")]
    pub timestamp_header: String,
    #[serde(default = "Signing::usually")]
    pub include_timestamp: bool,
    /// What is signed: `{timestamp}`, `{body}`, `{method}`, `{url}` and `{svix-id}` in
    /// some order.
    #[serde(default)]
    payload_format: Option<String>,
    #[serde(default)]
    pub signature_encoding: Encoding,
    /// What stands before the signature, such as `sha256=`.
    #[serde(default)]
    pub signature_prefix: String,
    /// Where `{svix-id}` comes from.
    #[serde(default)]
    pub message_id_header: Option<String>,
    #[serde(default)]
    pub secret_is_base64: bool,
}

/// The hash function of a signature.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Digest {
    Sha1,
    #[default]
    Sha256,
    Sha512,
}

/// How a signature is written down.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    #[default]
    Hex,
    Base64,
}

impl Signing {
    /// What is signed.
    pub fn payload_format(&self) -> &str {
        let usual = if self.include_timestamp {
            "{timestamp}.{body}"
        } else {
            "{body}"
        };
        self.payload_format.as_deref().unwrap_or(usual)
    }

    fn usual_signature_header() -> String {
        "x-signature".to_owned()
    }

    fn usual_timestamp_header() -> String {
        "x-timestamp".to_owned()
    }

    fn usually() -> bool {
        true
    }
}

/// Who may call the other routes (`ACCESS_SECRET`).
#[derive(Deserialize)]
pub struct AccessSecret {
    #[serde(default)]
    pub api_keys: Vec<ApiKey>,
    /// Signs the links with which a staff member connects a calendar, and the ids
    /// of offered slots.
    pub link_key: SecretString,
    /// Whose tokens staff may prove themselves with; nobody's without it.
    #[serde(default)]
    pub jwt: Option<JwtIssuer>,
}

impl AccessSecret {
    /// Whether the CRM can prove itself, and links can be signed.
    pub fn is_complete(&self) -> bool {
        let digest = |key: &ApiKey| {
            key.sha256.len() == 64 && key.sha256.bytes().all(|digit| digit.is_ascii_hexdigit())
        };
        let known = !self.api_keys.is_empty() || self.jwt.is_some();
        let jwt = self.jwt.as_ref().is_none_or(JwtIssuer::is_complete);
        known && jwt && self.api_keys.iter().all(digest) && is_filled(&self.link_key)
    }
}

/// One API key, known by its digest only.
#[derive(Deserialize)]
pub struct ApiKey {
    /// A name for the logs.
    pub id: String,
    /// SHA-256 of the key, in hexadecimal.
    pub sha256: String,
}

/// The OpenID Connect issuer that signs staff in to the CRM.
#[derive(Clone, Debug, Deserialize)]
pub struct JwtIssuer {
    /// Its name, exactly as it is in `iss`; its keys are found by OpenID Connect
    /// Discovery below this address.
    pub issuer: String,
    /// What stands for us in `aud`.
    pub audience: String,
    /// The claim that holds the user id.
    #[serde(default = "subject")]
    pub user_claim: String,
}

impl JwtIssuer {
    /// Whether nothing is left blank: a blank must not match a blank in a token.
    pub fn is_complete(&self) -> bool {
        let parts = [&self.issuer, &self.audience, &self.user_claim];
        parts.iter().all(|part| !part.trim().is_empty())
    }
}

/// RFC 7519 §4.1.2: whom a token is about.
fn subject() -> String {
    "sub".to_owned()
}

/// What search engines know us by (`SEARCH_SECRET`).
#[derive(Deserialize)]
pub struct SearchSecret {
    /// Empty while there is none.
    #[serde(default)]
    pub brave_key: SecretString,
}

/// The keys that tokens are sealed with (`TOKEN_KEYS_SECRET`).
#[derive(Deserialize)]
pub struct TokenKeys {
    /// The id of the key that seals.
    pub current: String,
    /// All keys that can still open, each 32 bytes in base64.
    pub keys: HashMap<String, SecretString>,
}

impl TokenKeys {
    /// Whether the current key is there, and each can be used.
    pub fn is_complete(&self) -> bool {
        let usable = |key: &SecretString| {
            STANDARD
                .decode(key.expose_secret())
                .is_ok_and(|bytes| bytes.len() == 32)
        };
        self.keys.contains_key(&self.current) && self.keys.values().all(usable)
    }
}

fn is_filled(secret: &SecretString) -> bool {
    !secret.expose_secret().trim().is_empty()
}

/// Why a secret cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Secrets Manager did not hand it over.
    #[error("could not read the secret {id}")]
    Unavailable {
        id: String,
        #[source]
        source: SecretsManagerError,
    },
    /// It is there, but not in the form that the function needs. The reason is
    /// left out on purpose, since it could quote the secret.
    #[error("the secret {id} does not have the expected form")]
    Malformed { id: String },
}

/// One secret, read when it is first needed.
pub struct Secret<T> {
    client: SecretsManager,
    id: String,
    kept: RwLock<Option<Kept<T>>>,
}

struct Kept<T> {
    value: Arc<T>,
    fresh_until: Instant,
}

impl<T> Kept<T> {
    fn fresh(&self) -> Option<Arc<T>> {
        (Instant::now() < self.fresh_until).then(|| Arc::clone(&self.value))
    }
}

impl<T: DeserializeOwned> Secret<T> {
    /// The secret of that Secrets Manager id (a name or an ARN).
    pub fn new(client: &SecretsManager, id: &str) -> Self {
        Self {
            client: client.clone(),
            id: id.to_owned(),
            kept: RwLock::new(None),
        }
    }

    /// The current value.
    pub async fn get(&self) -> Result<Arc<T>, SecretError> {
        if let Some(value) = self.kept.read().await.as_ref().and_then(Kept::fresh) {
            return Ok(value);
        }
        let mut kept = self.kept.write().await;
        if let Some(value) = kept.as_ref().and_then(Kept::fresh) {
            return Ok(value);
        }
        let (value, lasts) = match (self.read().await, kept.take()) {
            (Ok(value), _) => (Arc::new(value), KEPT),
            (Err(error), Some(last)) => {
                tracing::warn!(secret = %self.id, error = %error, "kept the last known secret");
                (last.value, RETRY_AFTER)
            }
            (Err(error), None) => return Err(error),
        };
        *kept = Some(Kept {
            value: Arc::clone(&value),
            fresh_until: Instant::now() + lasts,
        });
        Ok(value)
    }

    async fn read(&self) -> Result<T, SecretError> {
        let text = self.client.secret_value(&self.id).await;
        let text = text.map_err(|source| SecretError::Unavailable {
            id: self.id.clone(),
            source,
        })?;
        serde_json::from_str(text.expose_secret()).map_err(|_| SecretError::Malformed {
            id: self.id.clone(),
        })
    }
}

/// What a signature is for. One made for one purpose does not hold for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    ConnectLink,
    SlotId,
    /// What stands for a staff member in a feed link.
    FeedId,
    FeedLink,
}

/// The HMAC-SHA256 over the content; none while no key is configured.
pub fn signature(key: &SecretString, purpose: Purpose, content: &[u8]) -> Option<Hmac<Sha256>> {
    let key = key.expose_secret();
    if key.is_empty() {
        return None;
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(match purpose {
        Purpose::ConnectLink => b"connect-link/1\n",
        Purpose::SlotId => b"slot-id/1\n",
        Purpose::FeedId => b"feed-id/1\n",
        Purpose::FeedLink => b"feed-link/1\n",
    });
    mac.update(content);
    Some(mac)
}
