//! template.yaml as the local system reads it: routes, tables, secrets and the
//! environment of each function, with its intrinsics resolved.
//!
//! Only what the template uses is understood; anything else is an error, so that
//! the laptop never quietly differs from the cloud.

use std::collections::BTreeMap;
use std::path::Path;

use serde_yaml_ng::{Mapping, Value};

/// What is wrong with the template.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    #[error("it cannot be read")]
    Unreadable(#[source] std::io::Error),
    #[error("it is not YAML")]
    NotYaml(#[from] serde_yaml_ng::Error),
    #[error("{at}: {problem}")]
    Unexpected { at: String, problem: String },
}

/// The parts of the template that the local system needs.
#[derive(Debug)]
pub struct Template {
    pub functions: Vec<FunctionSpec>,
    pub tables: Vec<TableSpec>,
    /// Logical ids of the secrets.
    pub secrets: Vec<String>,
}

/// One Lambda function.
#[derive(Clone, Debug)]
pub struct FunctionSpec {
    pub name: String,
    /// The folder of its crate, which its program is called like.
    pub folder: String,
    /// Route keys such as `GET /health`, or `$default`.
    pub routes: Vec<String>,
    pub environment: BTreeMap<String, String>,
    /// Whether it runs by a schedule.
    pub is_scheduled: bool,
}

/// One DynamoDB table.
#[derive(Debug)]
pub struct TableSpec {
    pub name: String,
    /// `Properties` as the `CreateTable` API takes them.
    pub properties: serde_json::Value,
    pub ttl_attribute: Option<String>,
}

/// Parameter values in place of the template's defaults.
pub type Parameters = BTreeMap<&'static str, String>;

impl Template {
    /// Reads the template with those parameter values.
    pub fn read(path: &Path, parameters: &Parameters) -> Result<Self, TemplateError> {
        let text = std::fs::read_to_string(path).map_err(TemplateError::Unreadable)?;
        Self::parse(&text, parameters)
    }

    /// Reads the text of a template.
    pub fn parse(text: &str, parameters: &Parameters) -> Result<Self, TemplateError> {
        let root: Value = serde_yaml_ng::from_str(text)?;
        let resolver = Resolver::new(&root, parameters)?;
        let mut template = Self {
            functions: Vec::new(),
            tables: Vec::new(),
            secrets: Vec::new(),
        };
        for (name, resource) in mapping(&root, "Resources")? {
            let name = text_of(name, "Resources")?;
            match resource.get("Type").and_then(Value::as_str) {
                Some("AWS::Serverless::Function") => {
                    template
                        .functions
                        .push(function(&root, name, resource, &resolver)?);
                }
                Some("AWS::DynamoDB::Table") => template.tables.push(table(name, resource)?),
                Some("AWS::SecretsManager::Secret") => template.secrets.push(name.to_owned()),
                Some(_) => {}
                None => return Err(unexpected(name, "has no Type")),
            }
        }
        if template.functions.is_empty() {
            return Err(unexpected("Resources", "has no function"));
        }
        Ok(template)
    }
}

fn function(
    root: &Value,
    name: &str,
    resource: &Value,
    resolver: &Resolver<'_>,
) -> Result<FunctionSpec, TemplateError> {
    let globals = &root["Globals"]["Function"]["Environment"]["Variables"];
    let own = &resource["Properties"]["Environment"]["Variables"];
    let mut environment = BTreeMap::new();
    for variables in [globals, own] {
        for (key, value) in variables.as_mapping().into_iter().flatten() {
            let key = text_of(key, name)?;
            let at = format!("{name}, environment variable {key}");
            environment.insert(key.to_owned(), resolver.text(value, &at)?);
        }
    }
    let events = resource["Properties"]["Events"].as_mapping();
    let of_type = |wanted: &'static str| {
        let events = events.into_iter().flatten();
        events.filter(move |(_, event)| event["Type"].as_str() == Some(wanted))
    };
    let is_scheduled = of_type("Schedule").next().is_some();
    let routes = of_type("HttpApi")
        .map(|(_, event)| route(name, &event["Properties"]))
        .collect::<Result<_, _>>()?;
    let folder = resource["Properties"]["CodeUri"].as_str();
    let folder = folder.ok_or_else(|| unexpected(name, "has no CodeUri"))?;
    Ok(FunctionSpec {
        name: name.to_owned(),
        folder: folder.to_owned(),
        is_scheduled,
        routes,
        environment,
    })
}

fn route(function: &str, event: &Value) -> Result<String, TemplateError> {
    match (event["Method"].as_str(), event["Path"].as_str()) {
        (None, None) | (_, Some("$default")) => Ok("$default".to_owned()),
        (Some(method), Some(path)) => Ok(format!("{} {path}", method.to_ascii_uppercase())),
        _ => Err(unexpected(
            function,
            "has an event without a Method or a Path",
        )),
    }
}

fn table(name: &str, resource: &Value) -> Result<TableSpec, TemplateError> {
    let properties = &resource["Properties"];
    let ttl = &properties["TimeToLiveSpecification"];
    let enabled = ttl["Enabled"].as_bool().unwrap_or(false);
    let mut create = serde_json::Map::new();
    create.insert("TableName".to_owned(), name.into());
    for key in [
        "AttributeDefinitions",
        "KeySchema",
        "GlobalSecondaryIndexes",
        "BillingMode",
    ] {
        if let Some(value) = properties.get(key) {
            let value = serde_json::to_value(value).map_err(|error| {
                unexpected(name, format!("has a {key} that is not plain: {error}"))
            })?;
            create.insert(key.to_owned(), value);
        }
    }
    Ok(TableSpec {
        name: name.to_owned(),
        properties: create.into(),
        ttl_attribute: ttl["AttributeName"]
            .as_str()
            .filter(|_| enabled)
            .map(str::to_owned),
    })
}

/// Resolves intrinsic functions against parameters, conditions and resources. A
/// resource stands for its logical id, as it does in `sam local`.
struct Resolver<'a> {
    parameters: BTreeMap<String, String>,
    conditions: Option<&'a Mapping>,
    resources: &'a Mapping,
}

impl<'a> Resolver<'a> {
    fn new(root: &'a Value, given: &Parameters) -> Result<Self, TemplateError> {
        let mut parameters = BTreeMap::from([
            ("AWS::Region".to_owned(), "us-east-1".to_owned()),
            ("AWS::StackName".to_owned(), "local".to_owned()),
            ("AWS::URLSuffix".to_owned(), "amazonaws.com".to_owned()),
        ]);
        for (name, parameter) in root["Parameters"].as_mapping().into_iter().flatten() {
            let name = text_of(name, "Parameters")?;
            let value = given
                .get(name)
                .cloned()
                .or_else(|| scalar(&parameter["Default"]));
            let value = value.ok_or_else(|| unexpected(name, "is a parameter without a value"))?;
            parameters.insert(name.to_owned(), value);
        }
        if let Some(unknown) = given.keys().find(|name| !parameters.contains_key(**name)) {
            return Err(unexpected("Parameters", format!("has no {unknown}")));
        }
        Ok(Self {
            parameters,
            conditions: root["Conditions"].as_mapping(),
            resources: mapping(root, "Resources")?,
        })
    }

    fn text(&self, value: &Value, at: &str) -> Result<String, TemplateError> {
        if let Some(plain) = scalar(value) {
            return Ok(plain);
        }
        let Value::Tagged(tagged) = value else {
            return Err(unexpected(at, "is neither text nor an intrinsic function"));
        };
        match tagged.tag.to_string().trim_start_matches('!') {
            "Ref" => self.reference(text_of(&tagged.value, at)?, at),
            "Sub" => self.substituted(text_of(&tagged.value, at)?, at),
            "GetAtt" => {
                let name = text_of(&tagged.value, at)?;
                self.reference(name.split('.').next().unwrap_or(name), at)
            }
            "If" => match list(&tagged.value, at)?.as_slice() {
                [condition, yes, no] => {
                    let holds = self.condition(text_of(condition, at)?, at)?;
                    self.text(if holds { yes } else { no }, at)
                }
                _ => Err(unexpected(at, "has an If without three parts")),
            },
            "Join" => match list(&tagged.value, at)?.as_slice() {
                [separator, parts] => {
                    let parts = list(parts, at)?;
                    let parts: Result<Vec<String>, _> =
                        parts.iter().map(|part| self.text(part, at)).collect();
                    Ok(parts?.join(text_of(separator, at)?))
                }
                _ => Err(unexpected(at, "has a Join without two parts")),
            },
            other => Err(unexpected(
                at,
                format!("uses {other}, which is not supported here"),
            )),
        }
    }

    fn reference(&self, name: &str, at: &str) -> Result<String, TemplateError> {
        if let Some(value) = self.parameters.get(name) {
            return Ok(value.clone());
        }
        if self.resources.contains_key(name) {
            return Ok(name.to_owned());
        }
        Err(unexpected(
            at,
            format!("refers to {name}, which does not exist"),
        ))
    }

    fn substituted(&self, text: &str, at: &str) -> Result<String, TemplateError> {
        let mut result = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after
                .split_once('}')
                .ok_or_else(|| unexpected(at, "has an open ${"))?;
            result.push_str(before);
            result.push_str(&self.reference(name.split('.').next().unwrap_or(name), at)?);
            rest = after;
        }
        result.push_str(rest);
        Ok(result)
    }

    fn condition(&self, name: &str, at: &str) -> Result<bool, TemplateError> {
        let condition = self.conditions.and_then(|conditions| conditions.get(name));
        let condition =
            condition.ok_or_else(|| unexpected(at, format!("uses no known condition: {name}")))?;
        self.holds(condition, at)
    }

    fn holds(&self, condition: &Value, at: &str) -> Result<bool, TemplateError> {
        let Value::Tagged(tagged) = condition else {
            return Err(unexpected(
                at,
                "has a condition that is no intrinsic function",
            ));
        };
        let parts = list(&tagged.value, at)?;
        match (
            tagged.tag.to_string().trim_start_matches('!'),
            parts.as_slice(),
        ) {
            ("Equals", [one, other]) => Ok(self.text(one, at)? == self.text(other, at)?),
            ("Not", [one]) => Ok(!self.holds(one, at)?),
            (other, _) => Err(unexpected(at, format!("has a condition with {other}"))),
        }
    }
}

fn mapping<'a>(root: &'a Value, key: &str) -> Result<&'a Mapping, TemplateError> {
    root.get(key)
        .and_then(Value::as_mapping)
        .ok_or_else(|| unexpected(key, "is missing"))
}

fn list<'a>(value: &'a Value, at: &str) -> Result<&'a Vec<Value>, TemplateError> {
    value
        .as_sequence()
        .ok_or_else(|| unexpected(at, "is not a list"))
}

fn text_of<'a>(value: &'a Value, at: &str) -> Result<&'a str, TemplateError> {
    value.as_str().ok_or_else(|| unexpected(at, "is not text"))
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn unexpected(at: &str, problem: impl Into<String>) -> TemplateError {
    TemplateError::Unexpected {
        at: at.to_owned(),
        problem: problem.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "
Parameters:
  Endpoint: {Type: String, Default: ''}
  Url: {Type: String}
Conditions:
  HasEndpoint: !Not [!Equals [!Ref Endpoint, '']]
Globals:
  Function:
    Environment:
      Variables:
        ENDPOINT: !If [HasEndpoint, !Ref Endpoint, !Sub 'https://dynamodb.${AWS::Region}.${AWS::URLSuffix}']
Resources:
  Rows:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      TimeToLiveSpecification: {AttributeName: expires_at, Enabled: true}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/hello
      Environment: {Variables: {TABLE: !Ref Rows, URL: !Join ['', [!Ref Url, /x]], LIMIT: 5}}
      Events:
        Get: {Type: HttpApi, Properties: {Method: get, Path: '/rows/{id}'}}
        Rest: {Type: HttpApi}
";

    fn parameters(endpoint: &str) -> Parameters {
        BTreeMap::from([
            ("Endpoint", endpoint.to_owned()),
            ("Url", "http://x".to_owned()),
        ])
    }

    #[test]
    fn routes_tables_and_environment_are_read() {
        let template = Template::parse(SMALL, &parameters("")).unwrap();
        let hello = &template.functions[0];
        assert_eq!(hello.routes, ["GET /rows/{id}", "$default"]);
        assert_eq!(hello.folder, "functions/hello");
        assert_eq!(hello.environment["TABLE"], "Rows");
        assert_eq!(hello.environment["URL"], "http://x/x");
        assert_eq!(hello.environment["LIMIT"], "5");
        assert_eq!(
            hello.environment["ENDPOINT"],
            "https://dynamodb.us-east-1.amazonaws.com"
        );
        let local = Template::parse(SMALL, &parameters("http://127.0.0.1:1")).unwrap();
        assert_eq!(
            local.functions[0].environment["ENDPOINT"],
            "http://127.0.0.1:1"
        );
        assert_eq!(
            template.tables[0].ttl_attribute.as_deref(),
            Some("expires_at")
        );
    }

    #[test]
    fn what_is_not_understood_is_said_by_name() {
        for (broken, says) in [
            (SMALL.replace("!Ref Rows", "!Ref Lost"), "refers to Lost"),
            (SMALL.replace("!Join ['',", "!Select [0,"), "uses Select"),
            (SMALL.replace("[HasEndpoint,", "[HasNothing,"), "HasNothing"),
            (SMALL.replace("Method: get, ", ""), "without a Method"),
            (SMALL.replace("CodeUri", "Code"), "has no CodeUri"),
            (
                SMALL.replace("Resources:", "Stuff:"),
                "Resources: is missing",
            ),
            ("a: [".to_owned(), "not YAML"),
        ] {
            let error = Template::parse(&broken, &parameters(""))
                .unwrap_err()
                .to_string();
            assert!(error.contains(says), "{error}");
        }
        let missing = Template::parse(SMALL, &BTreeMap::new())
            .unwrap_err()
            .to_string();
        assert!(
            missing.contains("Url: is a parameter without a value"),
            "{missing}"
        );
    }
}
