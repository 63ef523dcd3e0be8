//! The system that is called, as seen from outside: the webhook, the open times
//! and the events of a calendar.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use super::heard::{DAYS_UNDERSTOOD, Slot};

/// VAPI gives a tool this long unless told otherwise (VAPI docs, Server URLs).
const LONGEST_ANSWER: Duration = Duration::from_secs(20);

/// Where the system is, and what opens it.
#[derive(Clone)]
pub struct Target {
    /// Where the API is reached, such as `http://127.0.0.1:9000`.
    pub gateway: String,
    pub webhook_secret: String,
    pub api_key: String,
    /// Where every delivery is kept with its answer, a line of JSON each.
    pub record: Option<PathBuf>,
}

/// A [`Target`] that can be talked to.
pub(crate) struct Backend {
    http: reqwest::Client,
    gateway: String,
    webhook_secret: HeaderValue,
    api_key: HeaderValue,
    record: Option<Mutex<File>>,
}

/// What the webhook answered.
#[derive(Clone, Debug)]
pub(crate) struct Delivered {
    pub(super) status: u16,
    pub(super) content_type: Option<String>,
    pub(super) body: Vec<u8>,
    pub(crate) took: Duration,
}

/// The open times of a calendar.
#[derive(Clone, Debug)]
pub(crate) struct Openings {
    pub(crate) slots: Vec<Slot>,
    /// When they were open, by the system's own clock and the calendar's zone.
    pub(crate) now: Zoned,
}

/// An event as `GET /calendar/events` gives it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Event {
    pub(super) subject: String,
    pub(super) start_time: Option<Timestamp>,
    pub(super) end_time: Option<Timestamp>,
    pub(super) location: Option<String>,
    pub(super) attendees: Vec<Attendee>,
    pub(super) body: Option<String>,
    pub(super) show_as: String,
    pub(crate) appointment_id: Option<String>,
}

/// A confirmed viewing as `GET /appointments` gives it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Viewing {
    pub(crate) appointment_id: String,
    start_time: Timestamp,
    end_time: Timestamp,
}

impl Viewing {
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.start_time < other.end_time && other.start_time < self.end_time
    }
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Attendee {
    pub(super) email: String,
}

#[derive(Deserialize)]
struct AvailabilityJson {
    available_slots: Vec<SlotJson>,
    time_zone: String,
    generated_at: Timestamp,
}

#[derive(Deserialize)]
struct SlotJson {
    start_time: String,
    end_time: Timestamp,
    slot_id: String,
}

#[derive(Deserialize)]
struct EventsJson {
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct ViewingsJson {
    appointments: Vec<Viewing>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct ErrorJson {
    message: String,
}

impl Backend {
    pub(crate) fn new(target: &Target) -> Result<Self> {
        let secret = |text: &str, what: &str| {
            let value = HeaderValue::from_str(text);
            let mut value = value.map_err(|_| anyhow!("the {what} cannot be sent in a header"))?;
            value.set_sensitive(true);
            Ok::<_, anyhow::Error>(value)
        };
        Ok(Self {
            http: reqwest::Client::builder().timeout(LONGEST_ANSWER).build()?,
            gateway: target.gateway.trim_end_matches('/').to_owned(),
            webhook_secret: secret(&target.webhook_secret, "webhook secret")?,
            api_key: secret(&target.api_key, "API key")?,
            record: target.record.as_deref().map(open_record).transpose()?,
        })
    }

    /// Where the webhook is.
    pub(super) fn webhook(&self) -> String {
        format!("{}/vapi/webhook", self.gateway)
    }

    /// Sends a delivery to the webhook.
    pub(crate) async fn deliver(&self, delivery: &Value) -> Result<Delivered> {
        let began = Instant::now();
        let request = self
            .http
            .post(self.webhook())
            .header("X-Vapi-Secret", self.webhook_secret.clone())
            .json(delivery);
        let response = self.send(request).await?;
        let status = response.status();
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                bail!("{} refuses the webhook secret ({status})", self.gateway)
            }
            StatusCode::NOT_FOUND => bail!("there is no webhook at {}", self.webhook()),
            _ => {}
        }
        let content_type = response.headers().get(CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let content_type = content_type.map(str::to_owned);
        let body = response
            .bytes()
            .await
            .map_err(|error| self.failed(&error))?;
        let took = began.elapsed();
        self.keep(delivery, &body)?;
        Ok(Delivered {
            status: status.as_u16(),
            content_type,
            body: body.into(),
            took,
        })
    }

    fn keep(&self, delivery: &Value, answer: &[u8]) -> Result<()> {
        let Some(record) = &self.record else {
            return Ok(());
        };
        let reply: Value = serde_json::from_slice(answer).unwrap_or_default();
        let line = json!({"request": delivery, "reply": reply});
        let mut record = record.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(record, "{line}").context("the record cannot be written")
    }

    /// Reads the open times of the next two months.
    pub(crate) async fn openings(&self, user: &str, minutes: Option<i64>) -> Result<Openings> {
        let days = DAYS_UNDERSTOOD.to_string();
        let minutes = minutes.map(|minutes| minutes.to_string());
        let mut query = vec![("user_id", user), ("days_ahead", &days)];
        query.extend(
            minutes
                .as_deref()
                .map(|minutes| ("duration_minutes", minutes)),
        );
        let answer: AvailabilityJson = self.get("/calendar/availability", &query).await?;
        let unreadable =
            |what: &str| anyhow!("GET /calendar/availability gave a {what} that is none");
        let zone = TimeZone::get(&answer.time_zone).map_err(|_| unreadable("time zone"))?;
        let mut slots = Vec::with_capacity(answer.available_slots.len());
        for slot in answer.available_slots {
            let start: Timestamp = slot
                .start_time
                .parse()
                .map_err(|_| unreadable("start time"))?;
            slots.push(Slot {
                start,
                end: slot.end_time,
                start_time: slot.start_time,
                local: zone.to_datetime(start),
                id: slot.slot_id,
            });
        }
        Ok(Openings {
            slots,
            now: answer.generated_at.to_zoned(zone),
        })
    }

    /// Reads the events that overlap some time.
    pub(crate) async fn events(
        &self,
        user: &str,
        start: Timestamp,
        end: Timestamp,
    ) -> Result<Vec<Event>> {
        let (start, end) = (start.to_string(), end.to_string());
        let query = [("user_id", user), ("start", &start), ("end", &end)];
        let answer: EventsJson = self.get("/calendar/events", &query).await?;
        Ok(answer.events)
    }

    /// Reads the confirmed viewings of some time, page by page.
    pub(crate) async fn confirmed_viewings(
        &self,
        user: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Viewing>> {
        let (from, to) = (from.to_string(), to.to_string());
        let mut all = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let mut query = vec![
                ("user_id", user),
                ("status", "confirmed"),
                ("from", &from),
                ("to", &to),
                ("limit", "200"),
            ];
            query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let page: ViewingsJson = self.get("/appointments", &query).await?;
            all.extend(page.appointments);
            match page.next_cursor {
                Some(next) => cursor = Some(next),
                None => return Ok(all),
            }
        }
    }

    async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T> {
        let query = Serializer::new(String::new()).extend_pairs(query).finish();
        let request = self
            .http
            .get(format!("{}{path}?{query}", self.gateway))
            .header("x-api-key", self.api_key.clone());
        let response = self.send(request).await?;
        let status = response.status();
        let body = response
            .bytes()
            .await
            .map_err(|error| self.failed(&error))?;
        if status == StatusCode::UNAUTHORIZED {
            bail!("{} refuses the API key ({status})", self.gateway);
        }
        if !status.is_success() {
            let error = serde_json::from_slice(&body).map(|error: ErrorJson| error.message);
            let message = error.unwrap_or_else(|_| "no reason given".to_owned());
            bail!("GET {path} answered {status}: {message}");
        }
        serde_json::from_slice(&body)
            .map_err(|error| anyhow!("GET {path} gave an answer that cannot be read: {error}"))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response> {
        request.send().await.map_err(|error| self.failed(&error))
    }

    /// One line, whatever the depth of the error.
    fn failed(&self, error: &reqwest::Error) -> anyhow::Error {
        let gateway = &self.gateway;
        if error.is_builder() {
            anyhow!("`{gateway}` is no address such as http://127.0.0.1:9000")
        } else if error.is_timeout() {
            anyhow!(
                "{gateway} did not answer within {} seconds",
                LONGEST_ANSWER.as_secs()
            )
        } else if error.is_connect() {
            anyhow!("nothing answers at {gateway}; is the system running? `cargo run` starts it")
        } else {
            anyhow!("the connection to {gateway} broke")
        }
    }
}

fn open_record(path: &Path) -> Result<Mutex<File>> {
    let file = File::options().append(true).create(true).open(path);
    let file = file.with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(Mutex::new(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backend(gateway: &str) -> Backend {
        Backend::new(&Target {
            gateway: gateway.to_owned(),
            webhook_secret: "hidden-secret".to_owned(),
            api_key: "hidden-key".to_owned(),
            record: None,
        })
        .unwrap()
    }

    #[tokio::test]
    async fn a_system_that_is_not_there_is_one_clear_line() {
        // Port 1 is reserved, and nobody listens there.
        for (gateway, expected) in [
            (
                "http://127.0.0.1:1/",
                "nothing answers at http://127.0.0.1:1; is the system running? `cargo run` starts it",
            ),
            (
                "nowhere",
                "`nowhere` is no address such as http://127.0.0.1:9000",
            ),
        ] {
            let error = backend(gateway).deliver(&Value::Null).await.unwrap_err();
            assert_eq!(format!("{error:#}"), expected);
        }
    }

    #[test]
    fn a_secret_that_fits_no_header_is_not_repeated() {
        let target = Target {
            gateway: String::new(),
            webhook_secret: "two\nlines".to_owned(),
            api_key: String::new(),
            record: None,
        };
        let error = Backend::new(&target).err().unwrap();
        assert_eq!(
            error.to_string(),
            "the webhook secret cannot be sent in a header"
        );
    }
}
