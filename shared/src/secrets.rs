//! Secrets Manager: each secret a typed value, kept for a few minutes.
//!
//! A warm function picks up a rotated secret within five minutes. When Secrets
//! Manager cannot be reached, the last known value stays in use.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;
use tokio::sync::RwLock;

/// How long a secret is used before it is read again.
const KEPT: Duration = Duration::from_mins(5);

/// How long the last known value is used before a failed read is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// The client registration at Microsoft (`MICROSOFT_SECRET`).
#[derive(Deserialize)]
pub struct MicrosoftSecret {
    pub client_id: String,
    pub client_secret: SecretString,
}

/// What VAPI proves itself with (`VAPI_SECRET`).
#[derive(Deserialize)]
pub struct VapiSecret {
    pub webhook: WebhookSecret,
}

/// The webhook credential, by the way in which it is sent.
#[derive(Deserialize)]
#[serde(tag = "mode", rename_all = "lowercase")]
pub enum WebhookSecret {
    /// `Authorization: Bearer …` or `X-Vapi-Secret: …`. Several secrets are
    /// valid at once, so that one can be rotated.
    Bearer { secrets: Vec<SecretString> },
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

/// The keys that tokens are sealed with (`TOKEN_KEYS_SECRET`).
#[derive(Deserialize)]
pub struct TokenKeys {
    /// The id of the key that seals.
    pub current: String,
    /// All keys that can still open, each 32 bytes in base64.
    pub keys: HashMap<String, SecretString>,
}

/// Why a secret cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Secrets Manager did not hand it over.
    #[error("could not read the secret {id}")]
    Unavailable {
        id: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It is there, but not in the form that the function needs. The reason is
    /// left out on purpose, since it could quote the secret.
    #[error("the secret {id} does not have the expected form")]
    Malformed { id: String },
}

/// One secret, read when it is first needed.
pub struct Secret<T> {
    client: aws_sdk_secretsmanager::Client,
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
    pub fn new(client: &aws_sdk_secretsmanager::Client, id: &str) -> Self {
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
        let answer = self
            .client
            .get_secret_value()
            .secret_id(&self.id)
            .send()
            .await
            .map_err(|error| SecretError::Unavailable {
                id: self.id.clone(),
                source: error.into(),
            })?;
        answer
            .secret_string()
            .and_then(|text| serde_json::from_str(text).ok())
            .ok_or_else(|| SecretError::Malformed {
                id: self.id.clone(),
            })
    }
}

/// What a signature is for. One made for one purpose does not hold for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    ConnectLink,
    SlotId,
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
    });
    mac.update(content);
    Some(mac)
}
