//! Plays a scenario.

use std::io::Write;
use std::time::Duration;

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;
use serde_json::Value;
use shared::clock::Clock;
use uuid::Uuid;

use super::arguments::Arguments;
use super::backend::{Backend, Delivered, Openings, Target};
use super::delivery::{Asking, PhoneCall};
use super::finding::Finding;
use super::heard::{self, Slot, understand};
use super::judge;
use super::reply::{self, Said};
use super::scenario::{
    Aside, Backstage, Check, Crowd, Delivery, Moment, Person, Scenario, Speaker, Step, ToolStep,
};
use super::style::Style;
use super::template::Memory;
use super::transcript::Transcript;
use super::viewing::{self, After};
use crate::LocalSystem;
use crate::microsoft::Microsoft;

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
/// `system` is the system itself where it runs in this process; a scenario that
/// has something happen backstage needs it.
///
/// # Errors
/// When the system cannot be reached or refuses its credentials, is needed and not
/// there, or `out` cannot be written. An expectation that does not hold is no error.
pub async fn play(
    scenario: &Scenario,
    target: &Target,
    system: Option<&LocalSystem>,
    out: &mut dyn Write,
    style: Style,
) -> Result<Verdict> {
    ensure!(
        system.is_some() || !scenario.needs_backstage(),
        "this scenario has `backstage` steps, which need the system that is started for the \
         call; leave --url out"
    );
    let clock = system.map(LocalSystem::clock).cloned().unwrap_or_default();
    let mut play = Play {
        scenario,
        backend: Backend::new(target)?,
        transcript: Transcript::new(out, style, scenario),
        memory: Memory::of(scenario),
        system,
        clock,
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
    match play.steps().await? {
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

/// A tool call that is ready to be delivered.
struct Asked {
    id: String,
    arguments: Arguments,
    body: Value,
}

struct Play<'a> {
    scenario: &'a Scenario,
    backend: Backend,
    transcript: Transcript<'a>,
    memory: Memory,
    system: Option<&'a LocalSystem>,
    /// What VAPI's clock shows; the times of the viewings come from the system.
    clock: Clock,
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
    async fn steps(&mut self) -> Result<Next> {
        let mut call = None;
        for step in &self.scenario.steps {
            let next = if let Step::Backstage(step) = step {
                self.backstage(step).await?
            } else {
                // What is prepared backstage before anything is said is there when the
                // phone rings.
                let call = match &mut call {
                    Some(call) => call,
                    none => none.insert(self.begin(&self.scenario.caller).await?),
                };
                self.step(step, call).await?
            };
            if next == Next::HangUp {
                return Ok(Next::HangUp);
            }
        }
        if let Some(call) = call {
            self.end(&call).await?;
        }
        Ok(Next::GoOn)
    }

    async fn step(&mut self, step: &Step, call: &mut PhoneCall) -> Result<Next> {
        match step {
            Step::Moment(moment) => self.moment(moment, call).await,
            Step::Aside(aside) => self.aside(aside).await,
            Step::Crowd(crowd) => self.crowd(crowd).await,
            Step::Backstage(step) => self.backstage(step).await,
        }
    }

    /// Has somebody call, as VAPI tells us.
    async fn begin(&mut self, caller: &Person) -> Result<PhoneCall> {
        let now = self.clock.now();
        let call = PhoneCall::new(caller, &self.scenario.assistant_id, now);
        self.inform(&call.began(now)).await?;
        Ok(call)
    }

    /// Has them hang up.
    async fn end(&mut self, call: &PhoneCall) -> Result<()> {
        self.inform(&call.ended(self.clock.now())).await
    }

    /// Delivers what needs no reply.
    async fn inform(&mut self, message: &Value) -> Result<()> {
        let answer = self.backend.deliver(message).await?;
        let kind = message["message"]["type"].as_str().unwrap_or_default();
        let problems = reply::to_information(&answer);
        self.always(problems, "of a shape that VAPI accepts", kind);
        Ok(())
    }

    async fn aside(&mut self, aside: &Aside) -> Result<Next> {
        let text = self.memory.fill(&aside.text)?;
        self.transcript.begin_aside(&text)?;
        self.memory.about_caller(&aside.caller);
        let mut call = self.begin(&aside.caller).await?;
        let mut next = Next::GoOn;
        for moment in &aside.moments {
            next = self.moment(moment, &mut call).await?;
            if next == Next::HangUp {
                break;
            }
        }
        self.end(&call).await?;
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

    /// Has several people ask in the same moment.
    async fn crowd(&mut self, crowd: &Crowd) -> Result<Next> {
        let text = self.memory.fill(&crowd.text)?;
        self.transcript.begin_aside(&text)?;
        let mut asked = Vec::new();
        for caller in &crowd.callers {
            self.memory.about_caller(caller);
            let mut call = self.begin(caller).await?;
            let line = self.memory.fill(&crowd.line)?;
            call.say(Speaker::Caller, &line);
            asked.push((self.prepare(&crowd.ask, &call)?, call, line));
        }
        self.memory.about_caller(&self.scenario.caller);
        let deliveries = asked
            .iter()
            .map(|(asked, ..)| self.backend.deliver(&asked.body));
        let answers = try_join_all(deliveries).await?;

        let mut finding = Finding::about(format!("{}, at once", crowd.ask.tool));
        let mut refused = Vec::new();
        for ((asked, mut call, line), answer) in asked.into_iter().zip(answers) {
            self.transcript
                .line(Speaker::Caller, call.caller.first_name(), &line)?;
            let Some(said) = self.hear(&crowd.ask, &asked, &answer, &mut call)? else {
                return Ok(Next::HangUp);
            };
            if !said.done {
                refused.push(said);
            }
            self.end(&call).await?;
        }
        self.transcript.end_aside()?;
        let open = self.backend.openings(&self.scenario.user_id, None).await?;
        judge::crowd(crowd, &refused, &open, &mut finding);
        self.findings.push(finding);
        Ok(Next::GoOn)
    }

    /// Changes the system itself.
    async fn backstage(&mut self, step: &Backstage) -> Result<Next> {
        let text = self.memory.fill(&step.text)?;
        self.transcript.note(&text)?;
        let Some(system) = self.system else {
            return Ok(Next::HangUp);
        };
        if let Some(faults) = &step.faults {
            system.mend();
            system.misbehave(faults.clone());
        }
        if let Some(minutes) = step.minutes {
            system.let_pass(minutes).await?;
        }
        Ok(Next::GoOn)
    }

    async fn tool(&mut self, step: &ToolStep, call: &mut PhoneCall) -> Result<Next> {
        let asked = self.prepare(step, call)?;
        let (answer, repeat) = self.deliver(step.delivery, &asked.body).await?;
        let Some(said) = self.hear(step, &asked, &answer, call)? else {
            return Ok(Next::HangUp);
        };
        let mut finding = Finding::about(judge::name_of(step, &call.caller, self.scenario));
        judge::answer(&step.expect.filled(&self.memory)?, &said, &mut finding);
        if let Some(repeat) = repeat {
            self.latencies.push(repeat.took);
            judge::repeat(&answer, &repeat, &mut finding);
        }
        let mut next = self.offers(step, &said, &mut finding).await?;
        if let Some(name) = &step.remember_code {
            if let Some(code) = heard::code(&said.spoken) {
                self.memory.remember_code(name, &code);
            } else {
                let problem = "expected a confirmation code, found none";
                finding.broken.push(problem.to_owned());
                next = Next::HangUp;
            }
        }
        self.findings.push(finding);
        Ok(next)
    }

    /// Makes a tool call of a step.
    fn prepare(&self, step: &ToolStep, call: &PhoneCall) -> Result<Asked> {
        let arguments = step
            .arguments
            .try_map(|value| self.memory.fill_json(value))?;
        let id = format!("call_{}", Uuid::new_v4().simple());
        let body = call.delivery(&Asking {
            id: &id,
            tool: &step.tool,
            arguments: &arguments,
            form: step.form,
            now: self.clock.now(),
            webhook: &self.backend.webhook(),
        });
        Ok(Asked {
            id,
            arguments,
            body,
        })
    }

    /// Delivers a tool call, and gives the answer and that to its repetition.
    async fn deliver(
        &self,
        delivery: Delivery,
        body: &Value,
    ) -> Result<(Delivered, Option<Delivered>)> {
        let once = || self.backend.deliver(body);
        Ok(match delivery {
            Delivery::Once => (once().await?, None),
            Delivery::Again => (once().await?, Some(once().await?)),
            Delivery::Together => {
                let (first, second) = tokio::try_join!(once(), once())?;
                (first, Some(second))
            }
        })
    }

    /// Has the assistant say what a tool answered, if that can be read.
    fn hear(
        &mut self,
        step: &ToolStep,
        asked: &Asked,
        answer: &Delivered,
        call: &mut PhoneCall,
    ) -> Result<Option<Said>> {
        self.latencies.push(answer.took);
        let name = match step.delivery {
            Delivery::Once => step.tool.clone(),
            Delivery::Again | Delivery::Together => format!("{} (delivered twice)", step.tool),
        };
        self.transcript.tool(&name, &asked.arguments, answer.took)?;

        let name = judge::name_of(step, &call.caller, self.scenario);
        let (said, problems) = reply::read(answer, &asked.id, &step.tool);
        self.always(problems, "of a shape that VAPI accepts", &name);
        let Some(said) = said else {
            return Ok(None);
        };
        self.spoken.push(said.spoken.clone());
        self.say(Speaker::Assistant, &said.spoken, call)?;
        self.always(
            said.speech_problems(),
            "in words that a voice can say",
            &name,
        );
        Ok(Some(said))
    }

    /// Notes what is expected of every answer.
    fn always(&mut self, problems: Vec<String>, expected: &str, name: &str) {
        let problems = problems
            .into_iter()
            .map(|problem| format!("{problem} ({name})"));
        self.answers.expect_none(problems.collect(), expected);
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
        let simulator = self.system.and_then(|system| system.simulator.as_ref());
        let mailed = simulator.map(Microsoft::written_to);
        for check in &self.scenario.checks {
            let Some((_, slot)) = self.times.iter().find(|(name, _)| name == check.time()) else {
                continue;
            };
            let events = self.backend.events(user, slot.start, slot.end).await?;
            let after = After {
                events: &events,
                open: &open.slots,
                spoken: &self.spoken,
                today: open.now.date(),
                mailed: mailed.as_deref(),
            };
            self.findings.push(match check {
                Check::Viewing(check) => viewing::judge(&check.filled(&self.memory)?, slot, &after),
                Check::Open(_) => viewing::judge_open(slot, &after),
            });
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
}
