//! Tokens are sealed before they are stored: AES-256-GCM, with the id of the key
//! in the envelope and the owner as associated data, so that a sealed token of one
//! staff member is worthless in the row of another.
//!
//! An envelope reads `v1.<key id>.<base64 of nonce and ciphertext>`.

use aes_gcm::aead::{Aead, Generate, Payload};
use aes_gcm::{Aes256Gcm, Key, KeyInit, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};

use super::MicrosoftError;
use crate::aws::Aws;
use crate::config::{SettingError, Settings};
use crate::ids::UserId;
use crate::secrets::{Secret, TokenKeys};

const VERSION: &str = "v1";
const NONCE_BYTES: usize = 12;

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
    let cipher = cipher(keys, &keys.current)?;
    // The one value below `http` that is drawn here: a nonce must never repeat.
    let nonce = Nonce::generate();
    let payload = Payload {
        msg: token.expose_secret().as_bytes(),
        aad: owner.as_str().as_bytes(),
    };
    let ciphertext = cipher.encrypt(&nonce, payload).ok()?;
    let sealed = [nonce.as_slice(), &ciphertext].concat();
    Some(format!(
        "{VERSION}.{}.{}",
        keys.current,
        URL_SAFE_NO_PAD.encode(sealed)
    ))
}

fn open(keys: &TokenKeys, sealed: &str, owner: &UserId) -> Option<SecretString> {
    let (key_id, sealed) = parts(sealed)?;
    let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let (nonce, ciphertext) = bytes.split_at_checked(NONCE_BYTES)?;
    let payload = Payload {
        msg: ciphertext,
        aad: owner.as_str().as_bytes(),
    };
    let nonce = Nonce::try_from(nonce).ok()?;
    let token = cipher(keys, key_id)?.decrypt(&nonce, payload).ok()?;
    String::from_utf8(token).ok().map(SecretString::from)
}

/// The key id of an envelope, and what is sealed in it.
fn parts(envelope: &str) -> Option<(&str, &str)> {
    let (version, rest) = envelope.split_once('.')?;
    (version == VERSION).then(|| rest.rsplit_once('.'))?
}

fn cipher(keys: &TokenKeys, id: &str) -> Option<Aes256Gcm> {
    let bytes = STANDARD.decode(keys.keys.get(id)?.expose_secret()).ok()?;
    let key = Key::<Aes256Gcm>::try_from(bytes.as_slice()).ok()?;
    Some(Aes256Gcm::new(&key))
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
