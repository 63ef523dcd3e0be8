//! `/vapi/bindings`: for whom an assistant, or a phone number, may book.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;
use shared::http::{ApiRequest, HttpError, Response, ok};
use shared::ids::UserId;
use shared::store::Binding;

use super::Assistants;

/// The most staff members of one assistant.
const MOST_STAFF: usize = 100;

/// The longest id of VAPI's that is taken for one.
const LONGEST_ID: usize = 128;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    assistant_id: Option<String>,
    phone_number_id: Option<String>,
    user_ids: Vec<String>,
    answered_by: Option<String>,
}

/// What is bound.
enum Bound {
    Assistant(String),
    PhoneNumber(String),
}

pub(super) async fn show(
    function: Arc<Assistants>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    function.admit(&request).await?;
    let bound = of_query(&request)?;
    let found = match &bound {
        Bound::Assistant(id) => function.staff.binding_of_assistant(id).await?,
        Bound::PhoneNumber(id) => function.staff.binding_of_phone_number(id).await?,
    };
    match found {
        Some(binding) => answer(&bound, &binding),
        None => Err(HttpError::not_found("There is no such binding.")),
    }
}

pub(super) async fn replace(
    function: Arc<Assistants>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    function.admit(&request).await?;
    let fields: Fields = request.json()?;
    let bound = Bound::read(fields.assistant_id, fields.phone_number_id)?;
    let users = staff(&fields.user_ids)?;
    let answered_by = fields.answered_by.map(|id| vapi_id("answered_by", id));
    let answered_by = answered_by.transpose()?;
    let binding = match &bound {
        Bound::Assistant(_) if answered_by.is_some() => {
            let problem = "belongs to a phone number";
            return Err(HttpError::bad_field("answered_by", problem));
        }
        Bound::Assistant(id) => Binding::of_assistant(id, users),
        Bound::PhoneNumber(id) => Binding::of_phone_number(id, users, answered_by),
    };
    function.staff.bind(&binding).await?;
    answer(&bound, &binding)
}

pub(super) async fn remove(
    function: Arc<Assistants>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    function.admit(&request).await?;
    let binding = match of_query(&request)? {
        Bound::Assistant(id) => Binding::of_assistant(&id, Vec::new()),
        Bound::PhoneNumber(id) => Binding::of_phone_number(&id, Vec::new(), None),
    };
    function.staff.unbind(&binding).await?;
    ok(&json!({"status": "success"}))
}

fn answer(bound: &Bound, binding: &Binding) -> Result<Response, HttpError> {
    let (assistant, number) = match bound {
        Bound::Assistant(id) => (Some(id), None),
        Bound::PhoneNumber(id) => (None, Some(id)),
    };
    ok(&json!({
        "status": "success",
        "assistant_id": assistant,
        "phone_number_id": number,
        "user_ids": binding.user_ids,
        "answered_by": binding.answered_by,
    }))
}

fn of_query(request: &ApiRequest) -> Result<Bound, HttpError> {
    let text = |name: &str| request.query(name).map(str::to_owned);
    Bound::read(text("assistant_id"), text("phone_number_id"))
}

fn staff(ids: &[String]) -> Result<Vec<UserId>, HttpError> {
    let problem = |problem: &str| HttpError::bad_field("user_ids", problem);
    if ids.is_empty() || ids.len() > MOST_STAFF {
        return Err(problem("must name from 1 to 100 staff members"));
    }
    let mut users: Vec<UserId> = Vec::new();
    for id in ids {
        let user = UserId::parse(id).ok_or_else(|| problem("has one that is not a user id"))?;
        if users.contains(&user) {
            return Err(problem("names somebody twice"));
        }
        users.push(user);
    }
    Ok(users)
}

impl Bound {
    fn read(assistant: Option<String>, number: Option<String>) -> Result<Self, HttpError> {
        match (assistant, number) {
            (Some(id), None) => Ok(Self::Assistant(vapi_id("assistant_id", id)?)),
            (None, Some(id)) => Ok(Self::PhoneNumber(vapi_id("phone_number_id", id)?)),
            _ => Err(HttpError::bad_field(
                "assistant_id",
                "or phone_number_id is needed, and only one of them",
            )),
        }
    }
}

fn vapi_id(field: &'static str, id: String) -> Result<String, HttpError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if (1..=LONGEST_ID).contains(&id.len()) && id.chars().all(fits) {
        return Ok(id);
    }
    Err(HttpError::bad_field(field, "is not an id of VAPI"))
}
