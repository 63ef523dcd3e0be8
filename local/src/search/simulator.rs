//! What answers in place of the engines.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{control, pages};
use crate::defaults::BRAVE_KEY;
use crate::faults::{Faults, disturb};

/// What can be asked of them, as fault rules and counts name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// `GET /res/v1/web/search`.
    Brave,
    /// `GET /html/`.
    Duckduckgo,
}

/// What a search finds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Page {
    /// Results with direct and redirect links, advertisements, and markup where text
    /// belongs.
    #[default]
    Results,
    /// Nothing.
    Empty,
    /// A question whether a person is asking. Only DuckDuckGo has it.
    Captcha,
    /// A page that is none of results.
    Strange,
}

/// Both engines. Clones are the same.
#[derive(Clone, Default)]
pub struct SearchEngines(Arc<Shared>);

#[derive(Default)]
struct Shared {
    faults: Faults<Operation>,
    page: Mutex<Page>,
    asked: Mutex<BTreeMap<Operation, Vec<String>>>,
}

impl SearchEngines {
    /// The engines, and `/control`.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/res/v1/web/search", get(brave))
            .route("/html/", get(duckduckgo))
            .nest("/control", control::routes())
            .with_state(self.clone())
    }

    pub(crate) fn faults(&self) -> &Faults<Operation> {
        &self.0.faults
    }

    pub(super) fn page(&self) -> MutexGuard<'_, Page> {
        self.0.page.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The queries that each was asked, in order.
    pub(super) fn asked(&self) -> MutexGuard<'_, BTreeMap<Operation, Vec<String>>> {
        self.0.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request, and has it answered as the rules want.
    async fn answer(
        &self,
        operation: Operation,
        query: &str,
        answer: impl FnOnce(Page) -> Response,
    ) -> Response {
        let asked = query.to_owned();
        self.asked().entry(operation).or_default().push(asked);
        let plan = self.faults().plan(&operation, &[]);
        let fault = |headers: HeaderMap, status: StatusCode, code: Option<String>, _| {
            (
                headers,
                (
                    status,
                    Json(json!({"type": "ErrorResponse", "error": {"code": code}})),
                ),
            )
                .into_response()
        };
        if let Some(answer) = disturb(plan.before, fault).await {
            return answer;
        }
        let page = *self.page();
        let answer = answer(page);
        disturb(plan.after, fault).await.unwrap_or(answer)
    }
}

/// Brave refuses a request without its key, and one that does not want JSON.
async fn brave(
    State(engines): State<SearchEngines>,
    RawQuery(parameters): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query_of(parameters);
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let has_key = text("x-subscription-token") == Some(BRAVE_KEY);
    let wants_json = text(header::ACCEPT.as_str()) == Some("application/json");
    let is_fit = (1..=400).contains(&query.chars().count());
    engines
        .answer(Operation::Brave, &query, |page| {
            if !has_key || !wants_json || !is_fit {
                let error = json!({"type": "ErrorResponse", "error": {"code": "VALIDATION"}});
                return (StatusCode::UNPROCESSABLE_ENTITY, Json(error)).into_response();
            }
            Json(pages::brave(page, &query)).into_response()
        })
        .await
}

/// DuckDuckGo refuses a query that is too long.
async fn duckduckgo(
    State(engines): State<SearchEngines>,
    RawQuery(parameters): RawQuery,
) -> Response {
    let query = query_of(parameters);
    let is_fit = (1..=499).contains(&query.chars().count());
    engines
        .answer(Operation::Duckduckgo, &query, |page| {
            if is_fit {
                Html(pages::duckduckgo(page, &query)).into_response()
            } else {
                StatusCode::BAD_REQUEST.into_response()
            }
        })
        .await
}

fn query_of(parameters: Option<String>) -> String {
    let parameters = parameters.unwrap_or_default();
    let mut pairs = form_urlencoded::parse(parameters.as_bytes());
    let found = pairs.find(|(name, _)| name == "q");
    found
        .map(|(_, query)| query.into_owned())
        .unwrap_or_default()
}
