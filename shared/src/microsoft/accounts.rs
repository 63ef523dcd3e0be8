//! Connected accounts: a grant is stored once, its tokens are refreshed before
//! they end, and only its owner's disconnect removes it.

use jiff::SignedDuration;
use secrecy::SecretString;

use super::error::MicrosoftError;
use super::graph::{Graph, Session};
use super::identity::{SignIn, Tokens};
use super::seal::Vault;
use crate::aws::Aws;
use crate::clock::Turn;
use crate::config::{SettingError, Settings};
use crate::ids::UserId;
use crate::store::{Connection, Connections, Mailbox, StoreError};

/// A token is refreshed this long before it ends.
const REFRESH_AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// The connected accounts of all staff.
pub struct Accounts {
    pub(super) connections: Connections,
    pub(super) vault: Vault,
    sign_in: SignIn,
    pub(super) graph: Graph,
}

impl Accounts {
    /// Uses the settings of [`Connections`], the token keys, [`SignIn`] and
    /// [`Graph`].
    pub fn new(
        settings: &Settings,
        aws: &Aws,
        http: &reqwest::Client,
    ) -> Result<Self, SettingError> {
        Ok(Self {
            connections: Connections::new(settings, aws)?,
            vault: Vault::new(settings, aws)?,
            sign_in: SignIn::new(settings, aws, http)?,
            graph: Graph::new(settings, http)?,
        })
    }

    /// Where staff sign in.
    pub fn sign_in(&self) -> &SignIn {
        &self.sign_in
    }

    /// The stored connection, whatever its state.
    pub async fn find(&self, user: &UserId) -> Result<Option<Connection>, MicrosoftError> {
        Ok(self.connections.get(user).await?)
    }

    /// Forgets the tokens. Whether there were any.
    pub async fn disconnect(&self, user: &UserId) -> Result<bool, MicrosoftError> {
        Ok(self.connections.delete(user).await?)
    }

    /// The calendar of a staff member, ready for use.
    pub async fn open(
        &self,
        user: &UserId,
        turn: &Turn,
    ) -> Result<(Connection, Session), MicrosoftError> {
        let connection = self.connections.get(user).await?;
        let connection = connection.ok_or(MicrosoftError::NotConnected)?;
        if connection.needs_reconnect {
            return Err(MicrosoftError::NeedsReconnect("marked".to_owned()));
        }
        let (connection, token) = self.usable(connection, turn).await?;
        Ok((connection, self.graph.session(token)))
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
        let next = Connection {
            version: connection.version + 1,
            mailbox,
            updated_at: turn.now,
            ..connection
        };
        match self.connections.put(&next).await {
            // Somebody refreshed meanwhile; what they stored serves until next time.
            Ok(()) | Err(StoreError::Changed) => Ok(next),
            Err(error) => Err(error.into()),
        }
    }

    /// Fetches ahead what the first request needs.
    pub async fn warm(&self) {
        tokio::join!(
            self.vault.warm(),
            self.sign_in.warm(),
            self.connections.reachable()
        );
    }

    async fn usable(
        &self,
        connection: Connection,
        turn: &Turn,
    ) -> Result<(Connection, SecretString), MicrosoftError> {
        let user = connection.user_id.clone();
        let lasts = turn.now.duration_until(connection.expires_at);
        if lasts > REFRESH_AHEAD {
            let token = self.vault.open(&connection.access_token, &user).await?;
            return Ok((connection, token));
        }
        match self.refresh(&connection, turn).await {
            Ok(refreshed) => Ok(refreshed),
            // While the old token lasts, a passing failure is no reason to refuse.
            Err(error) if error.outcome_unknown() && lasts > SignedDuration::from_secs(30) => {
                tracing::warn!(%error, "kept the old access token");
                let token = self.vault.open(&connection.access_token, &user).await?;
                Ok((connection, token))
            }
            Err(error) => Err(error),
        }
    }

    async fn refresh(
        &self,
        before: &Connection,
        turn: &Turn,
    ) -> Result<(Connection, SecretString), MicrosoftError> {
        let user = &before.user_id;
        let refresh_token = self.vault.open(&before.refresh_token, user).await?;
        match self.sign_in.refresh(&refresh_token, turn).await {
            Ok(tokens) => self.keep(before, &tokens, turn).await,
            Err(MicrosoftError::NeedsReconnect(code)) => {
                // The token may be refused only because somebody else renewed it.
                if let Some(winner) = self.renewed_meanwhile(before).await? {
                    return Ok(winner);
                }
                self.mark(before, turn).await?;
                Err(MicrosoftError::NeedsReconnect(code))
            }
            Err(error) => Err(error),
        }
    }

    /// Stores new tokens before they are used. The first to store wins.
    async fn keep(
        &self,
        before: &Connection,
        tokens: &Tokens,
        turn: &Turn,
    ) -> Result<(Connection, SecretString), MicrosoftError> {
        let user = &before.user_id;
        let mut next = before.clone();
        next.version += 1;
        next.access_token = self.vault.seal(&tokens.access_token, user).await?;
        if let Some(token) = &tokens.refresh_token {
            next.refresh_token = self.vault.seal(token, user).await?;
        }
        next.expires_at = tokens.expires_at;
        next.updated_at = turn.now;
        match self.connections.put(&next).await {
            Ok(()) => Ok((next, tokens.access_token.clone())),
            Err(StoreError::Changed) => {
                let winner = self.renewed_meanwhile(before).await?;
                winner.ok_or(MicrosoftError::NotConnected)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn renewed_meanwhile(
        &self,
        before: &Connection,
    ) -> Result<Option<(Connection, SecretString)>, MicrosoftError> {
        let Some(now) = self.connections.get(&before.user_id).await? else {
            return Ok(None);
        };
        if now.access_token == before.access_token || now.needs_reconnect {
            return Ok(None);
        }
        let token = self.vault.open(&now.access_token, &now.user_id).await?;
        Ok(Some((now, token)))
    }

    async fn mark(&self, before: &Connection, turn: &Turn) -> Result<(), MicrosoftError> {
        let marked = Connection {
            version: before.version + 1,
            needs_reconnect: true,
            updated_at: turn.now,
            ..before.clone()
        };
        match self.connections.put(&marked).await {
            Ok(()) | Err(StoreError::Changed) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
