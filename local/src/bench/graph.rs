//! One bare request to the simulated Graph, as a tool makes it to see a calendar: what
//! no tool can be faster than.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use form_urlencoded::Serializer;
use jiff::{Timestamp, ToSpan};
use reqwest::header::LOCATION;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::defaults::{ACCOUNT, CLIENT_ID, CLIENT_SECRET};
use crate::system::LocalSystem;

const VERIFIER: &str = "a-bench-is-nobody-whose-sign-in-is-worth-hiding";

/// How long a view of the demo calendar takes, so many times, on a connection that is
/// open already.
pub(super) async fn measure(
    system: &LocalSystem,
    now: Timestamp,
    times: usize,
) -> anyhow::Result<Vec<Duration>> {
    let microsoft = system.microsoft.as_deref().context("there is no Graph")?;
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let token = sign_in(&http, microsoft, &system.gateway).await?;
    let query = query(&[
        ("startDateTime", &now.to_string()),
        ("endDateTime", &(now + (7 * 24).hours()).to_string()),
        (
            "$select",
            "id,start,end,showAs,isAllDay,isCancelled,type,responseStatus",
        ),
        ("$top", "200"),
    ]);
    let url = format!("{microsoft}/v1.0/me/calendarView?{query}");
    let mut measured = Vec::new();
    for _ in 0..=times {
        let began = Instant::now();
        let request = http.get(&url).bearer_auth(&token);
        let request = request.header("prefer", r#"IdType="ImmutableId", outlook.timezone="UTC""#);
        let answer = request.send().await?;
        ensure!(answer.status() == 200, "Graph answered {}", answer.status());
        answer.json::<Value>().await?;
        measured.push(began.elapsed());
    }
    // The first one opened the connection.
    measured.remove(0);
    Ok(measured)
}

/// An access token by the authorization code flow with PKCE.
async fn sign_in(http: &reqwest::Client, microsoft: &str, gateway: &str) -> anyhow::Result<String> {
    let base = format!("{microsoft}/organizations/oauth2/v2.0");
    let redirect = format!("{gateway}/calendar/auth/callback");
    let scope = "openid offline_access Calendars.ReadWrite";
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let asked = query(&[
        ("client_id", CLIENT_ID),
        ("response_type", "code"),
        ("redirect_uri", &redirect),
        ("scope", scope),
        ("state", "bench"),
        ("nonce", "bench"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    let form = |request: reqwest::RequestBuilder, fields: &[(&str, &str)]| {
        request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(query(fields))
    };
    let chosen = http.post(format!("{base}/authorize?{asked}"));
    let chosen = form(chosen, &[("account", ACCOUNT)]).send().await?;
    let back = chosen
        .headers()
        .get(LOCATION)
        .context("no code was given")?;
    let back = url::Url::parse(back.to_str()?)?;
    let code = back.query_pairs().find(|(name, _)| name == "code");
    let (_, code) = code.context("no code was given")?;
    let redeemed = [
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", &redirect),
        ("code_verifier", VERIFIER),
        ("scope", scope),
    ];
    let tokens = form(http.post(format!("{base}/token")), &redeemed);
    let tokens: Value = tokens.send().await?.json().await?;
    let token = tokens["access_token"].as_str();
    Ok(token.context("no token was given")?.to_owned())
}

fn query(pairs: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}
