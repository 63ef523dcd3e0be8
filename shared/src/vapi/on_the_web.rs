//! What the tool `search_rentals` says of the web, when our own inventory has too little.
//!
//! A title on the web is what a stranger wrote. It is said in a few plain words as
//! something that a website claims, without its address, and not at all when it could not
//! be said, or speaks of whom a home is for. A search that failed is told as such: it is
//! never "nothing found".

use super::speech;
use super::webhook::Asked;
use crate::rentals::search::{Span, Wish, asks_for_protected};
use crate::web_search::{Hit, Query, SearchError, Wanted};

/// How much of a title is looked at, and the longest that is said, in characters: figures
/// grow when they become words.
const TITLE_LIMIT: usize = 50;
const SAID_LIMIT: usize = 100;

/// What stands between a title and the name of its website.
const ENDS: [&str; 6] = [" | ", " - ", " \u{2013} ", " \u{2014} ", " \u{b7} ", ": "];

/// The longest label of a website's name that is said, in characters.
const LABEL_LIMIT: usize = 30;

/// What came of looking at the web.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Web {
    /// It was not asked: it is switched off, there is enough without it, or nobody said
    /// where to look.
    Unasked,
    /// It could not be searched.
    Unavailable,
    Seen(Vec<Page>),
}

/// A page as it is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page {
    website: String,
    title: String,
}

/// Looks at the web for what a caller wishes, at `location`.
pub(super) async fn look(asked: &Asked<'_>, location: Option<&str>, wish: &Wish) -> Web {
    let website = asked.text("website").map(|website| website.to_lowercase());
    let (rent, bedrooms) = (in_figures(wish.rent), in_figures(wish.bedrooms));
    let query = Query::of(&Wanted {
        location,
        price_range: rent.as_deref(),
        bedrooms: bedrooms.as_deref(),
        // "Zillow" is no domain name; its pages are told apart below.
        website: website.as_deref().filter(|name| name.contains('.')),
        text: None,
    });
    let Ok(query) = query else {
        return Web::Unasked;
    };
    match asked.web.find(&query, &asked.turn).await {
        Ok(found) => {
            let hits = found.hits.iter();
            let is_wanted = |hit: &&Hit| {
                let name = website.as_deref().filter(|name| !name.contains('.'));
                name.is_none_or(|name| hit.website.contains(name))
            };
            Web::Seen(hits.filter(is_wanted).filter_map(Page::of).collect())
        }
        Err(SearchError::Off) => Web::Unasked,
        Err(
            error @ (SearchError::Busy
            | SearchError::Paused { .. }
            | SearchError::Blocked { .. }
            | SearchError::Refused { .. }
            | SearchError::TimedOut
            | SearchError::Unreachable(_)
            | SearchError::Unreadable
            | SearchError::Store(_)
            | SearchError::Secret(_)),
        ) => {
            tracing::warn!(reason = %error, "the web was not searched for a caller");
            Web::Unavailable
        }
    }
}

/// A range as people type it: "2", "1000-1500", "up to 1500".
fn in_figures(span: Span) -> Option<String> {
    match (span.least, span.most) {
        (Some(least), Some(most)) if least < most => Some(format!("{least}-{most}")),
        (Some(exactly), Some(_)) => Some(exactly.to_string()),
        (Some(least), None) => Some(format!("from {least}")),
        (None, Some(most)) => Some(format!("up to {most}")),
        (None, None) => None,
    }
}

impl Web {
    /// Whether there is a page to be said.
    pub(super) fn has_pages(&self) -> bool {
        matches!(self, Self::Seen(pages) if !pages.is_empty())
    }

    /// What can be said of it, with a space in front, from the fullest with at most `room`
    /// titles to the shortest.
    pub(super) fn sentences(&self, room: usize) -> Vec<String> {
        match self {
            Self::Unasked => vec![String::new()],
            Self::Unavailable => vec![" I cannot search the web right now.".to_owned()],
            Self::Seen(pages) => {
                let most = room.min(pages.len());
                (0..=most)
                    .rev()
                    .map(|count| claims(&pages[..count]))
                    .collect()
            }
        }
    }
}

fn claims(pages: &[Page]) -> String {
    let each = |page: &Page| format!("on {} I see {}", page.website, page.title);
    let claims: Vec<String> = pages.iter().map(each).collect();
    match claims.as_slice() {
        [] => String::new(),
        [one] => format!(" Elsewhere, {one}, but I cannot vouch for it."),
        several => format!(
            " Elsewhere, {}, but I cannot vouch for them.",
            speech::all_of(several)
        ),
    }
}

impl Page {
    /// A result as it is said, if it can be.
    fn of(hit: &Hit) -> Option<Self> {
        if asks_for_protected(&hit.title) {
            return None;
        }
        let title = speech::plain(beginning(&hit.title));
        let labels = hit.website.split('.');
        let labels = labels.map(|label| speech::plain_within(label, LABEL_LIMIT));
        let website = labels.collect::<Vec<_>>().join(" dot ");
        let page = Self { website, title };
        let has_length = |text: &str| (1..=SAID_LIMIT).contains(&text.chars().count());
        let is_whole = has_length(&page.title) && page.website.split(" dot ").all(has_length);
        let is_sayable = speech::rules::violations(&claims(std::slice::from_ref(&page))).is_empty();
        (is_whole && is_sayable).then_some(page)
    }
}

/// The title up to where the name of the website begins, and as far as whole words go: an
/// amount is said whole or not at all.
fn beginning(title: &str) -> &str {
    let end = ENDS.iter().filter_map(|end| title.find(end)).min();
    let title = end.and_then(|end| title.get(..end)).unwrap_or(title);
    match title.char_indices().nth(TITLE_LIMIT) {
        None => title,
        Some((limit, _)) => {
            let cut = title.get(..limit).unwrap_or_default();
            cut.rsplit_once(' ').map_or(cut, |(words, _)| words)
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A page of that title on a website.
    pub(crate) fn page(website: &str, title: &str) -> Option<Page> {
        Page::of(&Hit {
            title: title.to_owned(),
            url: format!("https://{website}/"),
            snippet: String::new(),
            website: website.to_owned(),
        })
    }

    #[test]
    fn a_page_is_said_as_a_claim_of_its_website() {
        let pages = [
            page("zillow.com", "2 bedroom homes from $1,450 | Zillow"),
            page(
                "mill-lane.example",
                "**Garden flat** - https://mill-lane.example/x",
            ),
        ];
        let web = Web::Seen(pages.map(Option::unwrap).to_vec());
        assert_eq!(
            web.sentences(3),
            [
                " Elsewhere, on zillow dot com I see two bedroom homes from one thousand four \
                 hundred fifty dollars and on mill-lane dot example I see Garden flat, but I cannot \
                 vouch for them.",
                " Elsewhere, on zillow dot com I see two bedroom homes from one thousand four \
                 hundred fifty dollars, but I cannot vouch for it.",
                "",
            ]
        );
        assert_eq!(web.sentences(0), [""]);
    }

    #[test]
    fn an_amount_is_said_whole_or_not_at_all() {
        let long = "Apartments for rent near the river from about $1,450 a month";
        let page = page("homes.example", long).unwrap();
        assert_eq!(page.title, "Apartments for rent near the river from about");
    }

    #[test]
    fn a_title_about_whom_a_home_is_for_is_not_said() {
        for title in [
            "Quiet flat, no children",
            "Adults only community",
            "",
            "***",
        ] {
            assert_eq!(page("homes.example", title), None, "{title}");
        }
    }

    #[test]
    fn a_range_is_typed_as_people_type_it() {
        for (least, most, expected) in [
            (Some(2.0), Some(2.0), Some("2")),
            (Some(1000.0), Some(1500.0), Some("1000-1500")),
            (Some(2.0), None, Some("from 2")),
            (None, Some(1500.0), Some("up to 1500")),
            (None, None, None),
        ] {
            assert_eq!(in_figures(Span { least, most }).as_deref(), expected);
        }
    }
}
