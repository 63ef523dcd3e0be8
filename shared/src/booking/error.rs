//! Why a use case could not be carried out.

use crate::microsoft::MicrosoftError;
use crate::store::StoreError;

/// Nothing was booked, and nothing was learned of the calendar.
#[derive(Debug, thiserror::Error)]
pub enum BookingError {
    #[error(transparent)]
    Calendar(#[from] MicrosoftError),
    #[error(transparent)]
    Store(StoreError),
    /// Too many claims on one day at once; a later attempt will succeed.
    #[error("too many claims at once")]
    Busy,
}

impl From<StoreError> for BookingError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Changed => Self::Busy,
            error @ (StoreError::Unavailable(_) | StoreError::Unreadable { .. }) => {
                Self::Store(error)
            }
        }
    }
}
