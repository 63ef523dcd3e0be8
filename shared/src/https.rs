//! The client that everything goes out through, AWS included: one pool of connections
//! over one TLS configuration.
//!
//! The roots that it trusts are Mozilla's, compiled in: reading those of the system takes
//! some milliseconds of every start.

use std::sync::Arc;
use std::time::Duration;

use rustls::{ClientConfig, RootCertStore};

/// Why the client cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum HttpsError {
    /// No version of TLS can be spoken.
    #[error("could not set TLS up")]
    Tls(#[from] rustls::Error),
    /// Whatever else it needs of the system.
    #[error("could not build the HTTP client")]
    Client(#[from] reqwest::Error),
}

/// A client that keeps connections open between requests. Build one and share it.
pub fn client() -> Result<reqwest::Client, HttpsError> {
    Ok(builder()?
        .connect_timeout(Duration::from_secs(1))
        .pool_idle_timeout(Duration::from_secs(90))
        .build()?)
}

/// What every client has in common: it goes where it is sent and says who it is.
pub(crate) fn builder() -> Result<reqwest::ClientBuilder, HttpsError> {
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls()?)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("viewing-desk/", env!("CARGO_PKG_VERSION"))))
}

/// The body of an answer; none when it is longer than `limit` bytes, of which no more are
/// read.
pub(crate) async fn read_within(
    mut answer: reqwest::Response,
    limit: usize,
) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > limit {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

fn tls() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let mut tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    // HTTP/2 takes more to begin a connection with, and what it brings is for many requests
    // at once; a function makes few.
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(tls)
}
