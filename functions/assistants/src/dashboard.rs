//! VAPI's dashboard, as last read.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use shared::aws::Aws;
use shared::config::{Settings, StartError};
use shared::http::HttpError;
use shared::https;
use shared::secrets::{Secret, VapiSecret};
use shared::vapi::{Resource, VAPI_BASE_URL, VapiApi, VapiError};
use tokio::sync::Mutex;

/// How long what was read is shown.
const KEPT: SignedDuration = SignedDuration::from_mins(1);

/// How long all pages together may take.
const LIMIT: Duration = Duration::from_secs(12);

/// What VAPI has, and its API.
pub(super) struct Dashboard {
    http: reqwest::Client,
    base_url: String,
    secret: Secret<VapiSecret>,
    /// Held while reading, so that those who come at the same time wait for one answer.
    last: Mutex<Option<Arc<Contents>>>,
}

/// What the dashboard had.
pub(super) struct Contents {
    pub(super) assistants: Vec<Value>,
    pub(super) tools: Vec<Value>,
    pub(super) read_at: Timestamp,
}

impl Dashboard {
    /// Uses `VAPI_BASE_URL` and the secret that `VAPI_SECRET` names.
    pub(super) fn new(settings: &Settings, aws: &Aws) -> Result<Self, StartError> {
        Ok(Self {
            http: https::client()?,
            base_url: settings.base_url("VAPI_BASE_URL", Some(VAPI_BASE_URL))?,
            secret: Secret::new(&aws.secrets, settings.required("VAPI_SECRET")?),
            last: Mutex::default(),
        })
    }

    /// What the dashboard has, at most a minute ago.
    pub(super) async fn read(&self, now: Timestamp) -> Result<Arc<Contents>, HttpError> {
        let mut last = self.last.lock().await;
        if let Some(contents) = last.as_ref().filter(|last| now < last.read_at + KEPT) {
            return Ok(Arc::clone(contents));
        }
        let api = self.api().await?;
        let lists =
            async { tokio::try_join!(api.list(Resource::Assistant), api.list(Resource::Tool)) };
        let lists = tokio::time::timeout(LIMIT, lists).await;
        let (assistants, tools) = lists.unwrap_or_else(|_| Err(too_slow()))?;
        let contents = Arc::new(Contents {
            assistants,
            tools,
            read_at: now,
        });
        *last = Some(Arc::clone(&contents));
        Ok(contents)
    }

    /// VAPI's own analytics.
    pub(super) async fn analytics(&self, question: &Value) -> Result<Value, HttpError> {
        Ok(self.api().await?.analytics(question).await?)
    }

    async fn api(&self) -> Result<VapiApi, HttpError> {
        let secret = self.secret.get().await?;
        let key = secret.api_key.as_ref().ok_or(VapiError::Unauthorized)?;
        Ok(VapiApi::new(self.http.clone(), &self.base_url, key))
    }
}

fn too_slow() -> VapiError {
    VapiError::Unavailable("it took too long".to_owned())
}
