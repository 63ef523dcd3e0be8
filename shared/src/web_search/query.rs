//! What is searched for, in words.

use crate::ids::digest;
use crate::markup::one_line;

/// The longest query, in characters: Brave takes 400, DuckDuckGo 499.
const LONGEST: usize = 400;

/// The most words that Brave takes.
const MOST_WORDS: usize = 50;

/// What somebody wants to find. Either `text` or `location` is needed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// The query in their own words, in place of one that is made of the rest.
    pub text: Option<&'a str>,
    pub location: Option<&'a str>,
    pub price_range: Option<&'a str>,
    pub bedrooms: Option<&'a str>,
    /// The one site that results may be of, by its domain name.
    pub website: Option<&'a str>,
}

/// A query that engines take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    text: String,
    website: Option<String>,
}

/// Why something is no query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryError {
    Missing,
    TooLong,
    Website,
}

impl Query {
    /// The query for what is wanted.
    pub fn of(wanted: &Wanted<'_>) -> Result<Self, QueryError> {
        let website = wanted.website.map(site).transpose()?;
        let words = [wanted.text, wanted.location].map(|text| text.map(one_line));
        let mut text = match words {
            [Some(text), _] if !text.is_empty() => text,
            [_, Some(place)] if !place.is_empty() => format!("homes for rent in {place}"),
            _ => return Err(QueryError::Missing),
        };
        if let Some(bedrooms) = wanted.bedrooms {
            text = format!("{text} {} bedrooms", one_line(bedrooms));
        }
        if let Some(range) = wanted.price_range {
            text = format!("{text} rent {}", one_line(range));
        }
        if let Some(website) = &website {
            text = format!("{text} site:{website}");
        }
        let is_short = text.chars().count() <= LONGEST && text.split(' ').count() <= MOST_WORDS;
        if !is_short {
            return Err(QueryError::TooLong);
        }
        Ok(Self { text, website })
    }

    /// As it is sent.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether a result of that site is wanted.
    pub(super) fn takes(&self, site: &str) -> bool {
        self.website.as_ref().is_none_or(|wanted| {
            let below = site.strip_suffix(wanted.as_str());
            below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
        })
    }

    /// The same for the same query, and says nothing of it.
    pub(super) fn id(&self) -> String {
        digest(&[self.text.to_lowercase().as_bytes()])
    }
}

/// A domain name, whatever else of an address stands around it.
fn site(text: &str) -> Result<String, QueryError> {
    let text = text.trim().to_ascii_lowercase();
    let rest = text
        .split_once("://")
        .map_or(text.as_str(), |(_, rest)| rest);
    let name = rest.split('/').next().unwrap_or_default();
    let name = name.strip_prefix("www.").unwrap_or(name);
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let is_name = name.len() <= 253 && name.contains('.') && name.split('.').all(is_label);
    is_name.then(|| name.to_owned()).ok_or(QueryError::Website)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(wanted: &Wanted<'_>) -> Result<String, QueryError> {
        Query::of(wanted).map(|query| query.text)
    }

    #[test]
    fn a_query_is_made_of_what_is_wanted() {
        let wanted = Wanted {
            location: Some(" Austin,\nTX "),
            bedrooms: Some("2"),
            price_range: Some("1000-1500"),
            website: Some("https://www.Example.com/rentals"),
            ..Wanted::default()
        };
        assert_eq!(
            text(&wanted).unwrap(),
            "homes for rent in Austin, TX 2 bedrooms rent 1000-1500 site:example.com"
        );
        let own = Wanted {
            text: Some("lofts downtown"),
            ..Wanted::default()
        };
        assert_eq!(text(&own).unwrap(), "lofts downtown");
    }

    #[test]
    fn what_is_no_query_is_refused() {
        let long = "a".repeat(401);
        let wordy = "a ".repeat(51);
        for (wanted, problem) in [
            (Wanted::default(), QueryError::Missing),
            (
                Wanted {
                    location: Some(" "),
                    ..Wanted::default()
                },
                QueryError::Missing,
            ),
            (
                Wanted {
                    text: Some(&long),
                    ..Wanted::default()
                },
                QueryError::TooLong,
            ),
            (
                Wanted {
                    text: Some(&wordy),
                    ..Wanted::default()
                },
                QueryError::TooLong,
            ),
            (
                Wanted {
                    text: Some("lofts"),
                    website: Some("example.com OR site:evil.example"),
                    ..Wanted::default()
                },
                QueryError::Website,
            ),
        ] {
            assert_eq!(text(&wanted), Err(problem), "{wanted:?}");
        }
    }

    #[test]
    fn a_site_has_its_subdomains() {
        let wanted = Wanted {
            text: Some("lofts"),
            website: Some("example.com"),
            ..Wanted::default()
        };
        let query = Query::of(&wanted).unwrap();
        for (site, expected) in [
            ("example.com", true),
            ("rent.example.com", true),
            ("notexample.com", false),
            ("example.com.evil.example", false),
        ] {
            assert_eq!(query.takes(site), expected, "{site}");
        }
    }
}
