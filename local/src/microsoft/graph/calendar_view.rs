//! `GET /me/calendarView`: the instances that overlap a window, series
//! expanded (Learn: user-list-calendarview).

use axum::{
    extract::{Extension, RawQuery, State},
    response::Response,
};
use jiff::{SignedDuration, Timestamp};

use super::{
    caller::Caller,
    error::GraphError,
    paging::{Collection, page},
    query::{Order, OrderBy, Query},
    recurrence::{Instance, instances},
    times::read_bound,
};
use crate::microsoft::simulator::Microsoft;

/// The longest window, as reported: five years.
const LONGEST_WINDOW: SignedDuration = SignedDuration::from_hours(1_825 * 24);

/// `GET /me/calendarView?startDateTime=…&endDateTime=…`.
pub(super) async fn calendar_view(
    State(microsoft): State<Microsoft>,
    Extension(caller): Extension<Caller>,
    RawQuery(raw_query): RawQuery,
) -> Result<Response, GraphError> {
    let query = Query::read(raw_query.as_deref())?;
    if query.filter.is_some() {
        return Err(GraphError::filter());
    }
    let (from, to) = window(&query)?;
    let mut view = caller.view()?;
    view.select.clone_from(&query.select);
    view.expand.clone_from(&query.expand);
    view.variety = microsoft.settings().variety;
    let collection = Collection {
        path: "/me/calendarView",
        context: "users('me')/calendarView(events)",
        raw_query: raw_query.as_deref().unwrap_or_default(),
    };
    Ok(microsoft.store().read(|state| {
        let events = state.mailbox(&caller.account.email).events.values();
        let mut found: Vec<_> = events
            .flat_map(|event| instances(event, from, to))
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

/// Without `$orderby` instances come in no useful order; with it, equal ones
/// come in a stable one, so that pages fit together.
pub(super) fn sort(instances: &mut [Instance<'_>], order: Order) {
    match order.by {
        OrderBy::Start => instances.sort_by_key(|instance| instance.from),
        OrderBy::End => instances.sort_by_key(|instance| instance.to),
        OrderBy::Subject => instances.sort_by_cached_key(|instance| {
            let subject = instance.event.properties.get("subject");
            subject
                .and_then(|subject| subject.as_str())
                .unwrap_or_default()
                .to_lowercase()
        }),
    }
    if order.descending {
        instances.reverse();
    }
}

fn window(query: &Query) -> Result<(Timestamp, Timestamp), GraphError> {
    let bound = |name: &str| {
        let text = query.other(name).ok_or_else(|| {
            let message = "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.";
            GraphError::bad("ErrorInvalidParameter", message)
        })?;
        read_bound(text).ok_or_else(|| {
            let message = format!("The value '{text}' of parameter '{name}' is invalid.");
            GraphError::bad("ErrorInvalidParameter", message)
        })
    };
    let (from, to) = (bound("startDateTime")?, bound("endDateTime")?);
    if from >= to {
        let message = "The start of the window must be earlier than its end.";
        return Err(GraphError::bad("ErrorInvalidParameter", message));
    }
    if from.duration_until(to) > LONGEST_WINDOW {
        let message = "The window must not be longer than 1825 days.";
        return Err(GraphError::bad("ErrorCalendarViewRangeTooBig", message));
    }
    Ok((from, to))
}
