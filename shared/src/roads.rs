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

/// How long the service may take. A calendar is mostly read meanwhile, which takes about as
/// long.
const PATIENCE: Duration = Duration::from_millis(600);

/// How long a service that failed is left alone.
const REST: SignedDuration = SignedDuration::from_secs(30);

/// How many places one request may name; a service takes a hundred unless it is told
/// otherwise (`osrm-routed`, `--max-table-size`).
const AT_ONCE: usize = 100;

/// The most ways that are remembered. Roads change seldom, and a function does not live
/// long.
const REMEMBERED: usize = 50_000;

/// A place that is farther from the nearest road, in metres, is not on the map.
const FARTHEST_ROAD: f64 = 1000.0;

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
    #[serde(default)]
    sources: Vec<OnRoad>,
}

/// What a place was taken for.
#[derive(Deserialize)]
struct OnRoad {
    /// Metres from the place.
    distance: f64,
}

/// What is known of ways, in whole minutes; none where no road leads.
type Told = BTreeMap<Way, Option<u32>>;

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
        let mut told = service.known(&wanted);
        if told.len() < wanted.len() && !service.is_resting(turn) {
            let limit = turn.patience(PATIENCE);
            let asking = service.ask_for_the_rest(&wanted, &mut told);
            let problem = match tokio::time::timeout(limit, asking).await {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(error.to_string()),
                Err(_) => Some("it takes too long".to_owned()),
            };
            if let Some(reason) = problem {
                tracing::warn!(reason, "the routing service tells nothing");
                // Whoever had less time cannot say that it is slow.
                if limit == PATIENCE {
                    service.rest(turn);
                }
            }
            service.remember(&told);
        }
        let known = told.into_iter();
        Drives(
            known
                .filter_map(|(way, minutes)| Some((way, minutes?)))
                .collect(),
        )
    }
}

impl Service {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_resting(&self, turn: &Turn) -> bool {
        let until = self.state().rests_until;
        until.is_some_and(|until| turn.at() < until)
    }

    fn rest(&self, turn: &Turn) {
        self.state().rests_until = turn.at().checked_add(REST).ok();
    }

    fn known(&self, wanted: &BTreeSet<Way>) -> Told {
        let state = self.state();
        let known = |way: &Way| Some((*way, *state.known.get(way)?));
        wanted.iter().filter_map(known).collect()
    }

    fn remember(&self, told: &Told) {
        let known = &mut self.state().known;
        if known.len() + told.len() > REMEMBERED {
            known.clear();
        }
        known.extend(told);
    }

    /// Asks until nothing that is wanted is unknown. What was told before a failure stays.
    async fn ask_for_the_rest(
        &self,
        wanted: &BTreeSet<Way>,
        told: &mut Told,
    ) -> Result<(), RoadsError> {
        loop {
            let places = some_unknown(wanted, told);
            if places.is_empty() {
                return Ok(());
            }
            let answer = self.ask(&places).await?;
            told.extend(answer.into_iter().filter(|(way, _)| wanted.contains(way)));
        }
    }

    /// The ways between all of the places.
    async fn ask(&self, places: &[Position]) -> Result<Told, RoadsError> {
        let answer = self.http.get(table_url(&self.base, places)).send().await?;
        let status = answer.status().as_u16();
        let body = read_within(answer, LARGEST).await?;
        read(places, status, &body.ok_or(RoadsError::Unreadable)?)
    }
}

/// The ends of ways that are unknown, as many as may be asked about at once.
fn some_unknown(wanted: &BTreeSet<Way>, told: &Told) -> Vec<Position> {
    let mut places = BTreeSet::new();
    for (one, other) in wanted.iter().filter(|way| !told.contains_key(way)) {
        let more = [one, other]
            .into_iter()
            .filter(|end| !places.contains(*end));
        if places.len() + more.count() <= AT_ONCE {
            places.extend([*one, *other]);
        }
    }
    places.into_iter().collect()
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
fn read(places: &[Position], status: u16, body: &[u8]) -> Result<Told, RoadsError> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| RoadsError::Unreadable)?;
    if status != 200 || answer.code != "Ok" {
        let code = answer.code.chars().take(40).collect();
        return Err(RoadsError::Refused { status, code });
    }
    let (table, on_roads) = (&answer.durations, &answer.sources);
    let fits = |count: usize| count == places.len();
    if !fits(table.len()) || !fits(on_roads.len()) || !table.iter().all(|row| fits(row.len())) {
        return Err(RoadsError::Unreadable);
    }
    // The service takes a place that is off its map for the nearest on it.
    let is_on_map = |index: usize| {
        let road = on_roads.get(index);
        road.is_some_and(|road| road.distance <= FARTHEST_ROAD)
    };
    let drive = |from: usize, to: usize| -> Result<Option<u32>, RoadsError> {
        let seconds = table.get(from).and_then(|row| *row.get(to)?);
        let seconds = seconds.map(minutes).transpose()?;
        Ok(seconds.filter(|_| is_on_map(from) && is_on_map(to)))
    };
    let mut told = Told::new();
    for (from, one) in places.iter().enumerate() {
        for (to, other) in places.iter().enumerate().skip(from + 1) {
            let both = drive(from, to)?.zip(drive(to, from)?);
            told.insert(way(*one, *other), both.map(|(there, back)| there.max(back)));
        }
    }
    Ok(told)
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

    const NEAR: &str = r#""sources":[{"distance":0},{"distance":999.9}]"#;

    #[test]
    fn a_table_is_read_and_the_longer_direction_counts() {
        let places = [at(1.0, 1.0), at(2.0, 2.0), at(3.0, 3.0)];
        for (distance, expected) in [
            ("12.5", [Some(2), Some(11), None]),
            // It is off the map.
            ("1000.1", [Some(2), None, None]),
        ] {
            let body = format!(
                r#"{{"code":"Ok","durations":[[0,60,600.1],[61,0,null],[599,30,0]],
                "sources":[{{"distance":0}},{{"distance":3}},{{"distance":{distance}}}]}}"#
            );
            let told = read(&places, 200, body.as_bytes()).unwrap();
            let minutes: Vec<Option<u32>> = told.values().copied().collect();
            assert_eq!(minutes, expected);
            let first = told.keys().next();
            assert_eq!(first, Some(&(places[0], places[1])));
        }
    }

    #[test]
    fn what_is_no_table_of_those_places_is_no_answer() {
        let places = [at(1.0, 1.0), at(2.0, 2.0)];
        let table = |durations: &str| format!(r#"{{"code":"Ok","durations":{durations},{NEAR}}}"#);
        assert!(read(&places, 200, table("[[0,1],[1,0]]").as_bytes()).is_ok());
        for (status, body) in [
            (200, String::new()),
            (200, "<html>".to_owned()),
            (200, "[]".to_owned()),
            (200, r#"{"code":"Ok"}"#.to_owned()),
            (200, r#"{"code":"Ok","durations":[[0,1],[1,0]]}"#.to_owned()),
            (200, table("[[0,1]]")),
            (200, table("[[0,1],[1]]")),
            (200, table("[[0,-1],[1,0]]")),
            (200, table("[[0,1],[-1,0]]")),
            (200, table("[[0,1e300],[1,0]]")),
            (200, table("[[0,1],[1,0]]").replace("Ok", "NoTable")),
            (
                400,
                r#"{"code":"InvalidQuery","message":"malformed"}"#.to_owned(),
            ),
            (500, table("[[0,1],[1,0]]")),
        ] {
            assert!(read(&places, status, body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn no_more_places_are_asked_about_at_once_than_a_service_takes() {
        let here = at(1.0, 1.0);
        let many = (0..250).map(|index| at(2.0, f64::from(index) / 10.0));
        let wanted: BTreeSet<Way> = many.map(|there| way(here, there)).collect();
        let mut told = Told::new();
        let mut requests = 0;
        loop {
            let places = some_unknown(&wanted, &told);
            if places.is_empty() {
                break;
            }
            assert!(places.len() <= AT_ONCE);
            requests += 1;
            told.extend(places.iter().map(|place| (way(here, *place), Some(1))));
        }
        assert_eq!(requests, 3);
        assert!(wanted.iter().all(|way| told.contains_key(way)));
    }
}
