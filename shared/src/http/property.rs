//! The property that a request names.

use super::{Caller, HttpError};
use crate::ids::{RentalId, UserId};
use crate::store::{Rental, Rentals};

/// The rental that `property_id` names, if it is there. Whoever acts only for themself
/// learns of no other than their own.
pub async fn property_named(
    id: Option<&str>,
    rentals: &Rentals,
    caller: &Caller,
    user: &UserId,
) -> Result<Option<Rental>, HttpError> {
    let Some(id) = id.map(str::trim).filter(|id| !id.is_empty()) else {
        return Ok(None);
    };
    let rental = rentals.get(&RentalId::new(id)).await?;
    let seen = |rental: &Rental| caller.acts_for_everyone() || rental.user_id == *user;
    let rental = rental.filter(seen);
    let problem = "is not the id of a rental";
    rental
        .map(Some)
        .ok_or_else(|| HttpError::bad_field("property_id", problem))
}
