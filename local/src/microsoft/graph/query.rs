//! The `OData` options of a request (Learn: query-parameters). What is not
//! simulated is refused rather than ignored.

use super::{
    error::GraphError,
    event_json::EVENT_PROPERTIES,
    extended_properties::{TagFilter, read_expand, read_filter},
};
use crate::microsoft::event::PropertyId;

/// The options, and the other parameters by their names.
#[derive(Debug, Default)]
pub(super) struct Query {
    pub top: Option<usize>,
    pub skip: usize,
    pub select: Option<Vec<String>>,
    pub order: Option<Order>,
    pub expand: Vec<PropertyId>,
    pub filter: Option<TagFilter>,
    others: Vec<(String, String)>,
}

/// `$orderby`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    pub by: OrderBy,
    pub descending: bool,
}

/// What events can be ordered by.
#[derive(Clone, Copy, Debug)]
pub(super) enum OrderBy {
    Start,
    End,
    Subject,
}

impl Query {
    /// Reads a query string.
    pub(super) fn read(query: Option<&str>) -> Result<Self, GraphError> {
        let mut read = Self::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match name.as_ref() {
                "$top" => {
                    let top = Some(number(&name, &value)?).filter(|top| *top > 0);
                    let refused = || GraphError::query("The value of '$top' must be above zero.");
                    read.top = Some(top.ok_or_else(refused)?);
                }
                "$skip" => read.skip = number(&name, &value)?,
                "$select" => read.select = Some(select(&value)?),
                "$orderby" => read.order = Some(order(&value)?),
                "$expand" => read.expand = read_expand(&value)?,
                "$filter" => read.filter = Some(read_filter(&value)?),
                option if option.starts_with('$') => {
                    let message = format!("The query option '{option}' is not simulated.");
                    return Err(GraphError::query(message));
                }
                _ => read.others.push((name.into_owned(), value.into_owned())),
            }
        }
        Ok(read)
    }

    /// A parameter that is no `OData` option, its name in any case.
    pub(super) fn other(&self, name: &str) -> Option<&str> {
        let mut others = self.others.iter();
        others
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

fn number(name: &str, value: &str) -> Result<usize, GraphError> {
    value.parse().map_err(|_| {
        GraphError::query(format!(
            "Invalid value '{value}' for the query option '{name}'."
        ))
    })
}

fn select(value: &str) -> Result<Vec<String>, GraphError> {
    value
        .split(',')
        .map(|name| {
            let name = name.trim();
            let root = name.split('/').next().unwrap_or(name);
            let known = EVENT_PROPERTIES.contains(&root);
            known.then(|| root.to_owned()).ok_or_else(|| {
                GraphError::query(format!(
                    "Could not find a property named '{name}' on type 'microsoft.graph.event'."
                ))
            })
        })
        .collect()
}

fn order(value: &str) -> Result<Order, GraphError> {
    let mut words = value.split_whitespace();
    let by = match words.next().map(str::to_ascii_lowercase).as_deref() {
        Some("start/datetime") => OrderBy::Start,
        Some("end/datetime") => OrderBy::End,
        Some("subject") => OrderBy::Subject,
        _ => return Err(GraphError::query(format!("Cannot order by '{value}'."))),
    };
    let descending = match (words.next(), words.next()) {
        (None | Some("asc"), None) => false,
        (Some("desc"), None) => true,
        _ => return Err(GraphError::query(format!("Cannot order by '{value}'."))),
    };
    Ok(Order { by, descending })
}
