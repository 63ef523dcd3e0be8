//! Which viewings a page is of: those to come, or those that are over.

use jiff::{SignedDuration, Timestamp};
use shared::http::{ApiRequest, HttpError};
use shared::scheduling::Interval;
use shared::store::{Appointment, Order};

/// No viewing takes longer.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// Which viewings, as of now.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Any,
    /// Those that take place and are not over, the next one first.
    Upcoming,
    /// Those whose time is over, the last one first.
    Past,
}

impl When {
    pub(crate) fn asked(request: &ApiRequest) -> Result<Self, HttpError> {
        match request.query("when") {
            None => Ok(Self::Any),
            Some("upcoming") => Ok(Self::Upcoming),
            Some("past") => Ok(Self::Past),
            Some(_) => Err(HttpError::bad_field("when", "must be upcoming or past")),
        }
    }

    pub(crate) fn order(self) -> Order {
        match self {
            Self::Any | Self::Upcoming => Order::Earliest,
            Self::Past => Order::Latest,
        }
    }

    /// The starts to look at. A viewing that has begun is not over yet.
    pub(crate) fn within(self, window: Interval, now: Timestamp) -> Result<Interval, HttpError> {
        let (from, to) = match self {
            Self::Any => return Ok(window),
            Self::Upcoming => {
                let begun = now.checked_sub(LONGEST).unwrap_or(now);
                (window.start().max(begun), window.end())
            }
            Self::Past => (window.start(), window.end().min(now)),
        };
        // Nothing upcoming lies in a time that is over, and nothing past in one to come.
        Interval::new(from.min(to), to).map_err(HttpError::internal)
    }

    pub(crate) fn shows(self, appointment: &Appointment, now: Timestamp) -> bool {
        let is_over = appointment.end <= now;
        match self {
            Self::Any => true,
            Self::Upcoming => !is_over && appointment.is_live(),
            Self::Past => is_over,
        }
    }
}
