//! Clients of AWS, made from settings.
//!
//! The SDK's defaults have no operation timeout and wait a second before the
//! first retry; a caller on the phone cannot. An operation has its place within
//! `READ_DEADLINE_MS`: two attempts and half of a third take five eighths of it.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::Credentials;

use crate::config::Settings;

/// The clients that a function may need; they share one connection pool.
#[derive(Clone)]
pub struct Aws {
    pub dynamodb: aws_sdk_dynamodb::Client,
    pub secrets: aws_sdk_secretsmanager::Client,
}

impl Aws {
    /// Builds the clients. Does no I/O beyond reading settings.
    pub async fn connect(settings: &Settings) -> Self {
        let shared = load(settings).await;

        let mut dynamodb = aws_sdk_dynamodb::config::Builder::from(&shared);
        dynamodb.set_endpoint_url(
            settings
                .optional("AWS_ENDPOINT_URL_DYNAMODB")
                .map(Into::into),
        );

        let mut secrets = aws_sdk_secretsmanager::config::Builder::from(&shared);
        secrets.set_endpoint_url(
            settings
                .optional("AWS_ENDPOINT_URL_SECRETS_MANAGER")
                .map(Into::into),
        );

        Self {
            dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb.build()),
            secrets: aws_sdk_secretsmanager::Client::from_conf(secrets.build()),
        }
    }
}

/// How long an attempt may take at least, so that a busy moment is no failure.
const SHORTEST_ATTEMPT: Duration = Duration::from_millis(500);

async fn load(settings: &Settings) -> SdkConfig {
    // Whoever starts the function refuses one that is no number.
    let deadline = settings.milliseconds("READ_DEADLINE_MS", 4000);
    let deadline = deadline.unwrap_or(Duration::from_secs(4));
    let attempt = (deadline / 4).max(SHORTEST_ATTEMPT);
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(3)
                .with_initial_backoff(Duration::from_millis(50)),
        )
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_millis(500))
                .operation_attempt_timeout(attempt)
                .operation_timeout(attempt * 5 / 2)
                .build(),
        );
    if let Some(region) = settings.optional("AWS_REGION") {
        loader = loader.region(Region::new(region.to_owned()));
    }
    // Lambda hands the role's credentials over as settings; taking them from
    // there saves the provider chain at start.
    if let (Some(id), Some(key)) = (
        settings.optional("AWS_ACCESS_KEY_ID"),
        settings.optional("AWS_SECRET_ACCESS_KEY"),
    ) {
        let session = settings.optional("AWS_SESSION_TOKEN").map(Into::into);
        loader = loader.credentials_provider(Credentials::new(id, key, session, None, "settings"));
    }
    loader.load().await
}
