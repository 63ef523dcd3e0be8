//! Answers. Every one is built here, so that their headers are the same.

use lambda_http::Body;
use lambda_http::http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{ApiRequest, HttpError};
use crate::ids::digest;

/// An answer to a request.
pub type Response = lambda_http::http::Response<Body>;

/// 200 with a JSON body.
pub fn ok(value: &impl Serialize) -> Result<Response, HttpError> {
    json_response(StatusCode::OK, value)
}

/// 201 with a JSON body.
pub fn created(value: &impl Serialize) -> Result<Response, HttpError> {
    json_response(StatusCode::CREATED, value)
}

/// 202 with a JSON body: it is under way.
pub fn accepted(value: &impl Serialize) -> Result<Response, HttpError> {
    json_response(StatusCode::ACCEPTED, value)
}

/// A JSON body with that status.
fn json_response(status: StatusCode, value: &impl Serialize) -> Result<Response, HttpError> {
    let body = serde_json::to_string(value).map_err(HttpError::internal)?;
    Ok(respond(status, "application/json", body))
}

/// A page for a browser. Pages can hold what is only for the person who looks at
/// them, so no cache keeps them, no other site frames them, and no link on them
/// tells where it came from.
pub fn html(status: StatusCode, page: String) -> Response {
    page_response(status, page, "'none'")
}

/// A page with a form that is posted to us, whose answer may go on to `leads_to`:
/// browsers hold the policy against every step of the way.
pub fn html_form(status: StatusCode, page: String, leads_to: Option<&str>) -> Response {
    let origin = leads_to
        .and_then(|address| url::Url::parse(address).ok())
        .map(|url| url.origin().ascii_serialization());
    let targets = format!("'self' {}", origin.unwrap_or_default());
    page_response(status, page, targets.trim_end())
}

fn page_response(status: StatusCode, page: String, form_action: &str) -> Response {
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; form-action {form_action}; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    // The serialization of an origin is plain text.
    let policy =
        HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    let mut response = respond(status, "text/html; charset=utf-8", page);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    for (name, value) in [
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A calendar file that a program fetches again and again. Nobody else keeps it, and the
/// program not for long.
pub fn calendar_file(file: String, request: &ApiRequest) -> Result<Response, HttpError> {
    let mut response = unless_known(file, "text/calendar; charset=utf-8", request)?;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "private, max-age=300"),
        (
            header::CONTENT_DISPOSITION,
            "inline; filename=\"viewings.ics\"",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// A JSON document that is the same for everybody and changes with a release only.
pub fn document(json: &str, request: &ApiRequest) -> Result<Response, HttpError> {
    let mut response = unless_known(json.to_owned(), "application/json", request)?;
    response.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300"),
    );
    Ok(response)
}

/// The content with its tag; 304 where the request names that.
fn unless_known(
    content: String,
    media_type: &'static str,
    request: &ApiRequest,
) -> Result<Response, HttpError> {
    let tag = format!("\"{}\"", digest(&[content.as_bytes()]));
    let known = request.header("if-none-match").unwrap_or_default();
    let mut known = known
        .split(',')
        .map(|tag| tag.trim().trim_start_matches("W/"));
    let mut response = if known.any(|known| known == tag) {
        respond(StatusCode::NOT_MODIFIED, media_type, String::new())
    } else {
        respond(StatusCode::OK, media_type, content)
    };
    let tag = HeaderValue::from_str(&tag).map_err(HttpError::internal)?;
    response.headers_mut().insert(header::ETAG, tag);
    Ok(response)
}

/// 307: the browser goes on with the same method.
pub fn redirect(location: &str) -> Result<Response, HttpError> {
    go_to(StatusCode::TEMPORARY_REDIRECT, location)
}

/// 303: the browser goes on with a `GET`.
pub fn see_other(location: &str) -> Result<Response, HttpError> {
    go_to(StatusCode::SEE_OTHER, location)
}

fn go_to(status: StatusCode, location: &str) -> Result<Response, HttpError> {
    let location = HeaderValue::from_str(location).map_err(HttpError::internal)?;
    let mut response = respond(status, "text/plain; charset=utf-8", String::new());
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    Ok(response)
}

fn respond(status: StatusCode, media_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::Text(body));
    *response.status_mut() = status;
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The body of every error: `{status, code, message, request_id, …}`.
pub(super) fn error_response(error: &HttpError, request_id: &str) -> Response {
    let mut body = Map::new();
    body.insert("status".into(), json!("error"));
    body.insert("code".into(), json!(error.code));
    body.insert("message".into(), json!(error.message));
    body.insert("request_id".into(), json!(request_id));
    body.extend(error.details.clone());
    let text = Value::Object(body).to_string();
    let mut response = respond(error.status, "application/json", text);
    for (name, value) in &error.headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().append(*name, value);
        }
    }
    response
}
