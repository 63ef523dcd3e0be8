//! The tool `send_confirmation_email`: the details of a viewing in writing, to its
//! attendee and to nobody else.

use super::answer::Answer;
use super::contact::EmailAddress;
use super::speech;
use super::webhook::Asked;
use super::which_viewing::{meant, place, when};
use crate::booking::{Calendar, Mailed};
use crate::store::{Appointment, Change, Status};

pub(super) async fn run(asked: &Asked<'_>) -> Result<Answer, Answer> {
    let viewing = meant(asked).await?;
    takes_place(&viewing, asked)?;
    let calendar = asked.calendar(&viewing.user_id).await?;
    let was_invited = viewing.has_guests && address_of(&viewing).is_some();
    let (viewing, address) = addressed(viewing, asked, &calendar).await?;
    let conversation = asked.conversation();
    let mailed = calendar
        .send_confirmation(
            &viewing,
            &address,
            asked.outbox,
            (&conversation, &asked.label),
            &asked.turn,
        )
        .await?;
    Ok(say(
        mailed,
        &viewing,
        &speech::email(&address),
        was_invited,
        asked,
    ))
}

/// Nothing is confirmed in writing while it is still open.
fn takes_place(viewing: &Appointment, asked: &Asked<'_>) -> Result<(), Answer> {
    let open = match (&viewing.change, viewing.status) {
        (Some(Change::Cancel { .. }), _) => "is being cancelled, so there is nothing to confirm.",
        (Some(Change::Move { .. }), _) => {
            "is still being moved. I can send the e-mail when that is done. Shall I try again in a \
             moment?"
        }
        (None, Status::Pending) => {
            "is still being confirmed. I can send the e-mail when that is done. Shall I try again \
             in a moment?"
        }
        (None, Status::Confirmed | Status::Cancelled | Status::Failed) => return Ok(()),
    };
    let when = when(viewing, asked);
    Err(Answer::not_done(format!("The viewing on {when} {open}")))
}

/// The viewing and its attendee's address. It is the one on record; where there is none,
/// the one that the caller gives is put there.
async fn addressed(
    viewing: Appointment,
    asked: &Asked<'_>,
    calendar: &Calendar<'_>,
) -> Result<(Appointment, String), Answer> {
    let given = match asked.text("attendee_email") {
        None => None,
        Some(text) => Some(
            EmailAddress::parse(&text)
                .map(String::from)
                .ok_or_else(|| {
                    Answer::not_done(
                        "That e-mail address does not seem complete. Could you spell it for me?",
                    )
                })?,
        ),
    };
    match (address_of(&viewing).map(str::to_owned), given) {
        (Some(known), None) => Ok((viewing, known)),
        (Some(known), Some(given)) if known.eq_ignore_ascii_case(&given) => Ok((viewing, known)),
        (Some(_), Some(_)) => Err(Answer::not_done(
            "The viewing is under another e-mail address, and I can only write to that one. Shall \
             I send it there?",
        )),
        (None, Some(given)) => {
            let viewing = calendar.note_address(viewing, &given, &asked.turn).await?;
            Ok((viewing, given))
        }
        (None, None) => Err(Answer::not_done(
            "What e-mail address should I send it to? Please spell it for me.",
        )),
    }
}

fn address_of(viewing: &Appointment) -> Option<&str> {
    viewing.attendee.as_ref()?.email.as_deref()
}

fn say(
    mailed: Mailed,
    viewing: &Appointment,
    address: &str,
    was_invited: bool,
    asked: &Asked<'_>,
) -> Answer {
    let when = when(viewing, asked);
    match mailed {
        Mailed::Now => Answer::done(format!(
            "I have sent the details of the viewing on {when} to {address}, with a file for the \
             calendar."
        )),
        Mailed::Before => Answer::done(format!(
            "The details of the viewing on {when} were sent to {address} already. If they are not \
             there, please look among the junk mail."
        )),
        Mailed::Underway => Answer::Pending(format!(
            "The e-mail to {address} is on its way out at this very moment. Shall I check whether \
             it was sent?"
        )),
        Mailed::Unknown => Answer::Pending(format!(
            "I cannot tell whether the e-mail to {address} was sent, because the mailbox did not \
             answer. If it is not there in a few minutes, please call us again."
        )),
        Mailed::NotAllowed if was_invited => Answer::not_done(format!(
            "I am not able to send e-mails from this mailbox. The invitation to the viewing on \
             {when} went to {address} from the calendar, and has the time and the place."
        )),
        Mailed::NotAllowed => Answer::not_done(format!(
            "I am not able to send e-mails from this mailbox. The viewing is on {when}{}. The \
             confirmation code is {}.",
            place(viewing),
            speech::code(&viewing.confirmation_code)
        )),
    }
}
