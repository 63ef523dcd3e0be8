//! Event ids in both formats (Learn: outlook-immutable-id). An id names an
//! event and, for an occurrence, its date; it is looked up in the caller's
//! mailbox only. The formats are told apart by their beginning and are not
//! interchangeable.

use base64::{Engine, engine::general_purpose::URL_SAFE};
use jiff::civil::Date;
use uuid::Uuid;

use super::error::GraphError;

const IMMUTABLE: &str = "AAkALgAAAAAAHYQDEapmEc2byACqAC_EWg0A";
const MUTABLE: &str = "AAMkADVlZDdkOTlhLWQ4NGItNDA4ZC1iODQwLTY3ZGU5";

/// What an id means inside its mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EventRef {
    pub key: Uuid,
    /// The date of an occurrence, in the series' zone.
    pub date: Option<Date>,
}

/// Writes the id of an event.
pub(crate) fn event_id(immutable: bool, key: Uuid, date: Option<Date>) -> String {
    let mut bytes = key.as_bytes().to_vec();
    let (year, month, day) = date.map_or((0, 0, 0), |date| (date.year(), date.month(), date.day()));
    bytes.extend(year.to_be_bytes());
    bytes.extend(month.to_be_bytes());
    bytes.extend(day.to_be_bytes());
    let prefix = if immutable { IMMUTABLE } else { MUTABLE };
    format!("{prefix}{}", URL_SAFE.encode(bytes))
}

/// Reads an id in the format that the request prefers.
pub(super) fn read_event_id(immutable: bool, text: &str) -> Result<EventRef, GraphError> {
    let (wanted, other) = if immutable {
        (IMMUTABLE, MUTABLE)
    } else {
        (MUTABLE, IMMUTABLE)
    };
    let Some(encoded) = text.strip_prefix(wanted) else {
        return Err(if text.starts_with(other) {
            GraphError::item_not_found()
        } else {
            GraphError::malformed_id()
        });
    };
    let bytes = URL_SAFE
        .decode(encoded)
        .map_err(|_| GraphError::malformed_id())?;
    let (key, date) = bytes
        .split_at_checked(16)
        .ok_or_else(GraphError::malformed_id)?;
    let key = Uuid::from_slice(key).map_err(|_| GraphError::malformed_id())?;
    let date = match date {
        [0, 0, 0, 0] => None,
        [high, low, month, day] => {
            let year = i16::from_be_bytes([*high, *low]);
            let date = Date::new(year, month.cast_signed(), day.cast_signed());
            Some(date.map_err(|_| GraphError::malformed_id())?)
        }
        _ => return Err(GraphError::malformed_id()),
    };
    Ok(EventRef { key, date })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn an_id_is_read_back_in_its_own_format_only() {
        let key = Uuid::from_u128(7);
        for date in [None, Some(date(2026, 11, 24))] {
            let id = event_id(true, key, date);
            assert_eq!(read_event_id(true, &id).unwrap(), EventRef { key, date });
            let code = |immutable, id: &str| read_event_id(immutable, id).unwrap_err().code;
            assert_eq!(code(false, &id), "ErrorItemNotFound");
            for broken in [
                id.to_lowercase(),
                id.replace('=', ""),
                format!("{id}AAAA"),
                "x".into(),
            ] {
                assert_eq!(code(true, &broken), "ErrorInvalidIdMalformed", "{broken}");
            }
        }
    }
}
