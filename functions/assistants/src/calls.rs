//! `GET /vapi/calls`: calls as VAPI reported them, the latest first.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::http::{ApiRequest, HttpError, Response, cursor, ok, place_from_query};
use shared::store::{CallRecord, day_of};

use super::Assistants;

/// How many days are shown without being asked for, and at most.
const USUAL_DAYS: i32 = 7;
const MOST_DAYS: i32 = 92;

/// Days from the first to the last, both included, in UTC.
#[derive(Clone, Copy, Debug)]
pub(super) struct Days {
    pub(super) first: Date,
    pub(super) last: Date,
}

/// Where the next page begins.
#[derive(Serialize, Deserialize)]
struct Cursor {
    day: Date,
    #[serde(default)]
    after: Option<HashMap<String, String>>,
}

pub(super) async fn list(
    function: Arc<Assistants>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    function.admit(&request).await?;
    let days = Days::of(&request, MOST_DAYS)?;
    let limit = request.query_number("limit", 50, 1..=200)?;
    let limit = usize::try_from(limit).unwrap_or(50);
    let assistant = request.query("assistant_id");
    let begin = begin(&request, days)?;

    let mut listed = Vec::new();
    let mut next = Some(begin);
    while let Some(Cursor { day, after }) = next.take() {
        let room = i32::try_from(limit - listed.len()).unwrap_or(1);
        let (calls, after) = function.calls.of_day(day, room, after).await?;
        let shown = calls
            .into_iter()
            .filter(|call| assistant.is_none_or(|id| call.assistant_id.as_deref() == Some(id)));
        listed.extend(shown);
        next = match after {
            Some(after) => Some(Cursor {
                day,
                after: Some(after),
            }),
            None => earlier(day, days),
        };
        if listed.len() >= limit {
            break;
        }
    }
    ok(&json!({
        "status": "success",
        "calls": listed.iter().map(call_json).collect::<Vec<_>>(),
        "next_cursor": next.as_ref().and_then(cursor),
    }))
}

fn earlier(day: Date, days: Days) -> Option<Cursor> {
    let day = day.yesterday().ok()?;
    (day >= days.first).then_some(Cursor { day, after: None })
}

fn call_json(call: &CallRecord) -> Value {
    json!({
        "call_id": call.call_id,
        "assistant_id": call.assistant_id,
        "status": call.status,
        "first_seen": call.first_seen,
        "started_at": call.started_at,
        "ended_at": call.ended_at,
        "duration_seconds": seconds(call),
        "ended_reason": call.ended_reason,
        "cost": call.cost,
        "summary": call.summary,
        "success": call.success,
        "hangs": call.hangs,
        "bookings": call.booked.len(),
        "tool_calls": call.tools,
    })
}

/// How long it lasted, if both ends are known and in order.
pub(super) fn seconds(call: &CallRecord) -> Option<i64> {
    let lasted = call.started_at?.duration_until(call.ended_at?);
    (!lasted.is_negative()).then(|| lasted.as_secs())
}

impl Days {
    /// From `from` to `to`, as dates; the last week when nothing is said.
    pub(super) fn of(request: &ApiRequest, most: i32) -> Result<Self, HttpError> {
        let date = |name: &'static str| {
            let text = request.query(name);
            let date = text.map(str::parse::<Date>).transpose();
            date.map_err(|_| HttpError::bad_field(name, "must be a date such as 2026-11-24"))
        };
        let last = date("to")?.unwrap_or_else(|| day_of(request.now()));
        let usual = || last.saturating_sub((USUAL_DAYS - 1).days());
        let first = date("from")?.unwrap_or_else(usual);
        if last < first {
            return Err(HttpError::bad_field("to", "must not be before from"));
        }
        if (last - first).get_days() >= most {
            let problem = format!("must be less than {most} days after from");
            return Err(HttpError::bad_field("to", &problem));
        }
        Ok(Self { first, last })
    }
}

fn begin(request: &ApiRequest, days: Days) -> Result<Cursor, HttpError> {
    let Some(cursor) = place_from_query::<Cursor>(request)? else {
        return Ok(Cursor {
            day: days.last,
            after: None,
        });
    };
    // A key of another day would have the database refuse the question.
    let fits = |cursor: &Cursor| {
        let names = ["id", "day", "first_seen"];
        let has_all = |key: &HashMap<String, String>| {
            key.len() == names.len()
                && names.iter().all(|name| key.contains_key(*name))
                && key.get("day") == Some(&cursor.day.to_string())
        };
        (days.first..=days.last).contains(&cursor.day) && cursor.after.as_ref().is_none_or(has_all)
    };
    if fits(&cursor) {
        Ok(cursor)
    } else {
        Err(HttpError::bad_cursor())
    }
}
