//! One fault as the command line takes it: `create_event=hang,after`.

use std::str::FromStr;

use serde::de::DeserializeOwned;
use serde_json::json;

use crate::faults::{Effect, Moment, Rule, Trigger};
use crate::{aws, microsoft, search, vapi_api};

/// What `--help` says of it.
pub const GRAMMAR: &str = "OPERATION=EFFECT[,OPTION…], such as create_event=hang,after or \
calendar_view=429,retry_after=2,first=3. EFFECT is a status (429, 503:ErrorCode), html:500, \
empty:503, delay_ms:3000, hang, cut or refuse. OPTION is after (served first, then this), nth=N, first=N, \
p=0.2, seed=N, retry_after=SECONDS, account=EMAIL, table=NAME or id=ID. OPERATION is one of Microsoft's \
(calendar_view, create_event, update_event, cancel_event, get_event, token, ...), of AWS \
(get_item, put_item, query, transact_write_items, get_secret_value, ...) of VAPI \
(list_assistants, update_assistant, update_tool, update_phone_number, analytics, ...) or of a search \
engine (brave, duckduckgo)";

/// A rule for one of the services.
#[derive(Clone, Debug)]
pub enum Fault {
    Microsoft(Rule<microsoft::Operation>),
    Aws(Rule<aws::Operation>),
    Vapi(Rule<vapi_api::Operation>),
    Search(Rule<search::Operation>),
}

/// Why a text is no fault.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FaultError {
    #[error("{0:?} is not of the form OPERATION=EFFECT")]
    Form(String),
    #[error("{0:?} is no operation of Microsoft, AWS, VAPI or a search engine")]
    Operation(String),
    #[error("{0:?} is no effect; try hang, cut, 429, html:500, empty:503 or delay_ms:3000")]
    Effect(String),
    #[error(
        "{0:?} is no option; try after, nth=2, first=3, p=0.2, account=EMAIL, table=NAME or id=ID"
    )]
    Option(String),
    #[error("{0}")]
    Rule(&'static str),
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let form = || FaultError::Form(text.to_owned());
        let (name, rest) = text.split_once('=').ok_or_else(form)?;
        let mut parts = rest.split(',').map(str::trim);
        let effect = effect(parts.next().unwrap_or_default())?;
        let mut rule: Rule<()> = Rule {
            operation: None,
            account: None,
            trigger: Trigger::Always,
            moment: Moment::Before,
            effect,
        };
        for part in parts {
            option(&mut rule, part)?;
        }
        if let Some(problem) = rule.problem() {
            return Err(FaultError::Rule(problem));
        }
        let name = name.trim();
        if let Some(operation) = named(name) {
            return Ok(Self::Microsoft(about(rule, operation)));
        }
        if let Some(operation) = named(name) {
            return Ok(Self::Aws(about(rule, operation)));
        }
        if let Some(operation) = named(name) {
            return Ok(Self::Vapi(about(rule, operation)));
        }
        match named(name) {
            Some(operation) => Ok(Self::Search(about(rule, operation))),
            None => Err(FaultError::Operation(name.to_owned())),
        }
    }
}

/// The operation of that name, if the service has it.
fn named<O: DeserializeOwned>(name: &str) -> Option<O> {
    serde_json::from_value(json!(name)).ok()
}

fn about<O>(rule: Rule<()>, operation: O) -> Rule<O> {
    Rule {
        operation: Some(operation),
        account: rule.account,
        trigger: rule.trigger,
        moment: rule.moment,
        effect: rule.effect,
    }
}

fn effect(text: &str) -> Result<Effect, FaultError> {
    let wrong = || FaultError::Effect(text.to_owned());
    let (kind, value) = text.split_once(':').unwrap_or((text, ""));
    let number = || value.parse().map_err(|_| wrong());
    Ok(match kind {
        "hang" => Effect::Hang,
        "cut" | "refuse" => Effect::Cut,
        "html" => Effect::Html(number()?),
        "empty" => Effect::Empty(number()?),
        "delay_ms" => Effect::DelayMs(value.parse().map_err(|_| wrong())?),
        status => Effect::Error {
            status: status.parse().map_err(|_| wrong())?,
            code: (!value.is_empty()).then(|| value.to_owned()),
            aadsts: None,
            retry_after: None,
        },
    })
}

fn option(rule: &mut Rule<()>, text: &str) -> Result<(), FaultError> {
    let wrong = || FaultError::Option(text.to_owned());
    let number = |value: &str| value.parse::<u64>().map_err(|_| wrong());
    match text.split_once('=').unwrap_or((text, "")) {
        ("after", "") => rule.moment = Moment::After,
        ("nth", value) => rule.trigger = Trigger::Nth(number(value)?),
        ("first", value) => rule.trigger = Trigger::First(number(value)?),
        ("p", value) => {
            rule.trigger = Trigger::Probability {
                chance: value.parse().map_err(|_| wrong())?,
                seed: 0,
            };
        }
        ("seed", value) => match &mut rule.trigger {
            Trigger::Probability { seed, .. } => *seed = number(value)?,
            _ => return Err(FaultError::Rule("seed belongs behind p")),
        },
        ("retry_after", value) => match &mut rule.effect {
            Effect::Error { retry_after, .. } => *retry_after = Some(value.to_owned()),
            _ => return Err(FaultError::Rule("retry_after belongs to a status")),
        },
        ("account" | "table" | "id", value) if !value.is_empty() => {
            rule.account = Some(value.to_owned());
        }
        _ => return Err(wrong()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_read_as_it_is_written() {
        for (text, expected) in [
            (
                "create_event=hang,after",
                json!({"operation": "create_event", "account": null, "trigger": "always",
                    "moment": "after", "effect": "hang"}),
            ),
            (
                "calendar_view=429,retry_after=2,first=3,account=demo@lakeside.example",
                json!({"operation": "calendar_view", "account": "demo@lakeside.example",
                    "trigger": {"first": 3}, "moment": "before",
                    "effect": {"error": {"status": 429, "code": null, "aadsts": null,
                        "retry_after": "2"}}}),
            ),
            (
                "update_event=412:ErrorIrresolvableConflict,nth=1",
                json!({"operation": "update_event", "account": null, "trigger": {"nth": 1},
                    "moment": "before", "effect": {"error": {"status": 412,
                        "code": "ErrorIrresolvableConflict", "aadsts": null, "retry_after": null}}}),
            ),
            (
                "transact_write_items=cut,after,table=LedgerTable",
                json!({"operation": "transact_write_items", "account": "LedgerTable",
                    "trigger": "always", "moment": "after", "effect": "cut"}),
            ),
            (
                "calendar_view=refuse,nth=3",
                json!({"operation": "calendar_view", "account": null, "trigger": {"nth": 3},
                    "moment": "before", "effect": "cut"}),
            ),
            (
                "token=html:500,p=0.5,seed=7",
                json!({"operation": "token", "account": null,
                    "trigger": {"probability": {"chance": 0.5, "seed": 7}}, "moment": "before",
                    "effect": {"html": 500}}),
            ),
            (
                "brave=hang",
                json!({"operation": "brave", "account": null, "trigger": "always",
                    "moment": "before", "effect": "hang"}),
            ),
            (
                "update_assistant=cut,after,id=demo-assistant",
                json!({"operation": "update_assistant", "account": "demo-assistant",
                    "trigger": "always", "moment": "after", "effect": "cut"}),
            ),
            (
                "get_item=delay_ms:3000",
                json!({"operation": "get_item", "account": null, "trigger": "always",
                    "moment": "before", "effect": {"delay_ms": 3000}}),
            ),
        ] {
            let rule = match text.parse().unwrap() {
                Fault::Microsoft(rule) => serde_json::to_value(rule).unwrap(),
                Fault::Vapi(rule) => serde_json::to_value(rule).unwrap(),
                Fault::Aws(rule) => serde_json::to_value(rule).unwrap(),
                Fault::Search(rule) => serde_json::to_value(rule).unwrap(),
            };
            assert_eq!(rule, expected, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_fault_is_told() {
        for (text, expected) in [
            ("hang", "\"hang\" is not of the form OPERATION=EFFECT"),
            (
                "dance=hang",
                "\"dance\" is no operation of Microsoft, AWS, VAPI or a search engine",
            ),
            (
                "me=blue",
                "\"blue\" is no effect; try hang, cut, 429, html:500, empty:503 or delay_ms:3000",
            ),
            (
                "me=html:x",
                "\"html:x\" is no effect; try hang, cut, 429, html:500, empty:503 or delay_ms:3000",
            ),
            (
                "me=hang,soon",
                "\"soon\" is no option; try after, nth=2, first=3, p=0.2, account=EMAIL, table=NAME or id=ID",
            ),
            (
                "me=hang,nth=x",
                "\"nth=x\" is no option; try after, nth=2, first=3, p=0.2, account=EMAIL, table=NAME or id=ID",
            ),
            ("me=hang,nth=0", "requests are counted from one"),
            ("me=hang,p=2", "a chance lies between 0 and 1"),
            ("me=99", "a status lies between 200 and 599"),
            ("me=hang,seed=3", "seed belongs behind p"),
            ("me=hang,retry_after=3", "retry_after belongs to a status"),
        ] {
            let error = text.parse::<Fault>().unwrap_err();
            assert_eq!(error.to_string(), expected, "{text}");
        }
    }
}
