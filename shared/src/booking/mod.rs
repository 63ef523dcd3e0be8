//! The use cases: what is open, and booking it so that no two viewings meet at
//! one door and none is lost.

mod acceptance;
mod agenda;
mod ahead;
mod book;
mod calendar_file;
mod cancel;
mod confirmation;
mod desk;
mod draft;
mod edit;
mod ending;
mod error;
mod find;
mod joint;
mod reconcile;
mod report;
mod reschedule;
mod settings_form;
mod settle;
mod slot_id;
mod spread;
mod staff_rules;
mod trip;

pub use agenda::{Agenda, Calendar, ListedEvent, StaffFile};
pub use book::Outcome;
pub use calendar_file::viewings_file;
pub use cancel::Cancelled;
pub use confirmation::Mailed;
pub use desk::Desk;
pub use draft::{BookingRequest, Guard};
pub use edit::{EventMoved, EventText, OpenedEvent};
pub use error::BookingError;
pub use joint::{JointCalendar, JointError};
pub use report::Report;
pub use reschedule::Rescheduled;
pub use settings_form::read_settings;
pub use slot_id::{OfferedSlot, SlotIds, SlotKey};
pub use spread::spread;
pub use staff_rules::Replaced;

use jiff::{SignedDuration, Timestamp};

/// The instant that long after another, or the last there is.
fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
