//! A rental as the CRM reads it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use shared::rentals::{Availability, Bathrooms, Price, Rental};

pub(super) fn rental_json(rental: &Rental, now: Timestamp, zone: &TimeZone) -> Value {
    let availability = Availability::of(rental, now, zone);
    json!({
        "id": rental.id,
        "version": rental.version,
        "user_id": rental.user_id,
        "property_address": rental.property_address,
        "price": rental.price.map(Price::to_json),
        "bedrooms": rental.bedrooms,
        "bathrooms": rental.bathrooms.map(Bathrooms::to_json),
        "square_feet": rental.square_feet,
        "property_type": rental.property_type,
        "available_date": rental.available_date,
        "availability_status": availability.status(),
        "days_until_available": availability.days_until(),
        "time_zone": rental.time_zone,
        "description": rental.description,
        "features": rental.features,
        "contact_info": rental.contact_info,
        "website": rental.website,
        "url": rental.url,
        "source_type": rental.source_type,
        "latitude": rental.latitude,
        "longitude": rental.longitude,
        "created_at": rental.created_at,
        "updated_at": rental.updated_at,
    })
}

pub(super) fn rentals_json(rentals: &[Rental], now: Timestamp, zone: &TimeZone) -> Vec<Value> {
    let rentals = rentals.iter();
    rentals
        .map(|rental| rental_json(rental, now, zone))
        .collect()
}
