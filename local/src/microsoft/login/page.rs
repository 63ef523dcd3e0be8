//! The pages of the login authority: plain HTML without scripts, readable on a
//! phone. Everything that comes from a request is escaped.

use std::fmt::Write;

use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use shared::http::pages::escape;

use super::authorize_request::AuthorizeRequest;
use crate::microsoft::options::Account;

/// Without `form-action`, which browsers also apply to the redirect that
/// follows the choice.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1b1b1f;--soft:#5b5f6a;--line:#d8dbe2;--card:#fff;--back:#eef1f6;--lead:#0b5cad}\
@media(prefers-color-scheme:dark){:root{--ink:#f0f1f4;--soft:#a9afbb;--line:#3a3f4a;--card:#1e2128;--back:#121419;--lead:#7ab8ff}}\
*{box-sizing:border-box}\
body{margin:0;min-height:100vh;display:flex;justify-content:center;align-items:flex-start;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,sans-serif;padding:1rem}\
main{width:100%;max-width:28rem;margin-top:6vh;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1.75rem;overflow-wrap:anywhere}\
h1{font-size:1.4rem;line-height:1.25;margin:.25rem 0 .5rem}h2{font-size:1rem;margin:1.5rem 0 .5rem}\
p{margin:.5rem 0}.soft{color:var(--soft);font-size:.9rem}ul{margin:.25rem 0;padding-left:1.2rem}\
form{margin:.5rem 0}button{width:100%;min-height:3.25rem;text-align:left;font:inherit;color:inherit;background:transparent;border:1px solid var(--line);border-radius:8px;padding:.6rem .9rem;cursor:pointer}\
button:hover,button:focus-visible{border-color:var(--lead);outline:2px solid var(--lead);outline-offset:1px}\
button span{display:block;color:var(--soft);font-size:.875rem}button.hinted{border-color:var(--lead)}button.cancel{text-align:center;margin-top:.75rem}";

/// The choice of account, with what the application asks for.
pub(super) fn sign_in(
    accounts: &[Account],
    request: &AuthorizeRequest,
    tenant: &str,
    query: &str,
) -> Response {
    let is_hinted = |account: &Account| {
        let hint = request.login_hint.as_deref();
        hint.is_some_and(|hint| account.email.eq_ignore_ascii_case(hint))
    };
    let mut ordered: Vec<&Account> = accounts.iter().collect();
    ordered.sort_by_key(|account| !is_hinted(account));

    let action = escape(&format!("/{tenant}/oauth2/v2.0/authorize?{query}"));
    let app = escape(&request.app_name);
    let mut main = format!(
        "<p class=soft>Simulated Microsoft sign-in</p><h1>Pick an account</h1>\
         <p>to continue to <strong>{app}</strong></p>"
    );
    for account in ordered {
        let (class, autofocus) = if is_hinted(account) {
            (" class=hinted", " autofocus")
        } else {
            ("", "")
        };
        let email = escape(&account.email);
        let name = escape(&account.display_name);
        // Writing to a string cannot fail.
        let _ = write!(
            main,
            "<form method=post action=\"{action}\">\
             <button name=account value=\"{email}\"{class}{autofocus}>{name}<span>{email}</span></button></form>"
        );
    }
    let _ = write!(main, "<h2>{app} would like to</h2><ul>");
    for scope in &request.scopes {
        let _ = write!(main, "<li>{}</li>", escape(meaning(scope)));
    }
    let _ = write!(
        main,
        "</ul><form method=post action=\"{action}\">\
         <button class=cancel name=decision value=cancel>Cancel</button></form>"
    );
    answer(StatusCode::OK, "Sign in to your account", &main)
}

/// The administrator's approval.
pub(super) fn admin_consent(app_name: &str, tenant: &str, query: &str) -> Response {
    let action = escape(&format!("/{tenant}/v2.0/adminconsent?{query}"));
    let app = escape(app_name);
    let main = format!(
        "<p class=soft>Simulated Microsoft sign-in</p><h1>Permissions requested</h1>\
         <p>Accept for your organization? <strong>{app}</strong> will get access to the \
         calendars of everyone who signs in to it, without asking each of them to consent.</p>\
         <form method=post action=\"{action}\">\
         <button class=cancel name=decision value=accept>Accept</button>\
         <button class=cancel name=decision value=cancel>Cancel</button></form>"
    );
    answer(StatusCode::OK, "Permissions requested", &main)
}

/// What went wrong when nothing may be redirected.
pub(super) fn error(code: u32, message: &str) -> Response {
    let main = format!(
        "<p class=soft>Simulated Microsoft sign-in</p><h1>Sorry, but we’re having trouble signing you in.</h1>\
         <p>AADSTS{code}: {}</p>",
        escape(message)
    );
    answer(StatusCode::BAD_REQUEST, "Sign-in error", &main)
}

fn answer(status: StatusCode, title: &str, main: &str) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    let page = format!(
        "<!DOCTYPE html><html lang=en><head><meta charset=utf-8>\
         <meta name=viewport content=\"width=device-width,initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head><body><main>{main}</main></body></html>"
    );
    (status, headers, Html(page)).into_response()
}

/// A permission in words, after the consent texts of Learn's permissions
/// reference.
fn meaning(scope: &str) -> &str {
    match scope {
        "openid" => "Sign you in",
        "profile" => "View your basic profile",
        "email" => "View your e-mail address",
        "offline_access" => "Keep access to what you have given it access to",
        "Calendars.Read" | "Calendars.ReadBasic" => "Read your calendars",
        "Calendars.ReadWrite" => "Have full access to your calendars",
        "MailboxSettings.Read" => "Read your mailbox settings",
        "MailboxSettings.ReadWrite" => "Read and write your mailbox settings",
        "User.Read" => "Read your profile",
        "Mail.Read" => "Read your mail",
        "Mail.Send" => "Send mail as you",
        other => other,
    }
}
