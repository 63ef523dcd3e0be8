//! DuckDuckGo's page of results for browsers without scripts.
//!
//! A page counts as one only if it has the list that results stand in. Anything else,
//! a question whether we are human among it, is a failure.

use html5gum::{StartTag, Token};
use url::Url;

use super::error::SearchError;
use super::hit::Hit;
use super::query::Query;
use crate::markup::{escape, tokens};

/// What the links of a page are relative to.
const SITE: &str = "https://duckduckgo.com/";

pub(super) fn request(
    http: &reqwest::Client,
    base: &str,
    query: &Query,
) -> reqwest::RequestBuilder {
    let parameters = form_urlencoded::Serializer::new(String::new())
        .append_pair("q", query.text())
        .append_pair("kl", "us-en")
        .finish();
    http.get(format!("{base}/html/?{parameters}"))
}

/// The results on a page.
pub(super) fn read(body: &[u8]) -> Result<Vec<Hit>, SearchError> {
    let mut page = Page::default();
    for Ok(token) in tokens(&String::from_utf8_lossy(body)) {
        page.take(&token);
    }
    if page.asks_who_we_are {
        return Err(SearchError::Blocked { retry_after: None });
    }
    if !page.has_list {
        return Err(SearchError::Unreadable);
    }
    let found = page.found.iter().filter(|found| !found.is_ad);
    Ok(found.filter_map(Found::hit).collect())
}

/// A page as far as it has been read.
#[derive(Default)]
struct Page {
    has_list: bool,
    asks_who_we_are: bool,
    in_ad: bool,
    found: Vec<Found>,
    /// What text belongs to, and the element that ends it.
    reading: Option<(Part, Vec<u8>)>,
}

#[derive(Default)]
struct Found {
    is_ad: bool,
    title: String,
    link: String,
    snippet: String,
}

#[derive(Clone, Copy)]
enum Part {
    Title,
    Snippet,
}

impl Page {
    fn take(&mut self, token: &Token) {
        match token {
            Token::StartTag(tag) => self.open(tag),
            Token::EndTag(tag) => {
                let ends = |(_, name): &(Part, Vec<u8>)| *name == **tag.name;
                if self.reading.as_ref().is_some_and(ends) {
                    self.reading = None;
                }
            }
            Token::String(text) => {
                let text = String::from_utf8_lossy(text);
                if let (Some((part, _)), Some(found)) = (&self.reading, self.found.last_mut()) {
                    match part {
                        Part::Title => found.title.push_str(&text),
                        Part::Snippet => found.snippet.push_str(&text),
                    }
                }
            }
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }

    fn open(&mut self, tag: &StartTag<()>) {
        let class = attribute(tag, b"class");
        let is = |name: &str| class.split_ascii_whitespace().any(|class| class == name);
        let id = attribute(tag, b"id");
        self.has_list |= id == "links";
        self.asks_who_we_are |= id == "challenge-form" || class.contains("anomaly-modal");
        if is("result") {
            self.in_ad = is("result--ad");
        }
        if is("result__a") {
            self.found.push(Found {
                is_ad: self.in_ad,
                link: attribute(tag, b"href"),
                ..Found::default()
            });
            self.reading = Some((Part::Title, tag.name.to_vec()));
        } else if is("result__snippet") {
            self.reading = Some((Part::Snippet, tag.name.to_vec()));
        }
    }
}

fn attribute(tag: &StartTag<()>, name: &[u8]) -> String {
    let value = tag.attributes.get(name);
    value.map_or_else(String::new, |value| {
        String::from_utf8_lossy(value).into_owned()
    })
}

impl Found {
    /// The result, if it leads to a page of somebody else's. The texts were HTML once and
    /// are not any more.
    fn hit(&self) -> Option<Hit> {
        let base = Url::parse(SITE).ok()?;
        let link = base.join(&self.link).ok()?;
        let address = match (link.domain(), link.path()) {
            // An advertisement, by whatever class.
            (Some(host), "/y.js") if is_theirs(host) => return None,
            (Some(host), "/l/") if is_theirs(host) => {
                let mut parameters = link.query_pairs();
                let target = parameters.find(|(name, _)| name == "uddg")?.1;
                target.into_owned()
            }
            _ => link.into(),
        };
        Hit::new(&escape(&self.title), &address, &escape(&self.snippet))
    }
}

fn is_theirs(host: &str) -> bool {
    host == "duckduckgo.com" || host.ends_with(".duckduckgo.com")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(page: &str) -> Vec<String> {
        let hits = read(page.as_bytes()).unwrap();
        hits.into_iter()
            .map(|hit| format!("{} {} {}", hit.title, hit.url, hit.snippet))
            .collect()
    }

    #[test]
    fn results_are_read_whichever_way_they_link() {
        let page = r#"<html><body><div id="links" class="results">
            <div class="result results_links"><h2><a class="result__a" href="https://a.example/1">A <b>loft</b> &amp; more</a></h2>
            <a class="result__snippet" href="https://a.example/1">Two <b>bed</b>, &lt;b&gt;nice</a></div>
            <div class="result results_links"><a rel="nofollow" class="result__a" href="//duckduckgo.com/l/?uddg=https%3A%2F%2Fb.example%2Frent%3Fx%3D1&amp;rut=abc">B</a>
            <div class="result__snippet">snippet</div></div>
            <div class="result result--ad"><a class="result__a" href="https://ad.example/">Ad</a></div>
            <div class="result"><a class="result__a" href="https://duckduckgo.com/y.js?ad_domain=x">Ad</a></div>
            <div class="result"><a class="result__a" href="javascript:alert(1)">Bad</a></div>
            </div></body></html>"#;
        assert_eq!(
            titles(page),
            [
                "A loft & more https://a.example/1 Two bed, b nice",
                "B https://b.example/rent?x=1 snippet",
            ]
        );
    }

    #[test]
    fn a_list_without_results_is_empty_and_any_other_page_a_failure() {
        let empty = r#"<div id="links"><div class="no-results">No results.</div></div>"#;
        assert_eq!(titles(empty), [""; 0]);
        for page in ["", "<html><body>Sorry</body></html>", "not html", "{}"] {
            let failed = read(page.as_bytes());
            assert!(matches!(failed, Err(SearchError::Unreadable)), "{page}");
        }
        let challenge = r#"<form id="challenge-form"><div class="anomaly-modal__title">Unfortunately, bots use DuckDuckGo too.</div></form>"#;
        let failed = read(challenge.as_bytes());
        assert!(matches!(failed, Err(SearchError::Blocked { .. })));
    }
}
