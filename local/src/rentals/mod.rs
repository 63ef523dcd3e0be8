//! `cargo run -- rentals …`: the inventory, from the command line.

mod batches;
mod import;

pub use import::Import;
