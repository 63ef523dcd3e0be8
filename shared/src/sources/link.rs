//! The address of a source, as far as it can be judged before anybody is asked where it
//! leads.

use url::{Host, Url};

/// Longer addresses are of no use to anybody.
const LONGEST: usize = 2000;

/// Ends of names that lead into somebody's own network (RFC 6761, RFC 6762, RFC 8375, and
/// ICANN's choice for internal use).
const NOT_PUBLIC: [&str; 5] = ["localhost", "local", "internal", "home.arpa", "localdomain"];

/// Which addresses are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// https on the internet.
    Internet,
    /// And http on loopback, by its number: for local runs.
    InternetAndLoopback,
}

/// The address of a source, in the one form that it is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLink(Url);

/// Why an address is not that of a source, to be read after its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkProblem {
    #[error("must be an address such as https://www.example.com/rentals.csv")]
    NotAnAddress,
    #[error("must begin with https://")]
    Scheme,
    #[error("must have no user name and no password in it")]
    Credentials,
    #[error("must have no port, or 443")]
    Port,
    #[error("must have a name of the public internet, not a number or a name of a local network")]
    Host,
    #[error("must have at most {LONGEST} characters")]
    TooLong,
}

impl SourceLink {
    /// Reads an address, and leaves out what does not matter to what it leads to.
    pub fn parse(text: &str, reach: Reach) -> Result<Self, LinkProblem> {
        let mut url = Url::parse(text.trim()).map_err(|_| LinkProblem::NotAnAddress)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(LinkProblem::Credentials);
        }
        url.set_fragment(None);
        if url.as_str().len() > LONGEST {
            return Err(LinkProblem::TooLong);
        }
        if reach == Reach::InternetAndLoopback && is_loopback(&url) {
            return Ok(Self(url));
        }
        if url.scheme() != "https" {
            return Err(LinkProblem::Scheme);
        }
        if url.port_or_known_default() != Some(443) {
            return Err(LinkProblem::Port);
        }
        match url.host() {
            Some(Host::Domain(name)) if is_public(name) => Ok(Self(url)),
            _ => Err(LinkProblem::Host),
        }
    }

    /// As it is stored.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }
}

fn is_loopback(url: &Url) -> bool {
    let by_number = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(_)) | None => false,
    };
    url.scheme() == "http" && by_number
}

/// Whether a name can be one of the public internet: it has a dot, and does not end as
/// names of local networks do.
fn is_public(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_below = |end: &str| {
        let above = name.strip_suffix(end);
        above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
    };
    name.contains('.') && !NOT_PUBLIC.into_iter().any(is_below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_to_a_name_of_the_internet_is_taken() {
        for (text, expected) in [
            (
                " HTTPS://Www.Example.com:443/a/../b.csv?x=1#part ",
                Ok("https://www.example.com/b.csv?x=1"),
            ),
            ("https://example.com", Ok("https://example.com/")),
            ("https://mylocal.example/", Ok("https://mylocal.example/")),
            (
                "https://bücher.example/",
                Ok("https://xn--bcher-kva.example/"),
            ),
            ("", Err(LinkProblem::NotAnAddress)),
            ("example.com/feed.csv", Err(LinkProblem::NotAnAddress)),
            ("https://", Err(LinkProblem::NotAnAddress)),
            ("http://example.com/", Err(LinkProblem::Scheme)),
            ("ftp://example.com/", Err(LinkProblem::Scheme)),
            ("file:///etc/passwd", Err(LinkProblem::Scheme)),
            ("gopher://example.com/", Err(LinkProblem::Scheme)),
            ("data:text/csv,a", Err(LinkProblem::Scheme)),
            ("https://user@example.com/", Err(LinkProblem::Credentials)),
            ("https://:pass@example.com/", Err(LinkProblem::Credentials)),
            ("https://example.com:8443/", Err(LinkProblem::Port)),
            ("https://example.com:80/", Err(LinkProblem::Port)),
            ("https://localhost/", Err(LinkProblem::Host)),
            ("https://localhost./", Err(LinkProblem::Host)),
            ("https://LOCALHOST/", Err(LinkProblem::Host)),
            ("https://a.localhost/", Err(LinkProblem::Host)),
            ("https://printer/", Err(LinkProblem::Host)),
            ("https://printer.local/", Err(LinkProblem::Host)),
            ("https://printer.LOCAL./", Err(LinkProblem::Host)),
            ("https://metadata.google.internal/", Err(LinkProblem::Host)),
            ("https://router.home.arpa/", Err(LinkProblem::Host)),
            ("https://127.0.0.1/", Err(LinkProblem::Host)),
            ("https://8.8.8.8/", Err(LinkProblem::Host)),
            ("https://2130706433/", Err(LinkProblem::Host)),
            ("https://0x7f.1/", Err(LinkProblem::Host)),
            ("https://0177.0.0.1/", Err(LinkProblem::Host)),
            ("https://127.0.0.1./", Err(LinkProblem::Host)),
            ("https://１２７.0.0.1/", Err(LinkProblem::Host)),
            ("https://[::1]/", Err(LinkProblem::Host)),
            ("https://[::ffff:10.0.0.1]/", Err(LinkProblem::Host)),
            ("http://127.0.0.1:9000/", Err(LinkProblem::Scheme)),
        ] {
            let found = SourceLink::parse(text, Reach::Internet);
            let found = found.as_ref().map(SourceLink::as_str);
            assert_eq!(found, expected.as_ref().copied(), "{text}");
        }
        let long = format!("https://example.com/{}", "a".repeat(LONGEST));
        let found = SourceLink::parse(&long, Reach::Internet);
        assert_eq!(found, Err(LinkProblem::TooLong));
    }

    #[test]
    fn local_runs_take_loopback_by_its_number_as_well() {
        let is_taken = |text| SourceLink::parse(text, Reach::InternetAndLoopback).is_ok();
        for (text, expected) in [
            ("http://127.0.0.1:8000/feed.csv", true),
            ("http://[::1]:8000/feed.csv", true),
            ("https://example.com/feed.csv", true),
            ("http://localhost:8000/feed.csv", false),
            ("http://user@127.0.0.1:8000/", false),
            ("https://127.0.0.1:8000/", false),
            ("http://10.0.0.1/", false),
            ("http://169.254.169.254/", false),
            ("http://example.com/", false),
        ] {
            assert_eq!(is_taken(text), expected, "{text}");
        }
    }
}
