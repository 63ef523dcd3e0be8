//! The people of the demonstration directories, each a case that the backend must
//! handle: Windows zone names, a custom zone, no zone, no mailbox, an administrator
//! who has not approved the application, a first consent, another organisation, and
//! a personal account.

use serde_json::json;
use uuid::Uuid;

use super::options::{Account, Directory, WorkingHours, WorkingZone};
use super::sign_in::SignIn;

const DIRECTORY: u128 = 0x3f0a_9d10_77c4_4e21_a5b6_0000_0000_0000;

/// Two organisations, and personal accounts under the id that Microsoft has for them.
pub(super) fn demonstration_directories() -> Vec<Directory> {
    let directory = |id, domain: &str, name: &str| Directory {
        tenant_id: Uuid::from_u128(id),
        domain: domain.to_owned(),
        display_name: name.to_owned(),
        is_personal: false,
    };
    vec![
        directory(
            0x6c1d_7a52_0f3e_4b9a_8d27_51c0_9a4e_1f01,
            "lakeside.example",
            "Lakeside Lettings",
        ),
        directory(
            0x2b7f_3c90_58d1_4e6a_b1c4_07aa_93d2_5e02,
            "harbor.example",
            "Harbor Homes",
        ),
        Directory {
            is_personal: true,
            ..directory(
                0x9188_040d_6c67_4c5b_b112_36a3_04b6_6dad,
                "personal.example",
                "Personal accounts",
            )
        },
    ]
}

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
            sign_in: SignIn::NeedsApproval,
            ..person(6, "avery", "Avery Approval", "Central Standard Time")
        },
        Account {
            sign_in: SignIn::AsksConsent,
            ..person(7, "robin", "Robin Review", "Central Standard Time")
        },
        Account {
            email: "harper@harbor.example".to_owned(),
            ..person(8, "", "Harper Harbor", "Eastern Standard Time")
        },
        Account {
            email: "harlow@harbor.example".to_owned(),
            sign_in: SignIn::NeedsApproval,
            ..person(9, "", "Harlow Harbor", "Eastern Standard Time")
        },
        Account {
            email: "percy@personal.example".to_owned(),
            ..person(10, "", "Percy Personal", "Central Standard Time")
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
