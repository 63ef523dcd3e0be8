//! Whether a code or a refresh token is still good, as pure decisions over the
//! state (Learn: v2-oauth2-auth-code-flow, refresh-tokens, reference-error-codes).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{parameters::Parameters, scopes, token_error::TokenError};
use crate::microsoft::{
    options::Client,
    records::{Challenge, Code, Grant},
    sign_in::SignInError,
    state::State,
};

/// The request's circumstances.
pub(super) struct Circumstances<'a> {
    pub client: &'a Client,
    pub authority: &'a str,
    pub form: &'a Parameters,
    pub now: Timestamp,
}

impl Circumstances<'_> {
    /// The code of this fingerprint, if it may be redeemed now.
    pub(super) fn code<'s>(&self, state: &'s State, key: &str) -> Result<&'s Code, TokenError> {
        let code = state.codes.get(key).ok_or_else(|| {
            let message = "The provided value for the input parameter 'code' is not valid.";
            TokenError::invalid_grant(70_000, message)
        })?;
        if code.grant.client_id != self.client.client_id {
            let message = "The code was issued to another application.";
            return Err(TokenError::invalid_grant(70_000, message));
        }
        if !code.authority.eq_ignore_ascii_case(self.authority) {
            let message = "The code is intended for use against another tenant.";
            return Err(TokenError::invalid_grant(700_005, message));
        }
        if code.redeemed {
            let message = "OAuth2 Authorization code was already redeemed, please retry with a new valid code.";
            return Err(TokenError::invalid_grant(54_005, message));
        }
        if code.grant.expires <= self.now {
            let message = "The provided authorization code has expired.";
            return Err(TokenError::invalid_grant(70_008, message));
        }
        check_current(state, &code.grant)?;
        self.redirect_uri(code)?;
        self.verifier(code)?;
        match code.refused.and_then(SignInError::of) {
            Some(error) => Err(TokenError::of(&error)),
            None => Ok(code),
        }
    }

    /// The grant behind a refresh token of this fingerprint.
    pub(super) fn refresh_token<'s>(
        &self,
        state: &'s State,
        key: &str,
    ) -> Result<&'s Grant, TokenError> {
        let grant = state.refresh_tokens.get(key).ok_or_else(|| {
            let message = "The provided refresh token is malformed or not valid.";
            TokenError::invalid_grant(9_002_313, message)
        })?;
        if grant.client_id != self.client.client_id {
            let message = "The refresh token was issued to another application.";
            return Err(TokenError::invalid_grant(70_000, message));
        }
        if grant.expires <= self.now {
            let message = "The refresh token has expired due to inactivity.";
            return Err(TokenError::invalid_grant(700_082, message));
        }
        check_current(state, grant)?;
        Ok(grant)
    }

    /// The scopes to issue: all that were granted, or the part asked for.
    pub(super) fn scopes(&self, granted: &[String]) -> Result<Vec<String>, TokenError> {
        let Some(text) = self.form.get("scope") else {
            return Ok(granted.to_vec());
        };
        let asked = scopes::parse(text).map_err(|scope| TokenError::invalid_scope(&scope))?;
        if let Some(missing) = asked.iter().find(|scope| !granted.contains(scope)) {
            let message = format!("The user has not consented to '{missing}'.");
            return Err(TokenError::invalid_grant(65_001, &message));
        }
        Ok(asked)
    }

    fn redirect_uri(&self, code: &Code) -> Result<(), TokenError> {
        match self.form.get("redirect_uri") {
            None => Err(TokenError::missing("redirect_uri")),
            Some(given) if given == code.redirect_uri => Ok(()),
            Some(_) => {
                let message =
                    "The reply address does not match the one of the authorization request.";
                Err(TokenError::invalid_request(50_011, message))
            }
        }
    }

    fn verifier(&self, code: &Code) -> Result<(), TokenError> {
        let verifier = self.form.get("code_verifier");
        let proven = match (&code.challenge, verifier) {
            (None, None) => true,
            (Some(Challenge::Plain(challenge)), Some(verifier)) => {
                bool::from(verifier.as_bytes().ct_eq(challenge.as_bytes()))
            }
            (Some(Challenge::S256(challenge)), Some(verifier)) => {
                let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
                bool::from(digest.as_bytes().ct_eq(challenge.as_bytes()))
            }
            (None, Some(_)) | (Some(_), None) => false,
        };
        if proven {
            return Ok(());
        }
        let message = "The Code_Verifier does not match the code_challenge supplied in the authorization request.";
        Err(TokenError::invalid_grant(501_481, message))
    }
}

/// Revocation ends what was issued before it.
fn check_current(state: &State, grant: &Grant) -> Result<(), TokenError> {
    if state.is_current(grant) {
        return Ok(());
    }
    let message =
        "The provided grant has expired due to it being revoked, a fresh auth token is needed.";
    Err(TokenError::invalid_grant(50_173, message))
}
