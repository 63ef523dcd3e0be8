//! The template and the handlers name the same routes, or nothing starts.

use std::collections::BTreeSet;

use local::{LocalSystem, Options};
use tempfile::TempDir;

use crate::settings;
use crate::system::TestSystem;

/// Why a system with a changed template does not start.
async fn refusal(change: impl Fn(&str) -> String) -> String {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("template.yaml");
    let template = std::fs::read_to_string(settings::template_path()).unwrap();
    let changed = change(&template);
    assert_ne!(changed, template, "the change does not fit the template");
    std::fs::write(&path, changed).unwrap();
    let options = Options {
        empty: true,
        template: Some(path),
        ..Options::default()
    };
    match LocalSystem::start(options).await {
        Ok(_) => panic!("it started"),
        Err(error) => format!("{error:#}").replace(folder.path().to_str().unwrap(), "FOLDER"),
    }
}

#[tokio::test]
async fn a_handler_without_a_route_is_named() {
    let health = "        Health:\n          Type: HttpApi\n          Properties:\n            \
                  ApiId: !Ref HttpApi\n            Method: GET\n            Path: /health\n";
    let said = refusal(|template| template.replace(health, "")).await;
    insta::assert_snapshot!(said, @"ServiceInfo: the handler of GET /health has no route in the template");
}

#[tokio::test]
async fn a_route_without_a_handler_is_named() {
    let more = "      Events:\n        More:\n          Type: HttpApi\n          Properties:\n            \
                ApiId: !Ref HttpApi\n            Method: DELETE\n            Path: /calendar/settings\n";
    let said = refusal(|template| {
        let (before, after) = template.split_once("  Availability:\n").unwrap();
        let after = after.replacen("      Events:\n", more, 1);
        format!("{before}  Availability:\n{after}")
    })
    .await;
    insta::assert_snapshot!(said, @"Availability: the template's route DELETE /calendar/settings has no handler");
}

#[tokio::test]
async fn a_route_that_moved_is_named() {
    let said =
        refusal(|template| template.replace("Path: /vapi/webhook", "Path: /vapi/hook")).await;
    insta::assert_snapshot!(said, @"WebhookDispatch: the template's route POST /vapi/hook has no handler");
}

#[tokio::test]
async fn a_setting_that_a_function_lacks_is_named() {
    let said =
        refusal(|template| template.replacen("          LEDGER_TABLE: !Ref LedgerTable\n", "", 1))
            .await;
    insta::assert_snapshot!(said, @"WebhookDispatch cannot start: the setting LEDGER_TABLE is missing");
}

#[tokio::test]
async fn the_service_knows_every_route_of_the_template() {
    let system = TestSystem::empty().await;
    let template = settings::template(&system.local);
    let declared: BTreeSet<&str> = template
        .functions
        .iter()
        .flat_map(|function| function.routes.iter().map(String::as_str))
        .collect();
    let own = ["GET /", "GET /health", "GET /openapi.json", "$default"];
    let known: BTreeSet<&str> = service_info::ROUTES.into_iter().chain(own).collect();
    assert_eq!(known, declared);
}

#[tokio::test]
async fn the_service_document_names_only_addresses_that_answer() {
    let system = TestSystem::empty().await;
    let answer = system.get("/").await;
    let endpoints = answer.body["endpoints"].as_object().unwrap();
    assert!(endpoints.len() >= 9);
    for address in endpoints.values() {
        let address = address.as_str().unwrap();
        let path = address.strip_prefix(&system.local.gateway).unwrap();
        let known = service_info::ROUTES
            .into_iter()
            .chain(["GET /health", "GET /openapi.json"]);
        let mut paths = known.map(|route| route.split_once(' ').unwrap().1);
        assert!(paths.any(|known| known == path), "{address}");
    }
}

#[tokio::test]
async fn health_says_what_it_reached_and_which_time_zones_it_knows() {
    let system = TestSystem::empty().await;
    let health = system.get("/health").await.body;
    assert_eq!(health["status"], "healthy");
    assert_eq!(health["checks"]["dynamodb"], "ok");
    assert_eq!(health["checks"]["secrets"], "ok");
    assert!(health["tzdb"].as_str().unwrap() >= "2026e", "{health}");
}
