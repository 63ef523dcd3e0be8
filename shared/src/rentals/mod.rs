//! Rentals: which one a caller means, and which ones suit what they look for.

pub mod matching;
mod wording;
