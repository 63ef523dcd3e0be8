//! AWS on loopback: an embedded DynamoDB engine with the template's tables, and
//! the calls of Secrets Manager that the functions and an operator make, at one address.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use dynoxide::Database;
use dynoxide::actions::create_table::CreateTableRequest;
use dynoxide::actions::update_time_to_live::{TimeToLiveSpecification, UpdateTimeToLiveRequest};
use dynoxide::errors::DynoxideError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::faults::{Faults, Rule, disturb};
use crate::template::TableSpec;

/// The largest request that DynamoDB takes.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// Opens the database, in a folder or in memory, with the template's tables.
pub(crate) fn open_database(
    folder: Option<&Path>,
    tables: &[TableSpec],
) -> anyhow::Result<Database> {
    let database = match folder {
        Some(folder) => {
            let file = folder.join("dynamodb.sqlite");
            let file = file
                .to_str()
                .context("the data folder's name is not UTF-8")?;
            Database::new(file)
        }
        None => Database::memory(),
    };
    let database = database.context("could not open the database")?;
    for table in tables {
        create_table(&database, table)
            .with_context(|| format!("could not create the table {}", table.name))?;
    }
    Ok(database)
}

fn create_table(database: &Database, table: &TableSpec) -> anyhow::Result<()> {
    let request: CreateTableRequest = serde_json::from_value(table.properties.clone())?;
    match database.create_table(request) {
        Err(DynoxideError::ResourceInUseException(_)) => return Ok(()),
        created => created?,
    };
    if let Some(attribute) = &table.ttl_attribute {
        database.update_time_to_live(UpdateTimeToLiveRequest {
            table_name: table.name.clone(),
            time_to_live_specification: TimeToLiveSpecification {
                attribute_name: attribute.clone(),
                enabled: true,
            },
        })?;
    }
    Ok(())
}

/// The address at which both services answer.
pub(crate) struct Aws {
    secrets: Mutex<BTreeMap<String, String>>,
    dynamodb: String,
    http: reqwest::Client,
    faults: Arc<Faults<Operation>>,
    counts: Mutex<BTreeMap<Operation, u64>>,
}

/// What can be asked of the two services; fault rules and counts name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    GetItem,
    PutItem,
    UpdateItem,
    DeleteItem,
    Query,
    Scan,
    TransactWriteItems,
    TransactGetItems,
    BatchGetItem,
    BatchWriteItem,
    GetSecretValue,
    /// Anything else that the engine serves.
    Other,
}

impl Aws {
    /// Starts the engine behind a port of its own. `secrets` are values by id.
    pub(crate) async fn start(
        database: Database,
        secrets: BTreeMap<String, String>,
        mut stop: watch::Receiver<bool>,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let dynamodb = format!("http://{}/", listener.local_addr()?);
        tokio::spawn(async move {
            let stopped = async move {
                // An error means that the system is gone, which is a stop too.
                let _ = stop.wait_for(|stop| *stop).await;
            };
            if let Err(error) =
                dynoxide::server::serve_with_shutdown(listener, database, stopped).await
            {
                tracing::error!(error, "the database stopped");
            }
        });
        Ok(Self {
            secrets: Mutex::new(secrets),
            dynamodb,
            http: reqwest::Client::new(),
            faults: Arc::default(),
            counts: Mutex::default(),
        })
    }

    /// The rules that `/control/faults` sets.
    pub(crate) fn faults(&self) -> Arc<Faults<Operation>> {
        Arc::clone(&self.faults)
    }

    /// Both services as something that can be served.
    pub(crate) fn into_router(self) -> Router {
        Router::new()
            .route(
                "/control/faults",
                get(list_faults).post(add_faults).delete(clear_faults),
            )
            .route("/control/counts", get(counts))
            .fallback(dispatch)
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .with_state(Arc::new(self))
    }

    fn secret(&self, action: &str, body: &[u8]) -> Response {
        let request: Value = serde_json::from_slice(body).unwrap_or_default();
        let id = request["SecretId"].as_str().unwrap_or_default();
        let id = id.strip_prefix(ARN).unwrap_or(id);
        let Ok(mut secrets) = self.secrets.lock() else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        if action == "ListSecrets" {
            let list: Vec<Value> = secrets.keys().map(|id| listed(id)).collect();
            return json_response(StatusCode::OK, &json!({"SecretList": list}));
        }
        let Some(value) = secrets.get_mut(id) else {
            return refusal("ResourceNotFoundException", "There is no such secret.");
        };
        let mut answer = json!({"ARN": arn(id), "Name": id, "VersionStages": ["AWSCURRENT"]});
        match (action, request["SecretString"].as_str()) {
            ("GetSecretValue", _) => answer["SecretString"] = json!(value),
            ("PutSecretValue", Some(new)) => new.clone_into(value),
            _ => return refusal("InvalidRequestException", "That is not served here."),
        }
        json_response(StatusCode::OK, &answer)
    }

    async fn forward(&self, headers: HeaderMap, body: Bytes) -> Response {
        let mut request = self.http.post(&self.dynamodb).body(body);
        for name in [
            "x-amz-target",
            "content-type",
            "authorization",
            "x-amz-date",
        ] {
            if let Some(value) = headers.get(name) {
                request = request.header(name, value);
            }
        }
        let Ok(answer) = request.send().await else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        let (status, headers) = (answer.status(), answer.headers().clone());
        let Ok(bytes) = answer.bytes().await else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        let mut response = bytes.into_response();
        *response.status_mut() = status;
        for (name, value) in &headers {
            if name.as_str().starts_with("x-amz") || name == header::CONTENT_TYPE {
                response.headers_mut().insert(name, value.clone());
            }
        }
        response
    }
}

/// What an ARN of a secret begins with; its name follows.
const ARN: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:";

fn arn(id: &str) -> String {
    format!("{ARN}{id}")
}

/// A secret with the tags that `CloudFormation` puts on what it makes. The stack is
/// called as it is in the template here.
fn listed(id: &str) -> Value {
    let tag = |name, value| json!({"Key": format!("aws:cloudformation:{name}"), "Value": value});
    let tags = [tag("stack-name", "local"), tag("logical-id", id)];
    json!({"ARN": arn(id), "Name": id, "Tags": tags})
}

/// Both services tell an operation by the header `X-Amz-Target`.
async fn dispatch(State(aws): State<Arc<Aws>>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let operation = operation(&target);
    if let Ok(mut counts) = aws.counts.lock() {
        *counts.entry(operation).or_default() += 1;
    }
    let tables = tables_of(&body);
    let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
    let plan = aws.faults.plan(&operation, &tables);
    if let Some(answer) = disturb(plan.before, fault).await {
        return answer;
    }
    let answer = match target.strip_prefix("secretsmanager.") {
        Some(action) => aws.secret(action, &body),
        None => aws.forward(headers, body).await,
    };
    disturb(plan.after, fault).await.unwrap_or(answer)
}

fn operation(target: &str) -> Operation {
    match target.rsplit('.').next().unwrap_or_default() {
        "GetItem" => Operation::GetItem,
        "PutItem" => Operation::PutItem,
        "UpdateItem" => Operation::UpdateItem,
        "DeleteItem" => Operation::DeleteItem,
        "Query" => Operation::Query,
        "Scan" => Operation::Scan,
        "TransactWriteItems" => Operation::TransactWriteItems,
        "TransactGetItems" => Operation::TransactGetItems,
        "BatchGetItem" => Operation::BatchGetItem,
        "BatchWriteItem" => Operation::BatchWriteItem,
        "GetSecretValue" => Operation::GetSecretValue,
        _ => Operation::Other,
    }
}

/// Every table that a request names, wherever in it.
fn tables_of(body: &[u8]) -> Vec<String> {
    fn collect(value: &Value, tables: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                tables.extend(
                    fields
                        .get("TableName")
                        .and_then(Value::as_str)
                        .map(str::to_owned),
                );
                fields.values().for_each(|value| collect(value, tables));
            }
            Value::Array(values) => values.iter().for_each(|value| collect(value, tables)),
            _ => {}
        }
    }
    let mut tables = Vec::new();
    if let Ok(request) = serde_json::from_slice(body) {
        collect(&request, &mut tables);
    }
    tables
}

/// An error as DynamoDB writes it.
fn fault(
    headers: HeaderMap,
    status: StatusCode,
    code: Option<String>,
    _aadsts: Option<u32>,
) -> Response {
    let code = code.unwrap_or_else(|| {
        let known = if status.is_server_error() {
            "InternalServerError"
        } else {
            "ThrottlingException"
        };
        known.to_owned()
    });
    let kind = format!("com.amazonaws.dynamodb.v20120810#{code}");
    let mut answer = json_response(
        status,
        &json!({"__type": kind, "message": "A planned fault."}),
    );
    answer.headers_mut().extend(headers);
    answer
}

async fn list_faults(State(aws): State<Arc<Aws>>) -> Json<Value> {
    Json(json!({"faults": aws.faults.list()}))
}

async fn add_faults(State(aws): State<Arc<Aws>>, body: Bytes) -> Response {
    let rules: Result<Vec<Rule<Operation>>, _> = serde_json::from_slice(&body);
    let problem = match &rules {
        Ok(rules) => rules.iter().find_map(Rule::problem).map(str::to_owned),
        Err(error) => Some(error.to_string()),
    };
    match (rules, problem) {
        (Ok(rules), None) => {
            aws.faults.add(rules);
            list_faults(State(aws)).await.into_response()
        }
        (_, problem) => {
            let error = json!({"error": problem});
            (StatusCode::BAD_REQUEST, Json(error)).into_response()
        }
    }
}

async fn clear_faults(State(aws): State<Arc<Aws>>) -> StatusCode {
    aws.faults.clear();
    StatusCode::NO_CONTENT
}

/// Requests since the start, by operation.
async fn counts(State(aws): State<Arc<Aws>>) -> Json<Value> {
    let counts = aws.counts.lock().map(|counts| counts.clone());
    Json(json!({"operations": counts.unwrap_or_default()}))
}

fn refusal(kind: &str, message: &str) -> Response {
    json_response(
        StatusCode::BAD_REQUEST,
        &json!({"__type": kind, "Message": message}),
    )
}

fn json_response(status: StatusCode, body: &Value) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "application/x-amz-json-1.1")],
        body.to_string(),
    )
        .into_response()
}
