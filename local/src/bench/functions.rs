//! Each function as a program: how large it is, how soon it asks for its first event
//! and has answered it, how fast it is from then on, and what memory it takes.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use indicatif::{ProgressBar, ProgressStyle};
use listing_refresh::ListingRefresh;
use serde_json::Value;

use super::runtime_api::Running;
use super::times::{Milliseconds, Times};
use super::{BARE, Plan, folder, table};
use crate::system::environment;
use crate::template::FunctionSpec;

/// What was measured of one function.
pub(super) struct Measured {
    name: String,
    size: u64,
    zipped: u64,
    to_first_poll: Times,
    /// From the start on, like the next.
    to_first_answer: Times,
    /// The processor time until then, without what was waited for.
    computing: Option<Times>,
    warm: Times,
    peak_memory: Option<u64>,
}

/// A program to be measured, and what of it has been.
struct Program {
    path: PathBuf,
    environment: BTreeMap<String, String>,
    /// What it is asked.
    event: String,
    to_first_poll: Vec<Duration>,
    to_first_answer: Vec<Duration>,
    computing: Vec<Duration>,
}

/// Measures the function that does nothing and those of the template, each with an event
/// that changes nothing.
///
/// They are started in turns, so that each finds the processor's caches as another
/// program left them, and a slow minute of the machine is nobody's own.
pub(super) async fn measure(
    built: &Path,
    functions: &[&FunctionSpec],
    plan: &Plan,
) -> anyhow::Result<Vec<Measured>> {
    let health = sample("health.json")?.to_string();
    let mut chosen = vec![Program::new(built.join(BARE), BTreeMap::new(), health)];
    for spec in functions {
        let name = folder(spec);
        let event = event_of(spec).with_context(|| format!("no sample is for {name}"))?;
        chosen.push(Program::new(built.join(name), environment(spec), event));
    }
    let steps = u64::from(plan.starts) * chosen.len() as u64;
    let progress = ProgressBar::new(steps).with_message("starting them");
    progress.set_style(ProgressStyle::with_template("{msg} {pos} of {len}, {eta}")?);
    for _ in 0..plan.starts {
        for program in &mut chosen {
            let started = program.start_once().await;
            started.with_context(|| program.failed())?;
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    let mut measured = Vec::new();
    for program in chosen {
        let failed = program.failed();
        measured.push(program.ask(plan.calls).await.context(failed)?);
    }
    Ok(measured)
}

impl Program {
    fn new(path: PathBuf, environment: BTreeMap<String, String>, event: String) -> Self {
        Self {
            path,
            environment,
            event,
            to_first_poll: Vec::new(),
            to_first_answer: Vec::new(),
            computing: Vec::new(),
        }
    }

    fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    fn failed(&self) -> String {
        format!("{} cannot be measured", self.name())
    }

    /// One start, up to the first answer.
    async fn start_once(&mut self) -> anyhow::Result<()> {
        let mut running = Running::start(&self.path, &self.environment).await?;
        let answered = running.invoke(&self.event).await?;
        self.to_first_poll.push(running.to_first_poll);
        self.to_first_answer
            .push(running.to_first_poll + answered.took);
        self.computing.extend(answered.processor_time);
        Ok(())
    }

    /// So many calls when it is warm; with that everything is measured.
    async fn ask(self, calls: u16) -> anyhow::Result<Measured> {
        let mut running = Running::start(&self.path, &self.environment).await?;
        running.invoke(&self.event).await?;
        let mut warm = Vec::new();
        for _ in 0..calls {
            warm.push(running.invoke(&self.event).await?.took);
        }
        let content = std::fs::read(&self.path)?;
        Ok(Measured {
            name: self.name(),
            size: content.len() as u64,
            zipped: zipped(&content)?,
            to_first_poll: Times::new(self.to_first_poll).context("it was never started")?,
            to_first_answer: Times::new(self.to_first_answer).context("it was never started")?,
            computing: Times::new(self.computing),
            warm: Times::new(warm).context("it was never asked")?,
            peak_memory: running.peak_memory(),
        })
    }
}

/// How large the program is in a deployment package.
fn zipped(content: &[u8]) -> std::io::Result<u64> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?.len() as u64)
}

/// A sample event for one of the function's routes, one that only reads.
fn event_of(spec: &FunctionSpec) -> anyhow::Result<String> {
    let preferred = if spec.name == ListingRefresh::NAME {
        Some("listing-refresh.json")
    } else if spec.is_scheduled {
        Some("reconcile.json")
    } else if spec
        .routes
        .iter()
        .any(|route| route == "POST /vapi/webhook")
    {
        Some("get-availability.json")
    } else {
        None
    };
    if let Some(name) = preferred {
        return Ok(sample(name)?.to_string());
    }
    for name in samples()? {
        let event = sample(&name)?;
        let route = event["routeKey"].as_str().unwrap_or_default();
        if route.starts_with("GET ") && spec.routes.iter().any(|own| own == route) {
            return Ok(event.to_string());
        }
    }
    anyhow::bail!("it has no sample that only reads")
}

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../events");

fn samples() -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for file in std::fs::read_dir(SAMPLES)? {
        names.push(file?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    ensure!(!names.is_empty(), "there are no samples in {SAMPLES}");
    Ok(names)
}

/// The sample event of that name.
pub(super) fn sample(name: &str) -> anyhow::Result<Value> {
    let path = Path::new(SAMPLES).join(name);
    let text = std::fs::read_to_string(&path);
    let text = text.with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

/// What was found; × is how many times the bare function's the figure before it is.
pub(super) fn report(measured: &[Measured]) -> impl Display {
    let mut table = table(&[
        "function",
        "program",
        "zipped",
        "to first poll",
        "×",
        "to first answer",
        "computing",
        "×",
        "warm p50",
        "p99",
        "peak memory",
    ]);
    for one in measured {
        let bare = measured.first().unwrap_or(one);
        let computing = |of: &Measured| of.computing.as_ref().map(Times::median);
        table.add_row([
            one.name.clone(),
            megabytes(one.size),
            megabytes(one.zipped),
            Milliseconds(one.to_first_poll.median()).to_string(),
            ratio(one.to_first_poll.median(), bare.to_first_poll.median()),
            Milliseconds(one.to_first_answer.median()).to_string(),
            or_unknown(computing(one), |time| Milliseconds(time).to_string()),
            or_unknown(computing(one).zip(computing(bare)), |(one, bare)| {
                ratio(one, bare)
            }),
            Milliseconds(one.warm.median()).to_string(),
            Milliseconds(one.warm.percentile(99)).to_string(),
            or_unknown(one.peak_memory, megabytes),
        ]);
    }
    table
}

fn or_unknown<T>(value: Option<T>, shown: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| "?".to_owned(), shown)
}

fn ratio(one: Duration, other: Duration) -> String {
    format!("{:.2}", one.as_secs_f64() / other.as_secs_f64())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a size is shown with two digits"
)]
fn megabytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / (1024.0 * 1024.0))
}
