//! The fields of one rental as somebody wrote them: a request or a row of a file.
//! What is wrong is told of every field at once.

mod reader;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::address_key;
use super::field::{Field, is_computed};
use crate::field_problem::FieldProblem;
use crate::ids::{UserId, rental_listed};
use crate::store::{AvailableDate, Bathrooms, Price, Rental, SourceType};
use reader::FormReader;

/// The longest word or name.
const WORD_LIMIT: usize = 80;

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
        let id = rental_listed(website, &address_key(address)?);
        let listed = (website, source_type);
        let mut rental = Rental::new(id, user.clone(), address, listed, now);
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
    fn degrees_are_told_to_a_centimetre() {
        for (written, expected) in [
            (json!(41.878_113_649), 41.878_113_6),
            (json!("-87.63"), -87.63),
            (json!(-1.1e-308), 0.0),
            (json!(90), 90.0),
        ] {
            let rental = rental(json!({"property_address": "14 Mill Lane", "latitude": written}));
            let text = rental.latitude.map(|degrees| degrees.to_string());
            assert_eq!(text, Some(f64::to_string(&expected)), "{written}");
        }
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
        let number = form(json!({"property_address": 14})).unwrap_err();
        assert_eq!(
            number,
            ["property_address must be an address such as 14 Mill Lane"]
        );
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
