//! Brave's Search API (Brave, "Web Search API").

use reqwest::header::ACCEPT;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::error::SearchError;
use super::hit::Hit;
use super::query::Query;

#[derive(Deserialize)]
struct Answer {
    /// Absent when nothing was found.
    #[serde(default)]
    web: Web,
    /// What every answer has, and an error has not.
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Default, Deserialize)]
struct Web {
    #[serde(default)]
    results: Vec<Page>,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    title: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    description: String,
}

pub(super) fn request(
    http: &reqwest::Client,
    base: &str,
    key: &SecretString,
    query: &Query,
) -> reqwest::RequestBuilder {
    let parameters = form_urlencoded::Serializer::new(String::new())
        .append_pair("q", query.text())
        .append_pair("count", "10")
        .finish();
    http.get(format!("{base}/res/v1/web/search?{parameters}"))
        .header(ACCEPT, "application/json")
        .header("x-subscription-token", key.expose_secret())
}

/// The results in an answer.
pub(super) fn read(body: &[u8]) -> Result<Vec<Hit>, SearchError> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| SearchError::Unreadable)?;
    if answer.kind != "search" {
        return Err(SearchError::Unreadable);
    }
    let pages = answer.web.results.iter();
    Ok(pages
        .filter_map(|page| Hit::new(&page.title, &page.url, &page.description))
        .collect())
}
