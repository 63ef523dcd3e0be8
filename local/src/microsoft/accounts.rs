//! The people of the demonstration directory, each a case that the backend
//! must handle: Windows zone names, a custom zone, no zone, no mailbox, and an
//! administrator who has not approved the application.

use serde_json::json;
use uuid::Uuid;

use super::options::{Account, SignIn, WorkingHours, WorkingZone};

const DIRECTORY: u128 = 0x3f0a_9d10_77c4_4e21_a5b6_0000_0000_0000;

/// The accounts offered on the sign-in page of the local system.
pub fn demonstration_accounts() -> Vec<Account> {
    vec![
        Account {
            working_hours: Some(office_hours(
                "09:00:00",
                "17:00:00",
                WorkingZone::Named("Central Standard Time".to_owned()),
            )),
            ..person(1, "demo", "Dana Demo", "Central Standard Time")
        },
        Account {
            working_hours: Some(office_hours(
                "08:30:00",
                "16:30:00",
                WorkingZone::Named("Pacific Standard Time".to_owned()),
            )),
            ..person(2, "pat", "Pat Pacific", "Pacific Standard Time")
        },
        Account {
            working_hours: Some(office_hours("10:00:00", "18:00:00", custom_eastern())),
            ..person(3, "casey", "Casey Custom", "Eastern Standard Time")
        },
        person(4, "nora", "Nora Nozone", ""),
        Account {
            has_mailbox: false,
            ..person(5, "mel", "Mel Mailboxless", "Central Standard Time")
        },
        Account {
            sign_in: SignIn::Refused {
                error: "access_denied".to_owned(),
                error_subcode: Some("cancel".to_owned()),
                code: 90094,
            },
            ..person(6, "avery", "Avery Approval", "Central Standard Time")
        },
    ]
}

fn person(number: u128, user: &str, name: &str, zone: &str) -> Account {
    Account {
        email: format!("{user}@lakeside.example"),
        display_name: name.to_owned(),
        object_id: Uuid::from_u128(DIRECTORY + number),
        time_zone: zone.to_owned(),
        working_hours: None,
        has_mailbox: true,
        sign_in: SignIn::Allowed,
    }
}

fn office_hours(start: &str, end: &str, zone: WorkingZone) -> WorkingHours {
    WorkingHours {
        days: ["monday", "tuesday", "wednesday", "thursday", "friday"]
            .map(str::to_owned)
            .to_vec(),
        start: start.to_owned(),
        end: end.to_owned(),
        zone,
    }
}

/// The Eastern zone spelled out by rules, as Outlook does for zones that it
/// does not know by name.
fn custom_eastern() -> WorkingZone {
    WorkingZone::Custom(json!({
        "@odata.type": "#microsoft.graph.customTimeZone",
        "name": "Customized Time Zone",
        "bias": 300,
        "standardOffset": {
            "time": "02:00:00.0000000", "dayOccurrence": 1, "dayOfWeek": "sunday",
            "month": 11, "year": 0
        },
        "daylightOffset": {
            "daylightBias": -60,
            "time": "02:00:00.0000000", "dayOccurrence": 2, "dayOfWeek": "sunday",
            "month": 3, "year": 0
        }
    }))
}
