//! The open times that a staff member has together with others.

use serde_json::json;
use shared::http::{ApiRequest, Caller, HttpError, Response, ok};
use shared::ids::UserId;
use shared::store::Place;

use crate::Availability;
use crate::list::Asked;

/// With the lead, as many as Microsoft tells of in one answer.
const MOST_OTHERS: usize = 19;

/// Whom `with` names. Nobody learns from it when somebody else is free who may not act
/// for them.
pub(super) fn others(
    request: &ApiRequest,
    caller: &Caller,
    lead: &UserId,
) -> Result<Vec<UserId>, HttpError> {
    let named = request.query_list("with");
    if !named.is_empty() && !caller.acts_for_everyone() {
        return Err(HttpError::forbidden(
            "You can only see your own open times, so leave out the parameter with.",
        ));
    }
    if named.len() > MOST_OTHERS {
        let problem = format!("may name at most {MOST_OTHERS} staff members");
        return Err(HttpError::bad_field("with", &problem));
    }
    let mut others = Vec::new();
    for name in named {
        let user = UserId::parse(name).ok_or_else(|| {
            HttpError::bad_field("with", "must be user ids with commas between them")
        })?;
        if user == *lead {
            return Err(HttpError::bad_field("with", "names the user_id itself"));
        }
        if others.contains(&user) {
            let problem = format!("names {user} more than once");
            return Err(HttpError::bad_field("with", &problem));
        }
        others.push(user);
    }
    Ok(others)
}

/// Every time that is open for the lead and all others. There are no slot ids: what is
/// booked with one is checked against one calendar only.
pub(super) async fn list(
    function: &Availability,
    request: &ApiRequest,
    asked: &Asked,
    lead: &UserId,
    others: &[UserId],
    places: Vec<Place>,
) -> Result<Response, HttpError> {
    let turn = request.turn(function.deadline);
    let calendar = function.desk.joint_calendar(lead, others, &turn).await?;
    let calendar = calendar.for_viewings_at(places);
    let rules = asked.rules(calendar.rules());
    let window = asked.window(request, &rules)?;
    let starts = calendar.open_slots(&rules, window, &turn).await?;
    let slots = asked.slots(starts, &rules, |_, _| {});
    ok(&json!({
        "status": "success",
        "available_slots": slots,
        "time_zone": rules.zone.iana_name(),
        "generated_at": turn.now,
        "with": others,
    }))
}
