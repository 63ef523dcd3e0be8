//! All sources that are due, as far as one run gets.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use serde::Serialize;

use super::error::SourceError;
use super::refresh::Refresher;
use crate::clock::Turn;
use crate::store::{ListingSource, OutcomeStatus, StoreError};

/// The most sources that one run begins with.
const MOST_A_RUN: i32 = 100;

/// How many are read at once: each is another host, and a file in memory.
const AT_ONCE: usize = 4;

/// No reading begins with less time left than this.
const TO_BEGIN: Duration = Duration::from_secs(30);

/// What one run did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RefreshReport {
    /// How many were due, of those that one run looks at.
    pub due: u32,
    pub refreshed: u32,
    /// Those that could not be read; why is said with each.
    pub failed: u32,
    /// Those that somebody else had, or that were removed meanwhile.
    pub skipped: u32,
    /// Those for which there was no time, or no record.
    pub left: u32,
    pub added: u64,
    pub updated: u64,
    pub rejected: u64,
}

impl Refresher {
    /// Reads every source that is due, some at a time. One that fails is in the way of no
    /// other.
    pub async fn refresh_due(&self, turn: &Turn) -> Result<RefreshReport, StoreError> {
        let due = self.sources.due(turn.now, MOST_A_RUN).await?;
        let runs: Vec<_> = due
            .iter()
            .map(|source| self.refresh_in_time(source, turn))
            .collect();
        let mut report = RefreshReport {
            due: u32::try_from(due.len()).unwrap_or(u32::MAX),
            ..RefreshReport::default()
        };
        let mut runs = stream::iter(runs).buffer_unordered(AT_ONCE);
        while let Some(refreshed) = runs.next().await {
            report.add(refreshed);
        }
        Ok(report)
    }

    /// None when there is too little time to begin.
    async fn refresh_in_time(
        &self,
        source: &ListingSource,
        turn: &Turn,
    ) -> Option<Result<ListingSource, SourceError>> {
        if turn.patience(TO_BEGIN) < TO_BEGIN {
            return None;
        }
        Some(self.refresh(source, turn).await)
    }
}

impl RefreshReport {
    fn add(&mut self, refreshed: Option<Result<ListingSource, SourceError>>) {
        match refreshed {
            Some(Ok(source)) => self.count(&source),
            Some(Err(SourceError::Busy | SourceError::Missing)) => self.skipped += 1,
            Some(Err(
                error @ (SourceError::Store(_) | SourceError::Differs | SourceError::TooMany),
            )) => {
                tracing::warn!(reason = %error, "what came of a source is not noted");
                self.left += 1;
            }
            None => self.left += 1,
        }
    }

    fn count(&mut self, source: &ListingSource) {
        let Some(outcome) = &source.last_outcome else {
            return;
        };
        match outcome.status {
            OutcomeStatus::Succeeded => self.refreshed += 1,
            OutcomeStatus::Failed => self.failed += 1,
        }
        self.added += outcome.added;
        self.updated += outcome.updated;
        self.rejected += outcome.rejected;
    }
}
