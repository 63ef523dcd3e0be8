//! A stretch of one local day, half-open and to the minute.
//!
//! The hours bound when a viewing may *begin*, so that they mean the same whatever
//! its length. They are wall-clock hours: on a day with a clock change they are
//! still what the caller would read on the wall.

use jiff::SignedDuration;
use jiff::civil::Time;

const NOON: u16 = 12 * 60;
const END_OF_DAY: u16 = 24 * 60;

/// The hours of a local day in which a viewing may begin: from a minute, until a
/// later one, which is excluded.
///
/// # Examples
///
/// ```
/// use jiff::civil::time;
/// use shared::scheduling::when::Hours;
///
/// let afternoon = Hours::new(time(12, 0, 0, 0), Some(time(17, 0, 0, 0))).unwrap();
/// assert!(afternoon.contains(time(16, 59, 0, 0)));
/// assert!(!afternoon.contains(time(17, 0, 0, 0)));
/// assert_eq!(Hours::ALL.until(), None, "the whole day ends at midnight");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// Minutes after midnight, with `from < until <= 24 * 60`.
    from: u16,
    until: u16,
    /// Whether somebody named the very minute at which they begin.
    at: bool,
}

impl Hours {
    /// The whole day.
    pub const ALL: Self = Self {
        from: 0,
        until: END_OF_DAY,
        at: false,
    };
    pub(super) const MORNING: Self = Self::between(0, 12);
    pub(super) const EARLY_MORNING: Self = Self::between(0, 10);
    pub(super) const MID_MORNING: Self = Self::between(9, 11);
    pub(super) const LATE_MORNING: Self = Self::between(10, 12);
    pub(super) const MIDDAY: Self = Self::between(11, 14);
    pub(super) const AFTERNOON: Self = Self::between(12, 17);
    pub(super) const EARLY_AFTERNOON: Self = Self::between(12, 15);
    pub(super) const MID_AFTERNOON: Self = Self::between(14, 16);
    pub(super) const LATE_AFTERNOON: Self = Self::between(15, 17);
    pub(super) const EVENING: Self = Self::between(17, 24);
    pub(super) const EARLY_EVENING: Self = Self::between(17, 19);
    pub(super) const LATE_EVENING: Self = Self::between(19, 24);
    pub(super) const LATE: Self = Self::between(15, 24);
    pub(super) const BUSINESS: Self = Self::between(9, 17);
    pub(super) const BEFORE_WORK: Self = Self::between(0, 9);
    pub(super) const BEFORE_LUNCH: Self = Self::between(0, 12);
    pub(super) const AFTER_LUNCH: Self = Self::between(13, 24);

    /// From `from` until `until`, or until midnight at the end of the day if `None`.
    /// Seconds are dropped. `None` if that is no time at all.
    #[must_use]
    pub fn new(from: Time, until: Option<Time>) -> Option<Self> {
        Self::of_minutes(minute_of(from), until.map_or(END_OF_DAY, minute_of))
    }

    /// When the hours begin.
    #[must_use]
    pub fn from(self) -> Time {
        time_at(self.from)
    }

    /// When the hours end, excluded; `None` for midnight at the end of the day.
    #[must_use]
    pub fn until(self) -> Option<Time> {
        (self.until < END_OF_DAY).then(|| time_at(self.until))
    }

    /// Whether something may begin at `time`.
    #[must_use]
    pub fn contains(self, time: Time) -> bool {
        (self.from..self.until).contains(&minute_of(time))
    }

    /// The time behind "at three", which stands for the hour from then. `None` for hours
    /// that somebody named otherwise, however short.
    pub fn clock_time(self) -> Option<Time> {
        self.at.then(|| self.from())
    }

    /// The hours in both, if there are any.
    #[must_use]
    pub fn intersect(self, other: Self) -> Option<Self> {
        let both = Self::of_minutes(self.from.max(other.from), self.until.min(other.until))?;
        let is_begun_by = |hours: Self| hours.at && hours.from == both.from;
        Some(Self {
            at: is_begun_by(self) || is_begun_by(other),
            ..both
        })
    }

    /// The hour from a minute that somebody named; less of it at the end of the day.
    pub(super) fn at(minute: u16) -> Option<Self> {
        let hour = Self::of_minutes(minute, minute + 60)?;
        Some(Self { at: true, ..hour })
    }

    pub(super) fn of_minutes(from: u16, until: u16) -> Option<Self> {
        let until = until.min(END_OF_DAY);
        (from < until).then_some(Self {
            from,
            until,
            at: false,
        })
    }

    /// Both stretches as one, if no time lies between them.
    pub(super) fn join(self, other: Self) -> Option<Self> {
        (self.from <= other.until && other.from <= self.until).then(|| Self {
            from: self.from.min(other.from),
            until: self.until.max(other.until),
            at: false,
        })
    }

    pub(super) fn is_before_noon(self) -> bool {
        self.until <= NOON
    }

    pub(super) fn is_after_noon(self) -> bool {
        self.from >= NOON
    }

    /// Whether a viewing could still begin today, at `minute` of the day. Hours with
    /// no stated end count as over at five, when offices close.
    pub(super) fn remain_at(self, minute: u16) -> bool {
        const CLOSING: u16 = 17 * 60;
        let open_ended = self.until == END_OF_DAY && self.from < CLOSING;
        minute < if open_ended { CLOSING } else { self.until }
    }

    /// Whether even the last minute of the hours has gone by at `minute` of the day.
    pub(super) fn are_over_at(self, minute: u16) -> bool {
        self.until <= minute
    }

    /// The minutes at which the hours begin and end.
    pub(super) fn edges(self) -> (u16, u16) {
        (self.from, self.until)
    }

    const fn between(from_hour: u16, until_hour: u16) -> Self {
        Self {
            from: from_hour * 60,
            until: until_hour * 60,
            at: false,
        }
    }
}

/// Minutes after midnight, seconds dropped.
pub(super) fn minute_of(time: Time) -> u16 {
    let minutes = i16::from(time.hour()) * 60 + i16::from(time.minute());
    minutes.unsigned_abs()
}

fn time_at(minute: u16) -> Time {
    Time::midnight().wrapping_add(SignedDuration::from_mins(minute.into()))
}
