//! What would be done, thing by thing. Nothing here talks to anybody.

use std::collections::BTreeSet;

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};
use shared::vapi::{Resource, Tool};

use super::blueprint::{Blueprint, Fields, list, own_url, tool_ids};
use super::folder::AssistantFile;
use super::prompt;
use super::remote::Contents;

/// One thing in the dashboard, and what is meant to happen to it.
pub(super) struct Item {
    pub(super) resource: Resource,
    pub(super) name: String,
    /// VAPI's id; none before it is made.
    pub(super) id: Option<String>,
    /// As it is; null before it is made.
    pub(super) found: Value,
    pub(super) intent: Intent,
    /// What a person should know of it.
    pub(super) warnings: Vec<String>,
}

/// What is meant to happen.
pub(super) enum Intent {
    Create,
    /// These top-level fields are to be so.
    Change(Fields),
    /// It is as it should be.
    Keep,
    /// It is not ours to change, because of this.
    LeaveAlone(String),
}

/// The id of a tool that is still to be made.
pub(super) fn future_id(name: &str) -> String {
    format!("new tool {name}")
}

/// What is to be done, in that order: tools before the assistants that use them. The
/// blueprint learns of the tools that there will be. `only` is the name or the id of
/// the one assistant that is meant.
pub(super) fn plan(
    contents: &Contents,
    blueprint: &mut Blueprint,
    only: Option<&str>,
) -> Result<Vec<Item>> {
    blueprint.tools.clone_from(&contents.tools);
    let chosen = choose(contents, blueprint, only)?;
    let mut items = Vec::new();
    let used = tools_in_use(&chosen, blueprint);
    for tool in &contents.tools {
        if only.is_none() || used.contains(tool["id"].as_str().unwrap_or_default()) {
            items.push(tool_item(tool, blueprint));
        }
    }
    for name in missing_tools(&chosen, blueprint) {
        blueprint
            .tools
            .push(json!({"id": future_id(&name), "function": {"name": name}}));
        items.push(Item::new(Resource::Tool, name));
    }
    for choice in &chosen {
        items.push(match choice {
            Choice::Found(assistant) => assistant_item(assistant, blueprint),
            Choice::Missing(file) => {
                let mut item = Item::new(Resource::Assistant, file.name.clone());
                item.warnings = prompt_warnings(file);
                item
            }
        });
    }
    for number in &contents.numbers {
        let answers = |choice: &Choice| matches!(choice, Choice::Found(assistant) if assistant["id"] == number["assistantId"]);
        if only.is_none() || chosen.iter().any(answers) {
            items.push(number_item(number, blueprint));
        }
    }
    Ok(items)
}

/// An assistant that is looked at.
enum Choice {
    Found(Value),
    Missing(AssistantFile),
}

fn choose(contents: &Contents, blueprint: &Blueprint, only: Option<&str>) -> Result<Vec<Choice>> {
    let is_meant = |name: &Value, id: &Value| only.is_none_or(|only| name == only || id == only);
    let mut chosen: Vec<Choice> = contents
        .assistants
        .iter()
        .filter(|assistant| is_meant(&assistant["name"], &assistant["id"]))
        .cloned()
        .map(Choice::Found)
        .collect();
    let files = blueprint
        .folder
        .iter()
        .flat_map(|folder| &folder.assistants);
    for file in files.filter(|file| is_meant(&json!(file.name), &json!(file.id))) {
        let mut matching = contents.assistants.iter();
        let count = matching.by_ref().filter(|found| file.is_for(found)).count();
        ensure!(
            count <= 1,
            "{count} assistants are named {}; put the \"id\" of the one that is meant into {}",
            file.name,
            file.path.display()
        );
        ensure!(
            count == 1 || file.id.is_none(),
            "there is no assistant with the id in {}",
            file.path.display()
        );
        if count == 0 {
            chosen.push(Choice::Missing(file.clone()));
        }
    }
    if let Some(only) = only.filter(|_| chosen.is_empty()) {
        let names = contents.assistants.iter().map(name_of_assistant);
        let names = names.collect::<Vec<_>>().join(", ");
        bail!("there is no assistant {only}; there are: {names}");
    }
    Ok(chosen)
}

/// The ids of the tools that the chosen assistants have, or will have.
fn tools_in_use(chosen: &[Choice], blueprint: &Blueprint) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for choice in chosen {
        let model = match choice {
            Choice::Found(assistant) => {
                let model = blueprint
                    .changes(Resource::Assistant, assistant)
                    .remove("model");
                model.unwrap_or_else(|| assistant["model"].clone())
            }
            Choice::Missing(file) => {
                let assistant = blueprint.new_assistant(&file.name);
                assistant
                    .and_then(|mut new| new.remove("model"))
                    .unwrap_or_default()
            }
        };
        let ids = model.as_object().map(tool_ids).unwrap_or_default();
        used.extend(ids.into_iter().filter_map(Value::as_str).map(str::to_owned));
    }
    used
}

/// The names of tools that an assistant should have, and that are nowhere.
fn missing_tools(chosen: &[Choice], blueprint: &Blueprint) -> BTreeSet<String> {
    let mut missing = BTreeSet::new();
    for choice in chosen {
        let (file, attached) = match choice {
            Choice::Found(assistant) => {
                let model = assistant["model"].as_object();
                let attached = model.map(|model| blueprint.names_of_tools(model));
                (blueprint.file_of(assistant), attached.unwrap_or_default())
            }
            Choice::Missing(file) => (Some(file), Vec::new()),
        };
        let wanted = file.map(|file| blueprint.wanted_tools(file));
        for name in wanted.into_iter().flatten() {
            let exists = blueprint
                .tools
                .iter()
                .any(|tool| tool["function"]["name"] == name);
            if !exists && !attached.iter().any(|attached| attached == name) {
                missing.insert(name.to_owned());
            }
        }
    }
    missing
}

fn tool_item(tool: &Value, blueprint: &Blueprint) -> Item {
    let name = tool["function"]["name"].as_str();
    let mut item = Item::found(Resource::Tool, tool, blueprint);
    item.name = match name {
        Some(name) => name.to_owned(),
        None => format!("{} {}", text(tool, "type"), text(tool, "id")),
    };
    if name.and_then(Tool::named).is_none() {
        item.intent = Intent::LeaveAlone(not_ours(tool));
    }
    item
}

fn not_ours(tool: &Value) -> String {
    let server = tool["server"].as_object().and_then(own_url);
    match server {
        Some(url) => format!("not one of ours; it calls {}", host(url)),
        None => "not one of ours".to_owned(),
    }
}

fn assistant_item(assistant: &Value, blueprint: &Blueprint) -> Item {
    let mut item = Item::found(Resource::Assistant, assistant, blueprint);
    item.name = name_of_assistant(assistant);
    let file = blueprint.file_of(assistant);
    if blueprint.folder.is_some() && file.is_none() {
        item.intent = Intent::LeaveAlone("there is no file for it".to_owned());
        return item;
    }
    item.warnings = file.map(prompt_warnings).unwrap_or_default();
    let model = assistant["model"].as_object();
    for pinned in list(model.and_then(|model| model.get("toolRefs"))) {
        let tool = blueprint.tool(&pinned["toolId"]);
        let tool = tool.map_or(&pinned["toolId"], |tool| &tool["function"]["name"]);
        item.warnings.push(format!(
            "it is pinned to {} of {}, which keeps the address that it has",
            plain(&pinned["version"]),
            plain(tool)
        ));
    }
    let Some(model) = model else {
        return item;
    };
    for id in tool_ids(model) {
        if blueprint.tool(id).is_none() {
            let problem = format!("it uses a tool that is no longer there, {}", plain(id));
            item.warnings.push(problem);
        }
    }
    let mut names = blueprint.names_of_tools(model);
    names.sort();
    for pair in names.windows(2).filter(|pair| pair[0] == pair[1]) {
        item.warnings.push(format!("it has {} twice", pair[0]));
    }
    for inline in list(model.get("tools")) {
        let name = inline["function"]["name"].as_str().unwrap_or_default();
        let url = inline["server"].as_object().and_then(own_url);
        if let (None, Some(url)) = (Tool::named(name), url) {
            let host = host(url);
            let left = format!("its tool {name} is not one of ours; it calls {host}");
            item.warnings.push(left);
        }
    }
    item
}

fn prompt_warnings(file: &AssistantFile) -> Vec<String> {
    let problem = file.prompt.as_deref().and_then(prompt::problem);
    problem.into_iter().collect()
}

fn number_item(number: &Value, blueprint: &Blueprint) -> Item {
    let mut item = Item::found(Resource::PhoneNumber, number, blueprint);
    let name = [text(number, "name"), text(number, "number")].join(" ");
    item.name = match name.trim() {
        "" => text(number, "id").to_owned(),
        name => name.to_owned(),
    };
    if number["server"].as_object().and_then(own_url).is_none() {
        let reason = if number["assistantId"].is_string() {
            "it has no server; its assistant's is used"
        } else {
            "it has neither a server nor an assistant"
        };
        item.intent = Intent::LeaveAlone(reason.to_owned());
    }
    item
}

pub(super) fn name_of_assistant(assistant: &Value) -> String {
    match text(assistant, "name") {
        "" => text(assistant, "id").to_owned(),
        name => name.to_owned(),
    }
}

impl Item {
    fn new(resource: Resource, name: String) -> Self {
        Self {
            resource,
            name,
            id: None,
            found: Value::Null,
            intent: Intent::Create,
            warnings: Vec::new(),
        }
    }

    fn found(resource: Resource, found: &Value, blueprint: &Blueprint) -> Self {
        let changes = blueprint.changes(resource, found);
        Self {
            resource,
            name: String::new(),
            id: found["id"].as_str().map(str::to_owned),
            found: found.clone(),
            intent: if changes.is_empty() {
                Intent::Keep
            } else {
                Intent::Change(changes)
            },
            warnings: Vec::new(),
        }
    }
}

fn text<'a>(thing: &'a Value, field: &str) -> &'a str {
    thing[field].as_str().unwrap_or_default()
}

/// A text without quotes, anything else as JSON.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// An address without what might be secret in it.
fn host(url: &str) -> String {
    let parsed = url::Url::parse(url).ok();
    let host = parsed.as_ref().and_then(|url| url.host_str());
    host.unwrap_or("an unreadable address").to_owned()
}
