//! JSON from a JavaScript sender, with its one habit that `serde_json` refuses.
//!
//! A transcript that was cut inside an emoji holds half of a surrogate pair,
//! and `JSON.stringify` writes that half as an escape. Such a delivery is not
//! thrown away, which would lose the tool call in it: the half becomes U+FFFD.
//! Depth is bounded by `serde_json` itself, at 128 levels.

use serde_json::{Map, Value};

/// Parses JSON, mending halves of surrogate pairs.
///
/// # Errors
/// The error of the first attempt, when the bytes are not JSON even then.
pub(super) fn from_bytes(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    serde_json::from_slice(bytes).or_else(|error| {
        mended(bytes)
            .and_then(|mended| serde_json::from_slice(&mended).ok())
            .ok_or(error)
    })
}

/// The string at `key`, trimmed; absent when it is empty or not a string.
pub(super) fn string<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    let text = object.get(key)?.as_str()?.trim();
    (!text.is_empty()).then_some(text)
}

/// The object at `key`.
pub(super) fn object<'a>(
    parent: &'a Map<String, Value>,
    key: &str,
) -> Option<&'a Map<String, Value>> {
    parent.get(key)?.as_object()
}

/// The bytes with each lone surrogate escape replaced, or `None` if there is none.
fn mended(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut output = Vec::with_capacity(bytes.len());
    let mut changed = false;
    let mut rest = bytes;
    while let Some((&first, tail)) = rest.split_first() {
        let taken = match (escaped_unit(rest), first) {
            (Some(0xD800..=0xDBFF), _) => {
                let low = rest.get(6..).and_then(escaped_unit);
                if matches!(low, Some(0xDC00..=0xDFFF)) {
                    12
                } else {
                    0
                }
            }
            (Some(0xDC00..=0xDFFF), _) => 0,
            (Some(_), _) => 6,
            (None, b'\\') => 2.min(rest.len()),
            (None, _) => 1,
        };
        if taken == 0 {
            output.extend_from_slice(b"\\ufffd");
            changed = true;
            rest = rest.get(6..).unwrap_or_default();
        } else {
            output.extend_from_slice(rest.get(..taken).unwrap_or_default());
            rest = rest.get(taken..).unwrap_or(tail);
        }
    }
    changed.then_some(output)
}

/// The UTF-16 unit of a `\uXXXX` escape at the start of `bytes`.
fn escaped_unit(bytes: &[u8]) -> Option<u16> {
    let hex = bytes.strip_prefix(b"\\u")?.get(..4)?;
    if !hex.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_surrogate_pair_does_not_cost_the_delivery() {
        let cases = [
            (r#""a\ud83d""#, "a\u{FFFD}"),
            (r#""\ude00a""#, "\u{FFFD}a"),
            (r#""\ud83d\ud83d\ude00""#, "\u{FFFD}\u{1F600}"),
            (r#""\uD83D\u0041""#, "\u{FFFD}A"),
            (r#""\\ud83d \ud83d""#, "\\ud83d \u{FFFD}"),
            (r#""\ud83d\ude00""#, "\u{1F600}"),
        ];
        for (json, text) in cases {
            assert_eq!(from_bytes(json.as_bytes()).unwrap(), *text, "{json}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_skipped_and_other_damage_is_reported() {
        assert_eq!(
            from_bytes(b"\xEF\xBB\xBF{}").unwrap(),
            serde_json::json!({})
        );
        for broken in [&b"{"[..], b"\xFF", b"\"\\ud83", b"\"\\ud83d", b"\\"] {
            assert!(from_bytes(broken).is_err(), "{broken:?}");
        }
    }
}
