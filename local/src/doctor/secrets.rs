//! The secrets as they are stored, and how long Microsoft takes ours.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use shared::config::Settings;

use super::finding::{Findings, Verdict};
use crate::account;
use crate::secrets::{Stack, States};

/// As the alarm `ClientSecretExpires` has it.
const SOON: i32 = 21;

pub(super) async fn look(
    stack: &str,
    settings: &Settings,
    now: Timestamp,
    findings: &mut Findings,
) {
    const WHAT: &str = "secrets";
    let states = async {
        let client = account::secrets_manager(settings).await?;
        Stack::find(&client, stack).await?.states().await
    };
    let states = match states.await {
        Ok(states) => states,
        Err(error) => {
            let advice = "the account needs secretsmanager:ListSecrets and GetSecretValue";
            findings.wrong(WHAT, format!("{error:#}"), advice);
            return;
        }
    };
    if states.incomplete.is_empty() {
        findings.well(WHAT, "all four are filled in");
    } else {
        let advice = format!("cargo run -- secrets set --stack {stack}");
        let said = format!("not filled in: {}", states.incomplete.join(", "));
        findings.wrong(WHAT, said, advice);
    }
    look_at_expiry(&states, now, findings);
}

fn look_at_expiry(states: &States, now: Timestamp, findings: &mut Findings) {
    const WHAT: &str = "client secret";
    const RENEW: &str = "make a new one in Entra, and store it: cargo run -- secrets set";
    let Some(expires) = states.microsoft.as_ref().and_then(|secret| secret.expires) else {
        let advice = "give client_secret_expires to secrets set, and an alarm tells in time";
        findings.add(WHAT, Verdict::Soon, "nobody recorded when it ends", advice);
        return;
    };
    let today = now.to_zoned(TimeZone::UTC).date();
    let left = today.until(expires).map_or(0, |left| left.get_days());
    match left {
        ..=0 => findings.wrong(WHAT, format!("ended on {expires}"), RENEW),
        1..SOON => {
            let said = format!("ends on {expires}, in {left} days");
            findings.add(WHAT, Verdict::Soon, said, RENEW);
        }
        _ => findings.well(WHAT, format!("ends on {expires}")),
    }
}
