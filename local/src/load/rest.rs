//! What is left when the calls are over.

use std::collections::BTreeMap;

use anyhow::Context as _;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;
use shared::aws::Aws;
use shared::store::Appointment;

use crate::call::Backend;
use crate::soundness;
use crate::system::LocalSystem;

/// How many minutes reconcile gets to settle everything.
const MINUTES: usize = 12;

/// Lets a local system settle, and compares all that is stored. `staff` are user ids and
/// their accounts.
pub(super) async fn of_system(
    system: &LocalSystem,
    staff: &[(String, String)],
) -> anyhow::Result<Vec<String>> {
    for _ in 0..MINUTES {
        system.let_pass(1).await?;
    }
    let (aws, _) = system.tables()?;
    let rows: Vec<Appointment> = all(&aws, "AppointmentsTable").await?;
    let seats = soundness::seats_by_staff(&all::<Value>(&aws, "LedgerTable").await?);
    let microsoft = system
        .microsoft
        .as_deref()
        .context("Microsoft is the real one")?;
    let none = BTreeMap::new();
    let mut problems = Vec::new();
    for (user, account) in staff {
        let own = rows.iter().filter(|row| row.user_id.as_str() == user);
        let own: Vec<&Appointment> = own.collect();
        let url = format!("{microsoft}/control/mailboxes/{account}");
        let mailbox: Value = reqwest::get(url).await?.json().await?;
        let events = mailbox["events"]
            .as_array()
            .context("a mailbox without events")?;
        let seats = seats.get(user).unwrap_or(&none);
        problems.extend(soundness::problems(&own, seats, events));
    }
    Ok(problems)
}

async fn all<T: DeserializeOwned>(aws: &Aws, table: &str) -> anyhow::Result<Vec<T>> {
    let pages = aws.dynamodb.scan().table_name(table).into_paginator();
    let mut items = pages.items().send();
    let mut all = Vec::new();
    while let Some(item) = items.next().await {
        all.push(serde_dynamo::from_item(item?)?);
    }
    Ok(all)
}

/// Compares what a deployed backend tells of a staff member.
pub(super) async fn of_backend(
    backend: &Backend,
    user: &str,
    from: Timestamp,
    until: Timestamp,
) -> anyhow::Result<Vec<String>> {
    let viewings = backend.confirmed_viewings(user, from, until).await?;
    let events = backend.events(user, from, until).await?;
    let mut problems = Vec::new();
    for (index, viewing) in viewings.iter().enumerate() {
        let id = &viewing.appointment_id;
        let others = viewings.iter().skip(index + 1);
        for other in others.filter(|other| other.overlaps(viewing)) {
            problems.push(format!("{id} and {} meet", other.appointment_id));
        }
        let own = events
            .iter()
            .filter(|event| event.appointment_id.as_ref() == Some(id));
        let count = own.count();
        if count != 1 {
            problems.push(format!("{id} has {count} events, not one"));
        }
    }
    for event in &events {
        let known = |id: &String| viewings.iter().any(|viewing| viewing.appointment_id == *id);
        if let Some(id) = event.appointment_id.as_ref().filter(|id| !known(id)) {
            problems.push(format!("an event is left of {id}"));
        }
    }
    Ok(problems)
}
