//! A whole system on free ports, and what a test asks of it.

use std::collections::HashMap;
use std::sync::OnceLock;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use local::defaults::{ACCOUNT, API_KEY, ASSISTANT, USER};
use local::{LocalSystem, Options};
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use shared::aws::Aws;
use shared::booking::Report;
use shared::clock::Clock;
use shared::http::{Function, Later, Mounted};
use shared::ids::UserId;
use shared::store::{Binding, Staff};

use crate::browser::Browser;
use crate::openapi::assert_documented;
use crate::{logs, settings};

/// When a test begins unless it says otherwise: Monday, 24 November 2031, at eight
/// in the morning in Chicago. It lies ahead, since DynamoDB compares the rows'
/// expiry with the real time.
pub(crate) const MONDAY: &str = "2031-11-24T08:00:00-06:00";

/// A running system.
pub(crate) struct TestSystem {
    pub local: LocalSystem,
    pub clock: Clock,
    pub http: reqwest::Client,
    aws: OnceLock<Aws>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    /// Null when the body is not JSON.
    pub body: Value,
}

impl TestSystem {
    /// A system in which the demo staff member has connected an empty calendar,
    /// and the demo assistant books for them.
    pub(crate) async fn start() -> Self {
        Self::start_at(MONDAY).await
    }

    /// The same at another time.
    pub(crate) async fn start_at(now: &str) -> Self {
        let system = Self::start_with(Options::default(), now).await;
        system.connect(USER, ACCOUNT).await;
        system.bind(ASSISTANT, &[USER]).await;
        system
    }

    /// A system in which nobody has connected anything.
    pub(crate) async fn empty() -> Self {
        Self::start_with(Options::default(), MONDAY).await
    }

    /// An empty system with those options; its ports and its clock are set here.
    pub(crate) async fn start_with(options: Options, now: &str) -> Self {
        logs::keep();
        let clock = clock_at(now);
        let options = Options {
            port: 0,
            empty: true,
            clock: clock.clone(),
            ..options
        };
        let local = Box::pin(LocalSystem::start(options)).await.unwrap();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            local,
            clock,
            http,
            aws: OnceLock::new(),
        }
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, minutes: i64) {
        self.clock.advance(SignedDuration::from_mins(minutes));
    }

    /// Lets reconcile settle everything, minute after minute.
    pub(crate) async fn settle(&self) {
        for _ in 0..12 {
            self.reconcile_after(1).await;
        }
    }

    /// Lets time pass, and settles what was left open.
    pub(crate) async fn reconcile_after(&self, minutes: i64) -> Report {
        self.pass(minutes);
        self.local.reconcile().await.unwrap()
    }

    /// A request to the API without any credential. `path` may be a whole address.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.local.gateway)
        };
        self.http.request(method, url)
    }

    /// `GET` with the API key.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path).header("x-api-key", API_KEY)).await
    }

    /// `POST` with the API key and a JSON body.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path).json(body);
        Answer::of(request.header("x-api-key", API_KEY)).await
    }

    /// `PUT` with the API key and a JSON body.
    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        let request = self.request(Method::PUT, path).json(body);
        Answer::of(request.header("x-api-key", API_KEY)).await
    }

    /// Chooses scheduling settings over those that are in force.
    pub(crate) async fn choose(&self, user: &str, settings: &Value) {
        let path = format!("/calendar/settings?user_id={user}");
        let version = self.get(&path).await.body["version"].clone();
        let chosen = json!({"version": version, "settings": settings});
        let answer = self.put(&path, &chosen).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    /// `PATCH` with the API key and a JSON body.
    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        let request = self.request(Method::PATCH, path).json(body);
        Answer::of(request.header("x-api-key", API_KEY)).await
    }

    /// `DELETE` with the API key.
    pub(crate) async fn delete(&self, path: &str) -> Answer {
        let request = self.request(Method::DELETE, path);
        Answer::of(request.header("x-api-key", API_KEY)).await
    }

    /// Connects the calendar of `account` to `user`, as a browser does.
    pub(crate) async fn connect(&self, user: &str, account: &str) {
        let mut browser = Browser::new(self);
        let page = browser.connect(user, account).await;
        assert_eq!(page.status, 200, "{}", page.text);
    }

    /// Whether the status of a staff member says that they are connected.
    pub(crate) async fn is_connected(&self, user: &str) -> bool {
        let path = format!("/calendar/auth/status?user_id={user}&verify=false");
        self.get(&path).await.body["authorized"] == true
    }

    /// Connects a staff member again whose connection was marked.
    pub(crate) async fn reconnect(&self, user: &str, account: &str) {
        if !self.is_connected(user).await {
            self.connect(user, account).await;
        }
    }

    /// Lets an assistant book for those staff members.
    pub(crate) async fn bind(&self, assistant: &str, users: &[&str]) {
        let settings = settings::of_staff(&self.local);
        let staff = Staff::new(&settings, &settings::aws(&settings)).unwrap();
        let users = users.iter().map(|user| UserId::new(*user)).collect();
        staff
            .bind(&Binding::of_assistant(assistant, users))
            .await
            .unwrap();
    }

    /// Lets the people whom a phone number is for be booked, by an assistant that answers
    /// it.
    pub(crate) async fn bind_number(&self, number: &str, users: &[&str], assistant: Option<&str>) {
        let settings = settings::of_staff(&self.local);
        let staff = Staff::new(&settings, &settings::aws(&settings)).unwrap();
        let users = users.iter().map(|user| UserId::new(*user)).collect();
        let assistant = assistant.map(str::to_owned);
        let binding = Binding::of_phone_number(number, users, assistant);
        staff.bind(&binding).await.unwrap();
    }

    /// All rows of a table.
    pub(crate) async fn rows(&self, table: &str) -> Vec<HashMap<String, AttributeValue>> {
        let connect = || settings::aws(&settings::of_staff(&self.local));
        let aws = self.aws.get_or_init(connect);
        let scan = aws.dynamodb.scan().table_name(table).send().await.unwrap();
        scan.items.unwrap_or_default()
    }

    /// Puts a row into a table, whatever is there.
    pub(crate) async fn put_row(&self, table: &str, row: HashMap<String, AttributeValue>) {
        let connect = || settings::aws(&settings::of_staff(&self.local));
        let aws = self.aws.get_or_init(connect);
        let put = aws.dynamodb.put_item().table_name(table);
        put.set_item(Some(row)).send().await.unwrap();
    }

    /// The viewings of the demo staff member, as the CRM reads them, in order.
    pub(crate) async fn viewings(&self) -> Vec<Value> {
        let mut answer = self.get("/appointments?user_id=demo&limit=200").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        serde_json::from_value(answer.body["appointments"].take()).unwrap()
    }

    /// The viewing times in the ledger, as instants, in order; a `?` after those that
    /// are only held.
    pub(crate) async fn ledger(&self) -> Vec<String> {
        let mut times = Vec::new();
        for day in self.rows("LedgerTable").await {
            for entry in day["entries"].as_m().unwrap().values() {
                let entry = entry.as_m().unwrap();
                let at = |name: &str| {
                    let second: i64 = entry[name].as_n().unwrap().parse().unwrap();
                    Timestamp::from_second(second).unwrap()
                };
                let held = if entry.contains_key("hold_until") {
                    "?"
                } else {
                    ""
                };
                times.push(format!("{}/{}{held}", at("start"), at("end")));
            }
        }
        times.sort();
        // One that crosses midnight is on both days.
        times.dedup();
        times
    }

    /// Asserts that nothing is booked or held, anywhere.
    pub(crate) async fn assert_nothing_stored(&self, after: &str) {
        let appointments = self.rows("AppointmentsTable").await;
        assert!(appointments.is_empty(), "{after}: {appointments:?}");
        for day in self.rows("LedgerTable").await {
            let entries = day["entries"].as_m().unwrap();
            assert!(entries.is_empty(), "{after}: {day:?}");
        }
        let events = self.events().await;
        assert!(events.is_empty(), "{after}: {events:?}");
    }

    /// A call of the simulated Microsoft's control API.
    pub(crate) async fn control(&self, method: Method, path: &str, body: &Value) -> Answer {
        let base = self.local.microsoft.as_ref().unwrap();
        let mut request = self.request(method, &format!("{base}/control{path}"));
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = Answer::of(request).await;
        assert!(answer.status < 300, "{path}: {answer:?}");
        answer
    }

    /// Has the simulated AWS misbehave.
    pub(crate) async fn aws_fault(&self, rule: &Value) {
        let url = format!("{}/control/faults", self.local.aws);
        let set = self.request(Method::POST, &url).json(&json!([rule]));
        assert!(set.send().await.unwrap().status().is_success());
    }

    /// Has it behave again.
    pub(crate) async fn no_aws_faults(&self) {
        let url = format!("{}/control/faults", self.local.aws);
        let lifted = self.request(Method::DELETE, &url).send().await;
        assert!(lifted.unwrap().status().is_success());
    }

    /// Lets Microsoft take so many requests of an app for one mailbox at once, more than
    /// its usual few.
    pub(crate) async fn allow_at_once(&self, requests: u32) {
        let settings = json!({"concurrency_limit": requests});
        self.control(Method::PUT, "/settings", &settings).await;
    }

    /// The open starts of a staff member on a day, as `HH:MM` of the wall clock.
    pub(crate) async fn open_on(&self, user: &str, date: &str) -> Vec<String> {
        let path = format!(
            "/calendar/availability?user_id={user}&start={date}T00:00:00&end={date}T23:59:00"
        );
        let answer = self.get(&path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let slots = answer.body["available_slots"].as_array().unwrap();
        let start = |slot: &Value| slot["start_time"].as_str().unwrap()[11..16].to_owned();
        slots.iter().map(start).collect()
    }
}

impl Answer {
    /// The answer to a request, which is as documented.
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let request = request.unwrap();
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let answer = Self::read(client.execute(request).await.unwrap()).await;
        assert_documented(&method, &path, &answer);
        answer
    }

    pub(crate) async fn read(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        Self {
            status,
            headers,
            body: serde_json::from_str(&text).unwrap_or_default(),
            text,
        }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The status, and the error without what differs from request to request.
    pub(crate) fn error(&self) -> String {
        assert_eq!(self.body["status"], "error", "{self:?}");
        assert_eq!(self.header("content-type"), "application/json");
        assert!(self.body["request_id"].as_str().unwrap().len() > 8);
        let message = self.body["message"].as_str().unwrap();
        assert!(
            message.ends_with('.') && !message.contains('\n'),
            "{message}"
        );
        match self.body["field"].as_str() {
            Some(field) => format!("{} {} ({field}): {message}", self.status, self.code()),
            None => format!("{} {}: {message}", self.status, self.code()),
        }
    }
}

/// The system clock, moved to that time.
pub(crate) fn clock_at(now: &str) -> Clock {
    let clock = Clock::default();
    let wanted: Timestamp = now.parse().unwrap();
    clock.advance(clock.now().duration_until(wanted));
    clock
}

/// The answer of a function, once what it left to do is done too.
pub(crate) async fn answered<F: Function>(
    mounted: &Mounted<F>,
    request: lambda_http::Request,
) -> shared::http::Response {
    let later = Later::default();
    let response = mounted.answer(request, &later).await;
    later.finish().await;
    response
}
