//! The query of a list: `limit`, and bounds on `createdAt` and `updatedAt`.

use std::collections::HashMap;
use std::hash::BuildHasher;

use jiff::Timestamp;

use super::error::Refusal;
use super::store::Thing;

const MOST: usize = 1000;
const USUAL: usize = 100;

/// The part of a list that a query asks for, the latest first: the API reference names
/// no order, so that clients have to sort.
pub(super) fn page<S: BuildHasher>(
    mut all: Vec<Thing>,
    query: &HashMap<String, String, S>,
) -> Result<Vec<Thing>, Refusal> {
    let limit = limit(query.get("limit").map(String::as_str))?;
    for field in ["createdAt", "updatedAt"] {
        for (suffix, holds) in BOUNDS {
            let name = format!("{field}{suffix}");
            let Some(text) = query.get(&name) else {
                continue;
            };
            let bound: Timestamp = text.parse().map_err(|_| {
                Refusal::unusable(vec![format!("{name} must be an ISO 8601 date string")])
            })?;
            all.retain(|thing| time(thing, field).is_some_and(|time| holds(time, bound)));
        }
    }
    all.reverse();
    all.sort_by_cached_key(|thing| std::cmp::Reverse(time(thing, "createdAt")));
    all.truncate(limit);
    Ok(all)
}

type Holds = fn(Timestamp, Timestamp) -> bool;

const BOUNDS: [(&str, Holds); 4] = [
    ("Gt", |time, bound| time > bound),
    ("Ge", |time, bound| time >= bound),
    ("Lt", |time, bound| time < bound),
    ("Le", |time, bound| time <= bound),
];

fn limit(text: Option<&str>) -> Result<usize, Refusal> {
    let wrong = || Refusal::unusable(vec!["limit must be a number from 0 to 1000".to_owned()]);
    match text {
        None => Ok(USUAL),
        Some(text) => match text.parse() {
            Ok(limit) if limit <= MOST => Ok(limit),
            _ => Err(wrong()),
        },
    }
}

fn time(thing: &Thing, field: &str) -> Option<Timestamp> {
    thing.get(field)?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(query: &str) -> Result<String, Refusal> {
        let all = [("a", 1), ("b", 2), ("c", 2), ("d", 3)].map(|(id, minute)| {
            let at = format!("2026-11-24T10:0{minute}:00.000Z");
            Thing::from_iter([
                ("id".to_owned(), id.into()),
                ("createdAt".to_owned(), at.clone().into()),
            ])
        });
        let query: HashMap<String, String> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let page = page(all.to_vec(), &query)?;
        Ok(page
            .iter()
            .map(|thing| thing["id"].as_str().unwrap())
            .collect())
    }

    #[test]
    fn a_page_is_what_the_bounds_leave_the_latest_first() {
        for (query, expected) in [
            ("", "dcba"),
            ("limit=2", "dc"),
            ("limit=0", ""),
            ("createdAtLt=2026-11-24T10:02:00Z", "a"),
            ("createdAtLe=2026-11-24T10:02:00.000Z", "cba"),
            ("createdAtGt=2026-11-24T05:02:00-05:00", "d"),
            ("createdAtGe=2026-11-24T10:02:00Z&limit=1", "d"),
        ] {
            assert_eq!(ids(query).unwrap(), expected, "{query}");
        }
        for query in ["limit=1001", "limit=x", "createdAtLt=yesterday"] {
            assert!(ids(query).is_err(), "{query}");
        }
    }
}
