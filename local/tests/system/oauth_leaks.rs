//! Credential leakage (RFC 9700 §4.2 and §4.3): what is secret in a sign-in is in no
//! log, in no address that stays, in no page, and in no `Referer`.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use local::defaults::{ACCOUNT, API_KEY, CLIENT_SECRET, ORIGIN, USER};
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::browser::{Browser, page_text, parameter};
use crate::system::{Answer, TestSystem};

/// How the tokens of the simulated Microsoft begin.
const TOKENS: [&str; 2] = ["EwB", "1.AXoB"];

/// What must stay between the browser, us and Microsoft.
struct Secrets(Vec<String>);

impl Secrets {
    /// Of the way there and back.
    fn of(start: &Answer, back: &str) -> Self {
        let there = start.header("location");
        let cookie = start.header("set-cookie").split(['=', ';']).nth(1);
        Self(vec![
            parameter(back, "code").unwrap(),
            parameter(there, "state").unwrap(),
            parameter(there, "nonce").unwrap(),
            cookie.unwrap().to_owned(),
        ])
    }

    fn assert_none_in(&self, text: &str, place: &str) {
        for secret in &self.0 {
            assert!(!text.contains(secret.as_str()), "{place}: {secret}");
        }
        for token in TOKENS {
            let mut words = text.split(|c: char| !c.is_ascii_graphic() || c == '"');
            let found = words.find(|word| word.starts_with(token) && word.len() > 60);
            assert_eq!(found, None, "{place}");
        }
    }
}

#[tokio::test]
async fn nothing_secret_is_on_a_page_in_an_address_or_in_a_referer() {
    let system = TestSystem::empty().await;
    let to_page = json!({"user_id": USER, "redirect_url": format!("{ORIGIN}/settings")});
    for fields in [json!({"user_id": USER}), to_page] {
        let link = system.post("/calendar/auth/links", &fields).await;
        for choice in [("account", ACCOUNT), ("account", "pat@lakeside.example")] {
            let mut browser = Browser::new(&system);
            let start = browser.open(link.body["url"].as_str().unwrap()).await;
            let back = browser.choose(start.header("location"), choice).await;
            let end = browser.open(&back).await;
            for answer in [&start, &end] {
                assert_eq!(answer.header("referrer-policy"), "no-referrer");
                assert_eq!(answer.header("cache-control"), "no-store");
            }
            if end.status != 303 {
                page_text(&end);
            }
            let secrets = Secrets::of(&start, &back);
            secrets.assert_none_in(&end.text, "page");
            secrets.assert_none_in(end.header("location"), "address");
            // What the CRM can read of it.
            let status = system.get("/calendar/auth/status?user_id=demo").await;
            secrets.assert_none_in(&status.text, "status");
        }
    }
}

/// The program, with everything that it writes in a file.
struct Logged {
    child: Child,
    folder: TempDir,
    gateway: String,
    http: reqwest::Client,
}

impl Logged {
    async fn start(level: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let output = std::fs::File::create(folder.path().join("log")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_local"))
            .args(["serve", "--port", "0", "--empty"])
            .env("LOG_LEVEL", level)
            .stderr(Stdio::from(output.try_clone().unwrap()))
            .stdout(Stdio::from(output))
            .spawn()
            .unwrap();
        let mut logged = Self {
            child,
            folder,
            gateway: String::new(),
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
        };
        while logged.gateway.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
            assert!(logged.child.try_wait().unwrap().is_none(), "it ended");
            let written = logged.written();
            let mut lines = written.lines();
            let ready = lines.find_map(|line| line.strip_prefix("ready "));
            ready.unwrap_or_default().clone_into(&mut logged.gateway);
        }
        logged
    }

    fn written(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    async fn get(&self, address: &str, cookie: &str) -> Answer {
        let request = self.http.get(address).header("cookie", cookie);
        Answer::of(request).await
    }

    /// A sign-in to its end, and what was secret in it.
    async fn sign_in(&self, choice: &[(&str, &str)]) -> (Answer, Secrets) {
        let links = format!("{}/calendar/auth/links", self.gateway);
        let link = self.http.post(links).header("x-api-key", API_KEY);
        let link = Answer::of(link.json(&json!({"user_id": USER}))).await;
        let link = link.body["url"].as_str().unwrap();
        let start = self.get(link, "").await;
        let choice_at_microsoft = self.http.request(Method::POST, start.header("location"));
        let choice = Answer::of(choice_at_microsoft.form(choice)).await;
        let back = choice.header("location");
        let cookie = start.header("set-cookie").split(';').next().unwrap();
        let end = self.get(back, cookie).await;
        let mut secrets = Secrets::of(&start, back);
        let own = [API_KEY, CLIENT_SECRET, "local-link-key", ACCOUNT];
        secrets.0.extend(own.map(str::to_owned));
        secrets.0.push(parameter(link, "link").unwrap());
        // Once more, for what is said of a sign-in that is over.
        assert_eq!(self.get(back, cookie).await.status, 400);
        (end, secrets)
    }
}

impl Drop for Logged {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn nothing_secret_is_logged() {
    for level in ["info", "debug", "trace"] {
        let system = Logged::start(level).await;
        let banner = system.written().len();
        let (end, connected) = system.sign_in(&[("account", ACCOUNT)]).await;
        assert_eq!(end.status, 200, "{}", end.text);
        let (end, asked) = system.sign_in(&[("account", "pat@lakeside.example")]).await;
        assert_eq!(end.status, 409, "{}", end.text);
        let refusal = [("account", ACCOUNT), ("outcome", "7000222")];
        let (end, refused) = system.sign_in(&refusal).await;
        assert_eq!(end.status, 500, "{}", end.text);

        let written = system.written();
        let log = &written[banner..];
        let of_callback = |line: &&str| line.contains("GET /calendar/auth/callback");
        let callbacks = log.lines().filter(of_callback);
        let answered = callbacks.filter(|line| line.contains("answered"));
        assert_eq!(answered.count(), 6, "{level}: {log}");
        assert!(log.contains("AADSTS7000222"), "{level}: {log}");
        for secrets in [connected, asked, refused] {
            secrets.assert_none_in(log, level);
        }
    }
}
