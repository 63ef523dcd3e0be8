//! The settings with which a test opens tables and functions of a running system.

use std::collections::BTreeMap;
use std::path::PathBuf;

use local::{LocalSystem, Parameters, Template};
use shared::aws::Aws;
use shared::config::Settings;
use shared::https;
use tempfile::TempDir;

/// The project's template.
pub(crate) fn template_path() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml"))
}

/// A template with deadlines that a small machine meets under any load.
pub(crate) fn patient_template() -> (PathBuf, TempDir) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("template.yaml");
    let template = std::fs::read_to_string(template_path()).unwrap();
    let patient = template
        .replace("    Default: 4000\n", "    Default: 240000\n")
        .replace("    Default: 8000\n", "    Default: 240000\n");
    assert_ne!(patient, template);
    std::fs::write(&path, patient).unwrap();
    (path, folder)
}

/// The template as that system runs it.
pub(crate) fn template(system: &LocalSystem) -> Template {
    let microsoft = system.microsoft.clone().unwrap();
    let parameters: Parameters = BTreeMap::from([
        ("PublicBaseUrl", system.gateway.clone()),
        ("AllowedOrigins", local::defaults::ORIGIN.to_owned()),
        ("DynamoDbEndpoint", system.aws.clone()),
        ("SecretsManagerEndpoint", system.aws.clone()),
        ("VapiBaseUrl", system.vapi.clone()),
        ("RequireAssistantBinding", "false".to_owned()),
        ("MicrosoftAuthority", format!("{microsoft}/organizations")),
        ("GraphBaseUrl", microsoft),
        ("SearchBaseUrl", system.search.clone()),
    ]);
    Template::read(&template_path(), &parameters).unwrap()
}

/// The settings of one function of the template.
pub(crate) fn of_function(template: &Template, name: &str) -> Settings {
    let mut functions = template.functions.iter();
    let function = functions.find(|function| function.name == name).unwrap();
    let environment = function.environment.clone().into_iter();
    environment.chain(role()).collect()
}

/// AWS as a function with those settings asks it.
pub(crate) fn aws(settings: &Settings) -> Aws {
    Aws::new(settings, &https::client().unwrap())
}

/// What the staff table, and nothing else, is opened with.
pub(crate) fn of_staff(system: &LocalSystem) -> Settings {
    of_table(system, "STAFF_TABLE", "StaffTable")
}

/// What the inventory, and nothing else, is opened with.
pub(crate) fn of_rentals(system: &LocalSystem) -> Settings {
    of_table(system, "RENTALS_TABLE", "RentalsTable")
}

fn of_table(system: &LocalSystem, setting: &str, name: &str) -> Settings {
    let own = [(setting, name), ("AWS_ENDPOINT_URL_DYNAMODB", &system.aws)];
    let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
    own.into_iter().chain(role()).collect()
}

/// The role that Lambda would give a function.
pub(crate) fn role() -> [(String, String); 3] {
    let role = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ];
    role.map(|(name, value)| (name.to_owned(), value.to_owned()))
}
