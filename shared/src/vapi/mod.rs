//! What we and VAPI say to each other.
//!
//! [`wire`] turns the bytes of a webhook delivery into typed messages, and our
//! answers into the JSON that VAPI accepts. [`speech`] makes every string that the
//! assistant will say. The tools are one table ([`Tool`]), and [`Webhook`] carries
//! them out. [`VapiApi`] is VAPI's dashboard.

mod agreed_time;
mod answer;
mod api;
mod cancel_appointment;
mod contact;
mod conversation;
mod dashboard_tool;
mod find_appointments;
mod get_availability;
mod get_property_details;
mod on_the_web;
mod once;
mod property;
mod reschedule_appointment;
mod search_rentals;
mod send_confirmation_email;
mod set_appointment;
pub mod speech;
mod staff_meant;
mod tool;
mod unwritten;
mod viewed;
mod webhook;
mod which_viewing;
pub mod wire;

pub use api::{Resource, VAPI_BASE_URL, VapiApi, VapiError};
pub use contact::{EmailAddress, PhoneNumber};
pub use tool::Tool;
pub use unwritten::Unwritten;
pub use webhook::Webhook;
