//! The signed link with which one staff member connects their calendar, or an
//! administrator approves that they may.
//!
//! It is opened by a browser that has no other credential, so it says for whom it
//! is and until when, and carries an HMAC-SHA256 over all of that.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;
use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::ids::UserId;
use crate::secrets::{Purpose, signature};
use crate::store::SignInPurpose;

/// What a connect link says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectLink {
    /// The staff member who may connect a calendar with it.
    #[serde(rename = "u")]
    pub user: UserId,
    /// When it stops working.
    #[serde(rename = "e")]
    pub expires_at: Timestamp,
    /// Where the browser goes when it is done, instead of to a page of ours.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
    /// The Microsoft account that is expected to sign in.
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub login_hint: Option<String>,
    /// What it leads to.
    #[serde(rename = "p", default)]
    pub purpose: SignInPurpose,
}

impl ConnectLink {
    /// A link for a staff member to connect their calendar, back to a page of ours.
    pub fn to_connect(user: &UserId, expires_at: Timestamp) -> Self {
        Self {
            user: user.clone(),
            expires_at,
            redirect_url: None,
            login_hint: None,
            purpose: SignInPurpose::Connect,
        }
    }

    /// A link for the administrator of a staff member's organisation.
    pub fn to_approve(user: &UserId, expires_at: Timestamp) -> Self {
        Self {
            purpose: SignInPurpose::Approve,
            ..Self::to_connect(user, expires_at)
        }
    }

    /// The address that a browser opens, given the signed text and where we are.
    pub fn address(base: &str, signed: &str) -> String {
        format!("{base}/calendar/auth/start?link={signed}")
    }

    /// The value of the link's `link` parameter.
    pub fn sign(&self, key: &SecretString) -> String {
        // A struct of plain fields always serializes.
        let content = serde_json::to_vec(self).unwrap_or_default();
        let Some(mac) = signature(key, Purpose::ConnectLink, &content) else {
            return String::new();
        };
        format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(&content),
            URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
        )
    }

    /// Reads a link that was signed with `key` and is still valid at `now`.
    pub fn verify(text: &str, key: &SecretString, now: Timestamp) -> Option<Self> {
        let (content, claimed) = text.split_once('.')?;
        let content = URL_SAFE_NO_PAD.decode(content).ok()?;
        let claimed = URL_SAFE_NO_PAD.decode(claimed).ok()?;
        signature(key, Purpose::ConnectLink, &content)?
            .verify_slice(&claimed)
            .ok()?;
        let link: Self = serde_json::from_slice(&content).ok()?;
        (now < link.expires_at).then_some(link)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> ConnectLink {
        ConnectLink {
            user: UserId::new("demo"),
            expires_at: Timestamp::from_second(1_000).unwrap(),
            redirect_url: None,
            login_hint: Some("dana@example.com".to_owned()),
            purpose: SignInPurpose::Connect,
        }
    }

    #[test]
    fn a_link_holds_only_unchanged_in_time_and_under_its_key() {
        let key = SecretString::from("key");
        let early = Timestamp::from_second(999).unwrap();
        let late = Timestamp::from_second(1_000).unwrap();
        let text = link().sign(&key);
        assert_eq!(ConnectLink::verify(&text, &key, early), Some(link()));
        assert_eq!(ConnectLink::verify(&text, &key, late), None);
        assert_eq!(
            ConnectLink::verify(&text, &SecretString::from("other"), early),
            None
        );
        let other = ConnectLink {
            user: UserId::new("victim"),
            ..link()
        };
        let content = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&other).unwrap());
        let signature = text.split_once('.').unwrap().1;
        let forged = format!("{content}.{signature}");
        assert_eq!(ConnectLink::verify(&forged, &key, early), None);
        for text in ["", ".", "a.b", &text[1..]] {
            assert_eq!(ConnectLink::verify(text, &key, early), None, "{text}");
        }
    }

    #[test]
    fn without_a_key_no_link_holds() {
        let none = SecretString::from("");
        let text = link().sign(&SecretString::from("key"));
        assert_eq!(
            ConnectLink::verify(&text, &none, Timestamp::UNIX_EPOCH),
            None
        );
        assert_eq!(link().sign(&none), "");
    }
}
