//! `POST /analytics`: what calls add up to.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Unit, ZonedRound};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::error::Refusal;
use super::kind::Kind;
use super::simulator::{Vapi, written};

#[derive(Deserialize)]
struct Questions {
    queries: Vec<Question>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Question {
    table: String,
    name: String,
    #[serde(default)]
    group_by: Vec<GroupBy>,
    operations: Vec<Operation>,
    #[serde(default)]
    time_range: Range,
}

#[derive(Deserialize)]
enum GroupBy {
    #[serde(rename = "type")]
    Type,
    #[serde(rename = "assistantId")]
    Assistant,
    #[serde(rename = "endedReason")]
    EndedReason,
    #[serde(rename = "analysis.successEvaluation")]
    Success,
    #[serde(rename = "status")]
    Status,
}

#[derive(Deserialize)]
struct Operation {
    operation: Fold,
    column: Column,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Fold {
    Sum,
    Avg,
    Count,
    Min,
    Max,
}

/// The columns that are simulated.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Column {
    Id,
    Cost,
    Duration,
}

#[derive(Clone, Default, Deserialize, Serialize)]
struct Range {
    step: Option<Step>,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    timezone: Option<String>,
}

/// The steps that are simulated.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Step {
    Hour,
    Day,
}

/// The last seven days are meant when nothing else is said, in UTC.
const USUAL: SignedDuration = SignedDuration::from_hours(7 * 24);

pub(super) async fn analytics(
    State(vapi): State<Vapi>,
    body: Bytes,
) -> Result<Json<Vec<Value>>, Refusal> {
    let questions: Questions = serde_json::from_slice(&body)
        .map_err(|error| Refusal::unusable(vec![error.to_string()]))?;
    let calls = vapi.all(Kind::Call);
    let now = vapi.instant();
    let answers = questions.queries.iter();
    let answers = answers.map(|question| question.answer(&calls, now));
    Ok(Json(answers.collect::<Result<_, _>>()?))
}

impl Question {
    fn answer(&self, calls: &[Value], now: Timestamp) -> Result<Value, Refusal> {
        if self.table != "call" {
            return Err(unusable("table must be call"));
        }
        let range = &self.time_range;
        let zone = TimeZone::get(range.timezone.as_deref().unwrap_or("UTC"))
            .map_err(|_| unusable("timeRange.timezone must be a time zone"))?;
        let end = range.end.unwrap_or(now);
        let start = range.start.unwrap_or(end - USUAL);
        let mut groups: BTreeMap<String, (Map<String, Value>, Vec<&Value>)> = BTreeMap::new();
        for call in calls {
            let Some(made) = time(call, "createdAt").filter(|made| (start..end).contains(made))
            else {
                continue;
            };
            let mut labels = Map::new();
            if let Some(date) = range.step.and_then(|step| step.begin(made, &zone)) {
                labels.insert("date".to_owned(), date.into());
            }
            for group in &self.group_by {
                let (name, value) = group.of(call);
                labels.insert(name.to_owned(), value);
            }
            let key = Value::Object(labels.clone()).to_string();
            groups
                .entry(key)
                .or_insert((labels, Vec::new()))
                .1
                .push(call);
        }
        let result = groups.into_values().map(|(mut row, calls)| {
            row.extend(self.operations.iter().map(|operation| operation.of(&calls)));
            Value::Object(row)
        });
        let shown = Range {
            start: Some(start),
            end: Some(end),
            ..range.clone()
        };
        Ok(json!({
            "name": self.name, "timeRange": shown, "result": result.collect::<Vec<_>>(),
        }))
    }
}

impl GroupBy {
    fn of(&self, call: &Value) -> (&'static str, Value) {
        match self {
            Self::Type => ("type", call["type"].clone()),
            Self::Assistant => ("assistantId", call["assistantId"].clone()),
            Self::EndedReason => ("endedReason", call["endedReason"].clone()),
            Self::Success => (
                "analysis.successEvaluation",
                call["analysis"]["successEvaluation"].clone(),
            ),
            Self::Status => ("status", call["status"].clone()),
        }
    }
}

impl Operation {
    /// The column of the answer and its value. Counts are texts, as they often are.
    fn of(&self, calls: &[&Value]) -> (String, Value) {
        let (column, values): (_, Vec<f64>) = match self.column {
            Column::Id => ("Id", Vec::new()),
            Column::Cost => ("Cost", values(calls, |call| call["cost"].as_f64())),
            Column::Duration => ("Duration", values(calls, minutes)),
        };
        let sum: f64 = values.iter().sum();
        let least = values.iter().copied().reduce(f64::min);
        let most = values.iter().copied().reduce(f64::max);
        let (fold, value) = match self.operation {
            Fold::Count => ("count", json!(calls.len().to_string())),
            Fold::Sum => ("sum", json!(sum)),
            Fold::Avg => ("avg", json!(sum / count(values.len()))),
            Fold::Min => ("min", json!(least)),
            Fold::Max => ("max", json!(most)),
        };
        (format!("{fold}{column}"), value)
    }
}

impl Step {
    /// Where the step begins that a moment is in.
    fn begin(self, moment: Timestamp, zone: &TimeZone) -> Option<String> {
        let unit = match self {
            Self::Hour => Unit::Hour,
            Self::Day => Unit::Day,
        };
        let round = ZonedRound::new()
            .smallest(unit)
            .mode(jiff::RoundMode::Trunc);
        let begin = moment.to_zoned(zone.clone()).round(round).ok()?;
        Some(written(begin.timestamp()))
    }
}

fn values(calls: &[&Value], value: impl Fn(&Value) -> Option<f64>) -> Vec<f64> {
    calls.iter().filter_map(|call| value(call)).collect()
}

/// A call has no duration, only a beginning and an end. The unit of the sums is not
/// documented; here it is minutes.
fn minutes(call: &Value) -> Option<f64> {
    let (start, end) = (time(call, "startedAt")?, time(call, "endedAt")?);
    Some(end.duration_since(start).as_secs_f64() / 60.0)
}

fn time(call: &Value, field: &str) -> Option<Timestamp> {
    call[field].as_str()?.parse().ok()
}

fn count(values: usize) -> f64 {
    f64::from(u32::try_from(values.max(1)).unwrap_or(u32::MAX))
}

fn unusable(problem: &str) -> Refusal {
    Refusal::unusable(vec![problem.to_owned()])
}
