//! `DELETE /calendar/events/{id}`: cancels an event, and has Microsoft tell whoever is
//! invited. Doing it twice is one cancellation. A viewing can also be named by the id of
//! its appointment or by its confirmation code.

use std::sync::Arc;

use serde_json::json;
use shared::booking::Cancelled;
use shared::http::{ApiRequest, HttpError, Response, accepted, ok};
use shared::ids::EventId;
use shared::store::Cause;

use crate::Events;
use crate::change::{no_such_event, path_id};
use crate::fields::{SUBJECT_LIMIT, limited};

pub(super) async fn cancel(
    function: Arc<Events>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let user = function.access.user(&request).await?;
    let id = path_id(&request)?;
    let comment = request
        .query("comment")
        .unwrap_or("The viewing was cancelled.");
    limited("comment", comment, SUBJECT_LIMIT)?;

    let turn = request.turn(function.write_deadline);
    let calendar = function.desk.calendar(&user, &turn).await?;
    let viewing = if let Some(viewing) = calendar.viewing_named(id, &turn).await? {
        viewing
    } else {
        let opened = calendar.open_event(&EventId::new(id), &turn).await?;
        let opened = opened.ok_or_else(no_such_event)?;
        let Some(viewing) = opened.appointment else {
            calendar.remove_other(&opened.event, comment, &turn).await?;
            return done();
        };
        *viewing
    };
    match calendar.cancel(viewing, comment, Cause::Crm, &turn).await? {
        Cancelled::Done(_) => done(),
        Cancelled::Underway(_) => accepted(&json!({
            "status": "pending",
            "message": "The event will be cancelled. Microsoft has not confirmed it yet.",
        })),
        Cancelled::Past(_) => Err(HttpError::conflict(
            "appointment_past",
            "This viewing has already taken place.",
        )),
    }
}

fn done() -> Result<Response, HttpError> {
    ok(&json!({"status": "success", "message": "The event is cancelled."}))
}
