//! A staff member's browser: it follows links step by step, and keeps cookies.

use local::defaults::API_KEY;
use reqwest::Method;
use serde_json::json;
use url::Url;

use crate::system::{Answer, TestSystem};

pub(crate) struct Browser<'a> {
    system: &'a TestSystem,
    /// The cookies of our site, as they are sent.
    pub cookies: Vec<String>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(system: &'a TestSystem) -> Self {
        Self {
            system,
            cookies: Vec::new(),
        }
    }

    /// Opens a page of ours, with the cookies of our site.
    pub(crate) async fn open(&mut self, address: &str) -> Answer {
        let mut request = self.system.request(Method::GET, address);
        request = request.header("accept", "text/html,application/xhtml+xml");
        if !self.cookies.is_empty() {
            request = request.header("cookie", self.cookies.join("; "));
        }
        let answer = Answer::of(request).await;
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, _) = cookie.split_once('=').unwrap();
            let same = |known: &String| {
                known
                    .split_once('=')
                    .is_some_and(|(known, _)| known == name)
            };
            self.cookies.retain(|known| !same(known));
            self.cookies.push(cookie.to_owned());
        }
        answer
    }

    /// Opens a connect link, and returns Microsoft's address to go on with.
    pub(crate) async fn begin(&mut self, link: &str) -> String {
        let start = self.open(link).await;
        assert_eq!(start.status, 307, "{start:?}");
        start.header("location").to_owned()
    }

    /// Chooses on Microsoft's page, and returns the address that it leads to.
    pub(crate) async fn choose(&self, page: &str, choice: (&str, &str)) -> String {
        let request = self.system.request(Method::POST, page).form(&[choice]);
        let answer = Answer::of(request).await;
        assert_eq!(answer.status, 303, "{answer:?}");
        answer.header("location").to_owned()
    }

    /// Answers the question on a page of ours, as its form does.
    pub(crate) async fn decide(&self, page: &Answer, decision: &str) -> Answer {
        let (_, token) = page.text.split_once("name=\"token\" value=\"").unwrap();
        let (token, _) = token.split_once('"').unwrap();
        let fields = [("token", token), ("decision", decision)];
        let request = self.system.request(Method::POST, "/calendar/auth/confirm");
        let request = request.header("cookie", self.cookies.join("; "));
        Answer::of(request.form(&fields)).await
    }

    /// The whole way, to the page at its end.
    pub(crate) async fn connect(&mut self, user: &str, account: &str) -> Answer {
        let link = connect_link(self.system, user).await;
        let page = self.begin(&link).await;
        let back = self.choose(&page, ("account", account)).await;
        self.open(&back).await
    }
}

/// A link for a staff member, as the CRM asks for it.
pub(crate) async fn connect_link(system: &TestSystem, user: &str) -> String {
    let body = json!({"user_id": user});
    let request = system
        .request(Method::POST, "/calendar/auth/links")
        .header("x-api-key", API_KEY)
        .json(&body);
    let answer = Answer::of(request).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["url"].as_str().unwrap().to_owned()
}

/// A parameter in the query of an address.
pub(crate) fn parameter(address: &str, name: &str) -> Option<String> {
    let url = Url::parse(address).unwrap();
    let mut pairs = url.query_pairs();
    let found = pairs.find(|(key, _)| key == name)?;
    Some(found.1.into_owned())
}

/// The address with another value of a parameter, or without it.
pub(crate) fn with(address: &str, name: &str, value: Option<&str>) -> String {
    let mut url = Url::parse(address).unwrap();
    let pairs: Vec<(String, String)> = url
        .query_pairs()
        .into_owned()
        .filter(|(key, _)| key != name)
        .chain(value.map(|value| (name.to_owned(), value.to_owned())))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    url.into()
}

/// The address of the link or button with that text on a page.
pub(crate) fn link_on(page: &Answer, text: &str) -> String {
    let (before, _) = page.text.split_once(&format!(">{text}</a>")).expect(text);
    let (_, address) = before.rsplit_once("href=\"").unwrap();
    address.trim_end_matches('"').replace("&amp;", "&")
}

/// The address on a page that is to be passed on.
pub(crate) fn address_on(page: &Answer) -> String {
    let (_, address) = page
        .text
        .split_once("class=\"address\">")
        .expect("an address");
    address.split_once('<').unwrap().0.replace("&amp;", "&")
}

/// What a person reads on a page: its heading and paragraphs.
pub(crate) fn page_text(page: &Answer) -> String {
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(policy.ends_with("frame-ancestors 'none'"), "{policy}");
    let (_, main) = page.text.split_once("<h1>").expect("a heading");
    let (main, _) = main.split_once("</main>").unwrap();
    let mut text = String::new();
    let mut in_tag = false;
    for character in main.chars() {
        match character {
            '<' => in_tag = true,
            '>' => in_tag = false,
            other if !in_tag => text.push(other),
            _ => {}
        }
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let shown = |line: &str| {
        // Its text differs from run to run.
        let (before, _) = line.split_once("/calendar/auth/start?link=")?;
        before.starts_with("http").then_some("(a link)")
    };
    let lines = lines.map(|line| shown(line).unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}
