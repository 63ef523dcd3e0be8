//! The arguments of a tool call, in the order in which a script has them: that is
//! how they are shown.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;

/// Names and values; no name comes twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Arguments(Vec<(String, Value)>);

impl Arguments {
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.iter().find(|(own, _)| *own == name)?.1.as_i64()
    }

    /// The arguments as an object.
    pub(super) fn to_json(&self) -> Value {
        Value::Object(self.0.iter().cloned().collect())
    }

    /// The same with other values.
    pub(super) fn try_map<E>(&self, map: impl Fn(&Value) -> Result<Value, E>) -> Result<Self, E> {
        let mapped = self
            .iter()
            .map(|(name, value)| Ok((name.to_owned(), map(value)?)));
        Ok(Self(mapped.collect::<Result<_, E>>()?))
    }
}

impl<'de> Deserialize<'de> for Arguments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Arguments;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("arguments by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Arguments, A::Error> {
        let mut arguments: Vec<(String, Value)> = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if arguments.iter().any(|(own, _)| *own == name) {
                return Err(A::Error::custom(format!("argument `{name}` comes twice")));
            }
            arguments.push((name, value));
        }
        Ok(Arguments(arguments))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_keep_their_order() {
        let arguments: Arguments = serde_yaml_ng::from_str("{b: 1, a: x}").unwrap();
        let names: Vec<&str> = arguments.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["b", "a"]);
        assert_eq!(arguments.integer("b"), Some(1));
        assert_eq!(arguments.to_json(), serde_json::json!({"a": "x", "b": 1}));
    }

    #[test]
    fn an_argument_that_comes_twice_is_refused() {
        let error = serde_yaml_ng::from_str::<Arguments>("{a: 1, a: 2}").unwrap_err();
        assert!(
            error.to_string().contains("argument `a` comes twice"),
            "{error}"
        );
    }
}
