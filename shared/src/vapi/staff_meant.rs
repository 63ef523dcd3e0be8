//! Whom a tool call is for: what the binding of its assistant or number says.
//!
//! An assistant is mostly for whom it was last for. What will be needed of them is read
//! in the same request as the binding, and used when that says the same.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::answer::Answer;
use super::tool::Tool;
use super::webhook::{Asked, Webhook};
use super::wire::{Arguments, CallContext};
use crate::booking::{BookingError, Calendar, StaffFile};
use crate::ids::UserId;
use crate::store::{Ahead, Binding, MOST_STAMPS, Stamp, Wanted};

/// For how many assistants and numbers it is remembered whom they were for.
const REMEMBERED: usize = 10_000;

/// What forgetting something may cost the caller.
const TO_FORGET: Duration = Duration::from_millis(300);

/// Whom a tool call is for.
pub(super) struct StaffMeant {
    pub(super) whom: Whom,
    early: Option<Early>,
}

/// Whom an assistant is for.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Whom {
    /// The staff member that is meant.
    pub(super) user: UserId,
    /// All whom it may book for.
    pub(super) bound: Vec<UserId>,
}

/// What was read of staff before it was needed.
struct Early {
    of: Whom,
    file: Option<StaffFile>,
    ahead: Option<Ahead>,
    stamps: Option<Vec<Option<Stamp>>>,
}

/// Whom assistants and numbers were for when they last asked. It decides nothing.
#[derive(Default)]
pub(super) struct Guesses(Mutex<HashMap<String, Whom>>);

impl Guesses {
    fn of(&self, call: &CallContext) -> Option<Whom> {
        self.all().get(asking(call)?).cloned()
    }

    fn remember(&self, call: &CallContext, whom: &Whom) {
        let Some(asking) = asking(call) else {
            return;
        };
        let mut all = self.all();
        if all.get(asking) == Some(whom) {
            return;
        }
        if all.len() >= REMEMBERED {
            all.clear();
        }
        all.insert(asking.to_owned(), whom.clone());
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Whom>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// By what a binding is looked for first.
fn asking(call: &CallContext) -> Option<&str> {
    let id = call.assistant_id.as_deref();
    id.or(call.phone_number_id.as_deref())
}

impl Webhook {
    /// The staff member that a call is for, and all whom the assistant is bound to.
    ///
    /// A `user_id` among the arguments was filled in by a language model. It can
    /// choose among those that are bound, and decides only while no binding is
    /// required.
    pub(super) async fn staff_meant(
        &self,
        tool: Tool,
        arguments: &Arguments,
        call: &CallContext,
    ) -> Result<StaffMeant, Answer> {
        let named = arguments.text("user_id").ok().flatten();
        let named = named.as_deref().and_then(UserId::parse);
        let guess = self.guesses.of(call);
        let guess = match (&named, guess) {
            (Some(named), Some(guess)) if guess.user != *named => Some(Whom {
                user: named.clone(),
                ..guess
            }),
            (_, guess) => guess,
        };
        let ids = bindings_of(call);
        let (bindings, early) = self.read(tool, call, &ids, guess).await?;
        let bound = bound(bindings);
        let (user, bound) = match (bound, named) {
            (Some(bound), None) => (self.meant(&bound, arguments).await?, bound),
            (Some(bound), Some(named)) if bound.contains(&named) => (named, bound),
            (None, Some(named)) if !self.require_binding => (named.clone(), vec![named]),
            (Some(_), Some(_)) => {
                return Err(Answer::not_done(
                    "I can only arrange viewings with the people this number is for. Shall I look \
                     at their times?",
                ));
            }
            (None, _) => return Err(not_set_up()),
        };
        let whom = Whom { user, bound };
        self.guesses.remember(call, &whom);
        let early = match early.filter(|early| early.of == whom) {
            None if tool.opens_a_calendar() => {
                let (_, early) = self.read(tool, call, &[], Some(whom.clone())).await?;
                early
            }
            early => early,
        };
        Ok(StaffMeant { whom, early })
    }

    /// Which of several staff members is meant when none is named: the one whose slot
    /// was offered, else the first.
    async fn meant(&self, bound: &[UserId], arguments: &Arguments) -> Result<UserId, Answer> {
        let slot_id = arguments.text("slot_id").ok().flatten();
        let offered = match slot_id {
            Some(id) if bound.len() > 1 => {
                let key = self.slot_ids.key().await?;
                bound.iter().find(|user| key.read(user, &id).is_some())
            }
            _ => None,
        };
        let meant = offered.or_else(|| bound.first()).cloned();
        meant.ok_or_else(not_set_up)
    }

    /// The bindings with those ids, and in the same request what the tool will need of whom
    /// the call may be for.
    async fn read(
        &self,
        tool: Tool,
        call: &CallContext,
        bindings: &[String],
        whom: Option<Whom>,
    ) -> Result<(Vec<Option<Binding>>, Option<Early>), BookingError> {
        let of_calendar = whom.as_ref().filter(|_| tool.opens_a_calendar());
        let conversation = call.conversation();
        let stamps = whom
            .as_ref()
            .filter(|whom| tool.names_a_property() && whom.bound.len() <= MOST_STAMPS);
        let wanted = Wanted {
            bindings,
            user: of_calendar.map(|whom| &whom.user),
            ahead: conversation
                .filter(|_| tool == Tool::GetAvailability)
                .map(|call| (&self.calls, call)),
            stamps: stamps.map(|whom| (&self.rentals, whom.bound.as_slice())),
        };
        let registered = self.desk.on_record(wanted).await?;
        let early = whom.map(|of| Early {
            file: registered
                .on_record
                .and_then(|on_record| StaffFile::of(&of.user, on_record).ok()),
            ahead: registered.ahead,
            stamps: registered.stamps,
            of,
        });
        Ok((registered.bindings, early))
    }

    /// All whom the assistant or the number of a call is bound to, if it has a binding.
    pub(super) async fn staff_bound_to(
        &self,
        call: &CallContext,
    ) -> Result<Option<Vec<UserId>>, BookingError> {
        let wanted = Wanted {
            bindings: &bindings_of(call),
            ..Wanted::default()
        };
        Ok(bound(self.desk.on_record(wanted).await?.bindings))
    }
}

/// The ids of the bindings that a call may have. That of its assistant counts for more,
/// and is first.
fn bindings_of(call: &CallContext) -> Vec<String> {
    let assistant = call.assistant_id.as_deref().map(Binding::id_of_assistant);
    let number = call.phone_number_id.as_deref();
    let number = number.map(Binding::id_of_phone_number);
    assistant.into_iter().chain(number).collect()
}

fn bound(bindings: Vec<Option<Binding>>) -> Option<Vec<UserId>> {
    let binding = bindings.into_iter().flatten().next();
    binding.map(|binding| binding.user_ids)
}

fn not_set_up() -> Answer {
    Answer::not_done("I cannot see whose calendar this is for. May I take a message instead?")
}

impl Asked<'_> {
    /// Whether viewings of that staff member are this assistant's business.
    pub(super) fn serves(&self, user: &UserId) -> bool {
        self.meant.whom.bound.contains(user)
    }

    /// Opens the calendar of a staff member.
    pub(super) async fn calendar(&self, user: &UserId) -> Result<Calendar<'_>, BookingError> {
        let early = self.early(user).and_then(|early| early.file.clone());
        let file = match early {
            Some(file) => file,
            None => self.desk.file(user).await?,
        };
        self.desk.open(file, &self.turn).await
    }

    /// What was read of that staff member's calendar when the call began, as long as it
    /// may serve.
    pub(super) async fn ahead(&self, user: &UserId) -> Option<Ahead> {
        let ahead = match self.early(user) {
            Some(early) => early.ahead.clone(),
            None => self.read_ahead(user).await,
        };
        ahead.filter(|ahead| ahead.is_recent(self.turn.now))
    }

    async fn read_ahead(&self, user: &UserId) -> Option<Ahead> {
        let call = self.call.conversation()?;
        match self.calls.ahead(call, user).await {
            Ok(ahead) => ahead,
            Err(error) => {
                tracing::warn!(%error, "what was read ahead is left out");
                None
            }
        }
    }

    /// Forgets what was read ahead: it serves once.
    pub(super) async fn forget_ahead(&self, user: &UserId) {
        let Some(call) = self.call.conversation() else {
            return;
        };
        let forgetting = self.calls.forget_ahead(call, user);
        let limit = self.turn.patience(TO_FORGET);
        if !matches!(tokio::time::timeout(limit, forgetting).await, Ok(Ok(()))) {
            tracing::warn!("what was read ahead may serve twice");
        }
    }

    /// The stamps of what the staff show, where they were read early.
    pub(super) fn stamps(&self) -> Option<Vec<Option<Stamp>>> {
        let early = self.meant.early.as_ref()?;
        early.stamps.clone()
    }

    fn early(&self, user: &UserId) -> Option<&Early> {
        let early = self.meant.early.as_ref();
        early.filter(|early| early.of.user == *user)
    }
}
