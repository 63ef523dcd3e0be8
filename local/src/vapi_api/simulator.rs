//! The handle that the owner of a simulated VAPI holds, and that requests share.
//! Cloning it is cheap.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::{Router, middleware};
use jiff::Timestamp;
use serde_json::Value;
use shared::clock::Clock;

use super::control;
use super::gate::gate;
use super::kind::Kind;
use super::operation::Operation;
use super::resources;
use super::store::{Store, Thing};
use crate::faults::{Faults, Rule};

/// A simulated VAPI.
#[derive(Clone)]
pub struct Vapi {
    shared: Arc<Shared>,
}

struct Shared {
    key: String,
    clock: Clock,
    store: Store,
    faults: Faults<Operation>,
    counts: Mutex<BTreeMap<Operation, u64>>,
    changes: Mutex<Vec<Value>>,
}

impl Vapi {
    /// A VAPI that lets that private key in, with what the folder holds if there is one.
    pub fn new(key: &str, clock: Clock, folder: Option<&Path>) -> std::io::Result<Self> {
        Ok(Self {
            shared: Arc::new(Shared {
                key: key.to_owned(),
                clock,
                store: Store::open(folder)?,
                faults: Faults::default(),
                counts: Mutex::default(),
                changes: Mutex::default(),
            }),
        })
    }

    /// The API, and `/control`.
    pub fn router(&self) -> Router {
        let layer = middleware::from_fn_with_state(self.clone(), gate);
        resources::routes(self)
            .layer(layer)
            .nest("/control", control::routes(self))
    }

    /// Puts a thing there as it is, whatever is in it; what VAPI itself writes into
    /// everything is added where it is missing.
    pub fn put(&self, kind: Kind, thing: Value) -> std::io::Result<Value> {
        let Value::Object(mut thing) = thing else {
            return Err(std::io::ErrorKind::InvalidInput.into());
        };
        for (name, value) in self.stamps(kind) {
            thing.entry(name).or_insert(value);
        }
        self.shared.store.write(|things| {
            let all = things.entry(kind).or_default();
            all.retain(|other| other["id"] != thing["id"]);
            all.push(thing.clone());
        })?;
        Ok(Value::Object(thing))
    }

    /// Everything of a kind, in the order in which it was made.
    pub fn all(&self, kind: Kind) -> Vec<Value> {
        self.shared.store.read(|things| {
            let all = things.get(&kind).into_iter().flatten();
            all.cloned().map(Value::Object).collect()
        })
    }

    /// Adds fault rules, as `POST /control/faults` does.
    pub fn add_faults(&self, rules: Vec<Rule<Operation>>) {
        self.shared.faults.add(rules);
    }

    /// Removes every fault rule, as `DELETE /control/faults` does.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }

    /// Requests since the start, by operation.
    pub fn counts(&self) -> BTreeMap<Operation, u64> {
        let counts = self.shared.counts.lock();
        counts.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What clients changed since the start, as they sent it.
    pub fn changes(&self) -> Vec<Value> {
        let changes = self.shared.changes.lock();
        changes.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn note_change(&self, change: Value) {
        let changes = self.shared.changes.lock();
        changes.unwrap_or_else(PoisonError::into_inner).push(change);
    }

    pub(super) fn count(&self, operation: Operation) {
        let counts = self.shared.counts.lock();
        let mut counts = counts.unwrap_or_else(PoisonError::into_inner);
        *counts.entry(operation).or_default() += 1;
    }

    /// What VAPI writes into a new thing of that kind.
    pub(super) fn stamps(&self, kind: Kind) -> Thing {
        let now = self.now();
        let mut stamps = Thing::from_iter([
            ("id".to_owned(), uuid::Uuid::new_v4().to_string().into()),
            ("orgId".to_owned(), ORGANISATION.into()),
            ("createdAt".to_owned(), now.clone().into()),
            ("updatedAt".to_owned(), now.into()),
        ]);
        if kind.has_versions() {
            stamps.insert("latestVersion".to_owned(), "v1".into());
        }
        stamps
    }

    /// The time as VAPI writes it.
    pub(super) fn now(&self) -> String {
        written(self.shared.clock.now())
    }

    pub(super) fn instant(&self) -> Timestamp {
        self.shared.clock.now()
    }

    pub(super) fn key(&self) -> &str {
        &self.shared.key
    }

    pub(super) fn store(&self) -> &Store {
        &self.shared.store
    }

    pub(super) fn faults(&self) -> &Faults<Operation> {
        &self.shared.faults
    }
}

/// The one organisation there is.
const ORGANISATION: &str = "5f0c2f3a-6f53-4f5e-9a43-2f6c1f0c7a11";

/// RFC 3339 with milliseconds, in UTC.
pub(super) fn written(time: Timestamp) -> String {
    format!("{time:.3}")
}
