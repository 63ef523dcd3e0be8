//! United States holidays whose date is certain: fixed, or the nth weekday of a month.

use jiff::civil::{Date, Weekday};

use super::present::plus_days;

/// A holiday by its rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holiday {
    /// Month and day.
    Fixed(i8, i8),
    /// The nth (from the end if negative) weekday of a month, and days after it.
    Nth(i8, Weekday, i8, i8),
}

impl Holiday {
    pub(super) const THANKSGIVING: Self = Self::Nth(4, Weekday::Thursday, 11, 0);
    pub(super) const BLACK_FRIDAY: Self = Self::Nth(4, Weekday::Thursday, 11, 1);
    pub(super) const MARTIN_LUTHER_KING_DAY: Self = Self::Nth(3, Weekday::Monday, 1, 0);
    pub(super) const PRESIDENTS_DAY: Self = Self::Nth(3, Weekday::Monday, 2, 0);
    pub(super) const MOTHERS_DAY: Self = Self::Nth(2, Weekday::Sunday, 5, 0);
    pub(super) const MEMORIAL_DAY: Self = Self::Nth(-1, Weekday::Monday, 5, 0);
    pub(super) const FATHERS_DAY: Self = Self::Nth(3, Weekday::Sunday, 6, 0);
    pub(super) const LABOR_DAY: Self = Self::Nth(1, Weekday::Monday, 9, 0);
    pub(super) const COLUMBUS_DAY: Self = Self::Nth(2, Weekday::Monday, 10, 0);

    pub(super) fn in_year(self, year: i16) -> Option<Date> {
        match self {
            Self::Fixed(month, day) => Date::new(year, month, day).ok(),
            Self::Nth(nth, weekday, month, days_after) => {
                let first = Date::new(year, month, 1).ok()?;
                let day = first.nth_weekday_of_month(nth, weekday).ok()?;
                plus_days(day, days_after.into())
            }
        }
    }

    pub(super) fn on_or_after(self, date: Date) -> Option<Date> {
        (0..=1)
            .filter_map(|ahead| self.in_year(date.year().checked_add(ahead)?))
            .find(|holiday| *holiday >= date)
    }
}
