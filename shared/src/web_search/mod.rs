//! Rental listings on the web, for when our own inventory has none: an optional adapter,
//! off until an operator switches it on.
//!
//! What comes back is what strangers wrote. It is stripped of markup, cut short, and
//! labelled with its source; prices and availability in it are claims. A search that
//! failed is an error, never an empty result.

mod brave;
mod duckduckgo;
mod engine;
mod error;
mod hit;
mod query;
mod search;

pub use engine::Engine;
pub use error::SearchError;
pub use hit::Hit;
pub use query::{Query, QueryError, Wanted};
pub use search::{Found, WebSearch};
