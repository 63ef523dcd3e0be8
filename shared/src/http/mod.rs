//! The edge: a request becomes typed input, a result becomes an answer, and the
//! credentials are checked.

mod access;
mod browser;
mod connect_link;
mod cursor;
mod entry;
mod error;
mod feed_link;
mod jwt;
mod later;
pub mod pages;
mod property;
mod request;
mod response;
mod routes;
mod webhook_access;
mod window;

pub use access::{Access, Caller};
pub use browser::{AllowedOrigins, BrowserCookie};
pub use connect_link::ConnectLink;
pub use cursor::{cursor, place_from_query};
pub use entry::{Function, Mounted, run};
pub use error::HttpError;
pub use feed_link::FeedLink;
pub use later::Later;
pub use property::property_named;
pub use request::ApiRequest;
pub use response::{
    Response, accepted, calendar_file, created, document, html, html_form, ok, redirect, see_other,
};
pub use routes::{Route, Routes};
pub use webhook_access::WebhookAccess;
pub use window::{time_from_text, time_to_text, window_from_query};
