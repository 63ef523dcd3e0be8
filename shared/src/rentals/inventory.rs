//! One rental at a time: shown, added, changed and removed, by whoever may.

use super::address_key;
use super::form::RentalForm;
use crate::clock::Turn;
use crate::ids::{RentalId, UserId};
use crate::store::{Rental, RentalWrite, Rentals, SourceType, StoreError};

/// The website of a rental that is listed nowhere.
const BY_HAND: &str = "crm";

/// How often a change that names no version is tried again when others are first.
const ATTEMPTS: u32 = 5;

/// Why something could not be done with a rental.
#[derive(Debug, thiserror::Error)]
pub enum InventoryError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is none with that id, or it is another staff member's.
    #[error("there is no such rental")]
    Missing,
    /// A new one has no address.
    #[error("the address is missing")]
    NoAddress,
    /// There is one at that address of that website.
    #[error("the address is listed already")]
    Listed(RentalId),
    /// It is not at the version that the change was decided on.
    #[error("the rental was changed by someone else")]
    Stale,
    /// The address, or the website, would be another one.
    #[error("{0} is what the rental is known by")]
    KnownBy(&'static str),
}

/// The inventory as it is seen by one caller.
pub struct Inventory<'a> {
    pub rentals: &'a Rentals,
    /// The staff member whose rentals are seen; all of them without.
    pub owner: Option<&'a UserId>,
    pub turn: Turn,
}

impl Inventory<'_> {
    /// The rental with that id.
    pub async fn get(&self, id: &RentalId) -> Result<Rental, InventoryError> {
        let found = self.rentals.get(id).await?;
        let seen = found.filter(|rental| self.owner.is_none_or(|owner| *owner == rental.user_id));
        seen.ok_or(InventoryError::Missing)
    }

    /// Adds a rental that `user` shows.
    pub async fn add(&self, form: &RentalForm, user: &UserId) -> Result<Rental, InventoryError> {
        let website = form.website.as_deref().unwrap_or(BY_HAND);
        let rental = form.rental(user, website, SourceType::Manual, self.turn.now);
        let rental = rental.ok_or(InventoryError::NoAddress)?;
        match self.write(RentalWrite::Insert(&rental)).await {
            Ok(()) => Ok(rental),
            Err(StoreError::Changed) => Err(InventoryError::Listed(rental.id)),
            Err(error) => Err(error.into()),
        }
    }

    /// Changes a rental, if it is still at `version`; in whatever version it is,
    /// without one.
    pub async fn change(
        &self,
        id: &RentalId,
        version: Option<i64>,
        form: &RentalForm,
    ) -> Result<Rental, InventoryError> {
        for _ in 0..ATTEMPTS {
            let rental = self.at_version(id, version).await?;
            check_identity(&rental, form)?;
            let Some(next) = form.applied_to(&rental, self.turn.now) else {
                return Ok(rental);
            };
            match self
                .write(RentalWrite::Replace(&next, &rental.user_id))
                .await
            {
                Ok(()) => return Ok(next),
                Err(StoreError::Changed) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(InventoryError::Stale)
    }

    /// Removes a rental, if it is still at `version`; in whatever version it is,
    /// without one.
    pub async fn remove(&self, id: &RentalId, version: Option<i64>) -> Result<(), InventoryError> {
        for _ in 0..ATTEMPTS {
            let rental = self.at_version(id, version).await?;
            match self.write(RentalWrite::Delete(&rental)).await {
                Ok(()) => return Ok(()),
                Err(StoreError::Changed) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(InventoryError::Stale)
    }

    async fn at_version(
        &self,
        id: &RentalId,
        version: Option<i64>,
    ) -> Result<Rental, InventoryError> {
        let rental = self.get(id).await?;
        if version.is_some_and(|version| version != rental.version) {
            return Err(InventoryError::Stale);
        }
        Ok(rental)
    }

    async fn write(&self, write: RentalWrite<'_>) -> Result<(), StoreError> {
        self.rentals.write(&[write], &self.turn).await
    }
}

/// The id is made of address and website, so neither can become another one.
fn check_identity(rental: &Rental, form: &RentalForm) -> Result<(), InventoryError> {
    let address = form.address.as_deref();
    if address.is_some_and(|new| address_key(new) != address_key(&rental.property_address)) {
        return Err(InventoryError::KnownBy("property_address"));
    }
    if form
        .website
        .as_ref()
        .is_some_and(|new| *new != rental.website)
    {
        return Err(InventoryError::KnownBy("website"));
    }
    Ok(())
}
