//! `dateTimeTimeZone` on the wire: read from bodies, written with the seven
//! fractional digits that Graph writes.

use jiff::{Timestamp, civil, tz::TimeZone};
use serde_json::{Value, json};

use super::{error::GraphError, json_fields::Fields};
use crate::microsoft::{event::WallTime, zones::graph_zone};

/// Reads `{"dateTime": …, "timeZone": …}`. An offset is accepted only as `Z`
/// in UTC: elsewhere its meaning beside a zone is not documented.
pub(super) fn read_wall_time(name: &str, value: &Value) -> Result<WallTime, GraphError> {
    let fields = Fields::of(name, value)?;
    let text = fields.text("dateTime")?.ok_or_else(|| unreadable(name))?;
    let zone = fields.text("timeZone")?.unwrap_or_default();
    graph_zone(zone).ok_or_else(|| GraphError::unknown_time_zone(zone))?;
    let bare = match text.strip_suffix('Z') {
        Some(bare) if zone.eq_ignore_ascii_case("UTC") => bare,
        _ => text,
    };
    let has_time = bare.as_bytes().get(10) == Some(&b'T');
    let offset = bare
        .get(10..)
        .is_some_and(|time| time.contains(['+', '-', 'Z', '[']));
    let local: civil::DateTime = match (has_time, offset) {
        (true, false) => bare.parse().map_err(|_| unreadable(name))?,
        _ => return Err(unreadable(name)),
    };
    if !(1900..=2200).contains(&local.year()) {
        return Err(unreadable(name));
    }
    Ok(WallTime {
        local,
        zone: zone.to_owned(),
    })
}

/// Writes an instant on the wall clock of a zone.
pub(super) fn write_instant(instant: Timestamp, zone: &TimeZone, zone_name: &str) -> Value {
    write_wall_time(instant.to_zoned(zone.clone()).datetime(), zone_name)
}

/// Writes a wall-clock time.
pub(super) fn write_wall_time(local: civil::DateTime, zone_name: &str) -> Value {
    let seconds = local.strftime("%Y-%m-%dT%H:%M:%S");
    let ticks = local.subsec_nanosecond() / 100;
    json!({"dateTime": format!("{seconds}.{ticks:07}"), "timeZone": zone_name})
}

/// Reads a bound of a window: without an offset it is UTC (Learn:
/// user-list-calendarview).
pub(super) fn read_bound(text: &str) -> Option<Timestamp> {
    text.parse::<Timestamp>().ok().or_else(|| {
        let local: civil::DateTime = text.parse().ok()?;
        let zoned = local.to_zoned(TimeZone::UTC).ok()?;
        Some(zoned.timestamp())
    })
}

fn unreadable(name: &str) -> GraphError {
    GraphError::body_property(format!(
        "The value of '{name}' cannot be read as a date and time."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_read_strictly() {
        let read = |time: &str, zone: &str| {
            read_wall_time("start", &json!({"dateTime": time, "timeZone": zone}))
                .map_err(|error| error.code.into_owned())
        };
        for (time, zone) in [
            ("2026-11-24T10:00:00", "Europe/London"),
            ("2026-11-24T10:00:00.0000000", "GMT Standard Time"),
            ("2026-11-24T10:00:00Z", "UTC"),
        ] {
            assert!(read(time, zone).is_ok(), "{time} {zone}");
        }
        for (time, zone) in [
            ("2026-11-24T10:00:00Z", "Europe/London"),
            ("2026-11-24T10:00:00+01:00", "UTC"),
            ("2026-11-24", "UTC"),
            ("tomorrow", "UTC"),
            ("0001-01-01T00:00:00", "UTC"),
        ] {
            assert_eq!(
                read(time, zone).unwrap_err(),
                "RequestBodyRead",
                "{time} {zone}"
            );
        }
        assert_eq!(
            read("2026-11-24T10:00:00", "Europe/Londinium").unwrap_err(),
            "TimeZoneNotSupportedException"
        );
    }

    #[test]
    fn times_are_written_with_seven_digits() {
        let instant: Timestamp = "2026-11-24T16:00:00.25Z".parse().unwrap();
        let zone = graph_zone("Central Standard Time").unwrap();
        assert_eq!(
            write_instant(instant, &zone, "Central Standard Time"),
            json!({"dateTime": "2026-11-24T10:00:00.2500000", "timeZone": "Central Standard Time"})
        );
    }
}
