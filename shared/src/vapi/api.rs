//! VAPI's REST API, as far as we read and change what is in its dashboard
//! (VAPI docs, API reference).
//!
//! What VAPI has is handed on as it is: it grows, and whoever changes a part of it
//! must not lose the rest. Nothing is sent twice here; whether a change may be tried
//! again is the caller's to say.

use std::collections::HashSet;
use std::time::Duration;

use reqwest::{Method, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::https::read_within;

/// How long one call may take.
const CALL_LIMIT: Duration = Duration::from_secs(10);

/// How many are read at a time.
const PAGE: usize = 100;

/// The most that an answer may have, in bytes. An assistant carries its whole prompt.
const SIZE_LIMIT: usize = 20_000_000;

/// How much of VAPI's own words on an error is kept.
const LONGEST_WORDS: usize = 300;

/// Where VAPI is.
pub const VAPI_BASE_URL: &str = "https://api.vapi.ai";

/// What the dashboard holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    Assistant,
    Tool,
    PhoneNumber,
}

/// Why VAPI's API did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum VapiError {
    #[error("VAPI does not accept the API key")]
    Unauthorized,
    #[error("VAPI has no such thing")]
    NotFound,
    #[error("VAPI asks us to slow down")]
    Throttled { retry_after: Option<Duration> },
    /// It understood, and does not want to.
    #[error("VAPI refused ({status}): {message}")]
    Refused { status: u16, message: String },
    /// Whether it did what was asked is not known.
    #[error("VAPI cannot be reached: {0}")]
    Unavailable(String),
    #[error("VAPI's answer cannot be read: {0}")]
    Unreadable(&'static str),
}

/// VAPI's API, by the private key of one organisation.
#[derive(Clone)]
pub struct VapiApi {
    http: reqwest::Client,
    base_url: String,
    key: SecretString,
}

impl VapiApi {
    /// The API below that address, with no slash at its end.
    pub fn new(http: reqwest::Client, base_url: &str, key: &SecretString) -> Self {
        Self {
            http,
            base_url: base_url.to_owned(),
            key: key.clone(),
        }
    }

    /// All there are, over all pages, the latest first.
    ///
    /// There is no cursor: a page goes on where the last one's earliest `createdAt` is,
    /// that moment included, since several can be of it.
    pub async fn list(&self, resource: Resource) -> Result<Vec<Value>, VapiError> {
        let mut all: Vec<Value> = Vec::new();
        let mut ids = HashSet::new();
        let mut until: Option<String> = None;
        loop {
            let page = self.page(resource, until.as_deref()).await?;
            let full = page.len() >= PAGE;
            let known = all.len();
            for item in page {
                if ids.insert(text(&item, "id").ok_or(NO_ID)?.to_owned()) {
                    all.push(item);
                }
            }
            if !full {
                break;
            }
            if all.len() == known {
                return Err(VapiError::Unreadable("its pages do not end"));
            }
            let earliest = all.iter().filter_map(|item| text(item, "createdAt")).min();
            until = Some(earliest.ok_or(NO_TIME)?.to_owned());
        }
        all.sort_by(|one, other| text(other, "createdAt").cmp(&text(one, "createdAt")));
        Ok(all)
    }

    /// One of them.
    pub async fn get(&self, resource: Resource, id: &str) -> Result<Value, VapiError> {
        self.send(self.request(Method::GET, &resource.one(id)))
            .await
    }

    /// Makes one.
    pub async fn create(&self, resource: Resource, body: &Value) -> Result<Value, VapiError> {
        let request = self.request(Method::POST, resource.path());
        self.send(request.json(body)).await
    }

    /// Changes the named top-level fields of one; each is replaced whole.
    pub async fn change(
        &self,
        resource: Resource,
        id: &str,
        body: &Value,
    ) -> Result<Value, VapiError> {
        let request = self.request(Method::PATCH, &resource.one(id));
        self.send(request.json(body)).await
    }

    /// What VAPI's own analytics answer.
    pub async fn analytics(&self, body: &Value) -> Result<Value, VapiError> {
        self.send(self.request(Method::POST, "/analytics").json(body))
            .await
    }

    async fn page(&self, resource: Resource, until: Option<&str>) -> Result<Vec<Value>, VapiError> {
        let path = resource.page(until);
        match self.send(self.request(Method::GET, &path)).await? {
            Value::Array(items) => Ok(items),
            Value::Object(mut object) => match object.remove("results") {
                Some(Value::Array(items)) => Ok(items),
                _ => Err(VapiError::Unreadable("there is no list in it")),
            },
            _ => Err(VapiError::Unreadable("there is no list in it")),
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.base_url))
            .bearer_auth(self.key.expose_secret())
            .timeout(CALL_LIMIT)
    }

    async fn send(&self, request: RequestBuilder) -> Result<Value, VapiError> {
        let answer = request.send().await.map_err(|error| transport(&error))?;
        let status = answer.status();
        let retry_after = retry_after(&answer);
        let body = read_within(answer, SIZE_LIMIT).await;
        let body = body.map_err(|error| transport(&error))?;
        let body = body.ok_or(VapiError::Unreadable("it is too long"))?;
        match status {
            status if status.is_success() => {
                serde_json::from_slice(&body).map_err(|_| VapiError::Unreadable("it is not JSON"))
            }
            StatusCode::UNAUTHORIZED => Err(VapiError::Unauthorized),
            StatusCode::NOT_FOUND => Err(VapiError::NotFound),
            StatusCode::TOO_MANY_REQUESTS => Err(VapiError::Throttled { retry_after }),
            status if status.is_client_error() => Err(VapiError::Refused {
                status: status.as_u16(),
                message: words(&body),
            }),
            status => Err(VapiError::Unavailable(format!("it answered {status}"))),
        }
    }
}

const NO_ID: VapiError = VapiError::Unreadable("something in it has no id");
const NO_TIME: VapiError = VapiError::Unreadable("nothing in it has a time");

impl Resource {
    const fn path(self) -> &'static str {
        match self {
            Self::Assistant => "/assistant",
            Self::Tool => "/tool",
            Self::PhoneNumber => "/phone-number",
        }
    }

    fn page(self, until: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("limit", &PAGE.to_string());
        query.extend_pairs(until.map(|until| ("createdAtLe", until)));
        format!("{}?{}", self.path(), query.finish())
    }

    fn one(self, id: &str) -> String {
        let id: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
        format!("{}/{id}", self.path())
    }
}

fn text<'a>(item: &'a Value, name: &str) -> Option<&'a str> {
    item.get(name)?.as_str()
}

fn transport(error: &reqwest::Error) -> VapiError {
    let what = if error.is_timeout() {
        "it took too long"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    };
    VapiError::Unavailable(what.to_owned())
}

/// RFC 9110 §10.2.3, the form in seconds.
fn retry_after(answer: &reqwest::Response) -> Option<Duration> {
    let seconds = answer.headers().get("retry-after")?.to_str().ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}

/// What VAPI says of an error: `message` is a text or a list of them.
fn words(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let said = match body.get("message") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(texts)) => {
            let texts: Vec<&str> = texts.iter().filter_map(Value::as_str).collect();
            texts.join("; ")
        }
        _ => "no reason was given".to_owned(),
    };
    said.chars().take(LONGEST_WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_vapi_says_of_an_error_is_a_text_or_a_list() {
        for (body, expected) in [
            (r#"{"message":"no"}"#, "no"),
            (r#"{"message":["no","and no"]}"#, "no; and no"),
            (r#"{"message":7}"#, "no reason was given"),
            ("<html>", "no reason was given"),
        ] {
            assert_eq!(words(body.as_bytes()), expected, "{body}");
        }
        let long = format!(r#"{{"message":"{}"}}"#, "é".repeat(500));
        assert_eq!(words(long.as_bytes()).chars().count(), LONGEST_WORDS);
    }

    #[test]
    fn an_id_cannot_leave_its_path() {
        assert_eq!(
            Resource::Tool.one("../assistant/a?b#c"),
            "/tool/..%2Fassistant%2Fa%3Fb%23c"
        );
    }
}
