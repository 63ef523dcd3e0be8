//! A calendar event as a mailbox keeps it. Times stay as they were written: a
//! wall clock and the name of a zone; instants are computed when asked for.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::zones::mailbox_zone;

/// A wall-clock time with the zone name given by the writer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct WallTime {
    pub local: civil::DateTime,
    pub zone: String,
}

impl WallTime {
    /// The instant meant. Gaps move forward and folds take the first time;
    /// Graph's own reading of such times is undocumented.
    pub(super) fn instant(&self) -> Timestamp {
        self.local
            .to_zoned(mailbox_zone(&self.zone))
            .map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
    }
}

/// How an event counts in free/busy (Learn: freeBusyStatus).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum ShowAs {
    Unknown,
    Free,
    Tentative,
    Busy,
    Oof,
    WorkingElsewhere,
}

impl ShowAs {
    /// Reads the member's name in any case, as Graph does.
    pub(super) fn parse(name: &str) -> Option<Self> {
        [
            Self::Unknown,
            Self::Free,
            Self::Tentative,
            Self::Busy,
            Self::Oof,
            Self::WorkingElsewhere,
        ]
        .into_iter()
        .find(|member| member.name().eq_ignore_ascii_case(name))
    }

    /// The member's name on the wire.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Free => "free",
            Self::Tentative => "tentative",
            Self::Busy => "busy",
            Self::Oof => "oof",
            Self::WorkingElsewhere => "workingElsewhere",
        }
    }
}

/// Someone's name and address.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Person {
    pub name: String,
    pub address: String,
}

/// Someone invited.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Attendee {
    pub person: Person,
    /// `required`, `optional` or `resource`.
    pub kind: String,
}

/// The name of a single-value extended property: `String {guid} Name BookingRef`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct PropertyId {
    pub kind: String,
    pub set: Uuid,
    pub name: String,
}

impl PropertyId {
    /// Reads the named form. The name is case-sensitive, the rest is not.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.trim().split_once(' ')?;
        let (set, rest) = rest.trim_start().strip_prefix('{')?.split_once('}')?;
        let (keyword, name) = rest.trim_start().split_once(' ')?;
        let known = [
            "String",
            "Integer",
            "Boolean",
            "SystemTime",
            "Double",
            "Guid",
        ];
        let kind = known
            .iter()
            .find(|known| known.eq_ignore_ascii_case(kind))?;
        if !keyword.eq_ignore_ascii_case("Name") || name.trim().is_empty() {
            return None;
        }
        Some(Self {
            kind: (*kind).to_owned(),
            set: Uuid::parse_str(set.trim()).ok()?,
            name: name.trim().to_owned(),
        })
    }
}

impl std::fmt::Display for PropertyId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{} {{{}}} Name {}",
            self.kind, self.set, self.name
        )
    }
}

/// An extended property with its value.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Tag {
    pub id: PropertyId,
    pub value: String,
}

/// What a create was sent with, to recognize its repeat.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(super) struct Transaction {
    pub id: String,
    pub request: Value,
}

/// An event, or the master of a series.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(super) struct Event {
    pub key: Uuid,
    /// Grows with each change; the etag is made of it.
    pub version: u64,
    /// The how-manieth of its mailbox; picks how `variety` shows it.
    pub variant: u64,
    pub created: Timestamp,
    pub modified: Timestamp,
    pub start: WallTime,
    pub end: WallTime,
    pub is_all_day: bool,
    pub show_as: ShowAs,
    pub is_cancelled: bool,
    pub is_organizer: bool,
    pub organizer: Person,
    /// A member of responseType.
    pub response: String,
    pub attendees: Vec<Attendee>,
    /// Graph's `patternedRecurrence`, checked when written.
    pub recurrence: Option<Value>,
    /// Dates of the series on which the occurrence was deleted.
    pub excluded: BTreeSet<civil::Date>,
    pub tags: Vec<Tag>,
    pub transaction: Option<Transaction>,
    /// Writable properties without a meaning here, as Graph shows them.
    pub properties: Map<String, Value>,
}

impl Event {
    /// An untitled half hour of `organizer`, to be filled in.
    pub(super) fn blank(key: Uuid, now: Timestamp, organizer: Person) -> Self {
        let midnight = WallTime {
            local: civil::DateTime::constant(2000, 1, 1, 0, 0, 0, 0),
            zone: "UTC".to_owned(),
        };
        Self {
            key,
            version: 1,
            variant: 0,
            created: now,
            modified: now,
            start: midnight.clone(),
            end: midnight,
            is_all_day: false,
            show_as: ShowAs::Busy,
            is_cancelled: false,
            is_organizer: true,
            organizer,
            response: "organizer".to_owned(),
            attendees: Vec::new(),
            recurrence: None,
            excluded: BTreeSet::new(),
            tags: Vec::new(),
            transaction: None,
            properties: Map::new(),
        }
    }

    /// Whether the tag `id` holds `value`; values compare in any case.
    pub(super) fn is_tagged(&self, id: &PropertyId, value: &str) -> bool {
        self.tags
            .iter()
            .any(|tag| tag.id == *id && tag.value.to_lowercase() == value.to_lowercase())
    }

    /// The version marker without its `W/"…"`.
    pub(super) fn change_key(&self) -> String {
        use base64::{Engine, engine::general_purpose::STANDARD};
        let mut bytes = self.key.as_bytes()[..10].to_vec();
        bytes.extend(self.version.to_be_bytes());
        STANDARD.encode(bytes)
    }

    /// `@odata.etag`.
    pub(super) fn etag(&self) -> String {
        format!("W/\"{}\"", self.change_key())
    }
}

/// A message that left a mailbox.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Mail {
    pub at: Timestamp,
    pub kind: MailKind,
    pub from: String,
    pub to: Vec<String>,
    pub subject: String,
    /// The event's immutable id, for what Exchange sends by itself.
    pub event_id: Option<String>,
    /// The comment of a cancellation.
    pub comment: Option<String>,
    /// The `message` of a sendMail request.
    pub message: Option<Value>,
}

/// Why it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum MailKind {
    Invitation,
    Update,
    Cancellation,
    Message,
}
