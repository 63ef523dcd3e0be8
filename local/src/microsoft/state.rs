//! The state of the simulated service and the only ways in which it changes.
//! Every write is a list of [`Change`]s, so that replaying a journal of them
//! gives the same state again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    event::{Event, Mail},
    records::{Code, Grant},
};

/// Everything that outlives a request.
#[derive(Default)]
pub(super) struct State {
    pub codes: HashMap<String, Code>,
    pub access_tokens: HashMap<String, Grant>,
    pub refresh_tokens: HashMap<String, Grant>,
    /// How often each account's grants were revoked.
    pub generations: HashMap<String, u64>,
    /// Access tokens issued so far; what varies by turns is taken from it.
    pub issued: u64,
    approvals: BTreeSet<Approval>,
    mailboxes: HashMap<String, Mailbox>,
}

/// One person's calendar and what left their mailbox.
#[derive(Default)]
pub(super) struct Mailbox {
    pub events: BTreeMap<Uuid, Event>,
    pub outbox: Vec<Mail>,
}

/// Somebody let an application in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub(super) struct Approval {
    pub client_id: String,
    /// An administrator, for this directory; every one in older journals.
    #[serde(default)]
    pub tenant_id: Option<Uuid>,
    /// A person, for themself.
    #[serde(default)]
    pub email: Option<String>,
}

/// One step of a write. Keys of codes and tokens are fingerprints.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Change {
    ClientApproved(Approval),
    CodeStored { key: String, code: Code },
    AccessTokenStored { key: String, grant: Grant },
    RefreshTokenStored { key: String, grant: Grant },
    SignInEnded { sign_in: Uuid },
    GenerationReached { email: String, generation: u64 },
    IssuedReached { issued: u64 },
    EventStored { mailbox: String, event: Box<Event> },
    EventRemoved { mailbox: String, key: Uuid },
    MailSent { mailbox: String, mail: Box<Mail> },
}

impl State {
    /// The mailbox of an address; an empty one before its first write.
    pub(super) fn mailbox(&self, email: &str) -> &Mailbox {
        static EMPTY: Mailbox = Mailbox {
            events: BTreeMap::new(),
            outbox: Vec::new(),
        };
        self.mailboxes.get(email).unwrap_or(&EMPTY)
    }

    /// Whether an administrator of that directory approved the application.
    pub(super) fn is_approved(&self, client_id: &str, tenant_id: Option<Uuid>) -> bool {
        self.approvals.iter().any(|approval| {
            approval.client_id == client_id
                && approval.email.is_none()
                && (approval.tenant_id.is_none() || approval.tenant_id == tenant_id)
        })
    }

    /// Whether that person let the application in.
    pub(super) fn is_consented(&self, client_id: &str, email: &str) -> bool {
        self.approvals.iter().any(|approval| {
            approval.client_id == client_id && approval.email.as_deref() == Some(email)
        })
    }

    /// Whether a grant is still honoured, its expiry aside.
    pub(super) fn is_current(&self, grant: &Grant) -> bool {
        self.generation(&grant.email) == grant.generation
    }

    /// How often the account's grants were revoked.
    pub(super) fn generation(&self, email: &str) -> u64 {
        self.generations.get(email).copied().unwrap_or(0)
    }

    /// Makes a change; the order of changes matters, each one's outcome is certain.
    pub(super) fn apply(&mut self, change: Change) {
        match change {
            Change::CodeStored { key, code } => {
                self.codes.insert(key, code);
            }
            Change::AccessTokenStored { key, grant } => {
                self.access_tokens.insert(key, grant);
            }
            Change::RefreshTokenStored { key, grant } => {
                self.refresh_tokens.insert(key, grant);
            }
            Change::SignInEnded { sign_in } => {
                self.refresh_tokens
                    .retain(|_, grant| grant.sign_in != sign_in);
                self.access_tokens
                    .retain(|_, grant| grant.sign_in != sign_in);
            }
            Change::GenerationReached { email, generation } => {
                self.generations.insert(email, generation);
            }
            Change::ClientApproved(approval) => {
                self.approvals.insert(approval);
            }
            Change::IssuedReached { issued } => self.issued = issued,
            Change::EventStored { mailbox, event } => {
                let events = &mut self.mailboxes.entry(mailbox).or_default().events;
                events.insert(event.key, *event);
            }
            Change::EventRemoved { mailbox, key } => {
                self.mailboxes
                    .entry(mailbox)
                    .or_default()
                    .events
                    .remove(&key);
            }
            Change::MailSent { mailbox, mail } => {
                self.mailboxes
                    .entry(mailbox)
                    .or_default()
                    .outbox
                    .push(*mail);
            }
        }
    }

    /// The shortest list of changes that leads here, without what has expired.
    pub(super) fn as_changes(&self, now: Timestamp) -> Vec<Change> {
        let generations =
            self.generations
                .iter()
                .map(|(email, generation)| Change::GenerationReached {
                    email: email.clone(),
                    generation: *generation,
                });
        let codes = self
            .codes
            .iter()
            .filter(|(_, code)| code.grant.expires > now);
        let codes = codes.map(|(key, code)| Change::CodeStored {
            key: key.clone(),
            code: code.clone(),
        });
        let access = self
            .access_tokens
            .iter()
            .filter(|(_, grant)| grant.expires > now);
        let access = access.map(|(key, grant)| Change::AccessTokenStored {
            key: key.clone(),
            grant: grant.clone(),
        });
        let refresh = self
            .refresh_tokens
            .iter()
            .filter(|(_, grant)| grant.expires > now);
        let refresh = refresh.map(|(key, grant)| Change::RefreshTokenStored {
            key: key.clone(),
            grant: grant.clone(),
        });
        let mailboxes = self.mailboxes.iter().flat_map(|(email, mailbox)| {
            let events = mailbox.events.values().map(|event| Change::EventStored {
                mailbox: email.clone(),
                event: Box::new(event.clone()),
            });
            let mails = mailbox.outbox.iter().map(|mail| Change::MailSent {
                mailbox: email.clone(),
                mail: Box::new(mail.clone()),
            });
            events.chain(mails)
        });
        let issued = std::iter::once(Change::IssuedReached {
            issued: self.issued,
        });
        let approved = self.approvals.iter().cloned().map(Change::ClientApproved);
        generations
            .chain(approved)
            .chain(codes)
            .chain(access)
            .chain(refresh)
            .chain(mailboxes)
            .chain(issued)
            .collect()
    }
}
