//! What can be in the way of a source, and of reading it.

use super::fetch::FetchError;
use crate::rentals::FileError;
use crate::store::StoreError;
use crate::web_search::{QueryError, SearchError};

/// Why something could not be done with a source.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is none with that id, or it is another staff member's.
    #[error("there is no such source")]
    Missing,
    /// The address is there already, to be read in another way.
    #[error("the address is a source already")]
    Differs,
    /// The staff member has as many as anybody may have.
    #[error("there are too many sources")]
    TooMany,
    /// It is being refreshed, or was a moment ago.
    #[error("the source is being refreshed")]
    Busy,
}

/// Why a source was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Search(#[from] SearchError),
    /// Its location makes no query.
    #[error("it cannot be searched for")]
    Query(QueryError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("it took too long")]
    TooLate,
}

impl ReadError {
    /// The sentence for the person whose source it is.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Fetch(error) => format!("The feed was not read: {error}."),
            Self::File(error) => format!("The feed was not read: {error}."),
            Self::Search(SearchError::Store(_) | SearchError::Secret(_)) | Self::Store(_) => {
                "Our records could not be reached. What was read before that is in.".to_owned()
            }
            Self::Search(error) => format!("The website was not searched: {error}."),
            Self::Query(_) => "The website was not searched: the location is too long.".to_owned(),
            Self::TooLate => {
                "It took too long. What was read before that is in; the next time adds the rest."
                    .to_owned()
            }
        }
    }
}
