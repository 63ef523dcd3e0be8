//! The table of what callers say, and the properties that hold for anything said.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde::Deserialize;

use super::{Difference, Found, MAX_OPTIONS, Property, find};

const TABLE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/fixtures/properties.json"
));

#[derive(Deserialize)]
struct Table {
    inventory: Vec<Row>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    address: String,
    bedrooms: Option<f64>,
    bathrooms: Option<f64>,
    rent: Option<f64>,
    property_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    said: String,
    /// An id; "a | b +1 by unit" for a question; "near a, b"; "none".
    finds: String,
}

fn table() -> (Vec<Property>, Vec<Case>) {
    let table: Table = serde_json::from_str(TABLE).unwrap();
    let property = |row: Row| Property {
        id: row.id,
        address: row.address,
        bedrooms: row.bedrooms,
        bathrooms: row.bathrooms,
        rent: row.rent,
        property_type: row.property_type,
    };
    (
        table.inventory.into_iter().map(property).collect(),
        table.cases,
    )
}

fn written(found: &Found, inventory: &[Property]) -> String {
    let names = |places: &[usize], between: &str| {
        let ids: Vec<&str> = places.iter().map(|&at| inventory[at].id.as_str()).collect();
        ids.join(between)
    };
    match found {
        Found::One(at) => inventory[*at].id.clone(),
        Found::Several { options, more, by } => {
            let more = if *more == 0 {
                String::new()
            } else {
                format!(" +{more}")
            };
            let by = match by {
                Difference::Unit => "unit",
                Difference::Bedrooms => "bedrooms",
                Difference::Number => "number",
                Difference::Rent => "rent",
                Difference::Address => "address",
            };
            format!("{}{more} by {by}", names(options, " | "))
        }
        Found::Nearest(near) if near.is_empty() => "none".to_owned(),
        Found::Nearest(near) => format!("near {}", names(near, ", ")),
    }
}

#[test]
fn callers_find_what_the_table_says() {
    let (inventory, cases) = table();
    let mut wrong = String::new();
    for case in &cases {
        let found = written(&find(&case.said, &inventory), &inventory);
        if found != case.finds {
            let (said, expected) = (&case.said, &case.finds);
            writeln!(wrong, "{said:?}\n  expected {expected}\n  found    {found}").unwrap();
        }
    }
    assert!(cases.len() >= 80, "only {} cases", cases.len());
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_order_of_the_inventory_decides_nothing() {
    let (mut inventory, cases) = table();
    let before: Vec<String> = cases
        .iter()
        .map(|case| written(&find(&case.said, &inventory), &inventory))
        .collect();
    inventory.reverse();
    for (case, before) in cases.iter().zip(before) {
        assert_eq!(
            written(&find(&case.said, &inventory), &inventory),
            before,
            "{}",
            case.said
        );
    }
}

#[test]
fn every_property_is_found_by_its_own_address() {
    let (inventory, _) = table();
    for (at, property) in inventory.iter().enumerate() {
        assert_eq!(
            find(&property.address, &inventory),
            Found::One(at),
            "{}",
            property.address
        );
    }
}

#[test]
fn a_home_that_is_listed_twice_is_one() {
    let (mut inventory, _) = table();
    let mut again = inventory[0].clone();
    again.id = "mill-14-again".to_owned();
    again.address = again.address.to_uppercase();
    inventory.push(again);
    assert_eq!(find("fourteen mill lane", &inventory), Found::One(0));
}

/// Words that mean something here, in any order, and anything else.
fn any_speech() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "fourteen",
        "fifty",
        "one",
        "oh",
        "five",
        "hundred",
        "thousand",
        "fifth",
        "mill",
        "lane",
        "st",
        "n",
        "unit",
        "apartment",
        "#",
        "two",
        "b",
        "-",
        ",",
        "14",
        "1/2",
        "bedroom",
        "bath",
        "$",
        "dollars",
        "in",
        "the",
        "highway",
        "floor",
        "number",
        "and",
        "half",
        "ninety",
        "double",
    ]);
    prop_oneof![
        prop::collection::vec(word, 0..60).prop_map(|words| words.join(" ")),
        "\\PC{0,400}",
        any::<String>(),
        "[0-9 ,#-]{0,300}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn anything_said_of_anything_has_an_answer(said in any_speech(), address in any_speech()) {
        let (mut inventory, _) = table();
        inventory.truncate(8);
        inventory.push(Property { id: "any".to_owned(), address, ..Property::default() });
        let found = find(&said, &inventory);
        prop_assert_eq!(&find(&said, &inventory), &found);
        match found {
            Found::One(at) => prop_assert!(at < inventory.len()),
            Found::Several { options, .. } => prop_assert!((2..=MAX_OPTIONS).contains(&options.len())),
            Found::Nearest(near) => prop_assert!(near.len() <= MAX_OPTIONS),
        }
    }
}
