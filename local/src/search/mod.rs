//! The search engines on loopback: Brave's API and DuckDuckGo's page, as they answer when
//! they work, and in every way in which they do not.

mod control;
mod pages;
mod simulator;

pub use simulator::{Operation, SearchEngines};
