//! What staff members show: the rentals that a caller of theirs can ask about.

use futures_util::future::try_join_all;

use crate::ids::UserId;
use crate::store::{Rental, RentalList, Rentals, StoreError};

/// How many rentals are read at once; DynamoDB sends no more than a megabyte, which is
/// about as many.
const PAGE: usize = 1000;

/// The rentals of some staff members, of each of them those first that can be had
/// soonest: a query of their own partition, as many pages as there are.
pub async fn shown_by(rentals: &Rentals, staff: &[UserId]) -> Result<Vec<Rental>, StoreError> {
    let lists = staff.iter().map(|user| all_of(rentals, user));
    let lists = try_join_all(lists).await?;
    Ok(lists.into_iter().flatten().collect())
}

async fn all_of(rentals: &Rentals, user: &UserId) -> Result<Vec<Rental>, StoreError> {
    let list = RentalList::owned_by(Some(user));
    let mut page = rentals.page(&list, PAGE, None).await?;
    let mut all = page.rentals;
    while let Some(next) = page.next {
        page = rentals.page(&list, PAGE, Some(next)).await?;
        all.append(&mut page.rentals);
    }
    Ok(all)
}
