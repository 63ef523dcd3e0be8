//! What a mailbox says of its owner's time (Microsoft Learn, "mailboxSettings
//! resource type").

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::custom_zone::CustomZone;
use super::zones::iana_name;
use crate::store::Mailbox;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wire {
    #[serde(default)]
    time_zone: Option<String>,
    #[serde(default)]
    working_hours: Option<WorkingHours>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WorkingHours {
    #[serde(default)]
    days_of_week: Option<Vec<String>>,
    #[serde(default)]
    start_time: Option<String>,
    #[serde(default)]
    end_time: Option<String>,
    /// A named zone, or the rules of one without a name.
    #[serde(default)]
    time_zone: Option<Value>,
}

/// Reads the settings. The zone is the mailbox's, or else that of its working
/// hours; one that is neither known by name nor by its rules is left out.
pub(super) fn read(wire: Wire, now: Timestamp) -> Mailbox {
    let hours = wire.working_hours;
    let of_hours = || zone_of(hours.as_ref()?.time_zone.as_ref()?, now);
    let named = wire.time_zone.as_deref().and_then(iana_name);
    let time_zone = named.or_else(of_hours);
    let Some(hours) = hours else {
        return Mailbox {
            time_zone,
            ..Mailbox::default()
        };
    };
    Mailbox {
        time_zone,
        working_days: hours
            .days_of_week
            .unwrap_or_default()
            .iter()
            .map(|day| day.to_ascii_lowercase())
            .collect(),
        working_from: hours.start_time.as_deref().and_then(hour_and_minute),
        working_until: hours.end_time.as_deref().and_then(hour_and_minute),
        ..Mailbox::default()
    }
}

/// The IANA name of a `timeZoneBase` or a `customTimeZone`, whose own name says
/// nothing.
fn zone_of(zone: &Value, now: Timestamp) -> Option<String> {
    let named = zone.get("name").and_then(Value::as_str).and_then(iana_name);
    named.or_else(|| CustomZone::deserialize(zone).ok()?.iana_name(now))
}

/// `HH:MM` of a time of day such as `09:00:00.0000000`.
fn hour_and_minute(text: &str) -> Option<String> {
    let time: jiff::civil::Time = text.parse().ok()?;
    Some(time.strftime("%H:%M").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(settings: Value) -> Mailbox {
        let now = "2026-11-24T08:00:00Z".parse().unwrap();
        read(serde_json::from_value(settings).unwrap(), now)
    }

    #[test]
    fn hours_and_zone_are_taken_over_where_they_are_known() {
        let mailbox = of(json!({
            "timeZone": "Central Standard Time",
            "workingHours": {
                "daysOfWeek": ["Monday", "tuesday"],
                "startTime": "08:30:00.0000000", "endTime": "17:00:00.0000000",
                "timeZone": {"name": "Pacific Standard Time"}
            }
        }));
        assert_eq!(mailbox.time_zone.as_deref(), Some("America/Chicago"));
        assert_eq!(mailbox.working_days, ["monday", "tuesday"]);
        assert_eq!(mailbox.working_from.as_deref(), Some("08:30"));
        assert_eq!(mailbox.working_until.as_deref(), Some("17:00"));
    }

    #[test]
    fn a_zone_without_a_name_is_known_by_its_rules() {
        let mailbox = of(json!({
            "timeZone": "tzone://Microsoft/Custom",
            "workingHours": {
                "timeZone": {
                    "@odata.type": "#microsoft.graph.customTimeZone",
                    "name": "Customized Time Zone",
                    "bias": -330, "standardOffset": null, "daylightOffset": null,
                }
            }
        }));
        assert_eq!(mailbox.time_zone.as_deref(), Some("Asia/Calcutta"));
    }

    #[test]
    fn an_empty_or_unknown_mailbox_leaves_the_defaults() {
        for settings in [
            json!({}),
            json!({"timeZone": "", "workingHours": null}),
            json!({"timeZone": "tzone://Microsoft/Custom"}),
            json!({"timeZone": null, "workingHours": {
                "daysOfWeek": null, "startTime": null, "endTime": "soon",
                "timeZone": {"@odata.type": "#microsoft.graph.customTimeZone", "bias": 361}
            }}),
        ] {
            assert_eq!(of(settings), Mailbox::default());
        }
    }
}
