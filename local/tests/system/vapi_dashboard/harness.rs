//! How the commands are run, and dashboards for them to look at.

use std::path::{Path, PathBuf};

use clap::Parser;
use local::Fault;
use local::defaults::ASSISTANT;
use local::vapi_api::{Kind, Operation};
use local::vapi_dashboard::{Command, Ending};
use serde_json::{Value, json};
use shared::config::Settings;
use tempfile::TempDir;

use crate::system::TestSystem;

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

pub(super) const OLD: &str = "https://old.example.com/hook";

/// What a command ends with, and what it prints, without what differs from run to run.
pub(super) async fn run(system: &TestSystem, arguments: &str) -> (Ending, String) {
    run_with(system, arguments, &Settings::default()).await
}

/// The same with those environment variables.
pub(super) async fn run_with(
    system: &TestSystem,
    arguments: &str,
    settings: &Settings,
) -> (Ending, String) {
    let (vapi, gateway) = (&system.local.vapi, &system.local.gateway);
    let arguments = format!("vapi {arguments} --url {vapi}");
    let arguments = if arguments.contains(" pull") {
        arguments
    } else {
        format!("{arguments} --backend {gateway}")
    };
    let cli = Cli::try_parse_from(arguments.split_whitespace()).unwrap();
    let mut out = Vec::new();
    match Box::pin(cli.command.run(settings, &mut out)).await {
        Ok(ending) => {
            let text = String::from_utf8(out).unwrap();
            (ending, text.replace(gateway, "https://desk.example.com"))
        }
        Err(error) => (Ending::Failed, format!("error: {error:#}")),
    }
}

pub(super) fn misbehave(system: &TestSystem, fault: &str) {
    let fault: Fault = fault.parse().unwrap();
    system.local.misbehave(vec![fault]);
}

pub(super) fn asked(system: &TestSystem, operation: Operation) -> u64 {
    let counts = system.local.vapi_api.counts();
    counts.get(&operation).copied().unwrap_or_default()
}

pub(super) fn changes(system: &TestSystem) -> usize {
    system.local.vapi_api.changes().len()
}

pub(super) fn function(name: &str, url: Option<&str>) -> Value {
    let mut tool = json!({"type": "function", "function": {"name": name,
        "parameters": {"type": "object", "properties": {}}}});
    if let Some(url) = url {
        tool["server"] = json!({"url": url, "credentialId": "credential-1"});
    }
    tool
}

pub(super) fn webhook(system: &TestSystem) -> String {
    format!("{}/vapi/webhook", system.local.gateway)
}

/// Sixteen assistants as they come to be over the years: with tools of their own, inline
/// and pinned, with servers and without.
pub(super) fn sixteen(system: &TestSystem) {
    let vapi = &system.local.vapi_api;
    let put = |kind, thing| vapi.put(kind, thing).unwrap();
    for (id, tool) in [
        ("tool-1", function("get_availability", Some(OLD))),
        ("tool-2", function("set_appointment", Some(OLD))),
        ("tool-3", function("find_appointments", None)),
        (
            "tool-4",
            function("weather", Some("https://weather.example.com/v1")),
        ),
        ("tool-5", json!({"type": "transferCall"})),
    ] {
        let mut tool = tool;
        tool["id"] = json!(id);
        put(Kind::Tool, tool);
    }
    for number in 1..=16 {
        let mut assistant = json!({
            "id": format!("assistant-{number:02}"),
            "name": format!("Leasing {number}"),
            "createdAt": format!("2031-11-{number:02}T09:00:00.000Z"),
            "server": {"url": OLD, "credentialId": "credential-1", "timeoutSeconds": 25,
                "headers": {"X-Team": "leasing"},
                "backoffPlan": {"type": "fixed", "maxRetries": 2, "somethingNew": [1, {}]}},
            "model": {"provider": "openai", "model": "gpt-4.1", "temperature": 0.993_713_589_047_012_7,
                "messages": [{"role": "system", "content": "Be kind.\u{a0}\u{1f600}\r\n"}],
                "toolIds": ["tool-1", "tool-2", "tool-3"], "seed": 12_345_678_901_234_567_890_u64,
                "somethingNew": {"a": [], "b": null, "c": 1.0}},
            "newField": {"z": 1, "a": [true, null, "\"\\"]},
        });
        match number {
            4 => {
                assistant["model"]["toolIds"] = json!(["tool-1", "tool-3"]);
                assistant["model"]["toolRefs"] = json!([{"toolId": "tool-2", "version": "v3"}]);
            }
            5 | 6 => {
                assistant["model"]["toolIds"] = json!(["tool-5"]);
                assistant["model"]["tools"] = json!([
                    function("get_availability", Some(OLD)),
                    function("set_appointment", None),
                    function("weather", Some("https://weather.example.com/v1")),
                    {"type": "endCall"},
                ]);
            }
            9 => assistant["server"] = json!(null),
            12 => assistant["server"]["url"] = json!(webhook(system)),
            13 => assistant["name"] = json!(null),
            _ => {}
        }
        put(Kind::Assistant, assistant);
    }
    for (id, number) in [
        (
            "number-1",
            json!({"name": "Main line", "number": "+15125550101", "server": {"url": OLD}}),
        ),
        (
            "number-2",
            json!({"name": "Lakeside", "assistantId": "assistant-02"}),
        ),
        ("number-3", json!({"number": "+15125550103"})),
    ] {
        let mut number = number;
        number["id"] = json!(id);
        number["provider"] = json!("vapi");
        put(Kind::PhoneNumber, number);
    }
}

/// A copy of the project's files, which a test may change.
pub(super) fn files() -> (PathBuf, TempDir) {
    let folder = TempDir::new().unwrap();
    let source = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/vapi"));
    std::fs::create_dir(folder.path().join("assistants")).unwrap();
    for file in [
        "tools.json",
        "assistants/viewing-desk.json",
        "assistants/viewing-desk.md",
    ] {
        std::fs::copy(source.join(file), folder.path().join(file)).unwrap();
    }
    (folder.path().to_owned(), folder)
}

pub(super) fn edit(file: &Path, change: impl FnOnce(&mut Value)) {
    let mut value: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    change(&mut value);
    std::fs::write(file, value.to_string()).unwrap();
}

/// What the dashboard has when the files are new to it.
pub(super) fn an_old_desk(system: &TestSystem) {
    let vapi = &system.local.vapi_api;
    let mut tool = function("get_availability", Some(OLD));
    tool["id"] = json!("tool-1");
    tool["messages"] = json!([{"type": "request-start", "content": "Hold on."}]);
    tool["function"]["parameters"]["properties"]["day"] = json!({"type": "string"});
    tool["rejectionPlan"] = json!({"conditions": []});
    vapi.put(Kind::Tool, tool).unwrap();
    let assistant = json!({
        "id": ASSISTANT, "name": "Viewing desk", "server": {"url": OLD, "credentialId": "c"},
        "model": {"provider": "openai", "model": "gpt-4o", "toolIds": ["tool-1"], "emotion": true,
            "messages": [{"role": "system", "content": "Be kind.", "extra": 1},
                {"role": "assistant", "content": "Hello."}]},
        "voice": {"provider": "11labs", "voiceId": "x", "stability": 0.5},
        "endCallMessage": "Goodbye.",
    });
    vapi.put(Kind::Assistant, assistant).unwrap();
    vapi.put(
        Kind::Assistant,
        json!({"id": "other", "name": "Another team"}),
    )
    .unwrap();
}
