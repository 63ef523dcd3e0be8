//! What a property is told apart by.

use super::address::Address;
use crate::store::Rental;

/// A property that may be meant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Property {
    pub id: String,
    /// As it is written: "14 Mill Lane, Apt 2B, Austin, TX 78701".
    pub address: String,
    /// 0 for a studio.
    pub bedrooms: Option<f64>,
    pub bathrooms: Option<f64>,
    /// Dollars a month.
    pub rent: Option<f64>,
    /// "House", "Condo": as the listing has it.
    pub property_type: Option<String>,
}

impl From<&Rental> for Property {
    fn from(rental: &Rental) -> Self {
        let halves = |halves: u8| f64::from(halves) / 2.0;
        Self {
            id: rental.id.as_str().to_owned(),
            address: rental.property_address.clone(),
            bedrooms: rental.bedrooms.map(f64::from),
            bathrooms: rental.bathrooms.map(|bathrooms| halves(bathrooms.halves())),
            rent: rental.price.map(|price| f64::from(price.cents()) / 100.0),
            property_type: rental.property_type.clone(),
        }
    }
}

/// The parts of a written address that a question names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressParts {
    pub number: Option<String>,
    /// "2b"; "3 2" if the building has one, too.
    pub unit: Option<String>,
}

/// The number and the unit of a written address.
pub fn address_parts(address: &str) -> AddressParts {
    let address = Address::parse(address);
    AddressParts {
        number: address.number().map(str::to_owned),
        unit: address.unit,
    }
}
