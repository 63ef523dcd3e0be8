//! A tool call that writes is carried out once: the same call, delivered again, gets
//! the answer that was given, or waits for the one who is at it.

use std::future::Future;
use std::time::Duration;

use super::answer::Answer;
use crate::clock::Turn;
use crate::store::{Answers, Begun};

/// How long to wait before looking again whether somebody else is done.
const LOOK_AGAIN: Duration = Duration::from_millis(150);

/// What an answer needs at the end of the time that there is.
const TO_ANSWER: Duration = Duration::from_millis(700);

/// What keeping an answer may cost the caller when their time is over.
const TO_KEEP: Duration = Duration::from_millis(300);

/// Carries `work` out under the id of its tool call, unless that was done before.
///
/// Only what is settled is stored: a failure, and what is still under way, is found
/// out anew when it is asked for again.
pub(super) async fn once(
    answers: &Answers,
    id: &str,
    tool: &str,
    turn: &Turn,
    work: impl Future<Output = Result<Answer, Answer>>,
) -> Answer {
    loop {
        match answers.begin(id, tool, turn.now).await {
            Ok(Begun::New) => break,
            Ok(Begun::Answered(answer)) => {
                if let Ok(answer) = serde_json::from_str(&answer) {
                    return answer;
                }
                // Another version of this program stored it; the work itself is safe
                // to repeat.
                break;
            }
            Ok(Begun::Running) if turn.patience(TO_ANSWER) == TO_ANSWER => {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            Ok(Begun::Running) => {
                return Answer::Pending(
                    "That is being seen to at this very moment. Shall I check how far it is?"
                        .to_owned(),
                );
            }
            // Ids are VAPI's to give, and it gave this one twice.
            Ok(Begun::Different) => return settled(work.await),
            Err(error) => return error.into(),
        }
    }
    let answered = work.await;
    let keeping = async {
        match &answered {
            Ok(answer @ (Answer::Done(_) | Answer::NotDone(_))) => {
                let text = serde_json::to_string(answer).unwrap_or_default();
                answers.finish(id, tool, text, turn.now).await
            }
            Ok(Answer::Pending(_)) | Err(_) => answers.forget(id).await,
        }
    };
    // A table that does not answer must not hold up what can be said already.
    let limit = turn.patience(Duration::MAX).max(TO_KEEP);
    let again = "a repeat of this tool call will be carried out again";
    match tokio::time::timeout(limit, keeping).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "{again}"),
        Err(_) => tracing::warn!("{again}"),
    }
    settled(answered)
}

fn settled(answered: Result<Answer, Answer>) -> Answer {
    answered.unwrap_or_else(|answer| answer)
}
