//! The rule that decides: one, several, or the nearest.

use std::cmp::Reverse;

use super::comparison::{Candidate, Comparison};
use super::difference::{Difference, difference};
use super::likeness::Likeness;
use super::property::Property;
use super::said::readings;

/// How many properties are named in one breath.
pub const MAX_OPTIONS: usize = 3;

/// Which properties were meant, by their places in the list that was searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// This one.
    One(usize),
    /// One of several.
    Several {
        /// At most [`MAX_OPTIONS`], in the order of their addresses.
        options: Vec<usize>,
        /// How many others fit as well.
        more: usize,
        /// What tells the options apart.
        by: Difference,
    },
    /// None; at most [`MAX_OPTIONS`] that are near, the nearest first.
    Nearest(Vec<usize>),
}

/// Which of the properties are meant by `said`.
///
/// ```
/// use shared::rentals::matching::{Found, Property, find};
///
/// let home = |id: &str, address: &str| Property {
///     id: id.to_owned(),
///     address: address.to_owned(),
///     ..Property::default()
/// };
/// let homes = [home("a", "14 Mill Lane, Apt 2B"), home("b", "14 Mill Lane, Apt 3"), home("c", "9 Elm St")];
/// assert_eq!(find("fourteen mill lane flat two b", &homes), Found::One(0));
/// assert_eq!(find("the one on Elm", &homes), Found::One(2));
/// assert!(matches!(find("fourteen mill lane", &homes), Found::Several { .. }));
/// assert_eq!(find("nine Oak Street", &homes), Found::Nearest(vec![]));
/// ```
pub fn find(said: &str, properties: &[Property]) -> Found {
    if let Some(at) = properties
        .iter()
        .position(|property| property.id == said.trim())
    {
        return Found::One(at);
    }
    let Some((description, readings)) = readings(said) else {
        return Found::Nearest(Vec::new());
    };
    let likeness = Likeness::default();
    let compared: Vec<(usize, Candidate<'_>, Comparison)> = properties
        .iter()
        .enumerate()
        .map(|(at, property)| {
            let candidate = Candidate::new(property, &likeness);
            let comparison = candidate.compare(&description, &readings);
            (at, candidate, comparison)
        })
        .collect();
    let fitting = || compared.iter().filter(|(.., comparison)| comparison.fits);
    match fitting().map(|(.., comparison)| comparison.cost).min() {
        Some(cost) => {
            let best = fitting().filter(|(.., comparison)| comparison.cost == cost);
            among(best.map(|(at, candidate, _)| (*at, candidate)).collect())
        }
        None => Found::Nearest(nearest(&compared)),
    }
}

/// One, or a choice.
fn among(mut best: Vec<(usize, &Candidate<'_>)>) -> Found {
    best.sort_by_cached_key(|(_, candidate)| by_address(candidate));
    // A home that is listed twice is one home.
    best.dedup_by(|(_, later), (_, earlier)| difference(&[earlier, later]).is_none());
    let options: Vec<&Candidate<'_>> = best.iter().take(MAX_OPTIONS).map(|(_, it)| *it).collect();
    match (best.as_slice(), difference(&options)) {
        ([(only, _)], _) => Found::One(*only),
        ([(first, _), ..], None) => Found::One(*first),
        (several, Some(by)) => Found::Several {
            options: several
                .iter()
                .take(MAX_OPTIONS)
                .map(|(at, _)| *at)
                .collect(),
            more: several.len().saturating_sub(MAX_OPTIONS),
            by,
        },
        ([], None) => Found::Nearest(Vec::new()),
    }
}

fn nearest(compared: &[(usize, Candidate<'_>, Comparison)]) -> Vec<usize> {
    let mut near: Vec<_> = compared
        .iter()
        .filter(|(.., comparison)| comparison.nearness > 0)
        .collect();
    near.sort_by_cached_key(|(_, candidate, comparison)| {
        (Reverse(comparison.nearness), by_address(candidate))
    });
    near.into_iter()
        .take(MAX_OPTIONS)
        .map(|(at, ..)| *at)
        .collect()
}

/// Streets by name, houses by number, units in order; the id decides at last.
fn by_address<'a>(candidate: &Candidate<'a>) -> (Vec<String>, u64, Option<(u64, String)>, &'a str) {
    let leading = |text: &str| {
        let figures: String = text
            .chars()
            .take_while(char::is_ascii_digit)
            .take(12)
            .collect();
        figures.parse().unwrap_or(0)
    };
    let address = &candidate.address;
    let number = address.number().map_or(0, leading);
    let unit = address.unit.clone().map(|unit| (leading(&unit), unit));
    (address.street.clone(), number, unit, &candidate.property.id)
}
