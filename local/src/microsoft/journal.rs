//! An append-only file of changes, one write a line. A write is answered only
//! after its line has reached the disk, so what was acknowledged survives a
//! kill; a line torn by one was never acknowledged and is dropped at the next
//! start, which also rewrites the file in its shortest form.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::{Change, State};

const FORMAT: u32 = 1;

/// Why kept state cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The file system refused.
    #[error("failed to use {path}", path = .path.display())]
    Io {
        /// What was being used.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A whole line is not a change that this version knows.
    #[error("line {line} of {path} cannot be read", path = .path.display())]
    Corrupt {
        /// The journal.
        path: PathBuf,
        /// Counted from one.
        line: usize,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// Written by another version.
    #[error("{path} has format {found}, this program writes {FORMAT}", path = .path.display())]
    Format {
        /// The journal.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// Another process has the folder open.
    #[error("{path} is in use by another process", path = .0.display())]
    InUse(PathBuf),
    /// An earlier write failed, so later ones are refused.
    #[error("an earlier write failed; restart to continue from what was saved")]
    Broken,
}

#[derive(Deserialize, Serialize)]
struct Header {
    format: u32,
}

/// The open file. Lines are appended under the state's lock; waiting for the
/// disk happens outside it and is shared between concurrent writes.
pub(super) struct Journal {
    path: PathBuf,
    /// Keeps other processes out; the system ends the lock with the process.
    _lock: File,
    file: Arc<File>,
    appended: Arc<AtomicU64>,
    /// How many lines are on the disk. Held while flushing, so that those who
    /// wait meanwhile find their line flushed too.
    synced: Arc<Mutex<u64>>,
    /// Set when a write or a flush has failed.
    broken: Arc<AtomicBool>,
}

/// Proof of an append, to wait with.
#[derive(Clone, Copy)]
pub(super) struct Ticket(u64);

impl Journal {
    /// Replays the folder's journal, shortens it, and opens it for appending.
    pub(super) fn open(folder: &Path, now: Timestamp) -> Result<(Self, State), StorageError> {
        let path = folder.join("microsoft.jsonl");
        let fail = |source| StorageError::Io {
            path: path.clone(),
            source,
        };
        fs::create_dir_all(folder).map_err(fail)?;
        let lock = File::create(folder.join("microsoft.lock")).map_err(fail)?;
        lock.try_lock().map_err(|refused| match refused {
            fs::TryLockError::WouldBlock => StorageError::InUse(folder.to_owned()),
            fs::TryLockError::Error(source) => fail(source),
        })?;
        let state = replay(&path)?;
        rewrite(folder, &path, &state.as_changes(now)).map_err(fail)?;
        let file = OpenOptions::new().append(true).open(&path).map_err(fail)?;
        let journal = Self {
            path: path.clone(),
            _lock: lock,
            file: Arc::new(file),
            appended: Arc::new(AtomicU64::new(0)),
            synced: Arc::new(Mutex::new(0)),
            broken: Arc::new(AtomicBool::new(false)),
        };
        Ok((journal, state))
    }

    /// Appends one line. After a failure the journal takes no more, because a
    /// torn line in the middle would make the rest unreadable.
    pub(super) fn append(&self, changes: &[Change]) -> Result<Ticket, StorageError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(StorageError::Broken);
        }
        let written = serde_json::to_vec(changes)
            .map_err(io::Error::from)
            .and_then(|mut line| {
                line.push(b'\n');
                (&*self.file).write_all(&line)
            });
        if let Err(source) = written {
            self.broken.store(true, Ordering::SeqCst);
            return Err(self.failure(source));
        }
        Ok(Ticket(self.appended.fetch_add(1, Ordering::SeqCst) + 1))
    }

    /// The ticket of the last line.
    pub(super) fn latest(&self) -> Ticket {
        Ticket(self.appended.load(Ordering::SeqCst))
    }

    /// Waits until the line is on the disk.
    pub(super) async fn wait(&self, ticket: Ticket) -> Result<(), StorageError> {
        let (file, appended) = (Arc::clone(&self.file), Arc::clone(&self.appended));
        let (synced, broken) = (Arc::clone(&self.synced), Arc::clone(&self.broken));
        let flush = move || {
            let mut synced = synced.lock().unwrap_or_else(PoisonError::into_inner);
            if *synced >= ticket.0 {
                return Ok(());
            }
            if broken.load(Ordering::SeqCst) {
                return Err(io::Error::other("an earlier write or flush failed"));
            }
            // Every line counted here was written before the flush.
            let lines = appended.load(Ordering::SeqCst);
            match file.sync_data() {
                Ok(()) => *synced = lines,
                Err(failed) => {
                    broken.store(true, Ordering::SeqCst);
                    return Err(failed);
                }
            }
            Ok(())
        };
        let flushed = tokio::task::spawn_blocking(flush)
            .await
            .unwrap_or_else(|stopped| Err(io::Error::other(stopped)));
        flushed.map_err(|source| self.failure(source))
    }

    fn failure(&self, source: io::Error) -> StorageError {
        StorageError::Io {
            path: self.path.clone(),
            source,
        }
    }
}

fn replay(path: &Path) -> Result<State, StorageError> {
    let mut state = State::default();
    let fail = |source| StorageError::Io {
        path: path.to_owned(),
        source,
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(state),
        Err(source) => return Err(fail(source)),
    };
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        reader.read_until(b'\n', &mut line).map_err(fail)?;
        if line.last() != Some(&b'\n') {
            break;
        }
        let corrupt = |source| StorageError::Corrupt {
            path: path.to_owned(),
            line: number,
            source,
        };
        if number == 1 {
            let header: Header = serde_json::from_slice(&line).map_err(corrupt)?;
            if header.format != FORMAT {
                return Err(StorageError::Format {
                    path: path.to_owned(),
                    found: header.format,
                });
            }
        } else {
            let changes: Vec<Change> = serde_json::from_slice(&line).map_err(corrupt)?;
            for change in changes {
                state.apply(change);
            }
        }
    }
    Ok(state)
}

/// Replaces the file in one step: a crash leaves the old one or the new one.
fn rewrite(folder: &Path, path: &Path, changes: &[Change]) -> io::Result<()> {
    let fresh = path.with_extension("jsonl.new");
    let mut writer = BufWriter::new(File::create(&fresh)?);
    serde_json::to_writer(&mut writer, &Header { format: FORMAT })?;
    writer.write_all(b"\n")?;
    for change in changes {
        serde_json::to_writer(&mut writer, std::slice::from_ref(change))?;
        writer.write_all(b"\n")?;
    }
    writer
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?
        .sync_all()?;
    fs::rename(&fresh, path)?;
    File::open(folder)?.sync_all()
}
