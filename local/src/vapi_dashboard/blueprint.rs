//! What each thing in the dashboard should be: pure functions from what is found.

use serde_json::{Map, Value, json};
use shared::vapi::{Resource, Tool};

use super::folder::{AssistantFile, Folder};
use super::merge::{edit, lay_over, merged};

/// What the dashboard should be.
pub(super) struct Blueprint {
    /// Where deliveries go.
    pub(super) webhook: String,
    /// The credential with which VAPI proves itself there; as it is found without one.
    pub(super) credential: Option<String>,
    /// What the files say; without them, only addresses are looked at.
    pub(super) folder: Option<Folder>,
    /// The tools that VAPI has. Those that are still to be made have an id of ours.
    pub(super) tools: Vec<Value>,
}

/// Top-level fields, each complete.
pub(super) type Fields = Map<String, Value>;

impl Blueprint {
    /// The top-level fields that should be different, each as it should be.
    pub(super) fn changes(&self, resource: Resource, found: &Value) -> Fields {
        let Value::Object(before) = found else {
            return Fields::new();
        };
        let mut after = before.clone();
        match resource {
            Resource::Assistant => self.draw_assistant(&mut after),
            Resource::Tool => self.draw_tool(&mut after, false),
            Resource::PhoneNumber => self.repoint(&mut after),
        }
        after.retain(|name, value| before.get(name) != Some(value));
        after
    }

    /// A tool that there is not yet.
    pub(super) fn new_tool(&self, name: &str) -> Option<Fields> {
        let mut definitions = self.folder.iter().flat_map(|folder| &folder.tools);
        let definition = definitions.find(|tool| tool["function"]["name"] == name)?;
        let mut tool = definition.as_object()?.clone();
        edit(&mut tool, "server", |server| self.point(server));
        Some(tool)
    }

    /// An assistant that there is not yet.
    pub(super) fn new_assistant(&self, name: &str) -> Option<Fields> {
        let mut files = self.folder.iter().flat_map(|folder| &folder.assistants);
        let file = files.find(|file| file.name == name)?;
        let mut assistant = Fields::new();
        assistant.insert("name".to_owned(), name.into());
        self.draw_by_file(&mut assistant, file);
        edit(&mut assistant, "server", |server| self.point(server));
        Some(assistant)
    }

    /// The file that is for that assistant.
    pub(super) fn file_of(&self, assistant: &Value) -> Option<&AssistantFile> {
        let mut files = self.folder.as_ref()?.assistants.iter();
        files.find(|file| file.is_for(assistant))
    }

    /// The tool of that id.
    pub(super) fn tool(&self, id: &Value) -> Option<&Value> {
        self.tools.iter().find(|tool| &tool["id"] == id)
    }

    fn draw_assistant(&self, assistant: &mut Fields) {
        let found = Value::Object(assistant.clone());
        if let Some(file) = self.file_of(&found) {
            self.draw_by_file(assistant, file);
        }
        edit(assistant, "server", |server| self.point(server));
        let tools = assistant
            .get_mut("model")
            .and_then(|model| model.get_mut("tools"));
        let tools = tools.and_then(Value::as_array_mut);
        for tool in tools.into_iter().flatten().filter_map(Value::as_object_mut) {
            self.draw_tool(tool, true);
        }
    }

    fn draw_by_file(&self, assistant: &mut Fields, file: &AssistantFile) {
        for (name, wanted) in file.fields.iter().filter(|(name, _)| *name != "model") {
            let found = assistant.get(name).unwrap_or(&Value::Null);
            let value = merged(found, wanted);
            assistant.insert(name.clone(), value);
        }
        edit(assistant, "model", |model| {
            // Another provider's model keeps the prompt and the tools.
            if let Some(Value::Object(wanted)) = file.fields.get("model") {
                lay_over(model, wanted);
            }
            if let Some(prompt) = &file.prompt {
                set_prompt(model, prompt);
            }
            self.attach(model, file);
        });
    }

    /// Adds the tools that a model should have and does not have in any form.
    fn attach(&self, model: &mut Fields, file: &AssistantFile) {
        let attached = self.names_of_tools(model);
        for wanted in self.wanted_tools(file) {
            if attached.iter().any(|name| name == wanted) {
                continue;
            }
            let mut tools = self.tools.iter();
            let Some(tool) = tools.find(|tool| tool["function"]["name"] == wanted) else {
                continue;
            };
            let ids = model.entry("toolIds").or_insert_with(|| json!([]));
            if let Some(ids) = ids.as_array_mut() {
                ids.push(tool["id"].clone());
            }
        }
    }

    /// The names of the tools that an assistant should have.
    pub(super) fn wanted_tools<'a>(&'a self, file: &'a AssistantFile) -> Vec<&'a str> {
        if let Some(tools) = &file.tools {
            return tools.iter().map(String::as_str).collect();
        }
        let all = self.folder.iter().flat_map(|folder| &folder.tools);
        all.filter_map(|tool| tool["function"]["name"].as_str())
            .collect()
    }

    /// The names of the functions that a model can call.
    pub(super) fn names_of_tools(&self, model: &Fields) -> Vec<String> {
        let inline = list(model.get("tools")).iter();
        let reusable = tool_ids(model).into_iter().filter_map(|id| self.tool(id));
        let names = inline.chain(reusable).map(|tool| &tool["function"]["name"]);
        names.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// A tool of ours, whatever it was found in.
    fn draw_tool(&self, tool: &mut Fields, is_inline: bool) {
        let name = tool
            .get("function")
            .and_then(|function| function["name"].as_str());
        let Some(name) = name.filter(|name| Tool::named(name).is_some()) else {
            return;
        };
        let mut definitions = self.folder.iter().flat_map(|folder| &folder.tools);
        let definition = definitions
            .find(|tool| tool["function"]["name"] == name)
            .cloned();
        let Some(definition) = definition else {
            return self.repoint(tool);
        };
        if let Value::Object(definition) = &definition {
            lay_over(tool, definition);
        }
        // A schema is one thing: an argument that is gone must not stay.
        edit(tool, "function", |function| {
            let schema = definition["function"]["parameters"].clone();
            function.insert("parameters".to_owned(), schema);
        });
        if is_inline {
            self.repoint(tool);
        } else {
            edit(tool, "server", |server| self.point(server));
        }
    }

    /// Points a thing here that has a server of its own. One that has none follows what
    /// is above it (VAPI docs, Server URLs), which points here.
    fn repoint(&self, thing: &mut Fields) {
        let server = thing.get_mut("server").and_then(Value::as_object_mut);
        if let Some(server) = server.filter(|server| own_url(server).is_some()) {
            self.point(server);
        }
    }

    fn point(&self, server: &mut Fields) {
        server.insert("url".to_owned(), self.webhook.clone().into());
        if let Some(credential) = &self.credential {
            server.insert("credentialId".to_owned(), credential.clone().into());
        }
    }
}

/// The ids of a model's tools, also of those that are pinned to a version. A pin comes
/// before the same tool without one.
pub(super) fn tool_ids(model: &Fields) -> Vec<&Value> {
    let pinned = list(model.get("toolRefs")).iter();
    let pinned: Vec<&Value> = pinned.map(|pinned| &pinned["toolId"]).collect();
    let ids = list(model.get("toolIds")).iter();
    let ids = ids.filter(|id| !pinned.contains(id));
    ids.chain(pinned.iter().copied()).collect()
}

pub(super) fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A server's address, if it has one.
pub(super) fn own_url(server: &Fields) -> Option<&str> {
    server.get("url")?.as_str().filter(|url| !url.is_empty())
}

/// The first system message is the prompt; there is one at the beginning if there was
/// none.
fn set_prompt(model: &mut Fields, prompt: &str) {
    let messages = model.entry("messages").or_insert_with(|| json!([]));
    let Some(messages) = messages.as_array_mut() else {
        return;
    };
    match messages
        .iter_mut()
        .find(|message| message["role"] == "system")
    {
        Some(message) => message["content"] = json!(prompt),
        None => messages.insert(0, json!({"role": "system", "content": prompt})),
    }
}
