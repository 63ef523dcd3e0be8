//! The addresses of the login authority, each behind the gate.

use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{MethodRouter, get, post},
};

use super::{admin_consent, authorize, discovery, parameters::Parameters, token};
use crate::microsoft::{
    gate::gate, operation::Operation, records::fingerprint, simulator::Microsoft,
};

/// `/{tenant}/…`.
pub(crate) fn routes(microsoft: &Microsoft) -> Router {
    let behind_gate = |operation: Operation, route: MethodRouter<Microsoft>| {
        route.layer(from_fn_with_state((microsoft.clone(), operation), gate))
    };
    let sign_in = behind_gate(Operation::AuthorizePage, get(authorize::show))
        .merge(behind_gate(Operation::Authorize, post(authorize::choose)));
    let approval = behind_gate(Operation::AdminConsentPage, get(admin_consent::show)).merge(
        behind_gate(Operation::AdminConsent, post(admin_consent::decide)),
    );
    Router::new()
        .route("/{tenant}/v2.0/adminconsent", approval)
        .route("/{tenant}/oauth2/v2.0/authorize", sign_in)
        .route(
            "/{tenant}/oauth2/v2.0/token",
            behind_gate(Operation::Token, post(token::token)),
        )
        .route(
            "/{tenant}/v2.0/.well-known/openid-configuration",
            behind_gate(Operation::Discovery, get(discovery::configuration)),
        )
        .route(
            "/{tenant}/discovery/v2.0/keys",
            behind_gate(Operation::Keys, get(discovery::keys)),
        )
        .with_state(microsoft.clone())
}

/// Whom a form posted to the login authority is about, for faults and counts.
pub(crate) fn account_of_form(
    microsoft: &Microsoft,
    operation: Operation,
    form: &[u8],
) -> Option<String> {
    let form = Parameters::decode(form);
    match operation {
        Operation::Authorize => {
            let account = microsoft.account(form.get("account")?)?;
            Some(account.email.clone())
        }
        Operation::Token => microsoft.store().read(|state| {
            let code = form.get("code").map(fingerprint);
            let by_code = code
                .and_then(|key| state.codes.get(&key))
                .map(|code| &code.grant);
            let token = form.get("refresh_token").map(fingerprint);
            let by_token = token.and_then(|key| state.refresh_tokens.get(&key));
            by_code.or(by_token).map(|grant| grant.email.clone())
        }),
        _ => None,
    }
}
