//! The AWS account of whoever runs a command: the credentials and region that the AWS
//! command line would use.

use aws_config::BehaviorVersion;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::{Builder, Credentials, Region};
use shared::aws::{Limits, Transport};
use shared::config::Settings;
use shared::https::{self, HttpsError};

/// The secrets of that account.
pub(crate) async fn secrets_manager(settings: &Settings) -> Result<Client, HttpsError> {
    let limits = Limits::new(settings);
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(Transport(https::client()?))
        .retry_config(limits.retries())
        .timeout_config(limits.timeouts());
    if let Some(region) = settings.optional("AWS_REGION") {
        loader = loader.region(Region::new(region.to_owned()));
    }
    if let (Some(id), Some(key)) = (
        settings.optional("AWS_ACCESS_KEY_ID"),
        settings.optional("AWS_SECRET_ACCESS_KEY"),
    ) {
        let session = settings.optional("AWS_SESSION_TOKEN").map(Into::into);
        loader = loader.credentials_provider(Credentials::new(id, key, session, None, "settings"));
    }
    let mut config = Builder::from(&loader.load().await);
    let endpoint = settings.optional("AWS_ENDPOINT_URL_SECRETS_MANAGER");
    config.set_endpoint_url(endpoint.map(Into::into));
    Ok(Client::from_conf(config.build()))
}
