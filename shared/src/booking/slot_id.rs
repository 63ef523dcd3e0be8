//! The id of an offered slot: short, signed, and good for an hour.
//!
//! It stands for a staff member, a start, a length and the version of the rules by
//! which it was offered. It grants nothing: whatever is booked with it is checked
//! against the live calendar. What it does is keep a language model, or anybody
//! else, from booking a time or a length that was never offered.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;
use jiff::{SignedDuration, Timestamp};

use crate::aws::Aws;
use crate::config::{SettingError, Settings};
use crate::ids::UserId;
use crate::scheduling::Interval;
use crate::secrets::{AccessSecret, Purpose, Secret, SecretError, signature};

/// How long an offer can be taken up.
const LASTS: SignedDuration = SignedDuration::from_hours(1);

/// Bytes of the signature that are kept: nobody guesses 80 bits within an hour.
const SIGNATURE: usize = 10;

/// Bytes before the signature: start and expiry in minutes since 1970, length in
/// minutes, version of the rules.
const CONTENT: usize = 4 + 4 + 2 + 2;

/// Signs and reads the ids of slots.
pub struct SlotIds {
    secret: Secret<AccessSecret>,
}

/// The ids, with the key at hand.
pub struct SlotKey(Arc<AccessSecret>);

/// A slot that was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferedSlot {
    pub time: Interval,
    /// The version of the rules by which it was offered, in its last 16 bits.
    rules: u16,
    expires_at: Timestamp,
}

impl SlotIds {
    /// Uses the secret that `ACCESS_SECRET` names.
    pub fn new(settings: &Settings, aws: &Aws) -> Result<Self, SettingError> {
        let id = settings.required("ACCESS_SECRET")?;
        Ok(Self {
            secret: Secret::new(&aws.secrets, id),
        })
    }

    /// Fetches the key.
    pub async fn key(&self) -> Result<SlotKey, SecretError> {
        Ok(SlotKey(self.secret.get().await?))
    }
}

impl SlotKey {
    /// The id of a slot that is offered now. None while no key is configured, or for
    /// a time that no id can hold.
    pub fn id(
        &self,
        user: &UserId,
        time: Interval,
        rules_version: i64,
        now: Timestamp,
    ) -> Option<String> {
        let minutes = |at: Timestamp| u32::try_from(at.as_second().div_euclid(60)).ok();
        let length = u16::try_from(time.duration().as_mins()).ok()?;
        let mut id = Vec::with_capacity(CONTENT + SIGNATURE);
        id.extend(minutes(time.start())?.to_be_bytes());
        id.extend(minutes(now.checked_add(LASTS).ok()?)?.to_be_bytes());
        id.extend(length.to_be_bytes());
        id.extend(low_bits(rules_version).to_be_bytes());
        let signature = self.sign(user, &id)?.finalize().into_bytes();
        id.extend(signature.iter().take(SIGNATURE));
        Some(URL_SAFE_NO_PAD.encode(id))
    }

    /// The slot that an id stands for, if it was signed for that staff member.
    pub fn read(&self, user: &UserId, id: &str) -> Option<OfferedSlot> {
        let bytes = URL_SAFE_NO_PAD.decode(id.trim()).ok()?;
        let (content, claimed) = bytes.split_at_checked(CONTENT)?;
        if claimed.len() != SIGNATURE {
            return None;
        }
        self.sign(user, content)?
            .verify_truncated_left(claimed)
            .ok()?;
        let &[s3, s2, s1, s0, e3, e2, e1, e0, l1, l0, r1, r0] = content else {
            return None;
        };
        let instant =
            |bytes| Timestamp::from_second(i64::from(u32::from_be_bytes(bytes)) * 60).ok();
        let start = instant([s3, s2, s1, s0])?;
        let length = u16::from_be_bytes([l1, l0]);
        Some(OfferedSlot {
            time: Interval::lasting(start, u32::from(length)),
            rules: u16::from_be_bytes([r1, r0]),
            expires_at: instant([e3, e2, e1, e0])?,
        })
    }

    fn sign(&self, user: &UserId, content: &[u8]) -> Option<hmac::Hmac<sha2::Sha256>> {
        let content = [content, user.as_str().as_bytes()].concat();
        signature(&self.0.link_key, Purpose::SlotId, &content)
    }
}

impl OfferedSlot {
    /// Whether the offer still stands: in time, and by the rules of now.
    pub fn stands(&self, rules_version: i64, now: Timestamp) -> bool {
        now < self.expires_at && self.rules == low_bits(rules_version)
    }
}

fn low_bits(version: i64) -> u16 {
    let [.., high, low] = version.to_be_bytes();
    u16::from_be_bytes([high, low])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> SlotKey {
        let secret = serde_json::json!({"link_key": text});
        SlotKey(Arc::new(serde_json::from_value(secret).unwrap()))
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn an_id_stands_for_its_slot() {
        let (dana, now) = (UserId::new("dana"), at("2026-11-24T08:00:30Z"));
        for (start, minutes, version) in [
            ("2026-11-24T16:00:00Z", 30, 0),
            ("2026-11-24T16:15:00Z", 240, 65_537),
            ("2040-02-29T23:59:00Z", 1440, i64::MAX),
        ] {
            let time = Interval::lasting(at(start), minutes);
            let id = key("k").id(&dana, time, version, now).unwrap();
            assert_eq!(id.len(), 30, "{id}");
            let slot = key("k").read(&dana, &id).unwrap();
            assert_eq!(slot.time, time);
            assert!(slot.stands(version, now));
            assert!(!slot.stands(version, now + SignedDuration::from_hours(1)));
            assert!(!slot.stands(version - 1, now));
        }
    }

    #[test]
    fn an_id_holds_only_unchanged_for_its_staff_member_and_under_its_key() {
        let (dana, now) = (UserId::new("dana"), at("2026-11-24T08:00:00Z"));
        let time = Interval::lasting(at("2026-11-24T16:00:00Z"), 30);
        let id = key("k").id(&dana, time, 1, now).unwrap();
        assert_eq!(key("k").read(&UserId::new("danb"), &id), None);
        assert_eq!(key("other").read(&dana, &id), None);
        assert!(key("").id(&dana, time, 1, now).is_none());
        for place in 0..id.len() {
            let mut changed = id.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(key("k").read(&dana, &changed), None, "{changed}");
        }
        for text in [
            "",
            "A",
            "s29611680x30",
            &id[..20],
            &format!("{id}AAAA"),
            "é",
        ] {
            assert_eq!(key("k").read(&dana, text), None, "{text}");
        }
    }
}
