//! `cargo run -- secrets set`: fills in the secrets of a deployed stack, and rotates
//! them.
//!
//! Values come from standard input, never from arguments, which other programs of the
//! machine can read. What is not given stays as it is. A value is never printed, but
//! for an API key that was made here, once.

mod change;
mod input;
mod random;
mod set;
mod stack;

pub use set::{Set, set};
pub(crate) use stack::{Stack, States, read};
