//! Which viewing a caller means, and whether it is theirs to ask about: it was booked
//! from the number they call from, or they have its code.

use super::answer::Answer;
use super::property::street_and_unit;
use super::speech;
use super::webhook::Asked;
use crate::ids::AppointmentId;
use crate::scheduling::when::{Ask, Days, Meaning, resolve};
use crate::store::{Appointment, Change, Status, property_key};

/// After this many wrong codes a conversation can try no more.
const GUESSES: i64 = 5;

/// The viewings to come that the caller may know of, or a question back: those booked
/// from their number, or the one with the code they gave.
pub(super) async fn viewings(asked: &Asked<'_>) -> Result<Vec<Appointment>, Answer> {
    if let Some(code) = asked.text("confirmation_code") {
        return with_code(asked, &code).await.map(|found| vec![found]);
    }
    let Some(caller) = asked.call.verified_caller() else {
        return Err(Answer::not_done(
            "I can look that up with the confirmation code. What is it?",
        ));
    };
    let now = asked.turn.now;
    let mut found = asked.desk.upcoming_of_caller(caller, now).await?;
    found.retain(|found| asked.serves(&found.user_id));
    let cancelled = found
        .extract_if(.., |found| !found.is_live())
        .max_by_key(|cancelled| cancelled.updated_at);
    match cancelled {
        Some(cancelled) if found.is_empty() => Err(Answer::not_done(format!(
            "The viewing on {}{} is cancelled, and I see no other that was booked from this number. \
             Do you have the confirmation code of another?",
            when(&cancelled, asked),
            place(&cancelled)
        ))),
        _ => Ok(found),
    }
}

/// The one viewing that is meant, or a question back.
pub(super) async fn meant(asked: &Asked<'_>) -> Result<Appointment, Answer> {
    let mut found = viewings(asked).await?;
    if let Some(id) = asked.text("appointment_id").map(AppointmentId::new) {
        found.retain(|one| one.appointment_id == id);
    } else if let Some(id) = asked.text("event_id") {
        found.retain(|one| {
            one.event_id
                .as_ref()
                .is_some_and(|event| event.as_str() == id)
        });
    }
    let property = asked.text("property_address");
    if let Some(property) = property.as_deref().and_then(property_key) {
        narrow(&mut found, |one| {
            one.property_key.as_ref() == Some(&property)
        });
    }
    if let Some(day) = asked.text("viewing_date") {
        let not_then = found
            .extract_if(.., |one| is_on(one, &day, asked) == Some(false))
            .collect::<Vec<_>>();
        // They may mean another viewing than any of these, or have changed it already.
        if found.is_empty() && !not_then.is_empty() {
            return Err(which_of(&not_then, asked));
        }
        if found.len() > 1 {
            let at_that_hour = |one: &Appointment| is_then(one, &day, asked);
            narrow(&mut found, at_that_hour);
        }
    }
    match <[Appointment; 1]>::try_from(found) {
        Ok([only]) => Ok(only),
        Err(found) if found.is_empty() => Err(none_found()),
        Err(several) => Err(which_of(&several, asked)),
    }
}

/// Keeps what fits, unless nothing does: a detail tells several apart, and how it was heard
/// is no reason to find none.
pub(super) fn narrow(found: &mut Vec<Appointment>, fits: impl Fn(&Appointment) -> bool) {
    if found.iter().any(&fits) {
        found.retain(fits);
    }
}

fn which_of(viewings: &[Appointment], asked: &Asked<'_>) -> Answer {
    let question = match viewings {
        [_] => "Is that the one you mean?",
        _ => "Which one do you mean?",
    };
    Answer::not_done(format!("{} {question}", told(viewings, asked)))
}

pub(super) fn none_found() -> Answer {
    Answer::not_done(
        "I do not see an upcoming viewing that was booked from this number. Do you have the \
         confirmation code?",
    )
}

/// Viewings in words, at most three of them.
pub(super) fn told(viewings: &[Appointment], asked: &Asked<'_>) -> String {
    let one = |viewing: &Appointment| {
        let state = match (&viewing.change, viewing.status) {
            (Some(Change::Cancel { .. }), _) => ", which is being cancelled",
            (Some(Change::Move { .. }), _) => ", which is being moved",
            (None, Status::Pending) => ", which is still being confirmed",
            (None, _) => "",
        };
        format!("{}{}{state}", when(viewing, asked), place(viewing))
    };
    match viewings {
        [] => "You have no viewing.".to_owned(),
        [only] => format!("You have a viewing on {}.", one(only)),
        [first, second] => format!(
            "You have two viewings. The first is on {}. The second is on {}.",
            one(first),
            one(second)
        ),
        [first, second, third, rest @ ..] => {
            let many = speech::cardinal(i64::try_from(viewings.len()).unwrap_or(i64::MAX));
            let next = if rest.is_empty() { "third" } else { "next" };
            format!(
                "You have {many} viewings. The first is on {}. The second is on {}. The {next} is \
                 on {}.",
                one(first),
                one(second),
                one(third)
            )
        }
    }
}

/// When a viewing is, as a listener hears it.
pub(super) fn when(viewing: &Appointment, asked: &Asked<'_>) -> String {
    let zone = viewing.zone();
    let today = zone.to_datetime(asked.turn.now).date();
    speech::date_time(zone.to_datetime(viewing.start), today)
}

/// Where it is: " at fourteen Mill Lane".
pub(super) fn place(viewing: &Appointment) -> String {
    let address = viewing.property_address.as_deref().map(street_and_unit);
    address
        .filter(|address| !address.is_empty())
        .map(|address| format!(" at {address}"))
        .unwrap_or_default()
}

/// Whether it is on the day that those words name, if they name one.
fn is_on(viewing: &Appointment, day: &str, asked: &Asked<'_>) -> Option<bool> {
    let start = viewing.zone().to_datetime(viewing.start);
    let named = days_named(viewing, day, asked);
    let is_in = |days: &Days| (days.first..=days.last).contains(&start.date());
    (!named.is_empty()).then(|| named.iter().any(is_in))
}

/// Whether it begins within the hours that those words name, on the day that they name.
fn is_then(viewing: &Appointment, day: &str, asked: &Asked<'_>) -> bool {
    let start = viewing.zone().to_datetime(viewing.start);
    let named = days_named(viewing, day, asked);
    named.iter().any(|days| {
        (days.first..=days.last).contains(&start.date()) && days.hours.contains(start.time())
    })
}

/// The days that those words may mean, where the viewing is.
fn days_named(viewing: &Appointment, words: &str, asked: &Asked<'_>) -> Vec<Days> {
    let ask = Ask {
        date: Some(words),
        ..Ask::default()
    };
    match resolve(&ask, &asked.turn.now.to_zoned(viewing.zone())) {
        Meaning::Days(days) | Meaning::Past { asked: days, .. } => vec![days],
        Meaning::Ambiguous(one, other) => vec![one, other],
        Meaning::Any(_) | Meaning::Unclear { .. } => Vec::new(),
    }
}

/// The viewing with that code. Guessing is counted before it is tried, so that calls
/// made at once do not get more of it.
async fn with_code(asked: &Asked<'_>, code: &str) -> Result<Appointment, Answer> {
    let (answers, now) = (asked.answers, asked.turn.now);
    let conversation = asked.conversation();
    if answers.guess(&conversation, now).await? > GUESSES {
        return Err(Answer::not_done(
            "I cannot look up any more codes in this call. May I take a message instead?",
        ));
    }
    let found = asked.desk.upcoming_with_code(code, now).await?;
    match found.filter(|found| asked.serves(&found.user_id)) {
        Some(found) => {
            answers.guessed_right(&conversation, now).await?;
            if found.is_live() {
                return Ok(found);
            }
            Err(Answer::not_done(format!(
                "The viewing on {}{} is cancelled. Shall I book a new one?",
                when(&found, asked),
                place(&found)
            )))
        }
        None => Err(Answer::not_done(
            "I cannot find an upcoming viewing with that code. Could you read it to me once more?",
        )),
    }
}
