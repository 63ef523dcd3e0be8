//! One way into every function, for Lambda and for the local gateway.
//!
//! A request is timed, answered by its route, and logged once: route, status and
//! duration, and for a failure what the operator needs to know. A panic in a
//! handler becomes a 500 like any other failure of ours. What a handler left for later
//! is done when its answer has been given.

use std::convert::Infallible;
use std::future::{Future, ready};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use lambda_http::http::StatusCode;
use lambda_http::tower::util::MapFutureLayer;
use lambda_http::{IntoResponse, service_fn};
use tracing::Instrument;

use super::response::error_response;
use super::{ApiRequest, HttpError, Later, Response, Routes};
use crate::clock::Clock;
use crate::config::{Settings, StartError};
use crate::telemetry;

/// One Lambda function: what it is called, what it keeps while warm, and what it
/// answers.
pub trait Function: Sized + Send + Sync + 'static {
    /// Its logical id in template.yaml.
    const NAME: &'static str;

    /// Builds the clients from the settings. Runs once, during init.
    fn start(settings: &Settings) -> Result<Self, StartError>;

    /// Fetches at once what the first request would otherwise wait for, one after the
    /// other. Its failure is that request's business.
    fn warm(&self) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Its routes.
    fn routes() -> Routes<Self>;
}

/// A started function together with its routes.
pub struct Mounted<F> {
    function: Arc<F>,
    routes: Routes<F>,
    clock: Clock,
}

impl<F: Function> Mounted<F> {
    /// Starts the function.
    pub fn start(settings: &Settings, clock: Clock) -> Result<Self, StartError> {
        Ok(Self {
            function: Arc::new(F::start(settings)?),
            routes: F::routes(),
            clock,
        })
    }

    /// Answers one request; every failure is an answer too. What is left to do when the
    /// answer is given goes to `later`.
    pub async fn answer(&self, request: lambda_http::Request, later: &Later) -> Response {
        let request = ApiRequest::new(request, self.clock.now(), later.clone());
        let request_id = request.request_id().to_owned();
        let route = request.route_key().to_owned();
        let span = tracing::info_span!(
            "request",
            function = F::NAME,
            route,
            request_id,
            // Known when the body is read; it leads from a call to its Graph requests.
            call_id = tracing::field::Empty,
        );
        let started = Instant::now();
        async {
            let answer = self.routes.answer(Arc::clone(&self.function), request);
            let result = match catch_panic(answer).await {
                Some(result) => result,
                None => Err(HttpError::internal("a handler panicked")),
            };
            let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            match result {
                Ok(response) => {
                    let status = response.status().as_u16();
                    later.push(async move { tracing::info!(status, duration_ms, "answered") });
                    response
                }
                Err(error) => {
                    log_failure(&error, duration_ms);
                    error_response(&error, &request_id)
                }
            }
        }
        .instrument(span)
        .await
    }
}

/// Runs the function `F` in Lambda until the environment ends.
pub async fn run<F: Function>() -> Result<(), lambda_http::Error> {
    let settings = Settings::from_process();
    telemetry::start(&settings);
    let mounted = Arc::new(Mounted::<F>::start(&settings, Clock::default())?);
    let later = Later::default();
    let left = later.clone();
    let mut is_first = true;
    let answering = service_fn(move |request| {
        let (mounted, later) = (Arc::clone(&mounted), later.clone());
        if std::mem::take(&mut is_first) {
            warm(&mounted);
        }
        async move { Ok::<_, Infallible>(Finished(mounted.answer(request, &later).await)) }
    });
    // The inner future ends when the answer was posted, this one before the next event is
    // asked for.
    let finishing = MapFutureLayer::new(move |posting| {
        let left = left.clone();
        async move {
            let posted = posting.await;
            if catch_panic(left.finish()).await.is_none() {
                tracing::error!("what an answer left to do panicked");
            }
            posted
        }
    });
    lambda_http::runtime(answering).layer(finishing).run().await
}

/// An answer that is handed over as it is. `lambda_http` would decode the text of a
/// [`Response`] by its content type, and all of ours are text already.
struct Finished(Response);

impl IntoResponse for Finished {
    fn into_response(self) -> BoxFuture<'static, Response> {
        ready(self.0).boxed()
    }
}

/// Fetches ahead what the first request needs, while that request is being read. Not
/// before: an environment may be frozen as soon as it has started, and what was under
/// way then has timed out when it is used.
fn warm<F: Function>(mounted: &Arc<Mounted<F>>) {
    let mounted = Arc::clone(mounted);
    tokio::spawn(async move {
        let _ = tokio::time::timeout(WARM_LIMIT, mounted.function.warm()).await;
    });
}

/// How long it is tried to fetch something ahead.
const WARM_LIMIT: std::time::Duration = std::time::Duration::from_secs(2);

/// The outcome of the future, or nothing when it panicked.
async fn catch_panic<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|context| {
        let polled = std::panic::catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        match polled {
            Ok(poll) => poll.map(Some),
            Err(_) => std::task::Poll::Ready(None),
        }
    })
    .await
}

fn log_failure(error: &HttpError, duration_ms: u64) {
    let status = error.status.as_u16();
    let code = error.code;
    let reason = error.reason();
    let reason = reason.as_deref();
    if error.status == StatusCode::INTERNAL_SERVER_ERROR {
        tracing::error!(status, code, reason, duration_ms, "failed");
    } else if error.status.is_server_error() {
        tracing::warn!(status, code, reason, duration_ms, "failed");
    } else {
        tracing::info!(status, code, reason, duration_ms, "refused");
    }
}
