//! How long ways take by road, as a routing service tells: the table service of OSRM
//! (Project OSRM, "Table service"). An operator who runs one names its address.
//!
//! The service only makes an estimate better. When it is off, slow or wrong, the straight
//! line stands; so whoever asks gets what is known, and never an error.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::clock::Turn;
use crate::config::{SettingError, Settings};
use crate::https::read_within;
use crate::scheduling::Position;

/// How long the service may take. A calendar is read meanwhile, which takes about as long.
const PATIENCE: Duration = Duration::from_millis(600);

/// How long a service that failed is left alone.
const REST: SignedDuration = SignedDuration::from_secs(30);

/// How many places one request may name; a service takes a hundred unless it is told
/// otherwise (`osrm-routed`, `--max-table-size`).
const AT_ONCE: usize = 100;

/// The most ways that are remembered. Roads change seldom, and a function does not live
/// long.
const REMEMBERED: usize = 50_000;

/// The largest answer that is read, in bytes: ten thousand ways and where they begin.
const LARGEST: usize = 1024 * 1024;

/// A routing service, if there is one, and what it said.
pub struct Roads {
    service: Option<Service>,
}

struct Service {
    http: reqwest::Client,
    base: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    known: HashMap<Way, Option<u32>>,
    /// Until when it is not asked again.
    rests_until: Option<Timestamp>,
}

/// From one place to another, and back: the lesser place is first.
type Way = (Position, Position);

/// How long some ways take to drive.
#[derive(Clone, Debug, Default)]
pub struct Drives(BTreeMap<Way, u32>);

impl Drives {
    /// The whole minutes from one place to the other or back, whichever takes longer, if
    /// that is known.
    pub fn minutes(&self, one: Position, other: Position) -> Option<u32> {
        self.0.get(&way(one, other)).copied()
    }
}

impl FromIterator<(Position, Position, u32)> for Drives {
    fn from_iter<I: IntoIterator<Item = (Position, Position, u32)>>(drives: I) -> Self {
        let drives = drives.into_iter();
        Self(
            drives
                .map(|(one, other, minutes)| (way(one, other), minutes))
                .collect(),
        )
    }
}

fn way(one: Position, other: Position) -> Way {
    (one.min(other), one.max(other))
}

/// Why the service told nothing.
#[derive(Debug, thiserror::Error)]
enum RoadsError {
    #[error("it takes too long")]
    TooSlow,
    #[error("it cannot be reached")]
    Transport(#[from] reqwest::Error),
    #[error("it answered {status}, {code:?}")]
    Refused { status: u16, code: String },
    #[error("its answer cannot be read")]
    Unreadable,
}

#[derive(Deserialize)]
struct Answer {
    code: String,
    /// Seconds, from each place to each; null where no road leads.
    #[serde(default)]
    durations: Vec<Vec<Option<f64>>>,
}

impl Roads {
    /// Uses `ROUTING_BASE_URL`; without it, nothing is known of roads.
    pub fn new(settings: &Settings, http: &reqwest::Client) -> Result<Self, SettingError> {
        const NAME: &str = "ROUTING_BASE_URL";
        let service = match settings.optional(NAME) {
            None => None,
            Some(_) => Some(Service {
                http: http.clone(),
                base: settings.base_url(NAME, None)?,
                state: Mutex::default(),
            }),
        };
        Ok(Self { service })
    }

    /// Whether there is a service.
    pub fn are_known(&self) -> bool {
        self.service.is_some()
    }

    /// The ways between each of the ones and each of the others, as far as they are known.
    pub async fn drives(
        &self,
        ones: &BTreeSet<Position>,
        others: &BTreeSet<Position>,
        turn: &Turn,
    ) -> Drives {
        let Some(service) = &self.service else {
            return Drives::default();
        };
        let wanted: BTreeSet<Way> = ones
            .iter()
            .flat_map(|one| others.iter().map(|other| way(*one, *other)))
            .filter(|(one, other)| one != other)
            .collect();
        if let Some(unknown) = service.to_ask_for(&wanted, turn) {
            match service.ask(&unknown, turn).await {
                Ok(told) => service.remember(told),
                Err(error) => {
                    tracing::warn!(reason = %error, "the routing service tells nothing");
                    service.state().rests_until = turn.at().checked_add(REST).ok();
                }
            }
        }
        service.drives(&wanted)
    }
}

impl Service {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The places to ask about, if anything is unknown and the service is not resting.
    fn to_ask_for(&self, wanted: &BTreeSet<Way>, turn: &Turn) -> Option<Vec<Position>> {
        let state = self.state();
        if state.rests_until.is_some_and(|until| turn.at() < until) {
            return None;
        }
        let mut places = BTreeSet::new();
        for way in wanted.iter().filter(|way| !state.known.contains_key(way)) {
            let more = BTreeSet::from([way.0, way.1]);
            if places.union(&more).count() <= AT_ONCE {
                places.extend(more);
            }
        }
        (!places.is_empty()).then(|| places.into_iter().collect())
    }

    /// The ways between all of the places.
    async fn ask(
        &self,
        places: &[Position],
        turn: &Turn,
    ) -> Result<Vec<(Way, Option<u32>)>, RoadsError> {
        let asking = async {
            let answer = self.http.get(table_url(&self.base, places)).send().await?;
            let status = answer.status().as_u16();
            Ok((status, read_within(answer, LARGEST).await?))
        };
        let limit = turn.patience(PATIENCE);
        let (status, body) = match tokio::time::timeout(limit, asking).await {
            Ok(Ok(answered)) => answered,
            Ok(Err(error)) => return Err(RoadsError::Transport(error)),
            Err(_) => return Err(RoadsError::TooSlow),
        };
        read(places, status, &body.ok_or(RoadsError::Unreadable)?)
    }

    fn remember(&self, told: Vec<(Way, Option<u32>)>) {
        let known = &mut self.state().known;
        if known.len() + told.len() > REMEMBERED {
            known.clear();
        }
        known.extend(told);
    }

    fn drives(&self, wanted: &BTreeSet<Way>) -> Drives {
        let state = self.state();
        let known = |way: &Way| Some((*way, (*state.known.get(way)?)?));
        Drives(wanted.iter().filter_map(known).collect())
    }
}

fn table_url(base: &str, places: &[Position]) -> String {
    let mut url = format!("{base}/table/v1/driving/");
    for (index, place) in places.iter().enumerate() {
        let (latitude, longitude) = place.degrees();
        let separator = if index == 0 { "" } else { ";" };
        // Writing to a text does not fail.
        let _ = write!(url, "{separator}{longitude:.6},{latitude:.6}");
    }
    url.push_str("?annotations=duration&generate_hints=false");
    url
}

/// The ways in an answer about those places.
fn read(
    places: &[Position],
    status: u16,
    body: &[u8],
) -> Result<Vec<(Way, Option<u32>)>, RoadsError> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| RoadsError::Unreadable)?;
    if status != 200 || answer.code != "Ok" {
        let code = answer.code.chars().take(40).collect();
        return Err(RoadsError::Refused { status, code });
    }
    let table = &answer.durations;
    if table.len() != places.len() || table.iter().any(|row| row.len() != places.len()) {
        return Err(RoadsError::Unreadable);
    }
    let mut ways = Vec::new();
    for (from, row) in places.iter().zip(table).enumerate() {
        let ((one, there), others) = (row, places.iter().enumerate().skip(from + 1));
        for (to, other) in others {
            let back = table.get(to).and_then(|row| row.get(from));
            let both = there
                .get(to)
                .copied()
                .flatten()
                .zip(back.copied().flatten());
            let minutes = both.map(|(there, back)| minutes(there.max(back)));
            ways.push((way(*one, *other), minutes.transpose()?));
        }
    }
    Ok(ways)
}

/// Whole minutes, rounded up so that nobody is late by it.
fn minutes(seconds: f64) -> Result<u32, RoadsError> {
    if !(0.0..1e7).contains(&seconds) {
        return Err(RoadsError::Unreadable);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is within those bounds"
    )]
    let minutes = (seconds / 60.0).ceil() as u32;
    Ok(minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(latitude: f64, longitude: f64) -> Position {
        Position::from_degrees(latitude, longitude).unwrap()
    }

    #[test]
    fn places_are_named_by_longitude_first() {
        let url = table_url(
            "https://roads.example/osrm",
            &[at(41.8781, -87.6298), at(42.0579, -87.5)],
        );
        let expected = "https://roads.example/osrm/table/v1/driving/\
                        -87.629800,41.878100;-87.500000,42.057900\
                        ?annotations=duration&generate_hints=false";
        assert_eq!(url, expected);
    }

    #[test]
    fn a_table_is_read_and_the_longer_direction_counts() {
        let places = [at(1.0, 1.0), at(2.0, 2.0), at(3.0, 3.0)];
        let body = br#"{"code":"Ok","durations":[[0,60,600.1],[61,0,null],[599,30,0]]}"#;
        let told = read(&places, 200, body).unwrap();
        let minutes: Vec<Option<u32>> = told.iter().map(|(_, minutes)| *minutes).collect();
        assert_eq!(minutes, [Some(2), Some(11), None]);
        assert_eq!(told[0].0, (places[0], places[1]));
    }

    #[test]
    fn what_is_no_table_of_those_places_is_no_answer() {
        let places = [at(1.0, 1.0), at(2.0, 2.0)];
        for (status, body) in [
            (200, ""),
            (200, "<html>"),
            (200, "[]"),
            (200, r#"{"code":"Ok"}"#),
            (200, r#"{"code":"Ok","durations":[[0,1]]}"#),
            (200, r#"{"code":"Ok","durations":[[0,1],[1]]}"#),
            (200, r#"{"code":"Ok","durations":[[0,-1],[1,0]]}"#),
            (200, r#"{"code":"Ok","durations":[[0,1e300],[1,0]]}"#),
            (200, r#"{"code":"NoTable","durations":[[0,1],[1,0]]}"#),
            (
                400,
                r#"{"code":"InvalidQuery","message":"Query string malformed"}"#,
            ),
            (500, r#"{"code":"Ok","durations":[[0,1],[1,0]]}"#),
        ] {
            assert!(read(&places, status, body.as_bytes()).is_err(), "{body}");
        }
    }
}
