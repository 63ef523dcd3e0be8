//! Logs: JSON lines with an RFC 3339 `timestamp` and a `level`, which Lambda
//! needs to filter them.
//!
//! A line never holds a token, code, secret, header, body, phone number, e-mail
//! address or property address.

use std::io::Write as _;
use std::sync::OnceLock;

use jiff::Timestamp;
use serde_json::{Value, json};
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{fmt, registry};

use crate::config::Settings;

/// Where the metrics of this process are counted.
static NAMESPACE: OnceLock<String> = OnceLock::new();

/// Starts writing log lines to standard output. Called once, by `main`.
pub fn start(settings: &Settings) {
    let level = settings.optional("LOG_LEVEL").unwrap_or("info");
    let filter = filter(level).unwrap_or_else(|| Targets::new().with_default(Level::INFO));
    // A second call (several functions in one process) changes nothing.
    if let Some(namespace) = settings.optional("METRICS_NAMESPACE") {
        let _ = NAMESPACE.set(namespace.to_owned());
    }
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false);
    let _ = registry().with(lines).with(filter).try_init();
}

/// What is logged at a level, if it is one. At `trace`, libraries write whole requests
/// and answers, with what a line must never hold; so that level is for our own lines.
pub fn filter(level: &str) -> Option<Targets> {
    let directives = if level.eq_ignore_ascii_case("trace") {
        "debug,shared=trace"
    } else {
        level
    };
    directives.parse().ok()
}

/// Writes counts as metrics, by way of the log (Amazon `CloudWatch`, "Embedded metric
/// format").
pub fn metrics(area: &str, now: Timestamp, counts: &[(&str, u32)]) {
    let enabled = tracing::enabled!(target: "metrics", Level::INFO);
    if enabled {
        let namespace = NAMESPACE.get().map_or("ViewingDesk", String::as_str);
        let line = metrics_line(namespace, area, now, counts);
        // A line that cannot be written is a count less, and nothing else.
        let _ = writeln!(std::io::stdout(), "{line}");
    }
}

fn metrics_line(namespace: &str, area: &str, now: Timestamp, counts: &[(&str, u32)]) -> Value {
    let names: Vec<Value> = counts
        .iter()
        .map(|(name, _)| json!({"Name": name, "Unit": "Count"}))
        .collect();
    let mut line = json!({
        "_aws": {
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [
                {"Namespace": namespace, "Dimensions": [["Area"]], "Metrics": names},
            ],
        },
        "Area": area,
        "timestamp": now.to_string(),
        "level": "INFO",
    });
    for (name, count) in counts {
        line[*name] = json!(count);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_metrics_names_each_with_its_value() {
        let now = Timestamp::from_second(1_900_000_000).unwrap();
        let counts = [("Due", 3), ("Open", 0)];
        let line = metrics_line("viewing-desk-dev", "Reconcile", now, &counts);
        let expected = json!({
            "_aws": {
                "Timestamp": 1_900_000_000_000_i64,
                "CloudWatchMetrics": [{
                    "Namespace": "viewing-desk-dev",
                    "Dimensions": [["Area"]],
                    "Metrics": [
                        {"Name": "Due", "Unit": "Count"},
                        {"Name": "Open", "Unit": "Count"},
                    ],
                }],
            },
            "Area": "Reconcile",
            "timestamp": "2030-03-17T17:46:40Z",
            "level": "INFO",
            "Due": 3,
            "Open": 0,
        });
        assert_eq!(line, expected);
    }
}
