//! Fields that several of the routes read.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::booking::Guard;
use shared::http::{HttpError, time_from_text, time_to_text};
use shared::scheduling::Interval;

/// The longest event that can be made here, the farthest ahead, and the longest texts
/// in it.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);
const FARTHEST: SignedDuration = SignedDuration::from_hours(3650 * 24);
pub(super) const SUBJECT_LIMIT: usize = 255;
pub(super) const BODY_LIMIT: usize = 10_000;

/// When an event is to be, as it was written.
pub(super) struct EventTimes<'a> {
    pub(super) start: Option<&'a str>,
    pub(super) end: Option<&'a str>,
    pub(super) minutes: Option<i64>,
    /// How long it lasts when neither is there.
    pub(super) length: Option<SignedDuration>,
}

impl EventTimes<'_> {
    /// The time, or what is wrong with it.
    pub(super) fn interval(&self, zone: &TimeZone, now: Timestamp) -> Result<Interval, HttpError> {
        let start = self
            .start
            .ok_or_else(|| HttpError::bad_field("start_time", "is missing"))?;
        let start = time_from_text("start_time", start, zone)?;
        if start < now {
            return Err(HttpError::bad_field("start_time", "is in the past"));
        }
        if now.duration_until(start) > FARTHEST {
            return Err(HttpError::bad_field(
                "start_time",
                "is more than ten years ahead",
            ));
        }
        let end = match (self.end, self.minutes, self.length) {
            (Some(end), _, _) => time_from_text("end_time", end, zone)?,
            (None, Some(minutes @ 1..=1440), _) => start
                .checked_add(SignedDuration::from_mins(minutes))
                .map_err(HttpError::internal)?,
            (None, Some(_), _) => {
                return Err(HttpError::bad_field(
                    "duration_minutes",
                    "must be from 1 to 1440",
                ));
            }
            (None, None, Some(length)) => start.checked_add(length).map_err(HttpError::internal)?,
            (None, None, None) => return Err(HttpError::bad_field("end_time", "is missing")),
        };
        let time = Interval::new(start, end)
            .ok()
            .filter(|time| !time.is_empty());
        let time =
            time.ok_or_else(|| HttpError::bad_field("end_time", "must be later than start_time"))?;
        if time.duration() > LONGEST {
            return Err(HttpError::bad_field(
                "end_time",
                "must be within a day of start_time",
            ));
        }
        if start.as_second() % 60 != 0 || end.as_second() % 60 != 0 {
            return Err(HttpError::bad_field(
                "start_time",
                "and end_time must be whole minutes",
            ));
        }
        Ok(time)
    }
}

/// What `allow_conflict` means.
pub(super) fn guard(allow_conflict: bool) -> Guard {
    if allow_conflict {
        Guard::NoOtherViewing
    } else {
        Guard::Free
    }
}

/// 409, with what is open instead.
pub(super) fn taken(alternatives: Vec<Timestamp>, zone: &TimeZone) -> HttpError {
    let alternatives: Vec<Value> = alternatives
        .into_iter()
        .map(|start| json!({"start_time": time_to_text(start, zone)}))
        .collect();
    let error = HttpError::conflict("slot_taken", "That time is not free.");
    error.with_detail("alternatives", Value::from(alternatives))
}

pub(super) fn required<'a>(
    field: &'static str,
    text: Option<&'a str>,
    limit: usize,
) -> Result<&'a str, HttpError> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| HttpError::bad_field(field, "is missing"))?;
    limited(field, text, limit)?;
    Ok(text)
}

pub(super) fn limited(field: &'static str, text: &str, limit: usize) -> Result<(), HttpError> {
    if text.chars().count() > limit {
        return Err(HttpError::bad_field(
            field,
            &format!("may have at most {limit} characters"),
        ));
    }
    Ok(())
}
