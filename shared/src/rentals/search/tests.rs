//! The tables of what callers look for, and what holds whatever they say.

use std::fmt::Write as _;

use jiff::civil::Date;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Results, Span, Wish, WishTexts, asks_for_protected, search};
use crate::rentals::Rental;

const TABLE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/fixtures/rental-searches.json"
));

#[derive(Deserialize)]
struct Table {
    inventory: Vec<Value>,
    searches: Vec<Case>,
    protected: Vec<(String, bool)>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    location: Option<String>,
    price_range: Option<String>,
    min_price: Option<String>,
    max_price: Option<String>,
    bedrooms: Option<String>,
    bathrooms: Option<String>,
    features: Option<String>,
    available_by: Option<Date>,
    /// Ids in their order, "+2" for as many more; "near a, b" if none has it all.
    finds: String,
}

impl Case {
    fn wish(&self) -> Wish {
        let texts = WishTexts {
            location: self.location.as_deref(),
            price_range: self.price_range.as_deref(),
            min_price: self.min_price.as_deref(),
            max_price: self.max_price.as_deref(),
            bedrooms: self.bedrooms.as_deref(),
            bathrooms: self.bathrooms.as_deref(),
            features: self.features.as_deref(),
        };
        Wish::read(&texts, self.available_by)
    }
}

fn table() -> Table {
    serde_json::from_str(TABLE).unwrap()
}

fn inventory(table: &Table) -> Vec<Rental> {
    let row = |fields: &Value| {
        let mut row = json!({
            "schema": 1, "version": 1, "user_id": "demo", "website": "crm",
            "source_type": "manual", "created_at": "2026-11-24T12:00:00Z",
            "updated_at": "2026-11-24T12:00:00Z",
        });
        let fields = fields.as_object().unwrap().clone();
        row.as_object_mut().unwrap().extend(fields);
        serde_json::from_value(row).unwrap()
    };
    table.inventory.iter().map(row).collect()
}

fn written(results: &Results, inventory: &[Rental]) -> String {
    let ids: Vec<&str> = results
        .best
        .iter()
        .map(|&at| inventory[at].id.as_str())
        .collect();
    let near = if results.exact { "" } else { "near " };
    let more = match results.more {
        0 => String::new(),
        more => format!(" +{more}"),
    };
    format!("{near}{}{more}", ids.join(", "))
}

#[test]
fn callers_find_what_the_table_says() {
    let table = table();
    let inventory = inventory(&table);
    let mut wrong = String::new();
    for case in &table.searches {
        let found = written(&search(&case.wish(), &inventory), &inventory);
        if found != case.finds {
            writeln!(wrong, "{case:?}\n  found    {found}").unwrap();
        }
    }
    assert!(
        table.searches.len() >= 40,
        "only {} cases",
        table.searches.len()
    );
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_request_for_what_the_law_protects_is_recognised() {
    for (text, protected) in table().protected {
        assert_eq!(asks_for_protected(&text), protected, "{text:?}");
    }
}

#[test]
fn what_describes_people_is_no_filter() {
    for (text, protected) in table().protected {
        let wish = Wish::read(
            &WishTexts {
                features: Some(&text),
                ..WishTexts::default()
            },
            None,
        );
        let people = protected && !wish.features.is_empty();
        assert!(!people, "{text:?} filters by {:?}", wish.features);
    }
}

#[test]
fn the_order_of_the_inventory_decides_nothing() {
    let table = table();
    let mut inventory = inventory(&table);
    let found = |inventory: &[Rental]| -> Vec<String> {
        let searches = table.searches.iter();
        searches
            .map(|case| written(&search(&case.wish(), inventory), inventory))
            .collect()
    };
    let before = found(&inventory);
    inventory.reverse();
    assert_eq!(found(&inventory), before);
}

#[test]
fn ranges_are_read_as_they_are_said() {
    for (text, least, most) in [
        ("under fifteen hundred", None, Some(1500.0)),
        ("$1,200-1,500", Some(1200.0), Some(1500.0)),
        ("$1200 to $1500 a month", Some(1200.0), Some(1500.0)),
        (
            "between a thousand and fifteen hundred",
            Some(1000.0),
            Some(1500.0),
        ),
        ("one to two thousand", Some(1000.0), Some(2000.0)),
        (
            "twelve fifty to fourteen hundred",
            Some(1250.0),
            Some(1400.0),
        ),
        ("two grand max", None, Some(2000.0)),
        ("not more than 1800", None, Some(1800.0)),
        ("no less than 900", Some(900.0), None),
        ("from 1100", Some(1100.0), None),
        ("1500+", Some(1500.0), None),
        ("one and a half thousand", None, Some(1500.0)),
        ("1500 or less", None, Some(1500.0)),
        ("around two thousand", Some(1800.0), Some(2200.0)),
        ("1500", None, Some(1500.0)),
    ] {
        let span = Span::of_rent(text).unwrap_or_default();
        assert_eq!(span, Span { least, most }, "{text}");
    }
    assert_eq!(Span::of_rent("cheap"), None);
    assert_eq!(Span::of_bedrooms("99"), None);
    assert_eq!(
        Span::of_bedrooms("studio or one"),
        Some(Span::between(0.0, 1.0))
    );
    assert_eq!(Span::of_bathrooms("2.5"), Some(Span::at_least(2.5)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_wish_has_an_answer(
        texts in prop::collection::vec(prop_oneof!["\\PC{0,80}", "[0-9$,k. -]{0,40}"], 7),
    ) {
        let table = table();
        let inventory = inventory(&table);
        let text = |at: usize| texts.get(at).map(String::as_str);
        let said = WishTexts {
            location: text(0), price_range: text(1), min_price: text(2), max_price: text(3),
            bedrooms: text(4), bathrooms: text(5), features: text(6),
        };
        let results = search(&Wish::read(&said, None), &inventory);
        prop_assert!(results.best.len() <= 3);
        prop_assert!(results.best.iter().all(|&at| !inventory[at].off_market));
        prop_assert!(!results.best.is_empty());
        let _ = asks_for_protected(&texts.concat());
    }
}
