//! The scheduling rules that a staff member chose (`STAFF_TABLE`), as they were
//! written: what they left open follows their mailbox.

use futures_util::FutureExt;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::staff::Staff;
use super::table::number;
use super::{StoreError, json_text};
use crate::ids::UserId;
use crate::scheduling::{Block, Travel};

/// What a staff member may choose. The meaning of each field is that of
/// [`Rules`](crate::scheduling::Rules), where that has one of its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchedulingSettings {
    /// IANA name; the mailbox's zone when absent.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Blocks by day of the week; the mailbox's working hours when absent.
    #[serde(default)]
    pub weekly_hours: Option<WeekBlocks>,
    /// Dates with hours of their own.
    #[serde(default)]
    pub date_overrides: Vec<DateOverride>,
    /// Dates without any.
    #[serde(default)]
    pub holidays: Vec<Date>,
    pub viewing_minutes: u32,
    pub interval_minutes: u32,
    pub buffer_before_minutes: u32,
    pub buffer_after_minutes: u32,
    pub notice_minutes: u32,
    #[serde(default)]
    pub horizon_days: Option<u32>,
    #[serde(default)]
    pub max_per_day: Option<u32>,
    #[serde(default)]
    pub max_per_week: Option<u32>,
    pub tentative_is_busy: bool,
    /// Starts are packed as tightly as they go, instead of on round times.
    #[serde(default)]
    pub pack_tightly: bool,
    /// How they get from one viewing to the next; without it, the way takes no time.
    #[serde(default)]
    pub travel: Option<Travel>,
}

/// Opening hours by day of the week; a day that is left out is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WeekBlocks {
    pub monday: Vec<Block>,
    pub tuesday: Vec<Block>,
    pub wednesday: Vec<Block>,
    pub thursday: Vec<Block>,
    pub friday: Vec<Block>,
    pub saturday: Vec<Block>,
    pub sunday: Vec<Block>,
}

/// One date and its hours, which replace those of its day of the week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateOverride {
    pub date: Date,
    #[serde(default)]
    pub blocks: Vec<Block>,
}

impl Default for SchedulingSettings {
    /// Thirty minutes every thirty minutes, no buffers, notice, horizon or limits.
    fn default() -> Self {
        Self {
            time_zone: None,
            weekly_hours: None,
            date_overrides: Vec::new(),
            holidays: Vec::new(),
            viewing_minutes: 30,
            interval_minutes: 30,
            buffer_before_minutes: 0,
            buffer_after_minutes: 0,
            notice_minutes: 0,
            horizon_days: None,
            max_per_day: None,
            max_per_week: None,
            tentative_is_busy: true,
            pack_tightly: false,
            travel: None,
        }
    }
}

/// The settings of one staff member, with the version that a change must name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StaffRules {
    /// 0 while nothing was ever chosen.
    pub version: i64,
    pub settings: SchedulingSettings,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Row {
    id: String,
    schema: u8,
    version: i64,
    #[serde(with = "json_text")]
    settings: SchedulingSettings,
    updated_at: Timestamp,
}

const SCHEMA: u8 = 1;

impl Staff {
    /// Replaces the rules of a staff member, if they are still at `version`;
    /// otherwise fails with [`StoreError::Changed`]. Answers the new version.
    pub async fn replace_rules(
        &self,
        user: &UserId,
        version: i64,
        settings: &SchedulingSettings,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let next = version.saturating_add(1);
        let item = self.0.item(&Row {
            id: key(user),
            schema: SCHEMA,
            version: next,
            settings: settings.clone(),
            updated_at: now,
        })?;
        let put = self.0.put(item);
        let put = match version {
            0 => put.condition_expression("attribute_not_exists(id)"),
            known => put
                .condition_expression("version = :known")
                .expression_attribute_values(":known", number(known)),
        };
        put.send().boxed().await?;
        Ok(next)
    }
}

/// The rules in a row; the defaults while nothing was chosen.
pub(super) fn chosen(row: Option<Row>) -> StaffRules {
    row.map_or_else(StaffRules::default, |row| StaffRules {
        version: row.version,
        settings: row.settings,
    })
}

/// The id of the row of a staff member's rules.
pub(super) fn key(user: &UserId) -> String {
    format!("rules#{user}")
}
