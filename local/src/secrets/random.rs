//! Keys that are made here.

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

fn bytes() -> anyhow::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes)
        .ok()
        .context("the system has no randomness")?;
    Ok(bytes)
}

/// Something to prove oneself with, or to sign with.
pub(super) fn credential() -> anyhow::Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(bytes()?))
}

/// A key that seals tokens, as their secret holds it.
pub(super) fn sealing_key() -> anyhow::Result<String> {
    Ok(STANDARD.encode(bytes()?))
}
