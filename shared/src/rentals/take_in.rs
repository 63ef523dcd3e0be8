//! Taking the rows of a file into the inventory.
//!
//! A row is the rental at its address on its website: it adds one that is not there
//! yet, and changes what it says of one that is. So a file can be taken in again,
//! also after half of it was, and a row that says nothing new writes nothing.

use std::collections::HashMap;

use super::address_key;
use super::form::RentalForm;
use super::import::Row;
use crate::clock::Turn;
use crate::field_problem::FieldProblem;
use crate::ids::{RentalId, UserId, rental_listed};
use crate::store::{Rental, RentalWrite, Rentals, SourceType, StoreError};

/// The website of rows that name none.
const FILE: &str = "import";

/// How often some rows are tried again when others write the same rentals.
const ATTEMPTS: u32 = 5;

/// Whose rentals a file may have.
#[derive(Clone, Debug)]
pub enum Owner {
    /// Those of this staff member only.
    Only(UserId),
    /// Anybody's, named by the row; those of this staff member where it names nobody.
    Any(Option<UserId>),
}

/// How a file is taken in.
pub struct Import<'a> {
    pub rentals: &'a Rentals,
    pub owner: Owner,
    /// The website of rows that name none.
    pub website: Option<&'a str>,
    pub source_type: SourceType,
    /// Says what would be done, and writes nothing.
    pub dry_run: bool,
    pub turn: Turn,
}

/// What became of the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub rejected: Vec<RejectedRow>,
}

/// A row that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedRow {
    pub row: u64,
    pub line: Option<u64>,
    pub problems: Vec<FieldProblem>,
}

/// A row that can be used, and the rental that it is.
struct Listed {
    row: u64,
    line: Option<u64>,
    id: RentalId,
    user: Option<UserId>,
    website: String,
    form: RentalForm,
}

/// What some rows come to.
#[derive(Default)]
struct Plan {
    report: ImportReport,
    /// The rentals as they are to be, and whether each is there already.
    /// Each with whose it was, if it was there.
    writes: Vec<(Rental, Option<UserId>)>,
}

impl Import<'_> {
    /// Takes in rows as they come, some at a time. When that fails, the rows before are
    /// in.
    pub async fn take_in(
        &self,
        rows: impl IntoIterator<Item = Row>,
    ) -> Result<ImportReport, StoreError> {
        let mut report = ImportReport::default();
        let mut some = Vec::with_capacity(Rentals::MOST_WRITES);
        // What a dry run would have written.
        let mut imagined = HashMap::new();
        for row in rows {
            match self.listed(row) {
                Ok(row) => some.push(row),
                Err(rejected) => report.rejected.push(rejected),
            }
            if some.len() == Rentals::MOST_WRITES {
                report.add(self.store(&some, &mut imagined).await?);
                some.clear();
            }
        }
        report.add(self.store(&some, &mut imagined).await?);
        report.rejected.sort_by_key(|rejected| rejected.row);
        Ok(report)
    }

    /// Which rental a row is.
    fn listed(&self, row: Row) -> Result<Listed, RejectedRow> {
        let (number, line) = (row.row, row.line);
        let read = row.form.and_then(|form| {
            let user = self
                .user(&form)
                .map_err(|problem| one("user_id", problem))?;
            let website = self.website_of(&form);
            let key = form.address.as_deref().and_then(address_key);
            let key = key.ok_or_else(|| one("property_address", "is missing"))?;
            Ok(Listed {
                row: number,
                line,
                id: rental_listed(&website, &key),
                user,
                website,
                form,
            })
        });
        read.map_err(|problems| RejectedRow {
            row: number,
            line,
            problems,
        })
    }

    /// Who shows a rental of that row; without anybody, it has to be there already.
    fn user(&self, form: &RentalForm) -> Result<Option<UserId>, &'static str> {
        match (&self.owner, &form.user_id) {
            (Owner::Only(own), Some(named)) if own != named => {
                Err("must be your own, or be left out")
            }
            (Owner::Only(own), _) => Ok(Some(own.clone())),
            (Owner::Any(_), Some(named)) => Ok(Some(named.clone())),
            (Owner::Any(usual), None) => Ok(usual.clone()),
        }
    }

    fn website_of(&self, form: &RentalForm) -> String {
        let usual = self.website.unwrap_or(FILE);
        form.website.clone().unwrap_or_else(|| usual.to_owned())
    }

    async fn store(
        &self,
        rows: &[Listed],
        imagined: &mut HashMap<RentalId, Rental>,
    ) -> Result<ImportReport, StoreError> {
        let mut ids: Vec<&RentalId> = rows.iter().map(|row| &row.id).collect();
        ids.sort_unstable();
        ids.dedup();
        for _ in 0..ATTEMPTS {
            let stored = self.rentals.get_all(&ids).await?;
            let mut known: HashMap<RentalId, Rental> = HashMap::new();
            known.extend(stored.into_iter().map(|rental| (rental.id.clone(), rental)));
            known.extend(ids.iter().filter_map(|id| imagined.remove_entry(*id)));
            let plan = self.plan(rows, known);
            if self.dry_run {
                let written = plan.writes.into_iter();
                imagined.extend(written.map(|(rental, _)| (rental.id.clone(), rental)));
                return Ok(plan.report);
            }
            let writes: Vec<RentalWrite<'_>> = plan
                .writes
                .iter()
                .map(|(rental, was)| match was {
                    Some(owner) => RentalWrite::Replace(rental, owner),
                    None => RentalWrite::Insert(rental),
                })
                .collect();
            match self.rentals.write(&writes, &self.turn).await {
                Ok(()) => return Ok(plan.report),
                // Decided again on what is there now.
                Err(StoreError::Changed) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Unavailable(
            "others keep writing the same rentals".into(),
        ))
    }

    /// What the rows come to over what is known, one after the other.
    fn plan(&self, rows: &[Listed], mut known: HashMap<RentalId, Rental>) -> Plan {
        let mut plan = Plan::default();
        let before: HashMap<RentalId, (i64, UserId)> = known
            .iter()
            .map(|(id, rental)| (id.clone(), (rental.version, rental.user_id.clone())))
            .collect();
        let mut touched: Vec<&RentalId> = Vec::new();
        for row in rows {
            let next = match known.get(&row.id) {
                Some(rental) => self.change(row, rental),
                None => self.new_rental(row).map(Some),
            };
            match next {
                Ok(None) => plan.report.unchanged += 1,
                Ok(Some(rental)) => {
                    match known.insert(row.id.clone(), rental) {
                        None => plan.report.created += 1,
                        Some(_) => plan.report.updated += 1,
                    }
                    if !touched.contains(&&row.id) {
                        touched.push(&row.id);
                    }
                }
                Err(problems) => plan.report.rejected.push(RejectedRow {
                    row: row.row,
                    line: row.line,
                    problems,
                }),
            }
        }
        for id in touched {
            let Some(mut rental) = known.remove(id) else {
                continue;
            };
            let (version, owner) = before.get(id).cloned().unzip();
            // Several rows of one rental are one write.
            rental.version = version.unwrap_or(0).saturating_add(1);
            plan.writes.push((rental, owner));
        }
        plan
    }

    fn new_rental(&self, row: &Listed) -> Result<Rental, Vec<FieldProblem>> {
        let user = row.user.as_ref();
        let user = user.ok_or_else(|| one("user_id", "is missing; say who shows it"))?;
        let rental = row
            .form
            .rental(user, &row.website, self.source_type, self.turn.now);
        rental.ok_or_else(|| one("property_address", "is missing"))
    }

    fn change(&self, row: &Listed, rental: &Rental) -> Result<Option<Rental>, Vec<FieldProblem>> {
        match &self.owner {
            Owner::Only(own) if rental.user_id != *own => Err(one(
                "property_address",
                "is another staff member's on this website",
            )),
            Owner::Only(_) | Owner::Any(_) => Ok(row.form.applied_to(rental, self.turn.now)),
        }
    }
}

impl ImportReport {
    fn add(&mut self, other: Self) {
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.rejected.extend(other.rejected);
    }
}

fn one(field: &str, problem: &str) -> Vec<FieldProblem> {
    vec![FieldProblem {
        field: field.to_owned(),
        problem: problem.to_owned(),
    }]
}
