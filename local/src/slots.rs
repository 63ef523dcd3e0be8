//! `cargo run -- slots FILE`: the slot engine on cases in a file.

use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use serde_json::json;
use shared::scheduling::cases::Case;

/// Prints one JSON line a case, with the starts that are open; or, with `explain`,
/// what each rule says of that one start. Whether every answer was the expected one.
pub fn run(path: &Path, explain: Option<Timestamp>, out: &mut dyn Write) -> anyhow::Result<bool> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("{shown} cannot be read"))?;
    let cases = Case::parse(&text).with_context(|| format!("{shown} cannot be used"))?;
    match explain {
        Some(start) => tell_why(&cases, start, out).map(|()| true),
        None => answer(&cases, out),
    }
}

fn answer(cases: &[Case], out: &mut dyn Write) -> anyhow::Result<bool> {
    let mut as_expected = true;
    for case in cases {
        let slots = case.slots();
        as_expected &= case.accepts(&slots);
        writeln!(out, "{}", json!({"name": case.name, "slots": slots}))?;
    }
    Ok(as_expected)
}

fn tell_why(cases: &[Case], start: Timestamp, out: &mut dyn Write) -> anyhow::Result<()> {
    let [case] = cases else {
        bail!(
            "--explain is about one case, and the file has {}",
            cases.len()
        );
    };
    for (host, verdicts) in case.explain(start).iter().enumerate() {
        if case.hosts.len() > 1 {
            writeln!(out, "host {}", host + 1)?;
        }
        for verdict in verdicts {
            writeln!(out, "{verdict}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: &str = r#"{
        "name": "noon", "host_timezone": "UTC",
        "working_hours": [{"days": ["tue"], "start": "12:00", "end": "13:00"}],
        "window_start": "2026-06-16T00:00:00Z", "window_end": "2026-06-17T00:00:00Z",
        "now": "2026-06-15T00:00:00Z", "slot_minutes": 60, "interval_minutes": 60,
        "expected": ["2026-06-16T12:00:00Z"]
    }"#;

    fn output(json: &str, explain: Option<&str>) -> (anyhow::Result<bool>, String) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), json).unwrap();
        let mut out = Vec::new();
        let start = explain.map(|start| start.parse().unwrap());
        let outcome = run(file.path(), start, &mut out);
        (outcome, String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_case_is_answered_in_one_line() {
        let (outcome, text) = output(CASE, None);
        assert!(outcome.unwrap());
        insta::assert_snapshot!(text, @r#"{"name":"noon","slots":["2026-06-16T12:00:00Z"]}"#);
        let (outcome, _) = output(&CASE.replace("T12:00:00Z\"]", "T11:00:00Z\"]"), None);
        assert!(!outcome.unwrap());
    }

    #[test]
    fn each_rule_says_what_it_makes_of_a_start() {
        let (outcome, text) = output(CASE, Some("2026-06-16T11:00:00Z"));
        assert!(outcome.unwrap());
        assert!(
            text.contains("hours: closed during at least part of the viewing"),
            "{text}"
        );
        let (outcome, _) = output(&format!("[{CASE},{CASE}]"), Some("2026-06-16T11:00:00Z"));
        assert!(outcome.unwrap_err().to_string().contains("the file has 2"));
    }

    #[test]
    fn a_file_that_is_no_case_is_named() {
        let (outcome, _) = output("{}", None);
        assert!(outcome.unwrap_err().to_string().contains("cannot be used"));
    }
}
