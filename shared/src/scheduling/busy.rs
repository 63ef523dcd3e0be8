//! What is in the way of a viewing: events of the host's calendar, bookings of
//! ours and holds.
//!
//! This says which entries count at all. How much time they take with buffers,
//! pads and travel around them is worked out in `blocked`.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{interval::Interval, rules::Rules, travel::Way};

/// One entry of a host's calendar or of our own bookings.
///
/// ```
/// use shared::scheduling::{Busy, Interval, ShowAs};
///
/// let lunch = Interval::new("2026-06-16T17:00Z".parse()?, "2026-06-16T18:00Z".parse()?)?;
/// let mut entry = Busy::at(lunch);
/// entry.show_as = ShowAs::from("tentative");
/// entry.event_id = Some("AAMk1".to_owned());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Busy {
    /// When it is.
    pub when: When,
    /// What the calendar shows the host as.
    pub show_as: ShowAs,
    /// Cancelled: takes no time and is no booking.
    pub cancelled: bool,
    /// Declined by the host: takes no time and is no booking.
    pub declined: bool,
    /// A viewing that we booked or hold; these count towards the limits.
    pub own: bool,
    /// Clear time that a booking of ours needs before it, besides the buffer of
    /// the new viewing.
    pub pad_before_minutes: u32,
    /// Clear time that a booking of ours needs after it, besides the buffer of
    /// the new viewing.
    pub pad_after_minutes: u32,
    /// How it is from here to the new viewing, or from there to here.
    #[serde(default)]
    pub way: Way,
    /// For a hold, the instant from which it takes no time any more.
    pub hold_expires_at: Option<Timestamp>,
    /// The calendar's id of the event.
    pub event_id: Option<String>,
}

/// The time of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum When {
    /// Between two instants.
    At(Interval),
    /// Whole local dates, from the midnight that begins `start` to the midnight
    /// that begins `end`.
    AllDay {
        /// The first date.
        start: Date,
        /// The date after the last.
        end: Date,
    },
}

/// Microsoft Graph's `showAs`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ShowAs {
    /// Does not take the time.
    Free,
    /// Takes the time unless [`Rules::tentative_blocks`] is off.
    Tentative,
    /// Takes the time.
    #[default]
    Busy,
    /// Takes the time.
    OutOfOffice,
    /// Does not take the time.
    WorkingElsewhere,
    /// Anything else. Takes the time, since unknown is never free.
    Unknown,
}

impl From<&str> for ShowAs {
    /// Reads the name that Graph uses, in any case; a name that it does not know is
    /// [`ShowAs::Unknown`].
    fn from(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "free" => Self::Free,
            "tentative" => Self::Tentative,
            "busy" => Self::Busy,
            "oof" => Self::OutOfOffice,
            "workingelsewhere" => Self::WorkingElsewhere,
            _ => Self::Unknown,
        }
    }
}

impl Busy {
    /// An ordinary event between two instants.
    pub fn at(interval: Interval) -> Self {
        Self::when(When::At(interval))
    }

    /// An event of whole dates, `end` exclusive.
    pub fn all_day(start: Date, end: Date) -> Self {
        Self::when(When::AllDay { start, end })
    }

    fn when(when: When) -> Self {
        Self {
            when,
            show_as: ShowAs::Busy,
            cancelled: false,
            declined: false,
            own: false,
            pad_before_minutes: 0,
            pad_after_minutes: 0,
            way: Way::default(),
            hold_expires_at: None,
            event_id: None,
        }
    }

    /// Whether the entry takes its time, provided that it lasts at all.
    pub(super) fn takes_time(&self, rules: &Rules, now: Timestamp) -> bool {
        let shown = match self.show_as {
            ShowAs::Free | ShowAs::WorkingElsewhere => false,
            ShowAs::Tentative => rules.tentative_blocks,
            ShowAs::Busy | ShowAs::OutOfOffice | ShowAs::Unknown => true,
        };
        shown && self.stands(rules, now)
    }

    /// Whether the entry is a booking in the sense of the limits. What the
    /// calendar shows it as does not matter: a viewing stays one when the host
    /// marks it as free.
    pub(super) fn is_booking(&self, rules: &Rules, now: Timestamp) -> bool {
        self.own && self.stands(rules, now)
    }

    fn stands(&self, rules: &Rules, now: Timestamp) -> bool {
        let expired = self.hold_expires_at.is_some_and(|expiry| expiry <= now);
        let excluded = !rules.excluded_events.is_empty()
            && self
                .event_id
                .as_ref()
                .is_some_and(|id| rules.excluded_events.contains(id));
        !(self.cancelled || self.declined || expired || excluded)
    }
}
