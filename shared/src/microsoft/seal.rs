//! Tokens are sealed before they are stored: AES-256-GCM, with the id of the key
//! in the envelope and the owner as associated data, so that a sealed token of one
//! staff member is worthless in the row of another.
//!
//! An envelope reads `v1.<key id>.<base64 of nonce and ciphertext>`.

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};

use super::MicrosoftError;
use crate::aws::Aws;
use crate::config::{SettingError, Settings};
use crate::ids::UserId;
use crate::secrets::{Secret, TokenKeys};

const VERSION: &str = "v1";

/// Seals and opens tokens with the keys of `TOKEN_KEYS_SECRET`.
pub(super) struct Vault(Secret<TokenKeys>);

impl Vault {
    pub(super) fn new(settings: &Settings, aws: &Aws) -> Result<Self, SettingError> {
        let id = settings.required("TOKEN_KEYS_SECRET")?;
        Ok(Self(Secret::new(&aws.secrets, id)))
    }

    /// Seals a token of `owner` with the current key.
    pub(super) async fn seal(
        &self,
        token: &SecretString,
        owner: &UserId,
    ) -> Result<String, MicrosoftError> {
        seal(&*self.0.get().await?, token, owner).ok_or(MicrosoftError::Sealing("sealed"))
    }

    /// Opens a sealed token of `owner`.
    pub(super) async fn open(
        &self,
        sealed: &str,
        owner: &UserId,
    ) -> Result<SecretString, MicrosoftError> {
        open(&*self.0.get().await?, sealed, owner).ok_or(MicrosoftError::Sealing("opened"))
    }

    /// Seals a sealed token of `owner` with the current key.
    pub(super) async fn seal_anew(
        &self,
        sealed: &str,
        owner: &UserId,
    ) -> Result<String, MicrosoftError> {
        if self.is_current(sealed).await? {
            return Ok(sealed.to_owned());
        }
        let token = self.open(sealed, owner).await?;
        self.seal(&token, owner).await
    }

    /// Whether a token is sealed with the current key.
    pub(super) async fn is_current(&self, sealed: &str) -> Result<bool, MicrosoftError> {
        let keys = self.0.get().await?;
        Ok(parts(sealed).is_some_and(|(key_id, _)| key_id == keys.current))
    }

    /// Reads the keys ahead of the first request.
    pub(super) async fn warm(&self) {
        let _ = self.0.get().await;
    }
}

fn seal(keys: &TokenKeys, token: &SecretString, owner: &UserId) -> Option<String> {
    let key = key(keys, &keys.current)?;
    let mut text = token.expose_secret().as_bytes().to_vec();
    // The one value below `http` that is drawn here: a nonce must never repeat.
    let nonce = key
        .seal_in_place_append_tag(bound_to(owner), &mut text)
        .ok()?;
    let sealed = [nonce.as_ref().as_slice(), &text].concat();
    Some(format!(
        "{VERSION}.{}.{}",
        keys.current,
        URL_SAFE_NO_PAD.encode(sealed)
    ))
}

fn open(keys: &TokenKeys, sealed: &str, owner: &UserId) -> Option<SecretString> {
    let (key_id, sealed) = parts(sealed)?;
    let mut bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let (nonce, text) = bytes.split_first_chunk_mut()?;
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let token = key(keys, key_id)?.open_in_place(nonce, bound_to(owner), text);
    let token = str::from_utf8(token.ok()?).ok()?;
    Some(SecretString::from(token))
}

/// The key id of an envelope, and what is sealed in it.
fn parts(envelope: &str) -> Option<(&str, &str)> {
    let (version, rest) = envelope.split_once('.')?;
    (version == VERSION).then(|| rest.rsplit_once('.'))?
}

fn key(keys: &TokenKeys, id: &str) -> Option<RandomizedNonceKey> {
    let bytes = STANDARD.decode(keys.keys.get(id)?.expose_secret()).ok()?;
    RandomizedNonceKey::new(&AES_256_GCM, &bytes).ok()
}

/// A token opens only together with the name of its owner.
fn bound_to(owner: &UserId) -> Aad<&str> {
    Aad::from(owner.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(current: &str) -> TokenKeys {
        let key = |byte| SecretString::from(STANDARD.encode([byte; 32]));
        TokenKeys {
            current: current.to_owned(),
            keys: [("a".to_owned(), key(1)), ("b.2".to_owned(), key(2))].into(),
        }
    }

    #[test]
    fn a_token_comes_back_for_its_owner_after_a_rotation() {
        let owner = UserId::new("demo");
        let token = SecretString::from("token");
        for current in ["a", "b.2"] {
            let sealed = seal(&keys(current), &token, &owner).unwrap();
            assert!(!sealed.contains("token"));
            let opened = open(&keys("a"), &sealed, &owner).unwrap();
            assert_eq!(opened.expose_secret(), "token");
        }
    }

    /// Sealed by Python's `cryptography`, as those are that were stored before.
    #[test]
    fn a_token_opens_that_another_program_sealed() {
        let sealed = "v1.a.AAECAwQFBgcICQoLz8n-Q05-8ZqDHj8AXxq9lkhQ5DFk";
        let opened = open(&keys("b.2"), sealed, &UserId::new("demo")).unwrap();
        assert_eq!(opened.expose_secret(), "token");
    }

    #[test]
    fn a_token_does_not_open_for_another_owner_or_changed() {
        let owner = UserId::new("demo");
        let sealed = seal(&keys("a"), &SecretString::from("token"), &owner).unwrap();
        assert!(open(&keys("a"), &sealed, &UserId::new("other")).is_none());
        let other_key = sealed.replacen(".a.", ".b.2.", 1);
        for changed in [
            &sealed[..sealed.len() - 4],
            "",
            "v1",
            "v1.a.",
            "v2.a.AAAA",
            &other_key,
        ] {
            assert!(open(&keys("a"), changed, &owner).is_none(), "{changed}");
        }
    }

    #[test]
    fn without_a_usable_key_nothing_is_sealed() {
        let mut short = keys("a");
        short
            .keys
            .insert("a".to_owned(), SecretString::from("c2hvcnQ="));
        let owner = UserId::new("demo");
        assert!(seal(&short, &SecretString::from("token"), &owner).is_none());
        assert!(seal(&keys("gone"), &SecretString::from("token"), &owner).is_none());
    }
}
