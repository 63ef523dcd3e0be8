//! The log of the whole run, as an operator who looks for a fault would have it, in a
//! file. `.ci/privacy` looks for what a line must never hold.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Once;

use serde_json::Value;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{fmt, registry};

/// All of our own lines, and what libraries log at the usual level. What stands for
/// Microsoft and AWS is not ours to log, and metrics would go to standard output.
const FILTER: &str = "info,shared=trace,local=off,dynoxide=off,metrics=off";

/// Starts keeping the log, once.
pub(crate) fn keep() {
    static KEPT: Once = Once::new();
    KEPT.call_once(|| {
        let file = File::create(path()).unwrap();
        let lines = fmt::layer()
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .with_writer(file);
        let filter: Targets = FILTER.parse().unwrap();
        registry().with(lines).with(filter).init();
    });
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("log.jsonl")
}

/// The lines that were written while VAPI's deliveries of that call were answered.
pub(crate) fn of_call(id: &str) -> Vec<Value> {
    let log = std::fs::read_to_string(path()).unwrap();
    // Another test may be in the middle of the last line.
    let lines = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    lines
        .filter(|line: &Value| line["span"]["call_id"] == id)
        .collect()
}
