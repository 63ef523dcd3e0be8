//! What the login authority remembers: codes and grants. Codes and tokens are
//! kept by their SHA-256, so that a journal holds nothing that can be used.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A code between the sign-in page and the token endpoint.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Code {
    pub grant: Grant,
    /// The tenant segment of the path; a code is redeemed where it was issued.
    pub authority: String,
    pub redirect_uri: String,
    pub challenge: Option<Challenge>,
    pub nonce: Option<String>,
    pub redeemed: bool,
    /// The AADSTS number of the error that redeeming it brings.
    #[serde(default)]
    pub refused: Option<u32>,
}

/// Proof key for code exchange (RFC 7636).
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) enum Challenge {
    Plain(String),
    S256(String),
}

/// What somebody allowed a client: behind a code, an access or a refresh token.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Grant {
    /// One sign-in; what is refreshed from it shares the id.
    pub sign_in: Uuid,
    pub email: String,
    pub client_id: String,
    pub scopes: Vec<String>,
    pub expires: Timestamp,
    /// The account's count of revocations when this was issued.
    pub generation: u64,
    /// A refresh token that has been exchanged for a newer one.
    pub replaced: bool,
}

/// A new secret of `parts` times 122 random bits, marked by what it is for.
pub(super) fn random_secret(prefix: &str, parts: usize) -> String {
    (0..parts).fold(prefix.to_owned(), |mut secret, _| {
        secret.push_str(&URL_SAFE_NO_PAD.encode(Uuid::new_v4().as_bytes()));
        secret
    })
}

/// The name under which a secret is kept.
pub(super) fn fingerprint(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}
