//! One result, made safe to show.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::markup::text_of;

/// The longest texts of a result, in characters.
const TITLE: usize = 120;
const SNIPPET: usize = 300;

/// Longer addresses are of no use to anybody.
const ADDRESS: usize = 2000;

/// A page that a search found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    pub title: String,
    pub url: String,
    pub snippet: String,
    /// The site that it is on, without `www`.
    pub website: String,
}

impl Hit {
    /// A result of an engine, its texts as HTML. None when it leads nowhere that a
    /// browser should go, or has no title.
    pub(super) fn new(title: &str, address: &str, snippet: &str) -> Option<Self> {
        let url = Url::parse(address).ok()?;
        let is_open = url.username().is_empty() && url.password().is_none();
        if !matches!(url.scheme(), "http" | "https") || !is_open || url.as_str().len() > ADDRESS {
            return None;
        }
        let host = url.domain()?.to_owned();
        let title = shortened(&text_of(title), TITLE);
        (!title.is_empty()).then(|| Self {
            title,
            snippet: shortened(&text_of(snippet), SNIPPET),
            website: host.strip_prefix("www.").unwrap_or(&host).to_owned(),
            url: url.into(),
        })
    }
}

/// The beginning of a text, up to the last word that fits.
fn shortened(text: &str, limit: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(limit) else {
        return text.to_owned();
    };
    let beginning = &text[..end];
    let whole_words = beginning
        .rsplit_once(' ')
        .map_or(beginning, |(words, _)| words);
    format!("{whole_words}\u{2026}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_leads_only_where_a_browser_should_go() {
        for (address, website) in [
            ("https://www.example.com/a?b=c", Some("example.com")),
            ("http://rent.example.com", Some("rent.example.com")),
            ("javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("ftp://example.com", None),
            ("https://user:password@example.com", None),
            ("https://127.0.0.1/admin", None),
            ("//example.com", None),
            ("", None),
        ] {
            let hit = Hit::new("Title", address, "");
            assert_eq!(hit.map(|hit| hit.website).as_deref(), website, "{address}");
        }
        assert_eq!(Hit::new("<img>", "https://example.com", ""), None);
    }

    #[test]
    fn texts_are_plain_and_short() {
        let long = "word ".repeat(100);
        let hit = Hit::new("A <b>loft</b>", "https://example.com", &long).unwrap();
        assert_eq!(hit.title, "A loft");
        assert!(hit.snippet.chars().count() <= SNIPPET + 1);
        assert!(hit.snippet.ends_with("word\u{2026}"));
    }
}
