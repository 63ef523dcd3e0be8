//! Reads a scenario file and makes sure that it can be played: that every step
//! is of one kind, every tool and argument exists, and every name is known by
//! the time it is used.

use std::ops::RangeInclusive;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use shared::vapi::{PhoneNumber, Tool};

use super::arguments::Arguments;
use super::raw::{RawCount, RawExpect, RawScenario, RawStep};
use super::scenario::{
    Aside, Expect, Moment, Person, Scenario, Speaker, Step, ToolStep, ViewingCheck,
};
use super::template::Memory;

/// The most times that an answer offers.
const MOST_OFFERED: usize = 3;

/// Names that do not mean a time.
const RESERVED: [&str; 3] = ["caller", "property", "user_id"];

/// Reads a scenario from a file.
///
/// # Errors
/// With the file, the line or step, and what is wrong there, in one line.
pub fn load(path: impl AsRef<Path>) -> Result<Scenario> {
    let path = path.as_ref();
    let text = std::fs::read_to_string(path)
        .map_err(|error| anyhow!("failed to read {}: {error}", path.display()))?;
    parse(&text).map_err(|error| anyhow!("{}: {error:#}", path.display()))
}

fn parse(text: &str) -> Result<Scenario> {
    let raw: RawScenario = serde_yaml_ng::from_str(text)?;
    check_person(&raw.caller).context("caller")?;
    ensure!(!raw.steps.is_empty(), "there are no steps");
    let mut scenario = Scenario {
        title: raw.title,
        about: raw.about,
        caller: raw.caller,
        assistant_id: raw.assistant_id,
        user_id: raw.user_id,
        property: raw.property,
        steps: Vec::new(),
        checks: Vec::new(),
    };
    let mut memory = Memory::of(&scenario);
    for (step, number) in raw.steps.into_iter().zip(1..) {
        let step = read_step(step, &scenario.caller, &mut memory);
        scenario
            .steps
            .push(step.with_context(|| format!("step {number}"))?);
    }
    for (check, number) in raw.check.into_iter().zip(1..) {
        read_check(&check, &memory).with_context(|| format!("check {number}"))?;
        scenario.checks.push(check);
    }
    Ok(scenario)
}

fn read_step(raw: RawStep, caller: &Person, memory: &mut Memory) -> Result<Step> {
    if raw.meanwhile.is_none() {
        ensure!(
            raw.who.is_none() && raw.steps.is_none(),
            "`who` and `steps` belong to `meanwhile`"
        );
        return Ok(Step::Moment(read_moment(raw, memory)?));
    }
    let RawStep {
        meanwhile: Some(text),
        who: Some(who),
        steps: Some(steps),
        caller: None,
        assistant: None,
        tool: None,
        arguments: None,
        arguments_as: None,
        expect: None,
        remember: None,
    } = raw
    else {
        bail!("`meanwhile` has `who` and `steps` beside it, and nothing else");
    };
    check_person(&who).context("who")?;
    memory.fill(&text)?;
    memory.about_caller(&who);
    let mut moments = Vec::new();
    for (step, number) in steps.into_iter().zip(1..) {
        let moment = read_moment(step, memory);
        moments.push(moment.with_context(|| format!("step {number} of `meanwhile`"))?);
    }
    memory.about_caller(caller);
    Ok(Step::Aside(Aside {
        text,
        caller: who,
        moments,
    }))
}

fn read_moment(raw: RawStep, memory: &mut Memory) -> Result<Moment> {
    ensure!(
        raw.meanwhile.is_none(),
        "there is no `meanwhile` within `meanwhile`"
    );
    let of_tools = raw.arguments.is_some()
        || raw.arguments_as.is_some()
        || raw.expect.is_some()
        || raw.remember.is_some();
    let line = |speaker, text: String| {
        ensure!(
            !of_tools,
            "`arguments`, `arguments_as`, `expect` and `remember` belong to `tool`"
        );
        memory.fill(&text)?;
        Ok(Moment::Line { speaker, text })
    };
    match (raw.caller, raw.assistant, raw.tool) {
        (Some(text), None, None) => line(Speaker::Caller, text),
        (None, Some(text), None) => line(Speaker::Assistant, text),
        (None, None, Some(tool)) => {
            let arguments = raw.arguments.unwrap_or_default();
            check_arguments(&tool, &arguments, memory)?;
            let expect = read_expect(raw.expect, memory)?;
            let remember = raw.remember.unwrap_or_default();
            check_names(&remember, expect.offers.as_ref(), memory)?;
            Ok(Moment::Tool(ToolStep {
                tool,
                arguments,
                form: raw.arguments_as.unwrap_or_default(),
                expect,
                remember,
            }))
        }
        _ => bail!("a step is one of `caller`, `assistant`, `tool` and `meanwhile`"),
    }
}

fn check_arguments(tool: &str, arguments: &Arguments, memory: &Memory) -> Result<()> {
    let Some(known) = Tool::named(tool) else {
        let names = Tool::ALL.map(|tool| tool.definition().name);
        bail!("there is no tool `{tool}`, but {}", names.join(", "));
    };
    let parameters = known.definition().parameters;
    for (name, value) in arguments.iter() {
        ensure!(
            parameters.iter().any(|parameter| parameter.name == name),
            "{tool} has no argument `{name}`"
        );
        memory.fill_json(value).with_context(|| name.to_owned())?;
    }
    Ok(())
}

fn read_expect(raw: Option<RawExpect>, memory: &Memory) -> Result<Expect> {
    let Some(raw) = raw else {
        return Ok(Expect::default());
    };
    for text in &raw.says {
        memory.fill(text).context("says")?;
    }
    Ok(Expect {
        done: raw.done,
        says: raw.says,
        offers: raw.offers.as_ref().map(read_count).transpose()?,
    })
}

fn read_count(count: &RawCount) -> Result<RangeInclusive<usize>> {
    let range = match count {
        RawCount::Exactly(number) => Some(*number..=*number),
        RawCount::Range(text) => text
            .split_once('-')
            .and_then(|(least, most)| Some(least.trim().parse().ok()?..=most.trim().parse().ok()?)),
    };
    range
        .filter(|range| !range.is_empty() && *range.end() <= MOST_OFFERED)
        .context("`offers` is a number up to 3, or a range such as 1-3")
}

/// New names for times are plain words, each used once.
fn check_names(
    names: &[String],
    offers: Option<&RangeInclusive<usize>>,
    memory: &mut Memory,
) -> Result<()> {
    let most = offers.map_or(MOST_OFFERED, |offers| *offers.end());
    ensure!(
        names.len() <= most,
        "`remember` has {} names, but at most {most} times are offered",
        names.len()
    );
    for name in names {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        ensure!(
            !name.is_empty() && name.chars().all(plain),
            "`{name}` is no name: use small letters, digits and `_`"
        );
        ensure!(
            !RESERVED.contains(&name.as_str()) && !memory.knows(name),
            "the name `{name}` is taken"
        );
        memory.promise(name);
    }
    Ok(())
}

fn read_check(check: &ViewingCheck, memory: &Memory) -> Result<()> {
    let name = &check.viewing;
    ensure!(
        memory.knows(name) && !RESERVED.contains(&name.as_str()),
        "no time is remembered as `{name}`"
    );
    let texts = [&check.subject, &check.location, &check.attendee];
    for text in texts.into_iter().flatten().chain(&check.mentions) {
        memory.fill(text)?;
    }
    Ok(())
}

fn check_person(person: &Person) -> Result<()> {
    ensure!(!person.name.trim().is_empty(), "the name is empty");
    ensure!(
        PhoneNumber::parse(&person.number).is_some(),
        "`{}` is no phone number",
        person.number
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "title: T\ncaller: {name: Dana Whitfield, number: '+15125550142'}\n";

    fn error(rest: &str) -> String {
        format!("{:#}", parse(&format!("{HEAD}{rest}")).unwrap_err())
    }

    /// What follows the head of a file, and a part of what is said of it.
    const WRONG: &[(&str, &str)] = &[
        ("", "missing field `steps`"),
        ("steps: []", "there are no steps"),
        ("stesp: []", "unknown field `stesp`"),
        (
            "steps:\n  - caller: a\n    tol: b\n",
            "steps[0]: unknown field `tol`",
        ),
        ("steps:\n  - caller: a\n    tol: b\n", "at line 5 column 5"),
        ("steps:\n  - {}\n", "step 1: a step is one of"),
        (
            "steps:\n  - {caller: a, assistant: b}\n",
            "step 1: a step is one of",
        ),
        (
            "steps:\n  - caller: a\n  - {caller: a, remember: [x]}\n",
            "step 2: `arguments`, `arguments_as`, `expect` and `remember` belong to `tool`",
        ),
        (
            "steps:\n  - caller: hello {{first.day}}\n",
            "step 1: nothing is known yet as {{first.day}}",
        ),
        (
            "steps:\n  - caller: hello {{first\n",
            "step 1: `{{` without its `}}`",
        ),
        (
            "steps:\n  - tool: drop\n",
            "step 1: there is no tool `drop`, but get_availability, ",
        ),
        (
            "steps:\n  - {tool: get_availability, arguments: {propertyid: 1}}\n",
            "step 1: get_availability has no argument `propertyid`",
        ),
        (
            "steps:\n  - {tool: get_availability, arguments: {date: '{{x.day}}'}}\n",
            "step 1: date: nothing is known yet as {{x.day}}",
        ),
        (
            "steps:\n  - {tool: get_availability, expect: {offers: 4}}\n",
            "step 1: `offers` is a number up to 3",
        ),
        (
            "steps:\n  - {tool: get_availability, expect: {offers: 3-1}}\n",
            "step 1: `offers` is a number up to 3",
        ),
        (
            "steps:\n  - {tool: get_availability, expect: {offers: [1]}}\n",
            "`offers` is a number such as 3",
        ),
        (
            "steps:\n  - {tool: get_availability, expect: {offers: 1}, remember: [a, b]}\n",
            "step 1: `remember` has 2 names, but at most 1 times are offered",
        ),
        (
            "steps:\n  - {tool: get_availability, remember: [a, a]}\n",
            "step 1: the name `a` is taken",
        ),
        (
            "steps:\n  - {tool: get_availability, remember: [caller]}\n",
            "step 1: the name `caller` is taken",
        ),
        (
            "steps:\n  - {tool: get_availability, remember: ['The First']}\n",
            "step 1: `The First` is no name",
        ),
        (
            "steps:\n  - {tool: get_availability, arguments_as: yaml}\n",
            "unknown variant `yaml`, expected `object` or `text`",
        ),
        (
            "steps:\n  - {caller: a, who: {name: b, number: '1'}}\n",
            "step 1: `who` and `steps` belong",
        ),
        (
            "steps:\n  - {meanwhile: a}\n",
            "step 1: `meanwhile` has `who` and `steps`",
        ),
        (
            "steps:\n  - {meanwhile: a, who: {name: b, number: '12'}, steps: []}\n",
            "step 1: who: `12` is no phone number",
        ),
        (
            "steps:\n  - meanwhile: a\n    who: {name: b, number: '+15125550177'}\n    steps:\n      - tool: x\n",
            "step 1: step 1 of `meanwhile`: there is no tool `x`",
        ),
        (
            "steps:\n  - meanwhile: a\n    who: {name: b, number: '+15125550177'}\n    steps:\n      - caller: '{{caller.email}}'\n",
            "nothing is known yet as {{caller.email}}",
        ),
        (
            "steps: [{caller: a}]\ncheck: [{viewing: x}]\n",
            "check 1: no time is remembered as `x`",
        ),
        (
            "steps: [{caller: a}]\ncheck: [{viewing: caller}]\n",
            "check 1: no time is remembered",
        ),
    ];

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (rest, expected) in WRONG {
            let found = error(rest);
            assert!(found.contains(expected), "{rest}\n{found}");
            assert!(!found.contains('\n'), "{found}");
        }
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_refused_with_its_line() {
        let text = "title: T\ncaller: {name: Dana, number: [1]}\nsteps: [{caller: a}]\n";
        let found = parse(text).unwrap_err().to_string();
        assert!(
            found.contains("caller.number") && found.contains("line 2"),
            "{found}"
        );
    }

    #[test]
    fn a_small_scenario_has_the_demo_s_assistant_and_calendar() {
        let scenario = parse(&format!(
            "{HEAD}steps:\n  - tool: get_availability\n    expect: {{offers: 1-3}}\n    remember: [first]\n  \
             - caller: '{{{{first.day}}}} suits me.'\ncheck: [{{viewing: first}}]\n"
        ))
        .unwrap();
        assert_eq!(scenario.assistant_id, "demo-assistant");
        assert_eq!(scenario.user_id, "demo");
        assert_eq!((scenario.steps.len(), scenario.checks.len()), (2, 1));
    }

    #[test]
    fn the_scenarios_that_come_along_can_be_played() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
        let mut found = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path
                .extension()
                .is_some_and(|extension| extension == "yaml")
            {
                load(&path).unwrap_or_else(|error| panic!("{error}"));
                found += 1;
            }
        }
        assert!(found > 0);
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let found = load("/nowhere/call.yaml").unwrap_err().to_string();
        assert!(
            found.starts_with("failed to read /nowhere/call.yaml: "),
            "{found}"
        );
    }
}
