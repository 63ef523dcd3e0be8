//! `POST /me/calendar/getSchedule`: free/busy of people of the same directory
//! (Learn: calendar-getschedule). A schedule that cannot be read is an error
//! inside a 200; the rest are answered.

use axum::{
    body::Bytes,
    extract::{Extension, State, rejection::BytesRejection},
    http::StatusCode,
    response::Response,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    answer,
    caller::Caller,
    error::GraphError,
    event_json::EventView,
    json_fields::{Fields, list, mismatch, read_body, text},
    profile::working_hours,
    recurrence::{Instance, instances},
    times::{read_wall_time, write_instant},
};
use crate::microsoft::{event::ShowAs, simulator::Microsoft, state::State as Kept};

const MOST_SCHEDULES: usize = 20;
const LONGEST_WINDOW: SignedDuration = SignedDuration::from_hours(62 * 24);

struct Request {
    schedules: Vec<String>,
    from: Timestamp,
    to: Timestamp,
    interval: SignedDuration,
}

/// `{"value": [scheduleInformation]}`, in the order asked for.
pub(super) async fn get_schedule(
    State(microsoft): State<Microsoft>,
    Extension(caller): Extension<Caller>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, GraphError> {
    let request = read(&read_body(body)?)?;
    let view = caller.view()?;
    let shown: Vec<Value> = microsoft.store().read(|state| {
        let schedules = request.schedules.iter();
        schedules
            .map(|address| schedule(&microsoft, state, &request, address, &view))
            .collect()
    });
    let body = json!({"value": shown});
    let context = "Collection(microsoft.graph.scheduleInformation)";
    Ok(answer::entity(
        &microsoft,
        &caller,
        StatusCode::OK,
        context,
        body,
    ))
}

fn read(body: &Value) -> Result<Request, GraphError> {
    let fields = Fields::of("getSchedule", body)?;
    let required = |name: &str| fields.any_case(name).ok_or_else(|| mismatch(name));
    let schedules = list("schedules", required("schedules")?)?
        .iter()
        .map(|address| text("schedules", address).map(str::to_owned))
        .collect::<Result<Vec<_>, _>>()?;
    if schedules.is_empty() || schedules.len() > MOST_SCHEDULES {
        let message = "The number of schedules must be between 1 and 20.";
        return Err(GraphError::bad("ErrorInvalidRequest", message));
    }
    let from = read_wall_time("startTime", required("startTime")?)?.instant();
    let to = read_wall_time("endTime", required("endTime")?)?.instant();
    if from >= to || from.duration_until(to) >= LONGEST_WINDOW {
        let message = "The window must be positive and shorter than 62 days.";
        return Err(GraphError::bad("ErrorTimeIntervalTooBig", message));
    }
    let minutes = match fields.any_case("availabilityViewInterval") {
        None => 30,
        Some(value) => value
            .as_i64()
            .ok_or_else(|| mismatch("availabilityViewInterval"))?,
    };
    if !(5..=1440).contains(&minutes) {
        let message = "The interval must be between 5 and 1440 minutes.";
        return Err(GraphError::bad(
            "ErrorInvalidMergedFreeBusyInterval",
            message,
        ));
    }
    Ok(Request {
        schedules,
        from,
        to,
        interval: SignedDuration::from_mins(minutes),
    })
}

fn schedule(
    microsoft: &Microsoft,
    state: &Kept,
    request: &Request,
    address: &str,
    view: &EventView,
) -> Value {
    let settings = microsoft.settings();
    let failed = |code: &str, message: &str| {
        json!({
            "scheduleId": address,
            "availabilityView": "",
            "scheduleItems": [],
            "workingHours": null,
            "error": {"responseCode": code, "message": message},
        })
    };
    let unreadable = &settings.unreadable_schedules;
    let Some(account) = microsoft.account(address) else {
        return failed(
            "ErrorMailRecipientNotFound",
            "Unable to resolve the e-mail address.",
        );
    };
    if !account.has_mailbox
        || unreadable
            .iter()
            .any(|known| known.eq_ignore_ascii_case(address))
    {
        return failed(
            "ErrorFreeBusyGenerationFailed",
            "The free/busy data cannot be read.",
        );
    }
    let newest = SignedDuration::from_secs(settings.schedule_lag_seconds);
    let newest = microsoft
        .now()
        .saturating_sub(newest)
        .unwrap_or(microsoft.now());
    let mut busy: Vec<Instance<'_>> = state
        .mailbox(&account.email)
        .events
        .values()
        .filter(|event| event.modified <= newest && event.response != "declined")
        .flat_map(|event| instances(event, request.from, request.to))
        .collect();
    busy.sort_by_key(|instance| instance.from);
    let items: Vec<Value> = busy
        .iter()
        .map(|instance| {
            let is_private =
                instance.event.properties.get("sensitivity") == Some(&json!("private"));
            json!({
                "isPrivate": is_private,
                "status": instance.event.show_as.name(),
                "subject": if is_private { Value::Null } else { subject(instance) },
                "location": "",
                "start": write_instant(instance.from, &view.zone, &view.zone_name),
                "end": write_instant(instance.to, &view.zone, &view.zone_name),
            })
        })
        .collect();
    json!({
        "scheduleId": address,
        "availabilityView": availability(request, &busy),
        "scheduleItems": items,
        "workingHours": account.working_hours.as_ref().map(working_hours),
    })
}

fn subject(instance: &Instance<'_>) -> Value {
    let subject = instance.event.properties.get("subject");
    subject.cloned().unwrap_or(Value::Null)
}

/// One digit an interval: the gravest status in it. A cancelled meeting that
/// is still in the calendar blocks nothing.
fn availability(request: &Request, busy: &[Instance<'_>]) -> String {
    let times: Vec<(Timestamp, Timestamp, u32)> = busy
        .iter()
        .filter(|instance| !instance.event.is_cancelled)
        .map(|instance| {
            let grade = match instance.event.show_as {
                ShowAs::Free | ShowAs::WorkingElsewhere => 0,
                ShowAs::Tentative => 1,
                ShowAs::Busy | ShowAs::Unknown => 2,
                ShowAs::Oof => 3,
            };
            (instance.from, instance.to, grade)
        })
        .collect();
    let mut digits = String::new();
    let mut from = request.from;
    while from < request.to {
        let to = from.saturating_add(request.interval).unwrap_or(request.to);
        let within = times
            .iter()
            .filter(|(start, end, _)| *start < to && *end > from);
        let gravest = within.map(|(_, _, grade)| *grade).max().unwrap_or(0);
        digits.extend(char::from_digit(gravest, 10));
        from = to;
    }
    digits
}
