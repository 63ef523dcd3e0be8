//! The tool `find_appointments`: the caller's upcoming viewings.

use super::answer::Answer;
use super::contact::{EmailAddress, PhoneNumber};
use super::webhook::Asked;
use super::which_viewing::{narrow, none_found, told, viewings};
use crate::store::Appointment;

pub(super) async fn run(asked: &Asked<'_>) -> Result<Answer, Answer> {
    let mut found = viewings(asked).await?;
    // They narrow what the caller may know of; they never widen it.
    if let Some(email) = asked.text("attendee_email") {
        let email = EmailAddress::parse(&email).map(String::from);
        narrow(&mut found, |one| {
            attendee(one).is_some_and(|one| one.0 == email)
        });
    }
    if let Some(phone) = asked.text("attendee_phone") {
        let phone = PhoneNumber::parse(&phone).map(String::from);
        narrow(&mut found, |one| {
            attendee(one).is_some_and(|one| one.1 == phone)
        });
    }
    if found.is_empty() {
        return Err(none_found());
    }
    Ok(Answer::done(told(&found, asked)))
}

fn attendee(viewing: &Appointment) -> Option<(Option<String>, Option<String>)> {
    let attendee = viewing.attendee.as_ref()?;
    Some((attendee.email.clone(), attendee.phone.clone()))
}
