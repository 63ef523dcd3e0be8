//! The desk: everything that the use cases work with.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::aws::Aws;
use crate::config::{SettingError, Settings};
use crate::microsoft::Accounts;
use crate::roads::Roads;
use crate::store::{Appointments, Ledger, Registry, Staff};

/// How many days the row of a viewing is kept after it, unless a setting says
/// otherwise: it holds a person's name and number.
const RETENTION_DAYS: u16 = 400;

/// Calendars, rules, ledger and appointments of all staff.
pub struct Desk {
    pub(super) accounts: Accounts,
    pub(super) staff: Staff,
    pub(super) registry: Registry,
    pub(super) ledger: Ledger,
    pub(super) appointments: Appointments,
    pub(super) roads: Roads,
    pub(super) default_zone: TimeZone,
    /// How long a row is kept after its viewing.
    pub(super) kept_for: SignedDuration,
}

impl Desk {
    /// Uses `DEFAULT_TIME_ZONE`, `APPOINTMENT_RETENTION_DAYS` and the settings of
    /// [`Accounts`], [`Registry`], [`Ledger`] and [`Roads`].
    pub fn new(
        settings: &Settings,
        aws: &Aws,
        http: &reqwest::Client,
    ) -> Result<Self, SettingError> {
        Ok(Self {
            accounts: Accounts::new(settings, aws, http)?,
            staff: Staff::new(settings, aws)?,
            registry: Registry::new(settings, aws)?,
            ledger: Ledger::new(settings, aws)?,
            appointments: Appointments::new(settings, aws)?,
            roads: Roads::new(settings, http)?,
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

    /// In how many days the client secret of our registration at Microsoft ends, when
    /// that was recorded with it; none are left when it has ended.
    pub async fn client_secret_days_left(&self, now: Timestamp) -> Option<u32> {
        let expires = self.accounts.sign_in().client_secret_expires().await?;
        let today = now.to_zoned(TimeZone::UTC).date();
        let left = today.until(expires).ok()?.get_days();
        Some(u32::try_from(left).unwrap_or(0))
    }
}

fn kept_for(settings: &Settings) -> Result<SignedDuration, SettingError> {
    const NAME: &str = "APPOINTMENT_RETENTION_DAYS";
    let days = settings.parsed(NAME, RETENTION_DAYS, "a number of days")?;
    Ok(SignedDuration::from_hours(i64::from(days) * 24))
}
