//! Who the person is and how their mailbox is set up: `/me`,
//! `/me/mailboxSettings`, `/me/calendar`, `/me/calendars` (Learn: user-get,
//! user-get-mailboxsettings, calendar-get, user-list-calendars).

use axum::{
    extract::{Extension, RawQuery, State},
    http::StatusCode,
    response::Response,
};
use serde_json::{Value, json};

use super::{
    answer,
    caller::Caller,
    error::GraphError,
    ids::event_id,
    paging::{Collection, page},
    query::Query,
};
use crate::microsoft::{
    options::{Account, WorkingHours, WorkingZone},
    simulator::Microsoft,
};

/// `GET /me`.
pub(super) async fn me(
    State(microsoft): State<Microsoft>,
    Extension(caller): Extension<Caller>,
) -> Response {
    let account = &caller.account;
    let (given, surname) = account
        .display_name
        .split_once(' ')
        .unwrap_or((account.display_name.as_str(), ""));
    let shown = json!({
        "id": account.object_id,
        "displayName": account.display_name,
        "givenName": given,
        "surname": surname,
        "userPrincipalName": account.email,
        "mail": account.has_mailbox.then_some(&account.email),
        "jobTitle": null,
        "mobilePhone": null,
        "officeLocation": null,
        "preferredLanguage": "en-US",
        "businessPhones": [],
    });
    answer::entity(&microsoft, &caller, StatusCode::OK, "users/$entity", shown)
}

/// `GET /me/mailboxSettings`.
pub(super) async fn mailbox_settings(
    State(microsoft): State<Microsoft>,
    Extension(caller): Extension<Caller>,
) -> Response {
    let account = &caller.account;
    let shown = json!({
        "archiveFolder": null,
        "timeZone": account.time_zone,
        "delegateMeetingMessageDeliveryOptions": "sendToDelegateOnly",
        "dateFormat": "M/d/yyyy",
        "timeFormat": "h:mm tt",
        "userPurpose": "user",
        "language": {"locale": "en-US", "displayName": "English (United States)"},
        "workingHours": account.working_hours.as_ref().map(working_hours),
        "automaticRepliesSetting": {
            "status": "disabled",
            "externalAudience": "none",
            "internalReplyMessage": "",
            "externalReplyMessage": "",
        },
    });
    let context = "users('me')/mailboxSettings";
    answer::entity(&microsoft, &caller, StatusCode::OK, context, shown)
}

/// `workingHours` as `mailboxSettings` and `getSchedule` show them.
pub(super) fn working_hours(hours: &WorkingHours) -> Value {
    let zone = match &hours.zone {
        WorkingZone::Named(name) => json!({"name": name}),
        WorkingZone::Custom(zone) => zone.clone(),
    };
    json!({
        "daysOfWeek": hours.days,
        "startTime": format!("{}.0000000", hours.start),
        "endTime": format!("{}.0000000", hours.end),
        "timeZone": zone,
    })
}

/// `GET /me/calendar`.
pub(super) async fn calendar(
    State(microsoft): State<Microsoft>,
    Extension(caller): Extension<Caller>,
) -> Response {
    let shown = default_calendar(&caller);
    answer::entity(
        &microsoft,
        &caller,
        StatusCode::OK,
        "users('me')/calendar/$entity",
        shown,
    )
}

/// `GET /me/calendars`.
pub(super) async fn calendars(
    State(microsoft): State<Microsoft>,
    Extension(caller): Extension<Caller>,
    RawQuery(raw_query): RawQuery,
) -> Result<Response, GraphError> {
    let mut query = raw_query.clone().unwrap_or_default();
    // Selecting is allowed here but changes nothing that matters.
    query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(
            form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "$select"),
        )
        .finish();
    let query = Query::read(Some(&query))?;
    let collection = Collection {
        path: "/me/calendars",
        context: "users('me')/calendars",
        raw_query: raw_query.as_deref().unwrap_or_default(),
    };
    let shown = [default_calendar(&caller), holidays(&caller)];
    Ok(page(
        &microsoft,
        &caller,
        &collection,
        &query,
        &shown,
        Value::clone,
    ))
}

fn default_calendar(caller: &Caller) -> Value {
    calendar_json(caller, 1, "Calendar", true)
}

fn holidays(caller: &Caller) -> Value {
    calendar_json(caller, 2, "United States holidays", false)
}

fn calendar_json(caller: &Caller, number: u128, name: &str, is_default: bool) -> Value {
    let account: &Account = &caller.account;
    let key = uuid::Uuid::from_u128(account.object_id.as_u128().wrapping_add(number << 32));
    json!({
        "id": event_id(caller.preferences.immutable_ids, key, None),
        "name": name,
        "color": "auto",
        "hexColor": "",
        "isDefaultCalendar": is_default,
        "changeKey": "AAAAAA==",
        "canShare": is_default,
        "canViewPrivateItems": true,
        "canEdit": is_default,
        "isTallyingResponses": is_default,
        "isRemovable": false,
        "allowedOnlineMeetingProviders": ["teamsForBusiness"],
        "defaultOnlineMeetingProvider": "teamsForBusiness",
        "owner": {"name": account.display_name, "address": account.email},
    })
}
