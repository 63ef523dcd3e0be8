//! `Idempotency-Key`: the same request, sent again, gets the answer that was given
//! (IETF draft "The Idempotency-Key HTTP Header Field").

use std::future::Future;

use lambda_http::Body;
use lambda_http::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::clock::Turn;
use shared::http::{ApiRequest, HttpError, Response, created};
use shared::ids::digest;
use shared::store::{Answers, Begun};

/// The longest key.
const KEY_LIMIT: usize = 255;

#[derive(Serialize, Deserialize)]
struct Kept {
    body: Value,
}

/// The key of a request, if it has one.
pub(super) fn idempotency_key(request: &ApiRequest) -> Result<Option<&str>, HttpError> {
    let Some(key) = request.header("idempotency-key").map(str::trim) else {
        return Ok(None);
    };
    let fits = (1..=KEY_LIMIT).contains(&key.len()) && key.chars().all(|c| c.is_ascii_graphic());
    if !fits {
        let problem = "must be 1 to 255 visible characters";
        return Err(HttpError::bad_field("Idempotency-Key", problem));
    }
    Ok(Some(key))
}

/// Carries `work` out, unless a request with that id was answered before. Only an
/// event that was made is remembered: whatever else came of it is found out anew.
pub(super) async fn once(
    answers: &Answers,
    request: &ApiRequest,
    id: &str,
    turn: &Turn,
    work: impl Future<Output = Result<Response, HttpError>>,
) -> Result<Response, HttpError> {
    let content = digest(&[&request.body(usize::MAX)?, request.raw_query().as_bytes()]);
    match answers.begin(id, &content, turn).await? {
        Begun::New => {}
        Begun::Answered(kept) => {
            let kept: Kept = serde_json::from_str(&kept).map_err(HttpError::internal)?;
            return created(&kept.body);
        }
        Begun::Different => {
            return Err(HttpError::unprocessable(
                "idempotency_key_reused",
                "This Idempotency-Key was used for another request.",
            ));
        }
        Begun::Running => {
            return Err(HttpError::conflict(
                "in_progress",
                "The first request with this Idempotency-Key is still being carried out.",
            ));
        }
    }
    let answer = work.await;
    let kept = match answer.as_ref().ok().and_then(made) {
        Some(body) => {
            let kept = serde_json::to_string(&Kept { body }).map_err(HttpError::internal)?;
            answers.finish(id, &content, kept, turn.now).await
        }
        None => answers.forget(id).await,
    };
    if let Err(error) = kept {
        tracing::warn!(%error, "a repeat of this request will be carried out again");
    }
    answer
}

/// The body of an answer that says that the event was made.
fn made(response: &Response) -> Option<Value> {
    let Body::Text(text) = response.body() else {
        return None;
    };
    let is_made = response.status() == StatusCode::CREATED;
    is_made.then(|| serde_json::from_str(text).ok()).flatten()
}
