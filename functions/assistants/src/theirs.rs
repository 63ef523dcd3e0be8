//! `GET /vapi/analytics?source=vapi`: the same question, answered by VAPI.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use shared::http::{HttpError, Response, ok};
use shared::vapi::VapiError;

use super::Assistants;
use super::calls::Days;

pub(super) async fn show(
    function: &Assistants,
    days: Days,
    assistant: Option<&str>,
) -> Result<Response, HttpError> {
    let answer = function.dashboard.analytics(&question(days)?).await?;
    let rows = answer[0]["result"].as_array().ok_or(NO_RESULT)?;
    let groups = rows
        .iter()
        .filter(|row| assistant.is_none_or(|id| row["assistantId"] == id));
    ok(&json!({
        "status": "success",
        "source": "vapi",
        "from": days.first,
        "to": days.last,
        "groups": groups.map(group).collect::<Vec<_>>(),
    }))
}

const NO_RESULT: VapiError = VapiError::Unreadable("there is no result in it");

fn question(days: Days) -> Result<Value, HttpError> {
    let midnight = |date: Date| date.to_zoned(TimeZone::UTC).map(|day| day.timestamp());
    let (start, end) = (
        midnight(days.first),
        days.last.tomorrow().and_then(midnight),
    );
    let unusable = |_| HttpError::bad_field("to", "is too far away");
    Ok(json!({"queries": [{
        "table": "call",
        "name": "by_assistant",
        "groupBy": ["assistantId"],
        "operations": [
            {"operation": "count", "column": "id"},
            {"operation": "sum", "column": "duration"},
            {"operation": "avg", "column": "duration"},
            {"operation": "sum", "column": "cost"},
        ],
        "timeRange": {
            "step": "day",
            "start": start.map_err(unusable)?,
            "end": end.map_err(unusable)?,
            "timezone": "UTC",
        },
    }]}))
}

/// One row. VAPI does not say in which unit durations are, so they are as it gives them.
fn group(row: &Value) -> Value {
    json!({
        "day": row["date"].as_str().map(|date| date.get(..10).unwrap_or(date)),
        "assistant_id": row["assistantId"],
        "calls": number(&row["countId"]),
        "duration": number(&row["sumDuration"]),
        "average_duration": number(&row["avgDuration"]),
        "cost": number(&row["sumCost"]),
    })
}

/// VAPI writes some numbers as texts.
fn number(value: &Value) -> Value {
    let parsed = value
        .as_str()
        .and_then(|text| text.parse::<serde_json::Number>().ok());
    match parsed {
        Some(number) => Value::Number(number),
        None if value.is_number() => value.clone(),
        None => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_whether_its_numbers_are_texts_or_not() {
        let row = json!({"date": "2026-11-23T00:00:00.000Z", "assistantId": "a", "countId": "12",
            "sumDuration": 7.5, "avgDuration": "0.625", "sumCost": "many"});
        let expected = json!({"day": "2026-11-23", "assistant_id": "a", "calls": 12,
            "duration": 7.5, "average_duration": 0.625, "cost": null});
        assert_eq!(group(&row), expected);
        let nothing = group(&json!({"date": "é"}));
        assert_eq!(nothing["day"], "é");
        assert_eq!(nothing["calls"], Value::Null);
    }

    #[test]
    fn the_last_day_is_asked_for_whole() {
        let days = Days {
            first: jiff::civil::date(2026, 11, 1),
            last: jiff::civil::date(2026, 11, 22),
        };
        let asked = question(days).unwrap();
        let range = &asked["queries"][0]["timeRange"];
        assert_eq!(range["start"], "2026-11-01T00:00:00Z");
        assert_eq!(range["end"], "2026-11-23T00:00:00Z");
    }
}
