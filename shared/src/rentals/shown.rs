//! What staff members show: the rentals that a caller of theirs can ask about.
//!
//! A warm function keeps them, and asks each time whether anything has changed since.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::try_join_all;
use jiff::Timestamp;

use crate::ids::UserId;
use crate::store::{Rental, RentalList, Rentals, Stamp, StoreError};

/// How many rentals are read at once; DynamoDB sends no more than a megabyte, which is
/// about as many.
const PAGE: usize = 1000;

/// How long after a change the index may still be without it, in seconds: mostly less than
/// one (Amazon DynamoDB developer guide, "Global secondary indexes").
const SETTLED: i64 = 15;

/// The most rentals that are kept: mostly some ten megabytes.
const KEPT: usize = 8000;

/// The rentals of one staff member, in order of when they can be had.
type List = Arc<[Arc<Rental>]>;

/// What was read of a staff member, with the stamp that it had; none while nothing of
/// theirs was ever written.
type Kept = (Option<Stamp>, List);

/// What is kept of staff members.
#[derive(Default)]
pub struct Shown(Mutex<HashMap<UserId, Kept>>);

impl Shown {
    /// The rentals of some staff members, of each of them those first that can be had
    /// soonest. `stamps` are theirs where they have just been read.
    pub async fn by(
        &self,
        rentals: &Rentals,
        staff: &[UserId],
        stamps: Option<Vec<Option<Stamp>>>,
        now: Timestamp,
    ) -> Result<Vec<Arc<Rental>>, StoreError> {
        let kept = self.kept(staff);
        let known = match stamps {
            None if kept.iter().any(Option::is_some) => Some(rentals.stamps(staff).await?),
            known => known,
        };
        let (stamps, lists) = if let Some(stamps) = known {
            let lists = unless_changed(rentals, staff, kept, &stamps).await?;
            (stamps, lists)
        } else {
            // The stamps are read meanwhile: one that is settled was so before as well.
            let lists = try_join_all(staff.iter().map(|user| all_of(rentals, user)));
            tokio::try_join!(rentals.stamps(staff), lists)?
        };
        for ((user, list), stamp) in staff.iter().zip(&lists).zip(stamps) {
            self.keep(user, list, stamp, now);
        }
        Ok(lists.iter().flat_map(|list| list.iter().cloned()).collect())
    }

    fn kept(&self, staff: &[UserId]) -> Vec<Option<Kept>> {
        let kept = self.all();
        staff.iter().map(|user| kept.get(user).cloned()).collect()
    }

    /// Keeps a list, unless the index that it came from may be behind its stamp.
    fn keep(&self, user: &UserId, list: &List, stamp: Option<Stamp>, now: Timestamp) {
        let is_settled = match stamp {
            Some(stamp) => now.as_second() - stamp.changed_at >= SETTLED,
            // Rentals from before there were stamps can change without one.
            None => list.is_empty(),
        };
        if !is_settled {
            return;
        }
        let mut kept = self.all();
        kept.remove(user);
        // Who shows nothing takes room too.
        let count: usize = kept.values().map(|(_, list)| list.len() + 1).sum();
        if count + list.len() >= KEPT {
            kept.clear();
        }
        if list.len() < KEPT {
            kept.insert(user.clone(), (stamp, Arc::clone(list)));
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<UserId, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is kept where the stamp is still the same, else what it is by now.
async fn unless_changed(
    rentals: &Rentals,
    staff: &[UserId],
    kept: Vec<Option<Kept>>,
    stamps: &[Option<Stamp>],
) -> Result<Vec<List>, StoreError> {
    let lists = staff.iter().zip(kept).zip(stamps);
    let lists = lists.map(async |((user, kept), stamp)| match kept {
        Some((before, list)) if before == *stamp => Ok(list),
        _ => all_of(rentals, user).await,
    });
    try_join_all(lists).await
}

/// A query of their own partition, as many pages as there are.
async fn all_of(rentals: &Rentals, user: &UserId) -> Result<List, StoreError> {
    let list = RentalList::owned_by(Some(user));
    let mut page = rentals.page(&list, PAGE, None).await?;
    let mut all = page.rentals;
    while let Some(next) = page.next {
        page = rentals.page(&list, PAGE, Some(next)).await?;
        all.append(&mut page.rentals);
    }
    Ok(all.into_iter().map(Arc::new).collect())
}
