//! What an operator can find out: a call leads to its Graph requests, and what the
//! template measures is in the log.

use local::Options;
use serde_json::{Value, json};
use serde_yaml_ng::Value as Yaml;
use shared::aws::Aws;
use shared::booking::Desk;

use crate::system::{MONDAY, TestSystem};
use crate::voice::Call;
use crate::{logs, settings};

#[tokio::test]
async fn a_call_leads_to_its_graph_requests() {
    let system = TestSystem::start().await;
    let call = Call::new("call-that-is-traced");
    assert!(call.book(&system, "2031-11-25T10:00:00").await.done);
    let lines = logs::of_call("call-that-is-traced");
    let asked: Vec<&str> = lines
        .iter()
        .filter(|line| line["message"] == "graph")
        .map(|line| {
            for field in ["client_request_id", "request_id"] {
                assert!(line[field].is_string(), "{field}: {line}");
            }
            line["operation"].as_str().unwrap()
        })
        .collect();
    assert!(asked.contains(&"create_event"), "{asked:?}");
    assert!(lines.iter().any(|line| line["message"] == "tool call"));
}

#[tokio::test]
async fn what_the_template_measures_is_in_the_log() {
    let system = TestSystem::start().await;
    let call = Call::new("call-that-is-measured");
    assert!(call.book(&system, "2031-11-25T10:00:00").await.done);
    let lines = logs::of_call("call-that-is-measured");
    let template = std::fs::read_to_string(settings::template_path()).unwrap();
    let template: Yaml = serde_yaml_ng::from_str(&template).unwrap();
    let resources = template["Resources"].as_mapping().unwrap();
    let filters: Vec<(&str, &Yaml)> = resources
        .iter()
        .filter(|(_, resource)| resource["Type"] == "AWS::Logs::MetricFilter")
        .map(|(name, resource)| (name.as_str().unwrap(), &resource["Properties"]))
        .collect();
    assert!(filters.len() >= 3);
    for (name, filter) in filters {
        let pattern = filter["FilterPattern"].as_str().unwrap();
        let message = pattern.split('"').nth(1).unwrap();
        let matching: Vec<&Value> = lines
            .iter()
            .filter(|line| line["message"] == message)
            .collect();
        assert!(!matching.is_empty(), "{name}: no line says {message}");
        let value = filter["MetricTransformations"][0]["MetricValue"]
            .as_str()
            .unwrap();
        if let Some(field) = value.strip_prefix("$.") {
            for line in matching {
                assert!(line[field].is_u64(), "{name}: {field} is no number: {line}");
            }
        }
    }
}

#[tokio::test]
async fn how_long_the_client_secret_lasts_is_counted_in_days() {
    for (expires, left) in [
        (json!("2031-12-04"), Some(10)),
        (json!("2031-11-01"), Some(0)),
        (Value::Null, None),
    ] {
        let secret = json!({"client_id": "a", "client_secret": "b", "expires": expires});
        let options = Options {
            secrets: [("MicrosoftSecret", secret.to_string())].into(),
            ..Options::default()
        };
        let system = TestSystem::start_with(options, MONDAY).await;
        let template = settings::template(&system.local);
        let settings = settings::of_function(&template, "Reconcile");
        let http = shared::https::client().unwrap();
        let desk = Desk::new(&settings, &Aws::new(&settings, &http), &http).unwrap();
        let found = desk.client_secret_days_left(system.clock.now()).await;
        assert_eq!(found, left, "{expires}");
    }
}

#[test]
fn every_alarm_is_explained_to_the_operator() {
    let template = std::fs::read_to_string(settings::template_path()).unwrap();
    let template: Yaml = serde_yaml_ng::from_str(&template).unwrap();
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operations.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let resources = template["Resources"].as_mapping().unwrap();
    for (name, resource) in resources {
        if resource["Type"] == "AWS::CloudWatch::Alarm" {
            let name = name.as_str().unwrap();
            assert!(guide.contains(&format!("`{name}`")), "{name}");
        }
    }
}

/// `file::test` in backticks.
fn named_tests(text: &str) -> Vec<(&str, &str)> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter_map(|name| name.split_once("::")).collect()
}

#[test]
fn every_test_that_the_threat_model_names_is_there() {
    let project = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let model = std::fs::read_to_string(format!("{project}/SECURITY.md")).unwrap();
    let named = named_tests(&model);
    assert!(named.len() > 30);
    for (file, test) in named {
        let places = [
            "local/tests/system",
            "shared/src/microsoft",
            "shared/src/microsoft/graph",
            "shared/src/sources",
            "local/src/secrets",
        ];
        let is_there = places.iter().any(|place| {
            let source = std::fs::read_to_string(format!("{project}/{place}/{file}.rs"));
            source.is_ok_and(|source| source.contains(&format!("fn {test}()")))
        });
        assert!(is_there, "{file}::{test}");
    }
}
