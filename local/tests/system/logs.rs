//! The log of the whole run, as an operator who looks for a fault would have it, in a
//! file. `.ci/privacy` looks for what a line must never hold.

use std::fs::File;
use std::path::Path;
use std::sync::Once;

use tracing_subscriber::EnvFilter;

/// All of our own lines, and what libraries log at the usual level. What stands for Microsoft and AWS is not ours to log.
const FILTER: &str = "info,shared=trace,local=off,dynoxide=off";

/// Starts keeping the log, once.
pub(crate) fn keep() {
    static KEPT: Once = Once::new();
    KEPT.call_once(|| {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("log.jsonl");
        let file = File::create(path).unwrap();
        tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .with_env_filter(EnvFilter::new(FILTER))
            .with_writer(file)
            .init();
    });
}
