//! Plays a scenario.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::arguments::Arguments;
use super::backend::{Backend, Delivered, Openings, Target};
use super::delivery::{Asking, PhoneCall};
use super::finding::Finding;
use super::heard::{Slot, understand};
use super::judge;
use super::reply::{self, Said};
use super::scenario::{Aside, Moment, Scenario, Speaker, Step, ToolStep};
use super::style::Style;
use super::template::Memory;
use super::transcript::Transcript;
use super::viewing::{self, After};

/// How a call went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How many expectations held.
    pub held: usize,
    /// Those that did not, each with what was found instead.
    pub broken: Vec<String>,
}

impl Verdict {
    /// Whether every expectation held.
    #[must_use]
    pub fn all_held(&self) -> bool {
        self.broken.is_empty()
    }
}

/// Plays a scenario against a running system, and writes the transcript to `out`
/// as it goes.
///
/// `now` is the time at which the call begins; it is only told to the webhook,
/// since the times of the viewings come from the system.
///
/// # Errors
/// When the system cannot be reached or refuses its credentials, or `out` cannot
/// be written. An expectation that does not hold is no error.
pub async fn play(
    scenario: &Scenario,
    target: &Target,
    now: Timestamp,
    out: &mut dyn Write,
    style: Style,
) -> Result<Verdict> {
    let mut play = Play {
        scenario,
        backend: Backend::new(target)?,
        transcript: Transcript::new(out, style, scenario),
        began: (now, Instant::now()),
        memory: Memory::of(scenario),
        times: Vec::new(),
        spoken: Vec::new(),
        latencies: Vec::new(),
        answers: Finding::about("every answer"),
        findings: Vec::new(),
    };
    // What cannot be reached or is not connected is found out before anything is
    // said or booked.
    let open = play.backend.openings(&scenario.user_id, None).await?;
    play.memory.about_days(open.now.date());
    play.transcript.heading(scenario)?;
    let mut call = PhoneCall::new(&scenario.caller, &scenario.assistant_id, now);
    match play.steps(&mut call).await? {
        Next::GoOn => play.viewings().await?,
        Next::HangUp => play.transcript.cut_short()?,
    }
    play.verdict()
}

/// Whether a call can go on after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    GoOn,
    HangUp,
}

struct Play<'a> {
    scenario: &'a Scenario,
    backend: Backend,
    transcript: Transcript<'a>,
    began: (Timestamp, Instant),
    memory: Memory,
    /// The times that have a name.
    times: Vec<(String, Slot)>,
    /// What the tools had the assistant say.
    spoken: Vec<String>,
    latencies: Vec<Duration>,
    /// What is expected of every answer, asked for or not.
    answers: Finding,
    findings: Vec<Finding>,
}

impl Play<'_> {
    async fn steps(&mut self, call: &mut PhoneCall) -> Result<Next> {
        for step in &self.scenario.steps {
            let next = match step {
                Step::Moment(moment) => self.moment(moment, call).await?,
                Step::Aside(aside) => self.aside(aside).await?,
            };
            if next == Next::HangUp {
                return Ok(Next::HangUp);
            }
        }
        Ok(Next::GoOn)
    }

    async fn aside(&mut self, aside: &Aside) -> Result<Next> {
        let text = self.memory.fill(&aside.text)?;
        self.transcript.begin_aside(&text)?;
        self.memory.about_caller(&aside.caller);
        let mut call = PhoneCall::new(&aside.caller, &self.scenario.assistant_id, self.now());
        let mut next = Next::GoOn;
        for moment in &aside.moments {
            next = self.moment(moment, &mut call).await?;
            if next == Next::HangUp {
                break;
            }
        }
        self.memory.about_caller(&self.scenario.caller);
        self.transcript.end_aside()?;
        Ok(next)
    }

    async fn moment(&mut self, moment: &Moment, call: &mut PhoneCall) -> Result<Next> {
        match moment {
            Moment::Line { speaker, text } => {
                let text = self.memory.fill(text)?;
                self.say(*speaker, &text, call)?;
                Ok(Next::GoOn)
            }
            Moment::Tool(step) => self.tool(step, call).await,
        }
    }

    fn say(&mut self, speaker: Speaker, text: &str, call: &mut PhoneCall) -> Result<()> {
        call.say(speaker, text);
        self.transcript
            .line(speaker, call.caller.first_name(), text)?;
        Ok(())
    }

    async fn tool(&mut self, step: &ToolStep, call: &mut PhoneCall) -> Result<Next> {
        let arguments = step
            .arguments
            .try_map(|value| self.memory.fill_json(value))?;
        let id = format!("call_{}", Uuid::new_v4().simple());
        let answer = self.ask(step, &arguments, &id, call).await?;
        self.latencies.push(answer.took);
        self.transcript.tool(&step.tool, &arguments, answer.took)?;

        let name = judge::name_of(step, &call.caller, self.scenario);
        let (said, problems) = reply::read(&answer, &id, &step.tool);
        self.always(problems, "of a shape that VAPI accepts", &name);
        let Some(said) = said else {
            return Ok(Next::HangUp);
        };
        self.spoken.push(said.spoken.clone());
        self.say(Speaker::Assistant, &said.spoken, call)?;
        self.always(
            said.speech_problems(),
            "in words that a voice can say",
            &name,
        );
        let mut finding = Finding::about(name);
        judge::answer(&step.expect.filled(&self.memory)?, &said, &mut finding);
        let next = self.offers(step, &said, &mut finding).await?;
        self.findings.push(finding);
        Ok(next)
    }

    /// Notes what is expected of every answer.
    fn always(&mut self, problems: Vec<String>, expected: &str, name: &str) {
        let problems = problems
            .into_iter()
            .map(|problem| format!("{problem} ({name})"));
        self.answers.expect_none(problems.collect(), expected);
    }

    async fn ask(
        &self,
        step: &ToolStep,
        arguments: &Arguments,
        id: &str,
        call: &PhoneCall,
    ) -> Result<Delivered> {
        let delivery = call.delivery(&Asking {
            id,
            tool: &step.tool,
            arguments,
            form: step.form,
            now: self.now(),
            webhook: &self.backend.webhook(),
        });
        self.backend.deliver(&delivery).await
    }

    /// Understands the times of an answer, if the script cares for them.
    async fn offers(
        &mut self,
        step: &ToolStep,
        said: &Said,
        finding: &mut Finding,
    ) -> Result<Next> {
        if step.expect.offers.is_none() && step.remember.is_empty() {
            return Ok(Next::GoOn);
        }
        let minutes = step.arguments.integer("duration_minutes");
        let Openings { slots, now } = self
            .backend
            .openings(&self.scenario.user_id, minutes)
            .await?;
        let heard = understand(&said.spoken, &slots, now.datetime());
        judge::offers(&step.expect, &heard, finding);
        if heard.open.len() < step.remember.len() {
            finding.broken.push(format!(
                "expected a time for each of {}, found {}",
                step.remember.join(", "),
                heard.open.len()
            ));
            return Ok(Next::HangUp);
        }
        for (name, slot) in step.remember.iter().zip(heard.open) {
            self.memory.remember(name, &slot, now.date());
            self.times.push((name.clone(), slot));
        }
        Ok(Next::GoOn)
    }

    /// Looks at the calendar after the call.
    async fn viewings(&mut self) -> Result<()> {
        if self.scenario.checks.is_empty() {
            return Ok(());
        }
        let user = &self.scenario.user_id;
        let open = self.backend.openings(user, None).await?;
        for check in &self.scenario.checks {
            let Some((_, slot)) = self.times.iter().find(|(name, _)| *name == check.viewing) else {
                continue;
            };
            let events = self.backend.events(user, slot.start, slot.end).await?;
            let after = After {
                events: &events,
                open: &open.slots,
                spoken: &self.spoken,
                today: open.now.date(),
            };
            let check = check.filled(&self.memory)?;
            self.findings.push(viewing::judge(&check, slot, &after));
        }
        Ok(())
    }

    fn verdict(mut self) -> Result<Verdict> {
        self.findings.push(self.answers);
        self.transcript.findings(&self.findings)?;
        let held = self.findings.iter().map(|finding| finding.held.len()).sum();
        let broken = self.findings.iter().flat_map(|finding| {
            let about = &finding.about;
            finding
                .broken
                .iter()
                .map(move |broken| format!("{about}: {broken}"))
        });
        let verdict = Verdict {
            held,
            broken: broken.collect(),
        };
        let summary = judge::summary(&verdict, &self.latencies);
        self.transcript.summary(verdict.all_held(), &summary)?;
        Ok(verdict)
    }

    /// The time that VAPI's clock shows.
    fn now(&self) -> Timestamp {
        let (now, began) = self.began;
        let since = SignedDuration::try_from(began.elapsed()).unwrap_or_default();
        now.checked_add(since).unwrap_or(now)
    }
}
