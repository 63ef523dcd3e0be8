//! How an application proves itself at the token endpoint: its secret in the
//! form or in a Basic header (RFC 6749 §2.3.1).

use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::percent_decode_str;
use subtle::ConstantTimeEq;

use super::{parameters::Parameters, token_error::TokenError};
use crate::microsoft::{options::Client, simulator::Microsoft};

/// The application that is calling.
pub(super) fn authenticate_client<'a>(
    microsoft: &'a Microsoft,
    headers: &HeaderMap,
    form: &Parameters,
) -> Result<&'a Client, TokenError> {
    let basic = basic(headers)?;
    let form_id = form.get("client_id").map(str::to_owned);
    let form_secret = form.get("client_secret").map(str::to_owned);
    let (client_id, secret) = match basic {
        Some((id, _)) if form_id.as_ref().is_some_and(|form_id| *form_id != id) => {
            let message = "The client identifiers in header and body differ.";
            return Err(TokenError::invalid_request(90_024, message));
        }
        Some((id, secret)) => (id, Some(secret)),
        None => {
            let id = form_id.ok_or_else(|| TokenError::missing("client_id"))?;
            (id, form_secret)
        }
    };
    let client = microsoft
        .client(&client_id)
        .ok_or_else(|| TokenError::unauthorized_client(&client_id))?;
    let secret = secret.ok_or_else(|| {
        let message = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
        TokenError::invalid_client(7_000_218, message)
    })?;
    if !bool::from(secret.as_bytes().ct_eq(client.client_secret.as_bytes())) {
        let message = "Invalid client secret provided.";
        return Err(TokenError::invalid_client(7_000_215, message));
    }
    Ok(client)
}

fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, TokenError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let malformed = || {
        let message = "The authorization header is not a valid Basic credential.";
        TokenError::invalid_client(7_000_218, message)
    };
    let text = value.to_str().map_err(|_| malformed())?;
    let (scheme, encoded) = text.split_once(' ').ok_or_else(malformed)?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return Err(malformed());
    }
    let decoded = STANDARD.decode(encoded.trim()).map_err(|_| malformed())?;
    let decoded = String::from_utf8(decoded).map_err(|_| malformed())?;
    let (id, secret) = decoded.split_once(':').ok_or_else(malformed)?;
    Ok(Some((form_decoded(id), form_decoded(secret))))
}

/// Both halves are form-encoded before they are joined.
fn form_decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}
