//! Series: which dates a daily or weekly pattern falls on, and the instances
//! of an event inside a window (Learn: recurrencePattern, recurrenceRange).

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday},
};
use serde_json::Value;

use super::{
    error::GraphError,
    json_fields::{Fields, list, mismatch, text},
};
use crate::microsoft::event::{Event, WallTime};

/// An event, or one occurrence of a series, at a time.
#[derive(Clone, Debug)]
pub(crate) struct Instance<'a> {
    pub event: &'a Event,
    /// The date of an occurrence.
    pub date: Option<Date>,
    pub start: WallTime,
    pub end: WallTime,
    /// The instant of `start`.
    pub from: Timestamp,
    /// The instant of `end`.
    pub to: Timestamp,
}

/// A pattern with its range.
#[derive(Debug)]
pub(super) struct Recurrence {
    interval: i64,
    /// Of a weekly pattern; none for a daily one.
    weekdays: Vec<Weekday>,
    first_day: Weekday,
    start: Date,
    until: Until,
}

#[derive(Debug)]
enum Until {
    Forever,
    Date(Date),
    Count(i64),
}

impl Recurrence {
    /// Reads a `patternedRecurrence`. A range without a start begins with the event.
    pub(super) fn read(value: &Value, first: Date) -> Result<Self, GraphError> {
        let fields = Fields::of("recurrence", value)?;
        let pattern = fields
            .get("pattern")
            .ok_or_else(|| mismatch("recurrence/pattern"))?;
        let pattern = Fields::of("recurrence/pattern", pattern)?;
        let range = fields
            .get("range")
            .ok_or_else(|| mismatch("recurrence/range"))?;
        let range = Fields::of("recurrence/range", range)?;

        let weekdays = match pattern.text("type")?.unwrap_or_default() {
            "daily" => Vec::new(),
            "weekly" => {
                let days = pattern
                    .get("daysOfWeek")
                    .ok_or_else(|| mismatch("daysOfWeek"))?;
                let days = list("daysOfWeek", days)?;
                let days: Vec<Weekday> = days.iter().map(weekday).collect::<Result<_, _>>()?;
                if days.is_empty() {
                    return Err(mismatch("daysOfWeek"));
                }
                days
            }
            _ => {
                let message = "Only daily and weekly patterns are simulated.";
                return Err(GraphError::property_validation(message));
            }
        };
        let interval = pattern.get("interval").map_or(Some(1), Value::as_i64);
        let interval = interval.filter(|days| (1..=999).contains(days));
        let until = match range.text("type")?.unwrap_or_default() {
            "noEnd" => Until::Forever,
            "endDate" => Until::Date(date(range, "endDate")?.ok_or_else(|| mismatch("endDate"))?),
            "numbered" => {
                let count = range.get("numberOfOccurrences").and_then(Value::as_i64);
                let count = count.filter(|count| (1..=999).contains(count));
                Until::Count(count.ok_or_else(|| mismatch("numberOfOccurrences"))?)
            }
            _ => return Err(mismatch("recurrence/range/type")),
        };
        Ok(Self {
            interval: interval.ok_or_else(|| mismatch("recurrence/pattern/interval"))?,
            first_day: pattern
                .get("firstDayOfWeek")
                .map_or(Ok(Weekday::Sunday), weekday)?,
            weekdays,
            start: date(range, "startDate")?.unwrap_or(first),
            until,
        })
    }

    /// The dates up to and including `last`.
    pub(super) fn dates(&self, last: Date) -> impl Iterator<Item = Date> {
        let last = match self.until {
            Until::Date(end) => last.min(end),
            Until::Forever | Until::Count(_) => last,
        };
        let count = match self.until {
            Until::Count(count) => usize::try_from(count).unwrap_or(0),
            Until::Forever | Until::Date(_) => usize::MAX,
        };
        let step = if self.weekdays.is_empty() {
            self.interval
        } else {
            1
        };
        self.start
            .series(step.days())
            .take_while(move |date| *date <= last)
            .filter(|date| self.falls_on(*date))
            .take(count)
    }

    fn falls_on(&self, date: Date) -> bool {
        if self.weekdays.is_empty() {
            return true;
        }
        let week = |date: Date| {
            let into = i64::from(date.weekday().since(self.first_day));
            date.saturating_sub(into.days())
        };
        let apart = (week(date) - week(self.start)).get_days() / 7;
        self.weekdays.contains(&date.weekday()) && i64::from(apart) % self.interval == 0
    }
}

impl<'a> Instance<'a> {
    /// The event itself.
    pub(crate) fn whole(event: &'a Event) -> Self {
        Self::new(event, None, event.start.clone(), event.end.clone())
    }

    fn new(event: &'a Event, date: Option<Date>, start: WallTime, end: WallTime) -> Self {
        let (from, to) = (start.instant(), end.instant());
        Self {
            event,
            date,
            start,
            end,
            from,
            to,
        }
    }
}

/// The instances of an event that overlap the window. One without a duration
/// counts where it stands.
pub(super) fn instances(event: &Event, from: Timestamp, to: Timestamp) -> Vec<Instance<'_>> {
    all_until(event, to)
        .into_iter()
        .filter(|instance| {
            let is_point = instance.from == instance.to;
            instance.from < to && (instance.to > from || (is_point && instance.from >= from))
        })
        .collect()
}

/// The occurrence of a date, or the event itself without one.
pub(super) fn instance_on(event: &Event, date: Option<Date>) -> Option<Instance<'_>> {
    let Some(date) = date else {
        return Some(Instance::whole(event));
    };
    let value = event.recurrence.as_ref()?;
    let recurrence = Recurrence::read(value, event.start.local.date()).ok()?;
    let exists = recurrence.dates(date).any(|known| known == date);
    (exists && !event.excluded.contains(&date)).then(|| occurrence(event, date))
}

fn all_until(event: &Event, to: Timestamp) -> Vec<Instance<'_>> {
    let Some(value) = &event.recurrence else {
        return vec![Instance::whole(event)];
    };
    let Ok(recurrence) = Recurrence::read(value, event.start.local.date()) else {
        return Vec::new();
    };
    // A day more than any zone's difference to UTC.
    let last = to
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
        .saturating_add(2.days());
    recurrence
        .dates(last)
        .filter(|date| !event.excluded.contains(date))
        .map(|date| occurrence(event, date))
        .collect()
}

/// Occurrences keep the wall clock of the first, through changes of offset.
fn occurrence(event: &Event, date: Date) -> Instance<'_> {
    let length = event.start.local.duration_until(event.end.local);
    let start = date.to_datetime(event.start.local.time());
    let end = start.saturating_add(length);
    let at = |local, time: &WallTime| WallTime {
        local,
        zone: time.zone.clone(),
    };
    Instance::new(
        event,
        Some(date),
        at(start, &event.start),
        at(end, &event.end),
    )
}

fn weekday(value: &Value) -> Result<Weekday, GraphError> {
    match text("daysOfWeek", value)?.to_ascii_lowercase().as_str() {
        "sunday" => Ok(Weekday::Sunday),
        "monday" => Ok(Weekday::Monday),
        "tuesday" => Ok(Weekday::Tuesday),
        "wednesday" => Ok(Weekday::Wednesday),
        "thursday" => Ok(Weekday::Thursday),
        "friday" => Ok(Weekday::Friday),
        "saturday" => Ok(Weekday::Saturday),
        _ => Err(mismatch("daysOfWeek")),
    }
}

fn date(fields: Fields<'_>, name: &str) -> Result<Option<Date>, GraphError> {
    let Some(text) = fields.text(name)?.filter(|text| !text.starts_with("0001")) else {
        return Ok(None);
    };
    let date = text.parse::<Date>().map_err(|_| mismatch(name))?;
    match date.year() {
        1900..=2200 => Ok(Some(date)),
        _ => Err(mismatch(name)),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;

    fn dates(pattern: &Value, range: &Value, last: Date) -> Vec<String> {
        let value = json!({"pattern": pattern, "range": range});
        let recurrence = Recurrence::read(&value, date(2026, 11, 24)).unwrap();
        recurrence
            .dates(last)
            .map(|date| date.to_string())
            .collect()
    }

    #[test]
    fn daily_series_step_by_their_interval() {
        assert_eq!(
            dates(
                &json!({"type": "daily", "interval": 2}),
                &json!({"type": "noEnd"}),
                date(2026, 11, 28)
            ),
            ["2026-11-24", "2026-11-26", "2026-11-28"]
        );
    }

    #[test]
    fn weekly_series_keep_to_their_days_weeks_and_count() {
        assert_eq!(
            dates(
                &json!({"type": "weekly", "interval": 2, "daysOfWeek": ["monday", "tuesday"]}),
                &json!({"type": "numbered", "numberOfOccurrences": 4}),
                date(2027, 12, 31)
            ),
            ["2026-11-24", "2026-12-07", "2026-12-08", "2026-12-21"]
        );
    }

    #[test]
    fn an_end_date_is_included() {
        assert_eq!(
            dates(
                &json!({"type": "daily", "interval": 1}),
                &json!({"type": "endDate", "startDate": "2026-11-30", "endDate": "2026-12-01"}),
                date(2027, 1, 1)
            ),
            ["2026-11-30", "2026-12-01"]
        );
    }
}
