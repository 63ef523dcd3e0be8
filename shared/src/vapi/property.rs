//! Which property a tool is asked about, and how properties are said.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::answer::Answer;
use super::speech;
use super::webhook::Asked;
use crate::ids::RentalId;
use crate::rentals::matching::{Difference, Found, Property, address_parts, find};
use crate::rentals::{AvailableDate, Rental};
use crate::store::StoreError;

/// The longest address that is said among others, in characters.
const ADDRESS_LIMIT: usize = 80;

/// The longest answer that names several properties, in characters.
const ANSWER_LIMIT: usize = 380;

/// What was meant by `property_id` or `property_address`.
pub(super) enum Meant {
    /// Neither was said.
    Unsaid,
    One(Arc<Rental>),
    /// Several, and the question that tells them apart.
    Several {
        rentals: Vec<Arc<Rental>>,
        question: String,
    },
    /// None; at most three that are near.
    None(Vec<Arc<Rental>>),
}

impl Asked<'_> {
    /// What the staff show whom the assistant is bound to.
    pub(super) async fn shown(&self) -> Result<Vec<Arc<Rental>>, StoreError> {
        let (staff, now) = (&self.meant.whom.bound, self.turn.now);
        let stamps = self.stamps();
        self.shown.by(self.rentals, staff, stamps, now).await
    }

    /// Finds the property among those of the staff that the assistant is bound to. An id
    /// that is not one of theirs may be an address that the model put there.
    pub(super) async fn property(&self) -> Result<Meant, StoreError> {
        let (id, address) = (self.text("property_id"), self.text("property_address"));
        if let Some(id) = id.as_deref()
            && let Some(rental) = self.rentals.get(&RentalId::new(id)).await?
            && self.serves(&rental.user_id)
        {
            return Ok(Meant::One(Arc::new(rental)));
        }
        let Some(said) = address.or(id) else {
            return Ok(Meant::Unsaid);
        };
        let rentals = self.shown().await?;
        let properties = rentals.iter().map(|rental| Property::from(&**rental));
        let properties: Vec<Property> = properties.collect();
        Ok(match find(&said, &properties) {
            Found::One(at) => match rentals.get(at) {
                Some(rental) => Meant::One(Arc::clone(rental)),
                None => Meant::None(Vec::new()),
            },
            Found::Several { options, more, by } => {
                let rentals = picked(&rentals, &options);
                let question = question(&rentals, more, by);
                Meant::Several { rentals, question }
            }
            Found::Nearest(near) => Meant::None(picked(&rentals, &near)),
        })
    }
}

fn picked(rentals: &[Arc<Rental>], places: &[usize]) -> Vec<Arc<Rental>> {
    places
        .iter()
        .filter_map(|&at| rentals.get(at))
        .cloned()
        .collect()
}

/// What the caller hears when the inventory cannot be read.
pub(super) fn unreadable(error: &StoreError) -> Answer {
    tracing::warn!(reason = %error, "the inventory cannot be read");
    Answer::not_done(match error {
        StoreError::Unavailable(_)
        | StoreError::Refused(_)
        | StoreError::Changed
        | StoreError::Unreadable { .. } => {
            "I cannot reach our list of properties right now. Shall I try again?"
        }
    })
}

/// The question that tells several properties apart.
fn question(rentals: &[Arc<Rental>], more: usize, by: Difference) -> String {
    let others = if more > 0 {
        " There are others too."
    } else {
        ""
    };
    let options: Vec<String> = rentals.iter().map(|rental| told_by(rental, by)).collect();
    let options = speech::one_of(&options);
    let place = match rentals.first() {
        Some(first) if by == Difference::Unit || by == Difference::Rent => {
            format!(" at {}", house(first))
        }
        _ => String::new(),
    };
    fitting(&[
        format!("There is more than one{place}.{others} Do you mean {options}?"),
        format!("There is more than one.{others} Do you mean {options}?"),
        format!("There is more than one{place}. Which one do you mean?"),
        "There is more than one. Which one do you mean?".to_owned(),
    ])
}

/// A property by the one thing that tells it apart.
fn told_by(rental: &Rental, by: Difference) -> String {
    let parts = address_parts(&rental.property_address);
    let told = match by {
        Difference::Unit => Some(match &parts.unit {
            Some(unit) if unit.contains(|c: char| c.is_ascii_digit()) || unit.len() == 1 => {
                speech::address(&format!("Apt {unit}"))
            }
            Some(unit) => format!("the {}", speech::plain(unit)),
            None => "the one without an apartment number".to_owned(),
        }),
        Difference::Bedrooms => Some(format!("{} at {}", home(rental), short_address(rental))),
        Difference::Number => parts
            .number
            .map(|number| format!("number {}", speech::address(&number))),
        Difference::Rent => rent(rental).map(|rent| format!("the one for {rent}")),
        Difference::Address => None,
    };
    told.unwrap_or_else(|| short_address(rental))
}

/// "the two bedroom", "the studio", "the one".
pub(super) fn home(rental: &Rental) -> String {
    match rental.bedrooms {
        Some(0) => "the studio".to_owned(),
        Some(count) => format!("the {} bedroom", speech::cardinal(i64::from(count))),
        None => "the one".to_owned(),
    }
}

/// A rental among others: "the two bedroom at fourteen Mill Lane".
pub(super) fn in_a_list(rental: &Rental, with_rent: bool) -> String {
    let home = format!("{} at {}", home(rental), short_address(rental));
    match rent(rental).filter(|_| with_rent) {
        Some(rent) => format!("{home} for {rent}"),
        None => home,
    }
}

/// The rent in whole dollars, as people say it; cents when there are some.
pub(super) fn rent(rental: &Rental) -> Option<String> {
    rental
        .price
        .map(|price| speech::cents(i64::from(price.cents())))
}

/// The street and the unit of a rental.
pub(super) fn short_address(rental: &Rental) -> String {
    let address = street_and_unit(&rental.property_address);
    if address.is_empty() {
        "an address that I cannot say".to_owned()
    } else {
        address
    }
}

/// The street and the unit of an address, without the town.
pub(super) fn street_and_unit(address: &str) -> String {
    let mut parts = address.split([',', ';', '\n']).map(str::trim);
    let street = parts.next().unwrap_or_default();
    let unit = parts.next().filter(|part| {
        let is_number = part.contains(|c: char| c.is_ascii_digit()) || part.starts_with('#');
        let has_unit = address_parts(&format!("1 Any Street, {part}"))
            .unit
            .is_some();
        is_number || has_unit
    });
    match unit {
        Some(unit) => speech::address_within(&format!("{street}, {unit}"), ADDRESS_LIMIT),
        None => speech::address_within(street, ADDRESS_LIMIT),
    }
}

/// The house without its unit.
fn house(rental: &Rental) -> String {
    let parts = rental.property_address.split([',', ';', '\n', '#']);
    let street = parts
        .map(str::trim)
        .find(|part| !part.is_empty())
        .unwrap_or_default();
    speech::address_within(street, ADDRESS_LIMIT)
}

/// When it can be had: "available now", "available from Tuesday, December first".
pub(super) fn availability(rental: &Rental, today: Date) -> String {
    match rental.available_date {
        _ if rental.off_market => "no longer available".to_owned(),
        Some(AvailableDate::On(date)) if date > today => {
            format!("available from {}", speech::date(date, today))
        }
        Some(AvailableDate::Now | AvailableDate::On(_)) => "available now".to_owned(),
        None => "not dated yet".to_owned(),
    }
}

/// The zone that a rental is in, if it names one.
pub(super) fn zone(rental: &Rental) -> Option<TimeZone> {
    let name = rental.time_zone.as_deref()?;
    TimeZone::get(name).ok()
}

/// The first of some answers that a voice can say in one breath, else the last.
pub(super) fn fitting(answers: &[String]) -> String {
    let fits = |answer: &&String| answer.chars().count() <= ANSWER_LIMIT;
    let found = answers.iter().find(fits).or(answers.last());
    found.cloned().unwrap_or_default()
}
