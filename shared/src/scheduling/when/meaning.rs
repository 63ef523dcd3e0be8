//! What is asked, and what it comes to.

use jiff::civil::{Date, DateTime};

use super::Hours;

/// The arguments as they arrived. Blank text, and words with which a model fills a
/// field that it has nothing for ("none", "n/a"), count as absent.
///
/// # Examples
///
/// ```
/// use shared::scheduling::when::Ask;
///
/// let ask = Ask { date: Some("tomorrow"), after: Some("3"), ..Ask::default() };
/// assert_eq!(ask.before, None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ask<'a> {
    /// A day or days, perhaps with a time: "next Tuesday at two".
    pub date: Option<&'a str>,
    /// "morning", "midday", "afternoon", "evening" and their relatives.
    pub part_of_day: Option<&'a str>,
    /// The earliest time: "15:00", "3", "lunch". A day with a time sets both; a day
    /// alone is excluded, as in "after Tuesday".
    pub after: Option<&'a str>,
    /// The latest time, in the same forms.
    pub before: Option<&'a str>,
}

/// What an [`Ask`] comes to. Every way to answer is here, so that the conversation
/// can treat each one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// No day was named, or any would do: the nearest days, within these hours, which
    /// are [`Hours::ALL`] if no time was named either.
    Any(Hours),
    /// These days.
    Days(Days),
    /// One or the other, the earlier first: two readings of one phrase ("next Friday"
    /// on a Monday), a date and weekday that disagree, or two separate choices. Ask.
    Ambiguous(Days, Days),
    /// The day has passed. Ask, naming the proposal; never take it unasked.
    Past {
        /// What was said, all of it before now.
        asked: Days,
        /// When that next comes around.
        proposed: Days,
    },
    /// Not understood, impossible, or contradictory. Ask again.
    Unclear {
        /// The argument at fault, or all of them if they contradict one another.
        text: String,
    },
}

/// Local days, both ends included, and the hours that count on each of them.
///
/// # Examples
///
/// ```
/// use jiff::civil::date;
/// use shared::scheduling::when::{Days, Hours};
///
/// let days = Days {
///     first: date(2026, 12, 1),
///     last: date(2026, 12, 3),
///     hours: Hours::ALL,
/// };
/// assert!(days.contains(date(2026, 12, 3).at(23, 30, 0, 0)));
/// assert!(!days.contains(date(2026, 12, 4).at(0, 0, 0, 0)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first day; today or later, except in [`Meaning::Past`].
    pub first: Date,
    /// The last day, included; never before `first`.
    pub last: Date,
    /// The hours in which a viewing may begin, on each day.
    pub hours: Hours,
}

impl Days {
    /// Whether a viewing may begin at this local time.
    #[must_use]
    pub fn contains(&self, start: DateTime) -> bool {
        (self.first..=self.last).contains(&start.date()) && self.hours.contains(start.time())
    }
}
