//! The tables of cases in `fixtures`.

use std::fmt::Write;

use jiff::Timestamp;

use crate::scheduling::cases::{Case, CaseError};

/// The tables, of which the second is about what the first leaves open.
const TABLES: [&str; 2] = [
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/slots.json")),
    include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/slots-own.json"
    )),
];

fn all_cases() -> Vec<Case> {
    TABLES
        .iter()
        .flat_map(|table| Case::parse(table).unwrap())
        .collect()
}

#[test]
fn every_case_is_answered_as_its_table_says() {
    let cases = all_cases();
    assert!(cases.len() >= 63, "{} cases", cases.len());
    let mut failures = String::new();
    for case in &cases {
        // The other acceptable answers of a policy case are not ours.
        let slots = case.slots();
        let expected = case.expected.as_ref().expect(&case.name);
        if slots != *expected {
            let list = |starts: &[Timestamp]| -> Vec<String> {
                starts.iter().map(ToString::to_string).collect()
            };
            writeln!(
                failures,
                "{} ({}):\n  expected {:?}\n  answered {:?}",
                case.name,
                case.level,
                list(expected),
                list(&slots)
            )
            .unwrap();
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

#[test]
fn a_case_an_array_and_a_file_are_read() {
    let file = TABLES[0];
    let value: serde_json::Value = serde_json::from_str(file).unwrap();
    let (cases, hosts) = (&value["cases"], &value["multi_host_cases"]);
    let count = |json: &str| Case::parse(json).unwrap().len();
    assert_eq!(count(&cases.to_string()), 61);
    assert_eq!(count(&hosts.to_string()), 2);
    assert_eq!(count(&cases[0].to_string()), 1);
    assert_eq!(count(file), 63);
    assert_eq!(count(r#"{"cases": []}"#), 0);
}

#[test]
fn a_case_that_makes_no_sense_is_an_error_that_names_it() {
    let good: serde_json::Value = serde_json::from_str(
        r#"{
            "name": "lunch", "host_timezone": "UTC",
            "working_hours": [{"days": ["tue"], "start": "12:00", "end": "13:00"}],
            "window_start": "2026-06-16T00:00:00Z", "window_end": "2026-06-17T00:00:00Z",
            "now": "2026-06-15T00:00:00Z", "slot_minutes": 30
        }"#,
    )
    .unwrap();
    assert_eq!(Case::parse(&good.to_string()).unwrap()[0].slots().len(), 2);
    for (pointer, value, problem) in [
        ("/host_timezone", r#""Mars/Olympus""#, "unknown time zone"),
        ("/host_timezone", "null", "unknown time zone"),
        ("/now", r#""soon""#, "not of the format"),
        ("/slot_minutes", "-5", "not of the format"),
        (
            "/working_hours/0/days/0",
            r#""someday""#,
            "not of the format",
        ),
        (
            "/working_hours/0/start",
            r#""25:00""#,
            "impossible time of day",
        ),
        (
            "/window_end",
            r#""2026-06-15T00:00:00Z""#,
            "impossible interval",
        ),
        ("/working_hours", "7", "not of the format"),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = serde_json::from_str(value).unwrap();
        let error = Case::parse(&bad.to_string()).unwrap_err();
        let CaseError::Case { name, source } = error else {
            panic!("{error}");
        };
        assert_eq!(
            (name.as_str(), source.to_string().as_str()),
            ("lunch", problem)
        );
    }
    let mut bad = good;
    bad["busy"] = serde_json::json!([{"start": "2026-06-16T12:00:00Z"}]);
    assert!(Case::parse(&bad.to_string()).is_err());
    assert!(matches!(Case::parse("{").unwrap_err(), CaseError::Json(_)));
}

#[test]
fn a_policy_case_accepts_its_other_answers_and_no_third() {
    let cases = all_cases();
    let policy = cases.iter().find(|case| case.level == "policy").unwrap();
    assert!(policy.accepts(policy.expected.as_ref().unwrap()));
    assert!(policy.accepts(&policy.also_acceptable[0]));
    assert!(!policy.accepts(&[Timestamp::MIN]));
    let open = Case {
        expected: None,
        ..policy.clone()
    };
    assert!(open.accepts(&[Timestamp::MIN]));
    let verdicts = policy.explain(policy.slots()[0]);
    assert!(
        verdicts
            .iter()
            .flatten()
            .all(crate::scheduling::Verdict::allows)
    );
}
