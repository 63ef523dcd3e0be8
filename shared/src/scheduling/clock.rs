//! The wall clock of one zone over a limited stretch of time, as the few
//! offsets that apply in it, so that no slot needs a zone lookup.
//!
//! Local times are counted in seconds since 1970-01-01T00:00 on the wall clock
//! and local dates in days since 1970-01-01. A wall time becomes an instant by
//! the "compatible" rule: in a gap it moves forward by the gap, in a fold it is
//! the first of the two.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, date},
    tz::TimeZone,
};

use super::stretch::Stretch;

pub(super) const DAY: i64 = 24 * 60 * 60;

/// More hours than there are between any two dates.
const MAX_HOURS: i64 = 24 * 366 * 20_000;

/// A zone's offsets, exact within the stretch it was made for and continued
/// unchanged beyond.
#[derive(Debug)]
pub(super) struct LocalClock {
    earlier: Vec<Piece>,
    last: Piece,
}

/// A stretch with one offset.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    start: i64,
    pub(super) end: i64,
    offset: i64,
}

impl Piece {
    pub(super) fn day_of(self, instant: i64) -> i64 {
        (instant + self.offset).div_euclid(DAY)
    }
}

impl LocalClock {
    pub(super) fn new(zone: &TimeZone, within: Stretch) -> Self {
        let from = timestamp(within.start);
        let mut earlier = Vec::new();
        let mut last = Piece {
            start: i64::MIN,
            end: i64::MAX,
            offset: zone.to_offset(from).seconds().into(),
        };
        for transition in zone.following(from) {
            let start = transition.timestamp().as_second();
            if start > within.end {
                break;
            }
            let offset = transition.offset().seconds().into();
            if offset != last.offset {
                earlier.push(Piece { end: start, ..last });
                last = Piece {
                    start,
                    offset,
                    ..last
                };
            }
        }
        Self { earlier, last }
    }

    /// The piece that holds the instant.
    pub(super) fn piece_at(&self, instant: i64) -> Piece {
        let index = self.earlier.partition_point(|piece| piece.end <= instant);
        self.earlier.get(index).copied().unwrap_or(self.last)
    }

    /// The local date of an instant.
    pub(super) fn day_of(&self, instant: i64) -> i64 {
        self.piece_at(instant).day_of(instant)
    }

    /// The instant of a wall time.
    pub(super) fn instant(&self, local: i64) -> i64 {
        let mut offset_before = self.last.offset;
        for piece in self.earlier.iter().chain([&self.last]) {
            let instant = local - piece.offset;
            if instant < piece.start {
                return local - offset_before;
            }
            if instant < piece.end {
                return instant;
            }
            offset_before = piece.offset;
        }
        local - self.last.offset
    }

    /// The instant of the midnight that begins a local date.
    pub(super) fn midnight(&self, day: i64) -> i64 {
        self.instant(day * DAY)
    }

    /// The instant of a minute counted from the midnight that begins a date.
    pub(super) fn minute_of(&self, day: i64, minute: u16) -> i64 {
        self.instant(day * DAY + i64::from(minute) * 60)
    }

    /// The first instant at or after this one whose wall time, counted in
    /// seconds from the hour, is a multiple of `step`; `step` divides an hour.
    pub(super) fn round_up(&self, mut instant: i64, step: i64) -> i64 {
        loop {
            let piece = self.piece_at(instant);
            let past = (instant + piece.offset).rem_euclid(step);
            let rounded = if past == 0 {
                instant
            } else {
                instant + step - past
            };
            if rounded < piece.end {
                return rounded;
            }
            instant = piece.end;
        }
    }
}

/// The instant of a whole second, or the nearest that can be represented.
pub(super) fn timestamp(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap_or(if second < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

/// Days from 1970-01-01 to a date.
pub(super) fn day_number(day: Date) -> i64 {
    day.duration_since(date(1970, 1, 1))
        .as_secs()
        .div_euclid(DAY)
}

/// The local date of an instant, by a lookup in the zone itself.
pub(super) fn day_in(zone: &TimeZone, instant: Timestamp) -> i64 {
    let offset = i64::from(zone.to_offset(instant).seconds());
    (super::stretch::floor(instant) + offset).div_euclid(DAY)
}

/// The instant of the midnight that begins a local date, by a lookup in the
/// zone itself.
pub(super) fn midnight_in(zone: &TimeZone, day: i64) -> Timestamp {
    let within = Stretch {
        start: (day - 2) * DAY,
        end: (day + 2) * DAY,
    };
    timestamp(LocalClock::new(zone, within).midnight(day))
}

/// The date of a day number, or the nearest that can be represented.
pub(super) fn date_of(day: i64) -> Date {
    let days = SignedDuration::from_hours(day.saturating_mul(24).clamp(-MAX_HOURS, MAX_HOURS));
    date(1970, 1, 1).saturating_add(days)
}

/// The weekday of a day number, with Monday as 0.
pub(super) fn weekday(day: i64) -> usize {
    // 1970-01-01 was a Thursday.
    usize::try_from((day + 3).rem_euclid(7)).unwrap_or(0)
}

/// The number of the Monday-to-Sunday week that a day is in.
pub(super) fn week_of(day: i64) -> i64 {
    (day + 3).div_euclid(7)
}

#[cfg(test)]
mod tests {
    use jiff::{civil::DateTime, tz::TimeZoneDatabase};

    use super::*;

    fn clock_of(zone: &TimeZone) -> LocalClock {
        let bound = |text: &str| text.parse::<Timestamp>().unwrap().as_second();
        let (start, end) = (bound("2024-12-01T00Z"), bound("2031-02-01T00Z"));
        LocalClock::new(zone, Stretch { start, end })
    }

    /// Every wall-clock quarter of an hour around every transition, in every zone.
    #[test]
    fn agrees_with_jiff_around_every_transition() {
        let database = TimeZoneDatabase::bundled();
        let mut transitions = 0;
        for name in database.available() {
            let zone = database.get(name.as_str()).unwrap();
            let clock = clock_of(&zone);
            let from: Timestamp = "2025-01-01T00Z".parse().unwrap();
            let until: Timestamp = "2031-01-01T00Z".parse().unwrap();
            for transition in zone.following(from).take_while(|t| t.timestamp() < until) {
                transitions += 1;
                let around = transition.timestamp();
                for quarter in -16..16 {
                    let instant = around + SignedDuration::from_mins(quarter * 15);
                    let local = zone.to_datetime(instant);
                    assert_eq!(clock.day_of(instant.as_second()), day_number(local.date()));
                    let expected = zone.to_ambiguous_timestamp(local).compatible().unwrap();
                    assert_eq!(
                        clock.instant(seconds_of(local)),
                        expected.as_second(),
                        "{local} in {}",
                        name.as_str()
                    );
                    let skipped = local + SignedDuration::from_mins(45);
                    let expected = zone.to_ambiguous_timestamp(skipped).compatible().unwrap();
                    assert_eq!(clock.instant(seconds_of(skipped)), expected.as_second());
                }
            }
        }
        assert!(transitions > 1_000, "{transitions} transitions seen");
    }

    fn seconds_of(local: DateTime) -> i64 {
        local
            .duration_since(date(1970, 1, 1).at(0, 0, 0, 0))
            .as_secs()
    }

    #[test]
    fn rounding_up_stays_on_the_wall_clock_across_a_change() {
        let zone = TimeZoneDatabase::bundled()
            .get("Australia/Lord_Howe")
            .unwrap();
        let clock = clock_of(&zone);
        let round = |text: &str, minutes: i64| {
            let second = text.parse::<Timestamp>().unwrap().as_second();
            timestamp(clock.round_up(second, minutes * 60)).to_string()
        };
        // At 02:00 on 5 April 2026 the clock goes back to 01:30.
        assert_eq!(round("2026-04-04T14:00:01Z", 60), "2026-04-04T15:30:00Z");
        assert_eq!(round("2026-04-04T14:30:01Z", 30), "2026-04-04T15:00:00Z");
        assert_eq!(round("2026-04-04T15:00:00Z", 30), "2026-04-04T15:00:00Z");
        // At 02:00 on 4 October 2026 it goes forward to 02:30.
        assert_eq!(round("2026-10-03T15:00:01Z", 60), "2026-10-03T16:00:00Z");
    }

    #[test]
    fn days_and_weeks_are_counted_from_1970() {
        assert_eq!(day_number(date(1969, 12, 31)), -1);
        assert_eq!(day_number(date(1972, 3, 1)), 365 + 365 + 31 + 29);
        let monday = day_number(date(2026, 6, 15));
        assert_eq!((weekday(monday - 1), weekday(monday)), (6, 0));
        assert_eq!(week_of(monday), week_of(monday + 6));
        assert_eq!(week_of(monday) - 1, week_of(monday - 1));
    }

    #[test]
    fn the_ends_of_time_are_no_trouble() {
        for (start, end) in [(i64::MIN, i64::MIN), (i64::MAX, i64::MAX)] {
            let clock = LocalClock::new(&TimeZone::UTC, Stretch { start, end });
            assert_eq!(clock.day_of(0), 0);
        }
        assert!(day_number(Date::MIN) < 0 && day_number(Date::MAX) > 0);
    }
}
