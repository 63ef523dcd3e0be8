//! `GET /search/rental`: rental listings on the web, where an operator switched that on.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use shared::aws::Aws;
use shared::config::{Settings, StartError};
use shared::http::{Access, ApiRequest, Function, HttpError, Response, Routes, ok};
use shared::https;
use shared::web_search::{Engine, Hit, Query, QueryError, Wanted, WebSearch};

/// What is said of every result.
const NOTE: &str = "Found on the web. Prices and availability are what the websites claim.";

/// The function that searches the web.
pub struct RentalSearch {
    access: Access,
    web: WebSearch,
    deadline: Duration,
}

impl Function for RentalSearch {
    const NAME: &'static str = "RentalSearch";

    fn start(settings: &Settings) -> Result<Self, StartError> {
        let http = https::client()?;
        let aws = Aws::new(settings, &http);
        Ok(Self {
            access: Access::new(settings, &aws)?,
            web: WebSearch::new(settings, &aws, &http)?,
            deadline: settings.milliseconds("READ_DEADLINE_MS", 4000)?,
        })
    }

    async fn warm(&self) {
        tokio::join!(self.access.warm(), self.web.warm());
    }

    fn routes() -> Routes<Self> {
        Routes::new().on("GET /search/rental", search)
    }
}

async fn search(function: Arc<RentalSearch>, request: ApiRequest) -> Result<Response, HttpError> {
    function.access.caller(&request).await?;
    let query = query(&request)?;
    let turn = request.turn(function.deadline);
    let found = function.web.find(&query, &turn).await?;
    let results = found.hits.iter().map(|hit| result_json(hit, found.engine));
    ok(&json!({
        "status": "success",
        "source": found.engine.name(),
        "retrieved_at": found.at,
        "note": NOTE,
        "results": results.collect::<Vec<_>>(),
    }))
}

fn query(request: &ApiRequest) -> Result<Query, HttpError> {
    let wanted = Wanted {
        text: request.query("query"),
        location: request.query("location"),
        price_range: request.query("price_range"),
        bedrooms: request.query("bedrooms"),
        website: request.query("website"),
    };
    Query::of(&wanted).map_err(|problem| match problem {
        QueryError::Missing => HttpError::bad_field("location", "or query is missing"),
        QueryError::TooLong => {
            let field = if wanted.text.is_some() {
                "query"
            } else {
                "location"
            };
            HttpError::bad_field(
                field,
                "makes the search longer than 400 characters or 50 words",
            )
        }
        QueryError::Website => HttpError::bad_field("website", "must be a domain name"),
    })
}

fn result_json(hit: &Hit, engine: Engine) -> Value {
    json!({
        "title": hit.title,
        "url": hit.url,
        "snippet": hit.snippet,
        "website": hit.website,
        "source": engine.name(),
    })
}
