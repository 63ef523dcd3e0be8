//! What differs between two values, as a person reads it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::secrecy::{is_secret, without_secrets};
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

/// One thing that differs.
#[derive(Debug, PartialEq)]
pub(super) struct Difference {
    /// Where it is, such as `model.tools.get_availability.server.url`.
    pub(super) path: String,
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
}

/// Everything that differs, in the order of the fields' names.
pub(super) fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", Some(before), Some(after), &mut found);
    found
}

fn compare(path: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    if before == after {
        return;
    }
    let count = found.len();
    match (before, after) {
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            let one = one.iter().map(|(name, value)| (name.clone(), value));
            let other = other.iter().map(|(name, value)| (name.clone(), value));
            compare_named(path, &one.collect(), &other.collect(), found);
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) if are_objects(one, other) => {
            compare_named(path, &named(one), &named(other), found);
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            for (some, all, is_added) in [(one, other, false), (other, one, true)] {
                for value in some.iter().filter(|value| !all.contains(value)) {
                    let (before, after) = if is_added {
                        (None, Some(value.clone()))
                    } else {
                        (Some(value.clone()), None)
                    };
                    let path = path.to_owned();
                    found.push(Difference {
                        path,
                        before,
                        after,
                    });
                }
            }
        }
        _ => {}
    }
    // Values of no common form, or lists in another order.
    if found.len() == count {
        found.push(Difference {
            path: path.to_owned(),
            before: before.cloned(),
            after: after.cloned(),
        });
    }
}

fn compare_named(
    path: &str,
    before: &BTreeMap<String, &Value>,
    after: &BTreeMap<String, &Value>,
    found: &mut Vec<Difference>,
) {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let separator = if path.is_empty() { "" } else { "." };
        let path = format!("{path}{separator}{name}");
        compare(
            &path,
            before.get(name).copied(),
            after.get(name).copied(),
            found,
        );
    }
}

fn are_objects(one: &[Value], other: &[Value]) -> bool {
    one.iter().chain(other).all(Value::is_object)
}

/// The objects of a list by what tells them apart, with a number where that is not enough.
fn named(list: &[Value]) -> BTreeMap<String, &Value> {
    let mut all = BTreeMap::new();
    for value in list {
        let name = [
            &value["function"]["name"],
            &value["key"],
            &value["role"],
            &value["type"],
        ];
        let name = name.into_iter().find_map(Value::as_str).unwrap_or("item");
        let mut unique = name.to_owned();
        let mut number = 1;
        while all.contains_key(&unique) {
            number += 1;
            unique = format!("{name}#{number}");
        }
        all.insert(unique, value);
    }
    all
}

/// From here on, a text is shown line by line.
const LONG: usize = 70;

/// The differences below one another. `names` says what ids stand for.
pub(super) fn shown(differences: &[Difference], names: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    let is_line = |difference: &&Difference| lines(difference).is_none();
    let width = differences.iter().filter(is_line);
    let width = width.map(|difference| difference.path.len()).max();
    let width = width.unwrap_or_default();
    for difference in differences {
        let path = &difference.path;
        if path.rsplit('.').next().is_some_and(is_secret) {
            let _ = writeln!(text, "    {path:width$}  (not shown)");
            continue;
        }
        // Writing into a string does not fail.
        let _ = match (&difference.before, &difference.after, lines(difference)) {
            (_, _, Some(lines)) => write!(text, "    {path}\n{lines}"),
            (Some(before), Some(after), None) => writeln!(
                text,
                "    {path:width$}  {} -> {}",
                value(before, names),
                value(after, names)
            ),
            (Some(before), None, None) => {
                writeln!(text, "    {path:width$}  - {}", value(before, names))
            }
            (None, after, None) => {
                let after = after.as_ref().unwrap_or(&Value::Null);
                writeln!(text, "    {path:width$}  + {}", value(after, names))
            }
        };
    }
    text
}

/// A difference between long texts, line by line; lines that are the same are left out.
fn lines(difference: &Difference) -> Option<String> {
    let (before, after) = (
        text(difference.before.as_ref())?,
        text(difference.after.as_ref())?,
    );
    if before.len().max(after.len()) <= LONG && !before.contains('\n') && !after.contains('\n') {
        return None;
    }
    let mut lines = String::new();
    for change in TextDiff::from_lines(before, after).iter_all_changes() {
        let sign = match change.tag() {
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
            ChangeTag::Equal => continue,
        };
        let _ = writeln!(lines, "      {sign} {}", change.value().trim_end());
    }
    Some(lines)
}

/// The text of a value; that of nothing is empty.
fn text(value: Option<&Value>) -> Option<&str> {
    value.map_or(Some(""), Value::as_str)
}

fn value(value: &Value, names: &BTreeMap<String, String>) -> String {
    match value {
        Value::String(text) => match names.get(text) {
            Some(name) => format!("{text} ({name})"),
            None => text.clone(),
        },
        other => without_secrets(other).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_differs_is_shown_by_its_path() {
        let long = "one of the lines\n".repeat(8);
        let before = json!({
            "server": {"url": "https://old.example.com", "secret": "s"},
            "model": {
                "messages": [{"role": "system", "content": format!("Hello.\n{long}Bye.")}],
                "toolIds": ["a", "b"],
                "tools": [{"type": "function", "function": {"name": "x"}, "server": {"url": "u"}}],
            },
            "serverMessages": ["hang", "tool-calls"],
            "gone": true,
        });
        let after = json!({
            "server": {"url": "https://new.example.com", "secret": "t"},
            "model": {
                "messages": [{"role": "system", "content": format!("Good day.\n{long}Bye.")}],
                "toolIds": ["b", "c"],
                "tools": [{"type": "function", "function": {"name": "x"}, "server": {"url": "v"}}],
            },
            "serverMessages": ["tool-calls", "hang"],
            "voice": {"voiceId": "v", "apiKey": "k"},
        });
        let names = BTreeMap::from([("c".to_owned(), "find_appointments".to_owned())]);
        insta::assert_snapshot!(shown(&differences(&before, &after), &names), @"
    gone                      - true
    model.messages.system.content
      - Hello.
      + Good day.
    model.toolIds             - a
    model.toolIds             + c (find_appointments)
    model.tools.x.server.url  u -> v
    server.secret             (not shown)
    server.url                https://old.example.com -> https://new.example.com
    serverMessages            [\"hang\",\"tool-calls\"] -> [\"tool-calls\",\"hang\"]
    voice                     + {\"voiceId\":\"v\"}
    ");
        assert_eq!(differences(&before, &before), []);
    }
}
