//! The key that signs id tokens: RS256, as Microsoft's. One per process, made
//! when first needed; a restart is a key rollover.

use std::sync::OnceLock;

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::token_error::TokenError;

/// The claims as a compact JWS (RFC 7515).
pub(super) fn sign(claims: &Value) -> Result<String, TokenError> {
    let key = key()?;
    let header = json!({"typ": "JWT", "alg": "RS256", "kid": key_id(key)});
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(&header), encode(claims));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        signed.as_bytes(),
        &mut signature,
    )
    .map_err(|_| TokenError::server_error())?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// The public half as a JWK (RFC 7517).
pub(super) fn public_key() -> Result<Value, TokenError> {
    let key = key()?;
    let public = key.public_key();
    let encode = |number: &[u8]| URL_SAFE_NO_PAD.encode(number);
    Ok(json!({
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": key_id(key),
        "n": encode(public.modulus().big_endian_without_leading_zero()),
        "e": encode(public.exponent().big_endian_without_leading_zero()),
    }))
}

fn key() -> Result<&'static KeyPair, TokenError> {
    static KEY: OnceLock<Option<KeyPair>> = OnceLock::new();
    KEY.get_or_init(|| KeyPair::generate(KeySize::Rsa2048).ok())
        .as_ref()
        .ok_or_else(TokenError::server_error)
}

fn key_id(key: &KeyPair) -> String {
    let digest = Sha256::digest(key.public_key().as_ref());
    URL_SAFE_NO_PAD.encode(&digest[..15])
}
