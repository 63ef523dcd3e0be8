//! What a host allows: when viewings may be, how long they are, how much room
//! they need, and how far ahead and how often they may be booked.
//!
//! Plain data. How each rule is applied is documented with its field and done
//! in the module that the rule belongs to.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{civil::Date, tz::TimeZone};

use super::hours::{Block, WeeklyHours};

/// The rules of one host.
///
/// All lengths are whole minutes of elapsed time. An interval of 0 offers
/// nothing, nor does a slot length of 0 or of more than [`MAX_SLOT_MINUTES`].
///
/// ```
/// use jiff::tz::TimeZone;
/// use shared::scheduling::Rules;
///
/// let mut rules = Rules::new(TimeZone::get("America/Chicago")?);
/// rules.buffer_after_minutes = 15;
/// rules.max_per_day = Some(6);
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// Where the host's wall clock hangs. Working hours, all-day events, the
    /// grid and every count by date are read on it.
    pub zone: TimeZone,
    /// The opening hours of an ordinary week.
    pub hours: WeeklyHours,
    /// Dates with hours of their own, which replace every weekly block that
    /// starts on the date. Such a date also owns its first hours: what spills
    /// over from the evening before is cut at midnight. No blocks: closed.
    pub overrides: BTreeMap<Date, Vec<Block>>,
    /// How long a viewing is.
    pub slot_minutes: u32,
    /// How far one start is from the next.
    pub interval_minutes: u32,
    /// Clear time needed before a viewing. It may lie outside opening hours.
    pub buffer_before_minutes: u32,
    /// Clear time needed after a viewing. It may lie outside opening hours.
    pub buffer_after_minutes: u32,
    /// A viewing starts this long after now, to the second, or later.
    pub notice_minutes: u32,
    /// The last bookable date is the host's date now plus this many days.
    /// Nothing is ever offered beyond [`MAX_ADVANCE_DAYS`].
    pub horizon_days: Option<u32>,
    /// How many viewings may start on one local date.
    pub max_per_day: Option<u32>,
    /// How many viewings may start in one local week, Monday to Sunday.
    pub max_per_week: Option<u32>,
    /// How starts are aligned within free time.
    pub alignment: Alignment,
    /// Whether an event shown as tentative takes the time.
    pub tentative_blocks: bool,
    /// Events to look through as if they were not there, such as the one that
    /// is being moved. They do not count towards the limits either.
    pub excluded_events: BTreeSet<String>,
}

/// How many days ahead of the host's date now the engine looks at most, which
/// bounds the length of an answer whatever window is asked for.
pub const MAX_ADVANCE_DAYS: u32 = 3_660;

/// The longest slot, a week. With [`MAX_ADVANCE_DAYS`] it bounds the time that
/// an answer depends on.
pub const MAX_SLOT_MINUTES: u32 = 7 * 24 * 60;

/// Where in a stretch of free time the starts lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Alignment {
    /// On round times of the local wall clock: the first start is the beginning
    /// of the free time rounded up to a minute of the hour that is a multiple
    /// of G, each further one an interval later, rounded up in the same way. G
    /// is the largest of 60, 30, 20, 15, 10 and 5 that divides the interval,
    /// else 1.
    #[default]
    HourGrid,
    /// As many viewings as fit: the first start is the beginning of the free
    /// time in whole local minutes, moved to the next multiple of G, or else to
    /// the next quarter of an hour, if that does not lose a start; each further
    /// one is an interval later.
    Maximise,
}

impl Rules {
    /// Monday to Friday 09:00 to 17:00, 30 minutes every 30 minutes, tentative
    /// events in the way; no overrides, buffers, notice, horizon or limits.
    pub fn new(zone: TimeZone) -> Self {
        Self {
            zone,
            hours: WeeklyHours::working_week(),
            overrides: BTreeMap::new(),
            slot_minutes: 30,
            interval_minutes: 30,
            buffer_before_minutes: 0,
            buffer_after_minutes: 0,
            notice_minutes: 0,
            horizon_days: None,
            max_per_day: None,
            max_per_week: None,
            alignment: Alignment::HourGrid,
            tentative_blocks: true,
            excluded_events: BTreeSet::new(),
        }
    }

    /// Seconds of a slot, if it has a length that can be offered.
    pub(super) fn slot(&self) -> Option<i64> {
        let offered = (1..=MAX_SLOT_MINUTES).contains(&self.slot_minutes);
        offered.then_some(i64::from(self.slot_minutes) * 60)
    }
}
