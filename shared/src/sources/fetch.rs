//! Fetching what a stranger named: from public addresses only, once, and no more of it
//! than is of use.
//!
//! A name is resolved by us, and nothing is connected to unless every address of it is
//! public. The connection then goes to one of just these addresses, so that a name that
//! answers differently the next time gains nothing. Redirects are not followed, no proxy
//! is used, and nothing is unpacked.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use url::Url;

use super::address::is_public;
use super::link::{LinkProblem, Reach, SourceLink};
use crate::config::{Settings, StartError};
use crate::https::{self, HttpsError, read_within};
use crate::rentals::FileFormat;

/// The most bytes of a feed, or of a file that is imported: Lambda takes 6 MB, and API
/// Gateway hands a body over in base64, a third longer, when it is not of a type that it
/// knows for text.
pub const LARGEST: usize = 4 * 1024 * 1024;

/// How long a feed may take, unless a setting says otherwise.
const DEADLINE_MS: u64 = 10_000;

/// How long its host may take to accept a connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);

/// Fetches feeds.
pub struct Fetcher {
    http: reqwest::Client,
    reach: Reach,
    deadline: Duration,
}

/// A file, and what it is written in.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) content: Vec<u8>,
    pub(super) format: FileFormat,
}

/// Why a feed was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// It was taken when other addresses were.
    #[error("its address {0}")]
    Link(#[from] LinkProblem),
    /// One address of its host at least is nobody else's to ask.
    #[error("its host leads into a network that is not public")]
    NotPublic,
    #[error("its host cannot be reached")]
    Unreachable,
    #[error("it did not arrive in time")]
    TimedOut,
    #[error("it has moved; redirects are not followed, so add the address that it has now")]
    Moved,
    #[error("its host answered with status {0}")]
    Refused(u16),
    #[error("it is larger than 4 MiB")]
    TooLarge,
    #[error("it was sent compressed")]
    Compressed,
    #[error("it is neither CSV nor JSON")]
    NotAFeed,
}

impl Fetcher {
    /// Uses `ALLOW_LOOPBACK_SOURCES` and `FEED_DEADLINE_MS`.
    pub fn new(settings: &Settings) -> Result<Self, StartError> {
        let loopback = settings.parsed("ALLOW_LOOPBACK_SOURCES", false, "true or false")?;
        let reach = if loopback {
            Reach::InternetAndLoopback
        } else {
            Reach::Internet
        };
        let deadline = settings.milliseconds("FEED_DEADLINE_MS", DEADLINE_MS)?;
        Ok(Self::with(reach, deadline)?)
    }

    fn with(reach: Reach, deadline: Duration) -> Result<Self, HttpsError> {
        let http = https::builder()?
            .dns_resolver(Arc::new(PublicNames))
            // A proxy would resolve names itself.
            .no_proxy()
            // Another feed is another host.
            .pool_max_idle_per_host(0)
            .connect_timeout(CONNECT_LIMIT)
            .build()?;
        Ok(Self {
            http,
            reach,
            deadline,
        })
    }

    /// Which addresses this takes.
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// Fetches the feed at an address.
    pub(super) async fn fetch(&self, address: &str) -> Result<Fetched, FetchError> {
        let link = SourceLink::parse(address, self.reach)?;
        self.get(link.url()).await
    }

    async fn get(&self, url: &Url) -> Result<Fetched, FetchError> {
        let sent = self
            .http
            .get(url.clone())
            .header(ACCEPT, "text/csv, application/json;q=0.9, text/plain;q=0.5")
            .header(ACCEPT_ENCODING, "identity")
            .timeout(self.deadline)
            .send()
            .await;
        let answer = sent.map_err(|error| FetchError::transport(&error))?;
        match answer.status().as_u16() {
            200 => {}
            300..400 => return Err(FetchError::Moved),
            status => return Err(FetchError::Refused(status)),
        }
        let header = |name| {
            answer
                .headers()
                .get(name)
                .and_then(|text| text.to_str().ok())
        };
        let encoding = header(CONTENT_ENCODING).unwrap_or("identity").trim();
        if !encoding.eq_ignore_ascii_case("identity") {
            return Err(FetchError::Compressed);
        }
        let media_type = header(CONTENT_TYPE)
            .unwrap_or_default()
            .to_ascii_lowercase();
        let content = read_to_end(answer).await?;
        let format = format(&media_type, &content).ok_or(FetchError::NotAFeed)?;
        Ok(Fetched { content, format })
    }
}

impl FetchError {
    fn transport(error: &reqwest::Error) -> Self {
        let mut cause: Option<&dyn std::error::Error> = Some(error);
        while let Some(error) = cause {
            if error.is::<NotPublicName>() {
                return Self::NotPublic;
            }
            cause = error.source();
        }
        if error.is_timeout() {
            Self::TimedOut
        } else {
            Self::Unreachable
        }
    }
}

async fn read_to_end(answer: reqwest::Response) -> Result<Vec<u8>, FetchError> {
    let announced = answer.content_length().unwrap_or(0);
    if usize::try_from(announced).is_ok_and(|length| length > LARGEST) {
        return Err(FetchError::TooLarge);
    }
    let content = read_within(answer, LARGEST).await;
    let content = content.map_err(|error| FetchError::transport(&error))?;
    content.ok_or(FetchError::TooLarge)
}

/// What a file is written in. Hosts name the type of a file as they happen to know it, so
/// anything but a page goes by what the file begins with.
fn format(media_type: &str, content: &[u8]) -> Option<FileFormat> {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if essence == "application/json" || essence.ends_with("+json") {
        return Some(FileFormat::Json);
    }
    if essence == "text/csv" || essence == "application/csv" {
        return Some(FileFormat::Csv);
    }
    let start = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    match start.trim_ascii_start().first() {
        _ if essence.contains("html") || essence.contains("image/") => None,
        Some(b'<') | None => None,
        Some(b'[' | b'{') => Some(FileFormat::Json),
        Some(_) => Some(FileFormat::Csv),
    }
}

/// Resolves names that lead nowhere but to public addresses.
struct PublicNames;

/// A name leads to an address that is not public.
#[derive(Debug, thiserror::Error)]
#[error("a name leads to an address that is not public")]
struct NotPublicName;

impl Resolve for PublicNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The port is set by who connects.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses = all_public(found)?;
            let addresses: Addrs = Box::new(addresses.into_iter());
            Ok(addresses)
        })
    }
}

/// Those addresses, if every one of them is public.
fn all_public(found: impl Iterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, NotPublicName> {
    found
        .map(|address| is_public(address.ip()).then_some(address))
        .collect::<Option<_>>()
        .ok_or(NotPublicName)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    #[test]
    fn one_address_that_is_not_public_spoils_a_name() {
        let judged = |texts: &[&str]| {
            let addresses = texts
                .iter()
                .map(|text| SocketAddr::new(text.parse().unwrap(), 0));
            all_public(addresses).map(|addresses| addresses.len()).ok()
        };
        assert_eq!(judged(&["8.8.8.8", "2606:4700::1"]), Some(2));
        assert_eq!(judged(&["8.8.8.8", "169.254.169.254"]), None);
        assert_eq!(judged(&["::ffff:8.8.8.8"]), None);
    }

    /// Whatever was said of a name before: it is the address that counts, and it is looked
    /// at where the connection is made.
    #[tokio::test]
    async fn a_name_that_leads_to_us_is_never_connected_to() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for reach in [Reach::Internet, Reach::InternetAndLoopback] {
            let fetcher = Fetcher::with(reach, Duration::from_secs(5)).unwrap();
            let url = Url::parse(&format!("http://localhost:{port}/feed.csv")).unwrap();
            let failed = fetcher.get(&url).await;
            assert!(matches!(failed, Err(FetchError::NotPublic)), "{failed:?}");
        }
        let nobody = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
        assert!(nobody.is_err(), "somebody connected");
    }

    /// What comes of an answer, sent by a server on loopback.
    async fn fetched(answer: &[u8], closes: bool) -> Result<Fetched, FetchError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/feed", listener.local_addr().unwrap());
        let bytes = answer.to_vec();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 2048]).await;
            // The other side may have heard enough.
            let _ = stream.write_all(&bytes).await;
            if !closes {
                std::future::pending::<()>().await;
            }
        });
        let deadline = Duration::from_millis(if closes { 5000 } else { 300 });
        let fetcher = Fetcher::with(Reach::InternetAndLoopback, deadline).unwrap();
        let answer = fetcher.fetch(&address).await;
        server.abort();
        answer
    }

    #[tokio::test]
    async fn an_answer_is_read_up_to_its_limits_and_no_further() {
        let head = "HTTP/1.1 200 OK\r\nconnection: close\r\n";
        let of_length = |length: usize| {
            let mut answer = format!("{head}\r\n").into_bytes();
            answer.resize(answer.len() + length, b'a');
            answer
        };
        assert_eq!(
            fetched(&of_length(LARGEST), true)
                .await
                .unwrap()
                .content
                .len(),
            LARGEST
        );
        let mut told = Vec::new();
        for (answer, closes) in [
            (of_length(LARGEST + 1), true),
            (
                format!("{head}content-length: 4194305\r\n\r\n").into_bytes(),
                false,
            ),
            (
                format!("{head}content-length: 9\r\n\r\naddress").into_bytes(),
                false,
            ),
            (
                format!("{head}content-encoding: gzip\r\n\r\n\x1f").into_bytes(),
                true,
            ),
            (
                format!("{head}content-type: text/html\r\n\r\na,b").into_bytes(),
                true,
            ),
            (
                b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\n\r\n".to_vec(),
                true,
            ),
            (
                b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_vec(),
                true,
            ),
            (Vec::new(), true),
            (Vec::new(), false),
        ] {
            told.push(fetched(&answer, closes).await.unwrap_err().to_string());
        }
        assert_eq!(
            told,
            [
                "it is larger than 4 MiB",
                "it is larger than 4 MiB",
                "it did not arrive in time",
                "it was sent compressed",
                "it is neither CSV nor JSON",
                "it has moved; redirects are not followed, so add the address that it has now",
                "its host answered with status 404",
                "its host cannot be reached",
                "it did not arrive in time",
            ]
        );
    }

    #[test]
    fn a_file_is_known_by_its_type_or_else_by_how_it_begins() {
        use FileFormat::{Csv, Json};
        for (media_type, content, expected) in [
            ("text/csv; charset=utf-8", "[", Some(Csv)),
            ("application/json", "address", Some(Json)),
            ("application/vnd.feed+json", "[]", Some(Json)),
            ("text/plain", "address,rent", Some(Csv)),
            ("text/plain", " \n[{}]", Some(Json)),
            ("application/octet-stream", "\u{feff}{}", Some(Json)),
            ("", "address", Some(Csv)),
            ("", "<!DOCTYPE html>", None),
            ("", "", None),
            ("text/html", "address,rent", None),
        ] {
            assert_eq!(
                format(media_type, content.as_bytes()),
                expected,
                "{media_type} {content}"
            );
        }
    }
}
