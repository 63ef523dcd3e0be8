//! `cargo run -- doctor`: what is wrong with a deployed backend, and what to do.
//!
//! It looks from outside, as VAPI, the CRM and a staff member's browser do, and with
//! `--stack` at the stored secrets too. Nothing is changed, but for a sign-in that is
//! begun and lapses after ten minutes.

mod backend;
mod finding;
mod secrets;
mod sign_in;

use std::io::Write;

use clap::Args;
use shared::clock::Clock;
use shared::config::Settings;

use self::backend::Backend;
use self::finding::{Findings, Verdict};
use crate::{defaults, deployed};

const WHAT: &str = "\
It needs the API key (VIEWING_DESK_API_KEY) to look at the sign-in, and
VAPI_WEBHOOK_SECRET to look at the webhook; a system on this machine has its own.";

/// What is looked at.
#[derive(Args)]
#[command(after_help = WHAT)]
pub struct Doctor {
    /// The backend
    #[arg(long, default_value = deployed::LOCAL)]
    pub url: String,
    /// Its stack: looks at the stored secrets too, with the AWS account of the environment
    #[arg(long, value_name = "NAME")]
    pub stack: Option<String>,
    /// A staff member who has connected a calendar: reads it
    #[arg(long, value_name = "USER_ID")]
    pub user: Option<String>,
    #[arg(
        long,
        env = "VIEWING_DESK_API_KEY",
        hide_env_values = true,
        hide = true
    )]
    pub api_key: Option<String>,
    #[arg(long, env = "VAPI_WEBHOOK_SECRET", hide_env_values = true, hide = true)]
    pub webhook_secret: Option<String>,
}

/// Looks at everything, and prints a line for each. Whether nothing has to be done.
pub async fn run(
    doctor: &Doctor,
    settings: &Settings,
    clock: &Clock,
    out: &mut dyn Write,
) -> anyhow::Result<bool> {
    let base = deployed::address(&doctor.url)?;
    let is_local = deployed::is_local(&base);
    let local = |value: &str| is_local.then(|| value.to_owned());
    let backend = Backend::new(
        &base,
        deployed::api_key(&base, doctor.api_key.as_deref()),
        doctor
            .webhook_secret
            .clone()
            .or_else(|| local(defaults::WEBHOOK_SECRET)),
    )?;
    let user = doctor.user.clone().or_else(|| local(defaults::USER));

    let mut findings = Findings::default();
    if backend.look(&mut findings, clock).await {
        sign_in::look(&backend, &mut findings).await;
        backend
            .look_at_calendar(user.as_deref(), &mut findings)
            .await;
        backend.look_at_webhook(&mut findings).await;
    }
    match &doctor.stack {
        Some(stack) => secrets::look(stack, settings, clock.now(), &mut findings).await,
        None => findings.add(
            "secrets",
            Verdict::Skipped,
            "not looked at",
            "give --stack NAME to see whether each is filled in, and when the client secret ends",
        ),
    }
    write!(out, "{findings}")?;
    Ok(findings.are_well())
}
