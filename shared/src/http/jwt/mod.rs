//! Tokens with which signed-in staff prove themselves: JWTs (RFC 7519) of the one
//! OpenID Connect issuer that the access secret names.
//!
//! `token` holds the rules of what is accepted, `keys` reads which keys are good for
//! what, and `issuer` fetches the keys and keeps them. The algorithm of a token is that
//! of the issuer's key, never the choice of whoever sends it (RFC 8725 §3.1).

mod issuer;
mod keys;
mod token;

pub(super) use issuer::Issuer;
pub(super) use token::TokenError;
