//! `PATCH /calendar/events/{id}`: moves an event, or changes what it says. A viewing
//! is moved like the assistant moves it, and can also be named by the id of its
//! appointment or by its confirmation code; other events keep clear of viewings.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;
use shared::booking::{Calendar, EventMoved, EventText, OpenedEvent, Rescheduled};
use shared::clock::Turn;
use shared::http::{ApiRequest, HttpError, Response, accepted, ok};
use shared::ids::EventId;
use shared::scheduling::Interval;
use shared::store::Cause;

use crate::Events;
use crate::fields::{BODY_LIMIT, EventTimes, SUBJECT_LIMIT, guard, limited, required, taken};
use crate::list::EventJson;

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Fields {
    user_id: Option<String>,
    subject: Option<String>,
    start_time: Option<String>,
    end_time: Option<String>,
    duration_minutes: Option<i64>,
    body: Option<String>,
    location: Option<String>,
    allow_conflict: bool,
}

pub(super) async fn change(
    function: Arc<Events>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let caller = function.access.caller(&request).await?;
    let fields: Fields = request.json()?;
    let user = caller.acting_for(&request, fields.user_id.as_deref())?;
    let id = path_id(&request)?;
    let text = text(&fields)?;

    let turn = request.turn(function.write_deadline);
    let calendar = function.desk.calendar(&user, &turn).await?;
    let id = event_named(&calendar, id, &turn).await?;
    let opened = calendar.open_event(&id, &turn).await?;
    let opened = opened.ok_or_else(no_such_event)?;
    let to = new_time(&fields, &opened, &calendar, &turn)?;
    let under_way = match to {
        Some(to) => move_to(&calendar, &opened, to, fields.allow_conflict, &turn).await?,
        None => false,
    };
    if let Some(text) = text {
        // What moved it has changed the row that the text is written into.
        let fresh = calendar.open_event(&id, &turn).await?;
        let fresh = fresh.ok_or_else(no_such_event)?;
        calendar.write_text(&fresh, &text, &turn).await?;
    }
    if under_way {
        return accepted(&json!({
            "status": "pending",
            "message": "Microsoft has not confirmed the move yet. Until it does, both times are held.",
        }));
    }
    let listed = calendar.listed(&id, &turn).await?;
    let listed = listed.ok_or_else(no_such_event)?;
    ok(&json!({
        "status": "success",
        "message": "The event is changed.",
        "event": EventJson::new(listed, &calendar.rules.zone),
    }))
}

/// Moves the event. Whether that is still under way.
async fn move_to(
    calendar: &Calendar<'_>,
    opened: &OpenedEvent,
    to: Interval,
    allow_conflict: bool,
    turn: &Turn,
) -> Result<bool, HttpError> {
    let (zone, guard) = (&calendar.rules.zone, guard(allow_conflict));
    let Some(appointment) = opened.appointment.as_deref() else {
        return match calendar.move_other(&opened.event, to, guard, turn).await? {
            EventMoved::Moved => Ok(false),
            EventMoved::Taken { alternatives } => Err(taken(alternatives, zone)),
            EventMoved::Changed => Err(HttpError::conflict(
                "event_changed",
                "Somebody else changed this event. Read it again, and change what is there now.",
            )),
        };
    };
    let moved = calendar
        .reschedule(appointment.clone(), to, guard, Cause::Crm, turn)
        .await?;
    match moved {
        Rescheduled::Moved(_) => Ok(false),
        Rescheduled::Underway(_) => Ok(true),
        Rescheduled::Taken { alternatives, .. } => Err(taken(alternatives, zone)),
        Rescheduled::Over(_) => Err(over()),
        Rescheduled::Past(_) => Err(HttpError::conflict(
            "appointment_past",
            "This viewing has already begun, so it cannot be moved.",
        )),
        Rescheduled::NotBooked(_) => Err(pending()),
    }
}

/// The event that is named by its own id, or by the id or the code of its viewing.
async fn event_named(
    calendar: &Calendar<'_>,
    name: &str,
    turn: &Turn,
) -> Result<EventId, HttpError> {
    match calendar.viewing_named(name, turn).await? {
        None => Ok(EventId::new(name)),
        Some(viewing) if viewing.is_live() => viewing.event_id.ok_or_else(pending),
        Some(_) => Err(over()),
    }
}

fn over() -> HttpError {
    HttpError::conflict(
        "appointment_over",
        "This viewing does not take place any more.",
    )
}

fn pending() -> HttpError {
    HttpError::conflict(
        "appointment_pending",
        "This viewing is still being confirmed. Please try again in a moment.",
    )
}

/// The new time, if one is asked for. What is not said of it stays.
fn new_time(
    fields: &Fields,
    opened: &OpenedEvent,
    calendar: &Calendar<'_>,
    turn: &Turn,
) -> Result<Option<Interval>, HttpError> {
    let asked = fields.start_time.is_some()
        || fields.end_time.is_some()
        || fields.duration_minutes.is_some();
    if !asked {
        return Ok(None);
    }
    let Some(now) = opened.event.interval() else {
        return Err(HttpError::bad_field(
            "start_time",
            "cannot be changed for an event of whole days",
        ));
    };
    let start = now.start().to_string();
    let times = EventTimes {
        start: Some(fields.start_time.as_deref().unwrap_or(&start)),
        end: fields.end_time.as_deref(),
        minutes: fields.duration_minutes,
        length: Some(now.duration()),
    };
    times.interval(&calendar.rules.zone, turn.now).map(Some)
}

fn text(fields: &Fields) -> Result<Option<EventText<'_>>, HttpError> {
    let subject = match fields.subject.as_deref() {
        None => None,
        subject => Some(required("subject", subject, SUBJECT_LIMIT)?),
    };
    let text = EventText {
        subject,
        body: fields.body.as_deref(),
        location: fields.location.as_deref(),
    };
    limited("body", text.body.unwrap_or_default(), BODY_LIMIT)?;
    limited("location", text.location.unwrap_or_default(), SUBJECT_LIMIT)?;
    let says_something = text.subject.or(text.body).or(text.location).is_some();
    Ok(says_something.then_some(text))
}

/// The id in the path.
pub(super) fn path_id(request: &ApiRequest) -> Result<&str, HttpError> {
    let id = request.path_parameter("id");
    id.ok_or_else(|| HttpError::bad_field("id", "is missing"))
}

pub(super) fn no_such_event() -> HttpError {
    HttpError::not_found("There is no such event in the calendar.")
}
