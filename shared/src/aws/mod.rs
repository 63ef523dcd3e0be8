//! Clients of AWS, made from settings.
//!
//! The SDK's defaults have no operation timeout and wait a second before the
//! first retry; a caller on the phone cannot. An operation has its place within
//! `READ_DEADLINE_MS`: two attempts and half of a third take five eighths of it.

mod transport;

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};

use self::transport::Transport;
use crate::config::Settings;
use crate::https::{self, HttpsError};

/// The clients that a function may need; they share one connection pool.
#[derive(Clone)]
pub struct Aws {
    pub dynamodb: aws_sdk_dynamodb::Client,
    pub secrets: aws_sdk_secretsmanager::Client,
}

impl Aws {
    /// Clients with the credentials that Lambda hands a function's role over with, as
    /// settings. Nothing else is looked for, since nothing else is there.
    pub fn of_role(settings: &Settings, http: &reqwest::Client) -> Self {
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(Transport(http.clone()))
            .retry_config(retries())
            .timeout_config(time_limits(settings))
            .stalled_stream_protection(throughput())
            .region(region(settings));
        config.set_credentials_provider(credentials(settings).map(SharedCredentialsProvider::new));
        Self::with(&config.build(), settings)
    }

    /// Clients with whatever credentials and region the AWS command line would use, for
    /// an operator.
    pub async fn of_account(settings: &Settings) -> Result<Self, HttpsError> {
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(Transport(https::client()?))
            .retry_config(retries())
            .timeout_config(time_limits(settings))
            .stalled_stream_protection(throughput());
        if let Some(region) = region(settings) {
            loader = loader.region(region);
        }
        if let Some(credentials) = credentials(settings) {
            loader = loader.credentials_provider(credentials);
        }
        Ok(Self::with(&loader.load().await, settings))
    }

    fn with(config: &SdkConfig, settings: &Settings) -> Self {
        let endpoint = |name| settings.optional(name).map(Into::into);

        let mut dynamodb = aws_sdk_dynamodb::config::Builder::from(config);
        dynamodb.set_endpoint_url(endpoint("AWS_ENDPOINT_URL_DYNAMODB"));

        let mut secrets = aws_sdk_secretsmanager::config::Builder::from(config);
        secrets.set_endpoint_url(endpoint("AWS_ENDPOINT_URL_SECRETS_MANAGER"));

        Self {
            dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb.build()),
            secrets: aws_sdk_secretsmanager::Client::from_conf(secrets.build()),
        }
    }
}

/// How long an attempt may take at least, so that a busy moment is no failure.
const SHORTEST_ATTEMPT: Duration = Duration::from_millis(500);

fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(Duration::from_millis(50))
}

fn time_limits(settings: &Settings) -> TimeoutConfig {
    // Whoever starts the function refuses one that is no number.
    let deadline = settings.milliseconds("READ_DEADLINE_MS", 4000);
    let deadline = deadline.unwrap_or(Duration::from_secs(4));
    let attempt = (deadline / 4).max(SHORTEST_ATTEMPT);
    TimeoutConfig::builder()
        .operation_attempt_timeout(attempt)
        .operation_timeout(attempt * 5 / 2)
        .build()
}

/// An attempt ends in time however slowly its answer comes in, so that nobody has to count
/// the bytes.
fn throughput() -> StalledStreamProtectionConfig {
    StalledStreamProtectionConfig::disabled()
}

fn region(settings: &Settings) -> Option<Region> {
    let region = settings.optional("AWS_REGION")?;
    Some(Region::new(region.to_owned()))
}

fn credentials(settings: &Settings) -> Option<Credentials> {
    let id = settings.optional("AWS_ACCESS_KEY_ID")?;
    let key = settings.optional("AWS_SECRET_ACCESS_KEY")?;
    let session = settings.optional("AWS_SESSION_TOKEN").map(Into::into);
    Some(Credentials::new(id, key, session, None, "settings"))
}
