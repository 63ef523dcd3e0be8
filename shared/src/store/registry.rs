//! What a call needs to know of people before anything else, in one request: whom an
//! assistant or a number is bound to (`STAFF_TABLE`), of one staff member the rules, the
//! connection (`CONNECTIONS_TABLE`) and what was read ahead for the call (`CALLS_TABLE`),
//! and whether what staff members show has changed (`RENTALS_TABLE`).

use super::StoreError;
use super::calls::{Ahead, Calls};
use super::connections::Connection;
use super::rentals::{Rentals, Stamp};
use super::staff::Binding;
use super::staff_rules::{self, StaffRules};
use super::table::{Batch, Item, Table, attributes, text};
use crate::aws::Aws;
use crate::config::{SettingError, Settings};
use crate::ids::UserId;

/// The tables of staff, and of their connections.
pub struct Registry {
    staff: Table,
    connections: Table,
}

/// What is on record of a staff member.
#[derive(Clone, Debug)]
pub struct OnRecord {
    pub connection: Option<Connection>,
    pub rules: StaffRules,
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
    /// None when it cannot be read: bindings do not depend on it.
    pub on_record: Option<OnRecord>,
    pub ahead: Option<Ahead>,
    /// Each in its place; none when they were not asked for or cannot be read.
    pub stamps: Option<Vec<Option<Stamp>>>,
}

/// The rows that were found, as they came.
#[derive(Default)]
struct Rows {
    staff: Vec<Item>,
    connection: Option<Item>,
    ahead: Option<Item>,
    stamps: Vec<Item>,
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
        let mut rows = self.rows(wanted).await?;
        self.on_record(user, &mut rows)
    }

    /// Whatever is wanted, in one request.
    pub async fn read(&self, wanted: Wanted<'_>) -> Result<Registered, StoreError> {
        let mut rows = self.rows(wanted).await?;
        let bindings = wanted.bindings.iter().map(|id| {
            let row = rows.take(id);
            row.map(|row| self.staff.read(row)).transpose()
        });
        let bindings = bindings.collect::<Result<_, _>>()?;
        let ahead = wanted.ahead.zip(rows.ahead.take());
        let stamps = std::mem::take(&mut rows.stamps);
        let stamps =
            |(rentals, staff): (&Rentals, &[UserId])| rentals.stamps_in(stamps, staff).ok();
        let on_record = |user| self.on_record(user, &mut rows).ok();
        Ok(Registered {
            bindings,
            on_record: wanted.user.and_then(on_record),
            ahead: ahead.and_then(|((calls, _), row)| calls.ahead_in(row)),
            stamps: wanted.stamps.and_then(stamps),
        })
    }

    fn on_record(&self, user: &UserId, rows: &mut Rows) -> Result<OnRecord, StoreError> {
        let connection = rows.connection.take();
        let connection = connection.map(|row| self.connections.read(row));
        let rules = rows.take(&staff_rules::key(user));
        let rules = rules.map(|row| self.staff.read(row)).transpose()?;
        Ok(OnRecord {
            connection: connection.transpose()?,
            rules: staff_rules::chosen(rules),
        })
    }

    async fn rows(&self, wanted: Wanted<'_>) -> Result<Rows, StoreError> {
        let mut batch = Batch::default();
        let of_rules = wanted.user.map(staff_rules::key);
        for id in wanted.bindings.iter().cloned().chain(of_rules) {
            batch.add(&self.staff, attributes([("id", text(id))]));
        }
        if let Some(user) = wanted.user {
            let key = attributes([("user_id", text(user.as_str()))]);
            batch.add(&self.connections, key);
        }
        let ahead = wanted.ahead.zip(wanted.user);
        if let Some(((calls, call), user)) = ahead {
            calls.want_ahead(&mut batch, call, user);
        }
        if let Some((rentals, staff)) = wanted.stamps {
            rentals.want_stamps(&mut batch, staff);
        }
        let mut found = batch.read(&self.staff.client).await?;
        let mut of = |table: &str| found.remove(table).unwrap_or_default();
        Ok(Rows {
            staff: of(&self.staff.name),
            connection: of(&self.connections.name).pop(),
            ahead: ahead.and_then(|((calls, _), _)| of(calls.table_name()).pop()),
            stamps: match wanted.stamps {
                Some((rentals, _)) => of(rentals.table_name()),
                None => Vec::new(),
            },
        })
    }
}

impl Rows {
    /// The row of the staff table with that id.
    fn take(&mut self, id: &str) -> Option<Item> {
        let mut rows = self.staff.iter();
        let at = rows.position(|row| {
            let found = row.get("id").and_then(|id| id.as_s().ok());
            found.is_some_and(|found| found == id)
        })?;
        Some(self.staff.swap_remove(at))
    }
}
