//! The login authority: OAuth 2.0 authorization code flow of the Microsoft
//! identity platform v2.0 (Learn: v2-oauth2-auth-code-flow).

mod admin_consent;
mod authorize;
mod authorize_request;
mod callback_error;
mod client_authentication;
mod discovery;
mod id_token;
mod page;
mod parameters;
mod redeem;
mod routes;
mod scopes;
mod signing;
mod token;
mod token_error;

pub(super) use callback_error::CallbackError;
pub(super) use routes::{account_of_form, routes};
pub(super) use token_error::TokenError;
