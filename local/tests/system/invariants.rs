//! What must hold of a system at rest, asserted with everything that is stored.

use std::collections::BTreeMap;

use local::soundness;
use serde_json::Value;
use shared::store::Appointment;

use crate::system::TestSystem;

/// Asserts that appointments, ledger and calendars agree and that no two viewings meet.
/// `staff` are user ids and their accounts; `after` says what was done.
pub(crate) async fn assert_sound(system: &TestSystem, staff: &[(&str, &str)], after: &str) {
    let rows = appointments(system).await;
    let days = system.rows("LedgerTable").await.into_iter();
    let days: Vec<Value> = days
        .map(|day| serde_dynamo::from_item(day).unwrap())
        .collect();
    let seats = soundness::seats_by_staff(&days);
    let none = BTreeMap::new();
    for (user, account) in staff {
        let own: Vec<&Appointment> = rows
            .iter()
            .filter(|row| row.user_id.as_str() == *user)
            .collect();
        let mailbox = system.mailbox(account).await;
        let events = mailbox["events"].as_array().unwrap();
        let bare = &mailbox["counters"]["bare"];
        assert_eq!(bare, 0, "{after}: requests without their headers");
        let problems = soundness::problems(&own, seats.get(*user).unwrap_or(&none), events);
        assert!(problems.is_empty(), "{after}: {}", problems.join("\n"));
    }
}

/// Every row of the appointments table.
pub(crate) async fn appointments(system: &TestSystem) -> Vec<Appointment> {
    let rows = system.rows("AppointmentsTable").await;
    rows.into_iter()
        .map(|row| serde_dynamo::from_item(row).unwrap())
        .collect()
}
