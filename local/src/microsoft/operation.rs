//! The operations of the simulator by name: what counters count and what fault
//! rules match. The router and the rules share this one list.

use serde::{Deserialize, Serialize};

/// Something that a client can ask of Microsoft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// `GET …/authorize`: the sign-in page.
    AuthorizePage,
    /// `POST …/authorize`: an account is chosen, or the request declined.
    Authorize,
    /// `GET …/adminconsent`: the page.
    AdminConsentPage,
    /// `POST …/adminconsent`.
    AdminConsent,
    /// `POST …/token`.
    Token,
    /// `GET …/.well-known/openid-configuration`.
    Discovery,
    /// `GET …/discovery/v2.0/keys`.
    Keys,
    /// `GET /me`.
    Me,
    /// `GET /me/mailboxSettings`.
    MailboxSettings,
    /// `GET /me/calendar`.
    Calendar,
    /// `GET /me/calendars`.
    Calendars,
    /// `GET /me/calendarView`.
    CalendarView,
    /// `GET /me/events`.
    ListEvents,
    /// `POST /me/events`.
    CreateEvent,
    /// `GET /me/events/{id}`.
    GetEvent,
    /// `PATCH /me/events/{id}`.
    UpdateEvent,
    /// `DELETE /me/events/{id}`.
    DeleteEvent,
    /// `POST /me/events/{id}/cancel`.
    CancelEvent,
    /// `POST /me/calendar/getSchedule`.
    GetSchedule,
    /// `POST /me/sendMail`.
    SendMail,
    /// `POST /me/translateExchangeIds`.
    TranslateIds,
}

/// What an operation needs before it is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// A page or an endpoint of the login authority.
    Login,
    /// Graph, with one of these delegated permissions.
    Graph {
        /// Any one of them is enough.
        scopes: &'static [&'static str],
        /// Served by Exchange, and so refused without a mailbox.
        mailbox: bool,
    },
}

impl Operation {
    /// The delegated permissions that each operation's Learn page lists.
    pub(super) fn access(self) -> Access {
        const PROFILE: &[&str] = &["User.Read", "User.ReadBasic.All", "User.Read.All"];
        const SETTINGS: &[&str] = &["MailboxSettings.Read", "MailboxSettings.ReadWrite"];
        const READ: &[&str] = &[
            "Calendars.ReadBasic",
            "Calendars.Read",
            "Calendars.ReadWrite",
        ];
        const WRITE: &[&str] = &["Calendars.ReadWrite"];
        const SEND: &[&str] = &["Mail.Send"];

        let (scopes, mailbox) = match self {
            Self::AuthorizePage
            | Self::Authorize
            | Self::AdminConsentPage
            | Self::AdminConsent
            | Self::Token
            | Self::Discovery
            | Self::Keys => {
                return Access::Login;
            }
            Self::Me => (PROFILE, false),
            Self::TranslateIds => (PROFILE, true),
            Self::MailboxSettings => (SETTINGS, true),
            Self::Calendar
            | Self::Calendars
            | Self::CalendarView
            | Self::ListEvents
            | Self::GetEvent
            | Self::GetSchedule => (READ, true),
            Self::CreateEvent | Self::UpdateEvent | Self::DeleteEvent | Self::CancelEvent => {
                (WRITE, true)
            }
            Self::SendMail => (SEND, true),
        };
        Access::Graph { scopes, mailbox }
    }
}
