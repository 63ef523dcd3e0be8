//! Microsoft Graph: one mailbox's calendar, read and written.

mod client;
mod event;
mod new_event;
mod new_mail;
mod schedule;
mod session;

pub use client::Graph;
pub use event::{CalendarEvent, EventTime, GraphAttendee};
pub use new_event::{NewEvent, TAG_NAME, moved_event};
pub use new_mail::{Attachment, NewMail};
pub use schedule::{Schedule, ScheduleError, shares_schedules};
pub use session::{CalendarInfo, Session};
