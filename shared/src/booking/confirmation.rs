//! The confirmation of a viewing that an attendee keeps: a message from the staff
//! member's mailbox with a file for other calendars, sent once.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::agenda::Calendar;
use super::calendar_file::{Entry, calendar_file};
use super::error::BookingError;
use crate::clock::Turn;
use crate::ids::digest;
use crate::markup::escape;
use crate::microsoft::{Attachment, MicrosoftError, NewMail};
use crate::store::{Applied, Appointment, Cause, Message, Outbox, Posted, Row, StoreError, What};

/// What became of a confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mailed {
    /// It was sent.
    Now,
    /// It had been sent before.
    Before,
    /// It is being sent by somebody else.
    Underway,
    /// It may have been sent. It is not sent again in the same call.
    Unknown,
    /// The mailbox may not be used to send mail; nothing was sent.
    NotAllowed,
}

/// What a confirmation says.
struct Letter {
    greeting: String,
    /// A label and what it is about, a line each.
    facts: Vec<(&'static str, String)>,
}

const OPENING: &str = "Your viewing is booked.";

const CLOSING: &str = "To move or cancel it, call us again and have the confirmation code at hand.";

impl Calendar<'_> {
    /// Puts the address on record at which the attendee of a viewing can be written to,
    /// which it has none of yet.
    pub async fn note_address(
        &self,
        viewing: Appointment,
        address: &str,
        turn: &Turn,
    ) -> Result<Appointment, BookingError> {
        let mut next = viewing.after(What::Changed, Cause::Caller, turn.now);
        let attendee = next.attendee.get_or_insert_default();
        attendee.email = Some(address.to_owned());
        let applied = self.desk.ledger.apply(Row::Next(&next), &[], turn.now);
        match applied.await? {
            Applied::Done => Ok(next),
            // It was changed at this very moment.
            Applied::Stale(_) | Applied::Taken | Applied::Lapsed => Err(BookingError::Busy),
        }
    }

    /// Sends the confirmation of a viewing, once for the time that it is at. It is
    /// asked for in the conversation `call`; `label` tells it apart from whatever else is
    /// asked for in this turn.
    pub async fn send_confirmation(
        &self,
        viewing: &Appointment,
        address: &str,
        outbox: &Outbox,
        (call, label): (&str, &str),
        turn: &Turn,
    ) -> Result<Mailed, BookingError> {
        let id = message_id(viewing, address);
        let attempt = turn.seed.uuid(&format!("message {label}")).to_string();
        let message = Message {
            id: &id,
            call,
            attempt: &attempt,
            kept_until: viewing.expires_at,
        };
        match outbox.begin(&message, turn.at()).await {
            Ok(Posted::New) => {}
            Ok(Posted::Sending) => return Ok(Mailed::Underway),
            Ok(Posted::Sent) => return Ok(Mailed::Before),
            Ok(Posted::Unknown) => return Ok(Mailed::Unknown),
            Err(error) => {
                // It may be on record that this attempt is sending it, which is not so.
                noted(outbox.forget(&message).await, viewing);
                return Err(error.into());
            }
        }
        match self.send(viewing, address, turn).await {
            Ok(()) => {
                noted(outbox.sent(&message, turn.at()).await, viewing);
                Ok(Mailed::Now)
            }
            Err(error) if error.outcome_unknown() => {
                tracing::warn!(appointment_id = %viewing.appointment_id, %error, "a message may have been sent");
                noted(outbox.unknown(&message, turn.at()).await, viewing);
                Ok(Mailed::Unknown)
            }
            Err(error) => {
                noted(outbox.forget(&message).await, viewing);
                match error {
                    MicrosoftError::Refused { status: 403, code } => {
                        tracing::warn!(user_id = %self.user, code, "may not send mail");
                        Ok(Mailed::NotAllowed)
                    }
                    error => Err(error.into()),
                }
            }
        }
    }

    async fn send(
        &self,
        viewing: &Appointment,
        address: &str,
        turn: &Turn,
    ) -> Result<(), MicrosoftError> {
        let letter = Letter::about(viewing, &self.host);
        let entry = Entry {
            viewing,
            description: letter.text(),
        };
        let file = calendar_file(None, [entry]);
        let mail = NewMail {
            to: address,
            subject: &subject(viewing),
            html: &letter.html(),
            attachment: Attachment {
                name: "viewing.ics",
                media_type: "text/calendar; charset=utf-8; method=PUBLISH",
                content: &file,
            },
        };
        self.session.send_mail(&mail, turn).await
    }
}

/// A viewing that was moved is another message: what was sent before names a time that
/// is over. The address is not readable in it.
fn message_id(viewing: &Appointment, address: &str) -> String {
    let (id, start) = (viewing.appointment_id.as_str(), viewing.start.to_string());
    digest(&[id.as_bytes(), start.as_bytes(), address.as_bytes()])
}

/// What is not noted makes a message look unknown: it is never sent twice in one call.
fn noted(written: Result<(), StoreError>, viewing: &Appointment) {
    if let Err(error) = written {
        tracing::warn!(appointment_id = %viewing.appointment_id, %error, "what became of a message is not noted");
    }
}

fn subject(viewing: &Appointment) -> String {
    format!(
        "Your viewing on {}",
        written(viewing.start, &viewing.zone(), "%A, %B %-d, %Y")
    )
}

fn written(at: Timestamp, zone: &TimeZone, form: &str) -> String {
    at.to_zoned(zone.clone()).strftime(form).to_string()
}

impl Letter {
    fn about(viewing: &Appointment, host: &str) -> Self {
        let zone = viewing.zone();
        let name = viewing
            .attendee
            .as_ref()
            .map(|attendee| attendee.name.trim());
        let when = format!(
            "{} to {}",
            written(viewing.start, &zone, "%A, %B %-d, %Y, %-I:%M %p"),
            written(viewing.end, &zone, "%-I:%M %p %Z"),
        );
        let mut facts = vec![("When", when)];
        facts.extend(
            viewing
                .property_address
                .clone()
                .map(|place| ("Where", place)),
        );
        if !host.is_empty() {
            facts.push(("With", host.to_owned()));
        }
        facts.push(("Confirmation code", viewing.confirmation_code.clone()));
        Self {
            greeting: match name {
                Some(name) if !name.is_empty() => format!("Hello {name},"),
                _ => "Hello,".to_owned(),
            },
            facts,
        }
    }

    fn text(&self) -> String {
        let facts = self.facts.iter();
        let facts: Vec<String> = facts
            .map(|(label, fact)| format!("{label}: {fact}"))
            .collect();
        let (greeting, facts) = (&self.greeting, facts.join("\n"));
        format!("{greeting}\n\n{OPENING}\n\n{facts}\n\n{CLOSING}")
    }

    /// Names and addresses are what somebody said on the phone: never markup.
    fn html(&self) -> String {
        let row = |(label, fact): &(&str, String)| {
            format!(
                "<tr><th align=\"left\">{}</th><td>{}</td></tr>",
                escape(label),
                escape(fact)
            )
        };
        format!(
            "<!doctype html><html><body><p>{}</p><p>{OPENING}</p>\
             <table cellpadding=\"4\">{}</table><p>{CLOSING}</p></body></html>",
            escape(&self.greeting),
            self.facts.iter().map(row).collect::<String>(),
        )
    }
}
