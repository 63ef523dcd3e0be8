//! What a token must be to be accepted: signed by the issuer's key, of a known type,
//! for us, in its time, and with a staff member in it (RFC 7519 §7.2, RFC 8725 §3).

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};

use crate::ids::UserId;
use crate::secrets::JwtIssuer;

/// How far the issuer's clock and ours may be apart, in seconds.
const LEEWAY: f64 = 60.0;

/// Why a token is not accepted. No reason quotes the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::http) enum TokenError {
    /// It is not three parts of base64, or its header or claims are not what they
    /// should be. An `alg` that nobody knows, `none` among them, ends here too.
    #[error("the token cannot be read")]
    Unreadable,
    /// Neither RS256 nor ES256.
    #[error("the token is signed with an algorithm that is not accepted")]
    Algorithm,
    /// A JWT of another kind, which could be mistaken for one that says who somebody
    /// is (RFC 8725 §3.11).
    #[error("the token is of another type")]
    Type,
    /// It asks for an extension to be understood (RFC 7515 §4.1.11); none is.
    #[error("the token has a critical extension")]
    Critical,
    /// The issuer has no such key for this algorithm.
    #[error("the token names no key of the issuer")]
    UnknownKey,
    /// It was changed, or signed by somebody else.
    #[error("the token's signature does not hold")]
    Signature,
    /// The claim is missing or not what it must be.
    #[error("the token's claim {0} is not acceptable")]
    Claim(&'static str),
    /// The issuer's keys cannot be had, so the token may be good or not.
    #[error("the issuer's keys cannot be had")]
    NoKeys,
}

/// A token whose header has been read, and nothing of it believed.
pub(super) struct Token<'a> {
    text: &'a str,
    pub(super) key_id: Option<String>,
    pub(super) algorithm: Algorithm,
}

impl<'a> Token<'a> {
    /// Reads the header, which says what key to look for.
    pub(super) fn read(text: &'a str) -> Result<Self, TokenError> {
        let header = decode_header(text).map_err(|_| TokenError::Unreadable)?;
        if !matches!(header.alg, Algorithm::RS256 | Algorithm::ES256) {
            return Err(TokenError::Algorithm);
        }
        if !header.typ.as_deref().is_none_or(is_known_type) {
            return Err(TokenError::Type);
        }
        if header.crit.is_some() {
            return Err(TokenError::Critical);
        }
        Ok(Self {
            text,
            key_id: header.kid,
            algorithm: header.alg,
        })
    }

    /// The staff member that the token is of, if `key` has signed it and it is
    /// acceptable now.
    pub(super) fn verify(
        &self,
        key: &DecodingKey,
        accepted: &JwtIssuer,
        now: Timestamp,
    ) -> Result<UserId, TokenError> {
        let claims = self.signed_claims(key)?;
        if claims.get("iss").and_then(Value::as_str) != Some(&accepted.issuer) {
            return Err(TokenError::Claim("iss"));
        }
        if !claims
            .get("aud")
            .is_some_and(|aud| is_for(aud, &accepted.audience))
        {
            return Err(TokenError::Claim("aud"));
        }
        let now = now.as_duration().as_secs_f64();
        let ends = claims.get("exp").and_then(Value::as_f64);
        if !ends.is_some_and(|ends| now < ends + LEEWAY) {
            return Err(TokenError::Claim("exp"));
        }
        let begins = claims.get("nbf").map(Value::as_f64);
        if !begins.is_none_or(|begins| begins.is_some_and(|begins| begins - LEEWAY <= now)) {
            return Err(TokenError::Claim("nbf"));
        }
        let user = claims.get(&accepted.user_claim).and_then(Value::as_str);
        user.and_then(|text| UserId::parse(text).filter(|user| user.as_str() == text))
            .ok_or(TokenError::Claim("for the user"))
    }

    /// The claims, once the signature over them holds. They are checked above, since
    /// the library would ask the system clock and takes several issuers for one.
    fn signed_claims(&self, key: &DecodingKey) -> Result<Map<String, Value>, TokenError> {
        let mut signature_only = Validation::new(self.algorithm);
        signature_only.required_spec_claims.clear();
        signature_only.validate_exp = false;
        signature_only.validate_aud = false;
        let decoded = decode(self.text, key, &signature_only).map_err(|_| TokenError::Signature)?;
        Ok(decoded.claims)
    }
}

/// `JWT` (RFC 7519 §5.1), or an access token (RFC 9068 §2.1).
fn is_known_type(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let name = name.strip_prefix("application/").unwrap_or(&name);
    matches!(name, "jwt" | "at+jwt")
}

/// Whether we are whom, or among those whom, a token is for (RFC 7519 §4.1.3).
fn is_for(aud: &Value, audience: &str) -> bool {
    match aud {
        Value::String(one) => one == audience,
        Value::Array(several) => several.iter().any(|one| one.as_str() == Some(audience)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
    use aws_lc_rs::signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    };
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use hmac::{Hmac, KeyInit, Mac};
    use serde_json::json;
    use sha2::Sha256;

    use super::super::keys::SigningKeys;
    use super::*;

    const NOW: i64 = 2_000_000_000;

    /// An issuer with one key of each kind, made for the test.
    struct Signer {
        rsa: RsaKeyPair,
        ec: EcdsaKeyPair,
    }

    impl Signer {
        fn new() -> Self {
            Self {
                rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
                ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            }
        }

        fn keys(&self) -> SigningKeys {
            let public = self.rsa.public_key();
            let point = self.ec.public_key().as_ref();
            let set = json!({"keys": [
                {
                    "kty": "RSA", "kid": "rsa",
                    "n": encode(public.modulus().big_endian_without_leading_zero()),
                    "e": encode(public.exponent().big_endian_without_leading_zero()),
                },
                {
                    "kty": "EC", "crv": "P-256", "kid": "ec",
                    "x": encode(&point[1..33]), "y": encode(&point[33..]),
                },
            ]});
            SigningKeys::read(set.to_string().as_bytes()).unwrap()
        }

        fn sign(&self, key: &str, header: &Value, claims: &Value) -> String {
            let signed = format!("{}.{}", part(header), part(claims));
            let random = SystemRandom::new();
            let mut signature = vec![0; self.rsa.public_modulus_len()];
            if key == "rsa" {
                let signed = signed.as_bytes();
                let done = self
                    .rsa
                    .sign(&RSA_PKCS1_SHA256, &random, signed, &mut signature);
                done.unwrap();
            } else {
                signature = self
                    .ec
                    .sign(&random, signed.as_bytes())
                    .unwrap()
                    .as_ref()
                    .to_vec();
            }
            format!("{signed}.{}", encode(&signature))
        }
    }

    fn encode(bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn part(value: &Value) -> String {
        encode(value.to_string().as_bytes())
    }

    fn accepted() -> JwtIssuer {
        JwtIssuer {
            issuer: "https://crm.example/".to_owned(),
            audience: "viewing-desk".to_owned(),
            user_claim: "sub".to_owned(),
        }
    }

    fn claims() -> Value {
        json!({
            "iss": "https://crm.example/", "aud": "viewing-desk", "sub": "demo",
            "exp": NOW + 300, "nbf": NOW, "iat": NOW,
        })
    }

    fn with(object: &Value, name: &str, value: Value) -> Value {
        let mut object = object.clone();
        object[name] = value;
        object
    }

    fn without(object: &Value, name: &str) -> Value {
        let mut object = object.clone();
        object.as_object_mut().unwrap().remove(name);
        object
    }

    fn check(text: &str, keys: &SigningKeys, accepted: &JwtIssuer) -> Result<UserId, TokenError> {
        let token = Token::read(text)?;
        let key = keys.find(token.key_id.as_deref(), token.algorithm);
        let now = Timestamp::from_second(NOW).unwrap();
        token.verify(key.ok_or(TokenError::UnknownKey)?, accepted, now)
    }

    fn shown(result: Result<UserId, TokenError>) -> String {
        result.map_or_else(|error| error.to_string(), |user| user.to_string())
    }

    #[test]
    fn a_token_is_accepted_by_its_claims() {
        let (signer, claims) = (Signer::new(), claims());
        let keys = signer.keys();
        let refused = |claim: &str| format!("the token's claim {claim} is not acceptable");
        let (good, user) = ("demo".to_owned(), refused("for the user"));
        let (iss, aud) = (refused("iss"), refused("aud"));
        let (exp, nbf) = (refused("exp"), refused("nbf"));
        for (changed, expected) in [
            (claims.clone(), &good),
            (without(&claims, "nbf"), &good),
            (without(&claims, "iat"), &good),
            (
                with(&claims, "aud", json!(["other", "viewing-desk"])),
                &good,
            ),
            (with(&claims, "exp", json!(NOW - 59)), &good),
            (with(&claims, "exp", json!(2_000_000_000.5)), &good),
            (with(&claims, "nbf", json!(NOW + 60)), &good),
            (without(&claims, "iss"), &iss),
            (with(&claims, "iss", json!("https://crm.example")), &iss),
            (with(&claims, "iss", json!("https://CRM.example/")), &iss),
            (with(&claims, "iss", json!(["https://crm.example/"])), &iss),
            (with(&claims, "iss", Value::Null), &iss),
            (without(&claims, "aud"), &aud),
            (with(&claims, "aud", json!("viewing")), &aud),
            (with(&claims, "aud", json!("")), &aud),
            (with(&claims, "aud", json!([])), &aud),
            (
                with(&claims, "aud", json!(["other", ["viewing-desk"]])),
                &aud,
            ),
            (with(&claims, "aud", json!({"viewing-desk": true})), &aud),
            (without(&claims, "exp"), &exp),
            (with(&claims, "exp", json!(NOW - 60)), &exp),
            (with(&claims, "exp", json!(0)), &exp),
            (with(&claims, "exp", json!(-1)), &exp),
            (with(&claims, "exp", json!((NOW + 300).to_string())), &exp),
            (with(&claims, "exp", Value::Null), &exp),
            (with(&claims, "nbf", json!(NOW + 61)), &nbf),
            (with(&claims, "nbf", json!("soon")), &nbf),
            (with(&claims, "nbf", Value::Null), &nbf),
            (without(&claims, "sub"), &user),
            (with(&claims, "sub", json!("")), &user),
            (with(&claims, "sub", json!(" demo")), &user),
            (with(&claims, "sub", json!("de mo")), &user),
            (with(&claims, "sub", json!(42)), &user),
            (with(&claims, "sub", json!(true)), &user),
            (with(&claims, "sub", json!("x".repeat(129))), &user),
        ] {
            for key in ["rsa", "ec"] {
                let alg = if key == "rsa" { "RS256" } else { "ES256" };
                let text = signer.sign(key, &json!({"alg": alg, "kid": key}), &changed);
                let found = shown(check(&text, &keys, &accepted()));
                assert_eq!(&found, expected, "{alg} {changed}");
            }
        }
    }

    #[test]
    fn the_user_is_in_the_claim_that_was_chosen() {
        let (signer, claims) = (Signer::new(), claims());
        let name = "https://crm.example/user_id";
        let accepted = JwtIssuer {
            user_claim: name.to_owned(),
            ..accepted()
        };
        let header = json!({"alg": "ES256", "kid": "ec"});
        let text = signer.sign("ec", &header, &with(&claims, name, json!("pat")));
        assert_eq!(shown(check(&text, &signer.keys(), &accepted)), "pat");
        let text = signer.sign("ec", &header, &claims);
        assert!(check(&text, &signer.keys(), &accepted).is_err());
    }

    #[test]
    fn the_header_chooses_nothing_but_the_key() {
        let signer = Signer::new();
        let keys = signer.keys();
        let header = json!({"alg": "RS256", "kid": "rsa", "typ": "JWT"});
        let good = "demo".to_owned();
        for (changed, expected) in [
            (header.clone(), &good),
            (without(&header, "typ"), &good),
            (with(&header, "typ", json!("at+jwt")), &good),
            (with(&header, "typ", json!("application/AT+JWT")), &good),
            (with(&header, "jku", json!("https://evil.example/")), &good),
            (
                with(&header, "typ", json!("logout+jwt")),
                &TokenError::Type.to_string(),
            ),
            (
                with(&header, "typ", json!("JOSE")),
                &TokenError::Type.to_string(),
            ),
            (
                with(&header, "typ", json!(7)),
                &TokenError::Unreadable.to_string(),
            ),
            (
                with(&header, "crit", json!(["exp"])),
                &TokenError::Critical.to_string(),
            ),
            (
                with(&header, "crit", json!([])),
                &TokenError::Critical.to_string(),
            ),
            (
                with(&header, "crit", json!("b64")),
                &TokenError::Unreadable.to_string(),
            ),
            (without(&header, "kid"), &TokenError::UnknownKey.to_string()),
            (
                with(&header, "kid", json!("other")),
                &TokenError::UnknownKey.to_string(),
            ),
            (
                with(&header, "kid", json!("")),
                &TokenError::UnknownKey.to_string(),
            ),
            (
                with(&header, "kid", json!("ec")),
                &TokenError::UnknownKey.to_string(),
            ),
            (
                with(&header, "alg", json!("ES256")),
                &TokenError::UnknownKey.to_string(),
            ),
            (
                with(&header, "alg", json!("RS512")),
                &TokenError::Algorithm.to_string(),
            ),
            (
                with(&header, "alg", json!("PS256")),
                &TokenError::Algorithm.to_string(),
            ),
            (
                with(&header, "alg", json!("HS256")),
                &TokenError::Algorithm.to_string(),
            ),
            (
                with(&header, "alg", json!("none")),
                &TokenError::Unreadable.to_string(),
            ),
            (
                with(&header, "alg", json!("rs256")),
                &TokenError::Unreadable.to_string(),
            ),
            (without(&header, "alg"), &TokenError::Unreadable.to_string()),
        ] {
            let text = signer.sign("rsa", &changed, &claims());
            let found = shown(check(&text, &keys, &accepted()));
            assert_eq!(&found, expected, "{changed}");
        }
    }

    #[test]
    fn only_the_issuers_signature_over_all_of_it_holds() {
        let (signer, stranger) = (Signer::new(), Signer::new());
        let keys = signer.keys();
        for (key, alg) in [("rsa", "RS256"), ("ec", "ES256")] {
            let header = json!({"alg": alg, "kid": key});
            let text = signer.sign(key, &header, &claims());
            let [head, body, signature] = text.split('.').collect::<Vec<_>>()[..] else {
                panic!("{text}");
            };
            let victim = part(&with(&claims(), "sub", json!("victim")));
            let other_head = part(&with(&header, "x", json!(1)));
            for forged in [
                stranger.sign(key, &header, &claims()),
                format!("{head}.{victim}.{signature}"),
                format!("{other_head}.{body}.{signature}"),
                format!("{head}.{body}."),
                format!("{head}.{body}.AAAA"),
                format!("{head}.{body}.{signature}A"),
                format!("{head}.{body}.{}", encode(&[0; 64])),
                format!("{head}.{body}.{}", encode(&[0; 256])),
            ] {
                let found = check(&forged, &keys, &accepted());
                assert_eq!(found, Err(TokenError::Signature), "{forged}");
            }
            assert_eq!(shown(check(&text, &keys, &accepted())), "demo");
        }
    }

    #[test]
    fn the_public_key_is_no_secret_to_sign_with() {
        let signer = Signer::new();
        let modulus = signer.rsa.public_key().modulus();
        for secret in [
            modulus.big_endian_without_leading_zero(),
            signer.rsa.public_key().as_ref(),
            b"",
        ] {
            let header = json!({"alg": "HS256", "kid": "rsa"});
            let content = format!("{}.{}", part(&header), part(&claims()));
            let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
            mac.update(content.as_bytes());
            let text = format!("{content}.{}", encode(&mac.finalize().into_bytes()));
            let found = check(&text, &signer.keys(), &accepted());
            assert_eq!(found, Err(TokenError::Algorithm));
        }
    }

    #[test]
    fn a_key_that_is_none_verifies_nothing() {
        let signer = Signer::new();
        let set = json!({"keys": [
            {"kty": "RSA", "kid": "rsa", "n": encode(&[0xA4; 256]), "e": "AQAB"},
            {"kty": "EC", "crv": "P-256", "kid": "ec", "x": encode(&[1; 32]), "y": encode(&[1; 32])},
            {"kty": "RSA", "kid": "one", "n": encode(&[0xA5; 256]), "e": "AQ"},
        ]});
        let keys = SigningKeys::read(set.to_string().as_bytes()).unwrap();
        for (kind, alg, id) in [
            ("rsa", "RS256", "rsa"),
            ("ec", "ES256", "ec"),
            ("rsa", "RS256", "one"),
        ] {
            let text = signer.sign(kind, &json!({"alg": alg, "kid": id}), &claims());
            let found = check(&text, &keys, &accepted());
            assert_eq!(found, Err(TokenError::Signature), "{id}");
        }
    }

    #[test]
    fn what_is_not_a_token_is_refused_and_breaks_nothing() {
        let keys = Signer::new().keys();
        let header = part(&json!({"alg": "RS256", "kid": "rsa"}));
        for text in [
            String::new(),
            "..".to_owned(),
            "a.b.c".to_owned(),
            "....".to_owned(),
            format!("{header}.."),
            format!("{header}.bm90IEpTT04.AAAA"),
            format!("{header}.{}.AAAA", part(&json!([1]))),
            format!("{}.{header}.AAAA", part(&json!(["RS256"]))),
            format!("{}.{header}.AAAA", part(&json!({"alg": {"a": 1}}))),
        ] {
            assert!(check(&text, &keys, &accepted()).is_err(), "{text}");
        }
    }
}
