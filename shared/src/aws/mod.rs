//! AWS, asked with what settings say.

mod limits;
mod secrets_manager;
#[cfg(test)]
mod service;
mod transport;
mod user_agent;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region, SharedCredentialsProvider};

pub use self::limits::Limits;
pub use self::secrets_manager::{SecretsManager, SecretsManagerError};
pub use self::transport::Transport;
use self::user_agent::OurUserAgent;
use crate::config::Settings;

/// The clients that a function may need; they share one connection pool.
#[derive(Clone)]
pub struct Aws {
    pub dynamodb: aws_sdk_dynamodb::Client,
    pub secrets: SecretsManager,
}

impl Aws {
    /// Clients with the credentials that Lambda hands a function's role over with, as
    /// settings. Nothing else is looked for, since nothing else is there.
    pub fn new(settings: &Settings, http: &reqwest::Client) -> Self {
        let limits = Limits::new(settings);
        let credentials = credentials(settings);
        let mut dynamodb = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(Transport(http.clone()))
            .interceptor(OurUserAgent)
            .retry_config(limits.retries())
            .timeout_config(limits.timeouts())
            .stalled_stream_protection(limits.throughput());
        let text = |name| settings.optional(name).map(str::to_owned);
        dynamodb.set_region(text("AWS_REGION").map(Region::new));
        dynamodb.set_endpoint_url(text("AWS_ENDPOINT_URL_DYNAMODB"));
        dynamodb.set_credentials_provider(credentials.clone().map(SharedCredentialsProvider::new));
        Self {
            dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb.build()),
            secrets: SecretsManager::new(settings, credentials, limits, http),
        }
    }
}

/// The credentials that are among the settings.
pub fn credentials(settings: &Settings) -> Option<Credentials> {
    let id = settings.optional("AWS_ACCESS_KEY_ID")?;
    let key = settings.optional("AWS_SECRET_ACCESS_KEY")?;
    let session = settings.optional("AWS_SESSION_TOKEN").map(Into::into);
    Some(Credentials::new(id, key, session, None, "settings"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn dynamodb_is_told_who_we_are_as_everybody_is() {
        let (endpoint, heard) = service::answering([(200, r#"{"TableNames": []}"#)]).await;
        let settings = [
            ("AWS_REGION", "us-east-2"),
            ("AWS_ENDPOINT_URL_DYNAMODB", endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "key"),
        ];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let http = crate::https::client().unwrap();
        let aws = Aws::new(&Settings::from_iter(settings), &http);
        aws.dynamodb.list_tables().send().await.unwrap();
        let heard = heard.await.unwrap();
        let agents = heard.iter().flat_map(|request| request.lines());
        let agents: Vec<&str> = agents.filter(|line| line.contains("user-agent")).collect();
        let ours = concat!("user-agent: viewing-desk/", env!("CARGO_PKG_VERSION"));
        assert_eq!(agents, [ours]);
        assert!(heard[0].contains("authorization: AWS4-HMAC-SHA256 "));
    }
}
