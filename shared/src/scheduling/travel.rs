//! How long the way between two properties takes: as the crow flies, at a speed that
//! the staff member chose, in whole minutes.
//!
//! The way by road is longer than the straight line, by about 1.3 times in a town;
//! that and the traffic are what the chosen speed stands for. Rounding is up, so that
//! nobody is late by it.

use serde::{Deserialize, Serialize};

/// A longer way counts as one of this length. The ledger looks as far around a viewing
/// when it is claimed.
pub const LONGEST_WAY_MINUTES: u32 = 24 * 60;

/// Nobody gets from door to door faster than this, in kilometres an hour.
const FASTEST_KMH: u32 = 200;

/// The mean radius of the Earth in kilometres (IUGG, R1).
const EARTH_RADIUS_KM: f64 = 6_371.008_8;

/// A point on the Earth, in millionths of a degree, which is a tenth of a metre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    latitude: i32,
    longitude: i32,
}

/// How a staff member gets from one viewing to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Travel {
    /// Kilometres of the straight line in an hour.
    pub speed_kmh: u32,
    /// What every way takes besides: to park, to find the door.
    #[serde(default)]
    pub extra_minutes: u32,
    /// Viewings of the same property may follow each other without buffers.
    #[serde(default)]
    pub stack_same_property: bool,
}

/// What lies between two viewings; the longer way is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Way {
    /// They are at one door, and may follow each other at once: no gap, neither pad nor
    /// buffer.
    SameDoor,
    /// The gap is at least so many minutes, whatever pads and buffers add up to.
    Minutes(u32),
}

impl Default for Way {
    /// One that takes no time.
    fn default() -> Self {
        Self::Minutes(0)
    }
}

impl Default for Travel {
    /// Thirty kilometres an hour, about forty by road in a town; nothing besides.
    fn default() -> Self {
        Self {
            speed_kmh: 30,
            extra_minutes: 0,
            stack_same_property: false,
        }
    }
}

impl Travel {
    /// How the same person would travel if every way were as straight and fast as none is:
    /// no way takes less.
    #[must_use]
    pub fn at_best(self) -> Self {
        Self {
            speed_kmh: FASTEST_KMH,
            ..self
        }
    }

    /// The whole minutes of the way from one point to another, or back.
    ///
    /// ```
    /// use shared::scheduling::{Position, Travel};
    ///
    /// let travel = Travel { speed_kmh: 30, extra_minutes: 5, ..Travel::default() };
    /// let downtown = Position::from_degrees(41.8781, -87.6298).unwrap();
    /// let evanston = Position::from_degrees(42.0451, -87.6877).unwrap();
    /// // 19.2 kilometres are 38.4 minutes.
    /// assert_eq!(travel.minutes(downtown, evanston), 39 + 5);
    /// assert_eq!(travel.minutes(downtown, downtown), 0);
    /// ```
    pub fn minutes(&self, one: Position, other: Position) -> u32 {
        if one == other {
            return 0;
        }
        let minutes = one.kilometres_to(other) / f64::from(self.speed_kmh) * 60.0;
        // From a float this saturates, also at a speed of nothing.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a distance is not negative, and what is too long is cut off below"
        )]
        let minutes = minutes.ceil() as u32;
        minutes
            .saturating_add(self.extra_minutes)
            .min(LONGEST_WAY_MINUTES)
    }
}

impl Position {
    /// Its latitude and longitude in degrees.
    pub fn degrees(self) -> (f64, f64) {
        let degrees = |millionths: i32| f64::from(millionths) / 1e6;
        (degrees(self.latitude), degrees(self.longitude))
    }

    /// The point at that latitude and longitude; none where there is no such point.
    pub fn from_degrees(latitude: f64, longitude: f64) -> Option<Self> {
        let within = |degrees: f64, limit: f64| (-limit..=limit).contains(&degrees);
        (within(latitude, 90.0) && within(longitude, 180.0)).then(|| Self {
            latitude: millionths(latitude),
            longitude: millionths(longitude),
        })
    }

    /// The great-circle distance by the haversine formula, which is exact for short ways
    /// too, where the one by cosines is not.
    fn kilometres_to(self, other: Self) -> f64 {
        let radians = |millionths: i32| f64::from(millionths).to_radians() / 1e6;
        let half_sine = |one: i32, other: i32| ((radians(other) - radians(one)) / 2.0).sin();
        let (across, along) = (
            half_sine(self.longitude, other.longitude),
            half_sine(self.latitude, other.latitude),
        );
        let narrowing = radians(self.latitude).cos() * radians(other.latitude).cos();
        let haversine = along * along + narrowing * across * across;
        2.0 * EARTH_RADIUS_KM * haversine.clamp(0.0, 1.0).sqrt().asin()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "180 million is far within the range"
)]
fn millionths(degrees: f64) -> i32 {
    (degrees * 1e6).round() as i32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at((latitude, longitude): (f64, f64)) -> Position {
        Position::from_degrees(latitude, longitude).unwrap()
    }

    /// The distances are those of the spherical law of cosines, worked out elsewhere.
    #[test]
    fn minutes_follow_from_distance_and_speed() {
        const CHICAGO: (f64, f64) = (41.8781, -87.6298);
        for (one, other, speed_kmh, extra_minutes, minutes, why) in [
            (CHICAGO, CHICAGO, 30, 5, 0, "no way at all"),
            (
                (0.0, 0.0),
                (0.0, 1.0),
                60,
                0,
                112,
                "111.195 km of the equator",
            ),
            (
                (0.0, 0.0),
                (1.0, 0.0),
                60,
                0,
                112,
                "111.195 km of a meridian",
            ),
            (
                (60.0, 10.0),
                (60.0, 11.0),
                60,
                0,
                56,
                "55.597 km: half as much at sixty north",
            ),
            (
                (0.0, 179.5),
                (0.0, -179.5),
                60,
                0,
                112,
                "over the line of the date",
            ),
            (
                CHICAGO,
                (41.8781, -87.6297),
                30,
                0,
                1,
                "8 metres take a minute",
            ),
            (
                CHICAGO,
                (41.8781, -87.6297),
                30,
                5,
                6,
                "and what every way takes",
            ),
            (CHICAGO, (42.0451, -87.6877), 30, 0, 39, "19.177 km"),
            (CHICAGO, (42.0451, -87.6877), 60, 0, 20, "twice as fast"),
            (
                CHICAGO,
                (43.0389, -87.9065),
                60,
                0,
                132,
                "131.056 km to Milwaukee",
            ),
            (
                CHICAGO,
                (34.0522, -118.2437),
                30,
                0,
                1440,
                "2,804 km: longer than a day",
            ),
            ((90.0, 0.0), (-90.0, 0.0), 30, 0, 1440, "half around"),
            (
                CHICAGO,
                (42.0451, -87.6877),
                0,
                0,
                1440,
                "at no speed at all",
            ),
        ] {
            let travel = Travel {
                speed_kmh,
                extra_minutes,
                stack_same_property: false,
            };
            assert_eq!(travel.minutes(at(one), at(other)), minutes, "{why}");
        }
    }

    #[test]
    fn what_is_nowhere_is_no_position() {
        for (latitude, longitude) in [
            (90.1, 0.0),
            (0.0, -180.1),
            (f64::NAN, 0.0),
            (0.0, f64::INFINITY),
        ] {
            let position = Position::from_degrees(latitude, longitude);
            assert_eq!(position, None, "{latitude} {longitude}");
        }
    }

    fn anywhere() -> impl Strategy<Value = Position> {
        (-90.0..=90.0_f64, -180.0..=180.0_f64).prop_map(at)
    }

    proptest! {
        /// Neither way is longer than the other, and a stop on the way saves nothing, so
        /// that to compare a viewing with all others is no stricter than with its
        /// neighbours.
        #[test]
        fn the_way_is_as_long_back_and_a_stop_saves_nothing(
            one in anywhere(), stop in anywhere(), other in anywhere(),
            speed_kmh in 5..130_u32, extra_minutes in 0..60_u32,
        ) {
            let travel = Travel { speed_kmh, extra_minutes, stack_same_property: false };
            let way = travel.minutes(one, other);
            prop_assert_eq!(travel.minutes(other, one), way);
            prop_assert!(travel.minutes(one, stop) + travel.minutes(stop, other) >= way);
        }
    }
}
