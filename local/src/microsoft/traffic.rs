//! Counts requests by mailbox and operation, and how many are being served at
//! once, for the limit of four (Learn: Graph throttling limits, Outlook) and
//! for tests that ask how often something was called.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;

use super::operation::Operation;

/// The counts of one mailbox since the start.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Counters {
    /// Requests by operation, throttled ones included.
    pub operations: BTreeMap<Operation, u64>,
    /// Requests being served now.
    pub in_flight: usize,
    /// The most that were being served at once.
    pub max_in_flight: usize,
    /// Requests answered with 429 because of the limit.
    pub throttled: u64,
    /// Requests to Graph that left out what each should carry: both preferences, and an
    /// id of its own.
    pub bare: u64,
}

/// All counts.
#[derive(Clone, Default)]
pub(super) struct Traffic {
    mailboxes: Arc<Mutex<HashMap<String, Counters>>>,
}

/// A request being served; it counts until this is dropped.
pub(super) struct InFlight {
    traffic: Traffic,
    email: String,
}

impl Traffic {
    /// Counts a request that has no mailbox limit.
    pub(super) fn count(&self, email: &str, operation: Operation) {
        let mut mailboxes = self.lock();
        let counters = mailboxes.entry(email.to_owned()).or_default();
        *counters.operations.entry(operation).or_default() += 1;
    }

    /// Counts a request that left out what it should carry.
    pub(super) fn note_bare(&self, email: &str) {
        let mut mailboxes = self.lock();
        mailboxes.entry(email.to_owned()).or_default().bare += 1;
    }

    /// Counts a request and takes one of `limit` places; `None` when all are taken.
    pub(super) fn enter(
        &self,
        email: &str,
        operation: Operation,
        limit: usize,
    ) -> Option<InFlight> {
        let mut mailboxes = self.lock();
        let counters = mailboxes.entry(email.to_owned()).or_default();
        *counters.operations.entry(operation).or_default() += 1;
        if counters.in_flight >= limit {
            counters.throttled += 1;
            return None;
        }
        counters.in_flight += 1;
        counters.max_in_flight = counters.max_in_flight.max(counters.in_flight);
        Some(InFlight {
            traffic: self.clone(),
            email: email.to_owned(),
        })
    }

    /// The counts of a mailbox.
    pub(super) fn counters(&self, email: &str) -> Counters {
        self.lock().get(email).cloned().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Counters>> {
        self.mailboxes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if let Some(counters) = self.traffic.lock().get_mut(&self.email) {
            counters.in_flight = counters.in_flight.saturating_sub(1);
        }
    }
}
