//! One rental as it is stored: what is known of a property that can be viewed.
//!
//! What depends on today (whether it can be had, and in how many days) is not here;
//! see [`rentals::Availability`](crate::rentals::Availability).

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::{RentalId, UserId};

/// One rental.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rental {
    pub id: RentalId,
    /// Version of this form of the row.
    pub schema: u8,
    /// Counts the writes of this row, from 1; a change names the one it was decided on.
    pub version: i64,
    /// The staff member who shows it.
    pub user_id: UserId,
    pub property_address: String,
    /// The rent of a month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// 0 is a studio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bedrooms: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bathrooms: Option<Bathrooms>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub square_feet: Option<u32>,
    /// `apartment`, `house`, `condo`, `townhouse`, `studio`, `room`, or another word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property_type: Option<String>,
    /// From when it can be had; unknown without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available_date: Option<AvailableDate>,
    /// Rented or withdrawn: whatever the date says, it cannot be had.
    #[serde(default)]
    pub off_market: bool,
    /// IANA name of the zone in which it is; that of the whole service without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default)]
    pub features: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_info: Option<String>,
    /// Where it is listed, such as `zillow.com`; `crm` when it was entered by hand.
    pub website: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    pub source_type: SourceType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Rental {
    /// The version that new rows have.
    pub const SCHEMA: u8 = 1;

    /// The first form of a rental of which nothing is known but whose, where and how it is
    /// listed.
    pub fn new(
        id: RentalId,
        user_id: UserId,
        property_address: &str,
        (website, source_type): (&str, SourceType),
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            schema: Self::SCHEMA,
            version: 1,
            user_id,
            property_address: property_address.to_owned(),
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
        }
    }
}

/// How a rental came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceType {
    /// Entered by hand, through the API.
    Manual,
    /// From a file.
    Import,
    /// From the feed or the listing page of a source.
    Feed,
    /// Found by a search of the web.
    Web,
}

/// An amount of dollars, in whole cents: sums and comparisons are exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Price(u32);

impl Price {
    /// That many cents.
    pub const fn from_cents(cents: u32) -> Self {
        Self(cents)
    }

    /// The amount in cents.
    pub const fn cents(self) -> u32 {
        self.0
    }

    /// The amount as a JSON number: 1450, or 1450.5.
    pub fn to_json(self) -> serde_json::Value {
        if self.0.is_multiple_of(100) {
            return serde_json::Value::from(self.0 / 100);
        }
        // The nearest double to a decimal of so few digits is written as that decimal.
        serde_json::Value::from(f64::from(self.0) / 100.0)
    }
}

/// A price as `1450` or `1450.5`, with at most two decimals.
impl FromStr for Price {
    type Err = NotAPrice;

    fn from_str(text: &str) -> Result<Self, NotAPrice> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let part = part.trim_end_matches('0');
        if whole.is_empty() || part.len() > 2 || !are_digits(whole) || !are_digits(part) {
            return Err(NotAPrice);
        }
        let dollars: u32 = whole.parse().map_err(|_| NotAPrice)?;
        let cents: u32 = format!("{part:0<2}").parse().map_err(|_| NotAPrice)?;
        let dollars = dollars.checked_mul(100).ok_or(NotAPrice)?;
        dollars.checked_add(cents).map(Self).ok_or(NotAPrice)
    }
}

/// A text is not a decimal number with at most two decimals.
#[derive(Debug, thiserror::Error)]
#[error("not an amount with at most two decimals")]
pub struct NotAPrice;

/// A number of bathrooms in halves, since a half one has no shower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bathrooms(u8);

impl Bathrooms {
    /// That many halves: three are one and a half bathrooms.
    pub const fn from_halves(halves: u8) -> Self {
        Self(halves)
    }

    /// The number of halves.
    pub const fn halves(self) -> u8 {
        self.0
    }

    /// The number as JSON: 2, or 1.5.
    pub fn to_json(self) -> serde_json::Value {
        if self.0.is_multiple_of(2) {
            return serde_json::Value::from(self.0 / 2);
        }
        serde_json::Value::from(f64::from(self.0) / 2.0)
    }
}

/// From when a rental can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum AvailableDate {
    Now,
    On(Date),
}

impl fmt::Display for AvailableDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now => formatter.write_str("now"),
            Self::On(date) => date.fmt(formatter),
        }
    }
}

impl From<AvailableDate> for String {
    fn from(date: AvailableDate) -> Self {
        date.to_string()
    }
}

impl TryFrom<String> for AvailableDate {
    type Error = jiff::Error;

    fn try_from(text: String) -> Result<Self, jiff::Error> {
        match text.as_str() {
            "now" => Ok(Self::Now),
            date => date.parse().map(Self::On),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_the_decimal_that_was_written() {
        for (text, cents, json) in [
            ("1450", 145_000, "1450"),
            ("1450.5", 145_050, "1450.5"),
            ("1450.55", 145_055, "1450.55"),
            ("0.07", 7, "0.07"),
            ("8.290", 829, "8.29"),
            ("1.10", 110, "1.1"),
            ("42949672.95", u32::MAX, "42949672.95"),
        ] {
            let price: Price = text.parse().unwrap();
            assert_eq!(price.cents(), cents, "{text}");
            assert_eq!(price.to_json().to_string(), json, "{text}");
        }
    }

    #[test]
    fn every_price_comes_back_from_its_json_number() {
        for cents in (0..2_000_000).step_by(7).chain(u32::MAX - 999..=u32::MAX) {
            let price = Price::from_cents(cents);
            let text = price.to_json().to_string();
            assert_eq!(text.parse::<Price>().unwrap(), price, "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_no_price() {
        for text in [
            "",
            ".",
            ".5",
            "-1",
            "+1",
            "1e3",
            "1.005",
            "1,450",
            "NaN",
            "42949672.96",
            "99999999999",
        ] {
            assert!(text.parse::<Price>().is_err(), "{text}");
        }
    }

    #[test]
    fn bathrooms_are_numbers_in_json() {
        let shown = |halves| Bathrooms::from_halves(halves).to_json().to_string();
        assert_eq!([0, 1, 2, 3, 5].map(shown), ["0", "0.5", "1", "1.5", "2.5"]);
    }

    #[test]
    fn a_row_from_before_a_field_was_added_can_be_read() {
        let oldest = r#"{"id": "r-1", "schema": 1, "version": 1, "user_id": "demo",
            "property_address": "14 Mill Lane", "website": "crm", "source_type": "manual",
            "created_at": "2026-11-24T12:00:00Z", "updated_at": "2026-11-24T12:00:00Z",
            "shard": "all#3", "available_from": "2", "from_a_later_version": true}"#;
        let rental: Rental = serde_json::from_str(oldest).unwrap();
        assert_eq!((rental.price, rental.available_date), (None, None));
    }
}
