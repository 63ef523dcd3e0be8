//! The inventory: what can be viewed, how it is read from what people write, and
//! whether it can be had; which rental a caller means, and which ones suit what they
//! look for.

mod address;
mod availability;
pub mod matching;
pub mod search;
mod wording;

pub use address::address_key;
pub use availability::{Availability, local_date};

pub use crate::store::{AvailableDate, Bathrooms, Price, Rental, SourceType};
