//! API Gateway on loopback: requests become payloads of format 2.0, go to the
//! function that template.yaml routes them to, and its answers become responses.
//!
//! The functions see exactly what they see in Lambda: the payload is JSON, and is
//! read by the same code.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use lambda_http::Body;
use serde_json::{Value, json};
use shared::clock::Clock;
use shared::config::{Settings, StartError};
use shared::http::{Function, Later, Mounted};
use tokio::sync::RwLock;
use uuid::Uuid;

/// The largest request that API Gateway takes (Amazon API Gateway quotas for HTTP
/// APIs).
const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// How long an answer is held back for what is done after it.
const TO_FINISH: Duration = Duration::from_millis(300);

type Answering = Pin<Box<dyn Future<Output = lambda_http::http::Response<Body>> + Send>>;
type Handler = Arc<dyn Fn(lambda_http::Request, Later) -> Answering + Send + Sync>;

/// A function that is mounted, with the routes that it answers.
pub(crate) struct Lambda {
    pub(crate) name: &'static str,
    pub(crate) routes: Vec<&'static str>,
    handler: Handler,
}

impl Lambda {
    /// Starts the function `F` with its settings.
    pub(crate) fn start<F: Function>(
        settings: &Settings,
        clock: Clock,
    ) -> Result<Self, StartError> {
        let mounted = Arc::new(Mounted::<F>::start(settings, clock)?);
        Ok(Self {
            name: F::NAME,
            routes: F::routes().keys().collect(),
            handler: Arc::new(move |request, later| {
                let mounted = Arc::clone(&mounted);
                Box::pin(async move { mounted.answer(request, &later).await })
            }),
        })
    }
}

/// The routes of all functions.
pub(crate) struct Gateway {
    routes: Vec<Routed>,
    clock: Clock,
    host: String,
    unfinished: Unfinished,
}

/// What functions do when they have answered. Clones are of the same gateway.
#[derive(Clone, Default)]
pub(crate) struct Unfinished(Arc<RwLock<()>>);

impl Unfinished {
    /// Waits until nothing is left to do of what was answered before.
    pub(crate) async fn done(&self) {
        drop(self.0.write().await);
    }

    /// Does what an answer left. Nobody waits for it in Lambda; here it is waited for a
    /// moment, so that whoever looks right after the answer finds it done.
    async fn finish(&self, later: Later) {
        let guard = Arc::clone(&self.0).read_owned().await;
        let finishing = tokio::spawn(async move {
            later.finish().await;
            drop(guard);
        });
        let _ = tokio::time::timeout(TO_FINISH, finishing).await;
    }
}

struct Routed {
    key: String,
    method: String,
    segments: Vec<String>,
    handler: Handler,
}

impl Gateway {
    /// Takes the routes of those functions. `host` is the address that requests
    /// are told they came to.
    pub(crate) fn new(
        functions: &[Lambda],
        clock: Clock,
        host: String,
        unfinished: Unfinished,
    ) -> Self {
        let routes = functions.iter().flat_map(|function| {
            function.routes.iter().map(|key| {
                let (method, path) = key.split_once(' ').unwrap_or(("", ""));
                Routed {
                    key: (*key).to_owned(),
                    method: method.to_owned(),
                    segments: segments(path),
                    handler: Arc::clone(&function.handler),
                }
            })
        });
        Self {
            routes: routes.collect(),
            clock,
            host,
            unfinished,
        }
    }

    /// The gateway as something that can be served.
    pub(crate) fn into_router(self) -> Router {
        Router::new()
            .fallback(forward)
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .with_state(Arc::new(self))
    }

    /// The route for a request: a literal path before one with parameters, and
    /// `$default` when there is none.
    fn route(&self, method: &Method, path: &str) -> Option<(&Routed, BTreeMap<String, String>)> {
        let path = segments(path);
        let mut fitting: Vec<_> = self
            .routes
            .iter()
            .filter(|route| route.method == method.as_str())
            .filter_map(|route| Some((route, parameters(&route.segments, &path)?)))
            .collect();
        fitting.sort_by_key(|(_, parameters)| parameters.len());
        let default = || {
            let default = self.routes.iter().find(|route| route.key == "$default");
            default.map(|route| (route, BTreeMap::new()))
        };
        fitting.into_iter().next().or_else(default)
    }
}

async fn forward(
    State(gateway): State<Arc<Gateway>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some((route, parameters)) = gateway.route(&method, uri.path()) else {
        return (StatusCode::NOT_FOUND, r#"{"message":"Not Found"}"#).into_response();
    };
    let incoming = Incoming {
        method: &method,
        uri: &uri,
        headers: &headers,
        body: &body,
    };
    let event = incoming.event(&route.key, &parameters, &gateway.host, gateway.clock.now());
    match lambda_http::request::from_str(&event.to_string()) {
        Ok(request) => {
            let later = Later::default();
            let answer = (route.handler)(request, later.clone()).await;
            gateway.unfinished.finish(later).await;
            response(answer)
        }
        Err(_) => (StatusCode::BAD_REQUEST, r#"{"message":"Bad Request"}"#).into_response(),
    }
}

struct Incoming<'a> {
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    body: &'a [u8],
}

impl Incoming<'_> {
    /// The payload, format 2.0 (Amazon API Gateway developer guide, "Create AWS
    /// Lambda proxy integrations for HTTP APIs").
    fn event(
        &self,
        route: &str,
        parameters: &BTreeMap<String, String>,
        host: &str,
        now: Timestamp,
    ) -> Value {
        let path = self.uri.path();
        let query = self.uri.query().unwrap_or_default();
        let cookies = self.headers.get_all(header::COOKIE).iter();
        let cookies: Vec<String> = cookies
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split("; "))
            .map(str::to_owned)
            .collect();
        let (body, is_base64) = match std::str::from_utf8(self.body) {
            Ok(text) => (text.to_owned(), false),
            Err(_) => (STANDARD.encode(self.body), true),
        };
        let mut event = json!({
            "version": "2.0",
            "routeKey": route,
            "rawPath": path,
            "rawQueryString": query,
            "headers": self.plain_headers(host),
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "local",
                "domainName": host,
                "domainPrefix": "local",
                "http": {
                    "method": self.method.as_str(),
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "127.0.0.1",
                    "userAgent": self.header(header::USER_AGENT.as_str()),
                },
                "requestId": Uuid::new_v4().to_string(),
                "routeKey": route,
                "stage": "$default",
                "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
                "timeEpoch": now.as_millisecond(),
            },
            "pathParameters": parameters,
            "isBase64Encoded": is_base64,
        });
        if !cookies.is_empty() {
            event["cookies"] = json!(cookies);
        }
        if !body.is_empty() {
            event["body"] = json!(body);
        }
        event
    }

    /// Lower-case names, values of one name joined by commas, no cookies.
    fn plain_headers(&self, host: &str) -> BTreeMap<String, String> {
        let mut plain: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in self.headers {
            let Ok(value) = value.to_str() else { continue };
            if name == header::COOKIE {
                continue;
            }
            plain
                .entry(name.as_str().to_owned())
                .and_modify(|all| {
                    all.push(',');
                    all.push_str(value);
                })
                .or_insert_with(|| value.to_owned());
        }
        plain.insert("host".to_owned(), host.to_owned());
        plain.insert("x-forwarded-proto".to_owned(), "http".to_owned());
        plain
    }

    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

fn response(answer: lambda_http::http::Response<Body>) -> Response {
    let (parts, body) = answer.into_parts();
    let bytes = match body {
        Body::Text(text) => text.into_bytes(),
        Body::Binary(bytes) => bytes,
        _ => Vec::new(),
    };
    let mut response = bytes.into_response();
    *response.status_mut() = parts.status;
    *response.headers_mut() = parts.headers;
    response
}

fn segments(path: &str) -> Vec<String> {
    path.split('/').skip(1).map(str::to_owned).collect()
}

/// The path parameters, if the path fits.
fn parameters(route: &[String], path: &[String]) -> Option<BTreeMap<String, String>> {
    if route.len() != path.len() {
        return None;
    }
    let mut found = BTreeMap::new();
    for (pattern, given) in route.iter().zip(path) {
        match pattern
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'))
        {
            Some(name) if !given.is_empty() => {
                found.insert(name.to_owned(), given.clone());
            }
            None if pattern == given => {}
            _ => return None,
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_fit_their_patterns() {
        let fits = |pattern: &str, path: &str| parameters(&segments(pattern), &segments(path));
        assert_eq!(fits("/", "/"), Some(BTreeMap::new()));
        assert_eq!(fits("/health", "/health/"), None);
        assert_eq!(fits("/health", "/Health"), None);
        let found = fits("/events/{id}", "/events/AAMk").unwrap();
        assert_eq!(found["id"], "AAMk");
        assert_eq!(fits("/events/{id}", "/events/"), None);
    }
}
