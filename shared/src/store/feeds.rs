//! Feeds of viewings that somebody has a link to (`STAFF_TABLE`): one row a staff member,
//! with the version of the link that is in force.

use aws_sdk_dynamodb::types::ReturnValue;
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::table::{Table, attributes, number, text};
use crate::aws::Aws;
use crate::config::{SettingError, Settings};
use crate::ids::UserId;

/// A feed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Feed {
    /// Whose viewings it has.
    pub user_id: UserId,
    /// The version of the link that is in force.
    pub version: i64,
}

/// The feeds in the staff table.
pub struct Feeds(Table);

impl Feeds {
    /// Uses the table that `STAFF_TABLE` names.
    pub fn new(settings: &Settings, aws: &Aws) -> Result<Self, SettingError> {
        let name = settings.required("STAFF_TABLE")?;
        Ok(Self(Table::new(&aws.dynamodb, name)))
    }

    /// The feed of that name, if anybody ever had a link to it.
    pub async fn get(&self, feed: &str) -> Result<Option<Feed>, StoreError> {
        self.0.get(attributes([("id", text(row_id(feed)))])).await
    }

    /// The feed of that name, made where there is none yet; with `anew`, its earlier
    /// links are withdrawn.
    pub async fn open(&self, feed: &str, user: &UserId, anew: bool) -> Result<Feed, StoreError> {
        let version = if anew {
            "if_not_exists(#version, :none) + :one"
        } else {
            "if_not_exists(#version, :one)"
        };
        let table = &self.0;
        let mut update = table
            .client
            .update_item()
            .table_name(&table.name)
            .key("id", text(row_id(feed)))
            .update_expression(format!("SET user_id = :user, #version = {version}"))
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":user", text(user.as_str()))
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::AllNew);
        if anew {
            update = update.expression_attribute_values(":none", number(0));
        }
        let written = update.send().boxed().await?.attributes.unwrap_or_default();
        table.read(written)
    }
}

fn row_id(feed: &str) -> String {
    format!("feed#{feed}")
}
