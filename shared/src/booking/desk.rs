//! The desk: everything that the use cases work with.

use jiff::tz::TimeZone;

use crate::aws::Aws;
use crate::config::{SettingError, Settings};
use crate::microsoft::{Accounts, known_zone};
use crate::store::{Appointments, Ledger, Staff};

/// Where staff live unless their mailbox or a setting says otherwise.
const DEFAULT_TIME_ZONE: &str = "America/Chicago";

/// Calendars, rules, ledger and appointments of all staff.
pub struct Desk {
    pub(super) accounts: Accounts,
    pub(super) staff: Staff,
    pub(super) ledger: Ledger,
    pub(super) appointments: Appointments,
    pub(super) default_zone: TimeZone,
}

impl Desk {
    /// Uses `DEFAULT_TIME_ZONE` and the settings of [`Accounts`], [`Staff`] and
    /// [`Ledger`].
    pub fn new(
        settings: &Settings,
        aws: &Aws,
        http: &reqwest::Client,
    ) -> Result<Self, SettingError> {
        Ok(Self {
            accounts: Accounts::new(settings, aws, http)?,
            staff: Staff::new(settings, aws)?,
            ledger: Ledger::new(settings, aws)?,
            appointments: Appointments::new(settings, aws)?,
            default_zone: default_zone(settings)?,
        })
    }

    /// Fetches ahead what the first request needs.
    pub async fn warm(&self) {
        self.accounts.warm().await;
    }
}

fn default_zone(settings: &Settings) -> Result<TimeZone, SettingError> {
    let name = settings
        .optional("DEFAULT_TIME_ZONE")
        .unwrap_or(DEFAULT_TIME_ZONE);
    known_zone(name).ok_or(SettingError::Invalid {
        name: "DEFAULT_TIME_ZONE",
        expected: "an IANA time zone such as America/Chicago",
    })
}
