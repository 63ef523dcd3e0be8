//! Whether a rental can be had, as of today where it is.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};

use crate::store::{AvailableDate, Rental};

/// Whether a rental can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    Available,
    /// From a day that is that many days ahead, at least one.
    Upcoming {
        days: i32,
    },
    /// Rented or withdrawn.
    Unavailable,
    /// Nobody has said from when.
    Unknown,
}

impl Availability {
    /// The availability of a rental; `default` is the zone of one that names none.
    pub fn of(rental: &Rental, now: Timestamp, default: &TimeZone) -> Self {
        match rental.available_date {
            _ if rental.off_market => Self::Unavailable,
            None => Self::Unknown,
            Some(AvailableDate::Now) => Self::Available,
            Some(AvailableDate::On(date)) => {
                match days_between(local_date(rental, now, default), date) {
                    days @ 1.. => Self::Upcoming { days },
                    _ => Self::Available,
                }
            }
        }
    }

    /// Its name, as the CRM knows it.
    pub fn status(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Upcoming { .. } => "upcoming",
            Self::Unavailable => "unavailable",
            Self::Unknown => "unknown",
        }
    }

    /// In how many days it can be had, if that is known; 0 is now.
    pub fn days_until(self) -> Option<i32> {
        match self {
            Self::Available => Some(0),
            Self::Upcoming { days } => Some(days),
            Self::Unavailable | Self::Unknown => None,
        }
    }
}

/// Today where a rental is.
pub fn local_date(rental: &Rental, now: Timestamp, default: &TimeZone) -> Date {
    let own = rental.time_zone.as_deref();
    let own = own.and_then(|name| TimeZone::get(name).ok());
    own.as_ref().unwrap_or(default).to_datetime(now).date()
}

/// Dates are at most 20,000 years apart, so there is always such a number.
fn days_between(from: Date, to: Date) -> i32 {
    from.until((Unit::Day, to))
        .map_or(0, |span| span.get_days())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::ids::{RentalId, UserId};
    use crate::store::SourceType;

    /// A rental of which nothing is known but where it is.
    pub(crate) fn rental(address: &str) -> Rental {
        let listed = ("crm", SourceType::Manual);
        let (id, user) = (RentalId::new("r-1"), UserId::new("demo"));
        Rental::new(id, user, address, listed, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_day_begins_when_it_begins_where_the_rental_is() {
        let chicago = TimeZone::get("America/Chicago").unwrap();
        // In Chicago the first of December has not begun, in New York it has.
        let now: Timestamp = "2026-12-01T05:30:00Z".parse().unwrap();
        let on = |date: &str| Some(AvailableDate::On(date.parse().unwrap()));
        for (available_date, time_zone, expected) in [
            (on("2026-12-01"), None, Availability::Upcoming { days: 1 }),
            (
                on("2026-12-01"),
                Some("America/New_York"),
                Availability::Available,
            ),
            (on("2026-11-30"), None, Availability::Available),
            (on("2020-01-01"), None, Availability::Available),
            (on("2027-03-15"), None, Availability::Upcoming { days: 105 }),
            (
                on("9999-12-31"),
                None,
                Availability::Upcoming { days: 2_912_109 },
            ),
            (
                on("2026-12-01"),
                Some("No/Such_Place"),
                Availability::Upcoming { days: 1 },
            ),
            (Some(AvailableDate::Now), None, Availability::Available),
            (None, None, Availability::Unknown),
        ] {
            let mut rental = rental("14 Mill Lane");
            rental.available_date = available_date;
            rental.time_zone = time_zone.map(str::to_owned);
            let found = Availability::of(&rental, now, &chicago);
            assert_eq!(found, expected, "{available_date:?} {time_zone:?}");
            rental.off_market = true;
            let found = Availability::of(&rental, now, &chicago);
            assert_eq!(found, Availability::Unavailable);
        }
    }
}
