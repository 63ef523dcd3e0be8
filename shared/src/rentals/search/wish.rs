//! What a caller looks for, in filters.

use jiff::civil::Date;

use super::feature::Feature;
use super::span::Span;
use crate::rentals::wording::{FILLERS, Token, tokens};
use crate::street::{is_state, state};

/// What was said, by the argument that it was said in.
#[derive(Clone, Copy, Debug, Default)]
pub struct WishTexts<'a> {
    pub location: Option<&'a str>,
    pub price_range: Option<&'a str>,
    pub min_price: Option<&'a str>,
    pub max_price: Option<&'a str>,
    pub bedrooms: Option<&'a str>,
    pub bathrooms: Option<&'a str>,
    pub features: Option<&'a str>,
}

/// The filters of a search.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wish {
    /// Words of a street, a town or a postal code, in their one form.
    pub(super) location: Vec<String>,
    /// Dollars a month.
    pub rent: Span,
    pub bedrooms: Span,
    pub bathrooms: Span,
    /// It can be had by then.
    pub available_by: Option<Date>,
    pub features: Vec<Feature>,
}

/// How many words of a place are looked for.
const WORD_LIMIT: usize = 8;

/// Words around the name of a place.
const AROUND_PLACES: &[&str] = &[
    "area",
    "neighborhood",
    "neighbourhood",
    "town",
    "city",
    "around",
    "close",
    "side",
    "part",
    "somewhere",
    "anywhere",
    "district",
    "within",
    "vicinity",
    "street",
    "county",
    "downtown",
];

impl Wish {
    /// Reads what was said; what cannot be understood is no filter.
    pub fn read(said: &WishTexts<'_>, available_by: Option<Date>) -> Self {
        let amount = |text: Option<&str>| text.and_then(Span::of_rent).unwrap_or_default();
        let edge = |text: Option<&str>| {
            let span = amount(text);
            span.most.or(span.least)
        };
        let bounds = Span {
            least: edge(said.min_price),
            most: edge(said.max_price),
        };
        Self {
            location: said.location.map(location).unwrap_or_default(),
            rent: amount(said.price_range).and(bounds),
            bedrooms: said
                .bedrooms
                .and_then(Span::of_bedrooms)
                .unwrap_or_default(),
            bathrooms: said
                .bathrooms
                .and_then(Span::of_bathrooms)
                .unwrap_or_default(),
            available_by,
            features: said.features.map(Feature::wished).unwrap_or_default(),
        }
    }

    /// Whether anything is wished at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn location(text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let words = tokens.iter().filter_map(|token| match token {
        Token::Word(word) if FILLERS.contains(&word.as_str()) => None,
        Token::Word(word) if AROUND_PLACES.contains(&word.as_str()) => None,
        Token::Word(word) | Token::Number(word) => Some(word.clone()),
        Token::Ordinal(figures) => Some(format!("{figures}th")),
        Token::Half | Token::Sign(_) | Token::Dash | Token::Break => None,
    });
    let mut words: Vec<String> = words.take(WORD_LIMIT).collect();
    // The state says nothing once the town is named, and many addresses leave it out.
    if words.len() > 1 {
        words.retain(|word| !is_state(word) && state(&word.to_uppercase()).is_none());
    }
    words
}
