//! What it takes a staff member to get to a new viewing from those that they have.

use crate::roads::Drives;
use crate::scheduling::{Busy, LONGEST_WAY_MINUTES, Travel, Way, When};
use crate::store::{Place, Taken};

/// Where a new viewing may be, and how its staff member gets there.
#[derive(Clone, Debug)]
pub(super) struct Trip<'a> {
    /// Without it, ways take no time.
    pub(super) travel: Option<Travel>,
    /// Several while it is not known which of them is meant: the time must do for each.
    /// None when it is somewhere unknown.
    pub(super) places: &'a [Place],
    /// What is known of the roads between.
    pub(super) drives: Drives,
}

impl Trip<'_> {
    /// Puts what the ledger knows beside what is in the calendar.
    pub(super) fn add(&self, busy: &mut Vec<Busy>, taken: &Taken) {
        let own = self.own(taken);
        // The calendar shows the same viewing as an event, which knows of no property.
        let when = When::At(taken.viewing);
        if own.way == Way::SameDoor
            && let Some(event) = busy
                .iter()
                .position(|event| event.when == when && !event.own)
        {
            busy.swap_remove(event);
        }
        busy.push(own);
    }

    fn own(&self, taken: &Taken) -> Busy {
        let mut busy = Busy::at(taken.viewing);
        busy.own = true;
        busy.pad_before_minutes = taken.before_minutes;
        busy.pad_after_minutes = taken.after_minutes;
        if let (Some(travel), Some(from)) = (self.travel, &taken.place) {
            let ways = self.places.iter().map(|to| self.way(from, to, &travel));
            busy.way = ways.max().unwrap_or_default();
        }
        busy
    }

    /// The way by road where that is known, else as the crow flies.
    fn way(&self, from: &Place, to: &Place, travel: &Travel) -> Way {
        let positions = from.position.zip(to.position);
        let drive = positions.and_then(|(from, to)| self.drives.minutes(from, to));
        match (drive, from.way_to(to, &travel.at_best())) {
            // A claim keeps the way at its best clear, so no offer is of less.
            (Some(minutes), Way::Minutes(at_best)) if at_best > 0 => {
                let minutes = minutes.saturating_add(travel.extra_minutes);
                Way::Minutes(minutes.clamp(at_best, LONGEST_WAY_MINUTES))
            }
            _ => from.way_to(to, travel),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::ids::{AppointmentId, RentalId};
    use crate::scheduling::{Interval, Position};

    fn place(property: &str, longitude: f64) -> Place {
        Place {
            property: RentalId::new(property),
            position: Position::from_degrees(0.0, longitude),
        }
    }

    fn taken(place: Option<Place>) -> Taken {
        Taken {
            appointment_id: AppointmentId::new("a"),
            viewing: Interval::lasting(Timestamp::UNIX_EPOCH, 30),
            before_minutes: 5,
            after_minutes: 10,
            place,
        }
    }

    const STACKING: Travel = Travel {
        speed_kmh: 60,
        extra_minutes: 0,
        stack_same_property: true,
    };

    /// A tenth of a degree is 11.12 kilometres.
    #[test]
    fn a_time_must_do_for_every_place_that_may_be_meant() {
        let [mill, beside] = ["mill", "beside"].map(|property| place(property, 0.0));
        let (near, far) = (place("near", 0.1), place("far", 0.2));
        for (travel, from, to, way) in [
            (None, Some(&mill), vec![far.clone()], Way::Minutes(0)),
            (Some(STACKING), None, vec![far.clone()], Way::Minutes(0)),
            (Some(STACKING), Some(&mill), vec![], Way::Minutes(0)),
            (
                Some(STACKING),
                Some(&mill),
                vec![near.clone()],
                Way::Minutes(12),
            ),
            (
                Some(STACKING),
                Some(&mill),
                vec![far, near],
                Way::Minutes(23),
            ),
            (
                Some(STACKING),
                Some(&mill),
                vec![mill.clone()],
                Way::SameDoor,
            ),
            (
                Some(STACKING),
                Some(&mill),
                vec![beside, mill.clone()],
                Way::Minutes(0),
            ),
        ] {
            let trip = Trip {
                travel,
                places: &to,
                drives: Drives::default(),
            };
            let own = trip.own(&taken(from.cloned()));
            assert_eq!(own.way, way, "{from:?} {to:?}");
            assert_eq!((own.pad_before_minutes, own.pad_after_minutes), (5, 10));
        }
    }

    #[test]
    fn the_event_of_a_viewing_at_the_same_door_is_not_in_the_way_of_the_next() {
        let mill = place("mill", 0.0);
        let viewing = taken(Some(mill.clone()));
        let event = Busy::at(viewing.viewing);
        let other = Busy::at(Interval::lasting(Timestamp::UNIX_EPOCH, 60));
        let count = |travel, events: &[Busy]| {
            let trip = Trip {
                travel,
                places: std::slice::from_ref(&mill),
                drives: Drives::default(),
            };
            let mut busy = events.to_vec();
            trip.add(&mut busy, &viewing);
            busy.len() - 1
        };
        assert_eq!(count(None, std::slice::from_ref(&event)), 1);
        assert_eq!(count(Some(STACKING), std::slice::from_ref(&event)), 0);
        // Only one: another at that time is somebody else's.
        assert_eq!(count(Some(STACKING), &[event.clone(), event, other]), 2);
    }

    /// As the crow flies it is 11.12 kilometres: 12 minutes, and 4 at best.
    #[test]
    fn the_way_by_road_counts_where_it_is_known() {
        let (here, there) = (place("here", 0.0), place("there", 0.1));
        let (mill, beside) = (place("mill", 0.0), place("beside", 0.0));
        let slow = Travel {
            extra_minutes: 5,
            ..STACKING
        };
        for (travel, from, to, drive, way) in [
            (STACKING, &here, &there, None, Way::Minutes(12)),
            (STACKING, &here, &there, Some(20), Way::Minutes(20)),
            (STACKING, &here, &there, Some(9), Way::Minutes(9)),
            (slow, &here, &there, None, Way::Minutes(12 + 5)),
            (slow, &here, &there, Some(9), Way::Minutes(9 + 5)),
            // Nobody flies there.
            (STACKING, &here, &there, Some(0), Way::Minutes(4)),
            (
                STACKING,
                &here,
                &there,
                Some(u32::MAX),
                Way::Minutes(24 * 60),
            ),
            (STACKING, &mill, &mill, Some(9), Way::SameDoor),
            (STACKING, &mill, &beside, Some(9), Way::Minutes(0)),
        ] {
            let positions = from.position.zip(to.position).unwrap();
            let drives = drive.map(|minutes| (positions.0, positions.1, minutes));
            let trip = Trip {
                travel: Some(travel),
                places: std::slice::from_ref(to),
                drives: drives.into_iter().collect(),
            };
            let own = trip.own(&taken(Some(from.clone())));
            assert_eq!(own.way, way, "{from:?} {to:?} {drive:?}");
        }
    }
}
