//! The command line of the local system.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use local::call::{Style, Target};
use local::doctor::Doctor;
use local::load::Load;
use local::smoke::Smoke;
use local::vapi_dashboard::Ending;
use local::{
    Fault, LocalSystem, Options, bench, call, defaults, doctor, fault_spec, load, rentals, restore,
    secrets, serve, slots, smoke, vapi_dashboard,
};
use shared::clock::Clock;
use shared::config::Settings;
use shared::telemetry;
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{fmt, registry};

/// The whole viewing desk on one machine.
///
/// Without a command it serves: the API, a simulated Microsoft and VAPI, search engines,
/// DynamoDB and Secrets Manager, all on loopback.
#[derive(Parser)]
#[command(name = "local", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Subcommand)]
enum Command {
    /// Run the system until Ctrl-C (the default)
    Serve(Serve),
    /// Play a scripted phone call, and check the calendar after it
    Call(Call),
    /// Ask the slot engine about cases in a file
    Slots(Slots),
    /// Compare VAPI's dashboard with infra/vapi, and bring it in line
    #[command(subcommand)]
    Vapi(vapi_dashboard::Command),
    /// Keep the inventory of rentals
    #[command(subcommand)]
    Rentals(Rentals),
    /// Fill in the secrets of a deployed stack, from standard input
    #[command(subcommand)]
    Secrets(Secrets),
    /// Make a table of a deployed stack hold what a restored one holds
    Restore(restore::Restore),
    /// Ask every route of a deployed backend, harmlessly
    Smoke(Smoke),
    /// Say what is wrong with a deployed backend, and what to do
    Doctor(Doctor),
    /// Play many calls at once, with figures, and check what is left
    Load(Load),
    /// Measure size, start, speed and memory of the functions (with cargo run --release)
    Bench(bench::Plan),
}

#[derive(Subcommand)]
enum Secrets {
    /// Fill in or rotate; what is not given stays as it is
    Set(secrets::Set),
}

#[derive(Subcommand)]
enum Rentals {
    /// Take in a CSV file or a JSON list; the exit status says whether every row could be used
    ///
    /// A row is the rental at its address on its website. It adds one that is not there yet, and
    /// changes what it says of one that is; empty cells say nothing. Doing it again does no harm.
    Import(rentals::Import),
}

#[derive(Args)]
struct Slots {
    /// One case, a list, or a file of cases, as in shared/fixtures/slots.json
    cases: PathBuf,
    /// Say what each rule makes of this start, such as 2026-06-16T15:00:00Z
    #[arg(long, value_name = "TIME")]
    explain: Option<jiff::Timestamp>,
}

#[derive(Args)]
struct Serve {
    /// The gateway's port; the other services take those after it, 0 picks free ones
    #[arg(long, default_value_t = defaults::PORT)]
    port: u16,
    /// Keep state in this folder instead of in memory
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Start without the demo staff member
    #[arg(long)]
    empty: bool,
    /// Have Microsoft, AWS, VAPI or a search engine misbehave, such as `create_event=hang,after`; repeatable
    #[arg(long = "fault", value_name = "SPEC", long_help = fault_spec::GRAMMAR)]
    faults: Vec<Fault>,
    /// Sign in at the real Microsoft, as `MICROSOFT_CLIENT_ID` with `MICROSOFT_CLIENT_SECRET`
    #[arg(long)]
    real_microsoft: bool,
    /// Read this template instead of the project's
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// Ask this OSRM server how long the way between viewings takes
    #[arg(long, value_name = "URL")]
    routing: Option<String>,
}

#[derive(Args)]
struct Call {
    /// The script [default: local/scenarios/book-a-viewing.yaml]
    scenario: Option<PathBuf>,
    /// Call this backend instead of one that is started for the call
    #[arg(long)]
    url: Option<String>,
    /// What the backend at --url expects as X-Vapi-Secret
    #[arg(long, env = "VAPI_WEBHOOK_SECRET", hide_env_values = true, default_value = defaults::WEBHOOK_SECRET, hide_default_value = true)]
    webhook_secret: String,
    /// What the backend at --url expects as x-api-key
    #[arg(long, env = "VIEWING_DESK_API_KEY", hide_env_values = true, default_value = defaults::API_KEY, hide_default_value = true)]
    api_key: String,
    /// Add every delivery and its answer to this file, a line of JSON each
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            // Not the usual 2, by which `vapi plan` says that something differs.
            return ExitCode::from(u8::from(error.use_stderr()));
        }
    };
    let settings = Settings::from_process();
    log_to_stderr(&settings);
    match run(cli, &settings, &mut std::io::stdout()).await {
        Ok(code) => code,
        Err(error) => {
            // Nowhere is left to report that standard error is gone.
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli, settings: &Settings, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(serve) => {
            let real_microsoft = if serve.real_microsoft {
                Some(registration(settings)?)
            } else {
                None
            };
            let options = Options {
                port: serve.port,
                data: serve.data,
                empty: serve.empty,
                faults: serve.faults,
                template: serve.template,
                routing: serve.routing,
                real_microsoft,
                ..Options::default()
            };
            Box::pin(serve::run(options, out)).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Call(call) => Box::pin(play(call, settings, out)).await,
        Command::Vapi(command) => Ok(match Box::pin(command.run(settings, out)).await? {
            Ending::Settled => ExitCode::SUCCESS,
            Ending::Failed => ExitCode::FAILURE,
            Ending::Differs => ExitCode::from(2),
        }),
        Command::Bench(plan) => {
            Box::pin(bench::run(plan, out)).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Slots(ask) => {
            let as_expected = slots::run(&ask.cases, ask.explain, out)?;
            Ok(exit_code(as_expected))
        }
        Command::Smoke(smoke) => {
            let template = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml");
            let all_held = smoke::run(&smoke, Path::new(template), out).await?;
            Ok(exit_code(all_held))
        }
        Command::Doctor(doctor) => {
            let is_well = doctor::run(&doctor, settings, &Clock::default(), out).await?;
            Ok(exit_code(is_well))
        }
        Command::Load(load) => Ok(exit_code(Box::pin(load::run(&load, out)).await?)),
        Command::Secrets(Secrets::Set(how)) => {
            let usable = secrets::set(&how, settings, &std::io::stdin(), out).await?;
            Ok(exit_code(usable))
        }
        Command::Restore(how) => {
            restore::run(&how, settings, out).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Rentals(Rentals::Import(import)) => {
            Ok(exit_code(Box::pin(import.run(out)).await?))
        }
    }
}

/// Plays the call; the exit status says whether all that was expected held.
async fn play(call: Call, settings: &Settings, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let project = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/book-a-viewing.yaml");
    let scenario = call::load(call.scenario.unwrap_or_else(|| PathBuf::from(project)))?;
    let started = if call.url.is_none() {
        Some(Box::pin(LocalSystem::start(Options::default())).await?)
    } else {
        None
    };
    let target = match &started {
        Some(system) => Target {
            gateway: system.gateway.clone(),
            webhook_secret: defaults::WEBHOOK_SECRET.to_owned(),
            api_key: defaults::API_KEY.to_owned(),
            record: call.record,
        },
        None => Target {
            gateway: call
                .url
                .unwrap_or_default()
                .trim_end_matches('/')
                .to_owned(),
            webhook_secret: call.webhook_secret,
            api_key: call.api_key,
            record: call.record,
        },
    };
    let no_color = settings.optional("NO_COLOR").is_some();
    let style = Style::suiting(&std::io::stdout(), no_color);
    let verdict = call::play(&scenario, &target, started.as_ref(), out, style).await;
    if let Some(system) = started {
        system.stop().await;
    }
    Ok(exit_code(verdict?.all_held()))
}

fn exit_code(all_is_well: bool) -> ExitCode {
    if all_is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn registration(settings: &Settings) -> anyhow::Result<(String, String)> {
    let value = |name: &'static str| -> anyhow::Result<String> {
        let value = settings
            .required(name)
            .context("--real-microsoft needs a registration")?;
        Ok(value.to_owned())
    };
    Ok((
        value("MICROSOFT_CLIENT_ID")?,
        value("MICROSOFT_CLIENT_SECRET")?,
    ))
}

/// Log lines for a developer; `LOG_LEVEL=info` shows every request.
fn log_to_stderr(settings: &Settings) {
    let asked = settings.optional("LOG_LEVEL").and_then(telemetry::filter);
    let lines = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let filter = asked.unwrap_or_else(usual_lines);
    registry().with(lines).with(filter).init();
}

/// What is worth a line. The embedded database warns of every condition that does
/// not hold, which is how two writers find each other out.
fn usual_lines() -> Targets {
    Targets::new()
        .with_default(Level::WARN)
        .with_target("dynoxide", Level::ERROR)
}
