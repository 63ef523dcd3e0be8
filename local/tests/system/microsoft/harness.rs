//! A simulator on a free port, and a client that speaks to it.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use local::microsoft::{Client, Microsoft, Options};
use reqwest::{Method, Response, StatusCode, redirect::Policy};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) const REDIRECT: &str = "http://127.0.0.1:9000/calendar/auth/callback";
pub(crate) const SCOPES: &str = "openid profile email offline_access User.Read MailboxSettings.Read Calendars.ReadWrite Mail.Send";
pub(crate) const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-accepted-0123456789";
pub(crate) const DEMO: &str = "demo@lakeside.example";
pub(crate) const TAG: &str = "String {6f1c35a0-0f2c-4c5b-a2ab-0d6f4c4d3c11} Name BookingRef";

pub(crate) struct Simulator {
    pub base: String,
    pub http: reqwest::Client,
    now: Arc<AtomicI64>,
}

impl Simulator {
    pub(crate) async fn start() -> Self {
        Self::start_with(None).await
    }

    pub(crate) async fn start_with(data: Option<PathBuf>) -> Self {
        let start: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        let now = Arc::new(AtomicI64::new(start.as_second()));
        let clock = Arc::clone(&now);
        let client = Client {
            client_id: "app-1".to_owned(),
            client_secret: "s3cret/+ value".to_owned(),
            redirect_uris: vec![REDIRECT.to_owned()],
            display_name: "Viewings <Lakeside>".to_owned(),
        };
        let mut options = Options::new(
            client,
            Arc::new(move || Timestamp::from_second(clock.load(Ordering::SeqCst)).unwrap()),
        );
        options.data = data;
        let microsoft = Microsoft::new(options).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        microsoft.set_base_url(&base);
        let router = microsoft.router();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            .build()
            .unwrap();
        Self { base, http, now }
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn authorize_url(&self, changes: &[(&str, &str)]) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let mut pairs = vec![
            ("client_id", "app-1"),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT),
            ("scope", SCOPES),
            ("state", "st&te=1"),
            ("nonce", "n-1"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in changes {
            pairs.retain(|(known, _)| known != name);
            if !value.is_empty() {
                pairs.push((name, value));
            }
        }
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        format!("{}/organizations/oauth2/v2.0/authorize?{query}", self.base)
    }

    /// Makes a choice on the sign-in page and returns the redirect's parameters.
    pub(crate) async fn choose(
        &self,
        changes: &[(&str, &str)],
        choice: (&str, &str),
    ) -> Vec<(String, String)> {
        let url = self.authorize_url(changes);
        let answer = self.http.post(url).form(&[choice]).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        redirect_parameters(&answer)
    }

    pub(crate) async fn code(&self, changes: &[(&str, &str)], email: &str) -> String {
        let parameters = self.choose(changes, ("account", email)).await;
        get(&parameters, "code").expect("a code").to_owned()
    }

    pub(crate) async fn token(&self, changes: &[(&str, &str)]) -> (StatusCode, Value) {
        let mut form = vec![
            ("client_id", "app-1"),
            ("client_secret", "s3cret/+ value"),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        for (name, value) in changes {
            form.retain(|(known, _)| known != name);
            if !value.is_empty() {
                form.push((name, value));
            }
        }
        let url = format!("{}/organizations/oauth2/v2.0/token", self.base);
        let answer = self.http.post(url).form(&form).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    pub(crate) async fn redeem(&self, code: &str) -> (StatusCode, Value) {
        self.token(&[("grant_type", "authorization_code"), ("code", code)])
            .await
    }

    pub(crate) async fn refresh(&self, token: &str) -> (StatusCode, Value) {
        self.token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("redirect_uri", ""),
            ("code_verifier", ""),
        ])
        .await
    }

    /// A signed-in caller of Graph.
    pub(crate) async fn sign_in(&self, email: &str) -> Graph {
        let code = self.code(&[], email).await;
        let (status, body) = self.redeem(&code).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        Graph {
            base: self.base.clone(),
            http: self.http.clone(),
            token: body["access_token"].as_str().unwrap().to_owned(),
            prefer: vec!["IdType=\"ImmutableId\", outlook.timezone=\"UTC\"".to_owned()],
        }
    }

    pub(crate) async fn control(
        &self,
        method: Method,
        path: &str,
        body: Value,
    ) -> (StatusCode, Value) {
        let url = format!("{}/control{path}", self.base);
        let mut request = self.http.request(method, url);
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        (status, answer.json().await.unwrap_or(Value::Null))
    }

    pub(crate) async fn mailbox(&self) -> Value {
        let path = format!("/mailboxes/{DEMO}");
        self.control(Method::GET, &path, Value::Null).await.1
    }

    pub(crate) async fn add_event(&self, event: Value) -> Value {
        let path = format!("/mailboxes/{DEMO}/events");
        let (status, body) = self.control(Method::POST, &path, event).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        body
    }

    pub(crate) async fn fault(&self, rule: Value) {
        let (status, body) = self.control(Method::POST, "/faults", json!([rule])).await;
        assert_eq!(status, StatusCode::OK, "{body}");
    }

    pub(crate) async fn plain(&self) {
        let settings = json!({"variety": false});
        self.control(Method::PUT, "/settings", settings).await;
    }
}

#[derive(Clone)]
pub(crate) struct Graph {
    pub base: String,
    pub http: reqwest::Client,
    pub token: String,
    pub prefer: Vec<String>,
}

impl Graph {
    pub(crate) fn preferring(&self, lines: &[&str]) -> Self {
        let mut other = self.clone();
        other.prefer = lines.iter().map(|line| (*line).to_owned()).collect();
        other
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}/v1.0{path}", self.base)
        };
        let mut request = self.http.request(method, url).bearer_auth(&self.token);
        for line in &self.prefer {
            request = request.header("prefer", line);
        }
        request
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        read(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        let request = self.request(Method::POST, path).json(body);
        read(request.send().await.unwrap()).await
    }

    pub(crate) async fn patch(&self, path: &str, etag: &str, body: &Value) -> (StatusCode, Value) {
        let request = self.request(Method::PATCH, path).json(body);
        let request = request.header("if-match", etag);
        read(request.send().await.unwrap()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> (StatusCode, Value) {
        read(self.request(Method::DELETE, path).send().await.unwrap()).await
    }

    /// All pages of a calendar view.
    pub(crate) async fn view(&self, from: &str, to: &str, options: &str) -> (Vec<Value>, usize) {
        let mut path = format!("/me/calendarView?startDateTime={from}&endDateTime={to}{options}");
        let (mut events, mut pages) = (Vec::new(), 0);
        loop {
            let (status, body) = self.get(&path).await;
            assert_eq!(status, StatusCode::OK, "{body}");
            pages += 1;
            events.extend(body["value"].as_array().unwrap().clone());
            match body["@odata.nextLink"].as_str() {
                Some(next) => next.clone_into(&mut path),
                None => return (events, pages),
            }
        }
    }
}

pub(crate) fn code_of(body: &Value) -> &str {
    body["error"]["code"].as_str().unwrap_or_default()
}

pub(crate) fn get<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut parameters = parameters.iter();
    parameters
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

pub(crate) fn redirect_parameters(answer: &Response) -> Vec<(String, String)> {
    let location = answer.headers()["location"].to_str().unwrap();
    let (uri, query) = location.split_once('?').unwrap();
    assert_eq!(uri, REDIRECT);
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

async fn read(answer: Response) -> (StatusCode, Value) {
    let status = answer.status();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

/// The body of contract §4, with a tag and an attendee.
pub(crate) fn viewing(transaction: &str, reference: &str) -> Value {
    json!({
        "subject": "Viewing: 14 Mill Lane, Flat 2",
        "body": {"contentType": "text", "content": "Booked by phone."},
        "start": {"dateTime": "2026-11-24T10:00:00", "timeZone": "America/Chicago"},
        "end": {"dateTime": "2026-11-24T10:30:00", "timeZone": "America/Chicago"},
        "location": {"displayName": "14 Mill Lane"},
        "attendees": [{"type": "required", "emailAddress": {"address": "casey@example.com", "name": "Casey"}}],
        "showAs": "busy",
        "allowNewTimeProposals": false,
        "transactionId": transaction,
        "singleValueExtendedProperties": [{"id": TAG, "value": reference}]
    })
}

/// The filter of contract §4, encoded for a query.
pub(crate) fn tag_filter(reference: &str) -> String {
    let filter = format!(
        "singleValueExtendedProperties/Any(ep: ep/id eq '{TAG}' and ep/value eq '{reference}')"
    );
    form_urlencoded::Serializer::new(String::new())
        .append_pair("$filter", &filter)
        .finish()
}
