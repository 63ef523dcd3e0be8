//! Where the next page of a list begins, opaque to the client. It opens nothing: what
//! it leads to is checked like any other request.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{ApiRequest, HttpError};

/// A place in a list as `next_cursor`.
pub fn cursor(place: &impl Serialize) -> Option<String> {
    let text = serde_json::to_vec(place).ok()?;
    Some(URL_SAFE_NO_PAD.encode(text))
}

/// The place that a request's `cursor` names, if it names one.
pub fn place_from_query<T: DeserializeOwned>(request: &ApiRequest) -> Result<Option<T>, HttpError> {
    let Some(text) = request.query("cursor") else {
        return Ok(None);
    };
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let place = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    place.map(Some).ok_or_else(HttpError::bad_cursor)
}
