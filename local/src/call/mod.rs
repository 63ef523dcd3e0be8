//! A scripted phone call against a running system, told as a transcript.
//!
//! A [`Scenario`] says who calls and what is said; the tool calls in it are sent
//! to the webhook as VAPI sends them, and what the tools answer is what the
//! assistant says. Times are never in the script: they are understood from the
//! spoken offers, as a caller would. At the end the calendar is looked at. All
//! effects go over HTTP, so that a deployed backend can be called like a local
//! one; nothing here knows how either works inside.

mod arguments;
mod backend;
mod delivery;
mod finding;
mod heard;
mod judge;
mod load;
mod play;
mod raw;
mod reply;
mod scenario;
mod style;
mod template;
mod transcript;
mod viewing;

pub(crate) use backend::Backend;
pub use backend::Target;
pub use load::load;
pub use play::{Verdict, play};
pub(crate) use reply::{Said, read as read_reply};
pub use scenario::Scenario;
pub use style::Style;
