//! Finds a call's arguments and decodes them, whatever they are wrapped in.
//!
//! They are an object, a JSON string of one, or that string encoded once more;
//! `null` and an empty string are no arguments (VAPI docs, Custom tools). Sizes
//! are bounded here and depth by the JSON parser, so that no input costs much.

use serde_json::{Map, Value};

use super::arguments::Arguments;
use super::json::from_bytes;

/// The longest arguments that are parsed when they come as text, in bytes.
const JSON_LIMIT: usize = 64 * 1024;

/// How often arguments may be wrapped in a JSON string.
const WRAPPED_LIMIT: usize = 3;

/// Why a call's arguments cannot be read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentsError {
    /// The JSON text ends too early: the model ran out of tokens.
    #[error("the arguments break off")]
    Truncated,
    /// The text is not JSON.
    #[error("the arguments are not JSON")]
    Malformed,
    /// JSON, but not an object.
    #[error("the arguments are not an object")]
    NotAnObject,
    /// More text than any tool needs.
    #[error("the arguments are too large")]
    TooLarge,
    /// The message has more calls than are read.
    #[error("too many calls at once")]
    TooManyCalls,
}

/// The first of the places that holds arguments; none at all is no arguments.
///
/// A place that holds something unreadable ends the search: to act on a second
/// copy would be a guess.
pub(super) fn first_of<const N: usize>(
    places: [Option<&Value>; N],
) -> Result<Arguments, ArgumentsError> {
    for place in places.into_iter().flatten() {
        let map = decode(place)?;
        if !map.is_empty() && !is_schema(&map) {
            return Ok(Arguments::from(map));
        }
    }
    Ok(Arguments::default())
}

fn decode(value: &Value) -> Result<Map<String, Value>, ArgumentsError> {
    match value {
        Value::Null => Ok(Map::new()),
        Value::Object(map) => Ok(map.clone()),
        Value::String(text) => decode_text(text),
        Value::Array(values) if values.is_empty() => Ok(Map::new()),
        _ => Err(ArgumentsError::NotAnObject),
    }
}

fn decode_text(text: &str) -> Result<Map<String, Value>, ArgumentsError> {
    let mut text = text.to_owned();
    for _ in 0..WRAPPED_LIMIT {
        if text.len() > JSON_LIMIT {
            return Err(ArgumentsError::TooLarge);
        }
        if matches!(text.trim(), "" | "null" | "undefined") {
            return Ok(Map::new());
        }
        let value = from_bytes(text.as_bytes()).map_err(|error| {
            if error.is_eof() {
                ArgumentsError::Truncated
            } else {
                ArgumentsError::Malformed
            }
        })?;
        match value {
            Value::String(inner) => text = inner,
            Value::Object(map) => return Ok(map),
            other => return decode(&other),
        }
    }
    Err(ArgumentsError::NotAnObject)
}

/// A tool's JSON schema also goes by the name of `parameters`.
fn is_schema(map: &Map<String, Value>) -> bool {
    map.get("type").and_then(Value::as_str) == Some("object")
        && map.keys().all(|key| {
            matches!(
                key.as_str(),
                "type"
                    | "properties"
                    | "required"
                    | "description"
                    | "additionalProperties"
                    | "strict"
                    | "$schema"
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_place_with_arguments_counts() {
        let (empty, full, broken) = (json!({}), json!({"a": 1}), json!("{"));
        assert_eq!(
            first_of([None, Some(&empty), Some(&full)]).unwrap().len(),
            1
        );
        assert_eq!(first_of([Some(&full), Some(&broken)]).unwrap().len(), 1);
        assert_eq!(
            first_of([Some(&broken), Some(&full)]),
            Err(ArgumentsError::Truncated)
        );
        assert_eq!(first_of([None, None]), Ok(Arguments::default()));
    }

    #[test]
    fn bombs_are_refused() {
        let deep = format!("{}{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
        assert_eq!(decode_text(&deep), Err(ArgumentsError::Malformed));
        assert_eq!(
            decode_text(&"[".repeat(60_000)),
            Err(ArgumentsError::Malformed)
        );
        assert_eq!(
            decode_text(&" ".repeat(100_000)),
            Err(ArgumentsError::TooLarge)
        );
        let wrapped = (0..6).fold("{}".to_owned(), |text, _| json!(text).to_string());
        assert_eq!(decode_text(&wrapped), Err(ArgumentsError::NotAnObject));
    }
}
