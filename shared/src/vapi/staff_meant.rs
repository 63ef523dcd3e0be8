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
use crate::store::{Ahead, Binding, OnRecord, Wanted};

/// For how many assistants and numbers it is remembered whom they were for.
const REMEMBERED: usize = 10_000;

/// What forgetting something may cost the caller.
const TO_FORGET: Duration = Duration::from_millis(300);

/// Whom a tool call is for.
pub(super) struct StaffMeant {
    /// The staff member that is meant.
    pub(super) user: UserId,
    /// All whom the assistant may book for.
    pub(super) bound: Vec<UserId>,
    early: Option<Early>,
}

/// What was read of a staff member before it was needed.
struct Early {
    user: UserId,
    file: Option<StaffFile>,
    ahead: Option<Ahead>,
}

/// Whom assistants and numbers were for when they last asked. It decides nothing.
#[derive(Default)]
pub(super) struct Guesses(Mutex<HashMap<String, UserId>>);

impl Guesses {
    fn of(&self, call: &CallContext) -> Option<UserId> {
        self.all().get(asking(call)?).cloned()
    }

    fn remember(&self, call: &CallContext, user: &UserId) {
        let Some(asking) = asking(call) else {
            return;
        };
        let mut all = self.all();
        if all.get(asking) == Some(user) {
            return;
        }
        if all.len() >= REMEMBERED {
            all.clear();
        }
        all.insert(asking.to_owned(), user.clone());
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, UserId>> {
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
        let guess = named.clone().or_else(|| self.guesses.of(call));
        let guess = guess.filter(|_| tool.opens_a_calendar());
        let (bound, early) = self.bound_staff(tool, call, guess.as_ref()).await?;
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
        self.guesses.remember(call, &user);
        let early = match early.filter(|early| early.user == user) {
            None if tool.opens_a_calendar() => self.early(tool, call, &user).await?,
            early => early,
        };
        Ok(StaffMeant { user, bound, early })
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

    /// All whom an assistant or a number is bound to, if it has a binding; and with it what
    /// the tool will need of a staff member who may be among them.
    async fn bound_staff(
        &self,
        tool: Tool,
        call: &CallContext,
        guess: Option<&UserId>,
    ) -> Result<(Option<Vec<UserId>>, Option<Early>), BookingError> {
        let ids = bindings_of(call);
        let registered = self.desk.on_record(self.wanted(tool, call, &ids, guess));
        let registered = registered.await?;
        let bound = bound(registered.bindings);
        let early = guess.map(|user| Early::of(user, registered.on_record, registered.ahead));
        Ok((bound, early))
    }

    /// What the tool will need of a staff member.
    async fn early(
        &self,
        tool: Tool,
        call: &CallContext,
        user: &UserId,
    ) -> Result<Option<Early>, BookingError> {
        let wanted = self.wanted(tool, call, &[], Some(user));
        let registered = self.desk.on_record(wanted).await?;
        let early = Early::of(user, registered.on_record, registered.ahead);
        Ok(Some(early))
    }

    fn wanted<'a>(
        &'a self,
        tool: Tool,
        call: &'a CallContext,
        bindings: &'a [String],
        user: Option<&'a UserId>,
    ) -> Wanted<'a> {
        let reads_ahead = tool == Tool::GetAvailability;
        let conversation = call.conversation().filter(|_| reads_ahead);
        Wanted {
            bindings,
            user,
            ahead: conversation.map(|call| (&self.calls, call)),
        }
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

impl Early {
    fn of(user: &UserId, on_record: Option<OnRecord>, ahead: Option<Ahead>) -> Self {
        Self {
            user: user.clone(),
            file: on_record.and_then(|on_record| StaffFile::of(user, on_record).ok()),
            ahead,
        }
    }
}

fn not_set_up() -> Answer {
    Answer::not_done("I cannot see whose calendar this is for. May I take a message instead?")
}

impl Asked<'_> {
    /// Whether viewings of that staff member are this assistant's business.
    pub(super) fn serves(&self, user: &UserId) -> bool {
        self.meant.bound.contains(user)
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

    fn early(&self, user: &UserId) -> Option<&Early> {
        let early = self.meant.early.as_ref();
        early.filter(|early| early.user == *user)
    }
}
