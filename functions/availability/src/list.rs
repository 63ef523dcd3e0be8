//! `GET /calendar/availability`: every open time of a staff member.

use std::sync::Arc;

use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};
use serde_json::{Value, json};
use shared::http::{
    ApiRequest, HttpError, Response, ok, property_named, time_to_text, window_from_query,
};
use shared::ids::UserId;
use shared::scheduling::{Interval, Rules};
use shared::store::Place;

use crate::{Availability, together};

/// The longest time that is searched in one request.
const LONGEST_DAYS: i64 = 62;

pub(super) async fn list(
    function: Arc<Availability>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let caller = function.access.caller(&request).await?;
    let user = caller.acting_for(&request, None)?;
    let others = together::others(&request, &caller, &user)?;
    let asked = Asked::read(&request)?;
    let id = request.query("property_id");
    let property = property_named(id, &function.rentals, &caller, &user).await?;
    let places: Vec<Place> = property.iter().map(Place::from).collect();
    if others.is_empty() {
        alone(&function, &request, &asked, &user, places).await
    } else {
        together::list(&function, &request, &asked, &user, &others, places).await
    }
}

async fn alone(
    function: &Availability,
    request: &ApiRequest,
    asked: &Asked,
    user: &UserId,
    places: Vec<Place>,
) -> Result<Response, HttpError> {
    let turn = request.turn(function.deadline);
    let calendar = function.desk.calendar(user, &turn).await?;
    let calendar = calendar.for_viewings_at(places);
    let rules = asked.rules(&calendar.rules);
    let window = asked.window(request, &rules)?;
    let (agenda, key) = tokio::join!(calendar.agenda(window, &turn), function.slot_ids.key());
    let (agenda, key) = (agenda?, key?);
    let starts = agenda.open_slots(&rules, window, turn.now);
    let slots = asked.slots(starts, &rules, |slot, time| {
        slot["slot_id"] = json!(key.id(user, time, calendar.rules_version, turn.now));
    });
    ok(&json!({
        "status": "success",
        "available_slots": slots,
        "time_zone": rules.zone.iana_name(),
        "generated_at": turn.now,
    }))
}

/// What the query asks for, whosever times they are.
pub(super) struct Asked {
    days: i64,
    minutes: Option<u32>,
    limit: usize,
    hours: (i64, i64),
}

impl Asked {
    fn read(request: &ApiRequest) -> Result<Self, HttpError> {
        let days = request.query_number("days_ahead", 7, 1..=60)?;
        let minutes = match request.query("duration_minutes") {
            None => None,
            Some(_) => Some(request.query_number("duration_minutes", 30, 5..=240)?),
        };
        let limit = request.query_number("limit", 1000, 1..=1000)?;
        Ok(Self {
            days,
            minutes: minutes.and_then(|minutes| u32::try_from(minutes).ok()),
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
            hours: hours(request)?,
        })
    }

    /// The rules, with the length that was asked for.
    pub(super) fn rules(&self, rules: &Rules) -> Rules {
        Rules {
            slot_minutes: self.minutes.unwrap_or(rules.slot_minutes),
            ..rules.clone()
        }
    }

    pub(super) fn window(
        &self,
        request: &ApiRequest,
        rules: &Rules,
    ) -> Result<Interval, HttpError> {
        window_from_query(request, &rules.zone, self.days.days(), LONGEST_DAYS)
    }

    /// The answer's slots, to each of which `complete` adds.
    pub(super) fn slots(
        &self,
        starts: Vec<Timestamp>,
        rules: &Rules,
        complete: impl Fn(&mut Value, Interval),
    ) -> Vec<Value> {
        let length = SignedDuration::from_mins(i64::from(rules.slot_minutes));
        let starts = starts.into_iter();
        let starts = starts.map(|start| start.to_zoned(rules.zone.clone()));
        starts
            .filter_map(|start| Some((start.checked_add(length).ok()?, start)))
            .filter(|(end, start)| within(start, end, self.hours))
            .take(self.limit)
            .map(|(end, start)| {
                let mut slot = slot(&start, &end);
                if let Ok(time) = Interval::new(start.timestamp(), end.timestamp()) {
                    complete(&mut slot, time);
                }
                slot
            })
            .collect()
    }
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

fn slot(start: &Zoned, end: &Zoned) -> Value {
    json!({
        "start_time": time_to_text(start.timestamp(), start.time_zone()),
        "end_time": time_to_text(end.timestamp(), end.time_zone()),
        "formatted_time": start.strftime("%A, %B %-d, %Y at %-I:%M %p").to_string(),
        "day": start.strftime("%A").to_string(),
    })
}
