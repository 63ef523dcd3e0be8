//! For whom the assistants book, which our own backend keeps: `/vapi/bindings`.

use anyhow::{Context as _, Result, bail};
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

/// The deployed backend.
pub(super) struct Backend {
    http: reqwest::Client,
    /// Where its API is reached.
    pub(super) url: String,
    key: SecretString,
}

impl Backend {
    pub(super) fn new(http: reqwest::Client, url: &str, key: &str) -> Self {
        Self {
            http,
            url: url.to_owned(),
            key: key.into(),
        }
    }

    /// The staff of an assistant, the first one first; nobody without a binding.
    pub(super) async fn staff_of(&self, assistant: &str) -> Result<Vec<String>> {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("assistant_id", assistant)
            .finish();
        let path = format!("/vapi/bindings?{query}");
        match self.ask(Method::GET, &path, None).await? {
            (StatusCode::NOT_FOUND, body) if body["code"] == "not_found" => Ok(Vec::new()),
            (StatusCode::OK, body) => Ok(serde_json::from_value(body["user_ids"].clone())?),
            (status, body) => bail!("{}", refusal(status, &body)),
        }
    }

    /// Binds an assistant to staff, and reads it again.
    pub(super) async fn bind(&self, assistant: &str, staff: &[String]) -> Result<()> {
        let body = json!({"assistant_id": assistant, "user_ids": staff});
        let (status, answer) = self.ask(Method::PUT, "/vapi/bindings", Some(&body)).await?;
        if status != StatusCode::OK {
            bail!("{}", refusal(status, &answer));
        }
        if self.staff_of(assistant).await? != staff {
            bail!("the backend took the binding, but has another one");
        }
        Ok(())
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Value)> {
        let request = self.http.request(method, format!("{}{path}", self.url));
        let request = request.header("x-api-key", self.key.expose_secret());
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let answer = request.send().await;
        // Its own words would repeat the address.
        let answer = answer.map_err(reqwest::Error::without_url);
        let answer = answer.with_context(|| format!("{} cannot be reached", self.url))?;
        let status = answer.status();
        Ok((status, answer.json().await.unwrap_or_default()))
    }
}

fn refusal(status: StatusCode, body: &Value) -> String {
    let message = body["message"].as_str().unwrap_or("no reason was given");
    format!("the backend refused ({status}): {message}")
}
