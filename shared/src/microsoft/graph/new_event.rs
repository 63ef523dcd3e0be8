//! The body of a request that creates an event (Microsoft Learn, "Create event").
//!
//! It is made once and stored before it is sent: Microsoft recognises a repeat by
//! its `transactionId` only when the bytes are the same.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::super::zones::{WrittenTime, written};
use crate::ids::AppointmentId;
use crate::scheduling::Interval;

/// The extended property that ties an event to its appointment. The GUID names our
/// own set of properties and never changes.
pub const TAG_NAME: &str = "String {6f1d6f0e-52a4-4c39-9d0f-5b8ad1f3c7e2} Name AppointmentId";

/// An event to be created.
#[derive(Debug)]
pub struct NewEvent<'a> {
    pub appointment_id: &'a AppointmentId,
    pub transaction_id: &'a str,
    pub subject: &'a str,
    pub body: &'a str,
    pub location: Option<&'a str>,
    pub time: Interval,
    /// The zone whose wall clock the invitation shows.
    pub zone: &'a TimeZone,
    /// Name and address of everyone who is invited; they are mailed at once.
    pub attendees: &'a [(String, String)],
    pub is_online_meeting: bool,
}

impl NewEvent<'_> {
    /// The body of the request.
    pub fn to_json(&self) -> String {
        let [start, end] = written([self.time.start(), self.time.end()], self.zone);
        let attendees: Vec<Value> = self
            .attendees
            .iter()
            .map(|(name, address)| {
                json!({"type": "required", "emailAddress": {"name": name, "address": address}})
            })
            .collect();
        let mut event = json!({
            "subject": self.subject,
            "body": {"contentType": "text", "content": self.body},
            "start": wire_time(&start),
            "end": wire_time(&end),
            "attendees": attendees,
            "showAs": "busy",
            "allowNewTimeProposals": false,
            "transactionId": self.transaction_id,
            "singleValueExtendedProperties": [
                {"id": TAG_NAME, "value": self.appointment_id.as_str()},
            ],
        });
        if let Some(location) = self.location {
            event["location"] = json!({"displayName": location});
        }
        if self.is_online_meeting {
            event["isOnlineMeeting"] = json!(true);
            event["onlineMeetingProvider"] = json!("teamsForBusiness");
        }
        event.to_string()
    }
}

/// The body of a request that moves an event: both ends, in one zone (Microsoft
/// Learn, "Update event"). It is not of whole dates any more, should it have been.
pub fn moved_event(time: Interval, zone: &TimeZone) -> String {
    let [start, end] = written([time.start(), time.end()], zone);
    json!({"isAllDay": false, "start": wire_time(&start), "end": wire_time(&end)}).to_string()
}

fn wire_time(time: &WrittenTime) -> Value {
    let date_time = time.date_time.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    json!({"dateTime": date_time, "timeZone": time.zone})
}
