//! The parts that several bodies have, and how what is wrong with them is put.

use serde_json::Value;

use super::store::Thing;

/// What is wrong with a body, one sentence a field.
#[derive(Default)]
pub(super) struct Problems(Vec<String>);

impl Problems {
    pub(super) fn into_list(self) -> Vec<String> {
        self.0
    }

    pub(super) fn add(&mut self, at: &str, problem: &str) {
        self.0.push(format!("{at} {problem}"));
    }

    /// Names the fields that cannot be written.
    pub(super) fn only(&mut self, at: &str, sent: &Thing, known: &[&str]) {
        for name in sent.keys().filter(|name| !known.contains(&name.as_str())) {
            self.0.push(format!("property {at}{name} should not exist"));
        }
    }

    pub(super) fn text(&mut self, at: &str, value: &Value) {
        if !value.is_string() {
            self.add(at, "must be a string");
        }
    }

    pub(super) fn one_of(&mut self, at: &str, value: &Value, known: &[&str]) {
        if !value.as_str().is_some_and(|value| known.contains(&value)) {
            self.add(at, &format!("has a value that is not known, {value}"));
        }
    }

    pub(super) fn list<'a>(&mut self, at: &str, value: &'a Value) -> &'a [Value] {
        if let Value::Array(values) = value {
            return values;
        }
        self.add(at, "must be an array");
        &[]
    }

    fn number(&mut self, at: &str, value: &Value, least: f64, most: f64) {
        let fits = value
            .as_f64()
            .is_some_and(|value| (least..=most).contains(&value));
        if !fits && !value.is_null() {
            self.add(at, &format!("must be a number from {least} to {most}"));
        }
    }
}

/// `Server` of the API reference.
pub(super) fn server(at: &str, value: &Value, problems: &mut Problems) {
    if value.is_null() {
        return;
    }
    let Some(server) = value.as_object() else {
        return problems.add(at, "must be an object");
    };
    if let Some(url) = server.get("url") {
        let url = url.as_str().and_then(|url| url::Url::parse(url).ok());
        if !url.is_some_and(|url| matches!(url.scheme(), "http" | "https")) {
            problems.add(&format!("{at}.url"), "must be an http or https URL");
        }
    }
    problems.number(
        &format!("{at}.timeoutSeconds"),
        &value["timeoutSeconds"],
        1.0,
        300.0,
    );
    if let Some(id) = server.get("credentialId").filter(|id| !id.is_null()) {
        problems.text(&format!("{at}.credentialId"), id);
    }
    let plan = &value["backoffPlan"];
    if !plan.is_null() {
        let at = format!("{at}.backoffPlan");
        problems.one_of(
            &format!("{at}.type"),
            &plan["type"],
            &["fixed", "exponential"],
        );
        for name in ["maxRetries", "baseDelaySeconds"] {
            problems.number(&format!("{at}.{name}"), &plan[name], 0.0, 10.0);
        }
    }
}

/// `OpenAIFunction` of the API reference. It does not say that what is required must be
/// a property; a model cannot fill in what is not there.
pub(super) fn function(at: &str, value: &Value, problems: &mut Problems) {
    let name = value["name"].as_str().unwrap_or_default();
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !(1..=64).contains(&name.len()) || !name.chars().all(fits) {
        problems.add(
            &format!("{at}.name"),
            "must be 1 to 64 letters, digits, _ or -",
        );
    }
    let Some(parameters) = value.get("parameters") else {
        return;
    };
    let at = format!("{at}.parameters");
    if parameters["type"] != "object" {
        problems.add(&format!("{at}.type"), "must be \"object\"");
    }
    let properties = parameters["properties"].as_object();
    for (name, schema) in properties.into_iter().flatten() {
        let types = &["string", "number", "integer", "boolean", "array", "object"];
        problems.one_of(
            &format!("{at}.properties.{name}.type"),
            &schema["type"],
            types,
        );
    }
    for required in parameters["required"].as_array().into_iter().flatten() {
        let name = required.as_str().unwrap_or_default();
        if !properties.is_some_and(|properties| properties.contains_key(name)) {
            let problem = format!("has {required}, which is no property");
            problems.add(&format!("{at}.required"), &problem);
        }
    }
}

/// The four kinds of a tool's messages in the API reference.
pub(super) fn tool_message(at: &str, value: &Value, problems: &mut Problems) {
    let kinds = &[
        "request-start",
        "request-response-delayed",
        "request-complete",
        "request-failed",
    ];
    problems.one_of(&format!("{at}.type"), &value["type"], kinds);
    let content = value["content"].as_str().unwrap_or_default();
    if content.chars().count() > 1000 {
        problems.add(&format!("{at}.content"), "must be at most 1000 characters");
    }
    let of = |kinds: &[&str]| {
        value["type"]
            .as_str()
            .is_some_and(|kind| kinds.contains(&kind))
    };
    let timing = &value["timingMilliseconds"];
    problems.number(
        &format!("{at}.timingMilliseconds"),
        timing,
        100.0,
        120_000.0,
    );
    for (name, kinds) in [
        ("timingMilliseconds", &["request-response-delayed"][..]),
        ("blocking", &["request-start"]),
        ("role", &["request-complete", "request-failed"]),
    ] {
        if !value[name].is_null() && !of(kinds) {
            problems.add(&format!("{at}.{name}"), "should not exist");
        }
    }
}

/// One of a tool's own arguments, which the model neither sees nor fills in.
pub(super) fn static_parameter(at: &str, value: &Value, problems: &mut Problems) {
    if value["key"].as_str().is_none_or(str::is_empty) {
        problems.add(&format!("{at}.key"), "should not be empty");
    }
    if value["value"].is_null() {
        problems.add(&format!("{at}.value"), "should not be empty");
    }
}
