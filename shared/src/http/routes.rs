//! The routes of one function: one table, from which requests are dispatched and
//! which the local system compares with template.yaml.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{ApiRequest, HttpError, Response};

type Answer = Pin<Box<dyn Future<Output = Result<Response, HttpError>> + Send>>;
type Handler<F> = Box<dyn Fn(Arc<F>, ApiRequest) -> Answer + Send + Sync>;

/// A route as API Gateway names it: `GET /calendar/events/{id}`, or `$default`
/// for everything that no other route takes.
pub type Route = &'static str;

/// The routes of the function `F` and their handlers.
pub struct Routes<F> {
    handlers: BTreeMap<Route, Handler<F>>,
}

impl<F: Send + Sync + 'static> Routes<F> {
    /// No routes yet.
    #[expect(clippy::new_without_default, reason = "an empty table is only a start")]
    pub fn new() -> Self {
        Self {
            handlers: BTreeMap::new(),
        }
    }

    /// Adds a route, named by API Gateway's route key.
    #[must_use]
    pub fn on<H, A>(mut self, route: Route, handler: H) -> Self
    where
        H: Fn(Arc<F>, ApiRequest) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response, HttpError>> + Send + 'static,
    {
        let handler: Handler<F> =
            Box::new(move |function, request| Box::pin(handler(function, request)));
        self.handlers.insert(route, handler);
        self
    }

    /// The route keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = Route> {
        self.handlers.keys().copied()
    }

    /// Answers a request by the route that API Gateway chose for it.
    pub(super) async fn answer(
        &self,
        function: Arc<F>,
        request: ApiRequest,
    ) -> Result<Response, HttpError> {
        match self.handlers.get(request.route_key()) {
            Some(handler) => handler(function, request).await,
            None => Err(HttpError::not_found("There is nothing at this address.")),
        }
    }
}
