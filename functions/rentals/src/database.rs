//! `/database`: the inventory by where it comes from, with the field names of the
//! CRM's pages.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::{Value, json};
use shared::http::{ApiRequest, HttpError, Response, cursor, ok, place_from_query};
use shared::ids::UserId;
use shared::rentals::{Rental, website_name};
use shared::store::{RentalList, RentalPage, RentalsOf, SourceCount, Start};

use crate::RentalsInventory;
use crate::body::rentals_json;

/// How many rentals are read at a time where all of them are counted.
const PAGE: usize = 1000;

pub(super) async fn status(
    function: Arc<RentalsInventory>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let owner = function.owner(&request).await?;
    let sources = function.sources(owner.as_ref()).await?;
    let total: u64 = sources.iter().map(|source| source.rental_count).sum();
    let websites: BTreeMap<&str, Value> = sources
        .iter()
        .map(|source| {
            let count = json!({
                "rental_count": source.rental_count,
                "last_scraped": source.last_updated,
            });
            (source.source.as_str(), count)
        })
        .collect();
    ok(&json!({
        "status": "success",
        "database_stats": {
            "total_rentals": total,
            "websites_tracked": websites.len(),
            "last_updated": sources.iter().map(|source| source.last_updated).max(),
            "websites": websites,
        },
    }))
}

pub(super) async fn all(
    function: Arc<RentalsInventory>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let owner = function.owner(&request).await?;
    let list = RentalList::owned_by(owner.as_ref());
    let page = function.page(&request, &list).await?;
    let total = match &owner {
        Some(_) => function.rentals.count(&list).await?,
        None => total(&function.sources(None).await?),
    };
    answer(&function, &request, total, &page)
}

pub(super) async fn of_website(
    function: Arc<RentalsInventory>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let owner = function.owner(&request).await?;
    let website = request.path_parameter("website").and_then(website_name);
    let website = website.ok_or_else(|| HttpError::not_found("There is no such website."))?;
    let list = RentalList {
        of: owner
            .as_ref()
            .map_or(RentalsOf::Website(&website), RentalsOf::Staff),
        available_by: None,
    };
    let mut page = function.page(&request, &list).await?;
    // Of a staff member, these are few; of a website, their own would be.
    page.rentals.retain(|rental| rental.website == website);
    let sources = match &owner {
        Some(_) => function.sources(owner.as_ref()).await?,
        None => function
            .rentals
            .source(&website)
            .await?
            .into_iter()
            .collect(),
    };
    let of_it: Vec<SourceCount> = sources
        .into_iter()
        .filter(|source| source.source == website)
        .collect();
    answer(&function, &request, total(&of_it), &page)
}

pub(super) async fn available(
    function: Arc<RentalsInventory>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let owner = function.owner(&request).await?;
    let today = function.zone.to_datetime(request.now()).date();
    let date = match request.query("date") {
        None => today,
        Some(text) => text
            .parse::<Date>()
            .map_err(|_| HttpError::bad_field("date", "must be a date such as 2026-12-01"))?,
    };
    let list = RentalList {
        available_by: Some(date),
        ..RentalList::owned_by(owner.as_ref())
    };
    let page = function.page(&request, &list).await?;
    let is_whole = page.next.is_none() && place_from_query::<Start>(&request)?.is_none();
    let total = if is_whole {
        u64::try_from(page.rentals.len()).unwrap_or(u64::MAX)
    } else {
        function.rentals.count(&list).await?
    };
    ok(&json!({
        "status": "success",
        "total_available": total,
        "current_date": date,
        "rentals": rentals_json(&page.rentals, request.now(), &function.zone),
        "next_cursor": page.next.as_ref().and_then(cursor),
    }))
}

fn answer(
    function: &RentalsInventory,
    request: &ApiRequest,
    total: u64,
    page: &RentalPage,
) -> Result<Response, HttpError> {
    ok(&json!({
        "status": "success",
        "total": total,
        "rentals": rentals_json(&page.rentals, request.now(), &function.zone),
        "next_cursor": page.next.as_ref().and_then(cursor),
    }))
}

fn total(sources: &[SourceCount]) -> u64 {
    sources.iter().map(|source| source.rental_count).sum()
}

impl RentalsInventory {
    /// How many rentals each website has: by the counters, or for one staff member by
    /// counting their own.
    async fn sources(&self, owner: Option<&UserId>) -> Result<Vec<SourceCount>, HttpError> {
        let Some(owner) = owner else {
            return Ok(self.rentals.sources().await?);
        };
        let list = RentalList::owned_by(Some(owner));
        let mut counts: BTreeMap<String, SourceCount> = BTreeMap::new();
        let mut from = None;
        loop {
            let page = self.rentals.page(&list, PAGE, from).await?;
            for rental in &page.rentals {
                count(&mut counts, rental);
            }
            from = page.next;
            if from.is_none() {
                return Ok(counts.into_values().collect());
            }
        }
    }
}

fn count(counts: &mut BTreeMap<String, SourceCount>, rental: &Rental) {
    let source = counts
        .entry(rental.website.clone())
        .or_insert_with(|| SourceCount {
            source: rental.website.clone(),
            rental_count: 0,
            last_updated: rental.updated_at,
        });
    source.rental_count += 1;
    source.last_updated = source.last_updated.max(rental.updated_at);
}
