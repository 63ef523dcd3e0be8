//! The tool `cancel_appointment`.

use super::answer::Answer;
use super::webhook::Asked;
use super::which_viewing::{meant, place, when};
use crate::booking::Cancelled;
use crate::store::Cause;

pub(super) async fn run(asked: &Asked<'_>) -> Result<Answer, Answer> {
    let viewing = meant(asked).await?;
    let calendar = asked.calendar(&viewing.user_id).await?;
    let comment = match asked.text("reason") {
        Some(reason) => format!("The viewing was cancelled by phone. Reason: {reason}"),
        None => "The viewing was cancelled by phone.".to_owned(),
    };
    let cancelled = calendar
        .cancel(viewing, &comment, Cause::Caller, &asked.turn)
        .await
        .map_err(|error| Answer::unchanged(&error))?;
    Ok(match cancelled {
        Cancelled::Done(viewing) => {
            let told = if viewing.has_guests {
                " Everybody who was invited is told by e-mail."
            } else {
                ""
            };
            Answer::done(format!(
                "The viewing on {}{} is cancelled.{told}",
                when(&viewing, asked),
                place(&viewing)
            ))
        }
        Cancelled::Underway(viewing) => Answer::Pending(format!(
            "I have taken the cancellation of the viewing on {} down. The calendar has not \
             answered yet, so it will be done in a moment.",
            when(&viewing, asked)
        )),
        Cancelled::Past(viewing) => Answer::not_done(format!(
            "The viewing on {} has already taken place, so there is nothing to cancel.",
            when(&viewing, asked)
        )),
    })
}
