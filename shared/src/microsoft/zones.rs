//! Names of time zones: Windows names, as mailboxes use them, and IANA names, as
//! everything here does. Names only; offsets are always `jiff`'s.

use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, tz};
use windows_timezones::WindowsTimezone;

/// Names that the mapping does not hold, with what they mean.
const FURTHER_NAMES: [(&str, &str); 4] = [
    ("tzone://Microsoft/Utc", "UTC"),
    ("Kamchatka Standard Time", "Asia/Kamchatka"),
    ("Mid-Atlantic Standard Time", "Atlantic/South_Georgia"),
    ("Europe/Kyiv (Kiev)", "Europe/Kyiv"),
];

/// IANA names of today by the older ones that the mapping knows them under.
const OLDER_NAMES: [(&str, &str); 2] = [
    ("Asia/Kolkata", "Asia/Calcutta"),
    ("Europe/Kyiv", "Europe/Kiev"),
];

/// The IANA name for a zone name of Microsoft's, Windows or IANA. `None` for a
/// custom or unknown zone.
pub fn iana_name(name: &str) -> Option<String> {
    let name = name.trim();
    if let Ok(windows) = WindowsTimezone::from_str(name) {
        return Some(chrono_tz::Tz::from(windows).name().to_owned());
    }
    let further = FURTHER_NAMES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    let name = further.map_or(name, |(_, iana)| iana);
    let zone = known_zone(name)?;
    Some(zone.iana_name().unwrap_or(name).to_owned())
}

/// The zone of an IANA name, if the tz database has it.
pub fn known_zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// How an instant is written in a request to Graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WrittenTime {
    pub(super) date_time: DateTime,
    pub(super) zone: &'static str,
}

/// Writes the instants of one event in the wall clock of `zone`, under its Windows
/// name, which Graph always accepts.
///
/// Invitations show that wall clock, so it is worth having; but the name means what
/// Microsoft's tables say. Where they could disagree with ours (the zone has no
/// Windows name, rules of its own, or the clock shows that time twice), the event
/// is written in UTC: the instant is right whatever the tables say.
pub(super) fn written<const N: usize>(
    instants: [Timestamp; N],
    zone: &TimeZone,
) -> [WrittenTime; N] {
    let windows = windows_zone(zone).filter(|(_, theirs)| {
        instants.iter().all(|&at| {
            let local = zone.to_datetime(at);
            zone.to_offset(at) == theirs.to_offset(at)
                && matches!(
                    zone.to_ambiguous_timestamp(local).offset(),
                    tz::AmbiguousOffset::Unambiguous { .. }
                )
        })
    });
    instants.map(|at| match &windows {
        Some((name, theirs)) => WrittenTime {
            date_time: theirs.to_datetime(at),
            zone: name,
        },
        None => WrittenTime {
            date_time: TimeZone::UTC.to_datetime(at),
            zone: "UTC",
        },
    })
}

/// The Windows name of a zone, and the zone that the name stands for.
fn windows_zone(zone: &TimeZone) -> Option<(&'static str, TimeZone)> {
    let name = zone.iana_name()?;
    let older = OLDER_NAMES.iter().find(|(current, _)| *current == name);
    let mapped = chrono_tz::Tz::from_str(older.map_or(name, |(_, older)| older)).ok()?;
    let windows = WindowsTimezone::try_from(mapped).ok()?;
    Some((
        windows.name(),
        known_zone(chrono_tz::Tz::from(windows).name())?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_mailboxes_are_understood() {
        for (name, expected) in [
            ("Central Standard Time", Some("America/Chicago")),
            ("Pacific Standard Time", Some("America/Los_Angeles")),
            ("GMT Standard Time", Some("Europe/London")),
            ("India Standard Time", Some("Asia/Calcutta")),
            ("UTC", Some("Etc/UTC")),
            ("tzone://Microsoft/Utc", Some("UTC")),
            ("America/Chicago", Some("America/Chicago")),
            ("Europe/Kyiv (Kiev)", Some("Europe/Kyiv")),
            ("Kamchatka Standard Time", Some("Asia/Kamchatka")),
            ("tzone://Microsoft/Custom", None),
            ("Customized Time Zone", None),
            ("Greenwich Mean Time", None),
            ("", None),
        ] {
            assert_eq!(iana_name(name).as_deref(), expected, "{name}");
        }
    }

    /// Every name that Windows has a zone for is one that our tz data knows, by both
    /// ways of the mapping.
    #[test]
    fn every_windows_name_has_a_zone_here() {
        let names: std::collections::BTreeSet<&str> = chrono_tz::TZ_VARIANTS
            .iter()
            .filter_map(|zone| WindowsTimezone::try_from(*zone).ok())
            .map(WindowsTimezone::name)
            .collect();
        assert!(names.len() > 130, "{}", names.len());
        for name in names {
            let iana = iana_name(name).unwrap_or_else(|| panic!("{name} has no zone"));
            let zone = known_zone(&iana).unwrap_or_else(|| panic!("{iana} is unknown"));
            let (back, _) = windows_zone(&zone).unwrap_or_else(|| panic!("{iana} has no name"));
            assert_eq!(back, name);
        }
    }

    /// A mailbox may also hold an IANA name; each of them is read as it stands.
    #[test]
    fn every_iana_name_is_read() {
        for zone in chrono_tz::TZ_VARIANTS {
            assert!(iana_name(zone.name()).is_some(), "{}", zone.name());
        }
    }

    fn one(at: &str, zone: &str) -> (String, &'static str) {
        let [written] = written([at.parse().unwrap()], &known_zone(zone).unwrap());
        (written.date_time.to_string(), written.zone)
    }

    #[test]
    fn events_are_written_in_local_time_where_that_is_certain() {
        let cases = [
            (
                "2026-11-24T16:00:00Z",
                "America/Chicago",
                "2026-11-24T10:00:00",
                "Central Standard Time",
            ),
            (
                "2026-07-01T16:00:00Z",
                "Asia/Kolkata",
                "2026-07-01T21:30:00",
                "India Standard Time",
            ),
            // The clock shows half past one twice that night.
            (
                "2026-10-25T00:30:00Z",
                "Europe/London",
                "2026-10-25T00:30:00",
                "UTC",
            ),
            // Rules of its own since November 2026, which the Windows name lacks.
            (
                "2026-12-01T20:00:00Z",
                "America/Vancouver",
                "2026-12-01T20:00:00",
                "UTC",
            ),
            ("2026-12-01T20:00:00Z", "UTC", "2026-12-01T20:00:00", "UTC"),
        ];
        for (at, zone, date_time, name) in cases {
            assert_eq!(one(at, zone), (date_time.to_owned(), name), "{at} {zone}");
        }
    }
}
