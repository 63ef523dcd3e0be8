//! What can go wrong between us and Microsoft, by what to do about it.
//!
//! The classes follow Microsoft Learn, "Microsoft identity platform error codes"
//! and "Microsoft Graph error responses". They branch on `error` and `code`, never
//! on a description.

use std::time::Duration;

use crate::secrets::SecretError;
use crate::store::StoreError;

/// Why Microsoft did not do what we asked.
#[derive(Debug, thiserror::Error)]
pub enum MicrosoftError {
    /// The staff member has connected no calendar.
    #[error("no calendar is connected")]
    NotConnected,
    /// The staff member has to sign in again; the reason is Microsoft's code.
    #[error("the calendar needs to be reconnected ({0})")]
    NeedsReconnect(String),
    /// The viewing is in the calendar of an account that is not connected any more.
    #[error("it is in the calendar of another account")]
    AnotherAccount,
    /// Our registration is at fault (a wrong or expired client secret, say). No
    /// staff member's grant is touched.
    #[error("Microsoft refused our registration ({code})")]
    Operator { code: String },
    /// The event is not there.
    #[error("it is not in the calendar")]
    Gone,
    /// The account has no mailbox that can be used, or has one no more: that says
    /// nothing of the events in it.
    #[error("the account has no mailbox that can be used")]
    NoMailbox,
    /// Too many requests.
    #[error("Microsoft asks to wait {retry_after:?}")]
    Throttled { retry_after: Duration },
    /// Microsoft understood and refused; nothing was changed.
    #[error("Microsoft refused with {status} {code}")]
    Refused { status: u16, code: String },
    /// No answer in time. Whether a write took effect is unknown.
    #[error("Microsoft did not answer in time")]
    TimedOut,
    /// No answer, or one of 5xx. Whether a write took effect is unknown.
    #[error("Microsoft failed: {0}")]
    Unreachable(String),
    /// An answer that cannot be understood. Whether a write took effect is unknown.
    #[error("Microsoft's answer cannot be read: {0}")]
    Unreadable(&'static str),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A token cannot be sealed or opened.
    #[error("a token cannot be {0}")]
    Sealing(&'static str),
}

impl MicrosoftError {
    /// Whether a write may have taken effect although it failed.
    pub fn outcome_unknown(&self) -> bool {
        matches!(
            self,
            Self::TimedOut | Self::Unreachable(_) | Self::Unreadable(_)
        )
    }

    /// Whether the same request may succeed later. Otherwise it was understood, and always
    /// will be refused.
    pub fn may_pass(&self) -> bool {
        match self {
            // Somebody was at the same event.
            Self::Refused { status, .. } => matches!(status, 409 | 412 | 423),
            Self::Gone | Self::NoMailbox => false,
            _ => true,
        }
    }

    /// What a transport error means.
    pub(super) fn transport(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            Self::TimedOut
        } else if error.is_connect() {
            Self::Unreachable("no connection".to_owned())
        } else {
            Self::Unreachable("the connection broke".to_owned())
        }
    }
}
