//! `GET /rentals`: in order of the date from which they can be had.

use std::sync::Arc;

use serde_json::json;
use shared::http::{ApiRequest, HttpError, Response, cursor, ok, place_from_query};
use shared::store::{RentalList, RentalPage};

use crate::RentalsInventory;
use crate::body::rentals_json;

pub(super) async fn list(
    function: Arc<RentalsInventory>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let owner = function.owner(&request).await?;
    let list = RentalList::owned_by(owner.as_ref());
    let page = function.page(&request, &list).await?;
    ok(&json!({
        "status": "success",
        "rentals": rentals_json(&page.rentals, request.now(), &function.zone),
        "next_cursor": page.next.as_ref().and_then(cursor),
    }))
}

impl RentalsInventory {
    /// The page of a list that a request asks for.
    pub(super) async fn page(
        &self,
        request: &ApiRequest,
        list: &RentalList<'_>,
    ) -> Result<RentalPage, HttpError> {
        // A hundred of the longest rentals are half of what Lambda can answer.
        let limit = request.query_number("limit", 50, 1..=100)?;
        let limit = usize::try_from(limit).unwrap_or(50);
        let from = place_from_query(request)?;
        if from.as_ref().is_some_and(|from| !list.can_begin_at(from)) {
            return Err(HttpError::bad_cursor());
        }
        Ok(self.rentals.page(list, limit, from).await?)
    }
}
