//! `cargo run --release -- load`: many calls at once, each of which asks for times,
//! books one, moves it and cancels it. At the end everything that is stored must agree.
//!
//! Two callers at a time want the same slot, so that there is contention in every run.

mod caller;
mod figures;
mod rest;
mod stage;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use tokio::sync::Mutex;
use tokio::time::{Interval, MissedTickBehavior, interval};

use self::caller::play_call;
use self::figures::Figures;
use self::stage::Stage;

const WHAT: &str = "\
Against --url, viewings are booked and cancelled in the calendar of --user, who should be
there for tests only. It needs VAPI_WEBHOOK_SECRET and VIEWING_DESK_API_KEY.";

/// How much, for how long, and against what.
#[derive(Args)]
#[command(after_help = WHAT)]
pub struct Load {
    /// How many calls at most
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub calls: u32,
    /// How many requests a second at most
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub rps: u32,
    /// How many callers are on the phone at once
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub callers: u32,
    /// When no more calls begin
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub seconds: u32,
    /// How many staff members the local system has
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub staff: u32,
    /// Call this backend instead of a system that is started for it
    #[arg(long, requires = "user", requires = "assistant")]
    pub url: Option<String>,
    /// Whose calendar it is, with --url
    #[arg(long, value_name = "USER_ID")]
    pub user: Option<String>,
    /// The assistant that books for them, with --url
    #[arg(long, value_name = "ASSISTANT_ID")]
    pub assistant: Option<String>,
    #[arg(long, env = "VAPI_WEBHOOK_SECRET", hide_env_values = true, hide = true)]
    pub webhook_secret: Option<String>,
    #[arg(
        long,
        env = "VIEWING_DESK_API_KEY",
        hide_env_values = true,
        hide = true
    )]
    pub api_key: Option<String>,
}

/// Plays the calls, and prints the figures. Whether nothing failed and all agrees.
pub async fn run(load: &Load, out: &mut dyn Write) -> anyhow::Result<bool> {
    let stage = Arc::new(Box::pin(Stage::set(load)).await?);
    writeln!(
        out,
        "{} staff, {} callers at once, at most {} requests a second, {} calls within {} s\n",
        stage.members.len(),
        load.callers,
        load.rps,
        load.calls,
        load.seconds
    )?;
    let began = Instant::now();
    let figures = play(load, &stage).await?;
    write!(out, "{}", figures.shown(began.elapsed()))?;
    let problems = stage.problems_at_rest().await?;
    for problem in &problems {
        writeln!(out, "at rest: {problem}")?;
    }
    if problems.is_empty() {
        writeln!(out, "at rest: {}", stage.what_agrees())?;
    }
    Ok(problems.is_empty() && figures.failures() == 0)
}

/// Every caller takes the next call until there are none, or the time is over.
async fn play(load: &Load, stage: &Arc<Stage>) -> anyhow::Result<Figures> {
    let pace = Arc::new(Pace::new(load.rps));
    let next = Arc::new(AtomicU32::new(0));
    let (calls, limit) = (load.calls, Duration::from_secs(load.seconds.into()));
    let began = Instant::now();
    let callers: Vec<_> = (0..load.callers.min(load.calls))
        .map(|_| {
            let (stage, pace, next) = (Arc::clone(stage), Arc::clone(&pace), Arc::clone(&next));
            tokio::spawn(async move {
                let mut figures = Figures::new()?;
                while began.elapsed() < limit {
                    let call = next.fetch_add(1, Ordering::Relaxed);
                    if call >= calls {
                        break;
                    }
                    play_call(call, &stage, &pace, &mut figures).await;
                }
                Ok::<_, anyhow::Error>(figures)
            })
        })
        .collect();
    let mut all = Figures::new()?;
    for caller in callers {
        all.add(&caller.await??)?;
    }
    Ok(all)
}

/// Lets as many requests through as there may be in a second. What was missed while
/// everybody waited for answers is not made up for.
struct Pace(Mutex<Interval>);

impl Pace {
    fn new(a_second: u32) -> Self {
        let mut ticks = interval(Duration::from_secs(1) / a_second);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self(Mutex::new(ticks))
    }

    async fn next(&self) {
        self.0.lock().await.tick().await;
    }
}
