//! The fields of a rental one by one: what each may be, what it says in passing of
//! another, and what is wrong with it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::super::field::Field;
use super::super::{address_key, written};
use super::{Change, RentalForm, WORD_LIMIT, website_name};
use crate::field_problem::FieldProblem;
use crate::ids::UserId;
use crate::store::Bathrooms;

/// The longest texts, and the longest list of features.
const ADDRESS_LIMIT: usize = 200;
const DESCRIPTION_LIMIT: usize = 4000;
const TEXT_LIMIT: usize = 500;
const FEATURES_LIMIT: usize = 40;

const NO_ADDRESS: &str = "must be an address such as 14 Mill Lane";

#[derive(Default)]
pub(super) struct FormReader {
    today: Date,
    form: RentalForm,
    /// What a value of another field said in passing; the field's own value counts more.
    implied: Vec<Change>,
    /// Parts that follow the street in an address.
    unit: Option<String>,
    city: Option<String>,
    state: Option<String>,
    zip: Option<String>,
    problems: Vec<FieldProblem>,
}

impl FormReader {
    pub(super) fn new(today: Date) -> Self {
        Self {
            today,
            ..Self::default()
        }
    }

    pub(super) fn wrong(&mut self, name: &str, problem: impl Into<String>) {
        self.problems.push(FieldProblem {
            field: name.to_owned(),
            problem: problem.into(),
        });
    }

    pub(super) fn finish(self) -> Result<RentalForm, Vec<FieldProblem>> {
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        let mut form = self.form;
        if let Some(street) = form.address {
            let unit = self.unit.map(|unit| {
                let bare = unit.chars().all(|c| c.is_ascii_alphanumeric());
                if bare { format!("Unit {unit}") } else { unit }
            });
            let place = [self.state, self.zip].into_iter().flatten();
            let place = Some(place.collect::<Vec<_>>().join(" "));
            let parts = [Some(street), unit, self.city, place].into_iter().flatten();
            let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
            form.address = Some(parts.join(", "));
        }
        form.changes = [self.implied, form.changes].concat();
        Ok(form)
    }

    pub(super) fn clear(&mut self, field: Field, name: &str) {
        let change = match field {
            Field::UserId | Field::Address | Field::Website => {
                self.wrong(name, "is needed");
                return;
            }
            // No names of the API.
            Field::Unit | Field::City | Field::State | Field::Zip | Field::Rooms => return,
            Field::Price => Change::Price(None),
            Field::Bedrooms => Change::Bedrooms(None),
            Field::Bathrooms => Change::Bathrooms(None),
            Field::SquareFeet => Change::SquareFeet(None),
            Field::PropertyType => Change::PropertyType(None),
            Field::AvailableDate => Change::AvailableDate(None),
            Field::AvailabilityStatus => Change::OffMarket(false),
            Field::TimeZone => Change::TimeZone(None),
            Field::Description => Change::Description(None),
            Field::Features => Change::Features(Vec::new()),
            Field::ContactInfo => Change::ContactInfo(None),
            Field::Url => Change::Url(None),
            Field::Latitude => Change::Latitude(None),
            Field::Longitude => Change::Longitude(None),
        };
        self.form.changes.push(change);
    }

    pub(super) fn read(&mut self, field: Field, name: &str, value: &Value) {
        if field == Field::Features {
            return self.features(name, value);
        }
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(_) if field == Field::Address => return self.wrong(name, NO_ADDRESS),
            Value::Number(number) => number.to_string(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                return self.wrong(name, "must be a text or a number");
            }
        };
        if let Err(problem) = self.read_text(field, &text) {
            self.wrong(name, problem);
        }
    }

    fn read_text(&mut self, field: Field, text: &str) -> Result<(), String> {
        let blank = written::is_blank(text);
        let change = match field {
            Field::UserId => {
                let user = UserId::parse(text).ok_or("is not a user id")?;
                self.form.user_id = Some(user);
                return Ok(());
            }
            Field::Website => {
                let problem = "must be a host such as zillow.com, or a name";
                self.form.website = Some(website_name(text).ok_or(problem)?);
                return Ok(());
            }
            Field::Address => return self.address(text),
            Field::Unit => return part(&mut self.unit, text),
            Field::City => return part(&mut self.city, text),
            Field::State => return part(&mut self.state, text),
            Field::Zip => return part(&mut self.zip, text),
            Field::Description => Change::Description(limited(text, DESCRIPTION_LIMIT)?),
            Field::ContactInfo => Change::ContactInfo(limited(text, TEXT_LIMIT)?),
            _ if blank => return Ok(()),
            Field::Price => Change::Price(Some(written::price(text)?)),
            Field::Bedrooms => {
                let rooms = written::bedrooms(text)?;
                self.imply(rooms.bathrooms);
                Change::Bedrooms(rooms.bedrooms)
            }
            Field::Bathrooms => Change::Bathrooms(Some(written::bathrooms(text)?)),
            Field::Rooms => {
                let rooms = written::rooms(text)?;
                self.imply(rooms.bathrooms);
                let bedrooms = rooms.bedrooms.map(|number| Change::Bedrooms(Some(number)));
                self.implied.extend(bedrooms);
                return Ok(());
            }
            Field::SquareFeet => Change::SquareFeet(Some(written::square_feet(text)?)),
            Field::PropertyType => Change::PropertyType(Some(property_type(text)?)),
            Field::AvailableDate => match off_market(text) {
                Some(true) => Change::OffMarket(true),
                Some(false) | None => {
                    Change::AvailableDate(Some(written::available_date(text, self.today)?))
                }
            },
            Field::AvailabilityStatus => return self.status(text),
            Field::TimeZone => Change::TimeZone(Some(zone_name(text)?)),
            Field::Url => Change::Url(Some(link(text)?)),
            Field::Latitude => Change::Latitude(Some(degrees(text, 90.0)?)),
            Field::Longitude => Change::Longitude(Some(degrees(text, 180.0)?)),
            Field::Features => return Ok(()),
        };
        self.form.changes.push(change);
        Ok(())
    }

    fn imply(&mut self, bathrooms: Option<Bathrooms>) {
        let change = bathrooms.map(|bathrooms| Change::Bathrooms(Some(bathrooms)));
        self.implied.extend(change);
    }

    fn address(&mut self, text: &str) -> Result<(), String> {
        let address = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let address = limited(&address, ADDRESS_LIMIT)?;
        let address = address.filter(|address| address_key(address).is_some());
        self.form.address = Some(address.ok_or(NO_ADDRESS)?);
        Ok(())
    }

    /// Whether it is on the market; some files have the date there.
    fn status(&mut self, text: &str) -> Result<(), String> {
        if let Some(off_market) = off_market(text) {
            self.form.changes.push(Change::OffMarket(off_market));
            return Ok(());
        }
        let date = written::available_date(text, self.today);
        let date = date.map_err(|_| "must be available, unavailable, or a date")?;
        self.implied.push(Change::OffMarket(false));
        self.implied.push(Change::AvailableDate(Some(date)));
        Ok(())
    }

    fn features(&mut self, name: &str, value: &Value) {
        let entries: Option<Vec<&str>> = match value {
            Value::String(text) => Some(text.split([',', ';', '|', '\n']).collect()),
            Value::Array(entries) => entries.iter().map(Value::as_str).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
        };
        let Some(entries) = entries else {
            return self.wrong(name, "must be a list of texts");
        };
        let mut features: Vec<String> = Vec::new();
        for entry in entries.into_iter().map(str::trim) {
            let known = features
                .iter()
                .any(|known| known.eq_ignore_ascii_case(entry));
            if !known && !entry.is_empty() {
                features.push(entry.to_owned());
            }
        }
        let fit = features.iter().all(|one| one.chars().count() <= WORD_LIMIT);
        if fit && features.len() <= FEATURES_LIMIT {
            self.form.changes.push(Change::Features(features));
        } else {
            let problem =
                format!("may have at most {FEATURES_LIMIT} entries of {WORD_LIMIT} characters");
            self.wrong(name, problem);
        }
    }
}

fn part(place: &mut Option<String>, text: &str) -> Result<(), String> {
    *place = limited(text, WORD_LIMIT)?;
    Ok(())
}

/// The text, if there is one.
fn limited(text: &str, limit: usize) -> Result<Option<String>, String> {
    if text.chars().count() > limit {
        return Err(format!("may have at most {limit} characters"));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

fn property_type(text: &str) -> Result<String, String> {
    const SYNONYMS: [(&str, &str); 14] = [
        ("apt", "apartment"),
        ("apartment unit", "apartment"),
        ("flat", "apartment"),
        ("condominium", "condo"),
        ("home", "house"),
        ("sfh", "house"),
        ("single family", "house"),
        ("single family home", "house"),
        ("single family house", "house"),
        ("town home", "townhouse"),
        ("town house", "townhouse"),
        ("townhome", "townhouse"),
        ("row house", "townhouse"),
        ("efficiency", "studio"),
    ];
    let text = text.to_lowercase().replace(['-', '_'], " ");
    let kind = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut synonyms = SYNONYMS.iter();
    let found = synonyms.find(|(name, _)| *name == kind);
    let kind = found.map_or(kind.as_str(), |(_, usual)| usual);
    limited(kind, WORD_LIMIT)?.ok_or_else(|| "must be a word such as apartment".to_owned())
}

/// Whether a word says that a rental is off the market, or is not.
fn off_market(text: &str) -> Option<bool> {
    const OFF: [&str; 10] = [
        "unavailable",
        "rented",
        "leased",
        "let",
        "occupied",
        "off market",
        "off the market",
        "withdrawn",
        "inactive",
        "not available",
    ];
    const ON: [&str; 8] = [
        "available",
        "active",
        "for rent",
        "listed",
        "on market",
        "upcoming",
        "coming soon",
        "unknown",
    ];
    let text = text.to_lowercase().replace(['-', '_'], " ");
    let is = |words: &[&str]| words.contains(&text.trim());
    match (is(&OFF), is(&ON)) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    }
}

fn zone_name(text: &str) -> Result<String, String> {
    let zone = TimeZone::get(text).ok();
    let name = zone.as_ref().and_then(TimeZone::iana_name);
    let name = name.ok_or("must be an IANA time zone such as America/Chicago")?;
    Ok(name.to_owned())
}

fn link(text: &str) -> Result<String, String> {
    let problem = "must be a web address such as https://example.com/14-mill-lane";
    let url = url::Url::parse(text).map_err(|_| problem)?;
    if !["http", "https"].contains(&url.scheme()) {
        return Err(problem.to_owned());
    }
    limited(text, TEXT_LIMIT)?.ok_or_else(|| problem.to_owned())
}

/// To a centimetre: a number that is next to nothing is none that can be stored.
fn degrees(text: &str, most: f64) -> Result<f64, String> {
    const STEPS: f64 = 1e7;
    let number: Option<f64> = text.parse().ok();
    let number = number.filter(|number| number.abs() <= most);
    // Nought has no sign.
    let rounded = number.map(|number| (number * STEPS).round() / STEPS + 0.0);
    rounded.ok_or_else(|| format!("must be degrees from -{most} to {most}"))
}
