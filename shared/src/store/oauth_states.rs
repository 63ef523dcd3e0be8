//! Sign-ins under way (`OAUTH_STATES_TABLE`): one row a `state`, used once.

use aws_sdk_dynamodb::types::ReturnValue;
use jiff::Timestamp;
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
    /// Epoch seconds after which it is void; also the table's TTL attribute.
    pub expires_at: i64,
}

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
        self.0.put(item).send().await?;
        Ok(())
    }

    /// Takes a sign-in out, so that it is used once whatever comes of it. `None`
    /// when there is none, it was used before, or its time is over at `now`.
    pub async fn take(
        &self,
        state: &str,
        now: Timestamp,
    ) -> Result<Option<OAuthState>, StoreError> {
        let taken = self
            .0
            .client
            .delete_item()
            .table_name(&self.0.name)
            .set_key(Some(attributes([("state", text(state))])))
            .return_values(ReturnValue::AllOld)
            .send()
            .await?;
        let found: Option<OAuthState> = match taken.attributes {
            Some(item) if !item.is_empty() => Some(self.0.read(item)?),
            _ => None,
        };
        Ok(found.filter(|state| now.as_second() < state.expires_at))
    }
}
