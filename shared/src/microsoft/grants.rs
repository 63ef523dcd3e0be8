//! The grants that staff gave: opened for use, refreshed before their access tokens
//! end, and marked when Microsoft wants their owner to sign in again.
//!
//! One function refreshes a grant at a time (Microsoft Learn, "Refresh tokens in the
//! Microsoft identity platform": each use gives a new token, which replaces the old).
//! Whoever wants to writes a lease into the row, over the version that was read; the
//! others use the old token while it lasts, or wait for the new one. New tokens are
//! stored before they are used, so that a crash costs a refresh and never a grant.

use std::time::Duration;

use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};

use super::error::MicrosoftError;
use super::identity::{SignIn, Tokens};
use super::seal::Vault;
use crate::aws::Aws;
use crate::clock::Turn;
use crate::config::{SettingError, Settings};
use crate::ids::UserId;
use crate::store::{Connection, Connections, StoreError};

/// A token is refreshed this long before it ends.
const REFRESH_AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// A token that lasts this much longer serves the request at hand.
const ENOUGH: SignedDuration = SignedDuration::from_secs(30);

/// How long a refresh has before others take it for cut off: a call's time limit, and
/// that of storing what it gave.
const LEASE: SignedDuration = SignedDuration::from_secs(4);

/// How long to wait before looking again whether somebody else is done.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// How soon a token that Graph refuses is refreshed for that once more. When a new one
/// is refused, too, the reason lies elsewhere, and asking at every request would only
/// add to it.
const REFUSED_AGAIN: SignedDuration = SignedDuration::from_mins(5);

/// The grants of all staff.
pub(super) struct Grants {
    pub(super) connections: Connections,
    pub(super) vault: Vault,
    pub(super) sign_in: SignIn,
}

/// The connection, if it is there and can be used.
pub fn live(connection: Option<Connection>) -> Result<Connection, MicrosoftError> {
    let connection = connection.ok_or(MicrosoftError::NotConnected)?;
    if connection.needs_reconnect {
        return Err(MicrosoftError::NeedsReconnect("marked".to_owned()));
    }
    Ok(connection)
}

impl Grants {
    /// Uses the settings of [`Connections`], the token keys and [`SignIn`].
    pub(super) fn new(
        settings: &Settings,
        aws: &Aws,
        http: &reqwest::Client,
    ) -> Result<Self, SettingError> {
        Ok(Self {
            connections: Connections::new(settings, aws)?,
            vault: Vault::new(settings, aws)?,
            sign_in: SignIn::new(settings, aws, http)?,
        })
    }

    /// A connection and an access token for it that lasts.
    pub(super) async fn usable(
        &self,
        connection: Connection,
        turn: &Turn,
    ) -> Result<(Connection, SecretString), MicrosoftError> {
        let lasts = turn.now.duration_until(connection.expires_at);
        if lasts > REFRESH_AHEAD {
            let token = self.access_token(&connection).await?;
            let connection = self.sealed_anew(connection, turn).await?;
            return Ok((connection, token));
        }
        let is_enough = lasts > ENOUGH;
        if is_enough && connection.is_leased(turn.at()) {
            let token = self.access_token(&connection).await?;
            return Ok((connection, token));
        }
        match self.renew(&connection, turn).await {
            // While the old token lasts, a passing failure is no reason to refuse.
            Err(error) if error.outcome_unknown() && is_enough => {
                tracing::warn!(%error, "kept the old access token");
                let token = self.access_token(&connection).await?;
                Ok((connection, token))
            }
            renewed => renewed,
        }
    }

    /// An access token in place of one that Graph refused.
    pub(super) async fn in_place_of(
        &self,
        refused: &SecretString,
        user: &UserId,
        turn: &Turn,
    ) -> Result<SecretString, MicrosoftError> {
        let connection = self.live(user).await?;
        let token = self.access_token(&connection).await?;
        if token.expose_secret() != refused.expose_secret() {
            return Ok(token);
        }
        let before = connection.refused_at;
        if before.is_some_and(|before| before.duration_until(turn.now) < REFUSED_AGAIN) {
            return Err(MicrosoftError::NeedsReconnect("token_refused".to_owned()));
        }
        let refused = Connection {
            refused_at: Some(turn.now),
            ..connection
        };
        let (_, token) = self.renew(&refused, turn).await?;
        Ok(token)
    }

    /// Notes that Microsoft wants the owner to sign in again. Nothing is deleted.
    pub(super) async fn mark(&self, user: &UserId, turn: &Turn) -> Result<(), MicrosoftError> {
        let before = self.live(user).await?;
        self.mark_row(&before, turn).await
    }

    /// A new access token, by whoever gets to refresh it.
    async fn renew(
        &self,
        before: &Connection,
        turn: &Turn,
    ) -> Result<(Connection, SecretString), MicrosoftError> {
        let mut row = before.clone();
        loop {
            if !row.is_leased(turn.at()) {
                let mut leased = row.next(turn.now);
                leased.refused_at = before.refused_at;
                leased.leased_until = turn.at().checked_add(LEASE).ok();
                match self.connections.put(&leased).await {
                    Ok(()) => return self.refresh(&leased, turn).await,
                    Err(StoreError::Changed) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            if turn.patience(LOOK_AGAIN) < LOOK_AGAIN {
                return Err(MicrosoftError::TimedOut);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
            row = self.live(&before.user_id).await?;
            if row.access_token != before.access_token {
                let token = self.access_token(&row).await?;
                return Ok((row, token));
            }
        }
    }

    /// Refreshes a grant whose lease is ours.
    async fn refresh(
        &self,
        leased: &Connection,
        turn: &Turn,
    ) -> Result<(Connection, SecretString), MicrosoftError> {
        let user = &leased.user_id;
        let refresh_token = self.vault.open(&leased.refresh_token, user).await?;
        match self
            .sign_in
            .refresh(&refresh_token, &leased.scopes, turn)
            .await
        {
            Ok(tokens) => self.keep(leased, &tokens, turn).await,
            Err(MicrosoftError::NeedsReconnect(code)) => {
                // The token may be refused only because somebody else renewed it.
                if let Some(winner) = self.renewed_meanwhile(leased).await? {
                    return Ok(winner);
                }
                self.mark_row(leased, turn).await?;
                Err(MicrosoftError::NeedsReconnect(code))
            }
            Err(error) => {
                self.release(leased, turn).await;
                Err(error)
            }
        }
    }

    /// Stores new tokens before they are used. The first to store wins.
    async fn keep(
        &self,
        leased: &Connection,
        tokens: &Tokens,
        turn: &Turn,
    ) -> Result<(Connection, SecretString), MicrosoftError> {
        let user = &leased.user_id;
        let mut next = leased.next(turn.now);
        next.access_token = self.vault.seal(&tokens.access_token, user).await?;
        next.refresh_token = match &tokens.refresh_token {
            Some(token) => self.vault.seal(token, user).await?,
            None => self.vault.seal_anew(&leased.refresh_token, user).await?,
        };
        next.expires_at = tokens.expires_at;
        match self.connections.put(&next).await {
            Ok(()) => Ok((next, tokens.access_token.clone())),
            Err(StoreError::Changed) => {
                let winner = self.renewed_meanwhile(leased).await?;
                winner.ok_or(MicrosoftError::NotConnected)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Lets others try. When that fails, the lease lapses by itself.
    async fn release(&self, leased: &Connection, turn: &Turn) {
        if let Err(error) = self.connections.put(&leased.next(turn.now)).await {
            tracing::warn!(user_id = %leased.user_id, %error, "lease left to lapse");
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
        let token = self.access_token(&now).await?;
        Ok(Some((now, token)))
    }

    /// The connection as it is now, if it can be used.
    pub(super) async fn live(&self, user: &UserId) -> Result<Connection, MicrosoftError> {
        live(self.connections.get(user).await?)
    }

    async fn access_token(&self, connection: &Connection) -> Result<SecretString, MicrosoftError> {
        let user = &connection.user_id;
        self.vault.open(&connection.access_token, user).await
    }

    /// The connection with its tokens sealed by the current key, so that an old key can
    /// be taken away once all connections were used.
    async fn sealed_anew(
        &self,
        connection: Connection,
        turn: &Turn,
    ) -> Result<Connection, MicrosoftError> {
        let is_current = self.vault.is_current(&connection.refresh_token).await?
            && self.vault.is_current(&connection.access_token).await?;
        if is_current || connection.is_leased(turn.at()) {
            return Ok(connection);
        }
        let user = &connection.user_id;
        let mut next = connection.next(turn.now);
        next.access_token = self.vault.seal_anew(&connection.access_token, user).await?;
        next.refresh_token = self
            .vault
            .seal_anew(&connection.refresh_token, user)
            .await?;
        match self.connections.put(&next).await {
            Ok(()) => Ok(next),
            Err(error) => {
                // The next use tries again.
                tracing::warn!(user_id = %user, %error, "tokens left under the old key");
                Ok(connection)
            }
        }
    }

    async fn mark_row(&self, before: &Connection, turn: &Turn) -> Result<(), MicrosoftError> {
        let mut marked = before.next(turn.now);
        marked.needs_reconnect = true;
        match self.connections.put(&marked).await {
            Ok(()) | Err(StoreError::Changed) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
