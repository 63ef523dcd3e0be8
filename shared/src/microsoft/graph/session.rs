//! Graph as one mailbox's owner.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use lambda_http::http::Method;
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::super::MicrosoftError;
use super::super::grants::Grants;
use super::super::http::{CALL_LIMIT, CREATE_LIMIT};
use super::super::mailbox;
use super::client::{CLAIMS, Call, Graph};
use super::event::{CalendarEvent, Wire};
use super::new_event::TAG_NAME;
use super::new_mail::NewMail;
use crate::clock::Turn;
use crate::ids::{AppointmentId, EventId, UserId};
use crate::scheduling::Interval;
use crate::store::Mailbox;

/// What is read of an event to know whether it takes time.
const BUSY_FIELDS: &str = "id,start,end,showAs,isAllDay,isCancelled,responseStatus";

/// What is read of an event to show it.
const ALL_FIELDS: &str = "id,subject,start,end,location,attendees,isOnlineMeeting,webLink,body,\
                          showAs,isAllDay,isCancelled,responseStatus";

/// Events asked for a page. Graph may give fewer, and says where the next are.
const PAGE_SIZE: u32 = 200;

/// The category of a viewing that something else overlaps.
const DOUBLE_BOOKED: &str = "Double-booked viewing";

/// Graph may ask to wait for no time at all.
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);

/// What a request that was throttled needs after the pause.
const TO_ANSWER: Duration = Duration::from_millis(500);

/// Pages read before a calendar counts as unreadable: half a calendar would offer
/// times that are taken.
const PAGE_CAP: usize = 60;

/// A mailbox, by the access token of its owner.
pub struct Session<'a> {
    graph: &'a Graph,
    user: UserId,
    places: Arc<Semaphore>,
    token: Mutex<SecretString>,
    /// What the token can be renewed from; nothing while a sign-in is not stored yet.
    grants: Option<&'a Grants>,
}

/// A calendar's name.
#[derive(Clone, Debug, Deserialize)]
pub struct CalendarInfo {
    pub id: String,
    #[serde(default)]
    pub name: Option<String>,
}

#[derive(Deserialize)]
struct Page<T> {
    value: Vec<T>,
    #[serde(rename = "@odata.nextLink", default)]
    next_link: Option<String>,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        graph: &'a Graph,
        user: &UserId,
        token: SecretString,
        grants: Option<&'a Grants>,
    ) -> Self {
        Self {
            graph,
            user: user.clone(),
            places: graph.places(user),
            token: Mutex::new(token),
            grants,
        }
    }

    /// The events that overlap the window, with what is needed to tell free from
    /// busy.
    pub async fn busy_view(
        &self,
        window: Interval,
        turn: &Turn,
    ) -> Result<Vec<CalendarEvent>, MicrosoftError> {
        self.view("calendar_view", window, BUSY_FIELDS, turn).await
    }

    /// The events that overlap the window, with everything that is shown of them.
    pub async fn full_view(
        &self,
        window: Interval,
        turn: &Turn,
    ) -> Result<Vec<CalendarEvent>, MicrosoftError> {
        self.view("calendar_view_full", window, ALL_FIELDS, turn)
            .await
    }

    /// Creates an event from the stored body.
    pub async fn create_event(
        &self,
        body: &str,
        turn: &Turn,
    ) -> Result<CalendarEvent, MicrosoftError> {
        let call = Call {
            operation: "create_event",
            method: Method::POST,
            url: self.graph.url("/me/events"),
            body: Some(body),
            if_match: None,
            limit: CREATE_LIMIT,
        };
        let answer = self.write(call, turn).await?;
        let event: Wire = serde_json::from_slice(&answer)
            .map_err(|_| MicrosoftError::Unreadable("a Graph response"))?;
        event.read()
    }

    /// The event with that id; none when it is gone.
    pub async fn event(
        &self,
        id: &EventId,
        turn: &Turn,
    ) -> Result<Option<CalendarEvent>, MicrosoftError> {
        let tag = format!("singleValueExtendedProperties($filter=id eq '{TAG_NAME}')");
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("$select", ALL_FIELDS)
            .append_pair("$expand", &tag)
            .finish();
        let url = self.event_url(id, &format!("?{query}"));
        match self.get::<Wire>("get_event", url, turn).await {
            Ok(event) => event.read().map(Some),
            Err(MicrosoftError::Gone) => Ok(None),
            // An id that never was one; it comes from whoever asks.
            Err(MicrosoftError::Refused { code, .. }) if code == "ErrorInvalidIdMalformed" => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Changes an event that is still at that version; a later one is refused with
    /// 412.
    pub async fn update_event(
        &self,
        id: &EventId,
        etag: Option<&str>,
        body: &str,
        turn: &Turn,
    ) -> Result<CalendarEvent, MicrosoftError> {
        let call = Call {
            operation: "update_event",
            method: Method::PATCH,
            url: self.event_url(id, ""),
            body: Some(body),
            if_match: etag,
            limit: CREATE_LIMIT,
        };
        let answer = self.write(call, turn).await?;
        let event: Wire = serde_json::from_slice(&answer)
            .map_err(|_| MicrosoftError::Unreadable("a Graph response"))?;
        event.read()
    }

    /// Puts an event into a category that its owner sees in Outlook, and nobody else, or
    /// takes it out again. Its other categories stay.
    pub async fn mark_double_booked(
        &self,
        id: &EventId,
        is_double_booked: bool,
        turn: &Turn,
    ) -> Result<(), MicrosoftError> {
        #[derive(Deserialize)]
        struct Categories {
            #[serde(default)]
            categories: Option<Vec<String>>,
        }
        let url = self.event_url(id, "?$select=categories");
        let known: Categories = self.get("get_categories", url, turn).await?;
        let mut categories = known.categories.unwrap_or_default();
        let is_marked = categories.iter().any(|category| category == DOUBLE_BOOKED);
        match (is_marked, is_double_booked) {
            (true, true) | (false, false) => return Ok(()),
            (false, true) => categories.push(DOUBLE_BOOKED.to_owned()),
            (true, false) => categories.retain(|category| category != DOUBLE_BOOKED),
        }
        let body = json!({"categories": categories}).to_string();
        self.update_event(id, None, &body, turn).await.map(|_| ())
    }

    /// Cancels a meeting, and has Microsoft tell its attendees.
    pub async fn cancel_event(
        &self,
        id: &EventId,
        comment: &str,
        turn: &Turn,
    ) -> Result<(), MicrosoftError> {
        let body = json!({"comment": comment}).to_string();
        let call = Call {
            operation: "cancel_event",
            method: Method::POST,
            url: self.event_url(id, "/cancel"),
            body: Some(&body),
            if_match: None,
            limit: CREATE_LIMIT,
        };
        self.write(call, turn).await.map(|_| ())
    }

    /// Removes an event.
    pub async fn delete_event(&self, id: &EventId, turn: &Turn) -> Result<(), MicrosoftError> {
        let call = Call {
            operation: "delete_event",
            method: Method::DELETE,
            url: self.event_url(id, ""),
            body: None,
            if_match: None,
            limit: CREATE_LIMIT,
        };
        self.write(call, turn).await.map(|_| ())
    }

    /// Sends a message from the mailbox, and keeps it among the sent ones. Nothing tells
    /// a repeat from a second message.
    pub async fn send_mail(&self, mail: &NewMail<'_>, turn: &Turn) -> Result<(), MicrosoftError> {
        let body = mail.to_json();
        let call = Call {
            operation: "send_mail",
            method: Method::POST,
            url: self.graph.url("/me/sendMail"),
            body: Some(&body),
            if_match: None,
            limit: CREATE_LIMIT,
        };
        self.write(call, turn).await.map(|_| ())
    }

    /// The event that carries the tag of an appointment, if there is one.
    pub async fn find_by_tag(
        &self,
        appointment: &AppointmentId,
        turn: &Turn,
    ) -> Result<Option<CalendarEvent>, MicrosoftError> {
        let filter = format!(
            "singleValueExtendedProperties/Any(ep: ep/id eq '{TAG_NAME}' and ep/value eq '{appointment}')"
        );
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("$filter", &filter)
            .append_pair("$select", BUSY_FIELDS)
            .finish();
        let url = self.graph.url(&format!("/me/events?{query}"));
        let page: Page<Wire> = self.get("find_by_tag", url, turn).await?;
        page.value.into_iter().next().map(Wire::read).transpose()
    }

    /// The settings of the mailbox that matter to viewings.
    pub async fn mailbox(&self, turn: &Turn) -> Result<Mailbox, MicrosoftError> {
        let settings = self.get(
            "mailbox_settings",
            self.graph.url("/me/mailboxSettings"),
            turn,
        );
        let (settings, calendar) = tokio::join!(settings, self.calendar(turn));
        let mut mailbox = mailbox::read(settings?, turn.now);
        let calendar = calendar?;
        mailbox.calendar_id = Some(calendar.id);
        mailbox.calendar_name = calendar.name;
        Ok(mailbox)
    }

    /// The default calendar.
    pub async fn calendar(&self, turn: &Turn) -> Result<CalendarInfo, MicrosoftError> {
        let url = self.graph.url("/me/calendar?$select=id,name");
        self.get("calendar", url, turn).await
    }

    async fn view(
        &self,
        operation: &'static str,
        window: Interval,
        fields: &str,
        turn: &Turn,
    ) -> Result<Vec<CalendarEvent>, MicrosoftError> {
        let bound = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("startDateTime", &bound(window.start()))
            .append_pair("endDateTime", &bound(window.end()))
            .append_pair("$select", fields)
            .append_pair("$orderby", "start/dateTime")
            .append_pair("$top", &PAGE_SIZE.to_string())
            .finish();
        let mut next = Some(self.graph.url(&format!("/me/calendarView?{query}")));
        let mut events = Vec::new();
        for _ in 0..PAGE_CAP {
            let Some(url) = next.take() else {
                return Ok(events);
            };
            let page: Page<Wire> = self.get(operation, url, turn).await?;
            for event in page.value {
                events.push(event.read()?);
            }
            next = page.next_link;
            if next.as_ref().is_some_and(|link| !self.graph.is_ours(link)) {
                return Err(MicrosoftError::Unreadable("a link that leads elsewhere"));
            }
        }
        match next {
            None => Ok(events),
            Some(_) => Err(MicrosoftError::Unreadable("a calendar of too many pages")),
        }
    }

    /// Sends a write, again only after a wait that Graph asks for: nothing else says
    /// that it did not take effect.
    async fn write(&self, call: Call<'_>, turn: &Turn) -> Result<Vec<u8>, MicrosoftError> {
        let mut waits = 0;
        loop {
            let attempt = Call {
                limit: turn.patience(call.limit),
                ..call.clone()
            };
            let error = match Box::pin(self.send(attempt, turn)).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let pause = pause_when_throttled(&error, waits, turn).ok_or(error)?;
            waits += 1;
            tokio::time::sleep(pause).await;
        }
    }

    /// The address of an event. Its id is opaque, and so may hold anything.
    fn event_url(&self, id: &EventId, rest: &str) -> String {
        let id: String = form_urlencoded::byte_serialize(id.as_str().as_bytes()).collect();
        self.graph.url(&format!("/me/events/{id}{rest}"))
    }

    async fn get<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        url: String,
        turn: &Turn,
    ) -> Result<T, MicrosoftError> {
        let call = Call {
            operation,
            method: Method::GET,
            url,
            body: None,
            if_match: None,
            limit: CALL_LIMIT,
        };
        self.read(call, turn).await
    }

    /// Reads the answer to a question that is posted, and changes nothing.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
        question: &Value,
        turn: &Turn,
    ) -> Result<T, MicrosoftError> {
        let question = question.to_string();
        let call = Call {
            operation,
            method: Method::POST,
            url: self.graph.url(path),
            body: Some(&question),
            if_match: None,
            limit: CALL_LIMIT,
        };
        self.read(call, turn).await
    }

    /// Reads, once more after a failure that passes, and after each wait that Graph
    /// asks for as long as the turn allows.
    async fn read<T: DeserializeOwned>(
        &self,
        call: Call<'_>,
        turn: &Turn,
    ) -> Result<T, MicrosoftError> {
        let (mut failed_before, mut waits) = (false, 0);
        loop {
            let attempt = Call {
                limit: turn.patience(call.limit),
                ..call.clone()
            };
            let error = match Box::pin(self.send(attempt, turn)).await {
                Ok(answer) => {
                    let answer = serde_json::from_slice(&answer);
                    return answer.map_err(|_| MicrosoftError::Unreadable("a Graph response"));
                }
                Err(error) => error,
            };
            if matches!(error, MicrosoftError::Unreachable(_)) && !failed_before {
                failed_before = true;
                continue;
            }
            let pause = pause_when_throttled(&error, waits, turn).ok_or(error)?;
            waits += 1;
            tokio::time::sleep(pause).await;
        }
    }

    /// Sends a request; when Graph refuses its token, once more with a new one.
    async fn send(&self, call: Call<'_>, turn: &Turn) -> Result<Vec<u8>, MicrosoftError> {
        let token = self.token();
        let code = match self.send_with(&token, call.clone()).await {
            Err(MicrosoftError::NeedsReconnect(code)) => code,
            Err(error) => return Err(self.denied(error, &call, turn).await),
            answered => return answered,
        };
        let Some(grants) = self.grants else {
            return Err(MicrosoftError::NeedsReconnect(code));
        };
        if code == CLAIMS {
            grants.mark(&self.user, turn).await?;
            return Err(MicrosoftError::NeedsReconnect(code));
        }
        let renewed = grants.in_place_of(&token, &self.user, turn).await?;
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = renewed.clone();
        let call = Call {
            limit: turn.patience(call.limit),
            ..call
        };
        self.send_with(&renewed, call).await
    }

    /// Sends a request when the mailbox has a place for it. Without one it was not sent.
    async fn send_with(
        &self,
        token: &SecretString,
        call: Call<'_>,
    ) -> Result<Vec<u8>, MicrosoftError> {
        let place = tokio::time::timeout(call.limit, self.places.acquire()).await;
        let Ok(_place) = place else {
            return Err(MicrosoftError::Throttled {
                retry_after: SHORTEST_PAUSE,
            });
        };
        self.graph.send(token, call).await
    }

    /// What a refusal means for the connection: without access to the mailbox itself,
    /// its owner or their administrator has to act. That one event or other people's
    /// time cannot be had says nothing of the mailbox.
    async fn denied(&self, error: MicrosoftError, call: &Call<'_>, turn: &Turn) -> MicrosoftError {
        let is_denied = matches!(
            &error,
            MicrosoftError::Refused { status: 403, code } if code == "ErrorAccessDenied"
        );
        let Some(grants) = self
            .grants
            .filter(|_| is_denied && call.is_about_the_mailbox())
        else {
            return error;
        };
        match grants.mark(&self.user, turn).await {
            Ok(()) => MicrosoftError::NeedsReconnect("ErrorAccessDenied".to_owned()),
            Err(error) => error,
        }
    }

    fn token(&self) -> SecretString {
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        token.clone()
    }
}

/// How long to wait before a throttled request may be sent again (Microsoft Learn,
/// "Microsoft Graph throttling guidance"), if the turn leaves time for that and for
/// an answer. Each wait is longer than the one before, whatever Graph says: it may say
/// the same every time.
fn pause_when_throttled(error: &MicrosoftError, waits: u32, turn: &Turn) -> Option<Duration> {
    let MicrosoftError::Throttled { retry_after } = error else {
        return None;
    };
    let own = SHORTEST_PAUSE.saturating_mul(2_u32.saturating_pow(waits));
    let pause = (*retry_after).max(own);
    let needed = pause.saturating_add(TO_ANSWER);
    (turn.patience(needed) == needed).then_some(pause)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::ids::Seed;

    #[test]
    fn a_wait_is_taken_only_where_the_turn_leaves_time_for_it() {
        let limit = Duration::from_mins(1);
        let turn = Turn::new(
            Timestamp::UNIX_EPOCH,
            Seed::fixed([0; 32]),
            Instant::now(),
            limit,
        );
        let pause = |retry_after| {
            pause_when_throttled(&MicrosoftError::Throttled { retry_after }, 0, &turn)
        };
        assert_eq!(pause(Duration::ZERO), Some(SHORTEST_PAUSE));
        assert_eq!(pause(Duration::from_secs(2)), Some(Duration::from_secs(2)));
        assert_eq!(pause(Duration::from_mins(1)), None);
        assert_eq!(pause(Duration::MAX), None);
        assert_eq!(
            pause_when_throttled(&MicrosoftError::TimedOut, 0, &turn),
            None
        );
    }
}
