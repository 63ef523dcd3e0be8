//! `GET` and `PUT /calendar/settings`: the scheduling rules of a staff member.

use std::sync::Arc;

use jiff::civil::Weekday;
use serde_json::{Map, Value, json};
use shared::booking::{Replaced, read_settings};
use shared::field_problem::FieldProblem;
use shared::http::{ApiRequest, HttpError, Response, ok};
use shared::ids::UserId;
use shared::scheduling::WeeklyHours;

use crate::Availability;

pub(super) async fn show(
    function: Arc<Availability>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let user = function.access.user(&request).await?;
    answer(&function, &user).await
}

/// The settings as a whole take the place of those before; what is left out has its
/// default. `version` is the one that was read.
pub(super) async fn replace(
    function: Arc<Availability>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let caller = function.access.caller(&request).await?;
    let mut form: Map<String, Value> = request.json()?;
    let in_body = form.remove("user_id").unwrap_or_default();
    let in_body: Option<String> = serde_json::from_value(in_body)
        .map_err(|_| HttpError::bad_field("user_id", "is not a user id"))?;
    let user = caller.acting_for(&request, in_body.as_deref())?;
    let version = form.remove("version").and_then(|version| version.as_i64());
    let version = version
        .filter(|version| *version >= 0)
        .ok_or_else(|| HttpError::bad_field("version", "must be the version that was last read"))?;
    let Some(Value::Object(settings)) = form.remove("settings") else {
        return Err(HttpError::bad_field("settings", "must be an object"));
    };
    if let Some(field) = form.keys().next() {
        return Err(HttpError::bad_fields(&[FieldProblem {
            field: field.clone(),
            problem: "is unknown here; the settings belong into settings".to_owned(),
        }]));
    }
    let settings = read_settings(settings).map_err(|problems| HttpError::bad_fields(&problems))?;
    let desk = &function.desk;
    match desk
        .replace_staff_rules(&user, version, &settings, request.now())
        .await?
    {
        Replaced::At(_) => answer(&function, &user).await,
        Replaced::Stale => Err(HttpError::conflict(
            "settings_changed",
            "Somebody else changed these settings. Read them again, and change what is there now.",
        )),
    }
}

fn weekly_hours(hours: &WeeklyHours) -> Value {
    let days = Weekday::Monday.cycle_forward().take(7);
    let days = days.map(|day| (format!("{day:?}").to_lowercase(), json!(hours.on(day))));
    Value::Object(days.collect())
}

async fn answer(function: &Availability, user: &UserId) -> Result<Response, HttpError> {
    let (chosen, rules) = function.desk.staff_rules(user).await?;
    ok(&json!({
        "status": "success",
        "user_id": user,
        "version": chosen.version,
        "settings": chosen.settings,
        "effective": {
            "time_zone": rules.zone.iana_name(),
            "weekly_hours": weekly_hours(&rules.hours),
        },
    }))
}
