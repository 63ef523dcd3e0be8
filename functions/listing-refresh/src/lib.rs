//! The function that reads every hour the listing sources that are due. No request leads
//! here.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use shared::aws::Aws;
use shared::clock::Turn;
use shared::config::{Settings, StartError};
use shared::https;
use shared::ids::Seed;
use shared::sources::{RefreshReport, Refresher};
use shared::store::StoreError;
use shared::telemetry;

/// How long a run may take: within the time after which Lambda would end it.
const LIMIT: Duration = Duration::from_mins(4);

/// The listing refresh function.
pub struct ListingRefresh {
    refresher: Refresher,
}

impl ListingRefresh {
    /// Its logical id in template.yaml.
    pub const NAME: &'static str = "ListingRefresh";

    /// Builds the clients from the settings.
    pub fn start(settings: &Settings) -> Result<Self, StartError> {
        let http = https::client()?;
        let aws = Aws::new(settings, &http);
        Ok(Self {
            refresher: Refresher::new(settings, &aws, &http)?,
        })
    }

    /// One run, with what it did as metrics.
    pub async fn run(&self, now: Timestamp) -> Result<RefreshReport, StoreError> {
        let turn = Turn::new(now, Seed::random(), Instant::now(), LIMIT);
        let report = self.refresher.refresh_due(&turn).await?;
        let counts = [
            ("Due", report.due),
            ("Refreshed", report.refreshed),
            ("Failed", report.failed),
            ("Skipped", report.skipped),
            ("Left", report.left),
            ("Added", count(report.added)),
            ("Updated", count(report.updated)),
            ("Rejected", count(report.rejected)),
        ];
        telemetry::metrics("ListingRefresh", now, &counts);
        Ok(report)
    }
}

fn count(rows: u64) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
