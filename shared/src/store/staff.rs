//! What is known of staff (`STAFF_TABLE`): which staff member an assistant or a
//! phone number books for. Their scheduling rules are in the same table, see
//! [`SchedulingSettings`](super::SchedulingSettings).

use futures_util::FutureExt;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::table::{Table, attributes, text};
use crate::aws::Aws;
use crate::config::{SettingError, Settings};
use crate::ids::UserId;

/// The staff members that one assistant may book for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Binding {
    /// `assistant#` and VAPI's assistant id, or `phone#` and its phone number id.
    pub id: String,
    /// At least one; the first is meant when the call names none.
    pub user_ids: Vec<UserId>,
    /// VAPI's id of the assistant that answers a phone number without one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<String>,
}

impl Binding {
    /// The id of an assistant's binding.
    pub fn id_of_assistant(assistant_id: &str) -> String {
        format!("assistant#{assistant_id}")
    }

    /// The id of a phone number's binding.
    pub fn id_of_phone_number(phone_number_id: &str) -> String {
        format!("phone#{phone_number_id}")
    }

    /// The binding of an assistant.
    pub fn of_assistant(assistant_id: &str, user_ids: Vec<UserId>) -> Self {
        Self {
            id: Self::id_of_assistant(assistant_id),
            user_ids,
            answered_by: None,
        }
    }

    /// The binding of a phone number, and which assistant answers it.
    pub fn of_phone_number(
        phone_number_id: &str,
        user_ids: Vec<UserId>,
        answered_by: Option<String>,
    ) -> Self {
        Self {
            id: Self::id_of_phone_number(phone_number_id),
            user_ids,
            answered_by,
        }
    }
}

/// The staff table.
pub struct Staff(pub(super) Table);

impl Staff {
    /// Uses the table that `STAFF_TABLE` names.
    pub fn new(settings: &Settings, aws: &Aws) -> Result<Self, SettingError> {
        let name = settings.required("STAFF_TABLE")?;
        Ok(Self(Table::new(&aws.dynamodb, name)))
    }

    /// The binding of an assistant, if it has one.
    pub async fn binding_of_assistant(
        &self,
        assistant_id: &str,
    ) -> Result<Option<Binding>, StoreError> {
        self.binding(Binding::id_of_assistant(assistant_id)).await
    }

    /// The binding of a phone number, if it has one.
    pub async fn binding_of_phone_number(&self, id: &str) -> Result<Option<Binding>, StoreError> {
        self.binding(Binding::id_of_phone_number(id)).await
    }

    async fn binding(&self, id: String) -> Result<Option<Binding>, StoreError> {
        self.0.get(attributes([("id", text(id))])).await
    }

    /// Removes a binding, if it is there.
    pub async fn unbind(&self, binding: &Binding) -> Result<(), StoreError> {
        let key = attributes([("id", text(&binding.id))]);
        let delete = self.0.client.delete_item().table_name(&self.0.name);
        delete.set_key(Some(key)).send().boxed().await?;
        Ok(())
    }

    /// Writes a binding.
    pub async fn bind(&self, binding: &Binding) -> Result<(), StoreError> {
        let item = self.0.item(binding)?;
        self.0.put(item).send().boxed().await?;
        Ok(())
    }
}
