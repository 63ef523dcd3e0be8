//! The use cases: what is open, and booking it so that no two viewings meet at
//! one door and none is lost.

mod agenda;
mod book;
mod desk;
mod error;
mod settings_form;
mod slot_id;
mod spread;
mod staff_rules;

pub use agenda::{Agenda, Calendar, ListedEvent};
pub use book::{BookingRequest, Guard, Outcome};
pub use desk::Desk;
pub use error::BookingError;
pub use settings_form::{FieldProblem, read_settings};
pub use slot_id::{OfferedSlot, SlotIds, SlotKey};
pub use spread::spread;
pub use staff_rules::Replaced;
