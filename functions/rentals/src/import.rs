//! `POST /rentals/import`: the rows of a CSV file or a JSON list.

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::{Value, json};
use shared::http::{ApiRequest, Caller, HttpError, Response, ok};
use shared::rentals::{
    FileFormat, Import, Owner, RejectedRow, Row, SourceType, rows_of, website_name,
};
use shared::sources::{LARGEST, ROWS_LIMIT};

use crate::RentalsInventory;

pub(super) async fn import(
    function: Arc<RentalsInventory>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let caller = function.caller(&request).await?;
    let today = function.zone.to_datetime(request.now()).date();
    let owner = owner(&caller, &request)?;
    let website = website(&request)?;
    let dry_run = dry_run(&request)?;
    let rows = rows(&request, today)?;
    let total = rows.len();
    let import = Import {
        rentals: &function.rentals,
        owner,
        website: website.as_deref(),
        source_type: SourceType::Import,
        dry_run,
        turn: request.turn(crate::DEADLINE),
    };
    let report = import.take_in(rows).await?;
    ok(&json!({
        "status": "success",
        "dry_run": dry_run,
        "rows": total,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "rejected": report.rejected.len(),
        "errors": report.rejected.iter().map(rejected_json).collect::<Vec<_>>(),
    }))
}

fn rejected_json(rejected: &RejectedRow) -> Value {
    let told = rejected.problems.iter().map(|wrong| {
        json!({
            "field": wrong.field,
            "message": format!("{} {}.", wrong.field, wrong.problem),
        })
    });
    json!({"row": rejected.row, "line": rejected.line, "errors": told.collect::<Vec<_>>()})
}

/// One who acts for themself has their own rentals in the file; an API key those of
/// anybody, of `user_id` where a row does not say.
fn owner(caller: &Caller, request: &ApiRequest) -> Result<Owner, HttpError> {
    let user = caller.asking_for(request, None)?;
    match user {
        Some(user) if !caller.acts_for_everyone() => Ok(Owner::Only(user)),
        user => Ok(Owner::Any(user)),
    }
}

fn website(request: &ApiRequest) -> Result<Option<String>, HttpError> {
    let Some(text) = request.query("website") else {
        return Ok(None);
    };
    let problem = "must be a host such as zillow.com, or a name";
    let name = website_name(text).ok_or_else(|| HttpError::bad_field("website", problem))?;
    Ok(Some(name))
}

fn dry_run(request: &ApiRequest) -> Result<bool, HttpError> {
    match request.query("dry_run") {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(_) => Err(HttpError::bad_field("dry_run", "must be true or false")),
    }
}

/// All rows, so that none is taken in when there are too many.
fn rows(request: &ApiRequest, today: Date) -> Result<Vec<Row>, HttpError> {
    let body = request.body(LARGEST).map_err(|_| {
        HttpError::too_much(format!(
            "At most {LARGEST} bytes are taken at once. Send the file in parts, as the command \
             rentals import does."
        ))
    })?;
    Ok(rows_of(&body, format(request)?, today, ROWS_LIMIT)?)
}

fn format(request: &ApiRequest) -> Result<FileFormat, HttpError> {
    let media_type = request.header("content-type").unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    match essence.to_ascii_lowercase().as_str() {
        "text/csv" | "application/csv" | "text/tab-separated-values" => Ok(FileFormat::Csv),
        "application/json" => Ok(FileFormat::Json),
        _ => Err(HttpError::unsupported_media_type(
            "text/csv or application/json",
        )),
    }
}
