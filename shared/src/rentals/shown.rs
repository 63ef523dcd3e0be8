//! What staff members show: the rentals that a caller of theirs can ask about.

use futures_util::future::try_join_all;

use crate::ids::UserId;
use crate::store::{Rental, RentalList, Rentals, RentalsOf, StoreError};

/// How many rentals of one staff member are looked at, those first that can be had
/// soonest.
pub const MOST_SHOWN: usize = 1000;

/// The rentals of some staff members: one query each, of their own partition.
pub async fn shown_by(rentals: &Rentals, staff: &[UserId]) -> Result<Vec<Rental>, StoreError> {
    let lists = staff.iter().map(|user| async move {
        let list = RentalList {
            of: RentalsOf::Staff(user),
            available_by: None,
        };
        rentals.page(&list, MOST_SHOWN, None).await
    });
    let pages = try_join_all(lists).await?;
    Ok(pages.into_iter().flat_map(|page| page.rentals).collect())
}
