//! Connected accounts: a grant is stored once, and only its owner's disconnect removes
//! it.

use super::error::MicrosoftError;
use super::grants::Grants;
use super::graph::{Graph, Session};
use super::identity::SignIn;
use crate::aws::Aws;
use crate::clock::Turn;
use crate::config::{SettingError, Settings};
use crate::ids::UserId;
use crate::store::{Connection, Mailbox, StoreError};

/// The connected accounts of all staff.
pub struct Accounts {
    pub(super) grants: Grants,
    pub(super) graph: Graph,
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

    /// The stored connection, whatever its state.
    pub async fn find(&self, user: &UserId) -> Result<Option<Connection>, MicrosoftError> {
        Ok(self.grants.connections.get(user).await?)
    }

    /// The connection of a staff member, if it can be used.
    pub async fn connected(&self, user: &UserId) -> Result<Connection, MicrosoftError> {
        self.grants.live(user).await
    }

    /// Forgets the tokens. Whether there were any.
    pub async fn disconnect(&self, user: &UserId) -> Result<bool, MicrosoftError> {
        Ok(self.grants.connections.delete(user).await?)
    }

    /// The calendar of a connected staff member, ready for use.
    pub async fn open(
        &self,
        connection: Connection,
        turn: &Turn,
    ) -> Result<(Connection, Session<'_>), MicrosoftError> {
        let (connection, token) = self.grants.usable(connection, turn).await?;
        let session = self
            .graph
            .session(&connection.user_id, token, Some(&self.grants));
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

    /// Fetches ahead what the first request needs: the keys that open tokens. Only a
    /// refresh needs what Microsoft knows us by, which is once an hour.
    pub async fn warm(&self) {
        self.grants.vault.warm().await;
    }
}
