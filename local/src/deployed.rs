//! A backend that is reached by its address only.

use anyhow::bail;
use url::{Host, Url};

use crate::defaults;

/// Where `cargo run` serves.
pub(crate) const LOCAL: &str = "http://127.0.0.1:9000";

/// The address without a slash at its end, if it is one.
pub(crate) fn address(url: &str) -> anyhow::Result<String> {
    let given = url.trim_end_matches('/');
    match Url::parse(given) {
        Ok(parsed) if parsed.path() == "/" && parsed.query().is_none() => {
            if parsed.scheme() == "https" || is_loopback(&parsed) {
                return Ok(given.to_owned());
            }
            bail!("{given} is not https, so the API key would be sent for all to read")
        }
        Ok(_) => bail!("{given} is more than an origin such as https://api.example.com"),
        Err(_) => bail!("`{given}` is no address such as https://api.example.com"),
    }
}

/// The API key that was given, or that of local runs.
pub(crate) fn api_key(address: &str, given: Option<&str>) -> Option<String> {
    let local = || is_local(address).then_some(defaults::API_KEY);
    given.or_else(local).map(str::to_owned)
}

/// Whether it is on this machine.
pub(crate) fn is_local(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| is_loopback(&url))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Why there was no answer, in a few words.
pub(crate) fn failure(error: &reqwest::Error) -> String {
    let why = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "nothing answers there"
    } else {
        "the connection broke"
    };
    why.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_origin_that_keeps_a_key_secret_is_an_address() {
        for (url, expected) in [
            ("https://api.example.com/", Some("https://api.example.com")),
            ("http://127.0.0.1:9000", Some("http://127.0.0.1:9000")),
            ("http://localhost:9000", Some("http://localhost:9000")),
            ("http://[::1]:9000", Some("http://[::1]:9000")),
            ("http://api.example.com", None),
            ("https://api.example.com/prod", None),
            ("https://api.example.com/?a=b", None),
            ("api.example.com", None),
        ] {
            assert_eq!(address(url).ok().as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn the_local_key_never_leaves_the_machine() {
        assert_eq!(api_key("https://api.example.com", None), None);
        assert_eq!(api_key(LOCAL, None).as_deref(), Some(defaults::API_KEY));
        assert_eq!(api_key(LOCAL, Some("given")).as_deref(), Some("given"));
    }
}
