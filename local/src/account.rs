//! The AWS account of whoever runs a command: the credentials and region that the AWS
//! command line would use.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use shared::aws::{self, Limits, Transport};
use shared::config::Settings;
use shared::https::{self, HttpsError};

/// The secrets of that account.
pub(crate) async fn secrets_manager(
    settings: &Settings,
) -> Result<aws_sdk_secretsmanager::Client, HttpsError> {
    let mut config = aws_sdk_secretsmanager::config::Builder::from(&config(settings).await?);
    let endpoint = settings.optional("AWS_ENDPOINT_URL_SECRETS_MANAGER");
    config.set_endpoint_url(endpoint.map(Into::into));
    Ok(aws_sdk_secretsmanager::Client::from_conf(config.build()))
}

/// The tables of that account.
pub(crate) async fn dynamodb(settings: &Settings) -> Result<aws_sdk_dynamodb::Client, HttpsError> {
    let mut config = aws_sdk_dynamodb::config::Builder::from(&config(settings).await?);
    let endpoint = settings.optional("AWS_ENDPOINT_URL_DYNAMODB");
    config.set_endpoint_url(endpoint.map(Into::into));
    Ok(aws_sdk_dynamodb::Client::from_conf(config.build()))
}

async fn config(settings: &Settings) -> Result<SdkConfig, HttpsError> {
    let limits = Limits::new(settings);
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(Transport(https::client()?))
        .retry_config(limits.retries())
        .timeout_config(limits.timeouts())
        .stalled_stream_protection(limits.throughput());
    if let Some(region) = settings.optional("AWS_REGION") {
        loader = loader.region(Region::new(region.to_owned()));
    }
    if let Some(credentials) = aws::credentials(settings) {
        loader = loader.credentials_provider(credentials);
    }
    Ok(loader.load().await)
}

/// What a service of AWS said. The error itself is not printed: it holds the whole answer.
pub(crate) fn refusal<E: ProvideErrorMetadata, R>(
    service: &str,
    error: &SdkError<E, R>,
) -> anyhow::Error {
    match (error, error.code(), error.message()) {
        (_, Some(code), Some(message)) => anyhow::anyhow!("{code}: {message}"),
        (_, Some(code), None) => anyhow::anyhow!("{code}"),
        (SdkError::ConstructionFailure(_), ..) => {
            anyhow::anyhow!("there are no credentials, or no region")
        }
        _ => anyhow::anyhow!(
            "{service} does not answer, or there are no credentials; check AWS_PROFILE and AWS_REGION"
        ),
    }
}
