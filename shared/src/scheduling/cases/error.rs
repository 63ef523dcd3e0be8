//! Why a text holds no usable cases.

use thiserror::Error;

use super::super::{IntervalError, WallTimeError};

/// A text that cannot be read as cases.
#[derive(Debug, Error)]
pub enum CaseError {
    /// The text is not JSON.
    #[error("the cases are not JSON")]
    Json(#[source] serde_json::Error),
    /// One of the cases cannot be read.
    #[error("case {name:?} cannot be read")]
    Case {
        /// The name of the case, empty when it has none.
        name: String,
        /// What is wrong with it.
        source: CaseProblem,
    },
}

/// What is wrong with a case.
#[derive(Debug, Error)]
pub enum CaseProblem {
    /// A field is missing or of the wrong type.
    #[error("not of the format")]
    Format(#[from] serde_json::Error),
    /// No zone has the name.
    #[error("unknown time zone")]
    Zone(#[from] jiff::Error),
    /// A block has an impossible time of day.
    #[error("impossible time of day")]
    Time(#[from] WallTimeError),
    /// The window or an entry ends before it starts.
    #[error("impossible interval")]
    Interval(#[from] IntervalError),
    /// An entry has neither two instants nor two dates.
    #[error("an entry has neither two instants nor two dates")]
    NoTime,
}
