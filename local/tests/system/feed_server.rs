//! A host of feeds on loopback, which answers what a test tells it to.

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What a host does with a request.
#[derive(Clone)]
pub(crate) enum Manner {
    /// A file of that media type.
    File(&'static str, String),
    Status(u16),
    /// On to another path of its own.
    Redirect(&'static str),
    /// It says that it is packed.
    Packed,
    /// It begins, and never ends.
    Endless,
    /// It takes the request, and says nothing until it is to do something else.
    Silent,
}

/// The host. Clones are the same.
#[derive(Clone)]
pub(crate) struct FeedServer {
    pub(crate) url: String,
    manner: watch::Sender<Manner>,
    asked: watch::Sender<Vec<String>>,
}

impl FeedServer {
    pub(crate) async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            manner: watch::Sender::new(manner),
            asked: watch::Sender::new(Vec::new()),
        };
        let router = Router::new()
            .route("/{*path}", get(answer))
            .with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }

    /// From now on it does that, also with whom it has kept waiting.
    pub(crate) fn set(&self, manner: Manner) {
        self.manner.send_replace(manner);
    }

    /// The paths that were asked for, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.borrow().clone()
    }

    /// Waits until something is asked for.
    pub(crate) async fn is_asked(&self) {
        let mut asked = self.asked.subscribe();
        asked.wait_for(|asked| !asked.is_empty()).await.unwrap();
    }
}

async fn answer(State(server): State<FeedServer>, Path(path): Path<String>) -> Response {
    server.asked.send_modify(|asked| asked.push(path));
    let mut manner = server.manner.subscribe();
    let speaks = manner.wait_for(|manner| !matches!(manner, Manner::Silent));
    let manner = speaks.await.unwrap().clone();
    match manner {
        Manner::File(media_type, file) => {
            ([(header::CONTENT_TYPE, media_type)], file).into_response()
        }
        Manner::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Manner::Redirect(path) => (StatusCode::FOUND, [(header::LOCATION, path)]).into_response(),
        Manner::Packed => ([(header::CONTENT_ENCODING, "gzip")], "\u{1f}").into_response(),
        Manner::Endless => {
            let chunk = || Ok::<_, Infallible>("8 Elm\n".repeat(9000));
            Body::from_stream(futures_util::stream::repeat_with(chunk)).into_response()
        }
        // It was waited for that this is over.
        Manner::Silent => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
