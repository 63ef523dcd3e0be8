//! The addresses of Graph, each behind the gate.

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::{MethodRouter, delete, get, patch, post},
};

use super::{
    calendar_view::calendar_view, cancel_event::cancel, create_event::create, error::GraphError,
    events, profile, schedule::get_schedule, send_mail::send_mail, trace::Trace,
    translate_ids::translate_ids,
};
use crate::microsoft::{gate::gate, operation::Operation, simulator::Microsoft};

/// Graph's limit for a request.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// Everything below `/v1.0`.
pub(crate) fn routes(microsoft: &Microsoft) -> Router {
    let on = |operation: Operation, route: MethodRouter<Microsoft>| {
        route.layer(from_fn_with_state((microsoft.clone(), operation), gate))
    };
    let events = on(Operation::ListEvents, get(events::list))
        .merge(on(Operation::CreateEvent, post(create)));
    let event = on(Operation::GetEvent, get(events::get))
        .merge(on(Operation::UpdateEvent, patch(events::update)))
        .merge(on(Operation::DeleteEvent, delete(events::delete)));
    Router::new()
        .route("/me", on(Operation::Me, get(profile::me)))
        .route(
            "/me/mailboxSettings",
            on(Operation::MailboxSettings, get(profile::mailbox_settings)),
        )
        .route(
            "/me/calendar",
            on(Operation::Calendar, get(profile::calendar)),
        )
        .route(
            "/me/calendars",
            on(Operation::Calendars, get(profile::calendars)),
        )
        .route(
            "/me/calendarView",
            on(Operation::CalendarView, get(calendar_view)),
        )
        .route("/me/events", events)
        .route("/me/events/{id}", event)
        .route(
            "/me/events/{id}/cancel",
            on(Operation::CancelEvent, post(cancel)),
        )
        .route(
            "/me/calendar/getSchedule",
            on(Operation::GetSchedule, post(get_schedule)),
        )
        .route("/me/sendMail", on(Operation::SendMail, post(send_mail)))
        .route(
            "/me/translateExchangeIds",
            on(Operation::TranslateIds, post(translate_ids)),
        )
        .fallback(unknown_segment)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(microsoft.clone())
}

async fn unknown_segment(State(microsoft): State<Microsoft>, request: Request) -> Response {
    let segment = request.uri().path().rsplit('/').next().unwrap_or_default();
    let error = GraphError::unknown_segment(segment);
    Trace::start(&microsoft, request.headers()).finish(error.into_response())
}

async fn method_not_allowed(State(microsoft): State<Microsoft>, request: Request) -> Response {
    let error = GraphError::method_not_allowed();
    Trace::start(&microsoft, request.headers()).finish(error.into_response())
}
