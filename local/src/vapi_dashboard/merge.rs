//! What is wanted, laid over what is found.

use serde_json::{Map, Value};

/// Fields that say which form an object has. Objects of different forms have different
/// fields, so one of them replaces the other.
const FORMS: [&str; 4] = ["type", "role", "key", "provider"];

/// What is found, with what is wanted over it. Fields that are not named stay, numbers
/// that are the same stay as they are written, and lists are one thing unless they
/// are of the same length.
pub(super) fn merged(found: &Value, wanted: &Value) -> Value {
    match (found, wanted) {
        (Value::Object(found), Value::Object(wanted)) if are_alike(found, wanted) => {
            let mut result = found.clone();
            lay_over(&mut result, wanted);
            Value::Object(result)
        }
        (Value::Array(found), Value::Array(wanted)) if found.len() == wanted.len() => {
            let pairs = found.iter().zip(wanted);
            pairs.map(|(found, wanted)| merged(found, wanted)).collect()
        }
        (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => {
            found.clone()
        }
        _ => wanted.clone(),
    }
}

/// Does that for the fields of an object, whatever its form.
pub(super) fn lay_over(found: &mut Map<String, Value>, wanted: &Map<String, Value>) {
    for (name, value) in wanted {
        let value = match found.get(name) {
            Some(old) => merged(old, value),
            None => value.clone(),
        };
        found.insert(name.clone(), value);
    }
}

/// Changes the object in a field, which is made if there is none.
pub(super) fn edit(
    parent: &mut Map<String, Value>,
    name: &str,
    change: impl FnOnce(&mut Map<String, Value>),
) {
    let mut fields = match parent.remove(name) {
        Some(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    change(&mut fields);
    parent.insert(name.to_owned(), Value::Object(fields));
}

fn are_alike(one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
    FORMS
        .iter()
        .all(|form| match (one.get(*form), other.get(*form)) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_named_stays() {
        for (found, wanted, expected) in [
            (
                json!({"a": 1, "b": {"c": 2}}),
                json!({"b": {"d": 3}}),
                json!({"a": 1, "b": {"c": 2, "d": 3}}),
            ),
            (
                json!({"t": 1, "u": 0.7}),
                json!({"t": 1.0, "u": 0.70}),
                json!({"t": 1, "u": 0.7}),
            ),
            (json!(["a", "b"]), json!(["b"]), json!(["b"])),
            (
                json!([{"type": "x", "more": 1}]),
                json!([{"type": "x", "text": "t"}]),
                json!([{"type": "x", "more": 1, "text": "t"}]),
            ),
            (
                json!([{"type": "x", "more": 1}]),
                json!([{"type": "y"}]),
                json!([{"type": "y"}]),
            ),
            (
                json!({"provider": "11labs", "stability": 1}),
                json!({"provider": "vapi"}),
                json!({"provider": "vapi"}),
            ),
            (
                json!({"a": {"b": 1}}),
                json!({"a": null}),
                json!({"a": null}),
            ),
            (json!("text"), json!({"a": 1}), json!({"a": 1})),
        ] {
            assert_eq!(merged(&found, &wanted), expected, "{found} {wanted}");
        }
    }
}
