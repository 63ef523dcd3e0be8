//! `POST /appointments/feed-links` and `GET /appointments/feed.ics`: the viewings of a
//! staff member in their own calendar program, by a link that is its only credential.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;
use shared::booking::viewings_file;
use shared::http::{ApiRequest, FeedLink, HttpError, Response, calendar_file, ok};
use shared::ids::UserId;
use shared::scheduling::Interval;

use crate::AppointmentsList;

/// How far back a feed goes.
const PAST: SignedDuration = SignedDuration::from_hours(31 * 24);

/// How far ahead: nothing is booked by phone beyond that.
const AHEAD: SignedDuration = SignedDuration::from_hours(400 * 24);

#[derive(Deserialize)]
struct LinkFields {
    user_id: Option<String>,
    /// Whether earlier links stop working.
    #[serde(default)]
    replace: bool,
}

pub(crate) async fn make_link(
    function: Arc<AppointmentsList>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let caller = function.access.caller(&request).await?;
    let fields: LinkFields = request.json()?;
    let user = caller.acting_for(&request, fields.user_id.as_deref())?;
    let name = function.access.feed_of(&user).await?;
    let feed = function.feeds.open(&name, &user, fields.replace).await?;
    let link = FeedLink {
        feed: name,
        version: feed.version,
    };
    let signed = function.access.sign_feed(&link).await?;
    ok(&json!({
        "status": "success",
        "url": FeedLink::address(&function.base, &signed),
        "version": feed.version,
    }))
}

pub(crate) async fn feed(
    function: Arc<AppointmentsList>,
    request: ApiRequest,
) -> Result<Response, HttpError> {
    let user = match request.query("feed") {
        Some(link) => function.linked(link).await?,
        None => function.access.user(&request).await?,
    };
    let window = around(request.now())?;
    let viewings = function.appointments.starting_in(&user, window).await?;
    calendar_file(viewings_file(&viewings), &request)
}

impl AppointmentsList {
    /// Whose viewings a link leads to, while it is in force.
    async fn linked(&self, link: &str) -> Result<UserId, HttpError> {
        let withdrawn = || {
            HttpError::forbidden(
                "This link has been withdrawn or is incomplete. Please ask for a new one.",
            )
        };
        let link = self.access.feed_link(link).await?.ok_or_else(withdrawn)?;
        let feed = self.feeds.get(&link.feed).await?;
        let feed = feed.filter(|feed| feed.version == link.version);
        Ok(feed.ok_or_else(withdrawn)?.user_id)
    }
}

fn around(now: Timestamp) -> Result<Interval, HttpError> {
    let from = now.checked_sub(PAST).map_err(HttpError::internal)?;
    let to = now.checked_add(AHEAD).map_err(HttpError::internal)?;
    Interval::new(from, to).map_err(HttpError::internal)
}
