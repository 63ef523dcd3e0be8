//! The webhook's wire format, read leniently and written strictly.
//!
//! Reading is done by hand over `serde_json::Value`: the sender is a third
//! party whose messages come in several shapes, and one odd field must not
//! cost a caller their booking. Nothing here panics, whatever the bytes are.
//! Writing goes through types that cannot hold what VAPI would ignore: a reply
//! with both a result and an error, or a string of several lines.

mod arguments;
mod context;
mod decode;
mod delivery;
mod ids;
mod information;
mod json;
mod line;
mod reply;
mod tool_call;

#[cfg(test)]
mod properties;

pub use arguments::{ArgumentError, ArgumentProblem, Arguments, TEXT_LIMIT};
pub use context::{CallContext, Channel};
pub use decode::ArgumentsError;
pub use delivery::{Delivery, FunctionCall, Message, WireError, parse};
pub use ids::ToolCallId;
pub use information::Information;
pub use line::{Line, MESSAGE_LIMIT};
pub use reply::{Outcome, Reply, ToolResult};
pub use tool_call::{CALLS_LIMIT, ToolCall};
