//! What an operator types or pipes in.
//!
//! A message names the field and never what was given for it, which could be a secret
//! in the wrong place.

use std::io::{BufRead, IsTerminal, Read, Stdin, Write};

use anyhow::{Context as _, bail};
use jiff::civil::Date;
use serde_json::Value;

/// What can be given. Nothing is kept as it is.
#[derive(Default)]
pub(super) struct Given {
    pub client_id: Option<String>,
    pub client_secret: Option<String>,
    pub client_secret_expires: Option<Date>,
    pub webhook_secret: Option<String>,
    pub vapi_api_key: Option<String>,
}

/// The fields, whether each is a secret, and how it is asked for.
const FIELDS: [(&str, bool, &str); 5] = [
    (
        "client_id",
        false,
        "Application (client) id of the registration at Microsoft",
    ),
    ("client_secret", true, "Its client secret (the value)"),
    (
        "client_secret_expires",
        false,
        "The day on which that ends, such as 2028-05-31",
    ),
    ("webhook_secret", true, "Webhook secret, as VAPI sends it"),
    ("vapi_api_key", true, "Private API key for VAPI's own API"),
];

/// Asks at a terminal, and reads all of anything else.
pub(super) fn read(stdin: &Stdin) -> anyhow::Result<Given> {
    if stdin.is_terminal() {
        return asked(&mut stdin.lock(), &mut std::io::stderr());
    }
    let mut text = String::new();
    stdin
        .lock()
        .read_to_string(&mut text)
        .context("standard input is not text")?;
    parse(&text)
}

/// A question for each field; secrets are not shown as they are typed.
fn asked(lines: &mut dyn BufRead, prompt: &mut dyn Write) -> anyhow::Result<Given> {
    writeln!(prompt, "Press enter to leave one as it is.")?;
    let mut given = Given::default();
    for (name, is_secret, question) in FIELDS {
        let question = format!("{question}: ");
        let value = if is_secret {
            rpassword::prompt_password(question)?
        } else {
            write!(prompt, "{question}")?;
            prompt.flush()?;
            let mut line = String::new();
            lines.read_line(&mut line)?;
            line
        };
        given.take(name, &value)?;
    }
    Ok(given)
}

/// An object of JSON, or lines such as `client_id=…`.
pub(super) fn parse(text: &str) -> anyhow::Result<Given> {
    let mut given = Given::default();
    if text.trim_start().starts_with('{') {
        let fields: serde_json::Map<String, Value> = serde_json::from_str(text)
            .ok()
            .context("standard input begins like JSON and is not")?;
        for (name, value) in &fields {
            let value = value
                .as_str()
                .with_context(|| format!("{name} has to be text"))?;
            given.take(name, value)?;
        }
        return Ok(given);
    }
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = line
            .split_once('=')
            .with_context(|| format!("line {} is not NAME=VALUE", number + 1))?;
        given.take(name.trim(), value)?;
    }
    Ok(given)
}

impl Given {
    fn take(&mut self, name: &str, value: &str) -> anyhow::Result<()> {
        let value = value.trim();
        if value.is_empty() {
            return Ok(());
        }
        let text = match name {
            "client_id" => &mut self.client_id,
            "client_secret" => &mut self.client_secret,
            "webhook_secret" => &mut self.webhook_secret,
            "vapi_api_key" => &mut self.vapi_api_key,
            "client_secret_expires" => {
                let date = value.parse().ok();
                let expected = "client_secret_expires has to be a date such as 2028-05-31";
                self.client_secret_expires = Some(date.context(expected)?);
                return Ok(());
            }
            _ => {
                let known = FIELDS.map(|(name, _, _)| name).join(", ");
                bail!("standard input has a field that is not known; there are {known}");
            }
        };
        *text = Some(value.to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_lines_say_the_same() {
        for text in [
            r#"{"client_id": "an id", "client_secret": "with=sign", "client_secret_expires": "2028-05-31"}"#,
            "client_id = an id\n# a comment\n\nclient_secret=with=sign\r\nclient_secret_expires=2028-05-31\nwebhook_secret=\n",
        ] {
            let given = parse(text).unwrap();
            assert_eq!(given.client_id.as_deref(), Some("an id"));
            assert_eq!(given.client_secret.as_deref(), Some("with=sign"));
            let expires = given.client_secret_expires.unwrap();
            assert_eq!(expires.to_string(), "2028-05-31");
            assert_eq!(given.webhook_secret, None);
        }
    }

    #[test]
    fn what_is_wrong_is_said_without_quoting_it() {
        for (text, says) in [
            ("{\"client_secret\": \"hush\"", "begins like JSON"),
            ("{\"client_secret\": 17}", "client_secret has to be text"),
            ("hush", "line 1 is not NAME=VALUE"),
            ("hush=hush", "a field that is not known"),
            ("client_secret_expires=hush", "has to be a date"),
        ] {
            let said = format!("{:#}", parse(text).err().unwrap());
            assert!(said.contains(says), "{said}");
            assert!(!said.contains("hush") && !said.contains("17"), "{said}");
        }
    }
}
