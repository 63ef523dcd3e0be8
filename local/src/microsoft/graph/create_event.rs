//! `POST /me/events` (Learn: user-post-events). Overlaps are accepted, as Graph
//! accepts them in a person's mailbox; attendees are mailed at once.

use axum::{
    body::Bytes,
    extract::{Extension, State, rejection::BytesRejection},
    http::StatusCode,
    response::Response,
};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::{
    answer,
    caller::Caller,
    error::GraphError,
    event_body::write_event,
    events::{ONE, stored},
    json_fields::{Fields, read_body},
    mailing::announce,
    recurrence::Instance,
};
use crate::microsoft::{
    event::{Event, Person, Transaction},
    simulator::Microsoft,
    state::Mailbox,
};

/// 201 with the event. The identical repeat of a `transactionId` answers with
/// the event of the first, other content is an error; the memory ends when the
/// event is deleted (its span is undocumented).
pub(super) async fn create(
    State(microsoft): State<Microsoft>,
    Extension(caller): Extension<Caller>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, GraphError> {
    let body = read_body(body)?;
    let view = caller.view()?;
    let now = microsoft.now();
    let status = microsoft.settings().duplicate_transaction_status;
    let event = microsoft
        .store()
        .write(|state| {
            let mailbox = state.mailbox(&caller.account.email);
            if let Some(earlier) = earlier_create(mailbox, &body, status)? {
                return Ok((Vec::new(), earlier.clone()));
            }
            let event = new_event(&caller, mailbox, &body, now)?;
            let mut changes = announce(&caller.account.email, None, Some(&event), None, now);
            changes.push(stored(&caller, &event));
            Ok::<_, GraphError>((changes, event))
        })
        .await?;
    let shown = view.show(&Instance::whole(&event));
    Ok(answer::entity(
        &microsoft,
        &caller,
        StatusCode::CREATED,
        ONE,
        shown,
    ))
}

fn new_event(
    caller: &Caller,
    mailbox: &Mailbox,
    body: &Value,
    now: Timestamp,
) -> Result<Event, GraphError> {
    let fields = Fields::of("event", body)?;
    for name in ["start", "end"] {
        if fields.get(name).is_none() {
            let message = format!("The property '{name}' is required when creating the event.");
            return Err(GraphError::property_validation(message));
        }
    }
    let organizer = Person {
        name: caller.account.display_name.clone(),
        address: caller.account.email.clone(),
    };
    let mut event = Event::blank(Uuid::new_v4(), now, organizer);
    event.variant = u64::try_from(mailbox.events.len()).unwrap_or(0);
    event.transaction = fields.text("transactionId")?.map(|id| Transaction {
        id: id.to_owned(),
        request: body.clone(),
    });
    write_event(body, &mut event)?;
    Ok(event)
}

fn earlier_create<'a>(
    mailbox: &'a Mailbox,
    body: &Value,
    status: u16,
) -> Result<Option<&'a Event>, GraphError> {
    let Some(id) = body.get("transactionId").and_then(Value::as_str) else {
        return Ok(None);
    };
    let earlier = mailbox.events.values().find_map(|event| {
        let transaction = event.transaction.as_ref()?;
        (transaction.id == id).then_some((event, &transaction.request))
    });
    match earlier {
        None => Ok(None),
        Some((event, request)) if request == body => Ok(Some(event)),
        Some(_) => Err(GraphError::duplicate_transaction(status)),
    }
}
