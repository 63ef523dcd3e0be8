//! What can go wrong between us and DynamoDB.

use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// Why an item could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// DynamoDB did not answer. Whether a write took effect is unknown.
    #[error("DynamoDB did not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// DynamoDB refused, or asks to slow down; nothing was written.
    #[error("DynamoDB refused the request")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Somebody else changed the item first; nothing was written.
    #[error("the item was changed by someone else")]
    Changed,
    /// The stored item is not of the form that this version reads.
    #[error("an item of {table} cannot be read")]
    Unreadable {
        table: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl<E> From<SdkError<E, HttpResponse>> for StoreError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        if error.code() == Some("ConditionalCheckFailedException") {
            return Self::Changed;
        }
        let refused = match &error {
            SdkError::ConstructionFailure(_) => true,
            SdkError::ServiceError(answer) => answer.raw().status().is_client_error(),
            _ => false,
        };
        if refused {
            Self::Refused(Box::new(error))
        } else {
            Self::Unavailable(Box::new(error))
        }
    }
}
