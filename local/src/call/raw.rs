//! A scenario file as it is written, before anybody asked whether it makes sense.
//!
//! A step's first key says of what kind it is. That is read in [`super::load()`]
//! and not by serde, whose message for a step of no kind would not say what is
//! wrong with it.

use serde::Deserialize;
use serde_yaml_ng::Mapping;

use super::arguments::Arguments;
use super::scenario::{Check, Delivery, Form, Person};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScenario {
    pub(super) title: String,
    pub(super) about: Option<String>,
    pub(super) caller: Person,
    #[serde(default = "demo_assistant")]
    pub(super) assistant_id: String,
    #[serde(default = "demo_user")]
    pub(super) user_id: String,
    pub(super) property: Option<String>,
    pub(super) steps: Vec<Mapping>,
    #[serde(default)]
    pub(super) check: Vec<Check>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLine {
    pub(super) caller: Option<String>,
    pub(super) assistant: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTool {
    pub(super) tool: String,
    #[serde(default)]
    pub(super) arguments: Arguments,
    #[serde(default)]
    pub(super) arguments_as: Form,
    #[serde(default)]
    pub(super) delivered: Delivery,
    #[serde(default)]
    pub(super) expect: RawExpect,
    #[serde(default)]
    pub(super) remember: Vec<String>,
    pub(super) remember_code: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExpect {
    pub(super) done: Option<bool>,
    #[serde(default)]
    pub(super) says: Vec<String>,
    pub(super) offers: Option<RawCount>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAside {
    pub(super) meanwhile: String,
    pub(super) who: Person,
    pub(super) steps: Vec<Mapping>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCrowd {
    pub(super) at_once: String,
    pub(super) callers: Vec<Person>,
    pub(super) caller: String,
    pub(super) tool: String,
    #[serde(default)]
    pub(super) arguments: Arguments,
    pub(super) done: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBackstage {
    pub(super) backstage: String,
    pub(super) faults: Option<Vec<String>>,
    pub(super) minutes: Option<u16>,
}

/// `3`, or `1-3`.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "`offers` is a number such as 3, or a range such as 1-3"
)]
pub(super) enum RawCount {
    Exactly(usize),
    Range(String),
}

fn demo_assistant() -> String {
    "demo-assistant".to_owned()
}

fn demo_user() -> String {
    "demo".to_owned()
}
