//! Reads a scenario file and makes sure that it can be played: that every step
//! is of one kind, every tool and argument exists, and every name is known by
//! the time it is used.

use std::ops::RangeInclusive;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde::de::DeserializeOwned;
use serde_yaml_ng::{Mapping, Value};
use shared::vapi::{PhoneNumber, Tool};

use super::arguments::Arguments;
use super::raw::{
    RawAside, RawBackstage, RawCount, RawCrowd, RawExpect, RawLine, RawScenario, RawTool,
};
use super::scenario::{
    Aside, Backstage, Check, Crowd, Expect, MOST_OFFERED, Moment, Person, Scenario, Speaker, Step,
    ToolStep,
};
use super::template::Memory;

/// Names that a script cannot give.
const RESERVED: [&str; 5] = ["caller", "property", "user_id", "workday", "next"];

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

/// The key that says of what kind a step is.
fn kind(step: &Mapping) -> &str {
    let first = step.keys().next().and_then(Value::as_str);
    first.unwrap_or_default()
}

fn read<T: DeserializeOwned>(step: Mapping) -> Result<T> {
    Ok(serde_yaml_ng::from_value(Value::Mapping(step))?)
}

fn read_step(step: Mapping, caller: &Person, memory: &mut Memory) -> Result<Step> {
    Ok(match kind(&step) {
        "meanwhile" => Step::Aside(read_aside(read(step)?, caller, memory)?),
        "at_once" => Step::Crowd(read_crowd(read(step)?, caller, memory)?),
        "backstage" => Step::Backstage(read_backstage(read(step)?, memory)?),
        _ => Step::Moment(read_moment(step, memory)?),
    })
}

fn read_aside(raw: RawAside, caller: &Person, memory: &mut Memory) -> Result<Aside> {
    check_person(&raw.who).context("who")?;
    memory.fill(&raw.meanwhile)?;
    memory.about_caller(&raw.who);
    let mut moments = Vec::new();
    for (step, number) in raw.steps.into_iter().zip(1..) {
        let moment = read_moment(step, memory);
        moments.push(moment.with_context(|| format!("step {number} of `meanwhile`"))?);
    }
    memory.about_caller(caller);
    Ok(Aside {
        text: raw.meanwhile,
        caller: raw.who,
        moments,
    })
}

fn read_crowd(raw: RawCrowd, caller: &Person, memory: &mut Memory) -> Result<Crowd> {
    ensure!(
        raw.callers.len() > 1,
        "`at_once` needs at least two `callers`"
    );
    ensure!(
        raw.done <= raw.callers.len(),
        "`done` is more than there are `callers`"
    );
    memory.fill(&raw.at_once)?;
    for (who, number) in raw.callers.iter().zip(1..) {
        check_person(who).with_context(|| format!("caller {number}"))?;
        memory.about_caller(who);
        memory.fill(&raw.caller)?;
        check_arguments(&raw.tool, &raw.arguments, memory)?;
    }
    memory.about_caller(caller);
    Ok(Crowd {
        text: raw.at_once,
        callers: raw.callers,
        line: raw.caller,
        ask: ToolStep {
            tool: raw.tool,
            arguments: raw.arguments,
            ..ToolStep::default()
        },
        done: raw.done,
    })
}

fn read_backstage(raw: RawBackstage, memory: &Memory) -> Result<Backstage> {
    ensure!(
        raw.faults.is_some() || raw.minutes.is_some(),
        "`backstage` has `faults` or `minutes` beside it"
    );
    memory.fill(&raw.backstage)?;
    let read = |fault: &String| fault.parse().with_context(|| format!("fault `{fault}`"));
    let faults = raw.faults.map(|faults| faults.iter().map(read).collect());
    Ok(Backstage {
        text: raw.backstage,
        faults: faults.transpose()?,
        minutes: raw.minutes,
    })
}

fn read_moment(step: Mapping, memory: &mut Memory) -> Result<Moment> {
    match kind(&step) {
        "caller" | "assistant" => read_line(read(step)?, memory),
        "tool" => read_tool(read(step)?, memory),
        _ => bail!(
            "a step begins with `caller`, `assistant` or `tool`, and outside of other calls \
             also with `meanwhile`, `at_once` or `backstage`"
        ),
    }
}

fn read_line(raw: RawLine, memory: &Memory) -> Result<Moment> {
    let (speaker, text) = match (raw.caller, raw.assistant) {
        (Some(text), None) => (Speaker::Caller, text),
        (None, Some(text)) => (Speaker::Assistant, text),
        _ => bail!("a step has one speaker"),
    };
    memory.fill(&text)?;
    Ok(Moment::Line { speaker, text })
}

fn read_tool(raw: RawTool, memory: &mut Memory) -> Result<Moment> {
    check_arguments(&raw.tool, &raw.arguments, memory)?;
    let expect = read_expect(raw.expect, memory)?;
    check_names(&raw.remember, expect.offers.as_ref(), memory)?;
    if let Some(name) = &raw.remember_code {
        check_name(name, memory)?;
        memory.remember_code(name, "");
    }
    Ok(Moment::Tool(ToolStep {
        tool: raw.tool,
        arguments: raw.arguments,
        form: raw.arguments_as,
        delivery: raw.delivered,
        expect,
        remember: raw.remember,
        remember_code: raw.remember_code,
    }))
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

fn read_expect(raw: RawExpect, memory: &Memory) -> Result<Expect> {
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
        check_name(name, memory)?;
        memory.promise(name);
    }
    Ok(())
}

/// New names are plain words, each used once.
fn check_name(name: &str, memory: &Memory) -> Result<()> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    ensure!(
        !name.is_empty() && name.chars().all(plain),
        "`{name}` is no name: use small letters, digits and `_`"
    );
    ensure!(
        !RESERVED.contains(&name) && !memory.knows(name),
        "the name `{name}` is taken"
    );
    Ok(())
}

fn read_check(check: &Check, memory: &Memory) -> Result<()> {
    let name = check.time();
    ensure!(memory.knows_time(name), "no time is remembered as `{name}`");
    let Check::Viewing(check) = check else {
        return Ok(());
    };
    let texts = [
        &check.subject,
        &check.location,
        &check.attendee,
        &check.mailed,
    ];
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
            "step 1: unknown field `tol`, expected `caller` or `assistant`",
        ),
        ("steps:\n  - {}\n", "step 1: a step begins with `caller`"),
        (
            "steps:\n  - {tol: a}\n",
            "step 1: a step begins with `caller`",
        ),
        (
            "steps:\n  - {caller: a, assistant: b}\n",
            "step 1: a step has one speaker",
        ),
        (
            "steps:\n  - caller: a\n  - {caller: a, remember: [x]}\n",
            "step 2: unknown field `remember`",
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
            "steps:\n  - {meanwhile: a}\n",
            "step 1: missing field `who`",
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
            "steps:\n  - meanwhile: a\n    who: {name: b, number: '+15125550177'}\n    steps:\n      - meanwhile: c\n",
            "step 1: step 1 of `meanwhile`: a step begins with",
        ),
        (
            "steps:\n  - {at_once: a, callers: [], caller: b, tool: find_appointments, done: 0}\n",
            "step 1: `at_once` needs at least two `callers`",
        ),
        (
            "steps:\n  - at_once: a\n    callers: [{name: b, number: '+15125550177'}, {name: c, number: '1'}]\n    \
             caller: d\n    tool: find_appointments\n    done: 1\n",
            "step 1: caller 2: `1` is no phone number",
        ),
        (
            "steps:\n  - at_once: a\n    callers: [{name: b, number: '+15125550177'}, {name: c, number: '+15125550178'}]\n    \
             caller: d\n    tool: find_appointments\n    done: 3\n",
            "step 1: `done` is more than there are `callers`",
        ),
        (
            "steps:\n  - {backstage: a}\n",
            "step 1: `backstage` has `faults` or `minutes`",
        ),
        (
            "steps:\n  - {backstage: a, faults: [create_event=late]}\n",
            "step 1: fault `create_event=late`: \"late\" is no effect",
        ),
        (
            "steps:\n  - {tool: set_appointment, delivered: thrice}\n",
            "step 1: unknown variant `thrice`, expected one of `once`",
        ),
        (
            "steps:\n  - {tool: set_appointment, remember_code: caller}\n",
            "step 1: the name `caller` is taken",
        ),
        (
            "steps:\n  - {caller: a}\n  - {tool: set_appointment, remember_code: x}\ncheck: [{open: x}]\n",
            "check 1: no time is remembered as `x`",
        ),
        (
            "steps: [{caller: a}]\ncheck: [{viewing: x, opne: y}]\n",
            "a check is of a `viewing`, or of a time that is `open`",
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
