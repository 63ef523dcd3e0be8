//! A scenario that was found to make sense: what [`super::load()`] gives and
//! [`super::play()`] plays.

use std::ops::RangeInclusive;

use serde::Deserialize;

use super::arguments::Arguments;
use crate::Fault;

/// The most times that an answer offers.
pub(super) const MOST_OFFERED: usize = 3;

/// A scripted call, and what must be true after it.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What the call is about, as a heading.
    pub title: String,
    /// One sentence more, if it needs one.
    pub about: Option<String>,
    /// Who calls.
    pub caller: Person,
    /// VAPI's id of the assistant that answers.
    pub assistant_id: String,
    /// The staff member whose calendar is looked at.
    pub user_id: String,
    /// The address that the call is about, as `{{property}}`.
    pub property: Option<String>,
    pub(super) steps: Vec<Step>,
    pub(super) checks: Vec<Check>,
}

impl Scenario {
    /// Whether something happens that only the system on this machine can do.
    #[must_use]
    pub fn needs_backstage(&self) -> bool {
        let behind = |step: &Step| matches!(step, Step::Backstage(_));
        self.steps.iter().any(behind)
    }
}

/// Someone on the phone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub name: String,
    /// The number they call from, in international form.
    pub number: String,
    #[serde(default)]
    pub email: Option<String>,
}

impl Person {
    /// What they are called in the transcript.
    pub(super) fn first_name(&self) -> &str {
        self.name.split_whitespace().next().unwrap_or(&self.name)
    }
}

/// A part of the script.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Moment(Moment),
    Aside(Aside),
    Crowd(Crowd),
    Backstage(Backstage),
}

/// Something that happens in a call.
#[derive(Clone, Debug)]
pub(super) enum Moment {
    Line { speaker: Speaker, text: String },
    Tool(ToolStep),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaker {
    Caller,
    Assistant,
}

/// Another call, made while the first is going on.
#[derive(Clone, Debug)]
pub(super) struct Aside {
    /// What the reader is told of it.
    pub(super) text: String,
    pub(super) caller: Person,
    pub(super) moments: Vec<Moment>,
}

/// Several people in calls of their own, who ask for the same in the same moment.
#[derive(Clone, Debug)]
pub(super) struct Crowd {
    /// What the reader is told of it.
    pub(super) text: String,
    pub(super) callers: Vec<Person>,
    /// What each of them says.
    pub(super) line: String,
    pub(super) ask: ToolStep,
    /// How many of them get what they ask for.
    pub(super) done: usize,
}

/// What happens to the system itself.
#[derive(Clone, Debug)]
pub(super) struct Backstage {
    /// What the reader is told of it.
    pub(super) text: String,
    /// How the services misbehave from here on, instead of how they did so far.
    pub(super) faults: Option<Vec<Fault>>,
    /// How much later it is then; the schedule runs at the end of it.
    pub(super) minutes: Option<u16>,
}

/// A tool call, and what is expected of the answer.
#[derive(Clone, Debug, Default)]
pub(super) struct ToolStep {
    pub(super) tool: String,
    pub(super) arguments: Arguments,
    pub(super) form: Form,
    pub(super) delivery: Delivery,
    pub(super) expect: Expect,
    /// Names for the offered times, in the order in which they are said.
    pub(super) remember: Vec<String>,
    /// A name for the confirmation code that is said.
    pub(super) remember_code: Option<String>,
}

/// How often VAPI sends a tool call: on a bad line, more than once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Delivery {
    #[default]
    Once,
    /// Once more after the answer.
    Again,
    /// Two at the same moment.
    Together,
}

/// How VAPI writes the arguments of a call down; both are seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Form {
    #[default]
    Object,
    /// JSON within a string.
    Text,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Expect {
    pub(super) done: Option<bool>,
    pub(super) says: Vec<String>,
    pub(super) offers: Option<RangeInclusive<usize>>,
}

/// What must be true of a remembered time at the end.
#[derive(Clone, Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "a check is of a `viewing`, or of a time that is `open`, with what belongs to it"
)]
pub(super) enum Check {
    Viewing(ViewingCheck),
    Open(OpenCheck),
}

impl Check {
    /// The name of the time.
    pub(super) fn time(&self) -> &str {
        match self {
            Self::Viewing(check) => &check.viewing,
            Self::Open(check) => &check.open,
        }
    }
}

/// A time at which nothing is in the calendar, and which is open.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OpenCheck {
    /// The remembered time.
    pub(super) open: String,
}

/// A viewing that must be in the calendar at the end.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ViewingCheck {
    /// The remembered time.
    pub(super) viewing: String,
    #[serde(default)]
    pub(super) subject: Option<String>,
    #[serde(default)]
    pub(super) location: Option<String>,
    /// The e-mail address of somebody who is invited.
    #[serde(default)]
    pub(super) attendee: Option<String>,
    /// The address to which one message was sent. Only the system on this machine can
    /// tell.
    #[serde(default)]
    pub(super) mailed: Option<String>,
    /// What must stand in the event's text.
    #[serde(default)]
    pub(super) mentions: Vec<String>,
    /// Whether a confirmation code that was said with this time must be in it.
    #[serde(default)]
    pub(super) code_heard: bool,
}
