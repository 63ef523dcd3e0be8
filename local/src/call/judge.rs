//! Judges the answers of tools by what a script expects of them.

use std::time::Duration;

use super::backend::{Delivered, Openings};
use super::finding::Finding;
use super::heard::{Heard, understand};
use super::play::Verdict;
use super::reply::Said;
use super::scenario::{Crowd, Expect, MOST_OFFERED, Person, Scenario, ToolStep};

/// What a tool call is called among the checks.
pub(super) fn name_of(step: &ToolStep, caller: &Person, scenario: &Scenario) -> String {
    if caller.number == scenario.caller.number {
        step.tool.clone()
    } else {
        format!("{} ({})", step.tool, caller.first_name())
    }
}

/// Judges what is said. The texts of `expect` are filled in already.
pub(super) fn answer(expect: &Expect, said: &Said, finding: &mut Finding) {
    let named = |done| if done { "done" } else { "not done" };
    if let Some(done) = expect.done {
        finding.expect(said.done == done, named(done), || {
            format!("{}: \"{}\"", named(said.done), said.told)
        });
    }
    for phrase in &expect.says {
        let holds = said.spoken.to_lowercase().contains(&phrase.to_lowercase());
        finding.expect(holds, format!("\"{phrase}\" said"), || {
            format!("\"{}\"", said.spoken)
        });
    }
}

/// Judges what is offered.
pub(super) fn offers(expect: &Expect, heard: &Heard, finding: &mut Finding) {
    let Some(wanted) = &expect.offers else {
        return;
    };
    let (least, most) = (wanted.start(), wanted.end());
    let expected = match (least, most) {
        (1, 1) => "1 time offered".to_owned(),
        _ if least == most => format!("{least} times offered"),
        _ => format!("{least} to {most} times offered"),
    };
    finding.expect(wanted.contains(&heard.open.len()), expected, || {
        heard.open.len().to_string()
    });
    let not_open = heard.not_open.iter().map(|local| {
        let local = local.strftime("%a %b %-d, %-I:%M %p");
        format!("{local}, which is not open")
    });
    finding.expect_none(not_open.collect(), "only open times offered");
}

/// Judges what a tool call was answered when it was delivered once more.
pub(super) fn repeat(first: &Delivered, second: &Delivered, finding: &mut Finding) {
    finding.expect(
        second.body == first.body,
        "the same answer to both deliveries",
        || String::from_utf8_lossy(&second.body).into_owned(),
    );
}

/// Judges what several people were told who asked for the same at once.
pub(super) fn crowd(crowd: &Crowd, refused: &[Said], open: &Openings, finding: &mut Finding) {
    let all = crowd.callers.len();
    let done = all - refused.len();
    finding.expect(
        done == crowd.done,
        format!("{} of {all} done", crowd.done),
        || done.to_string(),
    );
    let alternatives = Expect {
        offers: Some(1..=MOST_OFFERED),
        ..Expect::default()
    };
    for said in refused {
        let heard = understand(&said.spoken, &open.slots, open.now.datetime());
        offers(&alternatives, &heard, finding);
    }
}

/// How a call went, in one line.
pub(super) fn summary(verdict: &Verdict, latencies: &[Duration]) -> String {
    let broken = verdict.broken.len();
    let all = verdict.held + broken;
    let result = match broken {
        0 => format!("All {all} expectations held."),
        _ => format!("{broken} of {all} expectations broken."),
    };
    let calls = match latencies.len() {
        1 => "1 tool call".to_owned(),
        number => format!("{number} tool calls"),
    };
    match latencies.iter().max() {
        Some(slowest) => format!("{result} {calls}, the slowest {} ms.", slowest.as_millis()),
        None => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_counts() {
        let verdict = |held, broken: &[&str]| Verdict {
            held,
            broken: broken.iter().map(|text| (*text).to_owned()).collect(),
        };
        let milliseconds = Duration::from_millis;
        assert_eq!(
            summary(&verdict(7, &[]), &[milliseconds(80), milliseconds(143)]),
            "All 7 expectations held. 2 tool calls, the slowest 143 ms."
        );
        assert_eq!(
            summary(&verdict(7, &["one"]), &[milliseconds(9)]),
            "1 of 8 expectations broken. 1 tool call, the slowest 9 ms."
        );
        assert_eq!(summary(&verdict(2, &[]), &[]), "All 2 expectations held.");
    }

    #[test]
    fn an_answer_is_judged_by_what_the_script_expects() {
        let said = Said {
            done: false,
            spoken: "That time is not open.".to_owned(),
            told: "That time is not open.".to_owned(),
        };
        let expect = Expect {
            done: Some(true),
            says: vec!["NOT open".to_owned(), "booked".to_owned()],
            offers: Some(1..=3),
        };
        let mut finding = Finding::about("set_appointment");
        answer(&expect, &said, &mut finding);
        offers(&expect, &Heard::default(), &mut finding);
        assert_eq!(
            finding.held,
            ["\"NOT open\" said", "only open times offered"]
        );
        insta::assert_snapshot!(finding.broken.join("\n"), @r#"
        expected done, found not done: "That time is not open."
        expected "booked" said, found "That time is not open."
        expected 1 to 3 times offered, found 0
        "#);
    }
}
