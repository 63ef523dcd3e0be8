//! Whom a tool call is for: what the binding of its assistant or number says.
//!
//! An assistant is mostly for whom it was last for. What will be needed of them is read
//! in the same round as the binding, and used when that says the same.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::answer::Answer;
use super::tool::Tool;
use super::webhook::{Asked, Webhook};
use super::wire::{Arguments, CallContext};
use crate::booking::{BookingError, Calendar, StaffFile};
use crate::clock::Turn;
use crate::ids::UserId;
use crate::store::{Ahead, Calls, StoreError};

/// For how many assistants and numbers it is remembered whom they were for.
const REMEMBERED: usize = 10_000;

/// How long it is waited for what was read ahead; from then on the calendar itself is
/// asked, so that what should save time costs little.
const WORTH: Duration = Duration::from_millis(300);

/// Whom a tool call is for.
pub(super) struct StaffMeant {
    /// The staff member that is meant.
    pub(super) user: UserId,
    /// All whom the assistant may book for.
    pub(super) bound: Vec<UserId>,
    /// What was read before the binding was known.
    early: Option<Early>,
}

/// What was read of the staff member who was guessed.
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
        turn: &Turn,
    ) -> Result<StaffMeant, Answer> {
        let named = arguments.text("user_id").ok().flatten();
        let named = named.as_deref().and_then(UserId::parse);
        let guess = named.clone().or_else(|| self.guesses.of(call));
        let early = self.read_early(tool, guess, call, turn);
        let (bound, early) = tokio::join!(self.bound_staff(call), early);
        let (user, bound) = match (bound?, named) {
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

    pub(super) async fn bound_staff(
        &self,
        call: &CallContext,
    ) -> Result<Option<Vec<UserId>>, StoreError> {
        let of_assistant = async {
            match &call.assistant_id {
                Some(id) => self.staff.binding_of_assistant(id).await,
                None => Ok(None),
            }
        };
        let of_number = async {
            match &call.phone_number_id {
                Some(id) => self.staff.binding_of_phone_number(id).await,
                None => Ok(None),
            }
        };
        let (assistant, number) = tokio::try_join!(of_assistant, of_number)?;
        Ok(assistant.or(number).map(|binding| binding.user_ids))
    }

    /// Reads what a tool will need of a staff member. A failure is for whoever needs it
    /// to run into.
    async fn read_early(
        &self,
        tool: Tool,
        guess: Option<UserId>,
        call: &CallContext,
        turn: &Turn,
    ) -> Option<Early> {
        let user = guess.filter(|_| tool.opens_a_calendar())?;
        let ahead = async {
            match tool {
                Tool::GetAvailability => read_ahead(&self.calls, call, &user, turn).await,
                _ => None,
            }
        };
        let (file, ahead) = tokio::join!(self.desk.file(&user), ahead);
        let file = file.ok();
        Some(Early { user, file, ahead })
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

    /// What was read of that staff member's calendar when the call began. It serves once.
    pub(super) async fn ahead(&self, user: &UserId) -> Option<Ahead> {
        match self.early(user) {
            Some(early) => early.ahead.clone(),
            None => read_ahead(self.calls, self.call, user, &self.turn).await,
        }
    }

    fn early(&self, user: &UserId) -> Option<&Early> {
        let early = self.meant.early.as_ref();
        early.filter(|early| early.user == *user)
    }
}

async fn read_ahead(
    calls: &Calls,
    call: &CallContext,
    user: &UserId,
    turn: &Turn,
) -> Option<Ahead> {
    let taking = calls.take_ahead(call.conversation()?, user, turn.now);
    match tokio::time::timeout(turn.patience(WORTH), taking).await {
        Ok(Ok(ahead)) => ahead,
        Ok(Err(error)) => {
            tracing::warn!(%error, "what was read ahead is left out");
            None
        }
        Err(_) => {
            tracing::warn!("what was read ahead is left out");
            None
        }
    }
}
