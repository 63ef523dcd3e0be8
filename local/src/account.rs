//! The AWS account of whoever runs a command: the credentials and region that the AWS
//! command line would use.

use aws_config::BehaviorVersion;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::{Builder, Region};
use shared::aws::{self, Limits, Transport};
use shared::config::Settings;
use shared::https::{self, HttpsError};

/// The secrets of that account.
pub(crate) async fn secrets_manager(settings: &Settings) -> Result<Client, HttpsError> {
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
    let mut config = Builder::from(&loader.load().await);
    let endpoint = settings.optional("AWS_ENDPOINT_URL_SECRETS_MANAGER");
    config.set_endpoint_url(endpoint.map(Into::into));
    Ok(Client::from_conf(config.build()))
}
