//! The pages of the login authority: plain HTML without scripts, readable on a
//! phone. Everything that comes from a request is escaped.

use std::fmt::Write;

use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use shared::markup::escape;

use super::authorize_request::AuthorizeRequest;
use crate::microsoft::{
    options::{Account, Directory},
    sign_in::SignInError,
    simulator::Microsoft,
};

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
button span{display:block;color:var(--soft);font-size:.875rem}button.hinted{border-color:var(--lead)}button.cancel{text-align:center;margin-top:.75rem}button+button{margin-top:.5rem}\
label{display:block;margin:.75rem 0 0;font-size:.9rem}select{display:block;width:100%;min-height:2.75rem;font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.4rem .6rem}\
details{margin:1rem 0}summary{cursor:pointer;color:var(--lead)}";

/// The choice of account, with what the application asks for, and with how the
/// sign-in ends.
pub(super) fn sign_in(
    microsoft: &Microsoft,
    request: &AuthorizeRequest,
    tenant: &str,
    query: &str,
) -> Response {
    let is_hinted = |account: &Account| {
        let hint = request.login_hint.as_deref();
        hint.is_some_and(|hint| account.email.eq_ignore_ascii_case(hint))
    };
    let mut ordered: Vec<&Account> = microsoft.options().accounts.iter().collect();
    ordered.sort_by_key(|account| !is_hinted(account));

    let action = escape(&format!("/{tenant}/oauth2/v2.0/authorize?{query}"));
    let app = escape(&request.app_name);
    let mut main = format!(
        "<p class=soft>Simulated Microsoft sign-in</p><h1>Pick an account</h1>\
         <p>to continue to <strong>{app}</strong></p><form method=post action=\"{action}\">"
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
            "<button name=account value=\"{email}\"{class}{autofocus}>{name}<span>{email}</span></button>"
        );
    }
    main.push_str(&ending_choice());
    let _ = write!(main, "</form><h2>{app} would like to</h2>");
    main.push_str(&permissions(request));
    let _ = write!(
        main,
        "<form method=post action=\"{action}\">\
         <button class=cancel name=decision value=cancel>Cancel</button></form>"
    );
    answer(StatusCode::OK, "Sign in to your account", &main)
}

/// How the sign-in ends, whatever the account is set to.
fn ending_choice() -> String {
    let mut options = String::from(
        "<details><summary>Have it end differently</summary><label>How it ends\
         <select name=outcome><option value=\"\">As the account is set</option>\
         <option value=allowed>Allowed</option>\
         <option value=asks_consent>Asks for consent</option>\
         <option value=needs_approval>Needs an administrator</option>",
    );
    for error in SignInError::all() {
        // Writing to a string cannot fail.
        let _ = write!(
            options,
            "<option value={0}>Error {0}: {1}</option>",
            error.number,
            escape(error.meaning)
        );
    }
    options.push_str(
        "</select></label><label>Where an error shows<select name=place>\
         <option value=\"\">As usual</option><option value=page>On a page of Microsoft</option>\
         <option value=callback>On the way back</option>\
         <option value=token>When the code is redeemed</option></select></label></details>",
    );
    options
}

/// A person's first consent.
pub(super) fn consent(
    account: &Account,
    request: &AuthorizeRequest,
    tenant: &str,
    query: &str,
) -> Response {
    let action = escape(&format!("/{tenant}/oauth2/v2.0/authorize?{query}"));
    let main = format!(
        "<p class=soft>Simulated Microsoft sign-in</p><p>{email}</p>\
         <h1>Permissions requested</h1><p><strong>{app}</strong> would like to</p>{permissions}\
         <form method=post action=\"{action}\">\
         <input type=hidden name=account value=\"{email}\">\
         <input type=hidden name=outcome value=asks_consent>\
         <button class=cancel name=decision value=accept>Accept</button>\
         <button class=cancel name=decision value=cancel>Cancel</button></form>",
        email = escape(&account.email),
        app = escape(&request.app_name),
        permissions = permissions(request),
    );
    answer(StatusCode::OK, "Permissions requested", &main)
}

fn permissions(request: &AuthorizeRequest) -> String {
    let items = request.scopes.iter().map(|scope| escape(meaning(scope)));
    let items: Vec<String> = items.map(|meaning| format!("<li>{meaning}</li>")).collect();
    format!("<ul>{}</ul>", items.concat())
}

/// The administrator's approval.
pub(super) fn admin_consent(
    app_name: &str,
    directories: &[&Directory],
    tenant: &str,
    query: &str,
) -> Response {
    let action = escape(&format!("/{tenant}/v2.0/adminconsent?{query}"));
    let app = escape(app_name);
    let options: Vec<String> = directories
        .iter()
        .map(|directory| {
            format!(
                "<option value={}>{}</option>",
                directory.tenant_id,
                escape(&directory.display_name)
            )
        })
        .collect();
    let main = format!(
        "<p class=soft>Simulated Microsoft sign-in</p><h1>Permissions requested</h1>\
         <p>Accept for your organization? <strong>{app}</strong> will get access to the \
         calendars of everyone who signs in to it, without asking each of them to consent.</p>\
         <form method=post action=\"{action}\">\
         <label>Your organization<select name=directory>{options}</select></label>\
         <button class=cancel name=decision value=accept>Accept</button>\
         <button class=cancel name=decision value=cancel>Cancel</button></form>",
        options = options.concat(),
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
