//! `cargo run -- vapi plan | apply | pull`: VAPI's dashboard as files.
//!
//! The files say what assistants and tools should be; whatever they do not name is kept
//! as it is found, since VAPI grows and people use its dashboard too. Nothing is changed
//! without `apply`, and what was changed is read again before it is called done.

mod apply;
mod bindings;
mod blueprint;
mod command;
mod difference;
mod folder;
mod merge;
mod plan;
mod prompt;
mod pull;
mod remote;
mod report;
mod secrecy;

pub use command::{Command, Ending};
