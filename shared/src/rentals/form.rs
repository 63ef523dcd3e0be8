//! The fields of one rental as somebody wrote them: a request or a row of a file.
//! What is wrong is told of every field at once.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::field::{Field, is_computed};
use super::{address_key, written};
use crate::field_problem::FieldProblem;
use crate::ids::{UserId, rental_listed};
use crate::store::{AvailableDate, Bathrooms, Price, Rental, SourceType};

/// The longest texts, and the longest list of features.
const ADDRESS_LIMIT: usize = 200;
const DESCRIPTION_LIMIT: usize = 4000;
const TEXT_LIMIT: usize = 500;
const WORD_LIMIT: usize = 80;
const FEATURES_LIMIT: usize = 40;

/// What is to be known of a rental. What is not said stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RentalForm {
    pub user_id: Option<UserId>,
    /// As it is to be written.
    pub address: Option<String>,
    /// Where it is listed, in the form of [`website_name`].
    pub website: Option<String>,
    changes: Vec<Change>,
}

#[derive(Clone, Debug, PartialEq)]
enum Change {
    Price(Option<Price>),
    Bedrooms(Option<u8>),
    Bathrooms(Option<Bathrooms>),
    SquareFeet(Option<u32>),
    PropertyType(Option<String>),
    AvailableDate(Option<AvailableDate>),
    OffMarket(bool),
    TimeZone(Option<String>),
    Description(Option<String>),
    Features(Vec<String>),
    ContactInfo(Option<String>),
    Url(Option<String>),
    Latitude(Option<f64>),
    Longitude(Option<f64>),
}

impl RentalForm {
    /// Reads the fields of a request, by the names of the API. Null takes away what
    /// is there. `today` is what dates without a year are near to.
    pub fn read(fields: &Map<String, Value>, today: Date) -> Result<Self, Vec<FieldProblem>> {
        let mut reader = FormReader::new(today);
        for (name, value) in fields {
            match Field::of_name(name) {
                Some(field) if value.is_null() => reader.clear(field, name),
                Some(field) => reader.read(field, name, value),
                None if is_computed(name) => {}
                None => reader.wrong(name, "is not a field of a rental"),
            }
        }
        reader.finish()
    }

    /// Reads a row, by the headers of its file. Empty cells say nothing, and neither
    /// do those under a header that is not known.
    pub(super) fn of_row<'a>(
        cells: impl Iterator<Item = (&'a str, Option<Field>, Value)>,
        today: Date,
    ) -> Result<Self, Vec<FieldProblem>> {
        let mut reader = FormReader::new(today);
        for (header, field, value) in cells {
            if let Some(field) = field.filter(|_| !says_nothing(&value)) {
                reader.read(field, header, &value);
            }
        }
        reader.finish()
    }

    /// A new rental with what the form says; none without an address.
    pub fn rental(
        &self,
        user: &UserId,
        website: &str,
        source_type: SourceType,
        now: Timestamp,
    ) -> Option<Rental> {
        let address = self.address.as_deref()?;
        let mut rental = Rental {
            id: rental_listed(website, &address_key(address)?),
            schema: Rental::SCHEMA,
            version: 1,
            user_id: user.clone(),
            property_address: address.to_owned(),
            price: None,
            bedrooms: None,
            bathrooms: None,
            square_feet: None,
            property_type: None,
            available_date: None,
            off_market: false,
            time_zone: None,
            description: None,
            features: Vec::new(),
            contact_info: None,
            website: website.to_owned(),
            url: None,
            source_type,
            latitude: None,
            longitude: None,
            created_at: now,
            updated_at: now,
        };
        for change in self.changes.iter().cloned() {
            change.apply(&mut rental);
        }
        Some(rental)
    }

    /// The next version of a rental with what the form says; none when it says nothing
    /// new. Its website stays what it is, and so does its address but for the spelling.
    pub fn applied_to(&self, rental: &Rental, now: Timestamp) -> Option<Rental> {
        let mut next = rental.clone();
        for change in self.changes.iter().cloned() {
            change.apply(&mut next);
        }
        next.user_id = self.user_id.clone().unwrap_or(next.user_id);
        if let Some(address) = &self.address {
            next.property_address.clone_from(address);
        }
        if next == *rental {
            return None;
        }
        next.version = next.version.saturating_add(1);
        next.updated_at = now;
        Some(next)
    }
}

impl Change {
    fn apply(self, rental: &mut Rental) {
        match self {
            Self::Price(price) => rental.price = price,
            Self::Bedrooms(bedrooms) => rental.bedrooms = bedrooms,
            Self::Bathrooms(bathrooms) => rental.bathrooms = bathrooms,
            Self::SquareFeet(area) => rental.square_feet = area,
            Self::PropertyType(kind) => rental.property_type = kind,
            Self::AvailableDate(date) => rental.available_date = date,
            Self::OffMarket(off_market) => rental.off_market = off_market,
            Self::TimeZone(zone) => rental.time_zone = zone,
            Self::Description(text) => rental.description = text,
            Self::Features(features) => rental.features = features,
            Self::ContactInfo(text) => rental.contact_info = text,
            Self::Url(url) => rental.url = url,
            Self::Latitude(degrees) => rental.latitude = degrees,
            Self::Longitude(degrees) => rental.longitude = degrees,
        }
    }
}

/// A website as it is stored and named in paths: its host without `www.`, or a name,
/// in lower case with dashes for spaces. None when it has no such form.
///
/// ```
/// use shared::rentals::website_name;
///
/// assert_eq!(website_name("https://www.Zillow.com/b/14"), Some("zillow.com".to_owned()));
/// assert_eq!(website_name(" Our Sheet "), Some("our-sheet".to_owned()));
/// assert_eq!(website_name("a/b"), None);
/// ```
pub fn website_name(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let host = || url::Url::parse(&text).ok()?.host_str().map(str::to_owned);
    let name = if text.contains("://") { host()? } else { text };
    let name = name.strip_prefix("www.").unwrap_or(&name);
    let name = name.split_whitespace().collect::<Vec<_>>().join("-");
    let fits = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    ((1..=WORD_LIMIT).contains(&name.len()) && name.chars().all(fits)).then_some(name)
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(entries) => entries.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

#[derive(Default)]
struct FormReader {
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
    fn new(today: Date) -> Self {
        Self {
            today,
            ..Self::default()
        }
    }

    fn wrong(&mut self, name: &str, problem: impl Into<String>) {
        self.problems.push(FieldProblem {
            field: name.to_owned(),
            problem: problem.into(),
        });
    }

    fn finish(self) -> Result<RentalForm, Vec<FieldProblem>> {
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

    fn clear(&mut self, field: Field, name: &str) {
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

    fn read(&mut self, field: Field, name: &str, value: &Value) {
        if field == Field::Features {
            return self.features(name, value);
        }
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
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
        self.form.address = Some(address.ok_or("must be an address such as 14 Mill Lane")?);
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

fn degrees(text: &str, most: f64) -> Result<f64, String> {
    let number: Option<f64> = text.parse().ok();
    let number = number.filter(|number| number.abs() <= most);
    number.ok_or_else(|| format!("must be degrees from -{most} to {most}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde_json::json;

    const TODAY: Date = date(2026, 11, 25);

    fn form(fields: Value) -> Result<RentalForm, Vec<String>> {
        let Value::Object(fields) = fields else {
            panic!("a form is an object")
        };
        RentalForm::read(&fields, TODAY).map_err(|problems| {
            let told = problems.into_iter();
            told.map(|wrong| format!("{} {}", wrong.field, wrong.problem))
                .collect()
        })
    }

    fn rental(fields: Value) -> Rental {
        let made = form(fields).unwrap();
        let made = made.rental(
            &UserId::new("demo"),
            "crm",
            SourceType::Manual,
            Timestamp::MIN,
        );
        made.unwrap()
    }

    #[test]
    fn a_full_form_is_read_as_it_stands() {
        let rental = rental(json!({
            "property_address": " 14  Mill Lane, Apt 2 ", "price": 1450.5, "bedrooms": 2,
            "bathrooms": 1.5, "square_feet": 1100, "property_type": "Single-family home",
            "available_date": "2026-12-01", "availability_status": "upcoming",
            "time_zone": "america/new_york", "description": "Near the river.",
            "features": ["Dishwasher", "Cats allowed", "dishwasher"],
            "contact_info": "the office", "url": "https://lakeside.example/14",
            "latitude": 41.88, "longitude": -87.63,
        }));
        assert_eq!(rental.property_address, "14 Mill Lane, Apt 2");
        assert_eq!(rental.price, Some(Price::from_cents(145_050)));
        assert_eq!(rental.bathrooms, Some(Bathrooms::from_halves(3)));
        assert_eq!(rental.property_type.as_deref(), Some("house"));
        assert_eq!(
            rental.available_date,
            Some(AvailableDate::On(date(2026, 12, 1)))
        );
        assert_eq!(rental.time_zone.as_deref(), Some("America/New_York"));
        assert_eq!(rental.features, ["Dishwasher", "Cats allowed"]);
        assert_eq!(
            (rental.latitude, rental.longitude),
            (Some(41.88), Some(-87.63))
        );
    }

    #[test]
    fn everything_that_is_wrong_is_told() {
        let problems = form(json!({
            "property_address": "--", "price": "cheap", "bedrooms": 1.5, "bathrooms": "lots",
            "square_feet": -5, "available_date": "soon", "availability_status": "perhaps",
            "time_zone": "Chicago", "description": "x".repeat(4001), "features": [1],
            "contact_info": {}, "website": "a/b", "url": "javascript:alert(1)",
            "latitude": 91, "longitude": "NaN", "user_id": "a b", "garden": true, "id": "r-1",
        }));
        assert_eq!(
            problems.unwrap_err(),
            [
                "availability_status must be available, unavailable, or a date",
                "available_date must be a date such as 2026-07-15, or now",
                "bathrooms must be a number of bathrooms such as 1.5",
                "bedrooms must be a number of bedrooms such as 2, or studio",
                "contact_info must be a text or a number",
                "description may have at most 4000 characters",
                "features must be a list of texts",
                "garden is not a field of a rental",
                "latitude must be degrees from -90 to 90",
                "longitude must be degrees from -180 to 180",
                "price must be an amount of dollars such as 1450",
                "property_address must be an address such as 14 Mill Lane",
                "square_feet must be a number of square feet such as 1100",
                "time_zone must be an IANA time zone such as America/Chicago",
                "url must be a web address such as https://example.com/14-mill-lane",
                "user_id is not a user id",
                "website must be a host such as zillow.com, or a name",
            ]
        );
    }

    #[test]
    fn a_change_leaves_what_it_does_not_name() {
        let before =
            rental(json!({"property_address": "14 Mill Lane", "price": 1450, "bedrooms": 2}));
        let now = Timestamp::UNIX_EPOCH;
        let change = form(json!({"price": null, "bathrooms": 1})).unwrap();
        let after = change.applied_to(&before, now).unwrap();
        assert_eq!((after.price, after.bedrooms), (None, Some(2)));
        assert_eq!((after.version, after.updated_at), (2, now));
        assert_eq!(change.applied_to(&after, Timestamp::MAX), None);
        let needed = form(json!({"property_address": null, "website": null})).unwrap_err();
        assert_eq!(needed, ["property_address is needed", "website is needed"]);
    }

    #[test]
    fn what_was_read_can_be_sent_back() {
        let fields = json!({
            "property_address": "14 Mill Lane", "availability_status": "unavailable",
            "available_date": "now",
        });
        let before = rental(fields.clone());
        assert!(before.off_market);
        assert_eq!(
            form(fields).unwrap().applied_to(&before, Timestamp::MAX),
            None
        );
    }
}
