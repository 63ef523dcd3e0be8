//! `GET /`, `GET /health`, `GET /openapi.json`, and the answer to everything that is not a
//! route.

use std::sync::Arc;
use std::time::Instant;

use serde_json::json;
use shared::aws::Aws;
use shared::config::{Settings, StartError};
use shared::http::{Access, ApiRequest, Function, HttpError, Response, Routes, document, ok};
use shared::https;
use shared::store::Connections;

/// Every route of the API but this function's own, for the service document and
/// to tell a wrong method from a wrong path. A test compares it with template.yaml.
pub const ROUTES: [&str; 38] = [
    "DELETE /calendar/auth/disconnect",
    "DELETE /calendar/events/{id}",
    "GET /appointments",
    "GET /appointments/feed.ics",
    "POST /appointments/feed-links",
    "GET /calendar/auth/callback",
    "POST /calendar/auth/confirm",
    "GET /calendar/auth/start",
    "GET /calendar/auth/status",
    "GET /calendar/availability",
    "GET /calendar/events",
    "GET /calendar/settings",
    "PATCH /calendar/events/{id}",
    "POST /calendar/auth/links",
    "POST /calendar/events",
    "POST /vapi/webhook",
    "PUT /calendar/settings",
    "DELETE /vapi/bindings",
    "GET /search/rental",
    "GET /vapi/analytics",
    "GET /vapi/assistants",
    "GET /vapi/bindings",
    "GET /vapi/calls",
    "PUT /vapi/bindings",
    "DELETE /rentals/{id}",
    "GET /database/available",
    "GET /database/rentals",
    "GET /database/rentals/{website}",
    "GET /database/sources",
    "GET /database/status",
    "DELETE /database/sources/{id}",
    "POST /database/sources",
    "POST /database/sources/{id}/refresh",
    "GET /rentals",
    "GET /rentals/{id}",
    "PATCH /rentals/{id}",
    "POST /rentals",
    "POST /rentals/import",
];

/// This function's own routes.
const OWN: [&str; 3] = ["GET /", "GET /health", "GET /openapi.json"];

/// Every route of the API, as an OpenAPI document: the files in `openapi`, put together
/// by build.rs. Tests compare it with template.yaml and with what the routes answer.
pub const OPENAPI: &str = include_str!(concat!(env!("OUT_DIR"), "/openapi.json"));

/// The function for everything about the service itself.
pub struct ServiceInfo {
    access: Access,
    connections: Connections,
    base: String,
    started: Instant,
}

impl Function for ServiceInfo {
    const NAME: &'static str = "ServiceInfo";

    fn start(settings: &Settings) -> Result<Self, StartError> {
        let aws = Aws::new(settings, &https::client()?);
        Ok(Self {
            access: Access::new(settings, &aws)?,
            connections: Connections::new(settings, &aws)?,
            base: settings.base_url("PUBLIC_BASE_URL", None)?,
            started: Instant::now(),
        })
    }

    fn routes() -> Routes<Self> {
        Routes::new()
            .on("GET /", describe)
            .on("GET /health", health)
            .on("GET /openapi.json", openapi)
            .on("$default", no_such_route)
    }
}

async fn describe(function: Arc<ServiceInfo>, _: ApiRequest) -> Result<Response, HttpError> {
    let base = &function.base;
    let url = |path: &str| format!("{base}{path}");
    ok(&json!({
        "service": "viewing-desk",
        "name": "Viewing desk",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "Books property viewings into staff calendars for a voice assistant.",
        "status": "ok",
        "features": ["calendar", "availability", "booking", "rentals", "vapi_webhook"],
        "endpoints": {
            "health": url("/health"),
            "openapi": url("/openapi.json"),
            "webhook": url("/vapi/webhook"),
            "calendar_auth_start": url("/calendar/auth/start"),
            "calendar_auth_links": url("/calendar/auth/links"),
            "calendar_auth_callback": url("/calendar/auth/callback"),
            "calendar_auth_status": url("/calendar/auth/status"),
            "calendar_auth_disconnect": url("/calendar/auth/disconnect"),
            "calendar_events": url("/calendar/events"),
            "appointments": url("/appointments"),
            "appointments_feed_links": url("/appointments/feed-links"),
            "calendar_availability": url("/calendar/availability"),
            "calendar_settings": url("/calendar/settings"),
            "search_rental": url("/search/rental"),
            "database_available": url("/database/available"),
            "database_rentals": url("/database/rentals"),
            "database_sources": url("/database/sources"),
            "database_status": url("/database/status"),
            "rentals": url("/rentals"),
            "rentals_import": url("/rentals/import"),
            "vapi_assistants": url("/vapi/assistants"),
            "vapi_analytics": url("/vapi/analytics"),
            "vapi_bindings": url("/vapi/bindings"),
            "vapi_calls": url("/vapi/calls"),
        },
        "links": {
            "self": url("/"),
            "health": url("/health"),
            "openapi": url("/openapi.json"),
        },
    }))
}

async fn health(function: Arc<ServiceInfo>, request: ApiRequest) -> Result<Response, HttpError> {
    let (dynamodb, secrets) = tokio::join!(
        function.connections.reachable(),
        function.access.reachable()
    );
    let state = |reachable: bool| if reachable { "ok" } else { "unreachable" };
    let healthy = dynamodb && secrets;
    ok(&json!({
        "status": if healthy { "healthy" } else { "degraded" },
        "timestamp": request.now(),
        "version": env!("CARGO_PKG_VERSION"),
        "tzdb": shared::clock::tzdb_version(),
        "uptime_seconds": function.started.elapsed().as_secs(),
        "checks": {"dynamodb": state(dynamodb), "secrets": state(secrets)},
    }))
}

async fn openapi(_: Arc<ServiceInfo>, request: ApiRequest) -> Result<Response, HttpError> {
    document(OPENAPI, &request)
}

/// The API's `$default` route.
async fn no_such_route(_: Arc<ServiceInfo>, request: ApiRequest) -> Result<Response, HttpError> {
    let (_, path) = request.target();
    let allowed = methods(path);
    if allowed.is_empty() {
        return Err(HttpError::not_found("There is nothing at this address."));
    }
    Err(HttpError::method_not_allowed(&allowed.join(", ")))
}

/// The methods that a path answers. A route that is the path to the letter hides those
/// with parameters.
fn methods(path: &str) -> Vec<&'static str> {
    let routes = ROUTES.into_iter().chain(OWN);
    let fitting: Vec<_> = routes
        .filter_map(|route| route.split_once(' '))
        .filter(|(_, known)| fits(known, path))
        .collect();
    let is_literal = fitting.iter().any(|(_, known)| *known == path);
    let meant = fitting
        .into_iter()
        .filter(|(_, known)| !is_literal || *known == path);
    meant.map(|(method, _)| method).collect()
}

/// Whether a path is one of a route; `{…}` stands for any one segment.
fn fits(route: &str, path: &str) -> bool {
    let (mut known, mut asked) = (route.split('/'), path.split('/'));
    loop {
        match (known.next(), asked.next()) {
            (None, None) => return true,
            (Some(known), Some(asked)) if known == asked => {}
            (Some(known), Some(asked)) if known.starts_with('{') && !asked.is_empty() => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_answers_the_methods_of_its_own_routes() {
        for (path, expected) in [
            ("/", "GET"),
            ("/rentals", "GET POST"),
            ("/rentals/r-1", "DELETE GET PATCH"),
            ("/rentals/import", "POST"),
            ("/rentals/", ""),
            ("/nowhere", ""),
        ] {
            assert_eq!(methods(path).join(" "), expected, "{path}");
        }
    }
}
