//! The desk: everything that the use cases work with.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::aws::Aws;
use crate::config::{SettingError, Settings};
use crate::microsoft::Accounts;
use crate::store::{Appointments, Ledger, Staff};

/// How many days the row of a viewing is kept after it, unless a setting says
/// otherwise: it holds a person's name and number.
const RETENTION_DAYS: u16 = 400;

/// Calendars, rules, ledger and appointments of all staff.
pub struct Desk {
    pub(super) accounts: Accounts,
    pub(super) staff: Staff,
    pub(super) ledger: Ledger,
    pub(super) appointments: Appointments,
    pub(super) default_zone: TimeZone,
    /// How long a row is kept after its viewing.
    pub(super) kept_for: SignedDuration,
}

impl Desk {
    /// Uses `DEFAULT_TIME_ZONE`, `APPOINTMENT_RETENTION_DAYS` and the settings of [`Accounts`], [`Staff`] and
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
            default_zone: settings.default_zone()?,
            kept_for: kept_for(settings)?,
        })
    }

    /// Where staff and properties are of which nothing else is known.
    pub fn default_zone(&self) -> &TimeZone {
        &self.default_zone
    }

    /// Fetches ahead what the first request needs.
    pub async fn warm(&self) {
        self.accounts.warm().await;
    }
}

fn kept_for(settings: &Settings) -> Result<SignedDuration, SettingError> {
    const NAME: &str = "APPOINTMENT_RETENTION_DAYS";
    let days = settings.parsed(NAME, RETENTION_DAYS, "a number of days")?;
    Ok(SignedDuration::from_hours(i64::from(days) * 24))
}
