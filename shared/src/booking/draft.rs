//! What somebody wants booked, as the row that is stored before anything happens.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::agenda::Calendar;
use crate::clock::Turn;
use crate::ids::{AppointmentId, booking_in_call, confirmation_code};
use crate::microsoft::NewEvent;
use crate::scheduling::{Interval, Rules};
use crate::store::{Appointment, Attendee, Cause, HistoryEntry, Seat, Status, What, property_key};

/// A viewing that somebody wants.
#[derive(Debug)]
pub struct BookingRequest<'a> {
    pub time: Interval,
    /// Where the property is, if it is in another zone than the calendar.
    pub zone: Option<&'a TimeZone>,
    pub guard: Guard,
    pub subject: &'a str,
    /// What stands in the event, in front of the confirmation code.
    pub notes: &'a str,
    pub location: Option<&'a str>,
    pub attendee: Option<Attendee>,
    /// Everyone who is invited by e-mail, as name and address.
    pub invited: Vec<(String, String)>,
    pub is_online_meeting: bool,
    /// The call or chat that it is booked in.
    pub call_id: Option<&'a str>,
    /// Within this (a call, say), the same staff member and start mean the same
    /// booking.
    pub once: Option<&'a str>,
    pub cause: Cause,
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

/// The appointment as it is stored before anything else happens. `round` tells apart
/// the bookings that one conversation makes of the same time, each after the one
/// before it is over.
pub(super) fn draft(
    request: &BookingRequest<'_>,
    round: u32,
    calendar: &Calendar<'_>,
    turn: &Turn,
) -> Appointment {
    let (user, rules) = (&calendar.user, &calendar.rules);
    let start = request.time.start();
    let zone = request.zone.unwrap_or(&rules.zone);
    let appointment_id = match request.once {
        Some(scope) => booking_in_call(scope, user, start, round),
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
        revision: 0,
        user_id: user.clone(),
        account: Some(calendar.account.clone()),
        status: Status::Pending,
        change: None,
        promised: false,
        conflict: false,
        start,
        end: request.time.end(),
        seats: vec![Seat {
            number: 0,
            viewing: request.time,
            blocked: with_buffers(request.time, rules),
            travel: calendar.claimed_travel(),
        }],
        time_zone: zone.iana_name().unwrap_or("UTC").to_owned(),
        subject: request.subject.to_owned(),
        property_address: request.location.map(str::to_owned),
        property_key: request.location.and_then(property_key),
        // While several may be meant, it is not known where it is.
        place: match calendar.places.as_slice() {
            [place] => Some(place.clone()),
            _ => None,
        },
        attendee: request.attendee.clone(),
        has_guests: !request.invited.is_empty(),
        confirmation_code: code,
        transaction_id,
        event_id: None,
        call_id: request.call_id.map(str::to_owned),
        caller: request.caller.map(str::to_owned),
        created_at: turn.now,
        updated_at: turn.now,
        history: vec![HistoryEntry {
            at: turn.now,
            what: What::Claimed,
            cause: request.cause,
            from: None,
        }],
        due_at: None,
        due: None,
        expires_at: expiry(request.time.end(), calendar.desk.kept_for),
        appointment_id,
    }
}

/// When the row of a viewing may go.
fn expiry(end: Timestamp, kept_for: SignedDuration) -> i64 {
    end.as_second().saturating_add(kept_for.as_secs())
}

/// The time of a viewing and the clear time that its rules want around it.
pub(super) fn with_buffers(time: Interval, rules: &Rules) -> Interval {
    time.widened(rules.buffer_before_minutes, rules.buffer_after_minutes)
}
