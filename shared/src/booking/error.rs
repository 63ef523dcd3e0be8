//! Why a use case could not be carried out.

use crate::microsoft::MicrosoftError;
use crate::store::StoreError;

/// Nothing was booked or changed, except perhaps with [`BookingError::Unknown`].
#[derive(Debug, thiserror::Error)]
pub enum BookingError {
    #[error(transparent)]
    Calendar(#[from] MicrosoftError),
    #[error(transparent)]
    Store(StoreError),
    /// Whether the change is on record could not be found out.
    #[error("it is not known whether the change is on record")]
    Unknown(#[source] StoreError),
    /// Too many claims on one day at once; a later attempt will succeed.
    #[error("too many claims at once")]
    Busy,
}

impl From<StoreError> for BookingError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Changed => Self::Busy,
            error @ (StoreError::Unavailable(_)
            | StoreError::Refused(_)
            | StoreError::Unreadable { .. }) => Self::Store(error),
        }
    }
}
