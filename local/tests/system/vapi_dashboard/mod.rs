//! `vapi plan`, `apply` and `pull` against the simulated VAPI.

mod files;
mod harness;
mod program;
mod repointing;
