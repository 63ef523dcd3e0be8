//! A calendar that is read when a call begins, so that the first question of the
//! caller needs no round trip to Microsoft.
//!
//! It serves once, for two minutes, and only to offer times: a booking always looks at
//! the calendar itself. What our ledger holds is read when it is asked for.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use super::agenda::{Agenda, Calendar};
use super::desk::Desk;
use super::error::BookingError;
use super::staff_rules::rules_of;
use crate::clock::Turn;
use crate::ids::UserId;
use crate::scheduling::{Interval, reading_window};
use crate::store::{Ahead, Calls, Mailbox};

/// How far ahead is read: what callers ask for is mostly within two weeks.
const READ: SignedDuration = SignedDuration::from_hours(15 * 24);

/// What is known of a staff member without looking at their calendar.
#[derive(Debug)]
pub struct About {
    pub name: Option<String>,
    pub zone: TimeZone,
}

impl Desk {
    /// What is known of a staff member, as far as anything is.
    pub async fn about(&self, user: &UserId) -> About {
        let Ok(on_record) = self.registry.of_staff(user).await else {
            let zone = self.default_zone.clone();
            return About { name: None, zone };
        };
        let (name, mailbox) = match on_record.connection {
            Ok(Some(connection)) => (Some(connection.name), connection.mailbox),
            Ok(None) | Err(_) => (None, Mailbox::default()),
        };
        let zone = match on_record.rules {
            Ok(chosen) => rules_of(&chosen.settings, &mailbox, &self.default_zone).zone,
            Err(_) => self.default_zone.clone(),
        };
        About { name, zone }
    }
}

impl Calendar<'_> {
    /// Reads the calendar ahead for a call.
    pub async fn read_ahead(
        &self,
        call: &str,
        calls: &Calls,
        turn: &Turn,
    ) -> Result<(), BookingError> {
        let until = super::later(turn.now, READ);
        let window = Interval::new(turn.now, until).unwrap_or(Interval::lasting(turn.now, 0));
        let window = self.reads(window);
        let ahead = Ahead {
            window,
            busy: self.busy(window, turn).await?,
            read_at: turn.now,
        };
        Ok(calls.keep_ahead(call, &self.user, &ahead).await?)
    }

    /// What is in the way of viewings within the window, from what was read ahead where
    /// that covers it.
    pub async fn agenda_with(
        &self,
        ahead: Option<Ahead>,
        window: Interval,
        turn: &Turn,
    ) -> Result<Agenda, BookingError> {
        let wanted = self.reads(window);
        match ahead.filter(|ahead| covers(ahead.window, wanted)) {
            Some(ahead) => {
                let (desk, places) = (self.desk, self.places.as_slice());
                let held = desk.held(&self.user, wanted, self.travel, places, turn);
                Ok(held.await?.beside(ahead.busy, None))
            }
            None => self.agenda_within(wanted, turn).await,
        }
    }

    /// What has to be read to judge times within the window.
    pub(super) fn reads(&self, window: Interval) -> Interval {
        super::agenda::with_a_day_around(reading_window(&self.rules, window, 0))
    }
}

fn covers(outer: Interval, inner: Interval) -> bool {
    outer.start() <= inner.start() && inner.end() <= outer.end()
}
