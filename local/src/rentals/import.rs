//! `cargo run -- rentals import FILE`: a file of any length, part by part.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use clap::Args;
use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use indicatif::{ProgressBar, ProgressStyle};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use serde::Deserialize;
use tokio::sync::mpsc::channel;
use url::Url;

use super::batches::{self, Batch};
use crate::defaults;

/// How often a part is sent when the backend is too busy for it.
const ATTEMPTS: u32 = 5;

/// A file, and what is to be done with it.
#[derive(Args)]
pub struct Import {
    /// The file; the first line of a CSV file names its columns
    pub file: PathBuf,
    /// The backend
    #[arg(long, default_value_t = format!("http://127.0.0.1:{}", defaults::PORT))]
    pub url: String,
    /// What the backend expects as x-api-key
    #[arg(long, env = "VIEWING_DESK_API_KEY", hide_env_values = true, default_value = defaults::API_KEY, hide_default_value = true)]
    pub api_key: String,
    /// Who shows the rentals of rows that name nobody
    #[arg(long, value_name = "ID")]
    pub user_id: Option<String>,
    /// The website of rows that name none [default: import]
    #[arg(long, value_name = "NAME")]
    pub website: Option<String>,
    /// Say what would be done, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What the backend answers of a part.
#[derive(Default, Deserialize)]
struct Report {
    rows: u64,
    created: u64,
    updated: u64,
    unchanged: u64,
    errors: Vec<Rejected>,
}

#[derive(Deserialize)]
struct Rejected {
    row: usize,
    errors: Vec<FieldError>,
}

#[derive(Deserialize)]
struct FieldError {
    message: String,
}

/// What an error answer says.
#[derive(Deserialize)]
struct Refusal {
    message: String,
}

/// What became of the file.
#[derive(Default)]
struct Outcome {
    report: Report,
    /// Where each rejected row is, and what to do about it.
    rejected: Vec<(u64, String)>,
    is_csv: bool,
}

impl Import {
    /// Takes the file in and prints what became of it. Whether every row could be used.
    pub async fn run(&self, out: &mut dyn Write) -> anyhow::Result<bool> {
        let begun = Instant::now();
        let shown = self.file.display();
        let file = File::open(&self.file).with_context(|| format!("{shown} cannot be read"))?;
        let progress = progress(file.metadata()?.len())?;
        let (sender, mut parts) = channel(1);
        let source = progress.wrap_read(file);
        let reading = tokio::task::spawn_blocking(move || batches::read(source, &sender));

        let http = reqwest::Client::new();
        let address = self.address()?;
        let mut outcome = Outcome::default();
        while let Some(part) = parts.recv().await {
            let sent = self.send(&http, &address, &part).await;
            let report = sent.with_context(|| after(&outcome))?;
            progress.set_message(format!("{} rows", outcome.report.rows + report.rows));
            outcome.add(report, &part);
        }
        progress.finish_and_clear();
        let read = reading.await.context("reading was interrupted")?;
        read.with_context(|| format!("{shown} cannot be used; {}", after(&outcome)))?;
        self.print(&outcome, begun.elapsed(), out)?;
        Ok(outcome.rejected.is_empty())
    }

    fn address(&self) -> anyhow::Result<Url> {
        let base = self.url.trim_end_matches('/');
        let address = Url::parse(&format!("{base}/rentals/import"));
        let mut address = address.with_context(|| format!("{base} is no address"))?;
        let mut query = address.query_pairs_mut();
        query.append_pair("dry_run", if self.dry_run { "true" } else { "false" });
        for (name, value) in [("user_id", &self.user_id), ("website", &self.website)] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        drop(query);
        Ok(address)
    }

    async fn send(
        &self,
        http: &reqwest::Client,
        address: &Url,
        part: &Batch,
    ) -> anyhow::Result<Report> {
        for attempt in 1..=ATTEMPTS {
            let request = http
                .post(address.clone())
                .header("x-api-key", &self.api_key)
                .header(CONTENT_TYPE, part.media_type)
                .body(part.body.clone());
            let answer = request.send().await.with_context(|| {
                format!(
                    "nothing answers at {}; start it with cargo run, or name it with --url",
                    self.url
                )
            })?;
            let status = answer.status();
            if status == StatusCode::SERVICE_UNAVAILABLE && attempt < ATTEMPTS {
                let after = answer.headers().get(RETRY_AFTER);
                let after = after.and_then(|seconds| seconds.to_str().ok()?.parse().ok());
                tokio::time::sleep(Duration::from_secs(after.unwrap_or(1))).await;
                continue;
            }
            if status.is_success() {
                return answer.json().await.context("the answer cannot be read");
            }
            let refusal = answer.json::<Refusal>().await;
            let message = refusal.map_or_else(|_| String::new(), |refusal| refusal.message);
            bail!("the backend answered {status}. {message}");
        }
        bail!("the backend is too busy")
    }

    fn print(&self, outcome: &Outcome, took: Duration, out: &mut dyn Write) -> anyhow::Result<()> {
        let report = &outcome.report;
        let mut counts = Table::new();
        counts
            .load_preset(UTF8_BORDERS_ONLY)
            .set_content_arrangement(ContentArrangement::Disabled)
            .set_header(["", "rows"]);
        let rejected = u64::try_from(outcome.rejected.len()).unwrap_or(u64::MAX);
        for (name, count) in [
            ("created", report.created),
            ("updated", report.updated),
            ("unchanged", report.unchanged),
            ("rejected", rejected),
            ("all", report.rows),
        ] {
            counts.add_row([name.to_owned(), count.to_string()]);
        }
        if let Some(column) = counts.column_mut(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        if !outcome.rejected.is_empty() {
            let mut rows = Table::new();
            let place = if outcome.is_csv { "line" } else { "entry" };
            rows.load_preset(UTF8_BORDERS_ONLY)
                .set_content_arrangement(ContentArrangement::Disabled)
                .set_header([place, "rejected, because"]);
            for (place, why) in &outcome.rejected {
                rows.add_row([place.to_string(), why.clone()]);
            }
            writeln!(out, "{rows}")?;
        }
        writeln!(out, "{counts}")?;
        let shown = self.file.display();
        let seconds = took.as_secs_f64();
        if self.dry_run {
            writeln!(
                out,
                "{shown}: a dry run, nothing was changed ({seconds:.1} s)"
            )?;
        } else {
            writeln!(out, "{shown}: taken in ({seconds:.1} s)")?;
        }
        Ok(())
    }
}

impl Outcome {
    fn add(&mut self, report: Report, part: &Batch) {
        self.is_csv = part.media_type == "text/csv";
        self.report.rows += report.rows;
        self.report.created += report.created;
        self.report.updated += report.updated;
        self.report.unchanged += report.unchanged;
        for rejected in report.errors {
            let index = rejected.row.saturating_sub(1);
            let place = part.places.get(index).copied().unwrap_or_default();
            let messages = rejected.errors.into_iter().map(|error| error.message);
            self.rejected
                .push((place, messages.collect::<Vec<_>>().join(" ")));
        }
    }
}

fn progress(length: u64) -> anyhow::Result<ProgressBar> {
    let style = "{bar:30} {bytes}/{total_bytes}, {msg}, {eta} left";
    // It is drawn on standard error, and only for a person.
    Ok(ProgressBar::new(length).with_style(ProgressStyle::with_template(style)?))
}

/// What is to be known when it ends early.
fn after(outcome: &Outcome) -> String {
    match outcome.report.rows {
        0 => "no row was taken in".to_owned(),
        rows => format!("the first {rows} rows were taken in; doing it again does no harm"),
    }
}
