//! What is planned and what was done, for a person to read.

use std::collections::BTreeMap;
use std::io::{Result, Write};

use serde_json::{Map, Value};
use shared::vapi::Resource;

use super::apply::Outcome;
use super::blueprint::Blueprint;
use super::difference::{differences, shown};
use super::plan::{Intent, Item, future_id};

/// The staff of an assistant, as it is and as it should be.
pub(super) struct Binding {
    pub(super) assistant: String,
    /// VAPI's id; none before the assistant is made.
    pub(super) id: Option<String>,
    pub(super) found: Vec<String>,
    pub(super) wanted: Vec<String>,
}

/// How many things there are of each kind of outcome.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) made: usize,
    pub(super) changed: usize,
    pub(super) kept: usize,
    pub(super) left_alone: usize,
    pub(super) failed: usize,
}

/// Prints what `apply` would do.
pub(super) fn print_plan(
    items: &[Item],
    bindings: &[Binding],
    blueprint: &Blueprint,
    out: &mut dyn Write,
) -> Result<Tally> {
    let names = names_of_tools(blueprint);
    let mut tally = Tally::default();
    for item in items {
        let kind = kind(item.resource);
        match &item.intent {
            Intent::Create => {
                tally.made += 1;
                writeln!(out, "+ {kind} {}", item.name)?;
            }
            Intent::Change(changes) => {
                tally.changed += 1;
                writeln!(out, "~ {kind} {}", item.name)?;
                write!(out, "{}", shown_changes(&item.found, changes, &names))?;
            }
            Intent::Keep => tally.kept += 1,
            Intent::LeaveAlone(_) => tally.left_alone += 1,
        }
    }
    for binding in bindings {
        if binding.found == binding.wanted {
            tally.kept += 1;
            continue;
        }
        tally.changed += 1;
        writeln!(out, "~ staff of {}", binding.assistant)?;
        let (found, wanted) = (staff(&binding.found), staff(&binding.wanted));
        writeln!(out, "    {found} -> {wanted}")?;
    }
    for item in items {
        if let Intent::LeaveAlone(reason) = &item.intent {
            writeln!(out, ". {} {}: {reason}", kind(item.resource), item.name)?;
        }
    }
    print_warnings(items, out)?;
    writeln!(
        out,
        "\n{} to make, {} to change, {} as they should be, {} left alone",
        tally.made, tally.changed, tally.kept, tally.left_alone
    )?;
    Ok(tally)
}

/// What a person should know, whatever is done.
pub(super) fn print_warnings(items: &[Item], out: &mut dyn Write) -> Result<()> {
    for item in items {
        for warning in &item.warnings {
            writeln!(out, "! {} {}: {warning}", kind(item.resource), item.name)?;
        }
    }
    Ok(())
}

/// A table whose rows are printed as things are done, so that an interrupted run has
/// told what it did.
pub(super) struct Table {
    width: usize,
    pub(super) tally: Tally,
}

impl Table {
    /// A table with room for those names.
    pub(super) fn begin<'a>(
        names: impl Iterator<Item = &'a str>,
        out: &mut dyn Write,
    ) -> Result<Self> {
        let width = names.map(|name| name.chars().count()).max();
        let table = Self {
            width: width.unwrap_or_default().max("name".len()),
            tally: Tally::default(),
        };
        table.print(["what", "name", "outcome", "detail"], out)?;
        Ok(table)
    }

    /// Adds what became of something.
    pub(super) fn row(
        &mut self,
        what: &str,
        name: &str,
        outcome: &Outcome,
        out: &mut dyn Write,
    ) -> Result<()> {
        let (word, detail) = match outcome {
            Outcome::Created { id } => {
                self.tally.made += 1;
                ("made", id.clone())
            }
            Outcome::Changed { paths, versions } => {
                self.tally.changed += 1;
                ("changed", changed(paths, versions.as_ref()))
            }
            Outcome::Unchanged => {
                self.tally.kept += 1;
                ("unchanged", String::new())
            }
            Outcome::LeftAlone(reason) => {
                self.tally.left_alone += 1;
                ("left alone", reason.clone())
            }
            Outcome::Failed(reason) => {
                self.tally.failed += 1;
                ("FAILED", reason.clone())
            }
        };
        self.print([what, name, word, &detail], out)
    }

    fn print(&self, [what, name, outcome, detail]: [&str; 4], out: &mut dyn Write) -> Result<()> {
        let width = self.width;
        let line = format!("{what:<12}  {name:<width$}  {outcome:<10}  {detail}");
        writeln!(out, "{}", line.trim_end())?;
        out.flush()
    }
}

/// How many of the changed fields are named.
const NAMED: usize = 3;

fn changed(paths: &[String], versions: Option<&(String, String)>) -> String {
    let mut detail = paths
        .iter()
        .take(NAMED)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    if paths.len() > NAMED {
        detail = format!("{detail} and {} more", paths.len() - NAMED);
    }
    match versions {
        // Whether a change is published at once is not documented.
        Some((before, after)) if before == after => format!("{detail}; still {after}"),
        Some((before, after)) => format!("{detail}; {before} -> {after}"),
        None => detail,
    }
}

fn shown_changes(
    found: &Value,
    changes: &Map<String, Value>,
    names: &BTreeMap<String, String>,
) -> String {
    let before = changes.keys().filter_map(|name| {
        let value = found.get(name)?.clone();
        Some((name.clone(), value))
    });
    let before = Value::Object(before.collect());
    shown(
        &differences(&before, &Value::Object(changes.clone())),
        names,
    )
}

fn names_of_tools(blueprint: &Blueprint) -> BTreeMap<String, String> {
    let tools = blueprint.tools.iter();
    let named = tools.filter_map(|tool| {
        let name = tool["function"]["name"].as_str()?;
        let id = tool["id"].as_str().filter(|id| *id != future_id(name))?;
        Some((id.to_owned(), name.to_owned()))
    });
    named.collect()
}

fn staff(users: &[String]) -> String {
    if users.is_empty() {
        return "nobody".to_owned();
    }
    users.join(", ")
}

pub(super) const fn kind(resource: Resource) -> &'static str {
    match resource {
        Resource::Assistant => "assistant",
        Resource::Tool => "tool",
        Resource::PhoneNumber => "phone number",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_names_some_fields_and_whether_there_is_a_new_version() {
        let paths = |count: usize| vec!["a".to_owned(); count];
        let versions = |after: &str| Some(("v1".to_owned(), after.to_owned()));
        for (paths, versions, expected) in [
            (paths(1), versions("v2"), "a; v1 -> v2"),
            (paths(3), versions("v1"), "a, a, a; still v1"),
            (paths(5), None, "a, a, a and 2 more"),
        ] {
            assert_eq!(changed(&paths, versions.as_ref()), expected);
        }
    }
}
