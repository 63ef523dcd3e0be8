//! What Exchange mails by itself when an organizer's event changes: an
//! invitation, an update or a cancellation, at once, without a way to suppress
//! it (Learn: user-post-events, event-update, event-cancel, event-delete).

use jiff::Timestamp;

use super::ids::event_id;
use crate::microsoft::{
    event::{Event, Mail, MailKind},
    state::Change,
};

/// The messages that follow when `before` becomes `after`; either may not exist.
pub(super) fn announce(
    mailbox: &str,
    before: Option<&Event>,
    after: Option<&Event>,
    comment: Option<&str>,
    now: Timestamp,
) -> Vec<Change> {
    let Some(event) = after.or(before).filter(|event| event.is_organizer) else {
        return Vec::new();
    };
    let addresses = |event: Option<&Event>| -> Vec<String> {
        let attendees = event.iter().flat_map(|event| &event.attendees);
        let mut addresses: Vec<String> = attendees
            .map(|attendee| attendee.person.address.to_lowercase())
            .filter(|address| address != mailbox)
            .collect();
        addresses.sort();
        addresses.dedup();
        addresses
    };
    let (old, new) = (addresses(before), addresses(after));
    let pick = |from: &[String], others: &[String], shared: bool| -> Vec<String> {
        let chosen = from
            .iter()
            .filter(|address| others.contains(address) == shared);
        chosen.cloned().collect()
    };
    let title = event
        .properties
        .get("subject")
        .and_then(|subject| subject.as_str());
    let title = title.unwrap_or_default();
    [
        (MailKind::Invitation, pick(&new, &old, false), String::new()),
        (
            MailKind::Update,
            pick(&new, &old, true),
            "Updated: ".to_owned(),
        ),
        (
            MailKind::Cancellation,
            pick(&old, &new, false),
            "Canceled: ".to_owned(),
        ),
    ]
    .into_iter()
    .filter(|(_, to, _)| !to.is_empty())
    .map(|(kind, to, prefix)| Change::MailSent {
        mailbox: mailbox.to_owned(),
        mail: Box::new(Mail {
            at: now,
            kind,
            from: mailbox.to_owned(),
            to,
            subject: prefix + title,
            event_id: Some(event_id(true, event.key, None)),
            comment: comment.map(str::to_owned),
            message: None,
        }),
    })
    .collect()
}
