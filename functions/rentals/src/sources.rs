//! `/database/sources`: where rentals are listed elsewhere, and reading them now.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use shared::http::{ApiRequest, HttpError, Response, created, cursor, ok, place_from_query};
use shared::ids::{SourceId, UserId};
use shared::rentals::website_name;
use shared::sources::{NewSource, OwnedSources, SourceLink, location_problem};
use shared::store::{ListingSource, SourceKind, Sources};

use crate::RentalsInventory;

#[derive(Deserialize)]
struct Body {
    user_id: Option<String>,
    url: Option<String>,
    kind: Option<String>,
    website: Option<String>,
    location: Option<String>,
}

pub(super) async fn list(
    function: Arc<RentalsInventory>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let owner = function.owner(&request).await?;
    // A hundred with all that their searches saw are a third of what Lambda can answer.
    let limit = request.query_number("limit", 50, 1..=100)?;
    let limit = i32::try_from(limit).unwrap_or(50);
    let from = place_from_query(&request)?;
    let is_within = |place| Sources::can_begin_at(owner.as_ref(), place);
    if from.as_ref().is_some_and(|place| !is_within(place)) {
        return Err(HttpError::bad_cursor());
    }
    let sources = function.refresher.sources();
    let page = sources.page(owner.as_ref(), limit, from).await?;
    ok(&json!({
        "status": "success",
        "sources": page.sources.iter().map(source_json).collect::<Vec<_>>(),
        "next_cursor": page.next.as_ref().and_then(cursor),
    }))
}

pub(super) async fn add(
    function: Arc<RentalsInventory>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let caller = function.caller(&request).await?;
    let body: Body = request.json()?;
    let user = caller.acting_for(&request, body.user_id.as_deref())?;
    let new = function.new_source(&body)?;
    let listed = function.owned_sources(&request, Some(&user));
    let (source, is_new) = listed.add(new, &user).await?;
    let answer = one(&source);
    if is_new {
        created(&answer)
    } else {
        ok(&answer)
    }
}

pub(super) async fn remove(
    function: Arc<RentalsInventory>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let owner = function.owner(&request).await?;
    let listed = function.owned_sources(&request, owner.as_ref());
    listed.remove(&id(&request)).await?;
    ok(&json!({"status": "success"}))
}

/// Answers when it is read; that it could not be is told in `last_outcome`.
pub(super) async fn refresh(
    function: Arc<RentalsInventory>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let owner = function.owner(&request).await?;
    let listed = function.owned_sources(&request, owner.as_ref());
    let source = listed.get(&id(&request)).await?;
    let turn = request.turn(crate::REFRESH_DEADLINE);
    let source = function.refresher.refresh(&source, &turn).await?;
    ok(&one(&source))
}

impl RentalsInventory {
    fn owned_sources<'a>(
        &'a self,
        request: &ApiRequest,
        owner: Option<&'a UserId>,
    ) -> OwnedSources<'a> {
        OwnedSources {
            sources: self.refresher.sources(),
            owner,
            now: request.now(),
        }
    }

    fn new_source(&self, body: &Body) -> Result<NewSource, HttpError> {
        let url = body.url.as_deref().map(str::trim);
        let url = url.filter(|url| !url.is_empty());
        let url = url.ok_or_else(|| HttpError::bad_field("url", "is missing"))?;
        let link = SourceLink::parse(url, self.refresher.fetcher().reach())
            .map_err(|problem| HttpError::bad_field("url", &problem.to_string()))?;
        let website = website_name(body.website.as_deref().unwrap_or(link.as_str()));
        let problem = "must be a host such as zillow.com, or a name";
        let website = website.ok_or_else(|| HttpError::bad_field("website", problem))?;
        let kind = match body.kind.as_deref() {
            None | Some("feed") => SourceKind::Feed,
            Some("search") => SourceKind::Search,
            Some(_) => return Err(HttpError::bad_field("kind", "must be feed or search")),
        };
        let location = body.location.as_deref().map(str::trim);
        let location = location.filter(|place| !place.is_empty());
        if let Some(problem) = location_problem(kind, &link, location) {
            return Err(HttpError::bad_field("location", problem));
        }
        Ok(NewSource {
            link,
            kind,
            website,
            location: location.map(str::to_owned),
        })
    }
}

fn one(source: &ListingSource) -> Value {
    json!({"status": "success", "source": source_json(source)})
}

fn source_json(source: &ListingSource) -> Value {
    json!({
        "id": source.id,
        "user_id": source.user_id,
        "website": source.website,
        "url": source.url,
        "kind": source.kind,
        "location": source.location,
        "created_at": source.created_at,
        "last_refreshed_at": source.last_refreshed_at,
        "last_outcome": source.last_outcome,
        "next_refresh_at": source.next_refresh_at,
        "seen_listings": source.seen,
    })
}

fn id(request: &ApiRequest) -> SourceId {
    SourceId::new(request.path_parameter("id").unwrap_or_default())
}
