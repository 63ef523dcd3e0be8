//! The HTTP client for Microsoft, and its adapter for the `oauth2` crate (whose
//! own would link a second version of the same client).

use std::pin::Pin;
use std::time::Duration;

use oauth2::http::Response;
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use serde::Deserialize;

use super::MicrosoftError;

/// How long one upstream call may take at most.
pub(super) const CALL_LIMIT: Duration = Duration::from_millis(2500);

/// How long a call that creates an event may take: it is not repeated, so it gets
/// what the caller's patience leaves.
pub(super) const CREATE_LIMIT: Duration = Duration::from_secs(5);

/// One client for everything; it keeps connections open between requests.
pub fn client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(1))
        .pool_idle_timeout(Duration::from_secs(90))
        .user_agent(concat!("viewing-desk/", env!("CARGO_PKG_VERSION")))
        .build()
}

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
        if !status.is_success() {
            stop_at_loop(&body)?;
        }
        let mut response = Response::new(body.to_vec());
        *response.status_mut() = status;
        Ok(response)
    }
}

/// The numbers in a refusal (Microsoft Learn, "Microsoft Entra authentication and
/// authorization error codes"). They refine what the log says, and decide nothing but
/// this: at a loop we stop, whatever else the refusal is.
fn stop_at_loop(body: &[u8]) -> Result<(), MicrosoftError> {
    #[derive(Deserialize)]
    struct Refusal {
        #[serde(default)]
        error: String,
        #[serde(default)]
        error_codes: Vec<u32>,
    }
    const LOOP: u32 = 50196;
    let Ok(refusal) = serde_json::from_slice::<Refusal>(body) else {
        return Ok(());
    };
    let codes = &refusal.error_codes;
    tracing::warn!(error = %refusal.error, ?codes, "sign-in refused");
    if codes.contains(&LOOP) {
        return Err(MicrosoftError::Operator {
            code: format!("AADSTS{LOOP}"),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_loop_is_told_by_its_number() {
        for (body, stops) in [
            (r#"{"error":"invalid_grant","error_codes":[50196]}"#, true),
            (r#"{"error":"invalid_grant","error_codes":[70008]}"#, false),
            (r#"{"error":"invalid_grant"}"#, false),
            ("<html>", false),
        ] {
            assert_eq!(stop_at_loop(body.as_bytes()).is_err(), stops, "{body}");
        }
    }
}
