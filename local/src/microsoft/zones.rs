//! Time-zone names as Graph knows them: every Windows name, and the IANA names
//! listed on Learn's dateTimeTimeZone page with its spellings. Other IANA
//! names are refused, so that a client's fallback is exercised.
//!
//! Offsets come from jiff's bundled data only, never from the machine's.

use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use windows_timezones::WindowsTimezone;

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The zone that Graph understands by this name, or `None` where Graph answers
/// `TimeZoneNotSupportedException`.
pub(super) fn graph_zone(name: &str) -> Option<TimeZone> {
    if name.eq_ignore_ascii_case("UTC") || name.eq_ignore_ascii_case("tzone://Microsoft/Utc") {
        return Some(TimeZone::UTC);
    }
    let canonical = match name {
        "Kamchatka Standard Time" => "Asia/Kamchatka",
        "Mid-Atlantic Standard Time" => "Etc/GMT+2",
        "Europe/Kyiv (Kiev)" => "Europe/Kyiv",
        "Asia/Toshkent (Tashkent)" => "Asia/Tashkent",
        "Asia/Astana (Almaty)" => "Asia/Almaty",
        "Asia/Yangon (Rangoon)" => "Asia/Yangon",
        listed if LISTED.binary_search(&listed).is_ok() => listed,
        windows => windows.parse::<WindowsTimezone>().ok()?.tzdb_id(),
    };
    DATABASE.get(canonical).ok()
}

/// The zone of a mailbox; UTC when its settings name none.
pub(super) fn mailbox_zone(name: &str) -> TimeZone {
    graph_zone(name).unwrap_or(TimeZone::UTC)
}

/// The IANA names of the page, sorted, without the four that carry a remark.
const LISTED: &[&str] = &[
    "Africa/Cairo",
    "Africa/Casablanca",
    "Africa/Johannesburg",
    "Africa/Lagos",
    "Africa/Nairobi",
    "Africa/Windhoek",
    "America/Anchorage",
    "America/Argentina/Buenos_Aires",
    "America/Asuncion",
    "America/Bahia",
    "America/Bogota",
    "America/Caracas",
    "America/Cayenne",
    "America/Chicago",
    "America/Chihuahua",
    "America/Cuiaba",
    "America/Denver",
    "America/Godthab",
    "America/Guatemala",
    "America/Halifax",
    "America/Indiana/Indianapolis",
    "America/La_Paz",
    "America/Los_Angeles",
    "America/Mexico_City",
    "America/Montevideo",
    "America/New_York",
    "America/Phoenix",
    "America/Regina",
    "America/Santa_Isabel",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Amman",
    "Asia/Baghdad",
    "Asia/Baku",
    "Asia/Bangkok",
    "Asia/Beirut",
    "Asia/Colombo",
    "Asia/Damascus",
    "Asia/Dhaka",
    "Asia/Dubai",
    "Asia/Irkutsk",
    "Asia/Jerusalem",
    "Asia/Kabul",
    "Asia/Karachi",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Krasnoyarsk",
    "Asia/Magadan",
    "Asia/Novosibirsk",
    "Asia/Riyadh",
    "Asia/Seoul",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Taipei",
    "Asia/Tbilisi",
    "Asia/Tehran",
    "Asia/Tokyo",
    "Asia/Ulaanbaatar",
    "Asia/Vladivostok",
    "Asia/Yakutsk",
    "Asia/Yekaterinburg",
    "Asia/Yerevan",
    "Atlantic/Azores",
    "Atlantic/Cape_Verde",
    "Atlantic/Reykjavik",
    "Australia/Adelaide",
    "Australia/Brisbane",
    "Australia/Darwin",
    "Australia/Hobart",
    "Australia/Perth",
    "Australia/Sydney",
    "Etc/GMT",
    "Etc/GMT+11",
    "Etc/GMT+12",
    "Etc/GMT+2",
    "Etc/GMT-12",
    "Europe/Berlin",
    "Europe/Bucharest",
    "Europe/Budapest",
    "Europe/Istanbul",
    "Europe/Kaliningrad",
    "Europe/London",
    "Europe/Moscow",
    "Europe/Paris",
    "Europe/Warsaw",
    "Indian/Mauritius",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Pacific/Fiji",
    "Pacific/Guadalcanal",
    "Pacific/Honolulu",
    "Pacific/Kiritimati",
    "Pacific/Port_Moresby",
    "Pacific/Tongatapu",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_for_the_search() {
        assert!(LISTED.is_sorted());
    }

    #[test]
    fn every_listed_name_and_oddity_is_a_zone() {
        for name in LISTED.iter().copied().chain([
            "Europe/Kyiv (Kiev)",
            "Asia/Toshkent (Tashkent)",
            "Asia/Astana (Almaty)",
            "Asia/Yangon (Rangoon)",
            "Kamchatka Standard Time",
            "Mid-Atlantic Standard Time",
            "India Standard Time",
            "FLE Standard Time",
            "UTC",
            "tzone://Microsoft/Utc",
        ]) {
            assert!(graph_zone(name).is_some(), "{name}");
        }
    }

    #[test]
    fn display_names_and_unlisted_names_are_refused() {
        for name in [
            "Greenwich Mean Time",
            "America/Vancouver",
            "Mars/Olympus",
            "",
            "utc+1",
        ] {
            assert!(graph_zone(name).is_none(), "{name}");
        }
    }
}
