//! What the functions of the viewing desk have in common.
//!
//! A folder a concern, and imports that point one way, downwards in this list; the last
//! block has no order.

pub mod http;
pub mod vapi;

pub mod booking;

pub mod sources;

pub mod rentals;

pub mod microsoft;

pub mod web_search;

pub mod roads;

pub mod store;

pub mod scheduling;

pub mod aws;
pub mod clock;
pub mod config;
pub mod field_problem;
pub mod https;
pub mod ids;
pub mod markup;
mod numerals;
pub mod secrets;
mod street;
pub mod telemetry;
