//! What the document has to be, whatever a route answers.

use std::collections::BTreeSet;

use serde_json::Value;

use super::document::{DOCUMENT, Document};
use crate::settings;
use crate::system::{Answer, TestSystem};

/// Fields of answers that are not always there, by the schema that they are in; whatever
/// else an answer has, it always has.
const NOT_ALWAYS: [&str; 12] = [
    "Error.alternatives",
    "Error.errors",
    "Error.field",
    "Error.id",
    "Error.user_id",
    "Event.appointment_id",
    "OpenTimes.with",
    "Settings.blocks",
    "Slot.slot_id",
    "ToolResults.error",
    "ToolResults.message",
    "ToolResults.result",
];

#[tokio::test]
async fn the_document_has_every_route_of_the_template_and_no_other() {
    let system = TestSystem::empty().await;
    let template = settings::template(&system.local);
    let functions = template.functions.into_iter();
    let mut declared: BTreeSet<String> = functions.flat_map(|function| function.routes).collect();
    // Whatever is no route has no place in it.
    assert!(declared.remove("$default"));
    let documented: BTreeSet<String> = DOCUMENT.operations().map(|(route, _)| route).collect();
    assert_eq!(documented, declared);
}

#[tokio::test]
async fn the_document_is_served_and_not_again_to_who_has_it() {
    let system = TestSystem::empty().await;
    let answer = system.get("/openapi.json").await;
    assert_eq!(answer.body, DOCUMENT.root);
    assert_eq!(answer.body["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    let request = system.request(reqwest::Method::GET, "/openapi.json");
    let again = Answer::of(request.header("if-none-match", answer.header("etag"))).await;
    assert_eq!((again.status, again.text.as_str()), (304, ""));
}

#[test]
fn every_operation_is_named_and_described() {
    let mut names = BTreeSet::new();
    let tags = DOCUMENT.root["tags"].as_array().unwrap();
    for (route, operation) in DOCUMENT.operations() {
        let name = operation["operationId"].as_str().unwrap();
        assert!(names.insert(name), "{name} is there twice");
        assert!(operation["summary"].is_string(), "{route}");
        let tag = &operation["tags"][0];
        assert!(tags.iter().any(|known| known["name"] == *tag), "{route}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let mut references = BTreeSet::new();
    each(&DOCUMENT.root, &mut |value| {
        if value["$ref"].is_string() {
            references.insert(value["$ref"].as_str().unwrap().to_owned());
            DOCUMENT.resolved(value);
        }
    });
    assert!(references.len() > 50);
    for (kind, parts) in DOCUMENT.root["components"].as_object().unwrap() {
        for name in parts.as_object().unwrap().keys() {
            let own = format!("#/components/{kind}/{name}");
            let is_used = references.iter().any(|known| known.starts_with(&own));
            assert!(is_used || kind == "securitySchemes", "{own} is of no use");
        }
    }
}

#[test]
fn an_answer_has_no_fields_but_those_that_are_documented() {
    for (route, operation) in DOCUMENT.operations() {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let content = DOCUMENT.resolved(response)["content"].as_object();
            let schemas = content.into_iter().flatten();
            for (_, media) in schemas.filter(|_| route != "GET /openapi.json") {
                assert_closed(&DOCUMENT, &media["schema"], &format!("{route} {status}"));
            }
        }
    }
}

/// Asserts that the objects of a schema have their fields always, and no others. `place`
/// is what the schema is called, or is a part of.
fn assert_closed(document: &Document, schema: &Value, place: &str) {
    let name = schema["$ref"].as_str();
    let name = name.and_then(|reference| reference.rsplit('/').next());
    let place = name.unwrap_or(place);
    let schema = document.resolved(schema);
    for list in ["anyOf", "oneOf", "allOf"] {
        for one in schema[list].as_array().into_iter().flatten() {
            assert_closed(document, one, place);
        }
    }
    for inner in ["items", "additionalProperties"] {
        if schema[inner].is_object() {
            assert_closed(document, &schema[inner], place);
        }
    }
    let fields = schema["properties"].as_object().into_iter().flatten();
    let needed = schema["required"].as_array();
    for (name, field) in fields {
        let own = format!("{place}.{name}");
        assert_eq!(
            schema["additionalProperties"], false,
            "{own} has others beside it"
        );
        let mut needed = needed.into_iter().flatten();
        let always = needed.any(|needed| needed == name);
        assert!(always || NOT_ALWAYS.contains(&own.as_str()), "{own}");
        assert_closed(document, field, place);
    }
}

fn each<'a>(value: &'a Value, visit: &mut impl FnMut(&'a Value)) {
    visit(value);
    match value {
        Value::Array(entries) => entries.iter().for_each(|entry| each(entry, visit)),
        Value::Object(fields) => fields.values().for_each(|field| each(field, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
