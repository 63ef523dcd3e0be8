//! A person at a browser, in front of a system of their own.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::PathBuf;
use std::time::Duration;

use fantoccini::{Client, Locator};
use futures_util::FutureExt;
use local::defaults::API_KEY;
use local::{LocalSystem, Options};
use reqwest::{Method, redirect::Policy};
use serde_json::{Value, json};

use crate::chromium::Driver;

/// How long a page may take to appear.
const PATIENCE: Duration = Duration::from_secs(15);

pub(crate) struct Visit {
    pub(crate) system: LocalSystem,
    pub(crate) browser: Client,
    http: reqwest::Client,
}

/// Plays a scenario in a Chromium of its own, at a system where nobody has connected
/// anything, and keeps a picture if it fails.
pub(crate) async fn play(name: &str, scenario: impl AsyncFnOnce(&Visit)) {
    let options = Options {
        empty: true,
        ..Options::default()
    };
    let driver = Driver::start();
    let visit = Visit {
        system: LocalSystem::start(options).await.unwrap(),
        browser: driver.browser().await,
        http: reqwest::Client::builder()
            .redirect(Policy::none())
            .build()
            .unwrap(),
    };
    let played = AssertUnwindSafe(scenario(&visit)).catch_unwind().await;
    if played.is_err() {
        keep(name, &visit.browser).await;
    }
    // Chromium ends with its session, before its driver does.
    let _ = visit.browser.clone().close().await;
    drop(driver);
    if let Err(panic) = played {
        resume_unwind(panic);
    }
}

/// Writes down what the browser shows.
async fn keep(name: &str, browser: &Client) {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/browser"));
    std::fs::create_dir_all(&folder).unwrap();
    if let Ok(picture) = browser.screenshot().await {
        std::fs::write(folder.join(format!("{name}.png")), picture).unwrap();
    }
    if let Ok(source) = browser.source().await {
        std::fs::write(folder.join(format!("{name}.html")), source).unwrap();
    }
}

impl Visit {
    /// A link for a staff member, as the CRM asks for it.
    pub(crate) async fn link(&self, fields: Value) -> String {
        let url = format!("{}/calendar/auth/links", self.system.gateway);
        let request = self.http.post(url).header("x-api-key", API_KEY);
        let answer = request.json(&fields).send().await.unwrap();
        let body: Value = answer.json().await.unwrap();
        body["url"].as_str().unwrap().to_owned()
    }

    /// Opens the link of a staff member.
    pub(crate) async fn follow_link_of(&self, user: &str) {
        let link = self.link(json!({"user_id": user})).await;
        self.browser.goto(&link).await.unwrap();
        self.comes_to("Pick an account").await;
    }

    /// Comes to a page of Microsoft, by the name of this machine instead of its
    /// number: what follows is then a way from one site to another, on which a
    /// browser holds some cookies back.
    pub(crate) async fn comes_to(&self, heading: &str) {
        self.sees(heading).await;
        let mut address = self.browser.current_url().await.unwrap();
        address.set_host(Some("localhost")).unwrap();
        self.browser.goto(address.as_str()).await.unwrap();
        self.sees(heading).await;
    }

    /// Goes on with an account at Microsoft.
    pub(crate) async fn picks(&self, account: &str) {
        self.presses(&format!("button[name=account][value='{account}']"))
            .await;
    }

    /// Presses the button, or follows the link, of that selector.
    pub(crate) async fn presses(&self, selector: &str) {
        let found = self.browser.find(Locator::Css(selector)).await;
        let element = found.unwrap_or_else(|error| panic!("{selector}: {error}"));
        element.click().await.unwrap();
    }

    /// Follows the link with that text.
    pub(crate) async fn follows(&self, text: &str) {
        let link = self.browser.find(Locator::LinkText(text)).await;
        link.unwrap().click().await.unwrap();
    }

    /// Waits until that is the heading of the page.
    pub(crate) async fn sees(&self, heading: &str) {
        let path = format!("//h1[normalize-space()=\"{heading}\"]");
        let shown = self.browser.wait().at_most(PATIENCE);
        let shown = shown.for_element(Locator::XPath(&path)).await;
        let is_shown = shown.is_ok();
        assert!(
            is_shown,
            "{heading} did not appear, but\n{}",
            self.text().await
        );
    }

    /// The same on a page of ours: what it reads, once it is known to be fit for a
    /// phone and for a screen reader.
    pub(crate) async fn reads(&self, heading: &str) -> String {
        self.sees(heading).await;
        let looked = self
            .browser
            .execute(
                "return {
                    overflows: document.documentElement.scrollWidth > window.innerWidth,
                    title: document.title,
                    headings: document.querySelectorAll('h1').length,
                    language: document.documentElement.lang,
                    main: document.querySelectorAll('main').length,
                    small: [...document.querySelectorAll('a, button')]
                        .filter(each => each.getBoundingClientRect().height < 44).length,
                    referrer: document.referrer,
                }",
                Vec::new(),
            )
            .await
            .unwrap();
        let expected = json!({
            "overflows": false, "title": heading, "headings": 1, "language": "en",
            "main": 1, "small": 0, "referrer": "",
        });
        assert_eq!(looked, expected);
        self.text().await
    }

    /// What the page reads.
    pub(crate) async fn text(&self) -> String {
        let body = self.browser.find(Locator::Css("body")).await.unwrap();
        body.text().await.unwrap()
    }

    /// The account that is connected, and whether Microsoft lets us read it.
    pub(crate) async fn connected(&self, user: &str) -> Option<String> {
        let path = format!("/calendar/auth/status?user_id={user}");
        let request = self
            .http
            .get(format!("{}{path}", self.system.gateway))
            .header("x-api-key", API_KEY);
        let body: Value = request.send().await.unwrap().json().await.unwrap();
        let verified = body["calendar_verified"] == true;
        verified.then(|| body["calendar_email"].as_str().unwrap().to_owned())
    }

    /// A call of the simulated Microsoft's control API.
    pub(crate) async fn control(&self, method: Method, path: &str, body: &Value) {
        let base = self.system.microsoft.as_ref().unwrap();
        let request = self.http.request(method, format!("{base}/control{path}"));
        let answer = request.json(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }

    /// Where a browser that keeps no cookies is sent by a page of ours.
    pub(crate) async fn sent_on(&self, address: &str) -> String {
        let answer = self.http.get(address).send().await.unwrap();
        let location = answer.headers()["location"].to_str().unwrap();
        location.to_owned()
    }
}
