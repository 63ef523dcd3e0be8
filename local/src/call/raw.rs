//! A scenario file as it is written, before anybody asked whether it makes sense.
//!
//! A step is one kind of several, told apart by its first key. The kinds are
//! separated in [`super::load()`] and not by serde, whose message for a step of no
//! kind would not say what is wrong with it.

use serde::Deserialize;

use super::arguments::Arguments;
use super::scenario::{Form, Person, ViewingCheck};

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
    pub(super) steps: Vec<RawStep>,
    #[serde(default)]
    pub(super) check: Vec<ViewingCheck>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStep {
    pub(super) caller: Option<String>,
    pub(super) assistant: Option<String>,
    pub(super) tool: Option<String>,
    pub(super) arguments: Option<Arguments>,
    pub(super) arguments_as: Option<Form>,
    pub(super) expect: Option<RawExpect>,
    pub(super) remember: Option<Vec<String>>,
    pub(super) meanwhile: Option<String>,
    pub(super) who: Option<Person>,
    pub(super) steps: Option<Vec<RawStep>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExpect {
    pub(super) done: Option<bool>,
    #[serde(default)]
    pub(super) says: Vec<String>,
    pub(super) offers: Option<RawCount>,
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
