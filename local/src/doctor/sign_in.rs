//! A sign-in, as far as it goes without a person: the link, what Microsoft is told,
//! and what Microsoft makes of it.

use serde_json::json;
use url::Url;

use super::backend::Backend;
use super::finding::{Findings, Verdict};
use crate::deployed;

const WHAT: &str = "sign-in";

pub(super) async fn look(backend: &Backend, findings: &mut Findings) {
    let Some(address) = microsofts_address(backend, findings).await else {
        return;
    };
    let parameter = |name: &str| {
        let mut pairs = address.query_pairs();
        let found = pairs.find(|(key, _)| key == name)?;
        Some(found.1.into_owned())
    };
    let wanted = format!("{}/calendar/auth/callback", backend.base);
    match parameter("redirect_uri") {
        Some(redirect) if redirect == wanted => findings.well("redirect URI", redirect),
        redirect => findings.wrong(
            "redirect URI",
            redirect.unwrap_or_else(|| "there is none".to_owned()),
            format!("it should be {wanted}: deploy with the right PublicBaseUrl"),
        ),
    }
    if parameter("client_id").is_none_or(|id| id.is_empty()) {
        findings.wrong(
            "registration",
            "there is no client id",
            "cargo run -- secrets set --stack NAME",
        );
        return;
    }
    look_at_microsofts_page(backend, &address, findings).await;
}

/// Where a link leads, which a browser would follow.
async fn microsofts_address(backend: &Backend, findings: &mut Findings) -> Option<Url> {
    let made = backend
        .http
        .post(format!("{}/calendar/auth/links", backend.base));
    let made = backend.keyed(made.json(&json!({"user_id": "doctor"})));
    let link = match backend.send(made).await {
        Ok(answer) => answer.body["url"].as_str().map(str::to_owned),
        Err(error) => {
            findings.wrong(WHAT, deployed::failure(&error), "try again");
            return None;
        }
    };
    let Some(link) = link else {
        findings.wrong(WHAT, "no link is made", "look at the log of OAuthStart");
        return None;
    };
    let opened = backend.send(backend.http.get(&link)).await;
    let address = opened.ok().and_then(|answer| answer.location);
    let address = address.and_then(|address| Url::parse(&address).ok());
    match &address {
        Some(address) => {
            let host = address.host_str().unwrap_or_default();
            findings.well(WHAT, format!("a link leads to {host}"));
        }
        None => findings.wrong(
            WHAT,
            "a link does not lead to Microsoft",
            "is the registration stored? cargo run -- secrets set; else look at the log of \
             OAuthStart",
        ),
    }
    address
}

/// What is wrong with a registration, Microsoft shows on the page itself.
async fn look_at_microsofts_page(backend: &Backend, address: &Url, findings: &mut Findings) {
    const WHAT: &str = "registration";
    let page = async {
        let answer = backend.http.get(address.clone()).send().await?;
        Ok::<_, reqwest::Error>((answer.status(), answer.text().await?))
    };
    let (status, page) = match page.await {
        Ok(answer) => answer,
        Err(error) => {
            let host = address.host_str().unwrap_or_default();
            findings.wrong(
                WHAT,
                format!("{host}: {}", deployed::failure(&error)),
                "check whether this machine reaches it, and MicrosoftAuthority",
            );
            return;
        }
    };
    let number = aadsts(&page);
    let advice = match number {
        Some("50011") => {
            "register the redirect URI, platform Web, to the letter: see the line above"
        }
        Some("700016") => "the client id is of no application of that tenant; check both",
        Some("90002") => "the tenant in MicrosoftAuthority does not exist",
        Some("50194") => "the application is for one tenant: set MicrosoftAuthority to that tenant",
        _ => "look the number up at Microsoft Learn, \"error codes\"",
    };
    match number {
        Some(number) => findings.wrong(WHAT, format!("Microsoft says AADSTS{number}"), advice),
        None if status.is_success() || status.is_redirection() => {
            findings.well(WHAT, "Microsoft shows its sign-in page");
        }
        None => findings.add(
            WHAT,
            Verdict::Wrong,
            format!("Microsoft answers {}", status.as_u16()),
            "check client id, redirect URI and MicrosoftAuthority",
        ),
    }
}

/// The number of an error on the page.
fn aadsts(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once("AADSTS")?;
    let end = rest.find(|letter: char| !letter.is_ascii_digit());
    let number = &rest[..end.unwrap_or(rest.len())];
    (!number.is_empty()).then_some(number)
}
