//! The slot engine: which starts a host, or several, can offer.
//!
//! Pure functions over data. No I/O, no clock of its own (`now` is an
//! argument), no zone database (a zone comes with the rules) and no panic:
//! extreme input gives an empty answer. Instants are UTC, intervals half open;
//! wall-clock times become instants by the "compatible" rule.
//!
//! A start is offered when its viewing lies inside the window, inside one
//! merged stretch of opening hours and clear of every entry with its gaps, when
//! it is on the grid of that free stretch, and when the limits admit it.

mod blocked;
mod busy;
mod calendar;
pub mod cases;
mod clock;
mod explain;
mod grid;
mod hosts;
mod hours;
mod interval;
mod limits;
mod nearest;
mod opening;
mod reach;
mod rules;
mod slots;
mod stretch;
mod travel;
mod verdict;
pub mod when;

pub use busy::{Busy, ShowAs, When};
pub use explain::explain;
pub use hosts::{Host, Offer, any_host_slots, rotating_slots};
pub use hours::{Block, WallTime, WallTimeError, WeeklyHours};
pub use interval::{Interval, IntervalError};
pub use nearest::nearest;
pub use reach::reading_window;
pub use rules::{Alignment, MAX_ADVANCE_DAYS, MAX_SLOT_MINUTES, Rules};
pub use slots::{common_slots, open_slots};
pub use travel::{LONGEST_WAY_MINUTES, Position, Travel, Way};
pub use verdict::{Outcome, Refusal, Rule, Verdict};

#[cfg(test)]
mod tests;
