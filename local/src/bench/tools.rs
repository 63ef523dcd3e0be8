//! The tools of a call: how long each takes on a warm function, what it asks of
//! Microsoft and of DynamoDB for it, and for how much of that, one after the other, the
//! caller waits.

use std::fmt::Display;
use std::iter::once;
use std::path;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::functions::sample;
use super::runtime_api::Running;
use super::times::{Milliseconds, Times};
use super::{Plan, folder, graph, table};
use crate::defaults::{ACCOUNT, API_KEY, ASSISTANT, USER};
use crate::fault_spec::Fault;
use crate::faults::{Effect, Moment, Rule, Trigger};
use crate::system::{LocalSystem, environment};

/// The function that serves them.
pub(super) const FUNCTION: &str = "webhook-dispatch";

/// The most viewings that are booked.
const MOST_VIEWINGS: usize = 40;

/// How often each tool is used to find its path out.
const PATH_CALLS: usize = 5;

/// How long Microsoft takes then: longer than whatever is done meanwhile.
const MICROSOFT_TAKES: Duration = Duration::from_millis(150);

/// How long DynamoDB takes then.
const DYNAMODB_TAKES: Duration = Duration::from_millis(20);

/// What was measured of one tool.
pub(super) struct Measured {
    series: Series,
    /// Unknown of what is only there to compare with.
    path: Option<Path>,
}

/// How many requests an answer waits for, one after the other. What is asked meanwhile is
/// not in it.
#[derive(Clone, Copy)]
struct Path {
    microsoft: u128,
    dynamodb: u128,
}

/// How much was asked of whom.
#[derive(Clone, Copy, Default)]
struct Requests {
    microsoft: u64,
    dynamodb: u64,
    secrets: u64,
    calls: u64,
}

/// Calls a warm function and counts what reaches the services meanwhile.
struct Bench<'a> {
    system: &'a LocalSystem,
    http: reqwest::Client,
    running: Running,
    event: Value,
    calls: usize,
}

/// Measures every tool that reads or books, and a bare request to Graph.
pub(super) async fn measure(
    programs: &path::Path,
    system: &LocalSystem,
    plan: &Plan,
) -> anyhow::Result<Vec<Measured>> {
    let spec = system
        .functions
        .iter()
        .find(|spec| folder(spec) == FUNCTION);
    let spec = spec.context("there is no webhook")?;
    let now = system.clock().now();
    let calls = usize::from(plan.calls);
    let bare = graph::measure(system, now, calls).await?;
    let bare = Series {
        name: "one bare request to Graph".to_owned(),
        times: bare,
        requests: Requests {
            microsoft: plan.calls.into(),
            calls: plan.calls.into(),
            ..Requests::default()
        },
    };
    let mut bench = Bench {
        system,
        http: reqwest::Client::new(),
        running: Running::start(&programs.join(FUNCTION), &environment(spec)).await?,
        event: sample("get-availability.json")?,
        calls: 0,
    };
    let series = bench.all(calls, calls.min(MOST_VIEWINGS)).await?;
    let paths = bench.paths().await?;
    let tools = series
        .into_iter()
        .zip(paths)
        .map(|(series, path)| Measured {
            series,
            path: Some(path),
        });
    let bare = Measured {
        series: bare,
        path: None,
    };
    Ok(once(bare).chain(tools).collect())
}

impl Bench<'_> {
    /// Every tool, one after the other.
    async fn all(&mut self, calls: usize, viewings: usize) -> anyhow::Result<Vec<Series>> {
        let mut all = vec![
            self.availability(calls, false).await?,
            self.availability(calls, true).await?,
        ];
        all.extend(self.viewings(viewings).await?);
        Ok(all)
    }

    /// What an answer waits for: it takes so many times longer by how much a service does.
    async fn paths(&mut self) -> anyhow::Result<Vec<Path>> {
        let none = Duration::ZERO;
        let usual = self.slowed(MICROSOFT_TAKES, none).await?;
        let slow_microsoft = self.slowed(2 * MICROSOFT_TAKES, none).await?;
        let slow_dynamodb = self.slowed(MICROSOFT_TAKES, DYNAMODB_TAKES).await?;
        let slow = slow_microsoft.into_iter().zip(slow_dynamodb);
        Ok(usual
            .into_iter()
            .zip(slow)
            .map(|(usual, (slow_microsoft, slow_dynamodb))| Path {
                microsoft: times(slow_microsoft.saturating_sub(usual), MICROSOFT_TAKES),
                dynamodb: times(slow_dynamodb.saturating_sub(usual), DYNAMODB_TAKES),
            })
            .collect())
    }

    /// How long each tool takes when the services do.
    async fn slowed(
        &mut self,
        microsoft: Duration,
        dynamodb: Duration,
    ) -> anyhow::Result<Vec<Duration>> {
        self.system.misbehave(vec![
            Fault::Microsoft(delay(microsoft)),
            Fault::Aws(delay(dynamodb)),
        ]);
        let measured = self.all(PATH_CALLS, PATH_CALLS).await;
        self.system.mend();
        measured?
            .into_iter()
            .map(|one| Ok(one.times()?.median()))
            .collect()
    }

    /// The first question for times in a call, with or without word that it began.
    async fn availability(&mut self, calls: usize, ahead: bool) -> anyhow::Result<Series> {
        let name = "get_availability";
        // The function is warm after the first one.
        self.tool(name, &json!({}), 0).await?;
        let when = if ahead { ", read ahead" } else { "" };
        let mut series = Series::new(format!("{name}{when}"));
        for _ in 0..calls {
            self.calls += 1;
            if ahead {
                let began = json!({"type": "status-update", "status": "in-progress"});
                self.deliver(began, 0).await?;
            }
            series.add(self.counted(name, &json!({}), 0).await?);
        }
        Ok(series)
    }

    /// Viewings of so many callers: booked, looked up, moved and cancelled.
    async fn viewings(&mut self, count: usize) -> anyhow::Result<Vec<Series>> {
        let open = self.open_times().await?;
        ensure!(
            open.len() >= 2 * count,
            "too few open times for {count} viewings"
        );
        let (booked, moved) = open.split_at(open.len() / 2);
        let tools: [(&str, Arguments<'_>); 4] = [
            ("set_appointment", &|caller| {
                json!({"start_time": booked[caller], "attendee_name": "Casey Caller",
                    "property_address": "14 Mill Lane"})
            }),
            ("find_appointments", &|_| json!({})),
            (
                "reschedule_appointment",
                &|caller| json!({"new_start_time": moved[caller]}),
            ),
            ("cancel_appointment", &|_| json!({})),
        ];
        let mut found = Vec::new();
        for (name, arguments) in tools {
            let mut series = Series::new(name.to_owned());
            for caller in 0..count {
                self.calls += 1;
                series.add(self.counted(name, &arguments(caller), caller).await?);
            }
            found.push(series);
        }
        Ok(found)
    }

    /// The starts of open times, none of which touches another.
    async fn open_times(&self) -> anyhow::Result<Vec<String>> {
        let url = format!(
            "{}/calendar/availability?user_id={USER}&days_ahead=60",
            self.system.gateway
        );
        let answer = self
            .http
            .get(url)
            .header("x-api-key", API_KEY)
            .send()
            .await?;
        let answer: Value = answer.error_for_status()?.json().await?;
        let slots = answer["available_slots"].as_array().into_iter().flatten();
        let mut open = Vec::new();
        let mut free_from = Timestamp::MIN;
        for slot in slots {
            let time = |name: &str| -> anyhow::Result<(String, Timestamp)> {
                let text = slot[name].as_str().context("a slot without times")?;
                Ok((text.to_owned(), text.parse()?))
            };
            let ((text, start), (_, end)) = (time("start_time")?, time("end_time")?);
            if start >= free_from {
                open.push(text);
                free_from = end;
            }
        }
        Ok(open)
    }

    async fn counted(
        &mut self,
        name: &str,
        arguments: &Value,
        caller: usize,
    ) -> anyhow::Result<(Duration, Requests)> {
        let before = self.requests().await?;
        let took = self.tool(name, arguments, caller).await?;
        let after = self.requests().await?;
        let requests = Requests {
            microsoft: after.microsoft - before.microsoft,
            dynamodb: after.dynamodb - before.dynamodb,
            secrets: after.secrets - before.secrets,
            calls: 1,
        };
        Ok((took, requests))
    }

    /// One tool call, which must be done.
    async fn tool(
        &mut self,
        name: &str,
        arguments: &Value,
        caller: usize,
    ) -> anyhow::Result<Duration> {
        let call = json!({"id": format!("call_{}", self.calls), "type": "function",
            "function": {"name": name, "arguments": arguments}});
        let message = json!({"type": "tool-calls", "toolCallList": [call]});
        let (took, reply) = self.deliver(message, caller).await?;
        let result = &reply["results"][0];
        ensure!(result["result"].is_string(), "{name} was answered {result}");
        Ok(took)
    }

    async fn deliver(
        &mut self,
        mut message: Value,
        caller: usize,
    ) -> anyhow::Result<(Duration, Value)> {
        message["call"] = json!({
            "id": format!("bench-{}", self.calls), "type": "inboundPhoneCall",
            "assistantId": ASSISTANT, "customer": {"number": format!("+1512555{:04}", 100 + caller)},
        });
        self.event["body"] = json!(json!({"message": message}).to_string());
        let answered = self.running.invoke(&self.event.to_string()).await?;
        let answer: Value = serde_json::from_slice(&answered.body)?;
        ensure!(answer["statusCode"] == 200, "the webhook answered {answer}");
        let body = answer["body"].as_str().unwrap_or_default();
        Ok((answered.took, serde_json::from_str(body)?))
    }

    /// What the services were asked for so far.
    async fn requests(&self) -> anyhow::Result<Requests> {
        let microsoft = self.system.microsoft.as_deref().unwrap_or_default();
        let mailbox = format!("{microsoft}/control/mailboxes/{ACCOUNT}");
        let mailbox: Value = self.http.get(mailbox).send().await?.json().await?;
        let counts = format!("{}/control/counts", self.system.aws);
        let counts: Value = self.http.get(counts).send().await?.json().await?;
        let secrets = counts["operations"]["get_secret_value"].as_u64();
        let secrets = secrets.unwrap_or_default();
        Ok(Requests {
            microsoft: sum(&mailbox["counters"]["operations"]),
            dynamodb: sum(&counts["operations"]) - secrets,
            secrets,
            calls: 0,
        })
    }
}

type Arguments<'a> = &'a (dyn Fn(usize) -> Value + Sync);

fn sum(counts: &Value) -> u64 {
    let counts = counts.as_object().into_iter().flatten();
    counts.filter_map(|(_, count)| count.as_u64()).sum()
}

/// The calls of one tool.
struct Series {
    name: String,
    times: Vec<Duration>,
    requests: Requests,
}

impl Series {
    fn new(name: String) -> Self {
        Self {
            name,
            times: Vec::new(),
            requests: Requests::default(),
        }
    }

    fn add(&mut self, (took, requests): (Duration, Requests)) {
        self.times.push(took);
        self.requests.microsoft += requests.microsoft;
        self.requests.dynamodb += requests.dynamodb;
        self.requests.secrets += requests.secrets;
        self.requests.calls += requests.calls;
    }

    fn times(&self) -> anyhow::Result<Times> {
        Times::new(self.times.clone()).context("nothing was measured")
    }
}

/// A rule that lets every request wait.
fn delay<O>(by: Duration) -> Rule<O> {
    Rule {
        operation: None,
        account: None,
        trigger: Trigger::Always,
        moment: Moment::Before,
        effect: Effect::DelayMs(u64::try_from(by.as_millis()).unwrap_or(u64::MAX)),
    }
}

/// How many times one goes into the other, rounded.
fn times(whole: Duration, part: Duration) -> u128 {
    (whole + part / 2).as_nanos() / part.as_nanos()
}

/// What was found, per call.
pub(super) fn report(measured: &[Measured]) -> anyhow::Result<impl Display> {
    let mut table = table(&[
        "tool",
        "p50",
        "p99",
        "Microsoft",
        "waited for",
        "DynamoDB",
        "waited for",
        "secrets",
    ]);
    for Measured { series, path } in measured {
        let (times, requests) = (series.times()?, &series.requests);
        let per_call = |count: u64| per_call(count, requests.calls);
        let waited = |of: fn(&Path) -> u128| {
            path.as_ref()
                .map_or(String::new(), |path| of(path).to_string())
        };
        table.add_row([
            series.name.clone(),
            Milliseconds(times.median()).to_string(),
            Milliseconds(times.percentile(99)).to_string(),
            per_call(requests.microsoft),
            waited(|path| path.microsoft),
            per_call(requests.dynamodb),
            waited(|path| path.dynamodb),
            per_call(requests.secrets),
        ]);
    }
    Ok(table)
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn per_call(count: u64, calls: u64) -> String {
    format!("{:.1}", count as f64 / calls as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_often_something_is_waited_for_is_rounded() {
        for (milliseconds, count) in [(0, 0), (9, 0), (10, 1), (59, 3), (61, 3), (70, 4)] {
            let whole = Duration::from_millis(milliseconds);
            assert_eq!(
                times(whole, Duration::from_millis(20)),
                count,
                "{milliseconds}"
            );
        }
    }
}
