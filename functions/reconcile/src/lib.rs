//! The function that settles every minute what was left open. No request leads here.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use shared::aws::Aws;
use shared::booking::{BookingError, Desk, Report};
use shared::clock::Turn;
use shared::config::{Settings, StartError};
use shared::https;
use shared::ids::Seed;
use shared::telemetry;

/// How long a run may take: within the minute until the next, and within the time
/// after which Lambda would end it.
const LIMIT: Duration = Duration::from_secs(45);

/// The reconcile function.
pub struct Reconcile {
    desk: Desk,
}

impl Reconcile {
    /// Its logical id in template.yaml.
    pub const NAME: &'static str = "Reconcile";

    /// Builds the clients from the settings.
    pub fn start(settings: &Settings) -> Result<Self, StartError> {
        let http = https::client()?;
        let aws = Aws::new(settings, &http);
        Ok(Self {
            desk: Desk::new(settings, &aws, &http)?,
        })
    }

    /// One run, with what it did as metrics.
    pub async fn run(&self, now: Timestamp) -> Result<Report, BookingError> {
        let turn = Turn::new(now, Seed::random(), Instant::now(), LIMIT);
        let (report, days_left) = tokio::join!(
            self.desk.reconcile(&turn),
            self.desk.client_secret_days_left(now)
        );
        let report = report?;
        let mut counts = vec![
            ("Due", report.due),
            ("Booked", report.booked),
            ("Failed", report.failed),
            ("Moved", report.moved),
            ("Cancelled", report.cancelled),
            ("Conflicts", report.conflicts),
            ("Open", report.open),
            ("Unreadable", report.unreadable),
        ];
        counts.extend(days_left.map(|days| ("ClientSecretDaysLeft", days)));
        telemetry::metrics("Reconcile", now, &counts);
        Ok(report)
    }
}
