//! The document as something that answers are held against.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use service_info::OPENAPI;

use crate::system::Answer;

/// The document, with what was compiled of it.
pub(super) struct Document {
    pub(super) root: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

pub(super) static DOCUMENT: LazyLock<Document> = LazyLock::new(|| Document {
    root: serde_json::from_str(OPENAPI).unwrap(),
    validators: Mutex::default(),
});

/// Asserts that an answer is as documented, if the request was to one of our routes.
pub(crate) fn assert_documented(method: &Method, path: &str, answer: &Answer) {
    if let Err(problem) = DOCUMENT.check(method, path, answer) {
        panic!("{method} {path} is not as documented: {problem}\n{answer:?}");
    }
}

impl Document {
    /// What is behind a reference, or the value itself.
    pub(super) fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self
                .root
                .pointer(&reference[1..])
                .unwrap_or_else(|| panic!("{reference} leads nowhere")),
            None => value,
        }
    }

    /// The operations by their routes, in API Gateway's names.
    pub(super) fn operations(&self) -> impl Iterator<Item = (String, &Value)> {
        let paths = self.root["paths"].as_object().unwrap().iter();
        paths.flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().iter();
            let methods = methods.filter(|(name, _)| *name != "parameters");
            methods.map(move |(method, operation)| {
                (format!("{} {path}", method.to_uppercase()), operation)
            })
        })
    }

    /// The route that takes a request, with its operation: a literal path comes before one
    /// with parameters.
    pub(super) fn route(&self, method: &Method, path: &str) -> Option<(String, &Value)> {
        let fits = |route: &str| {
            let (known, template) = route.split_once(' ').unwrap();
            known == method.as_str() && is_path_of(template, path)
        };
        self.operations()
            .filter(|(route, _)| fits(route))
            .min_by_key(|(route, _)| route.matches('{').count())
    }

    /// What of an answer is not documented. Nothing is said of other addresses.
    pub(super) fn check(&self, method: &Method, path: &str, answer: &Answer) -> Result<(), String> {
        let Some((route, operation)) = self.route(method, path) else {
            return Ok(());
        };
        let status = answer.status.to_string();
        let response = operation["responses"].get(&status);
        let response = response.ok_or_else(|| format!("{route} answers no {status}"))?;
        let response = self.resolved(response);
        self.check_headers(response, &answer.headers)?;
        let Some(content) = response["content"].as_object() else {
            return if answer.text.is_empty() {
                Ok(())
            } else {
                Err(format!("{route} has no body with {status}"))
            };
        };
        let media_type = answer.header("content-type").split(';').next().unwrap();
        let media = content.get(media_type);
        let media = media.ok_or_else(|| format!("{route} has no {media_type} with {status}"))?;
        let name = format!("{route} {status} {media_type}");
        if media_type == "application/json" {
            self.check_value(&name, &media["schema"], &answer.body)
        } else {
            self.check_value(&name, &media["schema"], &json!(answer.text))
        }
    }

    fn check_headers(&self, response: &Value, headers: &HeaderMap) -> Result<(), String> {
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            let header = self.resolved(header);
            let Some(value) = headers.get(name) else {
                if header["required"] == true {
                    return Err(format!("there is no {name}"));
                }
                continue;
            };
            let text = value.to_str().unwrap();
            let value = if header["schema"]["type"] == "integer" {
                serde_json::from_str(text).unwrap_or_default()
            } else {
                json!(text)
            };
            self.check_value(&format!("header {name}"), &header["schema"], &value)?;
        }
        Ok(())
    }

    fn check_value(&self, name: &str, schema: &Value, value: &Value) -> Result<(), String> {
        let validator = self.validator(name, schema);
        let problems: Vec<String> = validator
            .iter_errors(value)
            .map(|problem| format!("{}: {problem}", problem.instance_path()))
            .collect();
        if problems.is_empty() {
            return Ok(());
        }
        Err(format!("{name}: {}", problems.join("; ")))
    }

    /// A schema of the document, compiled once. It looks nowhere else for others.
    fn validator(&self, name: &str, schema: &Value) -> Arc<Validator> {
        let mut validators = self.validators.lock().unwrap();
        let compile = || {
            let mut whole = schema.clone();
            whole["components"] = self.root["components"].clone();
            let options = jsonschema::options();
            let options = options.should_validate_formats(true).offline();
            Arc::new(options.build(&whole).unwrap())
        };
        Arc::clone(validators.entry(name.to_owned()).or_insert_with(compile))
    }
}

/// Whether a path is one of a template; `{…}` stands for any one segment.
fn is_path_of(template: &str, path: &str) -> bool {
    let known: Vec<&str> = template.split('/').collect();
    let asked: Vec<&str> = path.split('/').collect();
    let mut pairs = known.iter().zip(&asked);
    known.len() == asked.len()
        && pairs
            .all(|(known, asked)| known == asked || (known.starts_with('{') && !asked.is_empty()))
}

/// An answer that nobody gave.
fn answer(status: u16, headers: &[(&'static str, &'static str)], body: &Value) -> Answer {
    let mut all = HeaderMap::new();
    for (name, value) in headers {
        all.insert(*name, value.parse().unwrap());
    }
    Answer {
        status,
        headers: all,
        text: body.to_string(),
        body: body.clone(),
    }
}

#[test]
fn an_answer_that_is_not_documented_is_found_out() {
    let json = ("content-type", "application/json");
    let scheme = ("www-authenticate", "Bearer");
    let slot = json!({"start_time": "2031-11-25T09:00:00-06:00", "day": "Tuesday",
        "end_time": "2031-11-25T09:30:00-06:00", "formatted_time": "Tuesday"});
    let with = |name: &str, value: Value| {
        let mut slot = slot.clone();
        slot[name] = value;
        json!({"status": "success", "available_slots": [slot], "time_zone": "America/Chicago",
            "generated_at": "2031-11-24T14:00:00Z"})
    };
    let refusal = json!({"status": "error", "code": "unauthorized", "message": "No.",
        "request_id": "r"});
    let mut transcript = Vec::new();
    for (what, answer) in [
        (
            "as documented",
            answer(200, &[json], &with("slot_id", json!("s"))),
        ),
        ("a refusal", answer(401, &[json, scheme], &refusal)),
        (
            "a field too many",
            answer(200, &[json], &with("slot", json!("s"))),
        ),
        ("another kind", answer(200, &[json], &with("day", json!(2)))),
        (
            "no offset",
            answer(
                200,
                &[json],
                &with("end_time", json!("2031-11-25T09:30:00")),
            ),
        ),
        (
            "a field too few",
            answer(200, &[json], &json!({"status": "success"})),
        ),
        ("another status", answer(418, &[json], &json!({}))),
        (
            "another type",
            answer(200, &[("content-type", "text/csv")], &json!({})),
        ),
        ("no header", answer(401, &[json], &refusal)),
    ] {
        let found = DOCUMENT.check(&Method::GET, "/calendar/availability", &answer);
        transcript.push(format!(
            "{what}: {}",
            found.err().unwrap_or("nothing".to_owned())
        ));
    }
    insta::assert_snapshot!(transcript.join("\n"), @r#"
    as documented: nothing
    a refusal: nothing
    a field too many: GET /calendar/availability 200 application/json: /available_slots/0: Additional properties are not allowed ('slot' was unexpected)
    another kind: GET /calendar/availability 200 application/json: /available_slots/0/day: 2 is not of type "string"
    no offset: GET /calendar/availability 200 application/json: /available_slots/0/end_time: "2031-11-25T09:30:00" is not a "date-time"
    a field too few: GET /calendar/availability 200 application/json: : "available_slots" is a required property; : "time_zone" is a required property; : "generated_at" is a required property
    another status: GET /calendar/availability answers no 418
    another type: GET /calendar/availability has no text/csv with 200
    no header: there is no WWW-Authenticate
    "#);
}

#[test]
fn a_request_is_known_by_its_route() {
    for (method, path, route) in [
        (Method::GET, "/rentals/r-1", Some("GET /rentals/{id}")),
        (
            Method::POST,
            "/rentals/import",
            Some("POST /rentals/import"),
        ),
        (Method::GET, "/", Some("GET /")),
        (Method::GET, "/rentals/", None),
        (Method::PUT, "/rentals", None),
        (Method::GET, "/control/faults", None),
    ] {
        let found = DOCUMENT.route(&method, path).map(|(route, _)| route);
        assert_eq!(found.as_deref(), route, "{method} {path}");
    }
}
