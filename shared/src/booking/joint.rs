//! The times at which several staff members can be at one viewing together.
//!
//! The lead's calendar is read as always; the others' are asked about through the
//! lead's, all in one request. Each keeps their own rules, buffers, limits and ledger.
//! When one of them is unknown, no time is open, and the error says who it is.

use std::iter::once;

use futures_util::future::{join_all, try_join_all};

use super::agenda::{Agenda, Calendar, with_a_day_around};
use super::desk::Desk;
use super::error::BookingError;
use super::staff_rules::rules_of;
use crate::clock::Turn;
use crate::ids::UserId;
use crate::microsoft::{ScheduleError, shares_schedules};
use crate::scheduling::{Interval, Rules, Travel, common_slots, reading_window};
use crate::store::{Connection, Place};

/// The calendars of several staff members, ready to be read.
pub struct JointCalendar<'a> {
    /// Whose way of offering times it is.
    lead: Calendar<'a>,
    others: Vec<Other>,
}

/// One of those who come along.
struct Other {
    user: UserId,
    connection: Connection,
    rules: Rules,
    travel: Option<Travel>,
}

/// Why it is unknown when they are all free.
#[derive(Debug, thiserror::Error)]
pub enum JointError {
    /// The calendar, the rules or the ledger of one of them cannot be read.
    #[error("nothing is known of {user}")]
    Staff {
        user: UserId,
        #[source]
        source: BookingError,
    },
    /// Microsoft answered, but not clearly for one of them.
    #[error("the schedule of {user} is unknown")]
    Schedule {
        user: UserId,
        #[source]
        source: ScheduleError,
    },
    /// The lead cannot ask about somebody of another organisation.
    #[error("{user} is of another organisation than {lead}")]
    OtherOrganisation { user: UserId, lead: UserId },
}

impl Desk {
    /// Opens the calendars of a staff member who leads and of others who come along.
    pub async fn joint_calendar(
        &self,
        lead: &UserId,
        others: &[UserId],
        turn: &Turn,
    ) -> Result<JointCalendar<'_>, JointError> {
        let others = join_all(others.iter().map(|user| self.other(user)));
        let (calendar, others) = tokio::join!(self.calendar(lead, turn), others);
        let calendar = calendar.map_err(of(lead))?;
        let others = others.into_iter().collect::<Result<Vec<_>, _>>()?;
        let tenant = &calendar.account.tenant_id;
        let mut all = others.iter();
        match all.find(|other| !shares_schedules(tenant, &other.connection.tenant_id)) {
            None => Ok(JointCalendar {
                lead: calendar,
                others,
            }),
            Some(other) => Err(JointError::OtherOrganisation {
                user: other.user.clone(),
                lead: lead.clone(),
            }),
        }
    }

    async fn other(&self, user: &UserId) -> Result<Other, JointError> {
        let file = self.file(user).await.map_err(of(user))?;
        let settings = file.chosen.settings;
        Ok(Other {
            user: file.user,
            rules: rules_of(&settings, &file.connection.mailbox, &self.default_zone),
            connection: file.connection,
            travel: settings.travel,
        })
    }
}

impl JointCalendar<'_> {
    /// The same calendars, for viewings of that property.
    #[must_use]
    pub fn for_viewings_at(self, places: Vec<Place>) -> Self {
        Self {
            lead: self.lead.for_viewings_at(places),
            ..self
        }
    }

    /// The rules of the lead.
    pub fn rules(&self) -> &Rules {
        &self.lead.rules
    }

    /// The starts within the window at which all of them can be at a viewing, in order,
    /// when the lead offers it by `rules`.
    pub async fn open_slots(
        &self,
        rules: &Rules,
        window: Interval,
        turn: &Turn,
    ) -> Result<Vec<jiff::Timestamp>, JointError> {
        let (lead, others) = self.agendas(self.reading(rules, window), turn).await?;
        let others = self.others.iter().zip(&others);
        let others = others.map(|(other, agenda)| agenda.host(&other.rules));
        let hosts: Vec<_> = once(lead.host(rules)).chain(others).collect();
        Ok(common_slots(&hosts, window, turn.now))
    }

    /// Whatever can matter to one of them, for all: the times are laid into what is free
    /// for all, so that what is in the way of one moves those of the rest.
    fn reading(&self, rules: &Rules, window: Interval) -> Interval {
        let others = self.others.iter().map(|other| &other.rules);
        let read = once(rules)
            .chain(others)
            .map(|rules| reading_window(rules, window, 0))
            .fold(window, |all, one| {
                let (start, end) = (all.start().min(one.start()), all.end().max(one.end()));
                Interval::new(start, end).unwrap_or(all)
            });
        with_a_day_around(read)
    }

    /// What is in the way of the lead, and of each of the others.
    async fn agendas(
        &self,
        read: Interval,
        turn: &Turn,
    ) -> Result<(Agenda, Vec<Agenda>), JointError> {
        let others = self.others.iter();
        let addresses: Vec<_> = others
            .map(|other| other.connection.email.as_str())
            .collect();
        let (desk, session, places) = (self.lead.desk, &self.lead.session, &self.lead.places);
        let held = self.others.iter().map(async |other| {
            let held = desk.held(&other.user, read, other.travel, places, turn);
            held.await.map_err(of(&other.user))
        });
        let (lead, schedules, held) = tokio::join!(
            self.lead.agenda_within(read, turn),
            session.schedules(&addresses, read, turn),
            try_join_all(held),
        );
        let lead = lead.map_err(of(&self.lead.user))?;
        let schedules = schedules.map_err(of(&self.lead.user))?;
        let told = self.others.iter().zip(schedules).zip(held?);
        let agendas = told.map(|((other, schedule), held)| {
            let busy = schedule.map_err(|source| JointError::Schedule {
                user: other.user.clone(),
                source,
            })?;
            Ok(held.beside(busy, None))
        });
        Ok((lead, agendas.collect::<Result<_, _>>()?))
    }
}

/// The error as that of one staff member.
fn of<E: Into<BookingError>>(user: &UserId) -> impl Fn(E) -> JointError {
    move |error| JointError::Staff {
        user: user.clone(),
        source: error.into(),
    }
}
