//! `GET /vapi/analytics`: what came of the calls, by day and assistant.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use shared::http::{ApiRequest, HttpError, Response, ok};
use shared::store::{CallRecord, day_of};

use super::calls::{Days, seconds};
use super::{Assistants, theirs};

/// The most days of one question.
const MOST_DAYS: i32 = 31;

/// How many calls are read at a time.
const PAGE: i32 = 500;

pub(super) async fn show(
    function: Arc<Assistants>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    function.admit(&request).await?;
    let days = Days::of(&request, MOST_DAYS)?;
    let assistant = request.query("assistant_id");
    match request.query("source") {
        None | Some("calls") => {}
        Some("vapi") => return theirs::show(&function, days, assistant).await,
        Some(_) => return Err(HttpError::bad_field("source", "must be calls or vapi")),
    }
    let mut groups: BTreeMap<(String, String), Figures> = BTreeMap::new();
    let mut day = Some(days.first);
    while let Some(date) = day {
        let mut after = None;
        loop {
            let (calls, next) = function.calls.of_day(date, PAGE, after).await?;
            for call in &calls {
                let of = call.assistant_id.clone().unwrap_or_default();
                if assistant.is_none_or(|id| id == of) {
                    let key = (day_of(call.first_seen).to_string(), of);
                    groups.entry(key).or_default().count(call);
                }
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
        day = date.tomorrow().ok().filter(|day| *day <= days.last);
    }
    let groups = groups.into_iter().map(|((day, assistant), figures)| {
        let mut group = figures.to_json();
        group["day"] = json!(day);
        group["assistant_id"] = json!(Some(assistant).filter(|id| !id.is_empty()));
        group
    });
    ok(&json!({
        "status": "success",
        "source": "calls",
        "from": days.first,
        "to": days.last,
        "groups": groups.collect::<Vec<_>>(),
    }))
}

/// What the calls of one group add up to.
#[derive(Default)]
struct Figures {
    calls: usize,
    seconds: i64,
    cost: f64,
    bookings: usize,
    calls_that_booked: usize,
    /// How long each tool's calls took, in milliseconds.
    tools: BTreeMap<String, Vec<i64>>,
}

impl Figures {
    fn count(&mut self, call: &CallRecord) {
        self.calls += 1;
        self.seconds += seconds(call).unwrap_or(0);
        self.cost += call.cost.unwrap_or(0.0);
        self.bookings += call.booked.len();
        self.calls_that_booked += usize::from(!call.booked.is_empty());
        for time in &call.tools {
            let times = self.tools.entry(time.tool.clone()).or_default();
            times.push(time.milliseconds);
        }
    }

    fn to_json(&self) -> Value {
        let tools = self.tools.iter().map(|(tool, times)| {
            let mut times = times.clone();
            times.sort_unstable();
            let latency = json!({
                "calls": times.len(),
                "p50_ms": percentile(&times, 50),
                "p95_ms": percentile(&times, 95),
            });
            (tool.clone(), latency)
        });
        json!({
            "calls": self.calls,
            "minutes": rounded(as_number(self.seconds) / 60.0, 1),
            "cost": rounded(self.cost, 4),
            "bookings": self.bookings,
            "conversion": share(self.calls_that_booked, self.calls),
            "tools": tools.collect::<BTreeMap<_, _>>(),
        })
    }
}

/// The least of the sorted values that `percent` of a hundred are not above (nearest
/// rank).
fn percentile(sorted: &[i64], percent: usize) -> Option<i64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

/// The part of the whole, from 0 to 1.
fn share(part: usize, whole: usize) -> f64 {
    let number = |count: usize| as_number(i64::try_from(count).unwrap_or(i64::MAX));
    rounded(number(part) / number(whole.max(1)), 3)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts and seconds are far below what a number holds exactly"
)]
fn as_number(whole: i64) -> f64 {
    whole as f64
}

fn rounded(number: f64, digits: i32) -> f64 {
    let factor = 10_f64.powi(digits);
    (number * factor).round() / factor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let hundred: Vec<i64> = (1..=100).collect();
        for (values, percent, expected) in [
            (&[][..], 50, None),
            (&[7], 50, Some(7)),
            (&[7], 95, Some(7)),
            (&[1, 2], 50, Some(1)),
            (&[1, 2], 95, Some(2)),
            (&hundred, 50, Some(50)),
            (&hundred, 95, Some(95)),
        ] {
            assert_eq!(percentile(values, percent), expected, "{values:?}");
        }
    }

    #[test]
    fn calls_add_up() {
        let call = |value: Value| serde_json::from_value::<CallRecord>(value).unwrap();
        let mut figures = Figures::default();
        figures.count(&call(json!({
            "call_id": "a", "first_seen": "2026-11-23T12:00:00Z", "cost": 0.2,
            "started_at": "2026-11-23T12:00:00Z", "ended_at": "2026-11-23T12:01:30Z",
            "booked": ["x", "y"],
            "tools": [{"tool": "set_appointment", "milliseconds": 300, "done": true}],
        })));
        figures.count(&call(json!({
            "call_id": "b", "first_seen": "2026-11-23T12:00:00Z", "cost": 0.1,
            "started_at": "2026-11-23T12:00:00Z", "ended_at": "2026-11-23T11:00:00Z",
            "tools": [{"tool": "set_appointment", "milliseconds": 100, "done": false}],
        })));
        figures.count(&call(
            json!({"call_id": "c", "first_seen": "2026-11-23T12:00:00Z"}),
        ));
        let expected = json!({
            "calls": 3, "minutes": 1.5, "cost": 0.3, "bookings": 2, "conversion": 0.333,
            "tools": {"set_appointment": {"calls": 2, "p50_ms": 100, "p95_ms": 300}},
        });
        assert_eq!(figures.to_json(), expected);
    }
}
