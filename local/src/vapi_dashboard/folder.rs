//! The files: `tools.json`, and in `assistants/` one file an assistant with its prompt
//! beside it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value};

use super::pull::NOT_OF_MODEL;

/// What the files say.
pub(super) struct Folder {
    /// As VAPI's API takes them, all but the address.
    pub(super) tools: Vec<Value>,
    pub(super) assistants: Vec<AssistantFile>,
}

/// What a file says of an assistant.
#[derive(Clone, Debug, Default)]
pub(super) struct AssistantFile {
    pub(super) path: PathBuf,
    /// Its name in the dashboard, by which it is found.
    pub(super) name: String,
    /// VAPI's id, where several have the same name.
    pub(super) id: Option<String>,
    /// The staff whom it books for.
    pub(super) users: Option<Vec<String>>,
    /// The names of its tools; all without.
    pub(super) tools: Option<Vec<String>>,
    /// The text of its system message.
    pub(super) prompt: Option<String>,
    /// Where that text is.
    pub(super) prompt_file: Option<String>,
    /// Everything else, in the form of VAPI's API.
    pub(super) fields: Map<String, Value>,
}

/// What VAPI itself writes, and what is secret.
const NOT_FIELDS: [&str; 5] = [
    "orgId",
    "createdAt",
    "updatedAt",
    "latestVersion",
    "credentials",
];

impl Folder {
    /// Reads all files.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let tools: Vec<Value> = {
            let path = folder.join("tools.json");
            serde_json::from_str(&text(&path)?).with_context(|| path.display().to_string())?
        };
        let mut assistants = Vec::new();
        for path in assistant_files(folder)? {
            let file = AssistantFile::read(&path);
            let file = file.with_context(|| path.display().to_string())?;
            let is_known =
                |name: &&String| tools.iter().any(|tool| tool["function"]["name"] == **name);
            if let Some(unknown) = file.tools.iter().flatten().find(|name| !is_known(name)) {
                bail!(
                    "{}: there is no tool {unknown} in tools.json",
                    path.display()
                );
            }
            assistants.push(file);
        }
        let mut names: Vec<_> = assistants
            .iter()
            .map(|file| (&file.name, &file.id))
            .collect();
        names.sort();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            bail!("two files are for the assistant {}", pair[0].0);
        }
        Ok(Self { tools, assistants })
    }
}

/// The files of assistants, in order; none when there is no such folder.
pub(super) fn assistant_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let folder = folder.join("assistants");
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

impl AssistantFile {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let mut fields: Map<String, Value> = serde_json::from_str(&text(path)?)?;
        let mut take = |name: &str| fields.remove(name);
        let (name, id) = (take("name"), take("id"));
        let (users, tools, prompt) = (take("user_ids"), take("tools"), take("prompt"));
        let name = name.as_ref().and_then(Value::as_str);
        let name = name.context("it has no name")?.to_owned();
        let prompt_file = prompt.map(as_text).transpose().context("prompt")?;
        let prompt = match &prompt_file {
            Some(file) => Some(prompt_text(path, file)?),
            None => None,
        };
        if let Some(field) = NOT_FIELDS.iter().find(|field| fields.contains_key(**field)) {
            bail!("{field} is VAPI's own, and does not belong into a file");
        }
        let model = fields.get("model").and_then(Value::as_object);
        let mut not_of_model = NOT_OF_MODEL.iter();
        let of_model = model.and_then(|model| not_of_model.find(|name| model.contains_key(**name)));
        if let Some(field) = of_model {
            bail!("model.{field} does not belong into a file: \"prompt\" and \"tools\" say it");
        }
        Ok(Self {
            path: path.to_owned(),
            name,
            id: id.map(as_text).transpose().context("id")?,
            users: users.map(as_texts).transpose().context("user_ids")?,
            tools: tools.map(as_texts).transpose().context("tools")?,
            prompt,
            prompt_file,
            fields,
        })
    }

    /// The whole file.
    pub(super) fn to_json(&self) -> Value {
        let mut all = Map::new();
        all.insert("name".to_owned(), self.name.clone().into());
        let own = [
            ("id", self.id.clone().map(Value::from)),
            ("user_ids", self.users.clone().map(Value::from)),
            ("tools", self.tools.clone().map(Value::from)),
            ("prompt", self.prompt_file.clone().map(Value::from)),
        ];
        for (name, value) in own {
            all.extend(value.map(|value| (name.to_owned(), value)));
        }
        all.extend(self.fields.clone());
        Value::Object(all)
    }

    /// Whether the file is for that assistant.
    pub(super) fn is_for(&self, assistant: &Value) -> bool {
        match &self.id {
            Some(id) => assistant["id"] == id.as_str(),
            None => assistant["name"] == self.name.as_str(),
        }
    }
}

/// A prompt without the line break that ends its file.
fn prompt_text(assistant: &Path, file: &str) -> Result<String> {
    let path = assistant.with_file_name(file);
    let text = text(&path)?;
    Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
}

fn text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}

fn as_text(value: Value) -> Result<String> {
    Ok(serde_json::from_value(value)?)
}

fn as_texts(value: Value) -> Result<Vec<String>> {
    Ok(serde_json::from_value(value)?)
}
