//! What the simulator holds, and the file that it is kept in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

use super::kind::Kind;

/// One thing, with all its fields.
pub(super) type Thing = Map<String, Value>;

/// All things of each kind, in the order in which they were made.
pub(super) type Things = BTreeMap<Kind, Vec<Thing>>;

pub(super) struct Store {
    things: Mutex<Things>,
    file: Option<PathBuf>,
}

impl Store {
    /// With what the folder holds, if there is one.
    pub(super) fn open(folder: Option<&Path>) -> std::io::Result<Self> {
        let file = folder.map(|folder| folder.join("vapi.json"));
        let things = match file.as_deref().map(std::fs::read) {
            Some(Ok(bytes)) => serde_json::from_slice(&bytes)?,
            Some(Err(error)) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            Some(Err(_)) | None => Things::default(),
        };
        Ok(Self {
            things: Mutex::new(things),
            file,
        })
    }

    pub(super) fn read<T>(&self, look: impl FnOnce(&Things) -> T) -> T {
        look(&self.lock())
    }

    /// Changes something, and keeps it: nothing is acknowledged that a restart loses.
    pub(super) fn write<T>(&self, change: impl FnOnce(&mut Things) -> T) -> std::io::Result<T> {
        let mut things = self.lock();
        let changed = change(&mut things);
        if let Some(file) = &self.file {
            let fresh = file.with_extension("fresh");
            std::fs::write(&fresh, serde_json::to_vec(&*things)?)?;
            std::fs::rename(fresh, file)?;
        }
        Ok(changed)
    }

    fn lock(&self) -> MutexGuard<'_, Things> {
        self.things.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
