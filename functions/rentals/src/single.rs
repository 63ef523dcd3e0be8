//! `/rentals/{id}`: one rental, shown, added, changed and removed.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use shared::http::{ApiRequest, HttpError, Response, created, ok};
use shared::ids::{RentalId, UserId};
use shared::rentals::{Inventory, Rental, RentalForm};

use crate::RentalsInventory;
use crate::body::rental_json;

pub(super) async fn show(
    function: Arc<RentalsInventory>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let owner = function.owner(&request).await?;
    let inventory = function.inventory(&request, owner.as_ref());
    let rental = inventory.get(&id(&request)).await?;
    ok(&function.one(&rental, &request))
}

pub(super) async fn add(
    function: Arc<RentalsInventory>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let caller = function.caller(&request).await?;
    let fields: Map<String, Value> = request.json()?;
    let user = caller.acting_for(&request, named(&fields)?)?;
    let form = function.form(&fields, &request)?;
    let inventory = function.inventory(&request, Some(&user));
    let rental = inventory.add(&form, &user).await?;
    created(&function.one(&rental, &request))
}

pub(super) async fn change(
    function: Arc<RentalsInventory>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let caller = function.caller(&request).await?;
    let mut fields: Map<String, Value> = request.json()?;
    // An API key may hand a rental over; only its query says whose it is to be yet.
    let named = named(&fields)?;
    let in_body = named.filter(|_| !caller.acts_for_everyone());
    let owner = caller.asking_for(&request, in_body)?;
    let version = match fields.remove("version") {
        None => None,
        Some(value) => Some(version(value.as_i64())?),
    };
    let form = function.form(&fields, &request)?;
    let inventory = function.inventory(&request, owner.as_ref());
    let rental = inventory.change(&id(&request), version, &form).await?;
    ok(&function.one(&rental, &request))
}

pub(super) async fn remove(
    function: Arc<RentalsInventory>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let owner = function.owner(&request).await?;
    let version = match request.query("version") {
        None => None,
        Some(text) => Some(version(text.parse().ok())?),
    };
    let inventory = function.inventory(&request, owner.as_ref());
    inventory.remove(&id(&request), version).await?;
    ok(&json!({"status": "success"}))
}

impl RentalsInventory {
    fn inventory<'a>(&'a self, request: &ApiRequest, owner: Option<&'a UserId>) -> Inventory<'a> {
        Inventory {
            rentals: &self.rentals,
            owner,
            turn: request.turn(crate::DEADLINE),
        }
    }

    fn form(
        &self,
        fields: &Map<String, Value>,
        request: &ApiRequest,
    ) -> Result<RentalForm, HttpError> {
        let today = self.zone.to_datetime(request.now()).date();
        RentalForm::read(fields, today).map_err(|problems| HttpError::bad_fields(&problems))
    }

    fn one(&self, rental: &Rental, request: &ApiRequest) -> Value {
        json!({
            "status": "success",
            "rental": rental_json(rental, request.now(), &self.zone),
        })
    }
}

fn id(request: &ApiRequest) -> RentalId {
    RentalId::new(request.path_parameter("id").unwrap_or_default())
}

fn version(version: Option<i64>) -> Result<i64, HttpError> {
    version.ok_or_else(|| HttpError::bad_field("version", "must be the version that was last read"))
}

/// The staff member that the body names.
fn named(fields: &Map<String, Value>) -> Result<Option<&str>, HttpError> {
    match fields.get("user_id") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(user)) => Ok(Some(user)),
        Some(_) => Err(HttpError::bad_field("user_id", "is not a user id")),
    }
}
