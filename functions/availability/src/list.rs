//! `GET /calendar/availability`: every open time of a staff member.

use std::sync::Arc;

use jiff::civil::Time;
use jiff::{SignedDuration, ToSpan, Zoned};
use serde_json::{Value, json};
use shared::http::{ApiRequest, HttpError, Response, ok, time_to_text, window_from_query};
use shared::scheduling::Interval;

use crate::Availability;

/// The longest time that is searched in one request.
const LONGEST_DAYS: i64 = 62;

pub(super) async fn list(
    function: Arc<Availability>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let user = function.access.user(&request).await?;
    let days = request.query_number("days_ahead", 7, 1..=60)?;
    let length = match request.query("duration_minutes") {
        None => None,
        Some(_) => Some(request.query_number("duration_minutes", 30, 5..=240)?),
    };
    let limit = request.query_number("limit", 1000, 1..=1000)?;
    let hours = hours(&request)?;

    let turn = request.turn(function.deadline);
    let calendar = function.desk.calendar(&user, &turn).await?;
    let zone = &calendar.rules.zone;
    let window = window_from_query(&request, zone, days.days(), LONGEST_DAYS)?;
    let mut rules = calendar.rules.clone();
    if let Some(minutes) = length.and_then(|minutes| u32::try_from(minutes).ok()) {
        rules.slot_minutes = minutes;
    }
    let (agenda, key) = tokio::join!(calendar.agenda(window, &turn), function.slot_ids.key());
    let (agenda, key) = (agenda?, key?);
    let slot_id = |time| key.id(&user, time, calendar.rules_version, turn.now);
    let length = SignedDuration::from_mins(i64::from(rules.slot_minutes));
    let slots = agenda
        .open_slots(&rules, window, turn.now)
        .into_iter()
        .map(|start| start.to_zoned(zone.clone()))
        .filter_map(|start| Some((start.checked_add(length).ok()?, start)))
        .filter(|(end, start)| within(start, end, hours))
        .take(usize::try_from(limit).unwrap_or(usize::MAX))
        .map(|(end, start)| slot(&start, &end, slot_id));
    ok(&json!({
        "status": "success",
        "available_slots": slots.collect::<Vec<_>>(),
        "time_zone": zone.iana_name(),
        "generated_at": turn.now,
    }))
}

/// The hours to which the answer is narrowed: whole hours of the local clock.
fn hours(request: &ApiRequest) -> Result<(i64, i64), HttpError> {
    let from = request.query_number("start_hour", 0, 0..=23)?;
    let until = request.query_number("end_hour", 24, 1..=24)?;
    if from < until {
        Ok((from, until))
    } else {
        Err(HttpError::bad_field(
            "end_hour",
            "must be later than start_hour",
        ))
    }
}

fn within(start: &Zoned, end: &Zoned, (from, until): (i64, i64)) -> bool {
    let same_day = start.date() == end.date();
    let ends_in_time = match until {
        24 => same_day || end.time() == Time::midnight(),
        until => same_day && minutes(end) <= until * 60,
    };
    minutes(start) >= from * 60 && ends_in_time
}

fn minutes(at: &Zoned) -> i64 {
    i64::from(at.hour()) * 60 + i64::from(at.minute())
}

fn slot(start: &Zoned, end: &Zoned, id: impl Fn(Interval) -> Option<String>) -> Value {
    let time = Interval::new(start.timestamp(), end.timestamp());
    json!({
        "start_time": time_to_text(start.timestamp(), start.time_zone()),
        "end_time": time_to_text(end.timestamp(), end.time_zone()),
        "formatted_time": start.strftime("%A, %B %-d, %Y at %-I:%M %p").to_string(),
        "day": start.strftime("%A").to_string(),
        "slot_id": time.ok().and_then(id),
    })
}
