//! What the commands say and how they end when something is in the way.

use local::vapi_api::Kind;
use local::vapi_dashboard::Ending;
use serde_json::json;
use shared::config::Settings;

use super::harness::{an_old_desk, edit, files, misbehave, run, run_with};
use crate::settings;
use crate::system::TestSystem;

#[tokio::test]
async fn what_cannot_be_done_is_told() {
    let system = TestSystem::empty().await;
    let (folder, _kept) = files();
    let desk = folder.join("assistants/viewing-desk.json");
    let option = format!("--folder {}", folder.display());
    let vapi = &system.local.vapi_api;
    let mut said = Vec::new();
    for id in ["one", "two"] {
        vapi.put(Kind::Assistant, json!({"id": id, "name": "Viewing desk"}))
            .unwrap();
    }
    said.push(run(&system, &format!("plan {option}")).await.1);
    edit(&desk, |file| file["id"] = json!("three"));
    said.push(run(&system, &format!("plan {option}")).await.1);
    edit(&desk, |file| file["tools"] = json!(["get_weather"]));
    said.push(run(&system, &format!("plan {option}")).await.1);
    edit(&desk, |file| file["latestVersion"] = json!("v1"));
    said.push(run(&system, &format!("plan {option}")).await.1);
    std::fs::write(&desk, "{").unwrap();
    said.push(run(&system, &format!("plan {option}")).await.1);
    misbehave(&system, "list_tools=401");
    said.push(run(&system, "plan").await.1);
    said.push(
        run(
            &system,
            "plan --webhook http://desk.example.com/vapi/webhook",
        )
        .await
        .1,
    );
    let said = said.join("\n").replace(folder.to_str().unwrap(), "FOLDER");
    insta::assert_snapshot!(said, @r#"
    error: 2 assistants are named Viewing desk; put the "id" of the one that is meant into FOLDER/assistants/viewing-desk.json
    error: there is no assistant with the id in FOLDER/assistants/viewing-desk.json
    error: FOLDER/assistants/viewing-desk.json: there is no tool get_weather in tools.json
    error: FOLDER/assistants/viewing-desk.json: latestVersion is VAPI's own, and does not belong into a file
    error: FOLDER/assistants/viewing-desk.json: EOF while parsing an object at line 1 column 1
    error: VAPI does not accept the API key
    error: --webhook must be an https URL, or http on loopback
    "#);
}

/// The program itself.
async fn status(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_local"));
    command
        .arg("vapi")
        .args(arguments)
        .env_remove("VAPI_API_KEY")
        .env_remove("VAPI_SECRET");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), text)
}

#[tokio::test]
async fn the_exit_status_says_whether_something_differs() {
    let system = TestSystem::empty().await;
    an_old_desk(&system);
    let (url, gateway) = (system.local.vapi.clone(), system.local.gateway.clone());
    let there = ["--url", &url, "--backend", &gateway];
    let of = async |command: &[&str]| {
        let arguments = [command, &there].concat();
        status(&arguments).await.0
    };
    assert_eq!(of(&["plan"]).await, Some(2));
    assert_eq!(of(&["apply"]).await, Some(0));
    assert_eq!(of(&["plan"]).await, Some(0));
    assert_eq!(of(&["plan", "--assistant", "Nobody"]).await, Some(1));
    assert_eq!(of(&["plan", "--colour"]).await, Some(1));
    let (code, said) = status(&["plan", "--backend", &gateway]).await;
    assert_eq!(code, Some(1));
    insta::assert_snapshot!(said, @"error: there is no key: set VAPI_API_KEY to the private key of VAPI, or VAPI_SECRET to the id of the secret that has it");
}

#[tokio::test]
async fn the_key_can_be_in_the_secret() {
    let system = TestSystem::empty().await;
    let with = async |name: &str, value: &str| {
        let endpoint = (
            "AWS_ENDPOINT_URL_SECRETS_MANAGER",
            system.local.aws.as_str(),
        );
        let own = [endpoint, (name, value)];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let settings: Settings = own.into_iter().chain(settings::role()).collect();
        run_with(&system, "plan --repoint-only", &settings).await
    };
    assert_eq!(with("VAPI_SECRET", "VapiSecret").await.0, Ending::Settled);
    let (_, said) = with("VAPI_SECRET", "AccessSecret").await;
    let expected = "error: VAPI_SECRET cannot be read: the secret AccessSecret does not have the \
                    expected form";
    assert_eq!(said, expected);
    let (_, said) = with("VAPI_API_KEY", "another").await;
    assert_eq!(said, "error: VAPI does not accept the API key");
}
