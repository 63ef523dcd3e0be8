//! `cargo run -- smoke`: every route of a deployed backend, harmlessly.
//!
//! The routes are those of template.yaml. Each is asked without a credential, which
//! must be refused, and then with the API key but without what it needs, which must be
//! answered and must change nothing. So a function that is missing, cannot start, or
//! lacks a permission for its secrets shows.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;
use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{ContentArrangement, Table};
use reqwest::{Method, redirect};
use serde_json::Value;

use crate::deployed;
use crate::template::{Parameters, Template};

/// API Gateway gives up after 30 seconds.
const LONGEST_ANSWER: Duration = Duration::from_secs(30);

/// What is asked, and of whom.
#[derive(Args)]
pub struct Smoke {
    /// The backend
    #[arg(long, default_value = deployed::LOCAL)]
    pub url: String,
    /// Its API key; without one, only refusals are looked at
    #[arg(long, env = "VIEWING_DESK_API_KEY", hide_env_values = true)]
    pub api_key: Option<String>,
}

/// Whether a request carries the API key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Credential {
    None,
    ApiKey,
}

/// What an answer has to be.
#[derive(Clone, Copy)]
enum Expected {
    Status(u16),
    /// Anything but a failure of ours, when nothing can be changed by it. That somebody
    /// behind us does not answer (502) is no failure of ours.
    Answer,
    /// A 4xx that is not about the credential.
    BadRequest,
}

/// What came back.
struct Answered {
    status: u16,
    /// Whether it is in our own words, not those of something in between.
    is_ours: bool,
    healthy: bool,
    took: Duration,
}

/// Asks every route, and prints a table. Whether all answers were as they should be.
pub async fn run(smoke: &Smoke, template: &Path, out: &mut dyn Write) -> anyhow::Result<bool> {
    let base = deployed::address(&smoke.url)?;
    let api_key = deployed::api_key(&base, smoke.api_key.as_deref());
    let http = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .timeout(LONGEST_ANSWER)
        .build()?;
    let mut table = Table::new();
    table
        .load_preset(UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(["route", "with", "expected", "answer", "ms", ""]);
    let (mut asked, mut wrong) = (0, 0);
    for route in routes(template)? {
        for credential in [Credential::None, Credential::ApiKey] {
            let Some(expected) = expected(&route, credential) else {
                continue;
            };
            let key = match (credential, &api_key) {
                (Credential::None, _) => None,
                (Credential::ApiKey, Some(key)) => Some(key.as_str()),
                (Credential::ApiKey, None) => continue,
            };
            let answered = ask(&http, &base, &route, key).await;
            let holds = answered.as_ref().is_ok_and(|answer| expected.holds(answer));
            asked += 1;
            wrong += usize::from(!holds);
            let (answer, took) = match &answered {
                Ok(answer) => (answer.shown(), answer.took.as_millis().to_string()),
                Err(error) => (deployed::failure(error), String::new()),
            };
            table.add_row([
                route.as_str(),
                credential.shown(),
                &expected.shown(),
                &answer,
                &took,
                if holds { "ok" } else { "WRONG" },
            ]);
        }
    }
    writeln!(out, "{table}")?;
    if api_key.is_none() {
        writeln!(
            out,
            "Only refusals were looked at; set VIEWING_DESK_API_KEY for the rest."
        )?;
    }
    match wrong {
        0 => writeln!(out, "{asked} requests, all answered as they should be")?,
        wrong => writeln!(
            out,
            "{asked} requests, {wrong} not answered as they should be"
        )?,
    }
    Ok(wrong == 0)
}

/// The routes of the template, in order.
fn routes(template: &Path) -> anyhow::Result<Vec<String>> {
    // Routes do not depend on it, but it has no default.
    let parameters = Parameters::from([("PublicBaseUrl", deployed::LOCAL.to_owned())]);
    let read = Template::read(template, &parameters);
    let read = read.with_context(|| format!("{} cannot be used", template.display()))?;
    let functions = read.functions.into_iter();
    let mut routes: Vec<String> = functions.flat_map(|function| function.routes).collect();
    routes.sort_by_key(|route| {
        let (method, path) = route.split_once(' ').unwrap_or(("", route));
        (path.to_owned(), method.to_owned())
    });
    Ok(routes)
}

/// What a route has to answer, if it is to be asked at all. One that is not named here
/// is for the CRM, and closed without a credential.
fn expected(route: &str, credential: Credential) -> Option<Expected> {
    let open = match route {
        "GET /" | "GET /health" | "GET /openapi.json" => Some(200),
        "$default" => Some(404),
        // What a browser brings along is the credential, and is missing.
        "GET /calendar/auth/callback" | "POST /calendar/auth/confirm" => Some(400),
        _ => None,
    };
    match (open, credential) {
        (Some(status), Credential::None) => Some(Expected::Status(status)),
        (Some(_), Credential::ApiKey) => None,
        (None, Credential::None) => Some(Expected::Status(401)),
        // Its credential is VAPI's.
        (None, Credential::ApiKey) if route == "POST /vapi/webhook" => Some(Expected::Status(401)),
        (None, Credential::ApiKey) if route.starts_with("GET ") => Some(Expected::Answer),
        (None, Credential::ApiKey) => Some(Expected::BadRequest),
    }
}

/// Sends what names nobody and changes nothing.
async fn ask(
    http: &reqwest::Client,
    base: &str,
    route: &str,
    api_key: Option<&str>,
) -> reqwest::Result<Answered> {
    let (method, path) = route.split_once(' ').unwrap_or(("GET", "/no/such/route"));
    let path: Vec<&str> = path
        .split('/')
        .map(|part| if part.starts_with('{') { "smoke" } else { part })
        .collect();
    let method = Method::from_bytes(method.as_bytes()).unwrap_or_default();
    let has_body = method != Method::GET;
    let mut request = http.request(method, format!("{base}{}", path.join("/")));
    if has_body {
        let json = request.header("content-type", "application/json");
        request = json.body("{}");
    }
    if let Some(key) = api_key {
        request = request.header("x-api-key", key);
    }
    let began = Instant::now();
    let response = request.send().await?;
    let status = response.status().as_u16();
    let is_page = response.headers().get("content-type").is_some_and(|kind| {
        kind.to_str()
            .is_ok_and(|kind| kind.starts_with("text/html"))
    });
    let body: Value = serde_json::from_slice(&response.bytes().await?).unwrap_or_default();
    Ok(Answered {
        status,
        is_ours: status < 400 || is_page || body["request_id"].is_string(),
        healthy: body["status"] != "degraded",
        took: began.elapsed(),
    })
}

impl Expected {
    fn holds(self, answer: &Answered) -> bool {
        let status = answer.status;
        let fits = match self {
            Self::Status(expected) => status == expected,
            Self::Answer => (status < 500 || status == 502) && status != 401 && status != 403,
            Self::BadRequest => (400..500).contains(&status) && status != 401 && status != 403,
        };
        fits && answer.is_ours && answer.healthy
    }

    fn shown(self) -> String {
        match self {
            Self::Status(status) => status.to_string(),
            Self::Answer => "an answer".to_owned(),
            Self::BadRequest => "a bad request".to_owned(),
        }
    }
}

impl Answered {
    fn shown(&self) -> String {
        let mut shown = self.status.to_string();
        if !self.is_ours {
            shown.push_str(", not from our functions");
        }
        if !self.healthy {
            shown.push_str(", degraded");
        }
        shown
    }
}

impl Credential {
    fn shown(self) -> &'static str {
        match self {
            Self::None => "nothing",
            Self::ApiKey => "API key",
        }
    }
}
