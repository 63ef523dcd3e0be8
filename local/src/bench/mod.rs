//! `cargo run --release -- bench`: what the functions of a deployment cost, measured on
//! their own programs under a Lambda Runtime API, against the local system.
//!
//! Everything is compared with a function that does nothing, since what a machine is
//! worth differs. Figures are of this machine; nothing passes or fails by them.

mod functions;
mod graph;
mod runtime_api;
mod times;
mod tools;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use clap::Args;
use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{CellAlignment, ContentArrangement, Table};

use crate::system::{LocalSystem, Options};

/// The program that every other is compared with.
const BARE: &str = "bare-function";

/// What is measured, and how often.
#[derive(Args, Clone, Debug)]
pub struct Plan {
    /// Only these functions, by the folders of their crates
    functions: Vec<String>,
    /// How often each function is started
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..=1000))]
    starts: u16,
    /// How often each is asked when it is warm
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    calls: u16,
}

/// Builds the programs, measures them, and prints what was found.
pub async fn run(plan: Plan, out: &mut dyn Write) -> anyhow::Result<()> {
    let system = LocalSystem::start(Options::default()).await?;
    let chosen = chosen(&plan, &system)?;
    let programs = build(&chosen)?;
    let specs = system.functions.iter();
    let specs: Vec<_> = specs
        .filter(|spec| chosen.contains(&folder(spec)))
        .collect();
    let measured = functions::measure(&programs, &specs, &plan).await?;
    writeln!(out, "{}\n", functions::report(&measured))?;
    if chosen.iter().any(|name| name == tools::FUNCTION) {
        let found = tools::measure(&programs, &system, &plan).await?;
        writeln!(out, "{}", tools::report(&found)?)?;
    }
    system.stop().await;
    Ok(())
}

fn chosen(plan: &Plan, system: &LocalSystem) -> anyhow::Result<Vec<String>> {
    let all: Vec<String> = system.functions.iter().map(folder).collect();
    if plan.functions.is_empty() {
        return Ok(all);
    }
    match plan.functions.iter().find(|name| !all.contains(name)) {
        Some(unknown) => bail!("there is no function {unknown}, only {}", all.join(", ")),
        None => Ok(plan.functions.clone()),
    }
}

/// The folder of a function's crate, which its program is called like.
fn folder(spec: &crate::template::FunctionSpec) -> String {
    let name = Path::new(&spec.folder).file_name();
    name.unwrap_or_default().to_string_lossy().into_owned()
}

/// Builds the programs as this one was built; the folder that they are in.
fn build(names: &[String]) -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe()?;
    let folder = this.parent().context("this program is in no folder")?;
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--locked", "--package", BARE]);
    for name in names {
        cargo.args(["--package", name]);
    }
    if cfg!(not(debug_assertions)) {
        cargo.arg("--release");
    }
    cargo.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let status = cargo.status().context("cargo cannot be run")?;
    if !status.success() {
        bail!("the functions cannot be built");
    }
    Ok(folder.to_owned())
}

/// A table whose columns but the first are numbers.
fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_preset(UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
