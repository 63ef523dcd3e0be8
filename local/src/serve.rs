//! `cargo run`: the system, until Ctrl-C.

use std::io::Write;

use anyhow::Context as _;
use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{ContentArrangement, Table};
use shared::ids::UserId;

use crate::defaults::{ACCOUNT, API_KEY, ASSISTANT, PORT, USER, VAPI_API_KEY, WEBHOOK_SECRET};
use crate::system::{LocalSystem, Options};

/// Starts the system, tells where everything is, and serves until it is stopped.
pub async fn run(options: Options, out: &mut dyn Write) -> anyhow::Result<()> {
    let system = LocalSystem::start(options.clone()).await?;
    write!(out, "{}", overview(&system, &options))?;
    writeln!(out, "ready {}", system.gateway)?;
    out.flush()?;
    tokio::select! {
        stopped = stopped() => stopped?,
        () = system.run_schedule() => {}
    }
    writeln!(out, "\nstopping")?;
    system.stop().await;
    Ok(())
}

/// Ctrl-C, or the signal that a service manager sends.
async fn stopped() -> anyhow::Result<()> {
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.context("could not wait for Ctrl-C"),
        _ = terminated.recv() => Ok(()),
    }
}

fn overview(system: &LocalSystem, options: &Options) -> String {
    let gateway = &system.gateway;
    let mut table = Table::new();
    table
        .load_preset(UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(["what", "where"])
        .add_row(["API, every route of template.yaml", gateway.as_str()])
        .add_row(["webhook for VAPI", &format!("POST {gateway}/vapi/webhook")])
        .add_row([
            "Microsoft: sign-in, Graph, /control",
            system.microsoft.as_deref().unwrap_or("the real one"),
        ])
        .add_row(["AWS: DynamoDB, Secrets Manager", &system.aws])
        .add_row(["VAPI: its API, /control", &system.vapi])
        .add_row(["web search: Brave, DuckDuckGo, /control", &system.search])
        .add_row(["state", &state(options)]);
    let mut credentials = Table::new();
    credentials
        .load_preset(UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(["credential", "value"])
        .add_row(["API key (x-api-key)", API_KEY])
        .add_row(["webhook secret (X-Vapi-Secret)", WEBHOOK_SECRET])
        .add_row(["private key of VAPI (bearer)", VAPI_API_KEY]);
    if !options.empty && system.simulator.is_some() {
        credentials
            .add_row([
                "staff member (user_id)",
                &format!("{USER}, {ACCOUNT}, connected"),
            ])
            .add_row(["assistant bound to them", ASSISTANT]);
    }
    format!("{table}\n{credentials}\n\nTry:\n\n{}\n\n", requests(system))
}

fn state(options: &Options) -> String {
    match &options.data {
        Some(folder) => folder.display().to_string(),
        None => "in memory; --data DIR keeps it".to_owned(),
    }
}

/// Requests and a command to paste.
fn requests(system: &LocalSystem) -> String {
    let gateway = &system.gateway;
    let user = UserId::new(USER);
    let delivery = format!(
        r#"{{"message":{{"type":"tool-calls","toolCallList":[{{"id":"call_1","function":{{"name":"get_availability","arguments":{{"property_address":"14 Mill Lane"}}}}}}],"call":{{"id":"try-1","assistantId":"{ASSISTANT}","customer":{{"number":"+15125550142"}}}}}}}}"#
    );
    [
        format!("  curl -s -H 'x-api-key: {API_KEY}' '{gateway}/calendar/availability?user_id={user}&limit=3'"),
        format!("  curl -s -H 'X-Vapi-Secret: {WEBHOOK_SECRET}' -H 'Content-Type: application/json' \\\n    -d '{delivery}' {gateway}/vapi/webhook"),
        format!("  curl -s -H 'x-api-key: {API_KEY}' -H 'Content-Type: application/json' \\\n    -d '{{\"user_id\":\"new-colleague\"}}' {gateway}/calendar/auth/links    # open the url in a browser"),
        format!("  cargo run -- vapi plan --url {}{}    # the dashboard against infra/vapi", system.vapi, elsewhere(gateway)),
    ]
    .join("\n\n")
}

/// What a command needs that looks for the API at the usual port.
fn elsewhere(gateway: &str) -> String {
    if gateway.ends_with(&format!(":{PORT}")) {
        return String::new();
    }
    format!(" --backend {gateway}")
}
