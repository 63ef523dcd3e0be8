//! What must not get into a file or onto a screen, by the names of fields.

use serde_json::Value;

/// Fields that hold, or can hold, a credential.
const SECRET: [&str; 8] = [
    "secret",
    "apikey",
    "api_key",
    "token",
    "authtoken",
    "password",
    "authorization",
    "headers",
];

/// A value without the fields that hold secrets.
pub(super) fn without_secrets(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(name, _)| !is_secret(name));
            let kept = kept.map(|(name, value)| (name.clone(), without_secrets(value)));
            Value::Object(kept.collect())
        }
        Value::Array(values) => values.iter().map(without_secrets).collect(),
        other => other.clone(),
    }
}

/// Whether a field of that name may hold one.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let ends = ["secret", "token", "apikey"];
    SECRET.contains(&name.as_str()) || ends.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_stay_where_they_are() {
        let found = json!({
            "voice": {"provider": "custom-voice",
                "server": {"url": "https://a.example", "secret": "x", "headers": {"k": "v"}}},
            "list": [{"twilioAuthToken": "x", "maxTokens": 3, "apiKey": "x"}],
        });
        let expected = json!({
            "voice": {"provider": "custom-voice", "server": {"url": "https://a.example"}},
            "list": [{"maxTokens": 3}],
        });
        assert_eq!(without_secrets(&found), expected);
    }
}
