//! The `slot-cases/1` format: a question to the engine as JSON, with the answer
//! that is expected of it.
//!
//! One case, an array of cases, or a whole file with `cases` and
//! `multi_host_cases`. Keys that the engine has no use for are passed over; a
//! value that it cannot make sense of is an error that names the case. Zones
//! are looked up in the data that jiff bundles, never in the system's.

mod case;
mod error;
mod format;

pub use case::{Case, CaseHost, Mode};
pub use error::{CaseError, CaseProblem};
