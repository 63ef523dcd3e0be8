//! Logs: JSON lines with an RFC 3339 `timestamp` and a `level`, which Lambda
//! needs to filter them.
//!
//! A line never holds a token, code, secret, header, body, phone number, e-mail
//! address or property address.

use tracing_subscriber::EnvFilter;

use crate::config::Settings;

/// Starts writing log lines to standard output. Called once, by `main`.
pub fn start(settings: &Settings) {
    let level = settings.optional("LOG_LEVEL").unwrap_or("info");
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    // A second call (several functions in one process) changes nothing.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(filter)
        .try_init();
}
