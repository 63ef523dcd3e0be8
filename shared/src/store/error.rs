//! What can go wrong between us and DynamoDB.

use aws_sdk_dynamodb::error::SdkError;

/// Why an item could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// DynamoDB did not answer, or refused. Whether a write took effect is unknown.
    #[error("DynamoDB could not serve the request")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Somebody else changed the item first; nothing was written.
    #[error("the item was changed by someone else")]
    Changed,
    /// The stored item is not of the form that this version reads.
    #[error("an item of {table} cannot be read")]
    Unreadable {
        table: String,
        #[source]
        source: serde_dynamo::Error,
    },
}

impl<E, R> From<SdkError<E, R>> for StoreError
where
    E: std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    fn from(error: SdkError<E, R>) -> Self {
        Self::Unavailable(Box::new(error))
    }
}
