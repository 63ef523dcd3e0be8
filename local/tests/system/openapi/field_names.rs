//! The names that the CRM's front end uses: parameters that it sends, and fields that it
//! reads. They never change.

use serde_json::Value;

use super::document::{DOCUMENT, Document};

/// The parameters of the query or the body, and the fields of the answer. `[]` is an
/// entry of a list, `{}` a value of a map; a field with `?` is not always there.
struct Names {
    route: &'static str,
    parameters: &'static str,
    fields: &'static str,
}

const RENTAL: &str = "id user_id property_address price bedrooms bathrooms square_feet \
    property_type available_date availability_status days_until_available description features \
    contact_info website url source_type latitude longitude created_at updated_at";

const SOURCE: &str = "id user_id website url kind location created_at last_refreshed_at \
    last_outcome.status last_outcome.added last_outcome.updated last_outcome.rejected \
    last_outcome.message next_refresh_at seen_listings[].title seen_listings[].url \
    seen_listings[].seen_at";

#[rustfmt::skip]
const NAMES: [Names; 30] = [
    Names {
        route: "GET /",
        parameters: "",
        fields: "service name version description status features endpoints.health \
            endpoints.webhook endpoints.database_status endpoints.rentals links",
    },
    Names {
        route: "GET /health",
        parameters: "",
        fields: "status timestamp version tzdb uptime_seconds checks.dynamodb checks.secrets",
    },
    Names {
        route: "GET /calendar/auth/start",
        parameters: "redirect_url user_id",
        fields: "authorization_url expires_at",
    },
    Names {
        route: "POST /calendar/auth/links",
        parameters: "user_id login_hint",
        fields: "url expires_at",
    },
    Names {
        route: "GET /calendar/auth/status",
        parameters: "user_id verify",
        fields: "user_id authorized token_valid provider calendar_email calendar_name calendar_id \
            calendar_link calendar_verified calendar_error needs_reconnect scopes time_zone \
            expires_at expires_at_formatted created_at authorization_url message",
    },
    Names {
        route: "DELETE /calendar/auth/disconnect",
        parameters: "user_id",
        fields: "success message",
    },
    Names {
        route: "GET /calendar/events",
        parameters: "user_id days_ahead start end",
        fields: "status events[].id events[].subject events[].start_time events[].end_time \
            events[].location events[].attendees[].name events[].attendees[].email \
            events[].attendees[].status events[].is_online_meeting events[].web_link events[].body \
            events[].show_as events[].is_all_day events[].appointment_id? time_zone",
    },
    Names {
        route: "POST /calendar/events",
        parameters: "user_id subject start_time end_time duration_minutes body attendee_email \
            attendee_name attendees location property_id is_online_meeting allow_conflict \
            Idempotency-Key",
        fields: "status message event.id event.subject event.start_time event.end_time",
    },
    Names { route: "PATCH /calendar/events/{id}", parameters: "user_id", fields: "status event" },
    Names { route: "DELETE /calendar/events/{id}", parameters: "user_id comment", fields: "status" },
    Names {
        route: "GET /calendar/availability",
        parameters: "user_id days_ahead start end start_hour end_hour duration_minutes property_id \
            limit",
        fields: "status available_slots[].start_time available_slots[].end_time \
            available_slots[].formatted_time available_slots[].day available_slots[].slot_id? \
            time_zone generated_at",
    },
    Names { route: "GET /calendar/settings", parameters: "user_id", fields: "settings.travel.speed_kmh version" },
    Names { route: "PUT /calendar/settings", parameters: "settings version", fields: "settings" },
    Names {
        route: "GET /appointments",
        parameters: "user_id status from to cursor",
        fields: "appointments[].appointment_id next_cursor",
    },
    Names {
        route: "GET /vapi/assistants",
        parameters: "",
        fields: "status assistants[].id assistants[].name assistants[].model assistants[].voice \
            assistants[].firstMessage assistants[].tools assistants[].createdAt \
            assistants[].updatedAt assistants[].serverUrl assistants[].user_id \
            assistants[].webhook_ok assistants[].missing_tools",
    },
    Names { route: "GET /vapi/calls", parameters: "cursor", fields: "calls[].call_id next_cursor" },
    Names {
        route: "GET /vapi/analytics",
        parameters: "from to",
        fields: "groups[].calls groups[].minutes groups[].cost groups[].bookings \
            groups[].conversion groups[].tools{}.p50_ms groups[].tools{}.p95_ms groups[].day \
            groups[].assistant_id",
    },
    Names {
        route: "GET /search/rental",
        parameters: "location query price_range bedrooms website",
        fields: "status source results[].title results[].url results[].snippet",
    },
    Names {
        route: "GET /database/status",
        parameters: "",
        fields: "status database_stats.total_rentals database_stats.websites_tracked \
            database_stats.last_updated database_stats.websites{}.rental_count \
            database_stats.websites{}.last_scraped",
    },
    Names { route: "GET /database/rentals", parameters: "cursor", fields: "status total rentals[] next_cursor" },
    Names { route: "GET /database/rentals/{website}", parameters: "website", fields: "status total rentals[] next_cursor" },
    Names { route: "GET /database/available", parameters: "date", fields: "status total_available current_date rentals[]" },
    Names {
        route: "GET /database/sources",
        parameters: "user_id limit cursor",
        fields: "status sources[] next_cursor",
    },
    Names {
        route: "POST /database/sources",
        parameters: "user_id url kind website location",
        fields: "status source",
    },
    Names { route: "DELETE /database/sources/{id}", parameters: "id user_id", fields: "status" },
    Names { route: "POST /database/sources/{id}/refresh", parameters: "id user_id", fields: "status source" },
    Names { route: "GET /rentals", parameters: "user_id", fields: "rentals[] next_cursor" },
    Names { route: "POST /rentals", parameters: "user_id property_address", fields: "rental" },
    Names { route: "PATCH /rentals/{id}", parameters: "id version price", fields: "rental" },
    Names { route: "POST /rentals/import", parameters: "dry_run website", fields: "errors[].line errors[].errors[].message" },
];

#[test]
fn every_name_that_the_front_end_uses_is_documented() {
    for names in NAMES {
        let (_, operation) = DOCUMENT
            .operations()
            .find(|(route, _)| route == names.route)
            .unwrap_or_else(|| panic!("no {}", names.route));
        for name in names.parameters.split_whitespace() {
            assert!(
                takes(names.route, operation, name),
                "{} takes no {name}",
                names.route
            );
        }
        let schema = success(operation);
        for name in names.fields.split_whitespace() {
            assert_has(schema, name, names.route);
            let within = match name {
                "rentals[]" | "rental" => RENTAL,
                "sources[]" => SOURCE,
                "source" if names.route.contains("sources") => SOURCE,
                _ => "",
            };
            for field in within.split_whitespace() {
                assert_has(schema, &format!("{name}.{field}"), names.route);
            }
        }
    }
}

/// Whether a request can have that name in its query, path, headers or body.
fn takes(route: &str, operation: &Value, name: &str) -> bool {
    let (_, path) = route.split_once(' ').unwrap();
    let shared = &DOCUMENT.root["paths"][path]["parameters"];
    let parameters = [shared, &operation["parameters"]].into_iter();
    let parameters = parameters.filter_map(Value::as_array).flatten();
    let in_query = parameters
        .map(|parameter| DOCUMENT.resolved(parameter))
        .any(|parameter| parameter["name"] == name);
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    in_query || find(&DOCUMENT, body, name).is_some()
}

fn success(operation: &Value) -> &Value {
    let responses = &operation["responses"];
    let response = responses.get("201").unwrap_or(&responses["200"]);
    &DOCUMENT.resolved(response)["content"]["application/json"]["schema"]
}

/// Asserts that an answer has a field, at a place such as `events[].attendees[].name`.
fn assert_has(schema: &'static Value, place: &str, route: &str) {
    let mut schema = schema;
    for step in place.split('.') {
        let is_optional = step.ends_with('?');
        let name = step.trim_end_matches(['?', '[', ']', '{', '}']);
        let (field, is_needed) =
            find(&DOCUMENT, schema, name).unwrap_or_else(|| panic!("{route} answers no {place}"));
        assert_eq!(is_needed, !is_optional, "{route} {place}");
        schema = if step.ends_with("[]") {
            &DOCUMENT.resolved(field)["items"]
        } else if step.ends_with("{}") {
            &DOCUMENT.resolved(field)["additionalProperties"]
        } else {
            field
        };
    }
}

/// A field of an object, and whether it is always there.
fn find<'a>(document: &'a Document, schema: &'a Value, name: &str) -> Option<(&'a Value, bool)> {
    let schema = document.resolved(schema);
    if let Some(field) = schema["properties"].get(name) {
        let mut needed = schema["required"].as_array().into_iter().flatten();
        return Some((field, needed.any(|needed| needed == name)));
    }
    // A map can name some of its keys.
    let mut needed = schema["required"].as_array().into_iter().flatten();
    if schema["additionalProperties"].is_object() && needed.any(|needed| needed == name) {
        return Some((&schema["additionalProperties"], true));
    }
    let choices = ["anyOf", "allOf"].into_iter();
    let choices = choices.filter_map(|list| schema[list].as_array()).flatten();
    choices
        .into_iter()
        .find_map(|choice| find(document, choice, name))
}
