//! Dates and times, always with weekday and date together.
//!
//! A caller who hears "Tuesday" alone may write down the wrong week; one who
//! hears "twelve PM" may come at midnight. So a date carries its weekday, and
//! the two twelves have names. Zone names are not spoken.

use jiff::civil::{Date, DateTime, Time, Weekday};

use super::numbers::{cardinal, ordinal, year};
use super::plain::{plain, plain_within};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A date with its weekday; with its year only if that is not today's year.
///
/// ```
/// use jiff::civil::date;
/// use shared::vapi::speech;
///
/// let today = date(2026, 11, 22);
/// assert_eq!(speech::date(date(2026, 11, 24), today), "Tuesday, November twenty fourth");
/// assert_eq!(
///     speech::date(date(2027, 1, 5), today),
///     "Tuesday, January fifth, twenty twenty seven"
/// );
/// ```
#[must_use]
pub fn date(date: Date, today: Date) -> String {
    let weekday = weekday(date.weekday());
    let day = month_and_day(date);
    if date.year() == today.year() {
        format!("{weekday}, {day}")
    } else {
        format!("{weekday}, {day}, {}", year(date.year()))
    }
}

/// A date as in [`date()`], with "today" or "tomorrow" in front where that helps.
///
/// ```
/// use jiff::civil::date;
/// use shared::vapi::speech;
///
/// let today = date(2026, 11, 22);
/// assert_eq!(
///     speech::relative_date(date(2026, 11, 23), today),
///     "tomorrow, Monday, November twenty third"
/// );
/// ```
#[must_use]
pub fn relative_date(day: Date, today: Date) -> String {
    let spoken = date(day, today);
    if day == today {
        format!("today, {spoken}")
    } else if today.tomorrow().is_ok_and(|tomorrow| day == tomorrow) {
        format!("tomorrow, {spoken}")
    } else {
        spoken
    }
}

/// A time of day to the minute.
///
/// ```
/// use jiff::civil::time;
/// use shared::vapi::speech;
///
/// assert_eq!(speech::time(time(14, 30, 0, 0)), "two thirty PM");
/// assert_eq!(speech::time(time(9, 5, 0, 0)), "nine oh five AM");
/// assert_eq!(speech::time(time(12, 0, 0, 0)), "noon");
/// ```
#[must_use]
pub fn time(time: Time) -> String {
    match (time.hour(), time.minute()) {
        (0, 0) => "midnight".to_owned(),
        (12, 0) => "noon".to_owned(),
        (hour, minute) => {
            let half = if hour < 12 { "AM" } else { "PM" };
            format!("{} {half}", clock(hour, minute))
        }
    }
}

/// A span within a day.
///
/// ```
/// use jiff::civil::time;
/// use shared::vapi::speech;
///
/// let span = speech::time_range(time(9, 0, 0, 0), time(17, 0, 0, 0));
/// assert_eq!(span, "from nine AM to five PM");
/// ```
#[must_use]
pub fn time_range(start: Time, end: Time) -> String {
    format!("from {} to {}", time(start), time(end))
}

/// A date and a time.
///
/// ```
/// use jiff::civil::date;
/// use shared::vapi::speech;
///
/// let start = date(2026, 11, 24).at(10, 0, 0, 0);
/// assert_eq!(
///     speech::date_time(start, date(2026, 11, 22)),
///     "Tuesday, November twenty fourth, at ten AM"
/// );
/// ```
#[must_use]
pub fn date_time(at: DateTime, today: Date) -> String {
    format!("{}, at {}", date(at.date(), today), time(at.time()))
}

/// Where a time zone's clock hangs, for the one case in which a zone has to be
/// spoken: the caller's and the property's differ.
///
/// ```
/// use shared::vapi::speech::place_of_zone;
///
/// assert_eq!(place_of_zone("America/Chicago"), "Chicago time");
/// assert_eq!(place_of_zone("America/New_York"), "New York time");
/// ```
#[must_use]
pub fn place_of_zone(iana_name: &str) -> String {
    let place = iana_name.rsplit('/').next().unwrap_or_default();
    let place = plain_within(&place.replace('_', " "), 60);
    // A name such as US/Central has no place in it.
    match plain(&format!("{place} time")).as_str() {
        "" | "time" => "local time".to_owned(),
        spoken => spoken.to_owned(),
    }
}

pub(super) fn month_and_day(date: Date) -> String {
    let day = ordinal(u32::from(date.day().unsigned_abs()));
    format!("{} {day}", month(date.month()))
}

/// Hour and minute on a twelve-hour clock, without AM or PM.
pub(super) fn clock(hour: i8, minute: i8) -> String {
    let hour = match hour % 12 {
        0 => 12,
        hour => hour,
    };
    let hour = cardinal(i64::from(hour));
    match minute {
        0 => hour,
        1..=9 => format!("{hour} oh {}", cardinal(i64::from(minute))),
        _ => format!("{hour} {}", cardinal(i64::from(minute))),
    }
}

fn month(number: i8) -> &'static str {
    usize::try_from(number)
        .ok()
        .and_then(|number| MONTHS.get(number.checked_sub(1)?))
        .copied()
        .unwrap_or_default()
}

fn weekday(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}
