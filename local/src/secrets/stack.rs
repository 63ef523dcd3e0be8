//! The secrets of a stack, found by the tags that `CloudFormation` puts on them.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::types::{Filter, FilterNameStringType, SecretListEntry};
use serde::de::DeserializeOwned;
use serde_json::Value;
use shared::secrets::{AccessSecret, MicrosoftSecret, TokenKeys, VapiSecret};

use crate::account;

const STACK_NAME: &str = "aws:cloudformation:stack-name";
const LOGICAL_ID: &str = "aws:cloudformation:logical-id";

/// The logical ids in template.yaml.
pub(crate) const MICROSOFT: &str = "MicrosoftSecret";
pub(crate) const VAPI: &str = "VapiSecret";
pub(crate) const ACCESS: &str = "AccessSecret";
pub(crate) const TOKEN_KEYS: &str = "TokenKeysSecret";

/// The secrets of one stack.
pub(crate) struct Stack<'a> {
    client: &'a Client,
    /// Secrets Manager's ids by logical id.
    ids: BTreeMap<String, String>,
}

/// What the stored secrets are good for.
pub(crate) struct States {
    /// Those that are still placeholders, or cannot be read by the functions.
    pub(crate) incomplete: Vec<&'static str>,
    pub(crate) microsoft: Option<MicrosoftSecret>,
}

impl<'a> Stack<'a> {
    /// Finds the four secrets of the stack.
    pub(crate) async fn find(client: &'a Client, name: &str) -> anyhow::Result<Self> {
        let filter = |key, value: &str| Filter::builder().key(key).values(value).build();
        let mut pages = client
            .list_secrets()
            .filters(filter(FilterNameStringType::TagKey, STACK_NAME))
            .filters(filter(FilterNameStringType::TagValue, name))
            .into_paginator()
            .send();
        let mut ids = BTreeMap::new();
        while let Some(page) = pages.next().await {
            let page = page
                .map_err(|error| account::refusal("Secrets Manager", &error))
                .context("the secrets of the account cannot be listed")?;
            // The filter goes by the beginning of a value.
            for secret in page.secret_list() {
                if let (Some(stack), Some(id), Some(arn)) = (
                    tag(secret, STACK_NAME),
                    tag(secret, LOGICAL_ID),
                    secret.arn(),
                ) && stack == name
                {
                    let other = ids.insert(id.to_owned(), arn.to_owned());
                    if let Some(other) = other.filter(|other| other != arn) {
                        bail!(
                            "there are two secrets {id} of a stack {name}; one is left of a stack \
                             that was deleted. Delete it first: {other} or {arn}"
                        );
                    }
                }
            }
        }
        for id in [MICROSOFT, VAPI, ACCESS, TOKEN_KEYS] {
            if !ids.contains_key(id) {
                bail!(
                    "there is no stack {name} with a secret {id} in this account and region; \
                     check AWS_PROFILE and AWS_REGION"
                );
            }
        }
        Ok(Self { client, ids })
    }

    fn id(&self, logical_id: &str) -> &str {
        self.ids.get(logical_id).map_or("", String::as_str)
    }

    /// The stored value.
    pub(crate) async fn read(&self, logical_id: &'static str) -> anyhow::Result<Value> {
        read(self.client, self.id(logical_id))
            .await
            .with_context(|| format!("{logical_id} cannot be read"))
    }

    /// Stores a value; the functions use it within five minutes.
    pub(super) async fn write(&self, logical_id: &str, value: &Value) -> anyhow::Result<()> {
        let request = self.client.put_secret_value();
        let request = request.secret_id(self.id(logical_id));
        let written = request.secret_string(value.to_string()).send().await;
        written
            .map_err(|error| account::refusal("Secrets Manager", &error))
            .with_context(|| format!("{logical_id} cannot be written"))?;
        Ok(())
    }

    /// Looks at all four.
    pub(crate) async fn states(&self) -> anyhow::Result<States> {
        let mut incomplete = Vec::new();
        for id in [MICROSOFT, VAPI, ACCESS, TOKEN_KEYS] {
            if !is_complete(id, &self.read(id).await?) {
                incomplete.push(id);
            }
        }
        Ok(States {
            incomplete,
            microsoft: typed(&self.read(MICROSOFT).await?),
        })
    }
}

/// The value of the secret of that Secrets Manager id.
pub(crate) async fn read<T: DeserializeOwned>(client: &Client, id: &str) -> anyhow::Result<T> {
    let answer = client.get_secret_value().secret_id(id).send().await;
    let answer = answer.map_err(|error| account::refusal("Secrets Manager", &error))?;
    let text = answer.secret_string().unwrap_or_default();
    // Why it has another form could quote it.
    serde_json::from_str(text)
        .ok()
        .with_context(|| format!("the secret {id} does not have the expected form"))
}

/// Whether the functions can use the secret, by the types that they read it with.
pub(super) fn is_complete(logical_id: &str, value: &Value) -> bool {
    match logical_id {
        MICROSOFT => typed::<MicrosoftSecret>(value).is_some_and(|secret| secret.is_complete()),
        VAPI => typed::<VapiSecret>(value).is_some_and(|secret| secret.is_complete()),
        ACCESS => typed::<AccessSecret>(value).is_some_and(|secret| secret.is_complete()),
        _ => typed::<TokenKeys>(value).is_some_and(|secret| secret.is_complete()),
    }
}

fn typed<T: DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok()
}

fn tag<'a>(secret: &'a SecretListEntry, key: &str) -> Option<&'a str> {
    let mut tags = secret.tags().iter();
    tags.find(|tag| tag.key() == Some(key))?.value()
}
