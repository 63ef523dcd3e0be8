//! A tool call that writes is carried out once: the same call, delivered again, gets
//! the answer that was given, or waits for the one who is at it.

use super::answer::Answer;
use crate::clock::Turn;
use crate::store::{Answers, Begun, StoreError};

/// A tool call that writes, under its id.
pub(super) struct Once<'a> {
    pub(super) answers: &'a Answers,
    pub(super) id: String,
    /// The tool's name: what a repeat must be the same in.
    pub(super) tool: &'static str,
}

/// Whether a tool call is ours to carry out.
pub(super) enum Turnout {
    /// It is.
    Ours,
    /// It is, but what comes of it is not to be kept under its id.
    Unkept,
    /// Somebody did, or is at it.
    Theirs(Answer),
}

/// What came of a tool call, to be kept for its repeats.
pub(super) struct Outcome {
    id: String,
    tool: &'static str,
    /// None when a repeat is to find out anew.
    answer: Option<String>,
}

impl Once<'_> {
    /// Begins the tool call, unless it was begun before; then waits for its answer.
    pub(super) async fn begin(&self, turn: &Turn) -> Turnout {
        match self.answers.begin(&self.id, self.tool, turn).await {
            Ok(Begun::New) => Turnout::Ours,
            Ok(Begun::Answered(answer)) => match serde_json::from_str(&answer) {
                Ok(answer) => Turnout::Theirs(answer),
                // Another version of this program stored it; the work itself is safe to
                // repeat.
                Err(_) => Turnout::Ours,
            },
            Ok(Begun::Running) => Turnout::Theirs(Answer::Pending(
                "That is being seen to at this very moment. Shall I check how far it is?"
                    .to_owned(),
            )),
            // Ids are VAPI's to give, and it gave this one twice.
            Ok(Begun::Different) => Turnout::Unkept,
            Err(error) => Turnout::Theirs(error.into()),
        }
    }

    /// What is to be kept of what came of it. Only what is settled is: a failure, and
    /// what is still under way, is found out anew when it is asked for again.
    pub(super) fn came_to(self, answered: &Result<Answer, Answer>) -> Outcome {
        let answer = match answered {
            Ok(answer @ (Answer::Done(_) | Answer::NotDone(_))) => {
                Some(serde_json::to_string(answer).unwrap_or_default())
            }
            Ok(Answer::Pending(_)) | Err(_) => None,
        };
        Outcome {
            id: self.id,
            tool: self.tool,
            answer,
        }
    }
}

impl Outcome {
    /// Keeps it. Without that, a repeat is carried out again once the lease is over; that
    /// books and moves nothing twice.
    pub(super) async fn keep(self, answers: &Answers, turn: &Turn) -> Result<(), StoreError> {
        match self.answer {
            Some(answer) => answers.finish(&self.id, self.tool, answer, turn.now).await,
            None => answers.forget(&self.id).await,
        }
    }
}
