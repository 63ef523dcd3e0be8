//! `GET /vapi/assistants`: the assistants of the dashboard, and whether each reaches
//! this API.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::try_join_all;
use serde_json::{Value, json};
use shared::http::{ApiRequest, HttpError, Response, ok};
use shared::vapi::Tool;

use super::Assistants;

/// How many bindings are read at a time.
const AT_A_TIME: usize = 8;

pub(super) async fn list(
    function: Arc<Assistants>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    function.admit(&request).await?;
    let dashboard = function.dashboard.read(request.now()).await?;
    let tools: BTreeMap<&str, &Value> = dashboard
        .tools
        .iter()
        .filter_map(|tool| Some((tool["id"].as_str()?, tool)))
        .collect();
    let webhook = format!("{}/vapi/webhook", function.base);
    let mut listed = Vec::new();
    for some in dashboard.assistants.chunks(AT_A_TIME) {
        let ids = some
            .iter()
            .map(|one| one["id"].as_str().unwrap_or_default());
        let bindings = ids.map(|id| function.staff.binding_of_assistant(id));
        for (assistant, binding) in some.iter().zip(try_join_all(bindings).await?) {
            let mut described = describe(assistant, &tools, &webhook);
            let users = binding.map_or_else(Vec::new, |binding| binding.user_ids);
            described["user_id"] = json!(users.first());
            described["user_ids"] = json!(users);
            listed.push(described);
        }
    }
    ok(&json!({
        "status": "success",
        "assistants": listed,
        "read_at": dashboard.read_at,
    }))
}

/// What the CRM shows of an assistant. Its prompt stays out.
fn describe(assistant: &Value, tools: &BTreeMap<&str, &Value>, webhook: &str) -> Value {
    let attached = Attached::of(assistant, tools);
    let own_server = assistant["server"]["url"].as_str();
    let ours = Tool::ALL.map(|tool| tool.definition().name);
    let missing = ours
        .iter()
        .filter(|name| !attached.tools.contains_key(**name));
    let missing: Vec<&str> = missing.copied().collect();
    let problems = problems(&attached, own_server, webhook, &ours);
    json!({
        "id": assistant["id"],
        "name": assistant["name"],
        "model": assistant["model"]["model"],
        "voice": assistant["voice"]["voiceId"],
        "firstMessage": assistant["firstMessage"],
        "tools": attached.tools.keys().collect::<Vec<_>>(),
        "createdAt": assistant["createdAt"],
        "updatedAt": assistant["updatedAt"],
        "serverUrl": own_server,
        "webhook_ok": problems.is_empty(),
        "webhook_problems": problems,
        "missing_tools": missing,
    })
}

/// What keeps deliveries of an assistant from this API. A tool's own server comes
/// before the assistant's (VAPI docs, Server URLs).
fn problems(
    attached: &Attached<'_>,
    own_server: Option<&str>,
    webhook: &str,
    ours: &[&'static str],
) -> Vec<String> {
    let mut problems = Vec::new();
    match own_server {
        Some(url) if url == webhook => {}
        Some(_) => problems.push("Its calls are reported to another server.".to_owned()),
        None => problems.push("It has no server of its own.".to_owned()),
    }
    for (name, url) in &attached.tools {
        let elsewhere = url.or(own_server).is_some_and(|url| url != webhook);
        if elsewhere && ours.contains(name) {
            problems.push(format!("The tool {name} calls another server."));
        }
    }
    for id in &attached.unknown {
        problems.push(format!("It uses a tool that is no longer there, {id}."));
    }
    problems
}

/// The functions that an assistant can call.
struct Attached<'a> {
    /// By name, each with the server of its own.
    tools: BTreeMap<&'a str, Option<&'a str>>,
    /// Ids of tools that VAPI does not list.
    unknown: BTreeSet<&'a str>,
}

impl<'a> Attached<'a> {
    fn of(assistant: &'a Value, known: &BTreeMap<&str, &'a Value>) -> Self {
        let mut attached = Self {
            tools: BTreeMap::new(),
            unknown: BTreeSet::new(),
        };
        let model = &assistant["model"];
        let list = |name: &str| model[name].as_array().map_or(&[][..], Vec::as_slice);
        for tool in list("tools") {
            attached.add(tool);
        }
        let pinned = list("toolRefs")
            .iter()
            .filter_map(|tool| tool["toolId"].as_str());
        let ids = list("toolIds").iter().filter_map(Value::as_str);
        for id in ids.chain(pinned) {
            match known.get(id) {
                Some(tool) => attached.add(tool),
                None => {
                    attached.unknown.insert(id);
                }
            }
        }
        attached
    }

    fn add(&mut self, tool: &'a Value) {
        if let Some(name) = tool["function"]["name"].as_str() {
            self.tools.insert(name, tool["server"]["url"].as_str());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEBHOOK: &str = "https://desk.example.com/vapi/webhook";
    const OTHER: &str = "https://old.example.com/hook";

    fn tool(name: &str, url: Option<&str>) -> Value {
        let mut tool = json!({"id": format!("id-{name}"), "type": "function",
            "function": {"name": name}});
        if let Some(url) = url {
            tool["server"] = json!({"url": url});
        }
        tool
    }

    #[test]
    fn an_assistant_is_well_when_all_it_calls_is_here() {
        let reusable = [
            tool("get_availability", Some(WEBHOOK)),
            tool("set_appointment", None),
            tool("find_appointments", Some(OTHER)),
            tool("weather", Some(OTHER)),
        ];
        let known = reusable
            .iter()
            .map(|tool| (tool["id"].as_str().unwrap(), tool));
        let known: BTreeMap<&str, &Value> = known.collect();
        for (server, model, names, problems) in [
            (
                Some(WEBHOOK),
                json!({"toolIds": ["id-get_availability", "id-weather"]}),
                "get_availability weather",
                "",
            ),
            (
                Some(WEBHOOK),
                json!({"toolRefs": [{"toolId": "id-set_appointment", "version": 3}],
                       "tools": [tool("cancel_appointment", Some(WEBHOOK)), {"type": "endCall"}]}),
                "cancel_appointment set_appointment",
                "",
            ),
            (
                Some(OTHER),
                json!({"toolIds": ["id-get_availability", "id-set_appointment"]}),
                "get_availability set_appointment",
                "Its calls are reported to another server. \
                 The tool set_appointment calls another server.",
            ),
            (
                None,
                json!({"toolIds": ["id-find_appointments", "gone"]}),
                "find_appointments",
                "It has no server of its own. The tool find_appointments calls another server. \
                 It uses a tool that is no longer there, gone.",
            ),
            (Some(WEBHOOK), json!(null), "", ""),
            (Some(WEBHOOK), json!({"tools": "x", "toolIds": [7]}), "", ""),
        ] {
            let mut assistant = json!({"id": "a", "model": model});
            if let Some(url) = server {
                assistant["server"] = json!({"url": url});
            }
            let described = describe(&assistant, &known, WEBHOOK);
            let text = |name: &str| {
                let all = described[name].as_array().unwrap().iter();
                let all: Vec<&str> = all.map(|one| one.as_str().unwrap()).collect();
                all.join(" ")
            };
            assert_eq!(text("tools"), names);
            assert_eq!(text("webhook_problems"), problems);
            assert_eq!(described["webhook_ok"], problems.is_empty());
            let attached = names
                .split_whitespace()
                .filter(|name| *name != "weather")
                .count();
            let missing = described["missing_tools"].as_array().unwrap().len();
            assert_eq!(missing, Tool::ALL.len() - attached);
        }
    }
}
