//! Which of many open times to offer: few, and not three half hours of one morning.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Up to `limit` of the open starts, in order: as many days as possible, and
/// within a day first its beginning, then its end, then its middle. One day after
/// the other turns to another part, so that mornings and afternoons are on offer.
pub fn spread(slots: &[Timestamp], zone: &TimeZone, limit: usize) -> Vec<Timestamp> {
    let mut days: Vec<Vec<Timestamp>> = slots
        .chunk_by(|one, other| zone.to_datetime(*one).date() == zone.to_datetime(*other).date())
        .map(<[Timestamp]>::to_vec)
        .collect();
    let mut chosen = Vec::with_capacity(limit);
    let mut turn = 0;
    while chosen.len() < limit && days.iter().any(|day| !day.is_empty()) {
        for day in days.iter_mut().filter(|day| !day.is_empty()) {
            if chosen.len() == limit {
                break;
            }
            let index = match turn % 3 {
                0 => 0,
                1 => day.len() * 2 / 3,
                _ => day.len() / 3,
            };
            chosen.push(day.remove(index));
            turn += 1;
        }
    }
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(texts: &[&str]) -> Vec<Timestamp> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn half_hours(date: &str, count: i64) -> Vec<Timestamp> {
        let first: Timestamp = format!("{date}T09:00:00Z").parse().unwrap();
        (0..count)
            .map(|index| first + jiff::SignedDuration::from_mins(30 * index))
            .collect()
    }

    #[test]
    fn several_days_are_each_offered_at_another_time_of_day() {
        let all = ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26"]
            .map(|date| half_hours(date, 16))
            .concat();
        let expected = [
            "2026-11-23T09:00:00Z",
            "2026-11-24T14:00:00Z",
            "2026-11-25T11:30:00Z",
        ];
        assert_eq!(spread(&all, &TimeZone::UTC, 3), slots(&expected));
    }

    #[test]
    fn one_day_is_offered_apart() {
        let all = half_hours("2026-11-23", 16);
        let expected = [
            "2026-11-23T09:00:00Z",
            "2026-11-23T11:30:00Z",
            "2026-11-23T14:30:00Z",
        ];
        assert_eq!(spread(&all, &TimeZone::UTC, 3), slots(&expected));
    }

    #[test]
    fn fewer_than_asked_for_are_all_offered() {
        let all = half_hours("2026-11-23", 2);
        assert_eq!(spread(&all, &TimeZone::UTC, 3), all);
        assert!(spread(&[], &TimeZone::UTC, 3).is_empty());
        assert!(spread(&all, &TimeZone::UTC, 0).is_empty());
    }

    #[test]
    fn days_are_those_of_the_zone() {
        let zone = TimeZone::get("America/Chicago").unwrap();
        let all = slots(&[
            "2026-11-24T05:30:00Z",
            "2026-11-24T06:00:00Z",
            "2026-11-24T06:30:00Z",
        ]);
        let expected = slots(&["2026-11-24T05:30:00Z", "2026-11-24T06:30:00Z"]);
        assert_eq!(spread(&all, &zone, 2), expected);
    }
}
