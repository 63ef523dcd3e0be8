//! `GET /calendar/auth/status` and `DELETE /calendar/auth/disconnect`.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use serde::Serialize;
use serde_json::json;
use shared::aws::Aws;
use shared::clock::Turn;
use shared::config::{Settings, StartError};
use shared::http::{Access, ApiRequest, ConnectLink, Function, HttpError, Response, Routes, ok};
use shared::https;
use shared::ids::UserId;
use shared::microsoft::{self, Accounts};
use shared::store::Connection;

/// How long the link in a status can be opened.
const LINK_LASTS: SignedDuration = SignedDuration::from_mins(10);

/// Where a person sees their calendar.
const CALENDAR_LINK: &str = "https://outlook.office.com/calendar";

/// The function for the state of a connection.
pub struct OAuthStatus {
    access: Access,
    accounts: Accounts,
    base: String,
    deadline: Duration,
}

impl Function for OAuthStatus {
    const NAME: &'static str = "OAuthStatus";

    fn start(settings: &Settings) -> Result<Self, StartError> {
        let http = https::client()?;
        let aws = Aws::new(settings, &http);
        Ok(Self {
            access: Access::new(settings, &aws)?,
            accounts: Accounts::new(settings, &aws, &http)?,
            base: settings.base_url("PUBLIC_BASE_URL", None)?,
            deadline: settings.milliseconds("READ_DEADLINE_MS", 4000)?,
        })
    }

    async fn warm(&self) {
        tokio::join!(self.access.warm(), self.accounts.warm());
    }

    fn routes() -> Routes<Self> {
        Routes::new()
            .on("GET /calendar/auth/status", status)
            .on("DELETE /calendar/auth/disconnect", disconnect)
    }
}

#[derive(Default, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the fields that the front end reads"
)]
struct Status {
    user_id: String,
    authorized: bool,
    token_valid: bool,
    provider: &'static str,
    calendar_email: Option<String>,
    calendar_name: Option<String>,
    calendar_id: Option<String>,
    calendar_link: Option<&'static str>,
    /// Only after the calendar was read just now.
    calendar_verified: bool,
    calendar_error: Option<String>,
    needs_reconnect: bool,
    scopes: Vec<String>,
    time_zone: Option<String>,
    expires_at: Option<String>,
    expires_at_formatted: Option<String>,
    created_at: Option<String>,
    authorization_url: String,
    message: &'static str,
}

async fn status(function: Arc<OAuthStatus>, request: ApiRequest) -> Result<Response, HttpError> {
    let user = function.access.user(&request).await?;
    let turn = request.turn(function.deadline);
    let mut status = Status {
        user_id: user.to_string(),
        provider: "microsoft",
        authorization_url: function.link(&user, &turn).await?,
        message: "No calendar is connected.",
        ..Status::default()
    };
    if let Some(connection) = function.accounts.find(&user).await? {
        status.describe(&connection, &turn);
        if request.query("verify") != Some("false") && !connection.needs_reconnect {
            function.verify(&mut status, &user, &turn).await?;
        }
    }
    ok(&status)
}

async fn disconnect(
    function: Arc<OAuthStatus>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let user = function.access.user(&request).await?;
    let was_connected = function.accounts.disconnect(&user).await?;
    let message = if was_connected {
        "The calendar is disconnected. Viewings that were booked stay in it."
    } else {
        "No calendar was connected."
    };
    ok(&json!({"success": true, "message": message}))
}

impl OAuthStatus {
    async fn link(&self, user: &UserId, turn: &Turn) -> Result<String, HttpError> {
        let expires_at = turn.now.checked_add(LINK_LASTS);
        let link = ConnectLink::to_connect(user, expires_at.map_err(HttpError::internal)?);
        let signed = self.access.sign(&link).await?;
        Ok(ConnectLink::address(&self.base, &signed))
    }

    /// Reads the calendar, and takes over what its mailbox says now.
    async fn verify(
        &self,
        status: &mut Status,
        user: &UserId,
        turn: &Turn,
    ) -> Result<(), HttpError> {
        let read = async {
            let connection = self.accounts.connected(user).await?;
            let (connection, session) = self.accounts.open(connection, turn).await?;
            let mailbox = session.mailbox(turn).await?;
            self.accounts
                .remember_mailbox(connection, mailbox, turn)
                .await
        };
        match read.await {
            Ok(connection) => {
                status.describe(&connection, turn);
                status.calendar_verified = true;
                status.message = "The calendar is connected, and can be read.";
            }
            Err(error) => {
                let error = HttpError::from(error);
                tracing::warn!(user_id = %user, code = error.code(), "a calendar could not be read");
                status.needs_reconnect = error.code() == "calendar_needs_reconnect";
                status.calendar_error = Some(error.message().to_owned());
                status.message = "The calendar is connected, but cannot be read at the moment.";
            }
        }
        Ok(())
    }
}

impl Status {
    fn describe(&mut self, connection: &Connection, turn: &Turn) {
        self.authorized = !connection.needs_reconnect;
        self.token_valid = !connection.needs_reconnect && turn.now < connection.expires_at;
        self.calendar_email = Some(connection.email.clone());
        self.calendar_name
            .clone_from(&connection.mailbox.calendar_name);
        self.calendar_id.clone_from(&connection.mailbox.calendar_id);
        self.calendar_link = Some(CALENDAR_LINK);
        self.needs_reconnect = connection.needs_reconnect;
        self.scopes.clone_from(&connection.scopes);
        self.time_zone.clone_from(&connection.mailbox.time_zone);
        self.expires_at = Some(connection.expires_at.to_string());
        self.expires_at_formatted = Some(formatted(connection));
        self.created_at = Some(connection.created_at.to_string());
        self.message = if connection.needs_reconnect {
            "The calendar needs to be reconnected."
        } else {
            "The calendar is connected."
        };
    }
}

/// When the access token ends, for people: in the zone of the mailbox.
fn formatted(connection: &Connection) -> String {
    let zone = connection
        .mailbox
        .time_zone
        .as_deref()
        .and_then(microsoft::known_zone);
    match zone {
        Some(zone) => {
            let local = connection.expires_at.to_zoned(zone);
            local.strftime("%A, %B %-d, %Y at %-I:%M %p %Z").to_string()
        }
        None => connection
            .expires_at
            .strftime("%Y-%m-%d %H:%M UTC")
            .to_string(),
    }
}
