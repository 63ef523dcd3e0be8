//! What becomes of each secret: pure, from what is stored and what is given.
//!
//! A new credential is put beside the one in use, so that both hold while the other
//! side changes over.

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::input::Given;

/// The API key that a new stack begins with.
const FIRST_API_KEY: &str = "crm";

/// A secret's new value, and what is new in it.
#[derive(Debug)]
pub(super) struct Changed {
    pub value: Value,
    pub what: Vec<String>,
}

impl Changed {
    fn begin(stored: &Value) -> Self {
        Self {
            value: stored.clone(),
            what: Vec::new(),
        }
    }

    fn put(&mut self, field: &str, value: Value, what: &str) {
        self.value[field] = value;
        self.what.push(what.to_owned());
    }
}

/// The registration at Microsoft. A new client secret takes its expiry with it.
pub(super) fn microsoft(stored: &Value, given: &Given) -> Changed {
    let mut changed = Changed::begin(stored);
    if let Some(id) = &given.client_id {
        changed.put("client_id", json!(id), "client id");
    }
    if let Some(secret) = &given.client_secret {
        changed.put("client_secret", json!(secret), "client secret");
        if let Some(fields) = changed.value.as_object_mut() {
            fields.remove("expires");
        }
    }
    if let Some(date) = given.client_secret_expires {
        let what = format!("which ends on {date}");
        changed.put("expires", json!(date), &what);
    }
    changed
}

/// What VAPI proves itself with: the new one and the newest before it.
pub(super) fn vapi(stored: &Value, given: &Given) -> Changed {
    let mut changed = Changed::begin(stored);
    if let Some(secret) = &given.webhook_secret {
        let before = stored["webhook"]["secrets"]
            .as_array()
            .and_then(|all| all.first());
        let what = match before {
            Some(_) => "webhook secret; the one before it holds too",
            None => "webhook secret",
        };
        let before = before.filter(|before| *before != &json!(secret));
        let secrets: Vec<Value> = std::iter::once(json!(secret))
            .chain(before.cloned())
            .collect();
        changed.value["webhook"]["secrets"] = json!(secrets);
        changed.what.push(what.to_owned());
    }
    if let Some(key) = &given.vapi_api_key {
        changed.put("api_key", json!(key), "VAPI's API key");
    }
    changed
}

/// The API keys. `new` is an id and the key itself, of which only the digest is kept.
pub(super) fn access(
    stored: &Value,
    new: Option<(&str, &str)>,
    removed: Option<&str>,
) -> anyhow::Result<Changed> {
    let mut changed = Changed::begin(stored);
    let mut keys = stored["api_keys"].as_array().cloned().unwrap_or_default();
    if let Some(id) = removed {
        let before = keys.len();
        keys.retain(|key| key["id"] != id);
        if keys.len() == before {
            bail!("there is no API key {id}; there are {}", named(&keys));
        }
        changed.what.push(format!("API key {id} removed"));
    }
    if let Some((id, key)) = new {
        if keys.iter().any(|known| known["id"] == id) {
            bail!(
                "there is an API key {id} already; make {id}-2, and remove {id} when nobody uses it"
            );
        }
        let digest = Sha256::digest(key.as_bytes());
        let digest: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        keys.push(json!({"id": id, "sha256": digest.concat()}));
        changed.what.push(format!("API key {id}"));
    }
    if !changed.what.is_empty() {
        changed.value["api_keys"] = json!(keys);
    }
    Ok(changed)
}

/// The id of the API key to make: the one that was asked for, or the first.
pub(super) fn new_api_key<'a>(stored: &Value, wanted: Option<&'a str>) -> Option<&'a str> {
    let keys = stored["api_keys"].as_array();
    let is_first = keys.is_none_or(Vec::is_empty) && stored.get("jwt").is_none();
    wanted.or_else(|| is_first.then_some(FIRST_API_KEY))
}

/// The keys that seal tokens, with a new one that seals from now on. What was sealed
/// with another is opened with that.
pub(super) fn token_keys(stored: &Value, new: &str) -> anyhow::Result<Changed> {
    let mut changed = Changed::begin(stored);
    let keys = stored["keys"]
        .as_object()
        .context("TokenKeysSecret holds no keys, not even none; look at it before anything else")?;
    if STANDARD.decode(new).map_or(0, |bytes| bytes.len()) != 32 {
        bail!("the new key that seals tokens does not have 32 bytes");
    }
    let newest = keys.keys().filter_map(|id| id.parse::<u32>().ok()).max();
    let id = (newest.unwrap_or(0) + 1).to_string();
    changed.value["keys"][&id] = json!(new);
    let what = format!("key {id}, which seals from now on");
    changed.put("current", json!(id), &what);
    Ok(changed)
}

/// Whether no token can have been sealed yet.
pub(super) fn has_no_token_key(stored: &Value) -> bool {
    stored["keys"]
        .as_object()
        .is_some_and(serde_json::Map::is_empty)
}

fn named(keys: &[Value]) -> String {
    let ids: Vec<&str> = keys.iter().filter_map(|key| key["id"].as_str()).collect();
    if ids.is_empty() {
        "none".to_owned()
    } else {
        ids.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(lines: &str) -> Given {
        super::super::input::parse(lines).unwrap()
    }

    #[test]
    fn a_new_client_secret_does_not_keep_the_expiry_of_the_old_one() {
        let stored = json!({"client_id": "a", "client_secret": "b", "expires": "2026-12-01"});
        let changed = microsoft(&stored, &given("client_secret=c"));
        assert_eq!(
            changed.value,
            json!({"client_id": "a", "client_secret": "c"})
        );
        assert_eq!(changed.what, ["client secret"]);
        let changed = microsoft(&stored, &given("client_secret_expires=2028-05-31"));
        assert_eq!(changed.value["expires"], "2028-05-31");
        assert_eq!(changed.value["client_secret"], "b");
    }

    #[test]
    fn two_webhook_secrets_hold_at_once_and_whatever_else_is_there_stays() {
        let stored = json!({"webhook": {"mode": "hmac", "secrets": []}, "api_key": "k"});
        let first = vapi(&stored, &given("webhook_secret=one"));
        assert_eq!(
            first.value["webhook"],
            json!({"mode": "hmac", "secrets": ["one"]})
        );
        let second = vapi(&first.value, &given("webhook_secret=two"));
        assert_eq!(second.value["webhook"]["secrets"], json!(["two", "one"]));
        let third = vapi(&second.value, &given("webhook_secret=three"));
        assert_eq!(third.value["webhook"]["secrets"], json!(["three", "two"]));
        let again = vapi(&third.value, &given("webhook_secret=three"));
        assert_eq!(again.value["webhook"]["secrets"], json!(["three"]));
        assert_eq!(third.value["api_key"], "k");
    }

    #[test]
    fn an_api_key_is_kept_as_its_digest_and_beside_the_others() {
        let empty = json!({"api_keys": [], "link_key": "l"});
        assert_eq!(new_api_key(&empty, None), Some("crm"));
        let first = access(&empty, Some(("crm", "abc")), None).unwrap();
        // SHA-256 of "abc" (FIPS 180-2, appendix B.1).
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(
            first.value,
            json!({"api_keys": [{"id": "crm", "sha256": digest}], "link_key": "l"})
        );
        assert_eq!(new_api_key(&first.value, None), None);
        assert!(access(&first.value, Some(("crm", "def")), None).is_err());
        let second = access(&first.value, Some(("crm-2", "def")), None).unwrap();
        let last = access(&second.value, None, Some("crm")).unwrap();
        assert_eq!(last.value["api_keys"].as_array().unwrap().len(), 1);
        let missing = access(&last.value, None, Some("crm"))
            .unwrap_err()
            .to_string();
        assert_eq!(missing, "there is no API key crm; there are crm-2");
    }

    #[test]
    fn a_rotated_key_seals_and_the_old_one_still_opens() {
        let key = |byte: u8| STANDARD.encode([byte; 32]);
        let empty = json!({"current": "", "keys": {}});
        assert!(has_no_token_key(&empty));
        let first = token_keys(&empty, &key(1)).unwrap();
        let second = token_keys(&first.value, &key(2)).unwrap();
        assert_eq!(
            second.value,
            json!({"current": "2", "keys": {"1": key(1), "2": key(2)}})
        );
        assert!(!has_no_token_key(&second.value));
        let named = json!({"current": "k1", "keys": {"k1": key(1)}});
        assert_eq!(token_keys(&named, &key(2)).unwrap().value["current"], "1");
        assert!(token_keys(&empty, "short").is_err());
        assert!(token_keys(&json!({}), &key(1)).is_err());
    }
}
