//! `POST /me/events/{id}/cancel`: takes a meeting out of the calendar and tells
//! the attendees; only its organizer may (Learn: event-cancel).

use axum::{
    body::Bytes,
    extract::{Extension, Path, State, rejection::BytesRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    caller::Caller,
    error::GraphError,
    events::{existing, removal, wanted},
    json_fields::{Fields, read_body, text},
};
use crate::microsoft::simulator::Microsoft;

/// 202 without a body. The event is gone afterwards.
pub(super) async fn cancel(
    State(microsoft): State<Microsoft>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, GraphError> {
    let is_empty = body.as_ref().is_ok_and(Bytes::is_empty);
    let body: Value = if is_empty {
        json!({})
    } else {
        read_body(body)?
    };
    let comment = Fields::of("cancel", &body)?.any_case("comment");
    let comment = comment
        .map(|comment| text("comment", comment))
        .transpose()?;
    let wanted = wanted(&caller, &id)?;
    let now = microsoft.now();
    microsoft
        .store()
        .write(|state| {
            let event = existing(state.mailbox(&caller.account.email), wanted)?;
            if !event.is_organizer {
                let message = "Your request can't be completed. You need to be an organizer to cancel a meeting.";
                return Err(GraphError::bad("ErrorInvalidRequest", message));
            }
            Ok((removal(&caller, event, wanted, comment, now)?, ()))
        })
        .await?;
    Ok(StatusCode::ACCEPTED.into_response())
}
