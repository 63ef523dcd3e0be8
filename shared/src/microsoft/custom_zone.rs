//! A mailbox's zone that has no name, only rules (Microsoft Learn, "customTimeZone
//! resource type"): mapped to a named zone whose clocks read the same.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use windows_timezones::WindowsTimezone;

use super::zones::known_zone;

/// Zones that go before others with the same clock, so that Chicago is not called
/// Matamoros.
const COMMON: [&str; 8] = [
    "America/Chicago",
    "America/New_York",
    "America/Denver",
    "America/Los_Angeles",
    "America/Phoenix",
    "Europe/London",
    "Europe/Berlin",
    "Australia/Sydney",
];

/// Hours over which two zones are compared: those of a year.
const HOURS: i64 = 366 * 24;

/// The rules, as Graph writes them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CustomZone {
    /// Minutes to add to standard time to get UTC.
    bias: i32,
    /// When standard time begins.
    #[serde(default)]
    standard_offset: Option<Change>,
    /// When daylight time begins.
    #[serde(default)]
    daylight_offset: Option<Change>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    time: String,
    /// The first to fourth such day of the month; 5 is the last.
    day_occurrence: u8,
    day_of_week: String,
    month: u8,
    /// Minutes to add to the bias while daylight time lasts.
    #[serde(default)]
    daylight_bias: i32,
}

impl CustomZone {
    /// The IANA name of a zone whose clock reads the same in the year after `now`, if
    /// there is one.
    pub(super) fn iana_name(&self, now: Timestamp) -> Option<String> {
        let rules = TimeZone::posix(&self.posix()?).ok()?;
        let windows = chrono_tz::TZ_VARIANTS
            .iter()
            .filter_map(|zone| WindowsTimezone::try_from(*zone).ok())
            .map(|windows| chrono_tz::Tz::from(windows).name());
        let others: BTreeSet<&str> = windows.collect();
        let mut names = COMMON.into_iter().chain(others);
        names
            .find(|name| known_zone(name).is_some_and(|zone| same_clock(&zone, &rules, now)))
            .map(str::to_owned)
    }

    /// The rules as POSIX writes them (IEEE 1003.1 §8.3, `TZ`), which has the same
    /// sign and the same weeks.
    fn posix(&self) -> Option<String> {
        let standard = posix_offset(self.bias);
        let (Some(to_standard), Some(to_daylight)) = (&self.standard_offset, &self.daylight_offset)
        else {
            return Some(format!("<STD>{standard}"));
        };
        if to_standard.month == 0 || to_daylight.month == 0 {
            return Some(format!("<STD>{standard}"));
        }
        let daylight = posix_offset(self.bias.checked_add(to_daylight.daylight_bias)?);
        Some(format!(
            "<STD>{standard}<DST>{daylight},{},{}",
            to_daylight.posix()?,
            to_standard.posix()?
        ))
    }
}

impl Change {
    fn posix(&self) -> Option<String> {
        const DAYS: [&str; 7] = [
            "sunday",
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
        ];
        let day = DAYS
            .iter()
            .position(|day| day.eq_ignore_ascii_case(&self.day_of_week))?;
        let time: jiff::civil::Time = self.time.parse().ok()?;
        Some(format!(
            "M{}.{}.{day}/{}",
            self.month,
            self.day_occurrence,
            time.strftime("%H:%M:%S")
        ))
    }
}

fn posix_offset(minutes: i32) -> String {
    let sign = if minutes < 0 { "-" } else { "" };
    let minutes = minutes.unsigned_abs();
    format!("{sign}{}:{:02}", minutes / 60, minutes % 60)
}

fn same_clock(one: &TimeZone, other: &TimeZone, now: Timestamp) -> bool {
    (0..HOURS).all(|hour| {
        now.checked_add(SignedDuration::from_hours(hour))
            .is_ok_and(|at| one.to_offset(at) == other.to_offset(at))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn name(zone: Value) -> Option<String> {
        let now: Timestamp = "2026-11-24T08:00:00Z".parse().unwrap();
        let zone: CustomZone = serde_json::from_value(zone).unwrap();
        zone.iana_name(now)
    }

    fn change(month: u8, occurrence: u8, time: &str, daylight_bias: i32) -> Value {
        json!({
            "time": time, "dayOccurrence": occurrence, "dayOfWeek": "sunday",
            "month": month, "year": 0, "daylightBias": daylight_bias,
        })
    }

    fn zone(bias: i32, daylight: &Value, standard: &Value) -> Value {
        json!({"bias": bias, "daylightOffset": daylight, "standardOffset": standard})
    }

    #[test]
    fn rules_become_the_zone_with_the_same_clock() {
        let two = "02:00:00.0000000";
        let (us_spring, us_autumn) = (change(3, 2, two, -60), change(11, 1, two, 0));
        let none = Value::Null;
        for (bias, daylight, standard, expected) in [
            (360, &us_spring, &us_autumn, Some("America/Chicago")),
            (300, &us_spring, &us_autumn, Some("America/New_York")),
            (420, &none, &none, Some("America/Phoenix")),
            (
                420,
                &change(0, 0, two, 0),
                &change(0, 0, two, 0),
                Some("America/Phoenix"),
            ),
            (-330, &none, &none, Some("Asia/Calcutta")),
            (
                0,
                &change(3, 5, "01:00:00.0000000", -60),
                &change(10, 5, two, 0),
                Some("Europe/London"),
            ),
            (
                -600,
                &change(10, 1, two, -60),
                &change(4, 1, "03:00:00.0000000", 0),
                Some("Australia/Sydney"),
            ),
            // Nowhere keeps such a clock.
            (361, &us_spring, &us_autumn, None),
            (360, &change(5, 2, two, -60), &us_autumn, None),
            (i32::MAX, &us_spring, &us_autumn, None),
            (360, &change(13, 9, "noon", -60), &us_autumn, None),
        ] {
            let found = name(zone(bias, daylight, standard));
            assert_eq!(found.as_deref(), expected, "{bias} {daylight}");
        }
    }
}
