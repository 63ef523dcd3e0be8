//! An authorization request, checked before anybody is asked to sign in.
//! Until client and redirect URI are known to belong together, nothing is ever
//! redirected (RFC 6749 §4.1.2.1); after that, errors go to the redirect URI.

use super::{callback_error::CallbackError, parameters::Parameters, scopes};
use crate::microsoft::{
    options::{Account, Client},
    records::Challenge,
    simulator::Microsoft,
};

/// A request that may be shown to a person.
#[derive(Clone, Debug)]
pub(super) struct AuthorizeRequest {
    /// The tenant segment of the path.
    pub authority: String,
    pub client_id: String,
    pub app_name: String,
    pub redirect_uri: String,
    pub scopes: Vec<String>,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub challenge: Option<Challenge>,
    pub login_hint: Option<String>,
}

/// Why a request is not shown.
#[derive(Debug)]
pub(super) enum Refusal {
    /// An error page; the redirect URI cannot be trusted.
    Page(u32, String),
    /// Back to the application.
    Redirect {
        redirect_uri: String,
        state: Option<String>,
        error: CallbackError,
    },
}

/// Parameters that may not be given twice with different values.
const SINGLE: &[&str] = &[
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
];

impl AuthorizeRequest {
    /// Checks everything that does not depend on who signs in.
    pub(super) fn check(
        microsoft: &Microsoft,
        tenant: &str,
        parameters: &Parameters,
    ) -> Result<Self, Refusal> {
        let (client, redirect_uri) = trusted_redirect(microsoft, tenant, parameters)
            .map_err(|(code, message)| Refusal::Page(code, message))?;
        let state = parameters.get("state").map(str::to_owned);

        let checked = check_rest(parameters).map_err(|error| Refusal::Redirect {
            redirect_uri: redirect_uri.clone(),
            state: state.clone(),
            error,
        })?;
        Ok(Self {
            authority: tenant.to_ascii_lowercase(),
            client_id: client.client_id.clone(),
            app_name: client.display_name.clone(),
            redirect_uri,
            scopes: checked.0,
            challenge: checked.1,
            state,
            nonce: parameters.get("nonce").map(str::to_owned),
            login_hint: parameters.get("login_hint").map(str::to_owned),
        })
    }
}

/// Whether the path names accounts of here: `organizations`, `common`, `consumers`,
/// or a directory by its id or domain.
pub(super) fn is_known_tenant(microsoft: &Microsoft, tenant: &str) -> bool {
    ["organizations", "common", "consumers"]
        .iter()
        .any(|name| tenant.eq_ignore_ascii_case(name))
        || microsoft.directory(tenant).is_some()
}

/// Whether an account may sign in under that path.
pub(super) fn lets_in(microsoft: &Microsoft, tenant: &str, account: &Account) -> bool {
    let Some(directory) = microsoft.directory_of(account) else {
        return false;
    };
    match tenant {
        "common" => true,
        "organizations" => !directory.is_personal,
        "consumers" => directory.is_personal,
        name => microsoft
            .directory(name)
            .is_some_and(|named| named.tenant_id == directory.tenant_id),
    }
}

/// The client with the redirect URI that the request may be answered at;
/// otherwise what an error page says.
pub(super) fn trusted_redirect<'a>(
    microsoft: &'a Microsoft,
    tenant: &str,
    parameters: &Parameters,
) -> Result<(&'a Client, String), (u32, String)> {
    if !is_known_tenant(microsoft, tenant) {
        return Err((90_002, format!("Tenant '{tenant}' not found.")));
    }
    if let Some(name) = parameters.contradiction(SINGLE) {
        let message = format!("The parameter '{name}' is given more than once.");
        return Err((9_000_411, message));
    }
    let Some(client_id) = parameters.get("client_id") else {
        let message = "The request must contain the parameter 'client_id'.";
        return Err((900_144, message.to_owned()));
    };
    let Some(client) = microsoft.client(client_id) else {
        let message = format!("Application with identifier '{client_id}' was not found.");
        return Err((700_016, message));
    };
    let given = parameters.get("redirect_uri").unwrap_or_default();
    if !client.redirect_uris.iter().any(|known| known == given) {
        let message = format!(
            "The redirect URI '{given}' does not match the redirect URIs of the application."
        );
        return Err((50_011, message));
    }
    Ok((client, given.to_owned()))
}

fn check_rest(parameters: &Parameters) -> Result<(Vec<String>, Option<Challenge>), CallbackError> {
    match parameters.get("response_type") {
        Some("code") => {}
        Some(_) => return Err(CallbackError::unsupported_response_type()),
        None => return Err(CallbackError::missing("response_type")),
    }
    if !matches!(parameters.get("response_mode"), None | Some("query")) {
        let message = "The simulator answers with response_mode=query only.";
        return Err(CallbackError::invalid_request(90_015, message));
    }
    let text = parameters
        .get("scope")
        .ok_or_else(|| CallbackError::missing("scope"))?;
    let scopes = scopes::parse(text).map_err(|unknown| {
        let message = format!("The scope '{unknown}' does not exist or may not be mixed.");
        CallbackError::invalid_request(70_011, message)
    })?;
    if parameters.get("prompt") == Some("none") {
        return Err(CallbackError::login_required());
    }
    Ok((scopes, challenge(parameters)?))
}

/// Without a method the challenge counts as plain (RFC 7636 §4.3, and Learn).
fn challenge(parameters: &Parameters) -> Result<Option<Challenge>, CallbackError> {
    let Some(value) = parameters.get("code_challenge") else {
        return match parameters.get("code_challenge_method") {
            None => Ok(None),
            Some(_) => Err(CallbackError::missing("code_challenge")),
        };
    };
    let well_formed = (43..=128).contains(&value.len())
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    match (parameters.get("code_challenge_method"), well_formed) {
        (Some("S256"), true) => Ok(Some(Challenge::S256(value.to_owned()))),
        (None | Some("plain"), true) => Ok(Some(Challenge::Plain(value.to_owned()))),
        (None | Some("plain" | "S256"), false) => {
            let message = "The code challenge must be 43 to 128 unreserved characters.";
            Err(CallbackError::invalid_request(501_491, message))
        }
        (Some(_), _) => {
            let message = "The code challenge method must be 'plain' or 'S256'.";
            Err(CallbackError::invalid_request(501_491, message))
        }
    }
}
