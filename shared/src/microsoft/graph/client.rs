//! One request to Graph: its headers, its time limit, and what its answer means.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use lambda_http::http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::super::MicrosoftError;
use super::super::grants::Grants;
use super::session::Session;
use crate::config::{SettingError, Settings};
use crate::ids::UserId;

/// Sent with every request: ids that survive a move between folders, and times in
/// UTC. Setting either alone would drop the other.
const PREFER: &str =
    r#"IdType="ImmutableId", outlook.timezone="UTC", outlook.body-content-type="text""#;

/// What to wait when Graph throttles without saying for how long.
const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(5);

/// The challenge that only its owner can meet, by signing in (Microsoft Learn, "Claims
/// challenges, claims requests and client capabilities").
pub(super) const CLAIMS: &str = "insufficient_claims";

/// The codes of a 404 that is about the mailbox, and not about an event in it.
const NO_MAILBOX: [&str; 2] = [
    "MailboxNotEnabledForRESTAPI",
    "MailboxNotSupportedForRESTAPI",
];

/// How many requests one mailbox is sent at once: one fewer than it serves (Microsoft
/// Learn, "Microsoft Graph service-specific throttling limits", Outlook), since people
/// and other functions use it too.
const IN_FLIGHT: usize = 3;

/// Graph, for every mailbox.
pub struct Graph {
    http: reqwest::Client,
    base: String,
    places: Mutex<HashMap<UserId, Weak<Semaphore>>>,
}

/// One request.
#[derive(Clone)]
pub(super) struct Call<'a> {
    /// For the logs.
    pub(super) operation: &'static str,
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) body: Option<&'a str>,
    pub(super) if_match: Option<&'a str>,
    pub(super) limit: Duration,
}

impl Call<'_> {
    /// Whether it is about the mailbox as a whole, and not about an event that is there
    /// already, about other people, or about mail, which is a permission of its own.
    pub(super) fn is_about_the_mailbox(&self) -> bool {
        let apart = ["/getSchedule", "/sendMail"];
        !self.url.contains("/me/events/") && !apart.iter().any(|path| self.url.ends_with(path))
    }
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorDetail,
}

#[derive(Deserialize)]
struct ErrorDetail {
    #[serde(default)]
    code: String,
}

impl Graph {
    /// Uses `GRAPH_BASE_URL`.
    pub fn new(settings: &Settings, http: &reqwest::Client) -> Result<Self, SettingError> {
        Ok(Self {
            http: http.clone(),
            base: settings.base_url("GRAPH_BASE_URL", Some("https://graph.microsoft.com"))?,
            places: Mutex::default(),
        })
    }

    /// Graph as the owner of that access token, which can be renewed where there is a
    /// grant for it.
    pub(in super::super) fn session<'a>(
        &'a self,
        user: &UserId,
        token: SecretString,
        grants: Option<&'a Grants>,
    ) -> Session<'a> {
        Session::new(self, user, token, grants)
    }

    /// The places of a mailbox, for as many requests as it may serve at once.
    pub(super) fn places(&self, user: &UserId) -> Arc<Semaphore> {
        let mut mailboxes = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        mailboxes.retain(|_, places| places.strong_count() > 0);
        if let Some(places) = mailboxes.get(user).and_then(Weak::upgrade) {
            return places;
        }
        let places = Arc::new(Semaphore::new(IN_FLIGHT));
        mailboxes.insert(user.clone(), Arc::downgrade(&places));
        places
    }

    /// The address of a path below the version.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}/v1.0{path}", self.base)
    }

    /// Whether a link that Graph gave us leads back to Graph: the token goes with it.
    pub(super) fn is_ours(&self, link: &str) -> bool {
        let origin = |text: &str| url::Url::parse(text).map(|url| url.origin());
        matches!((origin(link), origin(&self.base)), (Ok(one), Ok(other)) if one == other)
    }

    /// Sends a request, and hands over the body of a success.
    pub(super) async fn send(
        &self,
        token: &SecretString,
        call: Call<'_>,
    ) -> Result<Vec<u8>, MicrosoftError> {
        let client_request_id = uuid::Uuid::new_v4().to_string();
        let mut request = self
            .http
            .request(call.method, call.url)
            .bearer_auth(token.expose_secret())
            .header("prefer", PREFER)
            .header("client-request-id", &client_request_id)
            .timeout(call.limit);
        if let Some(body) = call.body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_owned());
        }
        if let Some(etag) = call.if_match {
            request = request.header("if-match", etag);
        }

        let started = Instant::now();
        let answer = request.send().await;
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let operation = call.operation;
        let answer = answer.map_err(|error| {
            let error = MicrosoftError::transport(&error);
            tracing::warn!(operation, client_request_id, duration_ms, %error, "graph");
            error
        })?;
        let status = answer.status();
        let request_id = text_header(&answer, "request-id");
        tracing::info!(
            operation,
            status = status.as_u16(),
            duration_ms,
            client_request_id,
            request_id,
            "graph"
        );

        let wants_claims = text_header(&answer, "www-authenticate")
            .is_some_and(|challenge| challenge.contains(CLAIMS));
        let retry_after = text_header(&answer, "retry-after")
            .and_then(|seconds| seconds.parse().ok())
            .map_or(DEFAULT_RETRY_AFTER, Duration::from_secs);
        let body = answer
            .bytes()
            .await
            .map_err(|error| MicrosoftError::transport(&error))?;
        if status.is_success() {
            return Ok(body.to_vec());
        }
        let code = match serde_json::from_slice::<ErrorBody>(&body) {
            Ok(body) => body.error.code,
            Err(_) => String::new(),
        };
        let code = if wants_claims {
            CLAIMS.to_owned()
        } else {
            code
        };
        Err(failure(status.as_u16(), code, retry_after))
    }
}

/// What an error answer means (Microsoft Learn, "Microsoft Graph error responses
/// and resource types").
fn failure(status: u16, code: String, retry_after: Duration) -> MicrosoftError {
    match status {
        401 => MicrosoftError::NeedsReconnect(code),
        404 if NO_MAILBOX.contains(&code.as_str()) => MicrosoftError::NoMailbox,
        404 => MicrosoftError::Gone,
        429 => MicrosoftError::Throttled { retry_after },
        408 | 500.. => MicrosoftError::Unreachable(format!("status {status} {code}")),
        _ => MicrosoftError::Refused { status, code },
    }
}

fn text_header(answer: &reqwest::Response, name: &str) -> Option<String> {
    Some(answer.headers().get(name)?.to_str().ok()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_follow_links_only_within_graph() {
        let graph = Graph {
            http: crate::https::client().unwrap(),
            base: "https://graph.microsoft.com".to_owned(),
            places: Mutex::default(),
        };
        assert!(graph.is_ours("https://graph.microsoft.com/v1.0/me/calendarView?$skip=10"));
        for link in [
            "http://graph.microsoft.com/v1.0/me",
            "https://graph.microsoft.com.evil.example/v1.0/me",
            "https://graph.microsoft.com@evil.example/v1.0/me",
            "https://graph.microsoft.com:444/v1.0/me",
            "/v1.0/me",
            "",
        ] {
            assert!(!graph.is_ours(link), "{link}");
        }
    }

    #[test]
    fn a_mailbox_that_is_not_there_is_no_event_that_is_gone() {
        for (code, is_mailbox) in [
            ("MailboxNotEnabledForRESTAPI", true),
            ("MailboxNotSupportedForRESTAPI", true),
            ("ErrorItemNotFound", false),
            ("", false),
        ] {
            let error = failure(404, code.to_owned(), DEFAULT_RETRY_AFTER);
            let found = matches!(error, MicrosoftError::NoMailbox);
            assert_eq!(found, is_mailbox, "{code}");
        }
    }

    #[test]
    fn an_error_says_whether_a_write_may_have_happened() {
        let fail = |status| failure(status, String::new(), DEFAULT_RETRY_AFTER);
        for status in [408, 500, 502, 503, 504, 599] {
            assert!(fail(status).outcome_unknown(), "{status}");
        }
        for status in [400, 401, 403, 404, 409, 412, 429] {
            assert!(!fail(status).outcome_unknown(), "{status}");
        }
    }
}
