//! Connected accounts: a grant is stored once, and only its owner's disconnect removes
//! it.

use super::error::MicrosoftError;
use super::grants::Grants;
use super::graph::{Graph, Session};
use super::id_token::Identity;
use super::identity::{SignIn, Tokens};
use crate::aws::Aws;
use crate::clock::Turn;
use crate::config::{SettingError, Settings};
use crate::ids::UserId;
use crate::store::{Connection, Mailbox, StoreError};

/// The connected accounts of all staff.
pub struct Accounts {
    grants: Grants,
    graph: Graph,
}

impl Accounts {
    /// Uses `CONNECTIONS_TABLE`, `TOKEN_KEYS_SECRET` and the settings of [`SignIn`] and
    /// [`Graph`].
    pub fn new(
        settings: &Settings,
        aws: &Aws,
        http: &reqwest::Client,
    ) -> Result<Self, SettingError> {
        Ok(Self {
            grants: Grants::new(settings, aws, http)?,
            graph: Graph::new(settings, http)?,
        })
    }

    /// Where staff sign in.
    pub fn sign_in(&self) -> &SignIn {
        &self.grants.sign_in
    }

    /// Stores what a sign-in gave, in place of an earlier connection.
    pub async fn connect(
        &self,
        user: &UserId,
        identity: Identity,
        tokens: &Tokens,
        turn: &Turn,
    ) -> Result<Connection, MicrosoftError> {
        let Some(refresh_token) = &tokens.refresh_token else {
            return Err(MicrosoftError::Operator {
                code: "no_refresh_token".to_owned(),
            });
        };
        let session = self.graph.session(user, tokens.access_token.clone(), None);
        let mailbox = session.mailbox(turn).await?;
        let before = self.grants.connections.get(user).await?;
        let connection = Connection {
            user_id: user.clone(),
            version: before.as_ref().map_or(0, |before| before.version) + 1,
            tenant_id: identity.tenant_id,
            object_id: identity.object_id,
            email: identity.email,
            name: identity.name,
            scopes: tokens.scopes.clone(),
            access_token: self.grants.vault.seal(&tokens.access_token, user).await?,
            refresh_token: self.grants.vault.seal(refresh_token, user).await?,
            expires_at: tokens.expires_at,
            mailbox,
            needs_reconnect: false,
            leased_until: None,
            refused_at: None,
            created_at: before.map_or(turn.now, |before| before.created_at),
            updated_at: turn.now,
        };
        self.grants.connections.put(&connection).await?;
        Ok(connection)
    }

    /// The stored connection, whatever its state.
    pub async fn find(&self, user: &UserId) -> Result<Option<Connection>, MicrosoftError> {
        Ok(self.grants.connections.get(user).await?)
    }

    /// Forgets the tokens. Whether there were any.
    pub async fn disconnect(&self, user: &UserId) -> Result<bool, MicrosoftError> {
        Ok(self.grants.connections.delete(user).await?)
    }

    /// The calendar of a staff member, ready for use.
    pub async fn open(
        &self,
        user: &UserId,
        turn: &Turn,
    ) -> Result<(Connection, Session<'_>), MicrosoftError> {
        let connection = self.grants.live(user).await?;
        let (connection, token) = self.grants.usable(connection, turn).await?;
        let session = self.graph.session(user, token, Some(&self.grants));
        Ok((connection, session))
    }

    /// Takes over what the mailbox says now.
    pub async fn remember_mailbox(
        &self,
        connection: Connection,
        mailbox: Mailbox,
        turn: &Turn,
    ) -> Result<Connection, MicrosoftError> {
        if connection.mailbox == mailbox {
            return Ok(connection);
        }
        let mut next = connection.next(turn.now);
        // A refresh that is under way is not ours to end.
        next.leased_until = connection.leased_until;
        next.mailbox = mailbox;
        match self.grants.connections.put(&next).await {
            // Somebody refreshed meanwhile; what they stored serves until next time.
            Ok(()) | Err(StoreError::Changed) => Ok(next),
            Err(error) => Err(error.into()),
        }
    }

    /// Fetches ahead what the first request needs.
    pub async fn warm(&self) {
        tokio::join!(
            self.grants.vault.warm(),
            self.grants.sign_in.warm(),
            self.grants.connections.reachable()
        );
    }
}
