//! Which rentals suit what a caller looks for.
//!
//! [`Wish`] reads what was said of place, rent, rooms, date and features, and nothing
//! else: there is no filter for what fair-housing law protects (42 U.S.C. 3604), since
//! features are a closed list. [`asks_for_protected`] recognises a request for such, so
//! that it can be declined. [`search`] ranks: what has all that was wished, else what
//! misses least. It is pure and deterministic.

mod feature;
mod protected;
mod rank;
mod span;
mod wish;

#[cfg(test)]
mod tests;

pub use feature::Feature;
pub use protected::asks_for_protected;
pub use rank::{Results, search};
pub use span::Span;
pub use wish::{Wish, WishTexts};
