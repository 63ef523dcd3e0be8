//! Where a viewing is, as far as it matters to the next one: which property, and where
//! on the Earth. What is not in the inventory is somewhere unknown, and has no place.

use serde::{Deserialize, Serialize};

use super::rental::Rental;
use crate::ids::RentalId;
use crate::scheduling::{Position, Travel, Way};

/// The property that a viewing is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub property: RentalId,
    /// Unknown while the inventory has no latitude and longitude of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

impl Place {
    /// The way between two places, for somebody who travels like that; one that takes no
    /// time where a position is unknown.
    pub fn way_to(&self, other: &Self, travel: &Travel) -> Way {
        if self.property == other.property {
            return if travel.stack_same_property {
                Way::SameDoor
            } else {
                Way::Minutes(0)
            };
        }
        let positions = self.position.zip(other.position);
        Way::Minutes(positions.map_or(0, |(one, other)| travel.minutes(one, other)))
    }
}

impl From<&Rental> for Place {
    fn from(rental: &Rental) -> Self {
        let degrees = rental.latitude.zip(rental.longitude);
        Self {
            property: rental.id.clone(),
            position: degrees
                .and_then(|(latitude, longitude)| Position::from_degrees(latitude, longitude)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(property: &str, longitude: Option<f64>) -> Place {
        Place {
            property: RentalId::new(property),
            position: longitude.and_then(|degrees| Position::from_degrees(41.9, degrees)),
        }
    }

    #[test]
    fn the_way_depends_on_which_properties_and_where_they_are() {
        let (mill, maple) = (place("mill", Some(-87.6)), place("maple", Some(-87.7)));
        let beside = place("beside", Some(-87.6));
        let unknown = place("unknown", None);
        let travel = Travel {
            extra_minutes: 5,
            ..Travel::default()
        };
        let stacked = Travel {
            stack_same_property: true,
            ..travel
        };
        for (one, other, way, way_stacked) in [
            (&mill, &maple, Way::Minutes(17 + 5), Way::Minutes(17 + 5)),
            (&mill, &mill, Way::Minutes(0), Way::SameDoor),
            (&unknown, &unknown, Way::Minutes(0), Way::SameDoor),
            // Another flat of the house is another property.
            (&mill, &beside, Way::Minutes(0), Way::Minutes(0)),
            (&mill, &unknown, Way::Minutes(0), Way::Minutes(0)),
        ] {
            for (one, other) in [(one, other), (other, one)] {
                assert_eq!(one.way_to(other, &travel), way, "{one:?} {other:?}");
                assert_eq!(
                    one.way_to(other, &stacked),
                    way_stacked,
                    "{one:?} {other:?}"
                );
            }
        }
    }
}
