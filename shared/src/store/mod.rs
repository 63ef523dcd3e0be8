//! DynamoDB, a file for each kind of row. Items are plain structs.
//!
//! Reads by key are strongly consistent; what an index lists may lag behind. Every write that depends on what was read says
//! so in a condition; a condition that fails is [`StoreError::Changed`].

mod answers;
mod appointments;
mod calls;
mod connections;
mod error;
mod feeds;
mod json_text;
mod ledger;
mod ledger_day;
mod oauth_states;
mod outbox;
mod place;
mod registry;
mod rental;
mod rentals;
mod searches;
mod sources;
mod staff;
mod staff_rules;
mod stamps;
mod table;
mod transaction;

pub use answers::{Answers, Begun};
pub use appointments::{
    Appointment, AppointmentPage, Appointments, Attendee, Cause, Change, HistoryEntry, ListBy,
    Order, Seat, Status, What, property_key,
};
pub use calls::{Ahead, CallEnd, CallRecord, CallRef, Calls, ToolTime, day_of};
pub use connections::{Account, Connection, Connections, Mailbox};
pub use error::StoreError;
pub use feeds::{Feed, Feeds};
pub use ledger::{Applied, Ledger, Row, SeatChange, Taken};
pub use oauth_states::{HeldSignIn, OAuthState, OAuthStates, SignInPurpose};
pub use outbox::{Message, Outbox, Posted};
pub use place::Place;
pub use registry::{MOST_STAMPS, OnRecord, Registered, Registry, Wanted};
pub use rental::{AvailableDate, Bathrooms, Price, Rental, SourceType};
pub use rentals::{RentalList, RentalPage, RentalWrite, Rentals, RentalsOf, SourceCount, Start};
pub use searches::{CachedSearch, Circuit, Pace, Searches};
pub use sources::{
    ListingSource, OutcomeStatus, SeenListing, SourceKind, SourceOutcome, SourcePage, Sources,
};
pub use staff::{Binding, Staff};
pub use staff_rules::{DateOverride, SchedulingSettings, StaffRules, WeekBlocks};
pub use stamps::Stamp;
