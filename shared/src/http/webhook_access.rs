//! The credential with which VAPI proves itself (VAPI docs, Server authentication).
//!
//! A signature covers the bytes as they came, so it is checked before anything is
//! parsed. Several secrets hold at once, so that one can be rotated; an empty one never
//! does, whichever side has it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use super::access::{bearer, same};
use super::{ApiRequest, HttpError};
use crate::aws::Aws;
use crate::config::{SettingError, Settings};
use crate::secrets::{Digest, Encoding, Secret, Signing, VapiSecret, WebhookSecret};

/// How far a signature's time may be from ours, either way.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// A time with more digits is in milliseconds: which of the two VAPI sends is not
/// documented. In seconds this is the year 5138.
const LAST_SECOND: i64 = 100_000_000_000;

/// Checks the credential of a delivery.
pub struct WebhookAccess {
    secret: Secret<VapiSecret>,
    /// Where VAPI knows us to be, which a signature may cover.
    base: String,
}

impl WebhookAccess {
    /// Uses the secret that `VAPI_SECRET` names, and `PUBLIC_BASE_URL`.
    pub fn new(settings: &Settings, aws: &Aws) -> Result<Self, SettingError> {
        let id = settings.required("VAPI_SECRET")?;
        Ok(Self {
            secret: Secret::new(&aws.secrets, id),
            base: settings.base_url("PUBLIC_BASE_URL", None)?,
        })
    }

    /// Refuses a delivery whose credential is missing, empty or wrong, or whose
    /// signature is of another time.
    pub async fn check(&self, request: &ApiRequest) -> Result<(), HttpError> {
        let secret = self.secret.get().await?;
        let holds = match &secret.webhook {
            WebhookSecret::Bearer { secrets, header } => {
                let sent = match header {
                    Some(name) => [request.header(name), None],
                    None => [
                        request.header("authorization"),
                        request.header("x-vapi-secret"),
                    ],
                };
                let sent: Vec<&str> = sent.into_iter().flatten().map(token).collect();
                // Every pair is compared, so that the time says nothing of which matched.
                secrets.iter().fold(false, |holds, secret| {
                    let secret = secret.expose_secret();
                    sent.iter()
                        .fold(holds, |holds, sent| holds | matches(secret, sent))
                })
            }
            WebhookSecret::Hmac(signing) => {
                // However long it is: the signature covers all of it.
                let body = request.body(usize::MAX)?;
                let delivery = Signed::read(request, signing, &self.base, &body);
                delivery.is_some_and(|delivery| delivery.holds(signing, request.now()))
            }
        };
        if holds {
            Ok(())
        } else {
            Err(HttpError::unauthorized())
        }
    }

    /// Reads the secret ahead of the first request.
    pub async fn warm(&self) {
        let _ = self.secret.get().await;
    }
}

/// The token in a header, with or without `Bearer` before it.
fn token(header: &str) -> &str {
    bearer(header).unwrap_or(header).trim()
}

fn matches(secret: &str, sent: &str) -> bool {
    !secret.trim().is_empty() && same(secret.trim(), sent)
}

/// A signed delivery, as far as the signature goes.
struct Signed {
    signature: Vec<u8>,
    /// When it was signed, if the signature covers that.
    at: Option<Timestamp>,
    /// What was signed.
    payload: Vec<u8>,
}

impl Signed {
    fn read(request: &ApiRequest, signing: &Signing, base: &str, body: &[u8]) -> Option<Self> {
        let header = |name: &str| {
            let value = request.header(name).map(str::trim);
            value.filter(|value| !value.is_empty())
        };
        let signature = header(&signing.signature_header)?;
        let signature = signature.strip_prefix(&signing.signature_prefix)?;
        let (method, path) = request.target();
        let mut url = format!("{base}{path}");
        if !request.raw_query().is_empty() {
            url = format!("{url}?{}", request.raw_query());
        }
        let timestamp = header(&signing.timestamp_header);
        let id = signing.message_id_header.as_deref().and_then(header);
        let known = |name: &str| match name {
            "timestamp" => timestamp.map(str::as_bytes),
            "body" => Some(body),
            "method" => Some(method.as_bytes()),
            "url" => Some(url.as_bytes()),
            "svix-id" | "message-id" => id.map(str::as_bytes),
            _ => None,
        };
        let format = signing.payload_format();
        let is_timed = format.contains("{timestamp}");
        let at = match timestamp.filter(|_| is_timed) {
            Some(timestamp) => Some(instant(timestamp)?),
            None => None,
        };
        Some(Self {
            signature: decoded(signature, signing.signature_encoding)?,
            at,
            payload: filled(format, known)?,
        })
    }

    fn holds(&self, signing: &Signing, now: Timestamp) -> bool {
        let is_fresh = self
            .at
            .is_none_or(|at| now.duration_since(at).abs() <= SKEW);
        let keys = signing.secrets.iter().filter_map(|secret| {
            let secret = secret.expose_secret().trim();
            let key = if signing.secret_is_base64 {
                any_base64(secret)?
            } else {
                secret.as_bytes().to_vec()
            };
            (!key.is_empty()).then_some(key)
        });
        let signed = keys.fold(false, |signed, key| {
            signed | is_signature(signing.algorithm, &key, &self.payload, &self.signature)
        });
        is_fresh && signed
    }
}

/// The format with what its names stand for, as bytes; none when one of them is not
/// known, or was not sent.
fn filled<'a>(format: &str, known: impl Fn(&str) -> Option<&'a [u8]>) -> Option<Vec<u8>> {
    let mut payload = Vec::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        payload.extend_from_slice(before.as_bytes());
        payload.extend_from_slice(known(name)?);
        rest = after;
    }
    payload.extend_from_slice(rest.as_bytes());
    Some(payload)
}

fn instant(text: &str) -> Option<Timestamp> {
    let number: i64 = text.parse().ok()?;
    if number.checked_abs()? < LAST_SECOND {
        Timestamp::from_second(number).ok()
    } else {
        Timestamp::from_millisecond(number).ok()
    }
}

fn decoded(signature: &str, encoding: Encoding) -> Option<Vec<u8>> {
    match encoding {
        Encoding::Base64 => any_base64(signature),
        Encoding::Hex => {
            let digits = signature.as_bytes().chunks(2).map(|pair| {
                let pair = std::str::from_utf8(pair).ok()?;
                let is_byte = pair.len() == 2 && pair.bytes().all(|c| c.is_ascii_hexdigit());
                is_byte.then(|| u8::from_str_radix(pair, 16).ok())?
            });
            digits.collect()
        }
    }
}

/// Base64 in either alphabet, padded or not.
fn any_base64(text: &str) -> Option<Vec<u8>> {
    [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD]
        .iter()
        .find_map(|engine| engine.decode(text).ok())
}

/// Whether it is the HMAC of the payload under that key (RFC 2104), in constant time.
fn is_signature(digest: Digest, key: &[u8], payload: &[u8], signature: &[u8]) -> bool {
    fn verify<M: Mac + KeyInit>(key: &[u8], payload: &[u8], signature: &[u8]) -> bool {
        let Ok(mac) = <M as KeyInit>::new_from_slice(key) else {
            return false;
        };
        mac.chain_update(payload).verify_slice(signature).is_ok()
    }
    match digest {
        Digest::Sha1 => verify::<Hmac<Sha1>>(key, payload, signature),
        Digest::Sha256 => verify::<Hmac<Sha256>>(key, payload, signature),
        Digest::Sha512 => verify::<Hmac<Sha512>>(key, payload, signature),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2202 §3 and RFC 4231 §4.3, test case 2.
    #[test]
    fn signatures_are_those_of_the_standard() {
        let (key, payload) = (b"Jefe", b"what do ya want for nothing?");
        for (digest, expected) in [
            (Digest::Sha1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            (
                Digest::Sha256,
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                Digest::Sha512,
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
            ),
        ] {
            let signature = decoded(expected, Encoding::Hex).unwrap();
            assert!(is_signature(digest, key, payload, &signature), "{expected}");
            assert!(!is_signature(digest, b"Jeff", payload, &signature));
            assert!(!is_signature(digest, key, b"what do ya want", &signature));
            assert!(!is_signature(digest, key, payload, &signature[1..]));
            assert!(!is_signature(digest, key, payload, b""));
        }
    }

    #[test]
    fn a_payload_is_what_its_format_says_byte_for_byte() {
        let body: &[u8] = &[b'{', 0xff, b'}'];
        let known = |name: &str| match name {
            "body" => Some(body),
            "timestamp" => Some(&b"17"[..]),
            _ => None,
        };
        for (format, expected) in [
            ("{timestamp}.{body}", Some(&b"17.{\xff}"[..])),
            ("{body}", Some(&b"{\xff}"[..])),
            ("v0:{timestamp}:{body}", Some(&b"v0:17:{\xff}"[..])),
            ("{svix-id}.{body}", None),
            ("{body", None),
            ("", Some(&b""[..])),
        ] {
            assert_eq!(filled(format, known).as_deref(), expected, "{format}");
        }
    }

    #[test]
    fn a_time_is_in_seconds_or_milliseconds() {
        let at = "2026-11-23T12:00:00Z".parse().ok();
        assert_eq!(instant("1795435200"), at);
        assert_eq!(instant("1795435200000"), at);
        for text in [
            "",
            "now",
            "1.5",
            "99999999999999999999",
            "-9223372036854775808",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn a_signature_is_hexadecimal_or_base64() {
        assert_eq!(decoded("00fF", Encoding::Hex), Some(vec![0, 255]));
        for text in ["0", "0g", "+1", "é"] {
            assert_eq!(decoded(text, Encoding::Hex), None, "{text}");
        }
        for text in ["+/8=", "+/8", "-_8=", "-_8"] {
            assert_eq!(
                decoded(text, Encoding::Base64),
                Some(vec![251, 255]),
                "{text}"
            );
        }
        assert_eq!(decoded("*", Encoding::Base64), None);
    }

    #[test]
    fn an_empty_secret_matches_nothing() {
        for sent in ["", " ", "secret"] {
            assert!(!matches("", sent) && !matches(" ", sent), "{sent:?}");
        }
        assert!(matches("secret", token("Bearer secret")));
        assert!(matches("secret", token("secret")));
        assert!(!matches("secret", token("Bearer")));
    }
}
