//! The adapter of our HTTP client for the `oauth2` crate (whose own would link a second
//! version of the same client).

use std::pin::Pin;
use std::time::Duration;

use oauth2::http::Response;
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};

use super::MicrosoftError;

/// How long one upstream call may take at most.
pub(super) const CALL_LIMIT: Duration = Duration::from_millis(2500);

/// How long a call that creates an event may take: it is not repeated, so it gets
/// what the caller's patience leaves.
pub(super) const CREATE_LIMIT: Duration = Duration::from_secs(5);

/// Sends token requests as `oauth2` builds them.
pub(super) struct TokenEndpoint<'a> {
    pub(super) http: &'a reqwest::Client,
    /// How long one request may take.
    pub(super) limit: Duration,
}

impl<'c> AsyncHttpClient<'c> for TokenEndpoint<'_> {
    type Error = MicrosoftError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, MicrosoftError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

impl TokenEndpoint<'_> {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, MicrosoftError> {
        let (parts, body) = request.into_parts();
        let answer = self
            .http
            .request(parts.method, parts.uri.to_string())
            .headers(parts.headers)
            .body(body)
            .timeout(self.limit)
            .send()
            .await
            .map_err(|error| MicrosoftError::transport(&error))?;
        let status = answer.status();
        if status.is_server_error() || status.as_u16() == 429 {
            return Err(MicrosoftError::Unreachable(format!(
                "sign-in answered {status}"
            )));
        }
        let body = answer
            .bytes()
            .await
            .map_err(|error| MicrosoftError::transport(&error))?;
        let mut response = Response::new(body.to_vec());
        *response.status_mut() = status;
        Ok(response)
    }
}
