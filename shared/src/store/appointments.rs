//! Appointments (`APPOINTMENTS_TABLE`): one row a viewing, from the moment its
//! time is claimed. Rows are written by [`Ledger`](super::Ledger), in one
//! transaction with the time that they take.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::table::{Table, attributes, text};
use crate::aws::Aws;
use crate::config::{SettingError, Settings};
use crate::ids::{AppointmentId, EventId, UserId};
use crate::scheduling::Interval;

/// How far a booking has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The time is held, and the event may or may not exist yet.
    Pending,
    /// The event exists.
    Confirmed,
}

/// One viewing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    pub appointment_id: AppointmentId,
    /// Version of this form of the row.
    pub schema: u8,
    pub user_id: UserId,
    pub status: Status,
    pub start: Timestamp,
    pub end: Timestamp,
    /// The viewing and the buffers around it: what the ledger keeps free for it.
    pub blocked: Interval,
    /// IANA name of the zone in which the time was agreed.
    pub time_zone: String,
    pub subject: String,
    #[serde(default)]
    pub property_address: Option<String>,
    #[serde(default)]
    pub attendee: Option<Attendee>,
    pub confirmation_code: String,
    /// What makes a repeated create the same event at Microsoft.
    pub transaction_id: String,
    /// The exact body of the create request, for a repeat.
    pub event_body: String,
    #[serde(default)]
    pub event_id: Option<EventId>,
    /// The call (or chat) in which it was booked.
    #[serde(default)]
    pub call_id: Option<String>,
    /// The verified number that booked it.
    #[serde(default)]
    pub caller: Option<String>,
    pub created_at: Timestamp,
}

/// Who comes to the viewing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendee {
    pub name: String,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub phone: Option<String>,
}

impl Appointment {
    /// The version that new rows have.
    pub const SCHEMA: u8 = 1;
}

/// The table of appointments.
pub struct Appointments(Table);

impl Appointments {
    /// Uses the table that `APPOINTMENTS_TABLE` names.
    pub fn new(settings: &Settings, aws: &Aws) -> Result<Self, SettingError> {
        let name = settings.required("APPOINTMENTS_TABLE")?;
        Ok(Self(Table::new(&aws.dynamodb, name)))
    }

    /// The appointment with that id.
    pub async fn get(&self, id: &AppointmentId) -> Result<Option<Appointment>, StoreError> {
        self.0
            .get(attributes([("appointment_id", text(id.as_str()))]))
            .await
    }

    /// The appointments of a staff member that start within the window, in order.
    pub async fn starting_in(
        &self,
        user: &UserId,
        window: Interval,
    ) -> Result<Vec<Appointment>, StoreError> {
        let mut pages = self
            .0
            .client
            .query()
            .table_name(&self.0.name)
            .index_name("by_user")
            .key_condition_expression("user_id = :user AND #start BETWEEN :from AND :until")
            .expression_attribute_names("#start", "start")
            .expression_attribute_values(":user", text(user.as_str()))
            .expression_attribute_values(":from", text(window.start().to_string()))
            .expression_attribute_values(":until", text(window.end().to_string()))
            .into_paginator()
            .items()
            .send();
        let mut found = Vec::new();
        while let Some(item) = pages.next().await {
            found.push(self.0.read(item?)?);
        }
        Ok(found)
    }
}
