//! Writes what is in the dashboard into the files.

use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value};
use shared::vapi::Tool;

use super::blueprint::{Blueprint, list};
use super::folder::{AssistantFile, assistant_files};
use super::plan::name_of_assistant;
use super::remote::Contents;
use super::secrecy::without_secrets;

/// What a file has of an assistant. The rest stays VAPI's business, until somebody puts
/// it into the file.
const FIELDS: [&str; 7] = [
    "firstMessage",
    "firstMessageMode",
    "transcriber",
    "voice",
    "model",
    "server",
    "serverMessages",
];

/// What a file does not have of `model`: it is the prompt, or goes by id.
pub(super) const NOT_OF_MODEL: [&str; 5] =
    ["messages", "tools", "toolIds", "toolRefs", "functions"];

/// What a file does not have of `server`: it is given with the command, or differs from
/// one organisation to the next.
const NOT_OF_SERVER: [&str; 2] = ["url", "credentialId"];

/// Writes a file for each assistant, or for the one that is meant, and the tools.
pub(super) fn pull(
    contents: Contents,
    folder: &Path,
    only: Option<&str>,
    out: &mut dyn Write,
) -> Result<()> {
    let blueprint = Blueprint {
        webhook: String::new(),
        credential: None,
        folder: None,
        tools: contents.tools,
    };
    let is_meant = |assistant: &&Value| {
        only.is_none_or(|only| assistant["name"] == only || assistant["id"] == only)
    };
    let chosen: Vec<&Value> = contents.assistants.iter().filter(is_meant).collect();
    if let (Some(only), true) = (only, chosen.is_empty()) {
        bail!("there is no assistant {only}");
    }
    let known: Vec<AssistantFile> = assistant_files(folder)?
        .iter()
        .map(|path| AssistantFile::read(path).with_context(|| path.display().to_string()))
        .collect::<Result<_>>()?;
    std::fs::create_dir_all(folder.join("assistants"))?;
    let tools = serde_json::to_string_pretty(&Tool::ALL.map(Tool::on_dashboard))?;
    write(&folder.join("tools.json"), &format!("{tools}\n"), out)?;
    let mut taken: Vec<String> = Vec::new();
    for assistant in chosen {
        let mut file = match known.iter().find(|file| file.is_for(assistant)) {
            Some(known) => known.clone(),
            None => new_file(assistant, folder, &mut taken),
        };
        fill(&mut file, assistant, &blueprint);
        if let (Some(name), Some(prompt)) = (&file.prompt_file, &file.prompt) {
            write(&file.path.with_file_name(name), &format!("{prompt}\n"), out)?;
        }
        let text = serde_json::to_string_pretty(&file.to_json())?;
        write(&file.path, &format!("{text}\n"), out)?;
    }
    Ok(())
}

/// A file of a name that is not taken. An assistant without a name, or with that of
/// another one, is told by its id.
fn new_file(assistant: &Value, folder: &Path, taken: &mut Vec<String>) -> AssistantFile {
    let name = name_of_assistant(assistant);
    let id = assistant["id"].as_str().unwrap_or_default();
    let mut stem = slug(&name);
    let is_taken = taken.contains(&stem);
    if is_taken || stem.is_empty() {
        stem = slug(&format!("{name} {id}"));
    }
    taken.push(stem.clone());
    AssistantFile {
        path: folder.join("assistants").join(format!("{stem}.json")),
        id: (is_taken || !assistant["name"].is_string()).then(|| id.to_owned()),
        name,
        prompt_file: Some(format!("{stem}.md")),
        ..AssistantFile::default()
    }
}

/// Takes over what the dashboard has. For whom it books is not there, and stays.
fn fill(file: &mut AssistantFile, assistant: &Value, blueprint: &Blueprint) {
    let mut fields = Map::new();
    for name in FIELDS {
        let Some(value) = assistant.get(name) else {
            continue;
        };
        let mut value = without_secrets(value);
        if let Some(value) = value.as_object_mut() {
            let left_out: &[&str] = match name {
                "model" => &NOT_OF_MODEL,
                "server" => &NOT_OF_SERVER,
                _ => &[],
            };
            value.retain(|name, _| !left_out.contains(&name.as_str()));
        }
        if value != Value::Object(Map::new()) {
            fields.insert(name.to_owned(), value);
        }
    }
    // What somebody put into the file by hand is kept up to date too.
    for (name, value) in &mut file.fields {
        if !FIELDS.contains(&name.as_str()) {
            let found = assistant
                .get(name)
                .map_or_else(|| value.clone(), without_secrets);
            fields.insert(name.clone(), found);
        }
    }
    file.fields = fields;
    let model = assistant["model"].as_object();
    let messages = list(model.and_then(|model| model.get("messages")));
    let prompt = messages.iter().find(|message| message["role"] == "system");
    let prompt = prompt.and_then(|message| message["content"].as_str());
    file.prompt = prompt.map(str::to_owned);
    if prompt.is_none() {
        file.prompt_file = None;
    }
    let attached = model.map(|model| blueprint.names_of_tools(model));
    let attached = attached.unwrap_or_default();
    let ours = Tool::ALL.map(|tool| tool.definition().name.to_owned());
    let ours: Vec<String> = ours
        .into_iter()
        .filter(|name| attached.contains(name))
        .collect();
    file.tools = (ours.len() < Tool::ALL.len()).then_some(ours);
}

fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

fn write(path: &Path, text: &str, out: &mut dyn Write) -> Result<()> {
    let before = std::fs::read_to_string(path).ok();
    let outcome = match before {
        Some(before) if before == text => "unchanged",
        Some(_) => "changed",
        None => "new",
    };
    std::fs::write(path, text).with_context(|| path.display().to_string())?;
    writeln!(out, "{outcome:<10}  {}", path.display())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_its_assistant() {
        for (name, expected) in [
            ("Leasing, Lakeside (2)", "leasing-lakeside-2"),
            ("../../etc/passwd", "etc-passwd"),
            ("Büro", "b-ro"),
            ("...", ""),
        ] {
            assert_eq!(slug(name), expected);
        }
    }
}
