//! The settings of one function, read once at start.
//!
//! In Lambda they are the process environment, which template.yaml fills. The
//! local system hands each function the variables that the same template gives
//! it, so that a setting missing there is missing on the laptop too.

use std::collections::HashMap;
use std::str::FromStr;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::https::HttpsError;

/// What `DEFAULT_TIME_ZONE` is without a value.
const DEFAULT_TIME_ZONE: &str = "America/Chicago";

/// The named settings of one function. An empty value counts as absent.
///
/// There is no `Debug`: the environment of a Lambda holds its credentials.
#[derive(Clone, Default)]
pub struct Settings(HashMap<String, String>);

/// Why a function cannot start with the settings that it was given.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    /// The setting has no value.
    #[error("the setting {0} is missing")]
    Missing(&'static str),
    /// The setting has a value that cannot be used.
    #[error("the setting {name} is not usable, expected {expected}")]
    Invalid {
        name: &'static str,
        expected: &'static str,
    },
}

/// Why a function cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its settings do not suffice.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// Its HTTP client cannot be built.
    #[error(transparent)]
    Https(#[from] HttpsError),
}

impl Settings {
    /// The process environment.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    pub fn from_process() -> Self {
        Self(std::env::vars().collect())
    }

    /// The value of `name`, if it has one.
    pub fn optional(&self, name: &'static str) -> Option<&str> {
        self.0
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// The value of `name`, which the function cannot do without.
    pub fn required(&self, name: &'static str) -> Result<&str, SettingError> {
        self.optional(name).ok_or(SettingError::Missing(name))
    }

    /// The value of `name` as a `T`, or `default` when it is absent.
    pub fn parsed<T: FromStr>(
        &self,
        name: &'static str,
        default: T,
        expected: &'static str,
    ) -> Result<T, SettingError> {
        match self.optional(name) {
            None => Ok(default),
            Some(text) => text
                .parse()
                .map_err(|_| SettingError::Invalid { name, expected }),
        }
    }

    /// The value of `name` in milliseconds.
    pub fn milliseconds(&self, name: &'static str, default: u64) -> Result<Duration, SettingError> {
        self.parsed(name, default, "a number of milliseconds")
            .map(Duration::from_millis)
    }

    /// The zone that `DEFAULT_TIME_ZONE` names: where staff and rentals are unless
    /// something says otherwise.
    pub fn default_zone(&self) -> Result<TimeZone, SettingError> {
        const NAME: &str = "DEFAULT_TIME_ZONE";
        let name = self.optional(NAME).unwrap_or(DEFAULT_TIME_ZONE);
        TimeZone::get(name).map_err(|_| SettingError::Invalid {
            name: NAME,
            expected: "an IANA time zone such as America/Chicago",
        })
    }

    /// The value of `name` as the base of URLs, without a trailing slash.
    ///
    /// Only `https` is accepted, and `http` on loopback for local runs: tokens
    /// travel to these addresses.
    pub fn base_url(
        &self,
        name: &'static str,
        default: Option<&str>,
    ) -> Result<String, SettingError> {
        let text = match self.optional(name) {
            Some(text) => text,
            None => default.ok_or(SettingError::Missing(name))?,
        };
        if is_safe_base(text) {
            Ok(text.trim_end_matches('/').to_owned())
        } else {
            Err(SettingError::Invalid {
                name,
                expected: "an https URL, or http on loopback",
            })
        }
    }
}

impl FromIterator<(String, String)> for Settings {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

/// Whether tokens and what decides on them may travel to and from that address.
pub fn is_safe_base(text: &str) -> bool {
    let Ok(url) = url::Url::parse(text) else {
        return false;
    };
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(value: &str) -> Settings {
        [("GRAPH_BASE_URL".to_owned(), value.to_owned())]
            .into_iter()
            .collect()
    }

    #[test]
    fn tokens_only_go_to_https_or_loopback() {
        for (value, expected) in [
            (
                "https://graph.microsoft.com/",
                Some("https://graph.microsoft.com"),
            ),
            ("http://127.0.0.1:9001", Some("http://127.0.0.1:9001")),
            ("http://localhost:9001/", Some("http://localhost:9001")),
            ("http://[::1]:9001", Some("http://[::1]:9001")),
            ("http://graph.microsoft.com", None),
            ("http://127.0.0.1.example.com", None),
            ("http://localhost.example.com", None),
            ("ftp://127.0.0.1", None),
            ("not a url", None),
        ] {
            let found = settings(value).base_url("GRAPH_BASE_URL", None);
            assert_eq!(found.ok().as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn an_empty_setting_is_a_missing_one() {
        assert!(settings("  ").required("GRAPH_BASE_URL").is_err());
    }
}
