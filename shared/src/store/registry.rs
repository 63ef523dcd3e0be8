//! What a call needs to know of people before anything else, in one request: whom an
//! assistant or a number is bound to (`STAFF_TABLE`), of one staff member the rules, the
//! connection (`CONNECTIONS_TABLE`) and what was read ahead for the call (`CALLS_TABLE`),
//! and whether what staff members show has changed (`RENTALS_TABLE`).

use super::StoreError;
use super::calls::{Ahead, Calls};
use super::connections::Connection;
use super::rentals::Rentals;
use super::staff::Binding;
use super::staff_rules::{self, StaffRules};
use super::stamps::Stamp;
use super::table::{BRIEFLY, Batch, Found, Item, Table, attributes, text};
use crate::aws::Aws;
use crate::config::{SettingError, Settings};
use crate::ids::UserId;

/// The tables of staff, and of their connections.
pub struct Registry {
    staff: Table,
    connections: Table,
}

/// What is on record of a staff member, each part as far as it can be read.
#[derive(Debug)]
pub struct OnRecord {
    pub connection: Result<Option<Connection>, StoreError>,
    pub rules: Result<StaffRules, StoreError>,
}

/// What is to be read.
#[derive(Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// The ids of bindings.
    pub bindings: &'a [String],
    /// Whose record.
    pub user: Option<&'a UserId>,
    /// The call for which the calendar of that user may have been read ahead.
    pub ahead: Option<(&'a Calls, &'a str)>,
    /// Whose stamps, at most [`MOST_STAMPS`].
    pub stamps: Option<(&'a Rentals, &'a [UserId])>,
}

/// The most stamps that are read with the rest: a request has at most a hundred keys.
pub const MOST_STAMPS: usize = 50;

/// What was read of it.
pub struct Registered {
    /// Each binding in its place.
    pub bindings: Vec<Option<Binding>>,
    /// None when nobody's was wanted.
    pub on_record: Option<OnRecord>,
    /// None when it was not wanted, is not there, or cannot be read.
    pub ahead: Option<Ahead>,
    /// Each in its place; none when they were not wanted or cannot be read.
    pub stamps: Option<Vec<Option<Stamp>>>,
}

impl Registry {
    /// Uses the tables that `STAFF_TABLE` and `CONNECTIONS_TABLE` name.
    pub fn new(settings: &Settings, aws: &Aws) -> Result<Self, SettingError> {
        let table = |name| Ok(Table::new(&aws.dynamodb, settings.required(name)?));
        Ok(Self {
            staff: table("STAFF_TABLE")?,
            connections: table("CONNECTIONS_TABLE")?,
        })
    }

    /// What is on record of a staff member.
    pub async fn of_staff(&self, user: &UserId) -> Result<OnRecord, StoreError> {
        let wanted = Wanted {
            user: Some(user),
            ..Wanted::default()
        };
        let mut found = self.find(wanted).await?;
        let mut rows = found.of(&self.staff)?;
        Ok(self.on_record(user, &mut rows, &mut found))
    }

    /// Whatever is wanted, in one request. What is not read of one table does not keep
    /// what was read of another.
    pub async fn read(&self, wanted: Wanted<'_>) -> Result<Registered, StoreError> {
        let mut found = self.find(wanted).await?;
        let mut rows = found.of(&self.staff)?;
        let bindings = wanted.bindings.iter().map(|id| {
            let row = take(&mut rows, id);
            row.map(|row| self.staff.read(row)).transpose()
        });
        let bindings = bindings.collect::<Result<_, _>>()?;
        let on_record = wanted
            .user
            .map(|user| self.on_record(user, &mut rows, &mut found));
        let ahead = wanted
            .ahead
            .and_then(|(calls, _)| calls.ahead_in(&mut found));
        let stamps = wanted.stamps.map(|(rentals, staff)| {
            let stamps = rentals.stamps_in(&mut found, staff);
            stamps.inspect_err(|error| tracing::warn!(%error, "listings are read again"))
        });
        Ok(Registered {
            bindings,
            on_record,
            ahead,
            stamps: stamps.and_then(Result::ok),
        })
    }

    fn on_record(&self, user: &UserId, rows: &mut Vec<Item>, found: &mut Found) -> OnRecord {
        let connection = found.of(&self.connections).and_then(|mut rows| {
            let row = rows.pop();
            row.map(|row| self.connections.read(row)).transpose()
        });
        let rules = take(rows, &staff_rules::key(user));
        let rules = rules.map(|row| self.staff.read(row)).transpose();
        OnRecord {
            connection,
            rules: rules.map(staff_rules::chosen),
        }
    }

    async fn find(&self, wanted: Wanted<'_>) -> Result<Found, StoreError> {
        let mut batch = Batch::default();
        let of_rules = wanted.user.map(staff_rules::key);
        for id in wanted.bindings.iter().cloned().chain(of_rules) {
            batch.add(&self.staff, attributes([("id", text(id))]));
        }
        if let Some(user) = wanted.user {
            let key = attributes([("user_id", text(user.as_str()))]);
            batch.add(&self.connections, key);
        }
        if let Some(((calls, call), user)) = wanted.ahead.zip(wanted.user) {
            calls.want_ahead(&mut batch, call, user);
        }
        if let Some((rentals, staff)) = wanted.stamps {
            rentals.want_stamps(&mut batch, staff);
        }
        batch.read(&self.staff.client, BRIEFLY).await
    }
}

/// The row of the staff table with that id.
fn take(rows: &mut Vec<Item>, id: &str) -> Option<Item> {
    let at = rows.iter().position(|row| {
        let found = row.get("id").and_then(|id| id.as_s().ok());
        found.is_some_and(|found| found == id)
    })?;
    Some(rows.swap_remove(at))
}
