//! The tool `reschedule_appointment`: moves a viewing, and keeps the old time when the
//! new one is taken.

use super::agreed_time::{agreed_time, within_a_year};
use super::answer::Answer;
use super::set_appointment::{already_past, instead};
use super::speech;
use super::webhook::Asked;
use super::which_viewing::{meant, when};
use crate::booking::{Guard, Rescheduled};
use crate::store::{Appointment, Cause, Change};

pub(super) async fn run(asked: &Asked<'_>) -> Result<Answer, Answer> {
    let viewing = meant(asked).await?;
    let calendar = asked.calendar(&viewing.user_id).await?;
    let calendar = calendar.for_viewings_at(viewing.place.iter().cloned().collect());
    let (length, zone) = (viewing.time().duration(), viewing.zone());
    let to = agreed_time(asked, "new_start_time", length, &calendar, &zone).await?;
    if to.start() < asked.turn.now {
        return already_past(asked, to.start(), &calendar, &zone).await;
    }
    within_a_year(to.start(), asked.turn.now)?;
    let moved = calendar
        .reschedule(viewing, to, Guard::Offered, Cause::Caller, &asked.turn)
        .await
        .map_err(|error| Answer::unchanged(&error))?;
    say(&moved, asked)
}

fn say(moved: &Rescheduled, asked: &Asked<'_>) -> Result<Answer, Answer> {
    Ok(match moved {
        Rescheduled::Moved(viewing) => {
            let told = if viewing.has_guests {
                " Everybody who was invited is told by e-mail."
            } else {
                ""
            };
            Answer::done(format!(
                "Your viewing is now on {}. The confirmation code is still {}.{told}",
                when(viewing, asked),
                speech::code(&viewing.confirmation_code)
            ))
        }
        Rescheduled::Underway(viewing) if !viewing.promised => Answer::Pending(format!(
            "I cannot tell yet whether your viewing has moved to {}, because the calendar does not \
             answer. Shall I check once more?",
            when(&moved_to(viewing), asked)
        )),
        Rescheduled::Underway(viewing) => Answer::Pending(format!(
            "I am moving your viewing to {}. The calendar has not answered yet, so both times are \
             held until we confirm it.",
            when(&moved_to(viewing), asked)
        )),
        Rescheduled::Taken {
            appointment,
            alternatives,
        } => {
            let zone = appointment.zone();
            let today = zone.to_datetime(asked.turn.now).date();
            Answer::not_done(format!(
                "Your viewing stays on {}, because that time is not open{}",
                when(appointment, asked),
                instead(alternatives, &zone, today)
            ))
        }
        Rescheduled::Over(viewing) => Answer::not_done(format!(
            "The viewing on {} does not take place any more. Shall I book a new one?",
            when(viewing, asked)
        )),
        Rescheduled::Past(viewing) => Answer::not_done(format!(
            "The viewing on {} has already begun, so it cannot be moved. Shall I book a new one?",
            when(viewing, asked)
        )),
        Rescheduled::NotBooked(viewing) => {
            return Err(Answer::not_done(format!(
                "The viewing on {} is still being confirmed, so I cannot move it yet. Shall I try \
                 again in a moment?",
                when(viewing, asked)
            )));
        }
    })
}

/// The viewing as it will be.
fn moved_to(viewing: &Appointment) -> Appointment {
    let mut moved = viewing.clone();
    if let Some(Change::Move { start, end }) = viewing.change {
        (moved.start, moved.end) = (start, end);
    }
    moved
}
