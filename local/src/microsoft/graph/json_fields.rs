//! Reading JSON objects by property name, with Graph's error where a value has
//! the wrong type. Null counts as absent.

use axum::{body::Bytes, extract::rejection::BytesRejection};
use serde_json::{Map, Value};

use super::error::GraphError;

/// An object and the path that led to it, for messages.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    name: &'a str,
    fields: &'a Map<String, Value>,
}

/// The JSON of a request body.
pub(super) fn read_body(body: Result<Bytes, BytesRejection>) -> Result<Value, GraphError> {
    let body = body.map_err(|_| GraphError::too_large())?;
    serde_json::from_slice(&body).map_err(|_| GraphError::unreadable_body())
}

impl<'a> Fields<'a> {
    /// The value as an object.
    pub(super) fn of(name: &'a str, value: &'a Value) -> Result<Self, GraphError> {
        let fields = value.as_object().ok_or_else(|| mismatch(name))?;
        Ok(Self { name, fields })
    }

    /// All properties, nulls included.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.fields.iter()
    }

    /// A property that is not null.
    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.fields.get(key).filter(|value| !value.is_null())
    }

    /// A property of an action's body, which may begin in either case.
    pub(super) fn any_case(&self, key: &str) -> Option<&'a Value> {
        let mut fields = self.fields.iter();
        fields
            .find(|(name, value)| name.eq_ignore_ascii_case(key) && !value.is_null())
            .map(|(_, value)| value)
    }

    /// A text, if given.
    pub(super) fn text(&self, key: &str) -> Result<Option<&'a str>, GraphError> {
        self.get(key)
            .map(|value| value.as_str().ok_or_else(|| mismatch(&self.path(key))))
            .transpose()
    }

    fn path(&self, key: &str) -> String {
        format!("{}/{key}", self.name)
    }
}

/// The value as a list.
pub(super) fn list<'a>(name: &str, value: &'a Value) -> Result<&'a Vec<Value>, GraphError> {
    value.as_array().ok_or_else(|| mismatch(name))
}

/// The value as a truth value.
pub(super) fn truth(name: &str, value: &Value) -> Result<bool, GraphError> {
    value.as_bool().ok_or_else(|| mismatch(name))
}

/// The value as a text.
pub(super) fn text<'a>(name: &str, value: &'a Value) -> Result<&'a str, GraphError> {
    value.as_str().ok_or_else(|| mismatch(name))
}

/// A value of the wrong type.
pub(super) fn mismatch(name: &str) -> GraphError {
    GraphError::body_property(format!(
        "Cannot convert the value of '{name}' to the expected type."
    ))
}
