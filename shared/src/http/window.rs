//! The stretch of time that a request asks about, and the times in it.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use super::{ApiRequest, HttpError};
use crate::scheduling::Interval;

/// From `start` to `end` of the query; else from now to the end of the local day
/// that is `ahead` from today.
pub fn window_from_query(
    request: &ApiRequest,
    zone: &TimeZone,
    ahead: Span,
    longest_days: i64,
) -> Result<Interval, HttpError> {
    let (start, end) = match (request.query("start"), request.query("end")) {
        (None, None) => (request.now(), end_of_day(request.now(), zone, ahead)?),
        (Some(start), Some(end)) => (
            time_from_text("start", start, zone)?,
            time_from_text("end", end, zone)?,
        ),
        (None, Some(_)) => return Err(HttpError::bad_field("start", "is missing")),
        (Some(_), None) => return Err(HttpError::bad_field("end", "is missing")),
    };
    let window = Interval::new(start, end).ok();
    let window = window.filter(|window| !window.is_empty());
    let window = window.ok_or_else(|| HttpError::bad_field("end", "must be later than start"))?;
    if window.duration() > SignedDuration::from_hours(24 * longest_days) {
        let problem = format!("must be at most {longest_days} days after start");
        return Err(HttpError::bad_field("end", &problem));
    }
    Ok(window)
}

/// A time of a request: RFC 3339, or wall clock time in `zone` when it has no
/// offset.
pub fn time_from_text(
    field: &'static str,
    text: &str,
    zone: &TimeZone,
) -> Result<Timestamp, HttpError> {
    // A `+` in a query string arrives as a space.
    let text = text.trim().replace(' ', "+");
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let not_a_time =
        || HttpError::bad_field(field, "must be a time such as 2026-11-24T10:00:00-06:00");
    let local: DateTime = text.parse().map_err(|_| not_a_time())?;
    zone.to_ambiguous_timestamp(local)
        .unambiguous()
        .map_err(|_| {
            HttpError::bad_field(
                field,
                "is skipped or repeated by a clock change, so it needs an offset",
            )
        })
}

/// An instant in an answer: RFC 3339 with the offset of `zone`.
pub fn time_to_text(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%Y-%m-%dT%H:%M:%S%:z")
        .to_string()
}

fn end_of_day(now: Timestamp, zone: &TimeZone, ahead: Span) -> Result<Timestamp, HttpError> {
    let last = zone.to_datetime(now).date().checked_add(ahead);
    let end = last
        .and_then(Date::tomorrow)
        .and_then(|after| after.to_zoned(zone.clone()))
        .map_err(HttpError::internal)?;
    Ok(end.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_an_offset_is_local() {
        let zone = TimeZone::get("America/Chicago").unwrap();
        for (text, expected) in [
            ("2026-11-24T10:00:00-06:00", Some("2026-11-24T16:00:00Z")),
            ("2026-11-24T18:00:00 02:00", Some("2026-11-24T16:00:00Z")),
            ("2026-11-24T16:00:00Z", Some("2026-11-24T16:00:00Z")),
            ("2026-11-24T10:00", Some("2026-11-24T16:00:00Z")),
            ("2026-11-24", Some("2026-11-24T06:00:00Z")),
            // Twice, and never.
            ("2026-11-01T01:30:00", None),
            ("2027-03-14T02:30:00", None),
            ("tomorrow", None),
            ("", None),
        ] {
            let found = time_from_text("start", text, &zone).ok();
            assert_eq!(
                found.map(|at| at.to_string()).as_deref(),
                expected,
                "{text}"
            );
        }
    }
}
