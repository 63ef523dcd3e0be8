//! A request as a handler sees it: parts that are read by name, and the time.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use lambda_http::http::HeaderMap;
use lambda_http::request::RequestContext;
use lambda_http::{Body, RequestExt};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::HttpError;
use super::later::Later;
use crate::clock::Turn;
use crate::ids::Seed;

/// The largest JSON body that a route other than the webhook reads.
const JSON_LIMIT: usize = 1024 * 1024;

/// The largest form that a page of ours posts; a larger one has no fields.
const FORM_LIMIT: usize = 4 * 1024;

/// One request.
pub struct ApiRequest {
    inner: lambda_http::Request,
    now: Timestamp,
    received: Instant,
    request_id: String,
    later: Later,
}

impl ApiRequest {
    pub(super) fn new(inner: lambda_http::Request, now: Timestamp, later: Later) -> Self {
        let request_id = request_id(&inner);
        Self {
            inner,
            now,
            received: Instant::now(),
            request_id,
            later,
        }
    }

    /// What is left to do when this request is answered.
    pub fn later(&self) -> &Later {
        &self.later
    }

    /// When the request arrived.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The turn of this request, to be answered within `deadline` of its arrival.
    pub fn turn(&self, deadline: Duration) -> Turn {
        Turn::new(self.now, Seed::random(), self.received, deadline)
    }

    pub(super) fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The route that API Gateway chose.
    pub(super) fn route_key(&self) -> &str {
        match self.inner.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => {
                context.route_key.as_deref().unwrap_or_default()
            }
            _ => "",
        }
    }

    /// The method and path that were asked for.
    pub fn target(&self) -> (&str, &str) {
        (self.inner.method().as_str(), self.inner.raw_http_path())
    }

    /// A query parameter, trimmed; an empty one counts as absent.
    pub fn query(&self, name: &str) -> Option<&str> {
        let text = self
            .inner
            .query_string_parameters_ref()?
            .first(name)?
            .trim();
        (!text.is_empty()).then_some(text)
    }

    /// A query parameter as a list: its values are separated by commas, or it is given
    /// several times. Empty when it is absent or empty.
    pub fn query_list(&self, name: &str) -> Vec<&str> {
        let parameters = self.inner.query_string_parameters_ref();
        let values = parameters.and_then(|parameters| parameters.all(name));
        let values = values.unwrap_or_default().into_iter();
        let values = values.filter(|value| !value.trim().is_empty());
        values
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .collect()
    }

    /// A parameter of the path, as `id` of `/calendar/events/{id}`.
    pub fn path_parameter(&self, name: &str) -> Option<&str> {
        let parameters = self.inner.path_parameters_ref()?;
        parameters.first(name).filter(|value| !value.is_empty())
    }

    /// The query string as it came.
    pub fn raw_query(&self) -> &str {
        self.inner.uri().query().unwrap_or_default()
    }

    /// A query parameter as a whole number within `range`.
    pub fn query_number(
        &self,
        name: &'static str,
        default: i64,
        range: std::ops::RangeInclusive<i64>,
    ) -> Result<i64, HttpError> {
        let Some(text) = self.query(name) else {
            return Ok(default);
        };
        text.parse()
            .ok()
            .filter(|number| range.contains(number))
            .ok_or_else(|| {
                let (low, high) = range.into_inner();
                HttpError::bad_field(
                    name,
                    &format!("must be a whole number from {low} to {high}"),
                )
            })
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.inner.headers().get(name)?.to_str().ok()
    }

    /// All headers.
    pub fn headers(&self) -> &HeaderMap {
        self.inner.headers()
    }

    /// A cookie by its name.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.header("cookie")?
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(found, value)| (found == name).then_some(value))
    }

    /// Whether the client asks for JSON rather than a page or a redirect.
    pub fn wants_json(&self) -> bool {
        self.header("accept")
            .is_some_and(|accept| accept.contains("application/json"))
    }

    /// The body, at most `limit` bytes of it.
    pub fn body(&self, limit: usize) -> Result<Cow<'_, [u8]>, HttpError> {
        let bytes = match self.inner.body() {
            Body::Text(text) => text.as_bytes(),
            Body::Binary(bytes) => bytes,
            _ => &[],
        };
        if bytes.len() > limit {
            return Err(HttpError::too_large(limit));
        }
        Ok(Cow::Borrowed(bytes))
    }

    /// Whether there is a body at all.
    pub fn has_body(&self) -> bool {
        self.body(0).is_err()
    }

    /// The body as a JSON object of the form `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, HttpError> {
        self.require_json()?;
        let body: Value = serde_json::from_slice(&self.body(JSON_LIMIT)?)
            .map_err(|_| HttpError::bad_request("The body is not JSON."))?;
        if !body.is_object() {
            return Err(HttpError::bad_request("The body must be a JSON object."));
        }
        serde_path_to_error::deserialize(body).map_err(|error| {
            let field = error.path().to_string();
            // The only thing that tells the two apart.
            let problem = if error.inner().to_string().starts_with("unknown field") {
                "is not known here"
            } else {
                "has a value of the wrong kind"
            };
            HttpError::bad_named_field(&field, problem)
        })
    }

    /// A field of a posted form, trimmed; an empty one counts as absent.
    pub fn form_field(&self, name: &str) -> Option<String> {
        let body = self.body(FORM_LIMIT).ok()?;
        let mut fields = form_urlencoded::parse(&body);
        let (_, value) = fields.find(|(found, _)| found == name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// Refuses a body that says it is something other than JSON.
    pub fn require_json(&self) -> Result<(), HttpError> {
        let media_type = self.header("content-type").unwrap_or("application/json");
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        let is_json = essence.eq_ignore_ascii_case("application/json")
            || essence.to_ascii_lowercase().ends_with("+json");
        if is_json {
            Ok(())
        } else {
            Err(HttpError::unsupported_media_type("application/json"))
        }
    }
}

fn request_id(request: &lambda_http::Request) -> String {
    let from_gateway = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
        _ => None,
    };
    from_gateway.unwrap_or_else(|| uuid::Uuid::new_v4().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: Body) -> ApiRequest {
        let request = lambda_http::Request::new(body);
        ApiRequest::new(request, Timestamp::UNIX_EPOCH, Later::default())
    }

    /// API Gateway hands a form over as text or as bytes, by its content type.
    #[test]
    fn a_field_of_a_form_is_read_in_either_encoding() {
        let form = "token=a%2Bb+c&empty=&token=second";
        for body in [Body::from(form), Body::from(form.as_bytes())] {
            let request = request(body);
            assert_eq!(request.form_field("token").as_deref(), Some("a+b c"));
            assert_eq!(request.form_field("empty"), None);
            assert_eq!(request.form_field("other"), None);
        }
    }

    #[test]
    fn a_form_that_is_too_large_has_no_fields() {
        let form = format!("token=a&rest={}", "x".repeat(FORM_LIMIT));
        let request = request(Body::from(form));
        assert_eq!(request.form_field("token"), None);
    }
}
