//! VAPI's dashboard, with patience: when VAPI asks us to slow down, we do.

use std::time::Duration;

use serde_json::Value;
use shared::vapi::{Resource, VapiApi, VapiError};

/// How long is waited where VAPI does not say.
const USUAL_WAIT: Duration = Duration::from_secs(2);

/// How long is waited for one thing in all.
const MOST_WAIT: Duration = Duration::from_mins(3);

/// How often one thing is tried.
const TRIES: u32 = 12;

/// What the dashboard has.
pub(super) struct Contents {
    pub(super) assistants: Vec<Value>,
    pub(super) tools: Vec<Value>,
    pub(super) numbers: Vec<Value>,
}

/// The dashboard of one organisation.
pub(super) struct Remote(pub(super) VapiApi);

impl Remote {
    /// Everything that there is of what we look at, the oldest first.
    pub(super) async fn read(&self) -> Result<Contents, VapiError> {
        let mut contents = Contents {
            assistants: self.list(Resource::Assistant).await?,
            tools: self.list(Resource::Tool).await?,
            numbers: self.list(Resource::PhoneNumber).await?,
        };
        contents.assistants.reverse();
        contents.tools.reverse();
        contents.numbers.reverse();
        Ok(contents)
    }

    pub(super) async fn list(&self, resource: Resource) -> Result<Vec<Value>, VapiError> {
        patiently(async || self.0.list(resource).await).await
    }

    pub(super) async fn get(&self, resource: Resource, id: &str) -> Result<Value, VapiError> {
        patiently(async || self.0.get(resource, id).await).await
    }

    pub(super) async fn create(
        &self,
        resource: Resource,
        body: &Value,
    ) -> Result<Value, VapiError> {
        patiently(async || self.0.create(resource, body).await).await
    }

    pub(super) async fn change(
        &self,
        resource: Resource,
        id: &str,
        body: &Value,
    ) -> Result<Value, VapiError> {
        patiently(async || self.0.change(resource, id, body).await).await
    }
}

/// Does something as often as VAPI says that it came too early, which means that it
/// was not done.
async fn patiently<T>(ask: impl AsyncFn() -> Result<T, VapiError>) -> Result<T, VapiError> {
    let mut waited = Duration::ZERO;
    for _ in 1..TRIES {
        let retry_after = match ask().await {
            Err(VapiError::Throttled { retry_after }) => retry_after,
            other => return other,
        };
        let wait = retry_after.unwrap_or(USUAL_WAIT);
        waited = waited.saturating_add(wait);
        if waited > MOST_WAIT {
            return Err(VapiError::Throttled { retry_after });
        }
        tracing::warn!(seconds = wait.as_secs(), "VAPI asks us to slow down");
        tokio::time::sleep(wait).await;
    }
    ask().await
}
