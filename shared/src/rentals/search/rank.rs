//! The order of what was found.

use std::borrow::Borrow;

use jiff::civil::Date;

use super::span::Span;
use super::wish::Wish;
use crate::rentals::matching::sounds_like;
use crate::rentals::wording::{Token, tokens};
use crate::rentals::{AvailableDate, Price, Rental};

/// How many rentals are named in one breath.
const MAX_OPTIONS: usize = 3;

/// How far off something is that is not known.
const UNKNOWN: f64 = 4.0;

/// What a search found, by places in the list that was searched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Results {
    /// At most three, the best first.
    pub best: Vec<usize>,
    /// How many more are as good.
    pub more: usize,
    /// Whether they have all that was wished. If nothing has, these miss the least.
    pub exact: bool,
}

/// What a rental misses of a wish, the gravest first, and its rank among equals.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
struct Rank<'a> {
    /// How many of the filters it misses, the place counted twice.
    misses: u32,
    /// How far its rent and rooms are from those that were wished.
    distance: f64,
    /// When it can be had: now, by date, unknown.
    available: (u8, Option<Date>),
    /// In cents; unknown last.
    rent: u32,
    address: &'a str,
    id: &'a str,
}

/// Searches the rentals: those that have all that is wished, soonest and cheapest first;
/// if there is none, those that miss the least. What is off the market is never found.
pub fn search(wish: &Wish, rentals: &[impl Borrow<Rental>]) -> Results {
    let mut ranked: Vec<(usize, Rank<'_>)> = rentals
        .iter()
        .map(Borrow::borrow)
        .enumerate()
        .filter(|(_, rental)| !rental.off_market)
        .map(|(at, rental)| (at, rank(wish, rental)))
        .collect();
    ranked.sort_by(|(_, one), (_, other)| {
        one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal)
    });
    let exact = ranked.first().is_some_and(|(_, best)| best.misses == 0);
    let matching = ranked.iter().filter(|(_, rank)| rank.misses == 0).count();
    let best: Vec<usize> = ranked
        .iter()
        .take(if exact { matching } else { MAX_OPTIONS })
        .take(MAX_OPTIONS)
        .map(|(at, _)| *at)
        .collect();
    Results {
        more: matching.saturating_sub(best.len()),
        best,
        exact,
    }
}

fn rank<'a>(wish: &Wish, rental: &'a Rental) -> Rank<'a> {
    let mut misses = 0;
    let mut distance = 0.0;
    if !is_there(&wish.location, rental) {
        misses += 2;
    }
    let rent = rental.price.map(|price| f64::from(price.cents()) / 100.0);
    let bedrooms = rental.bedrooms.map(f64::from);
    let bathrooms = rental
        .bathrooms
        .map(|bathrooms| f64::from(bathrooms.halves()) / 2.0);
    for (span, value, unit) in [
        (wish.rent, rent, 250.0),
        (wish.bedrooms, bedrooms, 1.0),
        (wish.bathrooms, bathrooms, 1.0),
    ] {
        let off = distance_of(span, value);
        misses += u32::from(off.is_none_or(|off| off > 0.0));
        distance += off.map_or(UNKNOWN, |off| off / unit);
    }
    misses += u32::from(!in_time(wish.available_by, rental.available_date));
    let texts = || {
        rental
            .features
            .iter()
            .chain(&rental.description)
            .map(String::as_str)
    };
    let lacking = wish
        .features
        .iter()
        .filter(|feature| !feature.is_in(texts()))
        .count();
    misses += u32::try_from(lacking).unwrap_or(u32::MAX);
    Rank {
        misses,
        distance,
        available: match rental.available_date {
            Some(AvailableDate::Now) => (0, None),
            Some(AvailableDate::On(date)) => (1, Some(date)),
            None => (2, None),
        },
        rent: rental.price.map_or(u32::MAX, Price::cents),
        address: &rental.property_address,
        id: rental.id.as_str(),
    }
}

/// How far outside it is; 0 if nothing was wished, none if it is not known.
fn distance_of(span: Span, value: Option<f64>) -> Option<f64> {
    if span == Span::default() {
        return Some(0.0);
    }
    value.map(|value| span.distance(value))
}

fn in_time(by: Option<Date>, available: Option<AvailableDate>) -> bool {
    match (by, available) {
        (None, _) | (Some(_), Some(AvailableDate::Now)) => true,
        (Some(by), Some(AvailableDate::On(date))) => date <= by,
        (Some(_), None) => false,
    }
}

/// Whether all words of a place are in the address.
fn is_there(location: &[String], rental: &Rental) -> bool {
    if location.is_empty() {
        return true;
    }
    let address: Vec<String> = tokens(&rental.property_address)
        .into_iter()
        .filter_map(|token| match token {
            Token::Word(word) | Token::Number(word) => Some(word),
            Token::Ordinal(figures) => Some(format!("{figures}th")),
            Token::Half | Token::Sign(_) | Token::Dash | Token::Break => None,
        })
        .collect();
    location
        .iter()
        .all(|word| address.iter().any(|written| sounds_like(word, written)))
}
