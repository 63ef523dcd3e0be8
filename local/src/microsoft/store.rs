//! One lock around the state, and the journal beside it. A write decides what
//! to change while nothing else can, is journalled and applied in the same
//! order, and returns once it is durable.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::{
    journal::{Journal, StorageError},
    options::Options,
    state::{Change, State},
};

/// The state, shared by all requests.
pub(super) struct Store {
    state: Mutex<State>,
    journal: Option<Journal>,
}

impl Store {
    /// Opens what the options name: a folder, or an empty state in memory.
    pub(super) fn open(options: &Options, now: Timestamp) -> Result<Self, StorageError> {
        let (journal, state) = match &options.data {
            Some(folder) => {
                let (journal, state) = Journal::open(folder, now)?;
                (Some(journal), state)
            }
            None => (None, State::default()),
        };
        Ok(Self {
            state: Mutex::new(state),
            journal,
        })
    }

    /// Looks at the state.
    pub(super) fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock())
    }

    /// Decides on changes, makes them, and returns the decision's value when
    /// they are durable. A caller that goes away meanwhile changes nothing.
    pub(super) async fn write<T, E: From<StorageError>>(
        &self,
        decide: impl FnOnce(&State) -> Result<(Vec<Change>, T), E>,
    ) -> Result<T, E> {
        let (value, ticket) = {
            let mut state = self.lock();
            let (changes, value) = decide(&state)?;
            // Without changes the value may still rest on a write in progress.
            let ticket = match &self.journal {
                Some(journal) if changes.is_empty() => Some(journal.latest()),
                Some(journal) => Some(journal.append(&changes)?),
                None => None,
            };
            for change in changes {
                state.apply(change);
            }
            (value, ticket)
        };
        if let (Some(journal), Some(ticket)) = (&self.journal, ticket) {
            journal.wait(ticket).await?;
        }
        Ok(value)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
