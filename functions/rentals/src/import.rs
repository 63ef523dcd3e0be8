//! `POST /rentals/import`: the rows of a CSV file or a JSON list.

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::{Value, json};
use shared::http::{ApiRequest, Caller, HttpError, Response, ok};
use shared::rentals::{
    CsvRows, Import, Owner, RejectedRow, Row, SourceType, json_row, website_name,
};

use crate::RentalsInventory;

/// The most bytes at once. Lambda takes 6 MB, and API Gateway hands a body over in
/// base64, a third longer, when it is not of a type that it knows for text.
const BYTES_LIMIT: usize = 4 * 1024 * 1024;

/// The most rows at once, which is what the time of a function suffices for.
const ROWS_LIMIT: usize = 2500;

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
        now: request.now(),
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
    let too_much = || {
        HttpError::too_much(format!(
            "At most {ROWS_LIMIT} rows and {BYTES_LIMIT} bytes are taken at once. Send the file \
             in parts, as the command rentals import does."
        ))
    };
    let body = request.body(BYTES_LIMIT).map_err(|_| too_much())?;
    let rows: Vec<Row> = if is_csv(request)? {
        let rows = CsvRows::new(&*body, today)?;
        rows.take(ROWS_LIMIT + 1).collect::<Result<_, _>>()?
    } else {
        let entries = entries(&body)?;
        let numbered = (1..).zip(entries.iter().take(ROWS_LIMIT + 1));
        numbered
            .map(|(row, entry)| json_row(row, entry, today))
            .collect()
    };
    if rows.len() > ROWS_LIMIT {
        return Err(too_much());
    }
    Ok(rows)
}

fn is_csv(request: &ApiRequest) -> Result<bool, HttpError> {
    let media_type = request.header("content-type").unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    match essence.to_ascii_lowercase().as_str() {
        "text/csv" | "application/csv" | "text/tab-separated-values" => Ok(true),
        "application/json" => Ok(false),
        _ => Err(HttpError::unsupported_media_type(
            "text/csv or application/json",
        )),
    }
}

/// A list, or what a list route answers.
fn entries(body: &[u8]) -> Result<Vec<Value>, HttpError> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|_| HttpError::bad_request("The body is not JSON."))?;
    let list = match body {
        Value::Object(mut fields) => fields.remove("rentals"),
        list => Some(list),
    };
    match list {
        Some(Value::Array(entries)) => Ok(entries),
        _ => Err(HttpError::bad_request(
            "The body must be a list of rentals.",
        )),
    }
}
