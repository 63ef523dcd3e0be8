//! The table of spoken strings: what goes in, and what a caller hears.

use std::fmt::Debug;
use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::formatter::{formatted, survives};
use super::rules::violations;
use super::*;

fn table<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let file: Value =
        serde_json::from_str(include_str!("../../../fixtures/vapi/speech.json")).unwrap();
    serde_json::from_value(file[name].clone()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn read<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// Every spoken string of the table also keeps the rules.
fn assert_says(input: &dyn Debug, spoken: &str, expected: &str) {
    assert_eq!(spoken, expected, "of {input:?}");
    assert_eq!(violations(spoken), [], "in {spoken:?}, of {input:?}");
    assert!(
        survives(spoken),
        "{spoken:?} becomes {:?}",
        formatted(spoken)
    );
}

fn check<I: DeserializeOwned + Debug>(name: &str, say: impl Fn(&I) -> String) -> usize {
    let cases = table::<(I, String)>(name);
    for (input, expected) in &cases {
        assert_says(input, &say(input), expected);
    }
    cases.len()
}

fn check_by_day<I: DeserializeOwned + Debug>(
    name: &str,
    say: impl Fn(&I, Date) -> String,
) -> usize {
    let cases = table::<(I, String, String)>(name);
    for (input, today, expected) in &cases {
        assert_says(input, &say(input, read(today)), expected);
    }
    cases.len()
}

#[test]
fn every_case_says_what_the_table_says() {
    let total = [
        check("cardinal", |&number| cardinal(number)),
        check("ordinal", |&number| ordinal(number)),
        check("year", |&number| year(number)),
        check("time", |at: &String| time(read(at))),
        check("one_of", |items: &Vec<String>| one_of(items)),
        check("all_of", |items: &Vec<String>| all_of(items)),
        check("code", |text: &String| code(text)),
        check("letters", |text: &String| letters(text)),
        check("phone", |text: &String| phone(text)),
        check("email", |text: &String| email(text)),
        check("dollars", |&amount| dollars(amount)),
        check("cents", |&amount| cents(amount)),
        check("duration", |&minutes| duration(minutes)),
        check("bathrooms", |&n| quantity(n, "bathroom", "bathrooms")),
        check("place_of_zone", |text: &String| place_of_zone(text)),
        check("address", |text: &String| address(text)),
        check("person", |text: &String| person(text)),
        check("plain", |text: &String| plain(text)),
        check_by_day("date", |day: &String, today| date(read(day), today)),
        check_by_day("relative_date", |day: &String, today| {
            relative_date(read(day), today)
        }),
        check_by_day("date_time", |at: &String, today| date_time(read(at), today)),
        check_by_day("offer", |starts: &Vec<String>, today| {
            let starts: Vec<DateTime> = starts.iter().map(|at| read(at)).collect();
            offer(&starts, today)
        }),
    ]
    .iter()
    .sum::<usize>();
    assert!(total >= 120, "only {total} cases");
}

#[test]
fn the_checker_finds_what_the_table_says() {
    for (text, expected) in table::<(String, Vec<String>)>("violations") {
        let found: Vec<String> = violations(&text).iter().map(|v| format!("{v:?}")).collect();
        assert_eq!(found, expected, "{text:?}");
    }
    let long = "word ".repeat(81);
    assert_eq!(violations(&long), [rules::Violation::TooLong]);
}

#[test]
fn the_formatter_does_what_the_documentation_shows() {
    for (text, expected) in table::<(String, String)>("formatted") {
        assert_eq!(formatted(&text), expected, "{text:?}");
    }
}
