//! `/me/events`: list, read, update and delete (Learn: user-list-events,
//! event-get, event-update, event-delete).

use axum::{
    body::Bytes,
    extract::{Extension, Path, RawQuery, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde_json::Value;

use super::{
    answer,
    calendar_view::sort,
    caller::Caller,
    error::GraphError,
    event_body::write_event,
    ids::{EventRef, read_event_id},
    json_fields::read_body,
    mailing::announce,
    paging::{Collection, page},
    query::Query,
    recurrence::{Instance, instance_on},
};
use crate::microsoft::{
    event::Event,
    simulator::Microsoft,
    state::{Change, Mailbox},
    zones::mailbox_zone,
};

/// The context of one event.
pub(super) const ONE: &str = "users('me')/events/$entity";
const MANY: &str = "users('me')/events";

/// `GET /me/events`: masters, not occurrences.
pub(super) async fn list(
    State(microsoft): State<Microsoft>,
    Extension(caller): Extension<Caller>,
    RawQuery(raw_query): RawQuery,
) -> Result<Response, GraphError> {
    let query = Query::read(raw_query.as_deref())?;
    let mut view = caller.view()?;
    view.select.clone_from(&query.select);
    view.expand.clone_from(&query.expand);
    view.variety = microsoft.settings().variety;
    let collection = Collection {
        path: "/me/events",
        context: MANY,
        raw_query: raw_query.as_deref().unwrap_or_default(),
    };
    Ok(microsoft.store().read(|state| {
        let mailbox = state.mailbox(&caller.account.email);
        let mut found: Vec<Instance<'_>> = mailbox
            .events
            .values()
            .filter(|event| {
                let filter = query.filter.as_ref();
                filter.is_none_or(|filter| event.is_tagged(&filter.id, &filter.value))
            })
            .map(Instance::whole)
            .collect();
        if let Some(order) = query.order {
            sort(&mut found, order);
        }
        page(
            &microsoft,
            &caller,
            &collection,
            &query,
            &found,
            |instance| view.show(instance),
        )
    }))
}

/// `GET /me/events/{id}`.
pub(super) async fn get(
    State(microsoft): State<Microsoft>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    RawQuery(raw_query): RawQuery,
) -> Result<Response, GraphError> {
    let query = Query::read(raw_query.as_deref())?;
    let mut view = caller.view()?;
    view.select = query.select;
    view.expand = query.expand;
    view.variety = microsoft.settings().variety;
    let wanted = wanted(&caller, &id)?;
    let shown = microsoft.store().read(|state| {
        let event = existing(state.mailbox(&caller.account.email), wanted)?;
        let instance = instance_on(event, wanted.date);
        Ok::<_, GraphError>(view.show(&instance.ok_or_else(GraphError::item_not_found)?))
    })?;
    Ok(answer::entity(
        &microsoft,
        &caller,
        StatusCode::OK,
        ONE,
        shown,
    ))
}

/// `PATCH /me/events/{id}`. Now and then the answer's times are in the event's
/// own zone whatever was preferred, as reported of Graph.
pub(super) async fn update(
    State(microsoft): State<Microsoft>,
    Extension(mut caller): Extension<Caller>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, GraphError> {
    let body = read_body(body)?;
    let mut view = caller.view()?;
    let wanted = wanted(&caller, &id)?;
    if wanted.date.is_some() {
        let message = "Changing one occurrence of a series is not simulated.";
        return Err(GraphError::bad("ErrorInvalidRequest", message));
    }
    let now = microsoft.now();
    let email = &caller.account.email.clone();
    let event = microsoft
        .store()
        .write(|state| {
            let before = existing(state.mailbox(email), wanted)?;
            check_version(&headers, before)?;
            let mut event = before.clone();
            keep_transaction(before, &body)?;
            write_event(&body, &mut event)?;
            event.version += 1;
            event.modified = now;
            let mut changes = announce(email, Some(before), Some(&event), None, now);
            changes.push(stored(&caller, &event));
            Ok::<_, GraphError>((changes, event))
        })
        .await?;
    if microsoft.settings().variety && event.version % 2 == 0 {
        caller.preferences.time_zone = None;
        view.zone = mailbox_zone(&event.start.zone);
        view.zone_name.clone_from(&event.start.zone);
    }
    let shown = view.show(&Instance::whole(&event));
    Ok(answer::entity(
        &microsoft,
        &caller,
        StatusCode::OK,
        ONE,
        shown,
    ))
}

/// `DELETE /me/events/{id}`.
pub(super) async fn delete(
    State(microsoft): State<Microsoft>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, GraphError> {
    let wanted = wanted(&caller, &id)?;
    let now = microsoft.now();
    microsoft
        .store()
        .write(|state| {
            let event = existing(state.mailbox(&caller.account.email), wanted)?;
            check_version(&headers, event)?;
            Ok::<_, GraphError>((removal(&caller, event, wanted, None, now)?, ()))
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The changes that take an event, or one occurrence, out of the calendar.
pub(super) fn removal(
    caller: &Caller,
    event: &Event,
    wanted: EventRef,
    comment: Option<&str>,
    now: Timestamp,
) -> Result<Vec<Change>, GraphError> {
    let email = &caller.account.email;
    let mut changes = announce(email, Some(event), None, comment, now);
    changes.push(match wanted.date {
        None => Change::EventRemoved {
            mailbox: email.clone(),
            key: event.key,
        },
        Some(date) => {
            instance_on(event, Some(date)).ok_or_else(GraphError::item_not_found)?;
            let mut series = event.clone();
            series.excluded.insert(date);
            series.version += 1;
            series.modified = now;
            stored(caller, &series)
        }
    });
    Ok(changes)
}

/// What an id in a path names.
pub(super) fn wanted(caller: &Caller, id: &str) -> Result<EventRef, GraphError> {
    read_event_id(caller.preferences.immutable_ids, id)
}

/// The event of an id.
pub(super) fn existing(mailbox: &Mailbox, wanted: EventRef) -> Result<&Event, GraphError> {
    mailbox
        .events
        .get(&wanted.key)
        .ok_or_else(GraphError::item_not_found)
}

/// `transactionId` is set once (Learn: event resource type).
fn keep_transaction(event: &Event, body: &Value) -> Result<(), GraphError> {
    let given = body.get("transactionId").and_then(Value::as_str);
    let kept = event
        .transaction
        .as_ref()
        .map(|transaction| transaction.id.as_str());
    if given.is_none() || given == kept {
        return Ok(());
    }
    let message = "The transactionId of an event cannot be changed.";
    Err(GraphError::property_validation(message))
}

fn check_version(headers: &HeaderMap, event: &Event) -> Result<(), GraphError> {
    let Some(wanted) = headers.get(header::IF_MATCH) else {
        return Ok(());
    };
    let current = event.etag();
    let matches = wanted.to_str().is_ok_and(|text| {
        text.split(',')
            .any(|tag| matches!(tag.trim(), tag if tag == "*" || tag == current))
    });
    matches
        .then_some(())
        .ok_or_else(GraphError::changed_meanwhile)
}

/// The change that keeps an event.
pub(super) fn stored(caller: &Caller, event: &Event) -> Change {
    Change::EventStored {
        mailbox: caller.account.email.clone(),
        event: Box::new(event.clone()),
    }
}
