//! Changes that the CRM makes to any event of a calendar. Those of viewings go through
//! the ledger; what else is in the calendar is only changed there.

use serde_json::{Value, json};

use super::acceptance::{acceptable, alternatives, around};
use super::agenda::{Calendar, ListedEvent, with_a_day_around};
use super::draft::Guard;
use super::error::BookingError;
use crate::clock::Turn;
use crate::ids::EventId;
use crate::microsoft::{CalendarEvent, MicrosoftError, moved_event};
use crate::scheduling::Interval;
use crate::store::{Appointment, Cause, Row, What, property_key};

/// An event, and the appointment that it belongs to.
#[derive(Debug)]
pub struct OpenedEvent {
    pub event: CalendarEvent,
    pub appointment: Option<Box<Appointment>>,
}

/// What is to be written into an event; what is absent stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct EventText<'a> {
    pub subject: Option<&'a str>,
    pub body: Option<&'a str>,
    pub location: Option<&'a str>,
}

/// What came of moving an event that is no viewing.
#[derive(Debug)]
pub enum EventMoved {
    Moved,
    /// The time is not free; these are the nearest that are.
    Taken {
        alternatives: Vec<jiff::Timestamp>,
    },
    /// Somebody changed the event meanwhile.
    Changed,
}

impl Calendar<'_> {
    /// The event with that id, read live; none when it is gone.
    pub async fn open_event(
        &self,
        id: &EventId,
        turn: &Turn,
    ) -> Result<Option<OpenedEvent>, BookingError> {
        let Some(event) = self.session.event(id, turn).await? else {
            return Ok(None);
        };
        let appointment = match &event.appointment {
            Some(id) => self.desk.appointments.get(id).await?,
            None => None,
        };
        // A copy that somebody made in Outlook has the tag of what it was copied from.
        let own = appointment
            .filter(|own| own.user_id == self.user && own.event_id.as_ref() == Some(&event.id));
        Ok(Some(OpenedEvent {
            event,
            appointment: own.map(Box::new),
        }))
    }

    /// The event as it is listed.
    pub async fn listed(
        &self,
        id: &EventId,
        turn: &Turn,
    ) -> Result<Option<ListedEvent>, BookingError> {
        let opened = self.open_event(id, turn).await?;
        Ok(opened.map(|opened| ListedEvent {
            appointment_id: opened
                .appointment
                .map(|appointment| appointment.appointment_id),
            event: opened.event,
        }))
    }

    /// Moves an event that is no viewing of ours.
    pub async fn move_other(
        &self,
        event: &CalendarEvent,
        to: Interval,
        guard: Guard,
        turn: &Turn,
    ) -> Result<EventMoved, BookingError> {
        let window = around(to, turn.now);
        let agenda = self.agenda_of_event(&event.id, window, turn).await?;
        // It may lie over another event when that is accepted, never over a viewing.
        let free = match guard {
            Guard::NoOtherViewing => self.no_viewing_in(to, turn).await?,
            guard => acceptable(to, guard, &self.rules, &agenda, turn.now),
        };
        if !free {
            let now_at = event.interval().map(Interval::start);
            return Ok(EventMoved::Taken {
                alternatives: alternatives(to, now_at, &self.rules, &agenda, turn.now),
            });
        }
        let body = moved_event(to, &self.rules.zone);
        let etag = event.etag.as_deref();
        match self
            .session
            .update_event(&event.id, etag, &body, turn)
            .await
        {
            Ok(_) => Ok(EventMoved::Moved),
            Err(MicrosoftError::Refused { status: 412, .. }) => Ok(EventMoved::Changed),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes an event that is no viewing of ours; its attendees are told.
    pub async fn remove_other(
        &self,
        event: &CalendarEvent,
        comment: &str,
        turn: &Turn,
    ) -> Result<(), BookingError> {
        let has_guests = !event.attendees.is_empty();
        Ok(self
            .remove_event(&event.id, has_guests, comment, turn)
            .await?)
    }

    /// Writes text into an event, and into the appointment that it belongs to.
    pub async fn write_text(
        &self,
        opened: &OpenedEvent,
        text: &EventText<'_>,
        turn: &Turn,
    ) -> Result<(), BookingError> {
        let own = opened.appointment.as_deref();
        let body = request_body(text, own);
        let event_id = &opened.event.id;
        self.session
            .update_event(event_id, None, &body, turn)
            .await?;
        let Some(own) = own else { return Ok(()) };
        let mut next = own.after(What::Changed, Cause::Crm, turn.now);
        if let Some(subject) = text.subject {
            subject.clone_into(&mut next.subject);
        }
        if let Some(location) = text.location {
            next.property_address = Some(location.to_owned());
            next.property_key = property_key(location);
        }
        // The calendar has it; should the row be another one by now, it keeps the old.
        let _ = self
            .desk
            .ledger
            .apply(Row::Next(&next), &[], turn.now)
            .await?;
        Ok(())
    }

    async fn no_viewing_in(&self, time: Interval, turn: &Turn) -> Result<bool, BookingError> {
        let around = with_a_day_around(time);
        let taken = self.desk.ledger.taken(&self.user, around, turn.now).await?;
        Ok(!taken.iter().any(|taken| taken.viewing.overlaps(time)))
    }
}

/// The body of the request. A viewing keeps its confirmation code in its text.
fn request_body(text: &EventText<'_>, own: Option<&Appointment>) -> String {
    let mut body = serde_json::Map::new();
    if let Some(subject) = text.subject {
        body.insert("subject".to_owned(), json!(subject));
    }
    if let Some(content) = text.body {
        let content = match own {
            Some(own) => format!("{content}\nConfirmation code: {}", own.confirmation_code),
            None => content.to_owned(),
        };
        let content = json!({"contentType": "text", "content": content});
        body.insert("body".to_owned(), content);
    }
    if let Some(location) = text.location {
        body.insert("location".to_owned(), json!({"displayName": location}));
    }
    Value::Object(body).to_string()
}
