//! Every string that the assistant says is made here, or passes through here.
//!
//! VAPI rewrites text before it is spoken (VAPI docs, Voice formatting plan): a
//! colon becomes a full stop, so `2:30 PM` is heard as "two. thirty PM", and a
//! number above 2025 is read digit by digit. An assistant can also switch that
//! off. What is made here sounds the same either way: words instead of figures,
//! no symbols, one line. [`rules::violations`] checks a string against those
//! rules, and [`formatter`] is a model of VAPI's rewriting to test with.

mod address;
mod amounts;
mod calendar;
mod figures;
pub mod formatter;
mod numbers;
mod options;
mod plain;
pub mod rules;
mod spelling;
mod street;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod properties;

pub use address::{address, address_within};
pub use amounts::{cents, dollars, duration, quantity};
pub use calendar::{date, date_time, place_of_zone, relative_date, time, time_range};
pub use numbers::{cardinal, digits, ordinal, year};
pub use options::{MAX_OPTIONS, all_of, offer, one_of, times_on};
pub use plain::{PLAIN_LIMIT, person, plain, plain_within};
pub use spelling::{code, email, letters, phone};
