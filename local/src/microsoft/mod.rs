//! A simulated Microsoft: the login authority and the parts of Graph that the
//! backend uses, as one router. It is as strict as the documented service, and
//! misbehaves only when told to (`/control/faults`). Everything it acknowledges
//! is kept in memory, or in a journal when a data folder is given.
//!
//! Rules come from Microsoft Learn; where the documentation is silent the
//! choice made here is named in the item's documentation.

mod accounts;
mod control;
mod control_events;
mod event;
mod gate;
mod graph;
mod journal;
mod login;
mod operation;
mod options;
mod records;
mod sign_in;
mod simulator;
mod state;
mod store;
mod traffic;
mod zones;

pub use accounts::demonstration_accounts;
pub use journal::StorageError;
pub use operation::Operation;
pub use options::{
    Account, Client, Clock, Directory, Options, Settings, WorkingHours, WorkingZone,
};
pub use sign_in::SignIn;
pub use simulator::Microsoft;
