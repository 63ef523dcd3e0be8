//! From a sign-in to a connection: whose account it is, compared with the one that
//! was expected, before anything is stored.
//!
//! An account is `(tid, oid)`. Another one than the connected or the suggested one
//! is never taken without the person saying so: it is held, sealed, until they do.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::Accounts;
use super::error::MicrosoftError;
use super::id_token::Identity;
use super::identity::Tokens;
use crate::clock::Turn;
use crate::ids::UserId;
use crate::store::{Connection, StoreError};

/// How often a connection is stored over one that somebody else just renewed.
const ATTEMPTS: usize = 3;

/// A person who signed in, and what Microsoft gave them for us.
pub struct SignedIn {
    pub identity: Identity,
    pub tokens: Tokens,
}

/// Which account may be connected.
#[derive(Clone, Copy, Debug)]
pub enum Expected<'a> {
    /// The one that is connected; else the one that was suggested, if one was.
    Usual { login_hint: Option<&'a str> },
    /// The one that signed in: the person has confirmed it.
    Confirmed,
}

/// What became of a sign-in.
pub enum Connecting {
    Connected(Box<Connection>),
    /// Nothing is stored, since another account was expected.
    OtherAccount {
        expected: String,
        /// Whether that one is connected, or was only suggested.
        is_connected: bool,
    },
}

/// A sign-in as it is sealed.
#[derive(Serialize, Deserialize)]
struct Held {
    identity: Identity,
    access_token: String,
    refresh_token: Option<String>,
    expires_at: Timestamp,
    scopes: Vec<String>,
}

impl Accounts {
    /// Stores what a sign-in gave, if it is of the expected account.
    pub async fn connect(
        &self,
        user: &UserId,
        signed_in: &SignedIn,
        expected: Expected<'_>,
        turn: &Turn,
    ) -> Result<Connecting, MicrosoftError> {
        let SignedIn { identity, tokens } = signed_in;
        let Some(refresh_token) = &tokens.refresh_token else {
            return Err(MicrosoftError::Operator {
                code: "no_refresh_token".to_owned(),
            });
        };
        let mut before = self.grants.connections.get(user).await?;
        if let Some(expected) = other_account(before.as_ref(), expected, identity) {
            return Ok(Connecting::OtherAccount {
                expected,
                is_connected: before.is_some(),
            });
        }
        let session = self.graph.session(user, tokens.access_token.clone(), None);
        let mailbox = session.mailbox(turn).await?;
        let access_token = self.grants.vault.seal(&tokens.access_token, user).await?;
        let refresh_token = self.grants.vault.seal(refresh_token, user).await?;
        for _ in 0..ATTEMPTS {
            let connection = Connection {
                user_id: user.clone(),
                version: before.as_ref().map_or(0, |before| before.version) + 1,
                tenant_id: identity.tenant_id.clone(),
                object_id: identity.object_id.clone(),
                email: identity.email.clone(),
                name: identity.name.clone(),
                scopes: tokens.scopes.clone(),
                access_token: access_token.clone(),
                refresh_token: refresh_token.clone(),
                expires_at: tokens.expires_at,
                mailbox: mailbox.clone(),
                needs_reconnect: false,
                leased_until: None,
                refused_at: None,
                created_at: before.map_or(turn.now, |before| before.created_at),
                updated_at: turn.now,
            };
            match self.grants.connections.put(&connection).await {
                Ok(()) => return Ok(Connecting::Connected(Box::new(connection))),
                Err(StoreError::Changed) => before = self.grants.connections.get(user).await?,
                Err(error) => return Err(error.into()),
            }
            // What was stored meanwhile may be of another account.
            if let Some(expected) = other_account(before.as_ref(), expected, identity) {
                return Ok(Connecting::OtherAccount {
                    expected,
                    is_connected: before.is_some(),
                });
            }
        }
        Err(StoreError::Changed.into())
    }

    /// Seals a sign-in of `user`, to be kept until they have confirmed it.
    pub async fn seal(
        &self,
        user: &UserId,
        signed_in: &SignedIn,
    ) -> Result<String, MicrosoftError> {
        let SignedIn { identity, tokens } = signed_in;
        let held = Held {
            identity: identity.clone(),
            access_token: tokens.access_token.expose_secret().to_owned(),
            refresh_token: tokens
                .refresh_token
                .as_ref()
                .map(|token| token.expose_secret().to_owned()),
            expires_at: tokens.expires_at,
            scopes: tokens.scopes.clone(),
        };
        let text = serde_json::to_string(&held).map_err(|_| MicrosoftError::Sealing("sealed"))?;
        self.grants
            .vault
            .seal(&SecretString::from(text), user)
            .await
    }

    /// Opens what [`Accounts::seal`] sealed.
    pub async fn unseal(&self, user: &UserId, sealed: &str) -> Result<SignedIn, MicrosoftError> {
        let text = self.grants.vault.open(sealed, user).await?;
        let held: Held = serde_json::from_str(text.expose_secret())
            .map_err(|_| MicrosoftError::Sealing("opened"))?;
        Ok(SignedIn {
            identity: held.identity,
            tokens: Tokens::kept(
                held.access_token,
                held.refresh_token,
                held.expires_at,
                held.scopes,
            ),
        })
    }
}

/// The account that was expected, when another one signed in.
fn other_account(
    before: Option<&Connection>,
    expected: Expected<'_>,
    identity: &Identity,
) -> Option<String> {
    let Expected::Usual { login_hint } = expected else {
        return None;
    };
    let Some(before) = before else {
        let hint = login_hint.filter(|hint| !identity.username.eq_ignore_ascii_case(hint))?;
        return Some(hint.to_owned());
    };
    let same = (&before.tenant_id, &before.object_id) == (&identity.tenant_id, &identity.object_id);
    (!same).then(|| before.email.clone())
}
