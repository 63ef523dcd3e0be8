//! Does what was planned, one thing after the other, each on its own: what is done stays
//! done when a later one fails, and a second run goes on where the first ended.

use serde_json::Value;
use shared::vapi::{Resource, VapiError};

use super::blueprint::{Blueprint, Fields};
use super::difference::differences;
use super::plan::{Intent, Item, future_id};
use super::remote::Remote;

/// What became of a thing.
pub(super) enum Outcome {
    Created {
        id: String,
    },
    Changed {
        paths: Vec<String>,
        versions: Option<(String, String)>,
    },
    Unchanged,
    LeftAlone(String),
    Failed(String),
}

/// Does one item. The blueprint learns the ids of tools that are made.
pub(super) async fn carry_out(item: &Item, remote: &Remote, blueprint: &mut Blueprint) -> Outcome {
    let done = match (&item.intent, item.id.as_deref()) {
        (Intent::LeaveAlone(reason), _) => return Outcome::LeftAlone(reason.clone()),
        (Intent::Keep, _) => return Outcome::Unchanged,
        (Intent::Create, _) | (_, None) => create(item, remote, blueprint).await,
        (Intent::Change(_), Some(id)) => change(item.resource, id, remote, blueprint).await,
    };
    done.unwrap_or_else(|error| Outcome::Failed(error.to_string()))
}

/// Why a thing is not as it should be.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Vapi(#[from] VapiError),
    #[error("VAPI took the change, but has another {0}")]
    NotTaken(String),
    #[error("there is nothing to make it from")]
    NoPlan,
}

/// Reads a thing again, changes what should still be different, and reads it once more.
/// A change whose answer got lost is told by what is there afterwards.
async fn change(
    resource: Resource,
    id: &str,
    remote: &Remote,
    blueprint: &Blueprint,
) -> Result<Outcome, Failure> {
    let before = remote.get(resource, id).await?;
    let changes = blueprint.changes(resource, &before);
    if changes.is_empty() {
        return Ok(Outcome::Unchanged);
    }
    let sent = remote
        .change(resource, id, &body(resource, &before, changes))
        .await;
    let after = match (&sent, remote.get(resource, id).await) {
        (_, Ok(after)) => after,
        (Ok(_), Err(error)) => return Err(error.into()),
        (Err(_), Err(_)) => return Err(sent.err().map_or(Failure::NoPlan, Failure::Vapi)),
    };
    let left = blueprint.changes(resource, &after);
    if left.is_empty() {
        return Ok(Outcome::Changed {
            paths: paths(&before, &after),
            versions: versions(&before, &after),
        });
    }
    sent?;
    let left: Vec<String> = left.keys().cloned().collect();
    Err(Failure::NotTaken(left.join(", ")))
}

/// A tool or a phone number says with every change which form it has.
fn body(resource: Resource, found: &Value, mut changes: Fields) -> Value {
    let form = match resource {
        Resource::Assistant => None,
        Resource::Tool => Some("type"),
        Resource::PhoneNumber => Some("provider"),
    };
    if let Some(form) = form {
        changes.insert(form.to_owned(), found[form].clone());
    }
    Value::Object(changes)
}

/// Makes a thing. When the answer gets lost, it is looked for before it is given up: a
/// second one of the same name would be worse than none.
async fn create(
    item: &Item,
    remote: &Remote,
    blueprint: &mut Blueprint,
) -> Result<Outcome, Failure> {
    let new = match item.resource {
        Resource::Tool => blueprint.new_tool(&item.name),
        Resource::Assistant => blueprint.new_assistant(&item.name),
        Resource::PhoneNumber => None,
    };
    let new = Value::Object(new.ok_or(Failure::NoPlan)?);
    let made = match remote.create(item.resource, &new).await {
        Err(error @ (VapiError::Unavailable(_) | VapiError::Unreadable(_))) => {
            look_for(item, remote).await.ok_or(error)
        }
        made => made,
    };
    if item.resource == Resource::Tool {
        let placeholder = future_id(&item.name);
        blueprint
            .tools
            .retain(|tool| tool["id"] != placeholder.as_str());
        blueprint.tools.extend(made.as_ref().ok().cloned());
    }
    let id = made?["id"].as_str().unwrap_or_default().to_owned();
    let found = remote.get(item.resource, &id).await?;
    let left = blueprint.changes(item.resource, &found);
    if left.is_empty() {
        return Ok(Outcome::Created { id });
    }
    let left: Vec<String> = left.keys().cloned().collect();
    Err(Failure::NotTaken(left.join(", ")))
}

async fn look_for(item: &Item, remote: &Remote) -> Option<Value> {
    let all = remote.list(item.resource).await.ok()?;
    let name = match item.resource {
        Resource::Tool => "/function/name",
        Resource::Assistant | Resource::PhoneNumber => "/name",
    };
    let is_it = |thing: &Value| thing.pointer(name).and_then(Value::as_str) == Some(&item.name);
    all.into_iter().find(is_it)
}

/// Where two versions of a thing differ, but for what VAPI itself writes.
fn paths(before: &Value, after: &Value) -> Vec<String> {
    let all = differences(before, after).into_iter();
    let all = all.map(|difference| difference.path);
    all.filter(|path| path != "updatedAt" && path != "latestVersion")
        .collect()
}

fn versions(before: &Value, after: &Value) -> Option<(String, String)> {
    let version = |thing: &Value| Some(thing["latestVersion"].as_str()?.to_owned());
    Some((version(before)?, version(after)?))
}
