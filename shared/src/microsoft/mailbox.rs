//! What a mailbox says of its owner's time (Microsoft Learn, "mailboxSettings
//! resource type").

use serde::Deserialize;

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
    #[serde(default)]
    time_zone: Option<NamedZone>,
}

#[derive(Deserialize)]
struct NamedZone {
    #[serde(default)]
    name: Option<String>,
}

/// Reads the settings. The zone is the mailbox's, or else that of its working
/// hours; a custom or unknown one is left out.
pub(super) fn read(wire: Wire) -> Mailbox {
    let hours = wire.working_hours;
    let zone_of_hours = hours
        .as_ref()
        .and_then(|hours| hours.time_zone.as_ref()?.name.as_deref());
    let time_zone = wire
        .time_zone
        .as_deref()
        .and_then(iana_name)
        .or_else(|| zone_of_hours.and_then(iana_name));
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

/// `HH:MM` of a time of day such as `09:00:00.0000000`.
fn hour_and_minute(text: &str) -> Option<String> {
    let time: jiff::civil::Time = text.parse().ok()?;
    Some(time.strftime("%H:%M").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn hours_and_zone_are_taken_over_where_they_are_known() {
        let mailbox = read(
            serde_json::from_value(json!({
                "timeZone": "Central Standard Time",
                "workingHours": {
                    "daysOfWeek": ["Monday", "tuesday"],
                    "startTime": "08:30:00.0000000", "endTime": "17:00:00.0000000",
                    "timeZone": {"name": "Pacific Standard Time"}
                }
            }))
            .unwrap(),
        );
        assert_eq!(mailbox.time_zone.as_deref(), Some("America/Chicago"));
        assert_eq!(mailbox.working_days, ["monday", "tuesday"]);
        assert_eq!(mailbox.working_from.as_deref(), Some("08:30"));
        assert_eq!(mailbox.working_until.as_deref(), Some("17:00"));
    }

    #[test]
    fn an_empty_or_custom_mailbox_leaves_the_defaults() {
        for settings in [
            json!({}),
            json!({"timeZone": "", "workingHours": null}),
            json!({"timeZone": "tzone://Microsoft/Custom"}),
            json!({"timeZone": null, "workingHours": {
                "daysOfWeek": null, "startTime": null, "endTime": "soon",
                "timeZone": {"@odata.type": "#microsoft.graph.customTimeZone", "bias": 360}
            }}),
        ] {
            let mailbox = read(serde_json::from_value(settings).unwrap());
            assert_eq!(mailbox, Mailbox::default());
        }
    }
}
