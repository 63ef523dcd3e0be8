//! The call as one reads it: who says what, which tool ran, and what was checked.
//!
//! Three columns: a bar beside what happens in another call, the speaker, and
//! what is said. Every line is written as soon as it happens.

use std::io::{Result, Write};
use std::time::Duration;

use super::arguments::Arguments;
use super::finding::Finding;
use super::scenario::{Person, Scenario, Speaker, Step};
use super::style::{Style, Tone, length, wrap, wrap_pieces};

/// Beside what happens in another call, and elsewhere.
const ASIDE: &str = "  ┆ ";
const MAIN: &str = "    ";

/// Between a speaker and what is said.
const GAP: usize = 2;

const ASSISTANT: &str = "Assistant";

/// A transcript that is being written.
pub(super) struct Transcript<'a> {
    out: &'a mut dyn Write,
    style: Style,
    speaker_width: usize,
    margin: &'static str,
    /// Whether the last line is blank.
    at_gap: bool,
}

impl<'a> Transcript<'a> {
    pub(super) fn new(out: &'a mut dyn Write, style: Style, scenario: &Scenario) -> Self {
        let others = scenario.steps.iter().flat_map(|step| match step {
            Step::Aside(aside) => std::slice::from_ref(&aside.caller),
            Step::Crowd(crowd) => &crowd.callers,
            Step::Moment(_) | Step::Backstage(_) => &[],
        });
        let names = [ASSISTANT, scenario.caller.first_name()]
            .into_iter()
            .chain(others.map(Person::first_name));
        Self {
            speaker_width: names.map(length).max().unwrap_or_default(),
            out,
            style,
            margin: MAIN,
            at_gap: false,
        }
    }

    /// What the call is about, and who is on the phone.
    pub(super) fn heading(&mut self, scenario: &Scenario) -> Result<()> {
        let title = self.style.paint(Tone::Heading, &scenario.title);
        writeln!(self.out, "{title}")?;
        for line in scenario
            .about
            .iter()
            .flat_map(|about| wrap(about, self.style.width))
        {
            writeln!(self.out, "{}", self.style.paint(Tone::Quiet, &line))?;
        }
        let caller = &scenario.caller;
        let who = format!(
            "{} calls from {}. {} answers for {}.",
            caller.name, caller.number, scenario.assistant_id, scenario.user_id
        );
        for line in wrap(&who, self.style.width) {
            writeln!(self.out, "{}", self.style.paint(Tone::Quiet, &line))?;
        }
        self.gap()
    }

    /// Something that is said.
    pub(super) fn line(&mut self, speaker: Speaker, caller: &str, text: &str) -> Result<()> {
        let (name, tone) = match speaker {
            Speaker::Caller => (caller, Tone::Caller),
            Speaker::Assistant => (ASSISTANT, Tone::Assistant),
        };
        for (index, line) in wrap(text, self.text_width()).iter().enumerate() {
            let name = if index == 0 { name } else { "" };
            self.row((name, tone), line, Tone::Plain)?;
        }
        self.out.flush()
    }

    /// A tool call: its name, what it was given, and how long it took.
    pub(super) fn tool(&mut self, name: &str, arguments: &Arguments, took: Duration) -> Result<()> {
        let took = format!("{} ms", took.as_millis());
        let room = self.text_width().saturating_sub(length(&took) + GAP);
        let mut pieces = vec![format!("→ {name} ")];
        for (name, value) in arguments.iter() {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            pieces.push(format!("{name}: {value},"));
        }
        if let Some(last) = pieces.last_mut().filter(|last| last.ends_with(',')) {
            last.pop();
        }
        let indent = "  ";
        let lines = wrap_pieces(
            &pieces,
            room,
            self.text_width().saturating_sub(indent.len()),
        );
        for (index, line) in lines.iter().enumerate() {
            let line = if index == 0 {
                format!("{line:<room$}{:GAP$}{took}", "")
            } else {
                format!("{indent}{line}")
            };
            self.row(("", Tone::Plain), &line, Tone::Quiet)?;
        }
        self.out.flush()
    }

    /// Tells what happens to the system itself.
    pub(super) fn note(&mut self, text: &str) -> Result<()> {
        self.begin_aside(text)?;
        self.end_aside()
    }

    /// Begins what happens in another call.
    pub(super) fn begin_aside(&mut self, text: &str) -> Result<()> {
        self.gap()?;
        self.margin = ASIDE;
        let width = self.style.width.saturating_sub(length(ASIDE));
        for line in wrap(text, width) {
            let line = self.style.paint(Tone::Heading, &line);
            writeln!(self.out, "{}{line}", self.style.paint(Tone::Quiet, ASIDE))?;
        }
        self.at_gap = false;
        Ok(())
    }

    /// Returns to the first call.
    pub(super) fn end_aside(&mut self) -> Result<()> {
        self.margin = MAIN;
        self.gap()
    }

    /// What held and what did not.
    pub(super) fn findings(&mut self, findings: &[Finding]) -> Result<()> {
        self.gap()?;
        writeln!(self.out, "{}", self.style.paint(Tone::Heading, "Checks"))?;
        let widest = findings.iter().map(|finding| length(&finding.about)).max();
        let about_width = widest.unwrap_or_default();
        for finding in findings {
            let mut held: Vec<&str> = Vec::new();
            for text in &finding.held {
                if !held.contains(&text.as_str()) {
                    held.push(text);
                }
            }
            let held = (!held.is_empty()).then(|| ("✓", Tone::Good, held.join("; ")));
            let broken = finding
                .broken
                .iter()
                .map(|text| ("✗", Tone::Bad, text.clone()));
            let rows = held.into_iter().chain(broken);
            for (index, (mark, tone, text)) in rows.enumerate() {
                let about = if index == 0 {
                    finding.about.as_str()
                } else {
                    ""
                };
                self.finding(mark, tone, about_width, about, &text)?;
            }
        }
        Ok(())
    }

    fn finding(
        &mut self,
        mark: &str,
        tone: Tone,
        about_width: usize,
        about: &str,
        text: &str,
    ) -> Result<()> {
        let room = self
            .style
            .width
            .saturating_sub(about_width + MAIN.len() + GAP);
        let text_tone = if tone == Tone::Bad {
            Tone::Bad
        } else {
            Tone::Plain
        };
        for (index, line) in wrap(text, room).iter().enumerate() {
            let (mark, about) = if index == 0 { (mark, about) } else { (" ", "") };
            let mark = self.style.paint(tone, mark);
            let line = self.style.paint(text_tone, line);
            writeln!(self.out, "  {mark} {about:<about_width$}{:GAP$}{line}", "")?;
        }
        Ok(())
    }

    /// Why there is no more of the call.
    pub(super) fn cut_short(&mut self) -> Result<()> {
        let text = "The call cannot go on, and the calendar was not looked at.";
        writeln!(self.out, "\n{}", self.style.paint(Tone::Bad, text))
    }

    /// How it went, in one line.
    pub(super) fn summary(&mut self, all_held: bool, text: &str) -> Result<()> {
        let tone = if all_held { Tone::Good } else { Tone::Bad };
        writeln!(self.out, "\n{}", self.style.paint(tone, text))?;
        self.out.flush()
    }

    /// One blank line, however often it is asked for.
    fn gap(&mut self) -> Result<()> {
        if !self.at_gap {
            writeln!(self.out)?;
        }
        self.at_gap = true;
        Ok(())
    }

    fn row(&mut self, (name, tone): (&str, Tone), text: &str, text_tone: Tone) -> Result<()> {
        let padding = " ".repeat(self.speaker_width.saturating_sub(length(name)) + GAP);
        let row = format!(
            "{}{}{padding}{}",
            self.style.paint(Tone::Quiet, self.margin),
            self.style.paint(tone, name),
            self.style.paint(text_tone, text),
        );
        self.at_gap = false;
        writeln!(self.out, "{}", row.trim_end())
    }

    fn text_width(&self) -> usize {
        let before = length(self.margin) + self.speaker_width + GAP;
        self.style.width.saturating_sub(before)
    }
}

#[cfg(test)]
mod tests {
    use super::super::scenario::Aside;
    use super::*;

    fn person(name: &str) -> Person {
        Person {
            name: name.to_owned(),
            number: "+15125550142".to_owned(),
            email: None,
        }
    }

    fn scenario() -> Scenario {
        Scenario {
            title: "Book a viewing".to_owned(),
            about: Some("Somebody else is faster.".to_owned()),
            caller: person("Dana Whitfield"),
            assistant_id: "demo-assistant".to_owned(),
            user_id: "demo".to_owned(),
            property: None,
            steps: vec![Step::Aside(Aside {
                text: String::new(),
                caller: person("Bartholomew Haddad"),
                moments: Vec::new(),
            })],
            checks: Vec::new(),
        }
    }

    fn written(style: Style, write: impl FnOnce(&mut Transcript<'_>) -> Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut Transcript::new(&mut out, style, &scenario())).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn a_call(transcript: &mut Transcript<'_>) -> Result<()> {
        let arguments =
            "{property_address: 14 Mill Lane, start_time: '2026-11-24T10:00:00-06:00', limit: 3}";
        let arguments: Arguments = serde_yaml_ng::from_str(arguments).unwrap();
        transcript.heading(&scenario())?;
        transcript.line(Speaker::Assistant, "Dana", "How can I help?")?;
        transcript.line(
            Speaker::Caller,
            "Dana",
            "I would like to see the apartment at fourteen Mill Lane, as soon as that is possible.",
        )?;
        transcript.tool("set_appointment", &arguments, Duration::from_millis(143))?;
        transcript.begin_aside("Meanwhile, another caller is faster.")?;
        transcript.line(Speaker::Caller, "Bartholomew", "Ten is fine.")?;
        transcript.tool(
            "get_availability",
            &Arguments::default(),
            Duration::from_millis(7),
        )?;
        transcript.end_aside()?;
        transcript.line(Speaker::Assistant, "Dana", "It was just taken.")
    }

    #[test]
    fn a_call_reads_like_a_play() {
        insta::assert_snapshot!(written(Style::plain().within(72), a_call), @r#"
        Book a viewing
        Somebody else is faster.
        Dana Whitfield calls from +15125550142. demo-assistant answers for demo.

            Assistant    How can I help?
            Dana         I would like to see the apartment at fourteen Mill
                         Lane, as soon as that is possible.
                         → set_appointment                                143 ms
                           property_address: 14 Mill Lane,
                           start_time: 2026-11-24T10:00:00-06:00, limit: 3

          ┆ Meanwhile, another caller is faster.
          ┆ Bartholomew  Ten is fine.
          ┆              → get_availability                                 7 ms

            Assistant    It was just taken.
        "#);
    }

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        for width in [48, 60, 92] {
            let text = written(Style::plain().within(width), a_call);
            assert!(text.lines().all(|line| length(line) <= width), "{text}");
        }
    }

    #[test]
    fn colour_changes_nothing_else() {
        let mut plain = written(Style::coloured(), a_call);
        for code in ["0", "1", "2", "31", "32", "35", "36"] {
            plain = plain.replace(&format!("\u{1b}[{code}m"), "");
        }
        let trimmed: Vec<&str> = plain.lines().map(str::trim_end).collect();
        let expected = written(Style::plain(), a_call);
        assert_eq!(trimmed, expected.lines().collect::<Vec<_>>());
    }

    #[test]
    fn checks_say_what_was_expected_and_found() {
        let findings = [
            Finding {
                about: "get_availability".to_owned(),
                held: vec!["done".to_owned(), "3 times offered".to_owned()],
                broken: Vec::new(),
            },
            Finding {
                about: "Tue Nov 24, 10:00 AM".to_owned(),
                held: vec!["exactly one event".to_owned()],
                broken: vec!["expected location \"14 Mill Lane\", found \"\"".to_owned()],
            },
        ];
        let text = written(Style::plain().within(72), |transcript| {
            transcript.findings(&findings)?;
            transcript.summary(false, "1 of 4 expectations broken.")
        });
        insta::assert_snapshot!(text, @r#"
        Checks
          ✓ get_availability      done; 3 times offered
          ✓ Tue Nov 24, 10:00 AM  exactly one event
          ✗                       expected location "14 Mill Lane", found ""

        1 of 4 expectations broken.
        "#);
    }
}
