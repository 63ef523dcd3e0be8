//! Booking a viewing.
//!
//! Microsoft accepts overlapping events, so the time is claimed in our ledger
//! first, while the calendar is read live. Only then the event is created, from a
//! body that is already stored, and confirmed. A failure before the create gives
//! the claim back. From the create on, an unknown outcome stays pending: it is
//! never called failed, since the event may exist.

use std::time::Duration;

use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};

use super::agenda::{Agenda, Calendar};
use super::error::BookingError;
use crate::clock::Turn;
use crate::ids::{AppointmentId, EventId, UserId, booking_in_call, confirmation_code};
use crate::microsoft::{MicrosoftError, NewEvent};
use crate::scheduling::{Block, Interval, Rules, WeeklyHours, nearest};
use crate::store::{Appointment, Attendee, Claim, Status};

/// How long a claim holds while its event is being created.
const HOLD: SignedDuration = SignedDuration::from_mins(5);

/// A delivery that began a booking is at work on it for at most this long: longer than
/// any function runs.
const AT_WORK: SignedDuration = SignedDuration::from_secs(30);

/// Alternatives are looked for this long before and after the wanted time.
const ALTERNATIVES_BEFORE: SignedDuration = SignedDuration::from_hours(3 * 24);
const ALTERNATIVES_AFTER: SignedDuration = SignedDuration::from_hours(14 * 24);

/// How many alternatives a taken time gets.
const ALTERNATIVES: usize = 3;

/// A create is not begun with less time than this left.
const CREATE_NEEDS: Duration = Duration::from_millis(600);

/// A viewing that somebody wants.
#[derive(Debug)]
pub struct BookingRequest<'a> {
    pub time: Interval,
    pub guard: Guard,
    pub subject: &'a str,
    /// What stands in the event, in front of the confirmation code.
    pub notes: &'a str,
    pub location: Option<&'a str>,
    pub attendee: Option<Attendee>,
    /// Everyone who is invited by e-mail, as name and address.
    pub invited: Vec<(String, String)>,
    pub is_online_meeting: bool,
    /// The call or chat that it is booked in. The same call, staff member and
    /// start mean the same booking.
    pub call_id: Option<&'a str>,
    /// The verified number of the caller.
    pub caller: Option<&'a str>,
    /// Tells apart the bookings of one turn that are not part of a call.
    pub label: &'a str,
}

/// What must hold of a time for it to be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// It is one that would be offered: within working hours, and free.
    Offered,
    /// Nothing else is on.
    Free,
    /// No other viewing of ours is on. Whatever else the calendar holds was seen
    /// and accepted by whoever asks.
    NoOtherViewing,
}

/// What came of a booking.
#[derive(Debug)]
pub enum Outcome {
    /// The event exists.
    Booked(Box<Appointment>),
    /// The time is held; whether the event exists is not known yet.
    Pending(Box<Appointment>),
    /// The time cannot be had; these, at most three, are the nearest that can.
    Taken { alternatives: Vec<Timestamp> },
}

impl Calendar<'_> {
    /// Books a viewing.
    pub async fn book(
        &self,
        request: &BookingRequest<'_>,
        turn: &Turn,
    ) -> Result<Outcome, BookingError> {
        let appointment = draft(request, &self.user, &self.rules, turn);

        let hold_until = turn.now.checked_add(HOLD).unwrap_or(turn.now);
        let claim = self.desk.ledger.claim(&appointment, hold_until, turn.now);
        let id = Some(&appointment.appointment_id);
        let look = self.agenda_without(id, around(request.time, turn.now), turn);
        let (claim, look) = tokio::join!(claim, look);

        match (claim?, look) {
            (Claim::Known(known), look) => self.resume(*known, request, look, turn).await,
            (Claim::Taken, look) => Ok(taken(request, &self.rules, &look?, turn)),
            (Claim::Won, Ok(agenda)) if acceptable(request, &self.rules, &agenda, turn) => {
                self.create(appointment, turn).await
            }
            (Claim::Won, look) => {
                self.give_back(&appointment).await;
                Ok(taken(request, &self.rules, &look?, turn))
            }
        }
    }

    /// Goes on with a booking that was begun before: by an earlier delivery that may
    /// still be at work, or by one that was cut off.
    async fn resume(
        &self,
        known: Appointment,
        request: &BookingRequest<'_>,
        look: Result<Agenda, BookingError>,
        turn: &Turn,
    ) -> Result<Outcome, BookingError> {
        let at_work = known.created_at.checked_add(AT_WORK).unwrap_or(turn.now);
        let appointment = match self.settle(known, turn).await? {
            Outcome::Pending(appointment) if at_work <= turn.now => *appointment,
            settled => return Ok(settled),
        };
        // Cut off before its event was made. Its stored request can be sent again: if
        // the event exists after all, Microsoft knows it by the transaction id.
        let agenda = look?;
        let hold_until = turn.now.checked_add(HOLD).unwrap_or(turn.now);
        let ledger = &self.desk.ledger;
        if acceptable(request, &self.rules, &agenda, turn)
            && ledger
                .claim_again(&appointment, hold_until, turn.now)
                .await?
        {
            return self.create(appointment, turn).await;
        }
        self.give_back(&appointment).await;
        Ok(taken(request, &self.rules, &agenda, turn))
    }

    /// Creates the event of a claim that holds.
    async fn create(&self, appointment: Appointment, turn: &Turn) -> Result<Outcome, BookingError> {
        if turn.patience(CREATE_NEEDS) < CREATE_NEEDS {
            self.give_back(&appointment).await;
            return Err(MicrosoftError::TimedOut.into());
        }
        match self
            .session
            .create_event(&appointment.event_body, turn)
            .await
        {
            Ok(event) => self.confirm(appointment, event.id).await,
            Err(error) if error.outcome_unknown() || is_duplicate(&error) => {
                tracing::warn!(appointment_id = %appointment.appointment_id, %error, "create outcome unknown");
                self.keep_held(&appointment).await;
                self.settle(appointment, turn).await
            }
            Err(error) => {
                self.give_back(&appointment).await;
                Err(error.into())
            }
        }
    }

    /// Finds out by its tag whether the event of a pending appointment exists.
    /// That it is not found proves nothing: it may still be on its way.
    async fn settle(&self, appointment: Appointment, turn: &Turn) -> Result<Outcome, BookingError> {
        if appointment.status == Status::Confirmed {
            return Ok(Outcome::Booked(Box::new(appointment)));
        }
        let found = self
            .session
            .find_by_tag(&appointment.appointment_id, turn)
            .await;
        match found {
            Ok(Some(event)) => self.confirm(appointment, event.id).await,
            Ok(None) => Ok(Outcome::Pending(Box::new(appointment))),
            Err(error) => {
                tracing::warn!(appointment_id = %appointment.appointment_id, %error, "still pending");
                Ok(Outcome::Pending(Box::new(appointment)))
            }
        }
    }

    /// Makes a claim permanent. The event exists, so a failure to say so leaves the
    /// booking pending.
    async fn confirm(
        &self,
        mut appointment: Appointment,
        event_id: EventId,
    ) -> Result<Outcome, BookingError> {
        match self.desk.ledger.confirm(&appointment, &event_id).await {
            Ok(()) => {
                appointment.status = Status::Confirmed;
                appointment.event_id = Some(event_id);
                Ok(Outcome::Booked(Box::new(appointment)))
            }
            Err(error) => {
                tracing::error!(appointment_id = %appointment.appointment_id, %error, "not confirmed");
                Ok(Outcome::Pending(Box::new(appointment)))
            }
        }
    }

    /// Keeps the time of an event that may exist, past the end of the hold. When that
    /// fails, the event itself, if there is one, is still in everybody's way.
    async fn keep_held(&self, appointment: &Appointment) {
        if let Err(error) = self.desk.ledger.keep(appointment).await {
            tracing::warn!(appointment_id = %appointment.appointment_id, %error, "hold left to lapse");
        }
    }

    /// Gives a claim back. When that fails, the hold lapses by itself.
    async fn give_back(&self, appointment: &Appointment) {
        if let Err(error) = self.desk.ledger.release(appointment).await {
            tracing::warn!(appointment_id = %appointment.appointment_id, %error, "hold left to lapse");
        }
    }
}

/// The answer that a time cannot be had.
fn taken(request: &BookingRequest<'_>, rules: &Rules, agenda: &Agenda, turn: &Turn) -> Outcome {
    let rules = rules_for(request.time, rules);
    let mut open = agenda.open_slots(&rules, around(request.time, turn.now), turn.now);
    open.retain(|start| *start != request.time.start());
    Outcome::Taken {
        alternatives: nearest(&open, request.time.start(), ALTERNATIVES).to_vec(),
    }
}

/// The appointment as it is stored before anything else happens.
fn draft(request: &BookingRequest<'_>, user: &UserId, rules: &Rules, turn: &Turn) -> Appointment {
    let (start, zone) = (request.time.start(), &rules.zone);
    let appointment_id = match request.call_id {
        Some(call) => booking_in_call(call, user, start),
        None => AppointmentId::new(
            turn.seed
                .uuid(&format!("appointment {}", request.label))
                .to_string(),
        ),
    };
    let label = |what: &str| format!("{what} {appointment_id} {}", request.label);
    let transaction_id = turn.seed.uuid(&label("transaction")).to_string();
    let code = confirmation_code(turn.seed.bytes(&label("code")));
    let body = format!("{}\nConfirmation code: {code}", request.notes);
    let event = NewEvent {
        appointment_id: &appointment_id,
        transaction_id: &transaction_id,
        subject: request.subject,
        body: body.trim_start(),
        location: request.location,
        time: request.time,
        zone,
        attendees: &request.invited,
        is_online_meeting: request.is_online_meeting,
    };
    Appointment {
        event_body: event.to_json(),
        schema: Appointment::SCHEMA,
        user_id: user.clone(),
        status: Status::Pending,
        start,
        end: request.time.end(),
        blocked: with_buffers(request.time, rules),
        time_zone: zone.iana_name().unwrap_or("UTC").to_owned(),
        subject: request.subject.to_owned(),
        property_address: request.location.map(str::to_owned),
        attendee: request.attendee.clone(),
        confirmation_code: code,
        transaction_id,
        event_id: None,
        call_id: request.call_id.map(str::to_owned),
        caller: request.caller.map(str::to_owned),
        created_at: turn.now,
        appointment_id,
    }
}

/// The time of a viewing and the clear time that its rules want around it.
fn with_buffers(time: Interval, rules: &Rules) -> Interval {
    let minutes = |minutes: u32| SignedDuration::from_mins(i64::from(minutes));
    let before = minutes(rules.buffer_before_minutes);
    let start = time.start().checked_sub(before).unwrap_or(time.start());
    let after = minutes(rules.buffer_after_minutes);
    let end = time.end().checked_add(after).unwrap_or(time.end());
    Interval::new(start, end).unwrap_or(time)
}

/// Whether what was seen of the calendar allows the booking.
fn acceptable(request: &BookingRequest<'_>, rules: &Rules, agenda: &Agenda, turn: &Turn) -> bool {
    let offered = rules_for(request.time, rules);
    let rules = match request.guard {
        Guard::NoOtherViewing => return true,
        Guard::Offered => offered,
        Guard::Free => around_the_clock(&offered),
    };
    let starts = agenda.open_slots(&rules, request.time, turn.now);
    starts.contains(&request.time.start())
}

/// The rules for a viewing of that length.
fn rules_for(time: Interval, rules: &Rules) -> Rules {
    Rules {
        // A length that is no number of minutes is never open.
        slot_minutes: u32::try_from(time.duration().as_mins()).unwrap_or(0),
        ..rules.clone()
    }
}

/// The length and zone of those rules, but open at any minute.
fn around_the_clock(rules: &Rules) -> Rules {
    let all_day = Block::parse("00:00", "24:00").into_iter();
    let week = Weekday::Monday.cycle_forward().take(7);
    Rules {
        hours: all_day
            .cycle()
            .zip(week)
            .fold(WeeklyHours::closed(), |hours, (block, day)| {
                hours.with(day, block)
            }),
        slot_minutes: rules.slot_minutes,
        interval_minutes: 1,
        ..Rules::new(rules.zone.clone())
    }
}

/// The time in which alternatives are looked for.
fn around(time: Interval, now: Timestamp) -> Interval {
    let start = time
        .start()
        .checked_sub(ALTERNATIVES_BEFORE)
        .unwrap_or(time.start());
    let end = time
        .end()
        .checked_add(ALTERNATIVES_AFTER)
        .unwrap_or(time.end());
    let not_past = start.max(now.min(time.start()));
    Interval::new(not_past, end).unwrap_or(time)
}

/// Microsoft has seen this transaction before: the event exists.
fn is_duplicate(error: &MicrosoftError) -> bool {
    matches!(error, MicrosoftError::Refused { code, .. } if code == "ErrorDuplicateTransactionId")
}
