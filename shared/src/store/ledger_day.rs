//! One day of one staff member's ledger: which seats are on it, and whether another
//! fits. Pure; the conditional writes are in `ledger`.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan, civil};
use serde::{Deserialize, Serialize};

use super::appointments::Seat;
use super::ledger::{SeatChange, Taken};
use super::place::Place;
use crate::ids::{AppointmentId, UserId};
use crate::scheduling::{Interval, Travel, Way};

/// Days after which the row of a day is deleted by TTL.
const KEPT_DAYS: i64 = 60;

/// Stands between the appointment and the seat's number in the key of an entry.
const SEPARATOR: char = '#';

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Day {
    user_id: UserId,
    #[serde(rename = "day")]
    pub(super) date: civil::Date,
    pub(super) version: i64,
    entries: HashMap<String, Entry>,
    /// Epoch seconds; the table's TTL attribute.
    expires_at: i64,
}

/// A seat. All times are epoch seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    start: i64,
    end: i64,
    /// Seconds of that which are buffers, before the viewing and after it.
    #[serde(default)]
    before: i64,
    #[serde(default)]
    after: i64,
    /// A hold lapses by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hold_until: Option<i64>,
    /// Where it is; somewhere unknown without, as of seats from before places were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
}

impl Day {
    pub(super) fn empty(user: &UserId, date: civil::Date) -> Self {
        Self {
            user_id: user.clone(),
            date,
            version: 0,
            entries: HashMap::new(),
            expires_at: expiry(date),
        }
    }

    /// The day after the changes, one version on and without lapsed holds; none when
    /// a seat that is to be taken is somebody else's.
    pub(super) fn changed(
        mut self,
        id: &AppointmentId,
        place: Option<&Place>,
        changes: &[SeatChange<'_>],
        now: Timestamp,
    ) -> Option<Self> {
        self.entries.retain(|_, entry| !entry.lapsed(now));
        for change in changes {
            let key = seat_key(id, change.seat());
            match change {
                SeatChange::Take { seat, hold_until } => {
                    if !self.has_room(id, place, seat, now) {
                        return None;
                    }
                    self.entries
                        .insert(key, Entry::of(seat, place, *hold_until));
                }
                SeatChange::Force(seat) => {
                    self.entries.insert(key, Entry::of(seat, place, None));
                }
                SeatChange::Keep(_) => self.entries.get_mut(&key)?.hold_until = None,
                SeatChange::Free(_) => {
                    self.entries.remove(&key);
                }
            }
        }
        self.version += 1;
        Some(self)
    }

    /// Whether nobody else's seat on this day is in the way of one there, or so near
    /// that it cannot be reached in time.
    pub(super) fn has_room(
        &self,
        id: &AppointmentId,
        place: Option<&Place>,
        seat: &Seat,
        now: Timestamp,
    ) -> bool {
        let wanted = Entry::of(seat, place, None);
        let mut others = self.entries.iter();
        !others.any(|(key, other)| {
            owner(key) != id.as_str()
                && !other.lapsed(now)
                && other.meets(&wanted, seat.travel.as_ref())
        })
    }

    /// What is taken or held at `now`, each by the key of its seat.
    pub(super) fn taken(self, now: Timestamp) -> impl Iterator<Item = (String, Taken)> {
        let live = self.entries.into_iter();
        let live = live.filter(move |(_, entry)| !entry.lapsed(now));
        live.filter_map(|(key, entry)| {
            let taken = entry.taken(&key)?;
            Some((key, taken))
        })
    }
}

impl Entry {
    fn of(seat: &Seat, place: Option<&Place>, hold_until: Option<Timestamp>) -> Self {
        let (start, end) = (
            seat.blocked.start().as_second(),
            seat.blocked.end().as_second(),
        );
        Self {
            start,
            end,
            before: seat.viewing.start().as_second() - start,
            after: end - seat.viewing.end().as_second(),
            hold_until: hold_until.map(Timestamp::as_second),
            place: place.cloned(),
        }
    }

    fn taken(&self, key: &str) -> Option<Taken> {
        let instant = |second: i64| Timestamp::from_second(second).ok();
        let (start, end) = self.viewing();
        let (start, end) = (instant(start)?, instant(end)?);
        let minutes = |seconds: i64| u32::try_from(seconds / 60).unwrap_or(0);
        Some(Taken {
            appointment_id: AppointmentId::new(owner(key)),
            viewing: Interval::new(start, end).ok()?,
            before_minutes: minutes(self.before),
            after_minutes: minutes(self.after),
            place: self.place.clone(),
        })
    }

    fn lapsed(&self, now: Timestamp) -> bool {
        self.hold_until
            .is_some_and(|until| until <= now.as_second())
    }

    /// The first and the last second of the viewing itself.
    fn viewing(&self) -> (i64, i64) {
        (
            self.start.saturating_add(self.before),
            self.end.saturating_sub(self.after),
        )
    }

    /// Whether both cannot be had by one staff member who travels like that: buffers
    /// overlap, or the time between the viewings is shorter than the way.
    fn meets(&self, other: &Self, travel: Option<&Travel>) -> bool {
        let buffers_overlap = self.start < other.end && other.start < self.end;
        let places = self.place.as_ref().zip(other.place.as_ref());
        let way = places.zip(travel);
        match way.map(|((one, other), travel)| one.way_to(other, travel)) {
            None => buffers_overlap,
            Some(Way::SameDoor) => self.seconds_to(other) < 0,
            Some(Way::Minutes(minutes)) => {
                buffers_overlap || self.seconds_to(other) < i64::from(minutes) * 60
            }
        }
    }

    /// The seconds from the end of the earlier viewing to the start of the later one;
    /// negative when they overlap.
    fn seconds_to(&self, other: &Self) -> i64 {
        let ((start, end), (other_start, other_end)) = (self.viewing(), other.viewing());
        start
            .saturating_sub(other_end)
            .max(other_start.saturating_sub(end))
    }
}

/// The key of a seat's entry.
pub(super) fn seat_key(id: &AppointmentId, seat: &Seat) -> String {
    format!("{id}{SEPARATOR}{}", seat.number)
}

fn owner(key: &str) -> &str {
    key.rsplit_once(SEPARATOR).map_or(key, |(id, _)| id)
}

/// The UTC days that an interval touches.
pub(super) fn days_of(interval: Interval) -> Vec<civil::Date> {
    let date = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let last_instant = interval
        .end()
        .checked_sub(SignedDuration::from_nanos(1))
        .map_or(interval.start(), |at| at.max(interval.start()));
    let (first, last) = (date(interval.start()), date(last_instant));
    first
        .series(1.day())
        .take_while(|day| *day <= last)
        .collect()
}

/// When the row of a day may go.
pub(super) fn expiry(day: civil::Date) -> i64 {
    day.to_zoned(TimeZone::UTC)
        .ok()
        .and_then(|start| {
            start
                .timestamp()
                .as_second()
                .checked_add(KEPT_DAYS * 86_400)
        })
        .unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RentalId;
    use crate::scheduling::Position;
    use proptest::prelude::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 / 86_400 * 86_400 + minute * 60).unwrap()
    }

    fn seat(number: u32, from: i64, minutes: i64, buffer: i64) -> Seat {
        let interval = |from, until| Interval::new(at(from), at(until)).unwrap();
        Seat {
            number,
            viewing: interval(from, from + minutes),
            blocked: interval(from - buffer, from + minutes + buffer),
            travel: Some(TRAVEL),
        }
    }

    const TRAVEL: Travel = Travel {
        speed_kmh: 60,
        extra_minutes: 5,
        stack_same_property: true,
    };

    /// One of the properties that stand in a row, 11.12 kilometres from each other.
    fn place(number: u8) -> Place {
        Place {
            property: RentalId::new(format!("r{number}")),
            position: Position::from_degrees(0.0, f64::from(number) / 10.0),
        }
    }

    fn empty() -> Day {
        Day::empty(&UserId::new("dana"), civil::date(2026, 11, 24))
    }

    fn take(day: &Day, id: &str, seat: &Seat, hold: Option<i64>, now: i64) -> Option<Day> {
        let hold_until = hold.map(at);
        let change = SeatChange::Take { seat, hold_until };
        day.clone()
            .changed(&AppointmentId::new(id), None, &[change], at(now))
    }

    fn take_at(day: &Day, id: &str, place: Option<&Place>, seat: &Seat) -> Option<Day> {
        let hold_until = None;
        let change = SeatChange::Take { seat, hold_until };
        day.clone()
            .changed(&AppointmentId::new(id), place, &[change], at(0))
    }

    #[test]
    fn a_seat_is_had_by_one_until_its_hold_lapses() {
        let day = take(&empty(), "a", &seat(0, 600, 30, 15), Some(5), 0).unwrap();
        for (from, free) in [
            (570, false),
            (556, false),
            (645, false),
            (660, true),
            (540, true),
        ] {
            let other = take(&day, "b", &seat(0, from, 30, 15), None, 4);
            assert_eq!(other.is_some(), free, "{from}");
        }
        assert!(take(&day, "b", &seat(0, 600, 30, 15), None, 5).is_some());
    }

    #[test]
    fn an_appointment_is_not_in_its_own_way() {
        let id = AppointmentId::new("a");
        let (old, new) = (seat(0, 600, 30, 15), seat(1, 615, 30, 15));
        let day = take(&empty(), "a", &old, None, 0).unwrap();
        let day = take(&day, "a", &new, None, 0).unwrap();
        assert_eq!(day.clone().taken(at(0)).count(), 2);
        let free = [SeatChange::Free(&old)];
        let day = day.changed(&id, None, &free, at(0)).unwrap();
        let taken: Vec<Taken> = day.taken(at(0)).map(|(_, taken)| taken).collect();
        assert_eq!((taken.len(), taken[0].viewing), (1, new.viewing));
        assert_eq!((taken[0].before_minutes, taken[0].after_minutes), (15, 15));
    }

    /// Seventeen minutes from one to the next in the row, and twenty eight over two.
    #[test]
    fn a_seat_is_had_only_if_it_can_be_reached_from_the_others_in_time() {
        let (mill, next, far) = (place(0), place(1), place(2));
        let held = take_at(&empty(), "a", Some(&mill), &seat(0, 600, 30, 0)).unwrap();
        for (to, from, minutes, free) in [
            (Some(&next), 646, 30, false),
            (Some(&next), 647, 30, true),
            (Some(&next), 554, 30, false),
            (Some(&next), 553, 30, true),
            (Some(&far), 657, 30, false),
            (Some(&far), 658, 30, true),
            (Some(&mill), 630, 30, true),
            (Some(&mill), 629, 30, false),
            (None, 630, 30, true),
        ] {
            let other = take_at(&held, "b", to, &seat(0, from, minutes, 0));
            assert_eq!(other.is_some(), free, "{to:?} {from}");
        }
        // Buffers count where they are longer, but not at the same door.
        let held = take_at(&empty(), "a", Some(&mill), &seat(0, 600, 30, 15)).unwrap();
        for (to, from, free) in [
            (&next, 659, false),
            (&next, 660, true),
            (&mill, 630, true),
            (&mill, 615, false),
        ] {
            let other = take_at(&held, "b", Some(to), &seat(0, from, 30, 15));
            assert_eq!(other.is_some(), free, "{to:?} {from}");
        }
    }

    #[test]
    fn a_seat_from_before_places_were_kept_is_somewhere_unknown() {
        let stored = r#"{"user_id": "dana", "day": "2026-11-24", "version": 3, "expires_at": 1,
            "entries": {"a#0": {"start": 1795000000, "end": 1795001800}}}"#;
        let day: Day = serde_json::from_str(stored).unwrap();
        let [(_, taken)] = day.taken(at(0)).collect::<Vec<_>>().try_into().unwrap();
        assert_eq!((taken.place, taken.before_minutes), (None, 0));
    }

    #[test]
    fn what_lapsed_cannot_be_kept() {
        let (id, held) = (AppointmentId::new("a"), seat(0, 600, 30, 0));
        let day = take(&empty(), "a", &held, Some(5), 0).unwrap();
        let keep = |now| {
            day.clone()
                .changed(&id, None, &[SeatChange::Keep(&held)], at(now))
        };
        assert!(keep(4).is_some());
        assert!(keep(5).is_none());
    }

    #[test]
    fn an_interval_touches_the_days_that_it_has_a_moment_of() {
        for (start, end, expected) in [
            ("2026-11-24T16:00:00Z", "2026-11-24T16:30:00Z", 1),
            ("2026-11-24T23:30:00Z", "2026-11-25T00:00:00Z", 1),
            ("2026-11-24T23:45:00Z", "2026-11-25T00:15:00Z", 2),
            ("2026-11-24T00:00:00Z", "2026-11-27T00:00:00Z", 3),
        ] {
            let interval = Interval::new(start.parse().unwrap(), end.parse().unwrap()).unwrap();
            assert_eq!(days_of(interval).len(), expected, "{start} {end}");
        }
    }

    /// DynamoDB counts the bytes of names and values, which JSON has all of.
    #[test]
    fn a_full_day_is_far_below_the_limit_of_an_item() {
        let user = UserId::new("u".repeat(128));
        let mut day = Day::empty(&user, civil::date(2026, 11, 24));
        for minute in 0..288 {
            let id = AppointmentId::new(format!("3f732875-0169-8f9d-804d-b82b8ac2{minute:04}"));
            let seat = seat(9, minute * 5, 5, 0);
            let take = SeatChange::Take {
                seat: &seat,
                hold_until: Some(at(2000)),
            };
            let place = Place {
                property: RentalId::new("r".repeat(36)),
                position: Position::from_degrees(-41.878_114, -123.629_798),
            };
            day = day.changed(&id, Some(&place), &[take], at(0)).unwrap();
        }
        let bytes = serde_json::to_string(&day).unwrap().len();
        println!("a day of 288 viewings takes {bytes} bytes");
        assert!(bytes < 400 * 1024 / 5, "{bytes}");
    }

    impl Entry {
        /// Whether nobody could be at both, said anew: in whole minutes of the row.
        fn is_too_near(&self, other: &Self) -> bool {
            let house = |entry: &Self| {
                let property = entry.place.as_ref()?.property.to_string();
                property.strip_prefix('r')?.parse::<i64>().ok()
            };
            let ((start, end), (from, until)) = (self.viewing(), other.viewing());
            let (way, touch) = match house(self).zip(house(other)) {
                None => (0, true),
                Some((one, other)) if one == other => (0, false),
                Some((one, other)) if (one - other).abs() == 1 => (17 * 60, true),
                Some(_) => (28 * 60, true),
            };
            let is_too_short = start < until + way && from < end + way;
            is_too_short || (touch && self.start < other.end && other.start < self.end)
        }
    }

    proptest! {
        /// Whatever is taken, freed and lapsed in whatever order: what stands does not
        /// overlap, and can be driven to.
        #[test]
        fn what_stands_never_overlaps_and_can_be_driven_to(
            steps in prop::collection::vec((0_u8..6, 0_u32..3, 0_i64..300, 5_i64..90, 0_i64..30, any::<bool>()), 0..40),
        ) {
            let mut day = empty();
            for (now, (who, number, from, minutes, buffer, frees)) in (0..).zip(steps) {
                // The last of them shows something that is not in the inventory, and each
                // property is shown by two of the others.
                let shown = (who < 5).then(|| place(who / 2));
                let seat = seat(number, from, minutes, buffer);
                let id = AppointmentId::new(format!("a{who}"));
                let change = if frees {
                    SeatChange::Free(&seat)
                } else {
                    SeatChange::Take { seat: &seat, hold_until: (who % 2 == 0).then(|| at(now + 5)) }
                };
                let next = day.clone().changed(&id, shown.as_ref(), &[change], at(now));
                if let Some(next) = next {
                    day = next;
                }
                let live: Vec<(&String, &Entry)> =
                    day.entries.iter().filter(|(_, entry)| !entry.lapsed(at(now))).collect();
                for (one, entry) in &live {
                    let meets = |(other, with): &(&String, &Entry)| {
                        owner(one) != owner(other) && entry.is_too_near(with)
                    };
                    prop_assert!(!live.iter().any(meets));
                }
            }
        }
    }
}
