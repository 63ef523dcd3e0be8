//! The signed link with which a calendar program reads the viewings of one staff member,
//! again and again, without any other credential.
//!
//! It says nothing of whose they are: a keyed hash stands for the staff member. Its
//! version is the one that is stored for them; another version has been withdrawn.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;
use secrecy::SecretString;

use crate::ids::UserId;
use crate::secrets::{Purpose, signature};

/// What a feed link says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedLink {
    /// What stands for the staff member.
    pub feed: String,
    /// Which of their links it is.
    pub version: i64,
}

impl FeedLink {
    /// What stands for a staff member; nothing while no key is configured.
    pub fn feed_of(user: &UserId, key: &SecretString) -> Option<String> {
        let mac = signature(key, Purpose::FeedId, user.as_str().as_bytes())?;
        Some(URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    /// The address that a calendar program reads, given the signed text and where we are.
    pub fn address(base: &str, signed: &str) -> String {
        format!("{base}/appointments/feed.ics?feed={signed}")
    }

    /// The value of the link's `feed` parameter.
    pub fn sign(&self, key: &SecretString) -> Option<String> {
        let content = format!("{}.{}", self.feed, self.version);
        let mac = signature(key, Purpose::FeedLink, content.as_bytes())?;
        let mac = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        Some(format!("{content}.{mac}"))
    }

    /// Reads a link that was signed with `key`.
    pub fn verify(text: &str, key: &SecretString) -> Option<Self> {
        let (content, claimed) = text.rsplit_once('.')?;
        let claimed = URL_SAFE_NO_PAD.decode(claimed).ok()?;
        signature(key, Purpose::FeedLink, content.as_bytes())?
            .verify_slice(&claimed)
            .ok()?;
        let (feed, version) = content.split_once('.')?;
        Some(Self {
            feed: feed.to_owned(),
            version: version.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_holds_only_unchanged_and_under_its_key() {
        let key = SecretString::from("key");
        let user = UserId::new("dana@example.com");
        let link = FeedLink {
            feed: FeedLink::feed_of(&user, &key).unwrap(),
            version: 3,
        };
        let text = link.sign(&key).unwrap();
        assert!(!text.contains("dana"));
        assert_eq!(FeedLink::verify(&text, &key), Some(link));
        assert_eq!(FeedLink::verify(&text, &SecretString::from("other")), None);
        let later = text.replacen(".3.", ".4.", 1);
        for text in ["", ".", "..", "a.1.b", &text[1..], &later] {
            assert_eq!(FeedLink::verify(text, &key), None, "{text}");
        }
    }

    #[test]
    fn without_a_key_there_is_no_link() {
        let none = SecretString::from("");
        assert_eq!(FeedLink::feed_of(&UserId::new("demo"), &none), None);
        assert_eq!(FeedLink::verify("a.1.", &none), None);
    }
}
