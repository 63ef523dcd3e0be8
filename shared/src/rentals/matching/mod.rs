//! Which property a caller means: "the two bedroom on Maple", "fourteen mill lane flat
//! two".
//!
//! [`find()`] compares what was said with the properties that come into question. What is
//! said of a property either agrees with it or contradicts it; small misspellings and
//! words that nothing explains cost a little. Those without a contradiction fit, and of
//! these the cheapest count: one is the answer, several need a question that tells them
//! apart, and when none fits, the nearest are named. It is pure and deterministic, and
//! its time is bounded by the length that it reads of a text, times the properties.

mod address;
mod comparison;
mod description;
mod difference;
mod find;
mod likeness;
mod property;
mod said;

#[cfg(test)]
mod tests;

pub use difference::Difference;
pub use find::{Found, MAX_OPTIONS, find};
pub(super) use likeness::sounds_like;
pub use property::{AddressParts, Property, address_parts};
