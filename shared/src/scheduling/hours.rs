//! Opening hours as a person states them: blocks of wall-clock time, a week of
//! them, nothing about dates, zones or instants.
//!
//! "24:00" is the midnight at the end of the day. A block whose end reads
//! earlier than its start runs past midnight into the next day, and one whose
//! end equals its start is closed.

use std::{fmt, str::FromStr};

use jiff::civil::Weekday;
use serde::{Deserialize, Serialize};
use thiserror::Error;

const MINUTES_PER_DAY: u16 = 24 * 60;

/// A time on the wall clock in whole minutes, "00:00" to "24:00".
///
/// ```
/// use shared::scheduling::WallTime;
///
/// let noon: WallTime = "12:00".parse()?;
/// assert_eq!(noon, WallTime::new(12, 0)?);
/// assert!("24:00".parse::<WallTime>()? > noon);
/// assert!("9am".parse::<WallTime>().is_err());
/// # Ok::<(), shared::scheduling::WallTimeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WallTime {
    minute: u16,
}

/// Why a wall-clock time was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WallTimeError {
    /// The text is not two digits, a colon, two digits.
    #[error("{0:?} is not a time of the form HH:MM")]
    Malformed(String),
    /// The numbers name no time between 00:00 and 24:00.
    #[error("{hour:02}:{minute:02} is not between 00:00 and 24:00")]
    OutOfRange {
        /// The hour as given.
        hour: u8,
        /// The minute as given.
        minute: u8,
    },
}

impl WallTime {
    /// The time of that hour (0 to 24) and minute (0 to 59; 0 when the hour is 24).
    pub fn new(hour: u8, minute: u8) -> Result<Self, WallTimeError> {
        let total = u16::from(hour) * 60 + u16::from(minute);
        if minute > 59 || total > MINUTES_PER_DAY {
            return Err(WallTimeError::OutOfRange { hour, minute });
        }
        Ok(Self { minute: total })
    }

    /// Minutes since the midnight that begins the day, 0 to 1440.
    pub fn minute_of_day(self) -> u16 {
        self.minute
    }
}

impl FromStr for WallTime {
    type Err = WallTimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let &[h1, h0, b':', m1, m0] = text.as_bytes() else {
            return Err(WallTimeError::Malformed(text.to_owned()));
        };
        if ![h1, h0, m1, m0].iter().all(u8::is_ascii_digit) {
            return Err(WallTimeError::Malformed(text.to_owned()));
        }
        let number = |tens: u8, ones: u8| (tens - b'0') * 10 + (ones - b'0');
        Self::new(number(h1, h0), number(m1, m0))
    }
}

impl TryFrom<String> for WallTime {
    type Error = WallTimeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<WallTime> for String {
    fn from(time: WallTime) -> Self {
        time.to_string()
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minute / 60, self.minute % 60)
    }
}

/// One stretch of opening hours, from a time of one day to a time of the same
/// or the next day.
///
/// Overnight is written by an end that reads earlier than the start: "22:00" to
/// "02:00" ends on the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Block {
    /// When the block opens.
    pub start: WallTime,
    /// When it closes; on the next day if it reads earlier than `start`.
    pub end: WallTime,
}

impl Block {
    /// A block of those times.
    pub fn new(start: WallTime, end: WallTime) -> Self {
        Self { start, end }
    }

    /// A block from two "HH:MM" texts.
    ///
    /// ```
    /// use shared::scheduling::Block;
    ///
    /// let evening = Block::parse("18:00", "24:00")?;
    /// assert_eq!(evening.to_string(), "18:00-24:00");
    /// # Ok::<(), shared::scheduling::WallTimeError>(())
    /// ```
    pub fn parse(start: &str, end: &str) -> Result<Self, WallTimeError> {
        Ok(Self::new(start.parse()?, end.parse()?))
    }

    /// Minutes from the midnight that begins the block's own day to its opening
    /// and its closing; the latter exceeds 1440 when the block runs overnight.
    /// `None` when the block is closed.
    pub(super) fn minutes(self) -> Option<(u16, u16)> {
        let (start, end) = (self.start.minute, self.end.minute);
        match start.cmp(&end) {
            std::cmp::Ordering::Less => Some((start, end)),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some((start, end + MINUTES_PER_DAY)),
        }
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.start, self.end)
    }
}

/// The blocks of each day of the week, in any order; they may overlap.
///
/// ```
/// use jiff::civil::Weekday;
/// use shared::scheduling::{Block, WeeklyHours};
///
/// let hours = WeeklyHours::closed()
///     .with(Weekday::Saturday, Block::parse("10:00", "12:00")?)
///     .with(Weekday::Saturday, Block::parse("14:00", "16:00")?);
/// assert_eq!(hours.on(Weekday::Saturday).len(), 2);
/// assert!(hours.on(Weekday::Sunday).is_empty());
/// # Ok::<(), shared::scheduling::WallTimeError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WeeklyHours {
    monday_first: [Vec<Block>; 7],
}

impl WeeklyHours {
    /// Closed all week.
    pub fn closed() -> Self {
        Self::default()
    }

    /// Monday to Friday, 09:00 to 17:00.
    pub fn working_week() -> Self {
        let block = Block {
            start: WallTime { minute: 9 * 60 },
            end: WallTime { minute: 17 * 60 },
        };
        let mut hours = Self::closed();
        for day in hours.monday_first.iter_mut().take(5) {
            day.push(block);
        }
        hours
    }

    /// The same hours with one more block on that day.
    #[must_use]
    pub fn with(mut self, day: Weekday, block: Block) -> Self {
        self.add(day, block);
        self
    }

    /// Opens one more block on that day.
    pub fn add(&mut self, day: Weekday, block: Block) {
        let index = usize::from(day.to_monday_zero_offset().unsigned_abs());
        if let Some(blocks) = self.monday_first.get_mut(index) {
            blocks.push(block);
        }
    }

    /// The blocks that start on that day.
    pub fn on(&self, day: Weekday) -> &[Block] {
        self.on_index(usize::from(day.to_monday_zero_offset().unsigned_abs()))
    }

    /// The blocks of a day counted from Monday as 0.
    pub(super) fn on_index(&self, monday_zero: usize) -> &[Block] {
        self.monday_first
            .get(monday_zero)
            .map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_two_digits_a_colon_two_digits() {
        for (text, minute) in [
            ("00:00", 0),
            ("09:05", 545),
            ("23:59", 1439),
            ("24:00", 1440),
        ] {
            let time: WallTime = text.parse().unwrap();
            assert_eq!(time.minute_of_day(), minute);
            assert_eq!(time.to_string(), text);
        }
        for text in [
            "",
            "9:00",
            "09:0",
            "0900",
            "09:00:00",
            "0a:00",
            "-1:00",
            "+9:00",
            "০৯:০০",
        ] {
            let error = text.parse::<WallTime>().unwrap_err();
            assert_eq!(error, WallTimeError::Malformed(text.to_owned()));
        }
        for text in ["24:01", "25:00", "12:60", "99:99"] {
            let error = text.parse::<WallTime>().unwrap_err();
            assert!(matches!(error, WallTimeError::OutOfRange { .. }), "{text}");
        }
        assert!(WallTime::new(u8::MAX, u8::MAX).is_err());
    }

    #[test]
    fn a_block_is_plain_overnight_or_closed() {
        let minutes = |start, end| Block::parse(start, end).unwrap().minutes();
        assert_eq!(minutes("09:00", "17:00"), Some((540, 1020)));
        assert_eq!(minutes("22:00", "02:00"), Some((1320, 1560)));
        assert_eq!(minutes("22:00", "00:00"), Some((1320, 1440)));
        assert_eq!(minutes("24:00", "02:00"), Some((1440, 1560)));
        assert_eq!(minutes("09:00", "09:00"), None);
    }

    #[test]
    fn the_working_week_ends_on_friday() {
        let hours = WeeklyHours::working_week();
        assert_eq!(hours.on(Weekday::Monday), hours.on(Weekday::Friday));
        assert_eq!(hours.on(Weekday::Monday)[0].to_string(), "09:00-17:00");
        assert!(hours.on(Weekday::Saturday).is_empty() && hours.on(Weekday::Sunday).is_empty());
    }
}
