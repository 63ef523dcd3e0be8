//! The use cases: what is open, and booking it so that no two viewings meet at
//! one door and none is lost.

mod agenda;
mod book;
mod desk;
mod error;
mod hours;
mod slot_id;
mod spread;

pub use agenda::{Agenda, Calendar, ListedEvent};
pub use book::{BookingRequest, Guard, Outcome};
pub use desk::Desk;
pub use error::BookingError;
pub use slot_id::{parse_slot_id, slot_id};
pub use spread::spread;
