//! One source, read again.
//!
//! Whoever reads a source has first moved its row on by a write that only one can make,
//! and holds it by that for some minutes. A reader that is cut off leaves it due when they
//! are over; what was taken in until then is in, and taking it in again does no harm.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::ROWS_LIMIT;
use super::error::{ReadError, SourceError};
use super::fetch::Fetcher;
use super::link::SourceLink;
use crate::aws::Aws;
use crate::clock::Turn;
use crate::config::{Settings, StartError};
use crate::rentals::{Import, ImportReport, Owner, RejectedRow, SourceType, rows_of};
use crate::store::{
    ListingSource, OutcomeStatus, Rentals, SeenListing, SourceKind, SourceOutcome, Sources,
    StoreError,
};
use crate::web_search::{Query, QueryError, Wanted, WebSearch};

/// From one reading that succeeded to the next, and from one that did not.
const DAILY: SignedDuration = SignedDuration::from_hours(24);
const AFTER_FAILURE: SignedDuration = SignedDuration::from_hours(1);

/// How long one reading may take, and how long nobody else begins one.
const READING: Duration = Duration::from_mins(2);
const LEASE: SignedDuration = SignedDuration::from_mins(5);

/// How long a source is left alone after it was read: its host is somebody else's.
const REST: SignedDuration = SignedDuration::from_mins(1);

/// Reads sources.
pub struct Refresher {
    pub(super) sources: Sources,
    rentals: Rentals,
    web: WebSearch,
    fetcher: Fetcher,
    zone: TimeZone,
}

/// What a reading came to.
struct ReadOut {
    outcome: SourceOutcome,
    /// What a search saw; none of a feed.
    seen: Option<Vec<SeenListing>>,
}

impl Refresher {
    /// Uses `RENTALS_TABLE`, `DEFAULT_TIME_ZONE`, and the settings of [`WebSearch`] and
    /// [`Fetcher`].
    pub fn new(settings: &Settings, aws: &Aws, http: &reqwest::Client) -> Result<Self, StartError> {
        Ok(Self {
            sources: Sources::new(settings, aws)?,
            rentals: Rentals::new(settings, aws)?,
            web: WebSearch::new(settings, aws, http)?,
            fetcher: Fetcher::new(settings)?,
            zone: settings.default_zone()?,
        })
    }

    /// How addresses are fetched.
    pub fn fetcher(&self) -> &Fetcher {
        &self.fetcher
    }

    /// The table of sources.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Reads a source, and answers it as it is then. That it could not be read is an
    /// outcome, too.
    pub async fn refresh(
        &self,
        source: &ListingSource,
        turn: &Turn,
    ) -> Result<ListingSource, SourceError> {
        let leased = self.lease(source, turn.at()).await?;
        let reading = self.read(&leased, turn);
        let read = match tokio::time::timeout(turn.patience(READING), reading).await {
            Ok(read) => read,
            Err(_) => Err(ReadError::TooLate),
        };
        self.note(leased, read, turn.at()).await
    }

    /// Takes the source, if nobody has it or had it just now.
    async fn lease(
        &self,
        source: &ListingSource,
        now: Timestamp,
    ) -> Result<ListingSource, SourceError> {
        if source.leased_until.is_some_and(|until| now < until) {
            return Err(SourceError::Busy);
        }
        let until = after(now, LEASE);
        let leased = ListingSource {
            version: source.version + 1,
            leased_until: Some(until),
            next_refresh_at: until,
            ..source.clone()
        };
        match self.sources.replace(&leased).await {
            Ok(()) => Ok(leased),
            Err(StoreError::Changed) => Err(SourceError::Busy),
            Err(error) => Err(error.into()),
        }
    }

    async fn read(&self, source: &ListingSource, turn: &Turn) -> Result<ReadOut, ReadError> {
        match source.kind {
            SourceKind::Feed => self.take_in(source, turn).await,
            SourceKind::Search => self.search(source, turn).await,
        }
    }

    /// The rows of a feed become rentals of the source's owner, on its website: a feed
    /// cannot say otherwise.
    async fn take_in(&self, source: &ListingSource, turn: &Turn) -> Result<ReadOut, ReadError> {
        let file = self.fetcher.fetch(&source.url).await?;
        let today = self.zone.to_datetime(turn.now).date();
        let mut rows = rows_of(&file.content, file.format, today, ROWS_LIMIT)?;
        for form in rows.iter_mut().filter_map(|row| row.form.as_mut().ok()) {
            form.user_id = None;
            form.website = Some(source.website.clone());
        }
        let import = Import {
            rentals: &self.rentals,
            owner: Owner::Only(source.user_id.clone()),
            website: Some(&source.website),
            source_type: SourceType::Feed,
            dry_run: false,
            turn: turn.clone(),
        };
        let report = import.take_in(rows).await?;
        Ok(ReadOut {
            outcome: SourceOutcome {
                status: OutcomeStatus::Succeeded,
                added: report.created,
                updated: report.updated,
                rejected: u64::try_from(report.rejected.len()).unwrap_or(u64::MAX),
                message: told(&report),
            },
            seen: None,
        })
    }

    /// What a search finds on the website is remembered, and is nothing more than that.
    async fn search(&self, source: &ListingSource, turn: &Turn) -> Result<ReadOut, ReadError> {
        let query = query(source.url.as_str(), source.location.as_deref());
        let found = self
            .web
            .find(&query.map_err(ReadError::Query)?, turn)
            .await?;
        let is_new = |url: &str| !source.seen.iter().any(|seen| seen.url == url);
        let added = found.hits.iter().filter(|hit| is_new(&hit.url)).count();
        let seen: Vec<SeenListing> = found
            .hits
            .into_iter()
            .map(|hit| SeenListing {
                title: hit.title,
                url: hit.url,
                seen_at: found.at,
            })
            .collect();
        Ok(ReadOut {
            outcome: SourceOutcome {
                status: OutcomeStatus::Succeeded,
                added: u64::try_from(added).unwrap_or(u64::MAX),
                updated: 0,
                rejected: 0,
                message: format!(
                    "Seen {} pages, new {added}. They are not in the inventory, since what is \
                     found on the web is a claim.",
                    seen.len()
                ),
            },
            seen: Some(seen),
        })
    }

    /// Puts down what came of it, and when it is due again.
    async fn note(
        &self,
        leased: ListingSource,
        read: Result<ReadOut, ReadError>,
        now: Timestamp,
    ) -> Result<ListingSource, SourceError> {
        let (source, user) = (leased.id.as_str(), leased.user_id.as_str());
        let read = match read {
            Ok(read) => {
                let SourceOutcome {
                    added,
                    updated,
                    rejected,
                    ..
                } = read.outcome;
                tracing::info!(source, user, added, updated, rejected, "a source was read");
                read
            }
            Err(error) => {
                tracing::warn!(source, user, reason = %error, "a source was not read");
                ReadOut {
                    outcome: failed(&error),
                    seen: None,
                }
            }
        };
        let wait = match read.outcome.status {
            OutcomeStatus::Succeeded => DAILY,
            OutcomeStatus::Failed => AFTER_FAILURE,
        };
        let noted = ListingSource {
            version: leased.version + 1,
            last_refreshed_at: Some(now),
            last_outcome: Some(read.outcome),
            next_refresh_at: after(now, wait),
            leased_until: Some(after(now, REST)),
            seen: read.seen.unwrap_or_else(|| leased.seen.clone()),
            ..leased
        };
        match self.sources.replace(&noted).await {
            Ok(()) => Ok(noted),
            // It was removed, and is not to come back.
            Err(StoreError::Changed) => Err(SourceError::Missing),
            Err(error) => Err(error.into()),
        }
    }
}

/// What is wrong with the location of a source, to be read after its name.
pub fn location_problem(
    kind: SourceKind,
    link: &SourceLink,
    location: Option<&str>,
) -> Option<&'static str> {
    match (kind, location) {
        (SourceKind::Feed, Some(_)) => Some("is for sources that are searched"),
        (SourceKind::Search, Some(_)) if query(link.as_str(), location).is_err() => {
            Some("is too long")
        }
        (SourceKind::Search, _) | (SourceKind::Feed, None) => None,
    }
}

/// What is searched for on the website at an address.
fn query(url: &str, location: Option<&str>) -> Result<Query, QueryError> {
    Query::of(&Wanted {
        text: location.is_none().then_some("homes for rent"),
        location,
        website: Some(url),
        ..Wanted::default()
    })
}

fn failed(error: &ReadError) -> SourceOutcome {
    SourceOutcome {
        status: OutcomeStatus::Failed,
        added: 0,
        updated: 0,
        rejected: 0,
        message: error.told(),
    }
}

/// What became of the rows, and what is wrong with the first that cannot be used.
fn told(report: &ImportReport) -> String {
    let ImportReport {
        created,
        updated,
        unchanged,
        rejected,
    } = report;
    let count = rejected.len();
    let counts = format!("Added {created}, updated {updated}, unchanged {unchanged}");
    match rejected.first() {
        None => format!("{counts}."),
        Some(first) => format!("{counts}, rejected {count}; {}.", problem_of(first)),
    }
}

fn problem_of(rejected: &RejectedRow) -> String {
    let place = match rejected.line {
        Some(line) => format!("line {line}"),
        None => format!("row {}", rejected.row),
    };
    let problem = rejected.problems.first();
    let problem = problem.map(|wrong| format!(", {} {}", wrong.field, wrong.problem));
    format!("the first is {place}{}", problem.unwrap_or_default())
}

/// No source is so far ahead that time ends.
fn after(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.checked_add(wait).unwrap_or(now)
}
