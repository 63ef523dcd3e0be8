//! The command: reads, decides, checks all, and only then writes.

use std::io::{Stdin, Write};

use anyhow::bail;
use clap::Args;
use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{ContentArrangement, Table};
use shared::config::Settings;

use super::change::{self, Changed};
use super::stack::{ACCESS, MICROSOFT, Stack, TOKEN_KEYS, VAPI, is_complete};
use super::{input, random};
use crate::account;

const FORMS: &str = "\
At a terminal it asks. Otherwise it reads JSON, or lines of NAME=VALUE, with any of
  client_id, client_secret, client_secret_expires (a date), webhook_secret, vapi_api_key

  cargo run -- secrets set --stack viewing-desk-prod < secrets.json

What is not given stays. A new stack gets an API key and a key that seals tokens by
itself. The AWS account is that of the environment (AWS_PROFILE, AWS_REGION).";

/// How secrets are filled in.
#[derive(Args)]
#[command(after_help = FORMS)]
pub struct Set {
    /// The stack, such as viewing-desk-prod
    #[arg(long, value_name = "NAME")]
    stack: String,
    /// Make an API key of that name, beside those there are
    #[arg(long, value_name = "ID")]
    new_api_key: Option<String>,
    /// Remove the API key of that name
    #[arg(long, value_name = "ID")]
    remove_api_key: Option<String>,
    /// Make a new key that seals tokens, beside those there are
    #[arg(long)]
    rotate_token_key: bool,
}

/// Fills in the secrets. Whether the functions can use all of them now.
pub async fn set(
    how: &Set,
    settings: &Settings,
    stdin: &Stdin,
    out: &mut dyn Write,
) -> anyhow::Result<bool> {
    let client = account::secrets_manager(settings).await?;
    let stack = Stack::find(&client, &how.stack).await?;
    let given = input::read(stdin)?;

    let stored = stack.read(ACCESS).await?;
    let api_key = match change::new_api_key(&stored, how.new_api_key.as_deref()) {
        Some(id) => Some((id, random::credential()?)),
        None => None,
    };
    let new = api_key.as_ref().map(|(id, key)| (*id, key.as_str()));
    let access = change::access(&stored, new, how.remove_api_key.as_deref())?;
    let stored = stack.read(TOKEN_KEYS).await?;
    let token_keys = if how.rotate_token_key || change::has_no_token_key(&stored) {
        change::token_keys(&stored, &random::sealing_key()?)?
    } else {
        Changed {
            value: stored,
            what: Vec::new(),
        }
    };
    let all = [
        (
            MICROSOFT,
            change::microsoft(&stack.read(MICROSOFT).await?, &given),
        ),
        (VAPI, change::vapi(&stack.read(VAPI).await?, &given)),
        (TOKEN_KEYS, token_keys),
        // The last one: should another fail, no API key is lost with it.
        (ACCESS, access),
    ];

    for (id, changed) in &all {
        if !changed.what.is_empty() && !is_complete(id, &changed.value) {
            bail!(
                "{id} would not be usable: {}. Nothing was written",
                needs(id)
            );
        }
    }
    let mut table = Table::new();
    table
        .load_preset(UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(["secret", "what is new"]);
    let mut usable = true;
    for (id, changed) in &all {
        if !changed.what.is_empty() {
            stack.write(id, &changed.value).await?;
        }
        let what = if !changed.what.is_empty() {
            changed.what.join(", ")
        } else if is_complete(id, &changed.value) {
            "nothing".to_owned()
        } else {
            usable = false;
            format!("nothing, and it opens nothing yet: {}", needs(id))
        };
        table.add_row([*id, &what]);
    }
    writeln!(out, "{table}")?;
    if let Some((id, key)) = api_key {
        writeln!(
            out,
            "\nThe API key {id}, which is shown this once:\n\n  {key}\n"
        )?;
    }
    writeln!(
        out,
        "Functions that are running use this within five minutes."
    )?;
    Ok(usable)
}

fn needs(id: &str) -> &'static str {
    match id {
        MICROSOFT => "give client_id and client_secret",
        VAPI => "give webhook_secret",
        ACCESS => "there has to be an API key",
        _ => "a key that seals tokens has 32 bytes in base64",
    }
}
