//! The id of an offered slot: a start and a length, short enough to be passed
//! around by a language model. It grants nothing: whatever is booked with it is
//! checked against the live calendar.

use jiff::{SignedDuration, Timestamp};

use crate::scheduling::Interval;

/// The text of the id: minutes since 1970 and the length, as `s29611680x30`.
pub fn slot_id(time: Interval) -> String {
    let minutes = time.start().as_second().div_euclid(60);
    format!("s{minutes}x{}", time.duration().as_mins())
}

/// The time that an id stands for.
pub fn parse_slot_id(text: &str) -> Option<Interval> {
    let (start, length) = text.trim().strip_prefix('s')?.split_once('x')?;
    let start: i64 = start.parse().ok()?;
    let length: u8 = length.parse().ok()?;
    let start = Timestamp::from_second(start.checked_mul(60)?).ok()?;
    let end = start
        .checked_add(SignedDuration::from_mins(length.into()))
        .ok()?;
    (length > 0)
        .then(|| Interval::new(start, end).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stands_for_its_slot_and_nothing_else_for_any() {
        let start: Timestamp = "2026-11-24T16:00:00Z".parse().unwrap();
        let slot = Interval::lasting(start, 30);
        assert_eq!(parse_slot_id(&slot_id(slot)), Some(slot));
        for text in [
            "",
            "s",
            "sx",
            "s1",
            "s1x",
            "s1x0",
            "s1x-3",
            "1x30",
            "s99999999999999999x30",
            "s1x999",
        ] {
            assert_eq!(parse_slot_id(text), None, "{text}");
        }
    }
}
