//! Secrets Manager, asked for a secret with one signed request (AWS Secrets Manager API
//! Reference, "`GetSecretValue`"). It is the one question that functions have; the SDK's
//! client for it would take a twelfth of the processor time of every cold start.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use lambda_http::http::{Request, StatusCode};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

use super::limits::Limits;
use crate::clock::Clock;
use crate::config::Settings;
use crate::https::read_within;

/// The longest answer that is read, in bytes. A secret has 64 KiB at most ("AWS Secrets
/// Manager quotas"), and JSON may need six characters for one.
const LONGEST_ANSWER: usize = 512 * 1024;

/// Secrets Manager of one region, for whoever has those credentials.
#[derive(Clone)]
pub struct SecretsManager {
    http: reqwest::Client,
    endpoint: String,
    region: String,
    credentials: Option<Credentials>,
    limits: Limits,
}

/// Why a secret is not there.
#[derive(Debug, thiserror::Error)]
pub enum SecretsManagerError {
    /// There are no credentials, or what is asked for cannot be asked for.
    #[error("the request cannot be signed: {0}")]
    Unsigned(&'static str),
    /// No answer came.
    #[error("Secrets Manager was not reached")]
    Unreached(#[from] reqwest::Error),
    /// None came in time.
    #[error("Secrets Manager did not answer in time")]
    TooLate,
    /// It said no; what it calls that is an exception's name.
    #[error("Secrets Manager answered {status} ({exception})")]
    Refused {
        status: StatusCode,
        exception: String,
    },
    /// The answer is none of its answers, or the secret is no text.
    #[error("Secrets Manager gave no text")]
    NoText,
}

impl SecretsManagerError {
    /// Whether the same question may have another answer in a moment.
    fn is_passing(&self) -> bool {
        match self {
            Self::Unreached(_) | Self::TooLate => true,
            Self::Refused { status, exception } => {
                status.is_server_error()
                    || *status == StatusCode::TOO_MANY_REQUESTS
                    || exception.starts_with("Throttling")
            }
            Self::Unsigned(_) | Self::NoText => false,
        }
    }
}

impl SecretsManager {
    pub(super) fn new(
        settings: &Settings,
        credentials: Option<Credentials>,
        limits: Limits,
        http: &reqwest::Client,
    ) -> Self {
        let region = settings.optional("AWS_REGION").unwrap_or_default();
        let own = settings.optional("AWS_ENDPOINT_URL_SECRETS_MANAGER");
        let endpoint = own.map_or_else(|| usual_endpoint(region), str::to_owned);
        Self {
            http: http.clone(),
            endpoint,
            region: region.to_owned(),
            credentials,
            limits,
        }
    }

    /// The secret of that id (a name or an ARN), in its current version.
    pub async fn secret_value(&self, id: &str) -> Result<SecretString, SecretsManagerError> {
        let asking = self.insist(id);
        let asked = tokio::time::timeout(self.limits.operation, asking).await;
        asked.unwrap_or(Err(SecretsManagerError::TooLate))
    }

    async fn insist(&self, id: &str) -> Result<SecretString, SecretsManagerError> {
        let mut pause = Limits::FIRST_PAUSE;
        for _ in 1..Limits::ATTEMPTS {
            match self.attempt(id).await {
                Err(error) if error.is_passing() => tokio::time::sleep(pause).await,
                decided => return decided,
            }
            pause *= 2;
        }
        self.attempt(id).await
    }

    async fn attempt(&self, id: &str) -> Result<SecretString, SecretsManagerError> {
        let request = self.signed(id)?;
        let asking = async {
            let answer = self.http.execute(request).await?;
            let status = answer.status();
            Ok((status, read_within(answer, LONGEST_ANSWER).await?))
        };
        let asked = tokio::time::timeout(self.limits.attempt, asking).await;
        let (status, body) = asked.unwrap_or(Err(SecretsManagerError::TooLate))?;
        read(status, &body.unwrap_or_default())
    }

    /// The request, with the signature that it is from whom the credentials are of (AWS
    /// IAM User Guide, "AWS Signature Version 4 for API requests").
    fn signed(&self, id: &str) -> Result<reqwest::Request, SecretsManagerError> {
        const UNUSABLE: SecretsManagerError = SecretsManagerError::Unsigned("it is malformed");
        let credentials = self.credentials.clone();
        let identity = credentials.ok_or(SecretsManagerError::Unsigned("no credentials"))?;
        let identity = identity.into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("secretsmanager")
            // Whatever time it is for those who are called: AWS has its own.
            .time(SystemTime::from(Clock::default().now()))
            .settings(SigningSettings::default())
            .build();
        let parameters = parameters.map_err(|_| UNUSABLE)?.into();

        let body = json!({"SecretId": id}).to_string();
        let headers = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", "secretsmanager.GetSecretValue"),
        ];
        let mut request = Request::post(&self.endpoint);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let content = SignableBody::Bytes(body.as_bytes());
        let signable = SignableRequest::new("POST", &self.endpoint, headers.into_iter(), content);
        let signed = sign(signable.map_err(|_| UNUSABLE)?, &parameters);
        let (signature, _) = signed.map_err(|_| UNUSABLE)?.into_parts();
        let mut request = request.body(body).map_err(|_| UNUSABLE)?;
        signature.apply_to_request_http1x(&mut request);
        reqwest::Request::try_from(request).map_err(|_| UNUSABLE)
    }
}

/// AWS General Reference, "AWS Secrets Manager endpoints and quotas".
fn usual_endpoint(region: &str) -> String {
    let suffix = if region.starts_with("cn-") { ".cn" } else { "" };
    format!("https://secretsmanager.{region}.amazonaws.com{suffix}/")
}

fn read(status: StatusCode, body: &[u8]) -> Result<SecretString, SecretsManagerError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Found {
        secret_string: SecretString,
    }
    #[derive(Default, Deserialize)]
    struct Refusal {
        /// Maybe after a namespace and `#`.
        #[serde(rename = "__type")]
        exception: String,
    }
    if status.is_success() {
        let found: Result<Found, _> = serde_json::from_slice(body);
        return Ok(found
            .map_err(|_| SecretsManagerError::NoText)?
            .secret_string);
    }
    let refusal: Refusal = serde_json::from_slice(body).unwrap_or_default();
    let exception = match refusal.exception.rsplit('#').next() {
        None | Some("") => "without a reason",
        Some(exception) => exception,
    };
    Err(SecretsManagerError::Refused {
        status,
        exception: exception.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hmac::{Hmac, KeyInit, Mac};
    use secrecy::ExposeSecret;
    use sha2::{Digest, Sha256};
    use tokio::net::TcpListener;
    use tokio::task::JoinHandle;

    use super::super::service;
    use super::*;

    const VALUE: (u16, &str) = (200, r#"{"Name": "vapi", "SecretString": "{\"a\": 1}"}"#);

    /// What Secrets Manager hears, when it answers one after the other and then no more.
    struct Service {
        manager: SecretsManager,
        heard: JoinHandle<Vec<String>>,
    }

    impl Service {
        async fn answering<const N: usize>(answers: [(u16, &'static str); N]) -> Self {
            let (endpoint, heard) = service::answering(answers).await;
            let settings = [
                ("AWS_REGION", "us-east-2"),
                ("AWS_ENDPOINT_URL_SECRETS_MANAGER", endpoint.as_str()),
            ];
            let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
            let session = Some("session".to_owned());
            let credentials = Credentials::new("AKID", "key", session, None, "test");
            let limits = Limits {
                attempt: Duration::from_millis(400),
                operation: Duration::from_secs(1),
            };
            let http = crate::https::client().unwrap();
            let settings = Settings::from_iter(settings);
            Self {
                manager: SecretsManager::new(&settings, Some(credentials), limits, &http),
                heard,
            }
        }

        async fn asked(&self) -> Result<String, String> {
            let value = self.manager.secret_value("vapi").await;
            let value = value.map(|secret| secret.expose_secret().to_owned());
            value.map_err(|error| error.to_string())
        }
    }

    fn hmac(key: &[u8], text: &str) -> Vec<u8> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }

    fn hex(bytes: &[u8]) -> String {
        let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect()
    }

    /// The signature that AWS computes of a request, by the steps in the IAM User Guide,
    /// "Create a signed AWS API request".
    fn signature(request: &str) -> String {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let header = |name: &str| {
            let mut lines = head.lines().filter_map(|line| line.split_once(": "));
            let found = lines.find(|(found, _)| found.eq_ignore_ascii_case(name));
            found.unwrap_or_else(|| panic!("no {name} in {head}")).1
        };
        let signed = [
            "content-type",
            "host",
            "x-amz-date",
            "x-amz-security-token",
            "x-amz-target",
        ];
        let lines = signed.map(|name| format!("{name}:{}\n", header(name)));
        let canonical = format!(
            "POST\n/\n\n{}\n{}\n{}",
            lines.concat(),
            signed.join(";"),
            hex(&Sha256::digest(body))
        );
        let time = header("x-amz-date");
        let (day, _) = time.split_at(8);
        let scope = format!("{day}/us-east-2/secretsmanager/aws4_request");
        let digest = hex(&Sha256::digest(canonical));
        let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{digest}");
        let parts = [day, "us-east-2", "secretsmanager", "aws4_request"];
        let key = parts
            .iter()
            .fold(b"AWS4key".to_vec(), |key, part| hmac(&key, part));
        let signature = hex(&hmac(&key, &text));
        format!(
            "AWS4-HMAC-SHA256 Credential=AKID/{scope}, SignedHeaders={}, Signature={signature}",
            signed.join(";")
        )
    }

    #[tokio::test]
    async fn a_value_is_asked_for_with_the_signature_that_aws_expects() {
        let service = Service::answering([VALUE]).await;
        assert_eq!(service.asked().await.unwrap(), r#"{"a": 1}"#);
        let heard = service.heard.await.unwrap();
        let [request] = heard.as_slice() else {
            panic!("{heard:?}");
        };
        assert!(
            request.ends_with("\r\n\r\n{\"SecretId\":\"vapi\"}"),
            "{request}"
        );
        assert!(
            request.contains("secretsmanager.GetSecretValue"),
            "{request}"
        );
        assert!(request.contains(&signature(request)), "{request}");
    }

    #[tokio::test]
    async fn what_passes_is_waited_for() {
        let throttled = (400, r#"{"__type": "ThrottlingException"}"#);
        let service = Service::answering([(503, "busy"), throttled, VALUE]).await;
        assert!(service.asked().await.is_ok());

        let service = Service::answering([(500, "{}"), (503, ""), (502, "<html>")]).await;
        let error = service.asked().await.unwrap_err();
        assert_eq!(
            error,
            "Secrets Manager answered 502 Bad Gateway (without a reason)"
        );
        assert_eq!(service.heard.await.unwrap().len(), 3);
    }

    #[tokio::test]
    async fn what_does_not_pass_is_told_at_once() {
        let denied = (
            400,
            r#"{"__type": "aws#AccessDeniedException", "Message": "no"}"#,
        );
        let binary = (200, r#"{"SecretBinary": "AAAA"}"#);
        let service = Service::answering([denied, binary, (200, "<html>"), VALUE]).await;
        let mut told = Vec::new();
        for _ in 0..3 {
            told.push(service.asked().await.unwrap_err());
        }
        let refused = "Secrets Manager answered 400 Bad Request (AccessDeniedException)";
        let no_text = "Secrets Manager gave no text";
        assert_eq!(told, [refused, no_text, no_text]);
        assert!(service.asked().await.is_ok());
    }

    #[tokio::test]
    async fn nobody_waits_for_one_that_does_not_answer() {
        let service = Service::answering([]).await;
        service.heard.await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut manager = service.manager;
        let told = async |manager: &SecretsManager| {
            let told = manager.secret_value("vapi").await;
            told.unwrap_err().to_string()
        };
        // Nobody listens there any more.
        assert_eq!(told(&manager).await, "Secrets Manager was not reached");
        manager.endpoint = format!("http://{}/", listener.local_addr().unwrap());
        assert_eq!(
            told(&manager).await,
            "Secrets Manager did not answer in time"
        );
        manager.credentials = None;
        assert_eq!(
            told(&manager).await,
            "the request cannot be signed: no credentials"
        );
    }

    #[test]
    fn each_region_has_an_address() {
        let cases = [
            (
                "eu-west-1",
                "https://secretsmanager.eu-west-1.amazonaws.com/",
            ),
            (
                "cn-north-1",
                "https://secretsmanager.cn-north-1.amazonaws.com.cn/",
            ),
        ];
        for (region, endpoint) in cases {
            assert_eq!(usual_endpoint(region), endpoint);
        }
    }
}
