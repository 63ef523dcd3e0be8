//! Sign-ins under way (`OAUTH_STATES_TABLE`): one row a `state`, and one for each
//! sign-in that waits for the person's confirmation. Each is used once.

use aws_sdk_dynamodb::types::ReturnValue;
use futures_util::FutureExt;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::table::{Table, attributes, text};
use crate::aws::Aws;
use crate::config::{SettingError, Settings};
use crate::ids::UserId;

/// What a sign-in needs to remember until Microsoft sends the browser back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OAuthState {
    /// The `state` parameter, random.
    pub state: String,
    pub user_id: UserId,
    /// SHA-256 of the cookie that the same browser must bring back.
    pub browser: String,
    /// The PKCE verifier (RFC 7636).
    pub code_verifier: String,
    /// What the id token must repeat.
    pub nonce: String,
    #[serde(default)]
    pub redirect_url: Option<String>,
    /// The account that was suggested, and is expected.
    #[serde(default)]
    pub login_hint: Option<String>,
    #[serde(default)]
    pub purpose: SignInPurpose,
    /// Epoch seconds after which it is void; also the table's TTL attribute.
    pub expires_at: i64,
}

/// What somebody goes to Microsoft for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInPurpose {
    /// A staff member connects their calendar.
    #[default]
    Connect,
    /// An administrator approves the application; nothing of theirs is stored.
    Approve,
}

/// A finished sign-in of another account than was expected.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HeldSignIn {
    /// What the confirmation names it by, random.
    pub token: String,
    pub user_id: UserId,
    /// SHA-256 of the cookie that the same browser must bring back.
    pub browser: String,
    /// Who signed in, and the tokens, sealed.
    pub sealed: String,
    /// The account that was expected, for display.
    pub expected: String,
    #[serde(default)]
    pub redirect_url: Option<String>,
    /// Epoch seconds after which it is void; also the table's TTL attribute.
    pub expires_at: i64,
}

/// What no `state` begins with, so that one cannot pass for the other.
const HELD: &str = "held#";

/// The table of sign-ins.
pub struct OAuthStates(Table);

impl OAuthStates {
    /// Uses the table that `OAUTH_STATES_TABLE` names.
    pub fn new(settings: &Settings, aws: &Aws) -> Result<Self, SettingError> {
        let name = settings.required("OAUTH_STATES_TABLE")?;
        Ok(Self(Table::new(&aws.dynamodb, name)))
    }

    /// Remembers a sign-in.
    pub async fn put(&self, state: &OAuthState) -> Result<(), StoreError> {
        let item = self.0.item(state)?;
        self.0.put(item).send().boxed().await?;
        Ok(())
    }

    /// Takes a sign-in out, so that it is used once whatever comes of it. `None`
    /// when there is none, it was used before, or its time is over at `now`.
    pub async fn take(
        &self,
        state: &str,
        now: Timestamp,
    ) -> Result<Option<OAuthState>, StoreError> {
        if !is_token(state) {
            return Ok(None);
        }
        let found: Option<OAuthState> = self.remove(state).await?;
        Ok(found.filter(|state| now.as_second() < state.expires_at))
    }

    /// Keeps a sign-in until it is confirmed.
    pub async fn hold(&self, held: &HeldSignIn) -> Result<(), StoreError> {
        let mut item = self.0.item(held)?;
        item.insert("state".to_owned(), text(format!("{HELD}{}", held.token)));
        self.0.put(item).send().boxed().await?;
        Ok(())
    }

    /// Takes a held sign-in out, once, as [`OAuthStates::take`] does.
    pub async fn take_held(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<HeldSignIn>, StoreError> {
        if !is_token(token) {
            return Ok(None);
        }
        let found: Option<HeldSignIn> = self.remove(&format!("{HELD}{token}")).await?;
        Ok(found.filter(|held| now.as_second() < held.expires_at))
    }

    async fn remove<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        let removed = self
            .0
            .client
            .delete_item()
            .table_name(&self.0.name)
            .set_key(Some(attributes([("state", text(key))])))
            .return_values(ReturnValue::AllOld)
            .send()
            .boxed()
            .await?;
        match removed.attributes {
            Some(item) if !item.is_empty() => Ok(Some(self.0.read(item)?)),
            _ => Ok(None),
        }
    }
}

/// Whether it can be one of ours at all: URL-safe base64, as seeds make it.
fn is_token(text: &str) -> bool {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    text.len() <= 64 && text.bytes().all(is_safe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Seed;

    #[test]
    fn only_what_a_seed_could_make_is_looked_up() {
        assert!(is_token(&Seed::random().token("state")));
        let long = "a".repeat(65);
        for text in ["held#abc", "a b", "a=", "\u{e9}", &long] {
            assert!(!is_token(text), "{text}");
        }
    }

    /// What was written before these fields existed is still a sign-in.
    #[test]
    fn an_older_row_is_a_connection_without_a_suggested_account() {
        let older = serde_json::json!({
            "state": "s", "user_id": "demo", "browser": "b", "code_verifier": "v",
            "nonce": "n", "expires_at": 1
        });
        let state: OAuthState = serde_json::from_value(older).unwrap();
        assert_eq!(state.purpose, SignInPurpose::Connect);
        assert_eq!(state.login_hint, None);
    }
}
