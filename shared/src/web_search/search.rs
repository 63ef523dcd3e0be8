//! One search: out of the cache, or asked of an engine that may be asked now, once and
//! within a time of its own.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;

use super::engine::Engine;
use super::error::SearchError;
use super::hit::Hit;
use super::query::Query;
use super::{brave, duckduckgo};
use crate::aws::Aws;
use crate::clock::Turn;
use crate::config::{SettingError, Settings};
use crate::https::read_within;
use crate::secrets::{SearchSecret, Secret};
use crate::store::{CachedSearch, Circuit, Searches};

/// How long a search takes at most, unless a setting says otherwise: a caller waits.
const DEADLINE_MS: u64 = 2500;

/// What of that is kept for putting down what came of it.
const TO_NOTE: Duration = Duration::from_millis(400);

/// How long results are used again. Nothing found may be something soon.
const KEPT: SignedDuration = SignedDuration::from_hours(1);
const KEPT_EMPTY: SignedDuration = SignedDuration::from_mins(10);

/// After so many failures in a row the engine is left alone.
const FAILURES: i64 = 3;

/// For how long: after failures, and when it turned us away without saying.
const PAUSE: SignedDuration = SignedDuration::from_mins(1);
const PAUSE_WHEN_BLOCKED: SignedDuration = SignedDuration::from_mins(10);

/// The longest that an engine may ask for.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(1);

/// The most that is shown of what was found.
const MOST_HITS: usize = 10;

/// The largest answer that is read, in bytes.
const LARGEST: usize = 1024 * 1024;

/// The web, searched by the engine that is configured.
pub struct WebSearch {
    http: reqwest::Client,
    searches: Searches,
    secret: Secret<SearchSecret>,
    base: Option<String>,
    allows_duckduckgo: bool,
    deadline: Duration,
}

/// What a search found, perhaps nothing.
#[derive(Clone, Debug)]
pub struct Found {
    pub engine: Engine,
    pub hits: Vec<Hit>,
    /// When the engine said so.
    pub at: Timestamp,
}

impl WebSearch {
    /// Uses `SEARCH_SECRET`, `SEARCH_TABLE`, `SEARCH_BASE_URL`, `ALLOW_DUCKDUCKGO` and
    /// `SEARCH_DEADLINE_MS`.
    pub fn new(
        settings: &Settings,
        aws: &Aws,
        http: &reqwest::Client,
    ) -> Result<Self, SettingError> {
        let base = match settings.optional("SEARCH_BASE_URL") {
            Some(_) => Some(settings.base_url("SEARCH_BASE_URL", None)?),
            None => None,
        };
        Ok(Self {
            http: http.clone(),
            searches: Searches::new(settings, aws)?,
            secret: Secret::new(&aws.secrets, settings.required("SEARCH_SECRET")?),
            base,
            allows_duckduckgo: settings.parsed("ALLOW_DUCKDUCKGO", false, "true or false")?,
            deadline: settings.milliseconds("SEARCH_DEADLINE_MS", DEADLINE_MS)?,
        })
    }

    /// Reads the key ahead of the first request.
    pub async fn warm(&self) {
        let _ = self.secret.get().await;
    }

    /// Searches the web.
    pub async fn find(&self, query: &Query, turn: &Turn) -> Result<Found, SearchError> {
        let patience = turn.patience(self.deadline);
        match tokio::time::timeout(patience, self.find_patiently(query, turn)).await {
            Ok(found) => found,
            Err(_) => Err(SearchError::TimedOut),
        }
    }

    async fn find_patiently(&self, query: &Query, turn: &Turn) -> Result<Found, SearchError> {
        let secret = self.secret.get().await?;
        let engine = self.engine(&secret).ok_or(SearchError::Off)?;
        let (id, name) = (query.id(), engine.name());
        let (known, circuit) = tokio::try_join!(
            self.searches.cached(name, &id, turn.at()),
            self.searches.circuit(name)
        )?;
        // A row that another version wrote is as good as none.
        let known = known.and_then(|known| {
            let hits = serde_json::from_str(&known.hits).ok()?;
            let at = known.at;
            Some(Found { engine, hits, at })
        });
        if let Some(known) = known {
            return Ok(known);
        }
        if let Some(until) = circuit.open_until.filter(|until| turn.at() < *until) {
            return Err(SearchError::Paused { until });
        }
        if !self
            .searches
            .may_ask(name, engine.pace(), turn.at())
            .await?
        {
            return Err(SearchError::Busy);
        }
        match self.ask(engine, &secret, query, turn).await {
            Ok(hits) => {
                let found = Found {
                    engine,
                    hits,
                    at: turn.at(),
                };
                self.keep(&found, &id, &circuit).await;
                Ok(found)
            }
            Err(error) => {
                self.note(engine, &circuit, &error, turn).await;
                Err(error)
            }
        }
    }

    fn engine(&self, secret: &SearchSecret) -> Option<Engine> {
        let has_key = !secret.brave_key.expose_secret().trim().is_empty();
        if has_key {
            return Some(Engine::Brave);
        }
        self.allows_duckduckgo.then_some(Engine::DuckDuckGo)
    }

    /// Asks the engine, once.
    async fn ask(
        &self,
        engine: Engine,
        secret: &SearchSecret,
        query: &Query,
        turn: &Turn,
    ) -> Result<Vec<Hit>, SearchError> {
        let base = self.base.as_deref().unwrap_or(engine.address());
        let request = match engine {
            Engine::Brave => brave::request(&self.http, base, &secret.brave_key, query),
            Engine::DuckDuckGo => duckduckgo::request(&self.http, base, query),
        };
        let limit = turn.patience(self.deadline).saturating_sub(TO_NOTE);
        let sent = request.timeout(limit).send().await;
        let answer = sent.map_err(|error| SearchError::transport(&error))?;
        refusal(&answer)?;
        let body = read_to_end(answer).await?;
        let mut hits = match engine {
            Engine::Brave => brave::read(&body)?,
            Engine::DuckDuckGo => duckduckgo::read(&body)?,
        };
        hits.retain(|hit| query.takes(&hit.website));
        hits.truncate(MOST_HITS);
        Ok(hits)
    }

    /// Keeps what was found for whoever asks next, and forgets failures.
    async fn keep(&self, found: &Found, id: &str, circuit: &Circuit) {
        let name = found.engine.name();
        let kept = if found.hits.is_empty() {
            KEPT_EMPTY
        } else {
            KEPT
        };
        let cached = CachedSearch {
            hits: serde_json::to_string(&found.hits).unwrap_or_default(),
            at: found.at,
        };
        let keep = self.searches.keep(name, id, &cached, kept);
        let close = async {
            if circuit.failures == 0 {
                return Ok(());
            }
            self.searches.close(name).await
        };
        let (kept, closed) = tokio::join!(keep, close);
        for error in [kept, closed].into_iter().filter_map(Result::err) {
            tracing::warn!(%error, "a search that succeeded is not noted");
        }
    }

    /// Counts a failure, and leaves the engine alone when there were several or it wants
    /// that.
    async fn note(&self, engine: Engine, circuit: &Circuit, error: &SearchError, turn: &Turn) {
        tracing::warn!(engine = engine.name(), reason = %error, "a search failed");
        if !error.is_the_engines() {
            return;
        }
        let pause = match error {
            SearchError::Blocked { retry_after } => {
                let asked = retry_after.and_then(|wait| SignedDuration::try_from(wait).ok());
                Some(asked.unwrap_or(PAUSE_WHEN_BLOCKED).min(LONGEST_PAUSE))
            }
            _ => (circuit.failures + 1 >= FAILURES).then_some(PAUSE),
        };
        let until = pause.and_then(|pause| turn.at().checked_add(pause).ok());
        if let Err(error) = self.searches.failed(engine.name(), until, turn.at()).await {
            tracing::warn!(%error, "a search that failed is not noted");
        }
    }
}

/// What a status other than 200 means. 202 is how DuckDuckGo says that there were too
/// many requests.
fn refusal(answer: &reqwest::Response) -> Result<(), SearchError> {
    let retry_after = answer.headers().get("retry-after");
    let retry_after = retry_after
        .and_then(|seconds| seconds.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
    match answer.status().as_u16() {
        200 => Ok(()),
        202 | 403 | 418 | 429 => Err(SearchError::Blocked { retry_after }),
        status @ 500.. => Err(SearchError::Unreachable(format!("status {status}"))),
        status => Err(SearchError::Refused { status }),
    }
}

async fn read_to_end(answer: reqwest::Response) -> Result<Vec<u8>, SearchError> {
    let body = read_within(answer, LARGEST).await;
    let body = body.map_err(|error| SearchError::transport(&error))?;
    body.ok_or(SearchError::Unreadable)
}
