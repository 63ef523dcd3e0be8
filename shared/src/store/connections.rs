//! Connected calendars (`CONNECTIONS_TABLE`): one row a staff member, with the
//! tokens sealed and what the mailbox said of itself.
//!
//! A row is replaced only in the version that was read, so that two functions
//! that refresh at once cannot lose each other's tokens.

use futures_util::FutureExt;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::table::{Table, attributes, number, text};
use super::{StoreError, json_text};
use crate::aws::Aws;
use crate::config::{SettingError, Settings};
use crate::ids::UserId;

/// A staff member's connected Microsoft account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Connection {
    pub user_id: UserId,
    /// Counts the writes to this row.
    pub version: i64,
    /// Microsoft's tenant and object id, which together name the account.
    pub tenant_id: String,
    pub object_id: String,
    /// For display only; both can change.
    pub email: String,
    pub name: String,
    /// The scopes that Microsoft granted.
    pub scopes: Vec<String>,
    /// The access token, sealed.
    pub access_token: String,
    /// The refresh token, sealed.
    pub refresh_token: String,
    /// When the access token ends.
    pub expires_at: Timestamp,
    #[serde(with = "json_text")]
    pub mailbox: Mailbox,
    /// Set when Microsoft wants the staff member to sign in again.
    #[serde(default)]
    pub needs_reconnect: bool,
    /// Until when one function is refreshing the tokens, and others leave them alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leased_until: Option<Timestamp>,
    /// When Graph last refused an access token that should have lasted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A Microsoft account, by what never changes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub tenant_id: String,
    pub object_id: String,
}

impl Connection {
    /// The account that is connected.
    pub fn account(&self) -> Account {
        Account {
            tenant_id: self.tenant_id.clone(),
            object_id: self.object_id.clone(),
        }
    }

    /// The next form of the row: one version on, and without a lease.
    #[must_use]
    pub fn next(&self, now: Timestamp) -> Self {
        Self {
            version: self.version + 1,
            leased_until: None,
            updated_at: now,
            ..self.clone()
        }
    }

    /// Whether somebody is refreshing the tokens.
    pub fn is_leased(&self, now: Timestamp) -> bool {
        self.leased_until.is_some_and(|until| now < until)
    }
}

/// What the mailbox says of its owner's time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// IANA name of the owner's time zone, if the mailbox has a known one.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Working days as `monday` …, with their hours as wall clock `HH:MM`.
    #[serde(default)]
    pub working_days: Vec<String>,
    #[serde(default)]
    pub working_from: Option<String>,
    #[serde(default)]
    pub working_until: Option<String>,
    /// The address of the calendar on the web.
    #[serde(default)]
    pub calendar_id: Option<String>,
    #[serde(default)]
    pub calendar_name: Option<String>,
}

/// The table of connections.
pub struct Connections(Table);

impl Connections {
    /// Uses the table that `CONNECTIONS_TABLE` names.
    pub fn new(settings: &Settings, aws: &Aws) -> Result<Self, SettingError> {
        let name = settings.required("CONNECTIONS_TABLE")?;
        Ok(Self(Table::new(&aws.dynamodb, name)))
    }

    /// The connection of a staff member.
    pub async fn get(&self, user: &UserId) -> Result<Option<Connection>, StoreError> {
        self.0
            .get(attributes([("user_id", text(user.as_str()))]))
            .await
    }

    /// Writes a connection over the version before it (0: over none), or fails
    /// with [`StoreError::Changed`].
    pub async fn put(&self, connection: &Connection) -> Result<(), StoreError> {
        let item = self.0.item(connection)?;
        let put = self.0.put(item);
        let put = match connection.version - 1 {
            0 => put.condition_expression("attribute_not_exists(user_id)"),
            // A row that is gone stays gone: a refresh must not undo a disconnect.
            before => put
                .condition_expression("version = :before")
                .expression_attribute_values(":before", number(before)),
        };
        put.send().boxed().await?;
        Ok(())
    }

    /// Forgets a connection and its tokens. Whether there was one.
    pub async fn delete(&self, user: &UserId) -> Result<bool, StoreError> {
        let deleted = self
            .0
            .client
            .delete_item()
            .table_name(&self.0.name)
            .set_key(Some(attributes([("user_id", text(user.as_str()))])))
            .return_values(aws_sdk_dynamodb::types::ReturnValue::AllOld)
            .send()
            .boxed()
            .await?;
        Ok(deleted.attributes.is_some_and(|item| !item.is_empty()))
    }

    /// Whether the table can be read.
    pub async fn reachable(&self) -> bool {
        self.get(&UserId::new("nobody")).await.is_ok()
    }
}
