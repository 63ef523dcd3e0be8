//! Listing sources: where staff members list their rentals elsewhere, read again every
//! day.
//!
//! The rows of a feed become rentals by the same rules as those of an imported file. What
//! a web search finds on a website is kept with the source as seen, and is in no
//! inventory: prices on the web are claims. `link`, `address` and `fetch` see to it that
//! an address which somebody typed leads nowhere but to the public internet.

mod address;
mod due;
mod error;
mod fetch;
mod link;
mod owned;
mod refresh;

pub use due::RefreshReport;
pub use error::SourceError;
pub use fetch::{FetchError, Fetcher, LARGEST};
pub use link::{LinkProblem, Reach, SourceLink};
pub use owned::{NewSource, OwnedSources};
pub use refresh::{Refresher, location_problem};

/// The most rows that are taken in at once, from a feed or from an imported file: what the
/// time of a function suffices for.
pub const ROWS_LIMIT: usize = 2500;
