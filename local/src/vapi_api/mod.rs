//! A simulated VAPI: the parts of its REST API that the backend and the dashboard
//! commands use, as one router. It is as strict as the documentation says, and
//! misbehaves only when told to (`/control/faults`). What it holds is in memory, or in
//! a file when a data folder is given.
//!
//! Rules come from VAPI's API reference; where that is silent the choice made here is
//! named in the item's documentation.

mod analytics;
mod body;
mod control;
mod error;
mod fields;
mod gate;
mod kind;
mod operation;
mod paging;
mod resources;
mod simulator;
mod store;

pub use kind::Kind;
pub use operation::Operation;
pub use simulator::Vapi;
