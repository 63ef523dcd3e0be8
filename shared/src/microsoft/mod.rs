//! Microsoft 365: sign-in and tokens, the calendar by way of Graph, their errors,
//! and the names of time zones.

mod accounts;
mod connecting;
mod custom_zone;
mod error;
mod grants;
mod graph;
mod http;
mod id_token;
mod identity;
mod mailbox;
mod refusal;
mod seal;
mod zones;

pub use accounts::Accounts;
pub use connecting::{Connecting, Expected, SignedIn};
pub use error::MicrosoftError;
pub use grants::live;
pub use graph::{
    Attachment, CalendarEvent, CalendarInfo, EventTime, Graph, GraphAttendee, NewEvent, NewMail,
    Schedule, ScheduleError, Session, TAG_NAME, moved_event, shares_schedules,
};
pub use id_token::Identity;
pub use identity::{Authorization, SignIn, Tokens};
pub use refusal::{Refusal, SignInError};
pub use zones::{iana_name, known_zone};
