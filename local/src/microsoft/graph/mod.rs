//! The parts of Graph v1.0 that the backend uses: profile, mailbox settings,
//! calendar and mail of the signed-in person.

mod answer;
mod calendar_view;
mod caller;
mod cancel_event;
mod create_event;
mod error;
mod event_body;
mod event_json;
mod events;
mod extended_properties;
mod ids;
mod json_fields;
mod mailing;
mod paging;
mod profile;
mod query;
mod recurrence;
mod routes;
mod schedule;
mod send_mail;
mod times;
mod trace;
mod translate_ids;

pub(super) use caller::{Caller, authenticate};
pub(super) use error::GraphError;
pub(super) use event_body::write_event;
pub(super) use event_json::EventView;
pub(super) use ids::event_id;
pub(super) use recurrence::Instance;
pub(super) use routes::routes;
pub(super) use trace::Trace;
