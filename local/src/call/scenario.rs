//! A scenario that was found to make sense: what [`super::load()`] gives and
//! [`super::play()`] plays.

use std::ops::RangeInclusive;

use serde::Deserialize;

use super::arguments::Arguments;

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
    pub(super) checks: Vec<ViewingCheck>,
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

/// A tool call, and what is expected of the answer.
#[derive(Clone, Debug)]
pub(super) struct ToolStep {
    pub(super) tool: String,
    pub(super) arguments: Arguments,
    pub(super) form: Form,
    pub(super) expect: Expect,
    /// Names for the offered times, in the order in which they are said.
    pub(super) remember: Vec<String>,
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
    /// What must stand in the event's text.
    #[serde(default)]
    pub(super) mentions: Vec<String>,
    /// Whether a confirmation code that was said with this time must be in it.
    #[serde(default)]
    pub(super) code_heard: bool,
}
