//! What ties a sign-in to a browser: a cookie that must come back, and the origins
//! to which a browser may be sent on.

use jiff::SignedDuration;
use lambda_http::http::{HeaderValue, header};
use sha2::{Digest, Sha256};

use super::access::hex;
use super::{ApiRequest, HttpError, Response};
use crate::config::Settings;

/// The cookie of a sign-in under way. A browser that does not bring it back did
/// not begin the sign-in (RFC 9700 §2.1, cross-site request forgery). The prefix
/// keeps other hosts and plain http from setting it; on loopback, Chromium takes it
/// over http too, as a potentially trustworthy origin, and Safari does not.
const COOKIE: &str = "__Host-connect";

/// The cookie that ties a sign-in to a browser.
pub struct BrowserCookie;

impl BrowserCookie {
    /// What is stored of a cookie's value.
    pub fn fingerprint(value: &str) -> String {
        hex(&Sha256::digest(value.as_bytes()))
    }

    /// Adds the cookie to an answer.
    pub fn set(
        mut response: Response,
        value: &str,
        lasts: SignedDuration,
    ) -> Result<Response, HttpError> {
        let cookie = format!(
            "{COOKIE}={value}; Path=/; Max-Age={}; Secure; HttpOnly; SameSite=Lax",
            lasts.as_secs(),
        );
        let cookie = HeaderValue::from_str(&cookie).map_err(HttpError::internal)?;
        response.headers_mut().append(header::SET_COOKIE, cookie);
        Ok(response)
    }

    /// Whether the request brings back the cookie with that fingerprint.
    pub fn matches(request: &ApiRequest, fingerprint: &str) -> bool {
        request
            .cookie(COOKIE)
            .is_some_and(|value| Self::fingerprint(value) == fingerprint)
    }
}

/// The origins of `ALLOWED_ORIGINS`.
pub struct AllowedOrigins(Vec<url::Origin>);

impl AllowedOrigins {
    /// Reads the comma-separated setting; without one, no origin is allowed.
    pub fn new(settings: &Settings) -> Self {
        let text = settings.optional("ALLOWED_ORIGINS").unwrap_or_default();
        let urls = text
            .split(',')
            .filter_map(|origin| url::Url::parse(origin.trim()).ok());
        Self(
            urls.map(|url| url.origin())
                .filter(url::Origin::is_tuple)
                .collect(),
        )
    }

    /// The address, if a browser may be sent there.
    pub fn checked(&self, address: Option<&str>) -> Result<Option<String>, HttpError> {
        let Some(address) = address else {
            return Ok(None);
        };
        let url = url::Url::parse(address).ok();
        let url = url.filter(|url| {
            self.0.contains(&url.origin()) && url.username().is_empty() && url.password().is_none()
        });
        let url = url.ok_or_else(|| {
            HttpError::bad_field("redirect_url", "must be a page of an allowed origin")
        })?;
        Ok(Some(url.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_only_sent_to_allowed_origins() {
        let allowed = "https://crm.example.com, http://localhost:3000,not a url,data:text/plain";
        let settings: Settings = [("ALLOWED_ORIGINS".to_owned(), allowed.to_owned())]
            .into_iter()
            .collect();
        let origins = AllowedOrigins::new(&settings);
        for (address, allowed) in [
            ("https://crm.example.com/settings?tab=calendar", true),
            ("http://localhost:3000/", true),
            ("https://crm.example.com.evil.example/", false),
            ("https://crm.example.com@evil.example/", false),
            ("https://user@crm.example.com/", false),
            ("http://crm.example.com/", false),
            ("https://crm.example.com:8443/", false),
            ("//crm.example.com/", false),
            ("javascript:alert(1)", false),
            ("data:text/html,x", false),
            ("", false),
        ] {
            assert_eq!(origins.checked(Some(address)).is_ok(), allowed, "{address}");
        }
        assert!(
            AllowedOrigins::new(&Settings::default())
                .checked(Some("https://crm.example.com/"))
                .is_err()
        );
    }
}
