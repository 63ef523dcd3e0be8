//! The public keys of an issuer, as far as tokens may be signed with them.
//!
//! What a key is good for is read from the key itself: RSA of 2048 bits or more is for
//! RS256, a point on P-256 for ES256 (RFC 8725 §3.1, §3.5). Every other key, a
//! symmetric one above all, is left out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// How long the modulus of an RSA key is, in bits (RFC 7518 §3.3 asks for 2048).
const RSA_BITS: std::ops::RangeInclusive<u32> = 2048..=8192;

/// How long a coordinate on P-256 is, in bytes (RFC 7518 §6.2.1.2).
const COORDINATE: usize = 32;

/// The keys that an issuer signs tokens with.
pub(super) struct SigningKeys(Vec<SigningKey>);

struct SigningKey {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

impl SigningKeys {
    /// Reads a JWK Set. Keys that cannot be used here are left out, as RFC 7517 §5 says.
    pub(super) fn read(json: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Value>,
        }
        let set: Set = serde_json::from_slice(json).ok()?;
        let jwks = set.keys.into_iter();
        let jwks = jwks.filter_map(|jwk| serde_json::from_value::<Jwk>(jwk).ok());
        Some(Self(jwks.filter_map(Jwk::into_key).collect()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key of that id for that algorithm. A token without an id means the only key
    /// that there is; of several, none.
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&DecodingKey> {
        let fits = |key: &&SigningKey| key.algorithm == algorithm;
        let found = match (id, self.0.as_slice()) {
            (Some(id), keys) => keys
                .iter()
                .filter(|key| key.id.as_deref() == Some(id))
                .find(fits),
            (None, [only]) => Some(only).filter(fits),
            (None, _) => None,
        };
        found.map(|key| &key.key)
    }
}

/// The members of a JWK that are read (RFC 7517 §4, RFC 7518 §6).
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    kid: Option<String>,
    n: Option<String>,
    e: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Jwk {
    fn into_key(self) -> Option<SigningKey> {
        let for_signatures = self
            .purpose
            .as_deref()
            .is_none_or(|purpose| purpose == "sig");
        let may_verify = self
            .key_ops
            .as_ref()
            .is_none_or(|operations| operations.iter().any(|operation| operation == "verify"));
        let (name, algorithm, key) = match self.kty.as_str() {
            "RSA" => ("RS256", Algorithm::RS256, self.rsa()?),
            "EC" => ("ES256", Algorithm::ES256, self.p256()?),
            _ => return None,
        };
        let for_this = self.alg.as_deref().is_none_or(|alg| alg == name);
        (for_signatures && may_verify && for_this).then_some(SigningKey {
            id: self.kid,
            algorithm,
            key,
        })
    }

    fn rsa(&self) -> Option<DecodingKey> {
        let (n, e) = (bytes(self.n.as_ref())?, bytes(self.e.as_ref())?);
        let n: Vec<u8> = n.into_iter().skip_while(|byte| *byte == 0).collect();
        let unused = n.first()?.leading_zeros();
        let bits = u32::try_from(n.len()).ok()?.checked_mul(8)? - unused;
        let fits = RSA_BITS.contains(&bits);
        fits.then(|| DecodingKey::from_rsa_raw_components(&n, &e))
    }

    fn p256(&self) -> Option<DecodingKey> {
        let (x, y) = (bytes(self.x.as_ref())?, bytes(self.y.as_ref())?);
        let is_p256 = self.crv.as_deref() == Some("P-256");
        let fits = is_p256 && x.len() == COORDINATE && y.len() == COORDINATE;
        // The uncompressed form of SEC 1 §2.3.3. That it is on the curve is checked with
        // every signature.
        fits.then(|| DecodingKey::from_ec_der(&[vec![4], x, y].concat()))
    }
}

fn bytes(text: Option<&String>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn number(bytes: usize) -> String {
        URL_SAFE_NO_PAD.encode(vec![0xA5; bytes])
    }

    /// Which algorithms the set has a key for, under the id `k`.
    fn algorithms(keys: &Value) -> Vec<Algorithm> {
        let set = SigningKeys::read(json!({"keys": keys}).to_string().as_bytes()).unwrap();
        let known = [Algorithm::RS256, Algorithm::ES256, Algorithm::HS256];
        let mut found = known.to_vec();
        found.retain(|algorithm| set.find(Some("k"), *algorithm).is_some());
        assert_eq!(found.is_empty(), set.is_empty());
        found
    }

    #[test]
    fn a_key_is_good_for_what_it_is_and_for_nothing_else() {
        let rsa = json!({"kty": "RSA", "kid": "k", "n": number(256), "e": "AQAB"});
        let ec = json!({"kty": "EC", "kid": "k", "crv": "P-256", "x": number(32), "y": number(32)});
        let with = |key: &Value, name: &str, value: Value| {
            let mut key = key.clone();
            key[name] = value;
            key
        };
        let (rs256, es256) = (vec![Algorithm::RS256], vec![Algorithm::ES256]);
        for (key, expected) in [
            (rsa.clone(), &rs256),
            (ec.clone(), &es256),
            (with(&rsa, "alg", json!("RS256")), &rs256),
            (with(&rsa, "use", json!("sig")), &rs256),
            (with(&ec, "key_ops", json!(["verify"])), &es256),
            (with(&rsa, "n", json!(number(1024))), &rs256),
            (with(&rsa, "alg", json!("HS256")), &vec![]),
            (with(&rsa, "alg", json!("PS256")), &vec![]),
            (with(&rsa, "alg", json!("ES256")), &vec![]),
            (with(&ec, "alg", json!("RS256")), &vec![]),
            (with(&rsa, "use", json!("enc")), &vec![]),
            (with(&rsa, "key_ops", json!(["encrypt"])), &vec![]),
            (with(&rsa, "n", json!(number(255))), &vec![]),
            (with(&rsa, "n", json!(number(128))), &vec![]),
            (with(&rsa, "n", json!(number(1025))), &vec![]),
            (with(&rsa, "n", json!("")), &vec![]),
            (with(&rsa, "n", json!("*")), &vec![]),
            (with(&rsa, "n", Value::Null), &vec![]),
            (with(&ec, "crv", json!("P-384")), &vec![]),
            (with(&ec, "crv", json!("secp256k1")), &vec![]),
            (with(&ec, "x", json!(number(31))), &vec![]),
            (with(&ec, "y", json!(number(33))), &vec![]),
            (json!({"kty": "oct", "kid": "k", "k": number(32)}), &vec![]),
            (
                json!({"kty": "OKP", "kid": "k", "crv": "Ed25519", "x": number(32)}),
                &vec![],
            ),
            (json!({"kid": "k"}), &vec![]),
            (json!("a key"), &vec![]),
        ] {
            assert_eq!(&algorithms(&json!([key])), expected, "{key}");
            // One that cannot be used does not take the others with it.
            let beside = json!([key, rsa]);
            assert!(algorithms(&beside).contains(&Algorithm::RS256), "{key}");
        }
    }

    #[test]
    fn a_modulus_that_is_padded_is_as_long_as_its_digits() {
        let padded = |zeros: usize, length: usize| {
            let modulus = [vec![0; zeros], vec![0x7F; 1], vec![0xFF; length - 1]].concat();
            let n = URL_SAFE_NO_PAD.encode(modulus);
            algorithms(&json!([{"kty": "RSA", "kid": "k", "n": n, "e": "AQAB"}]))
        };
        assert_eq!(padded(0, 256), [], "2047 bits");
        assert_eq!(padded(200, 256), [], "2047 bits");
        assert_eq!(padded(1, 257), [Algorithm::RS256]);
    }

    #[test]
    fn a_token_without_an_id_means_the_only_key() {
        let key = |id: &str| json!({"kty": "RSA", "kid": id, "n": number(256), "e": "AQAB"});
        let set = |keys: &[Value]| {
            SigningKeys::read(json!({"keys": keys}).to_string().as_bytes()).unwrap()
        };
        let one = set(&[key("a")]);
        assert!(one.find(None, Algorithm::RS256).is_some());
        assert!(one.find(None, Algorithm::ES256).is_none());
        assert!(one.find(Some("b"), Algorithm::RS256).is_none());
        let two = set(&[key("a"), key("b")]);
        assert!(two.find(None, Algorithm::RS256).is_none());
        assert!(two.find(Some("b"), Algorithm::RS256).is_some());
        assert!(two.find(Some("c"), Algorithm::RS256).is_none());
    }

    #[test]
    fn what_is_no_set_of_keys_is_not_read_as_an_empty_one() {
        for text in ["", "[]", "{}", r#"{"keys": {}}"#, "<html>"] {
            assert!(SigningKeys::read(text.as_bytes()).is_none(), "{text}");
        }
        assert!(SigningKeys::read(br#"{"keys": []}"#).unwrap().is_empty());
    }
}
