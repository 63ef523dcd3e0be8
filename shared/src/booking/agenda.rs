//! A staff member's calendar, opened for one turn, and what it holds, read live:
//! the events at Microsoft, and what our ledger knows that they may not show yet.

use jiff::{SignedDuration, Timestamp};

use super::desk::Desk;
use super::error::BookingError;
use super::staff_rules::rules_of;
use super::trip::Trip;
use crate::clock::Turn;
use crate::ids::{AppointmentId, EventId, UserId};
use crate::microsoft::{CalendarEvent, MicrosoftError, Session, live};
use crate::roads::Drives;
use crate::scheduling::{Busy, Host, Interval, Rules, Travel, Way, When, open_slots};
use crate::store::{
    Account, Appointment, Connection, OnRecord, Place, Registered, StaffRules, StoreError, Taken,
    Wanted,
};

/// The calendar of one staff member, ready to be read.
pub struct Calendar<'a> {
    pub(super) user: UserId,
    /// When viewings may be.
    pub rules: Rules,
    /// The version of what the staff member chose of them.
    pub rules_version: i64,
    /// How the staff member gets from one viewing to the next, if that is to count.
    pub(super) travel: Option<Travel>,
    /// Where the viewings may be that it is opened for.
    pub(super) places: Vec<Place>,
    /// The name of whom it is of.
    pub(super) host: String,
    /// The account that it is of.
    pub(super) account: Account,
    pub(super) desk: &'a Desk,
    pub(super) session: Session<'a>,
}

/// What is in the way of viewings within a window.
pub struct Agenda(Vec<Busy>);

/// An event, and the appointment that it was booked for.
pub struct ListedEvent {
    pub event: CalendarEvent,
    pub appointment_id: Option<AppointmentId>,
}

/// What is on record of a staff member whose calendar is connected.
#[derive(Clone, Debug)]
pub struct StaffFile {
    pub(super) user: UserId,
    pub(super) connection: Connection,
    pub(super) chosen: StaffRules,
}

impl StaffFile {
    /// What is on record of a staff member, if their calendar can be used.
    pub fn of(user: &UserId, on_record: OnRecord) -> Result<Self, BookingError> {
        Ok(Self {
            user: user.clone(),
            connection: live(on_record.connection?)?,
            chosen: on_record.rules?,
        })
    }
}

impl Desk {
    /// Reads what is on record of a staff member.
    pub async fn file(&self, user: &UserId) -> Result<StaffFile, BookingError> {
        let on_record = self.registry.of_staff(user).await?;
        StaffFile::of(user, on_record)
    }

    /// Reads whatever is wanted of what is on record.
    pub async fn on_record(&self, wanted: Wanted<'_>) -> Result<Registered, BookingError> {
        Ok(self.registry.read(wanted).await?)
    }

    /// Opens the calendar of the staff member whom a file is about.
    pub async fn open(&self, file: StaffFile, turn: &Turn) -> Result<Calendar<'_>, BookingError> {
        let chosen = file.chosen;
        let (connection, session) = self.accounts.open(file.connection, turn).await?;
        Ok(Calendar {
            rules: rules_of(&chosen.settings, &connection.mailbox, &self.default_zone),
            rules_version: chosen.version,
            travel: chosen.settings.travel,
            places: Vec::new(),
            account: connection.account(),
            host: connection.name,
            user: file.user,
            desk: self,
            session,
        })
    }

    /// Opens the calendar of a staff member.
    pub async fn calendar(&self, user: &UserId, turn: &Turn) -> Result<Calendar<'_>, BookingError> {
        let file = self.file(user).await?;
        self.open(file, turn).await
    }
}

impl Calendar<'_> {
    /// Whose it is.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// Refuses a viewing whose event is in the calendar of another account: what is not
    /// found here says nothing of it.
    pub(super) fn must_hold(&self, viewing: &Appointment) -> Result<(), MicrosoftError> {
        match &viewing.account {
            Some(account) if *account != self.account => Err(MicrosoftError::AnotherAccount),
            Some(_) | None => Ok(()),
        }
    }

    /// The same calendar, for viewings of that property; for one that is in any of them,
    /// while it is not known which.
    #[must_use]
    pub fn for_viewings_at(self, places: Vec<Place>) -> Self {
        Self { places, ..self }
    }

    /// Where the viewings may be that it was opened for.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// How the ledger keeps the way to a viewing clear when it is claimed. Roads are asked
    /// about when the calendar is looked at.
    pub(super) fn claimed_travel(&self) -> Option<Travel> {
        match self.travel {
            Some(travel) if self.goes_by_road() => Some(travel.at_best()),
            travel => travel,
        }
    }

    /// Whether ways count, and a routing service may know them.
    pub(super) fn goes_by_road(&self) -> bool {
        self.travel.is_some() && self.desk.roads.are_known()
    }

    /// Reads what is in the way of viewings within the window.
    pub async fn agenda(&self, window: Interval, turn: &Turn) -> Result<Agenda, BookingError> {
        self.agenda_within(self.reads(window), turn).await
    }

    /// What is in the way of that appointment within the window: neither what it holds
    /// itself nor its event.
    pub(super) async fn agenda_of(
        &self,
        appointment: &Appointment,
        window: Interval,
        turn: &Turn,
    ) -> Result<Agenda, BookingError> {
        let places = appointment.place.as_slice();
        let read = self.read(self.reads(window), places, turn).await?;
        let (id, event) = (&appointment.appointment_id, appointment.event_id.as_ref());
        Ok(read.without(Some(id), event))
    }

    /// What is in the way of an event that is no viewing.
    pub(super) async fn agenda_of_event(
        &self,
        event: &EventId,
        window: Interval,
        turn: &Turn,
    ) -> Result<Agenda, BookingError> {
        let read = self.read(self.reads(window), &self.places, turn).await?;
        Ok(read.without(None, Some(event)))
    }

    /// What is in the way within that very time, whatever the rules say to read.
    pub(super) async fn agenda_within(
        &self,
        read: Interval,
        turn: &Turn,
    ) -> Result<Agenda, BookingError> {
        let read = self.read(read, &self.places, turn).await?;
        Ok(read.without(None, None))
    }

    async fn read<'p>(
        &self,
        window: Interval,
        places: &'p [Place],
        turn: &Turn,
    ) -> Result<Read<'p>, BookingError> {
        let (events, held) = tokio::join!(
            self.session.busy_view(window, turn),
            self.desk
                .held(&self.user, window, self.travel, places, turn)
        );
        Ok(Read {
            events: events?,
            held: held?,
        })
    }

    /// Reads what the calendar itself has within the window.
    pub(super) async fn busy(
        &self,
        window: Interval,
        turn: &Turn,
    ) -> Result<Vec<Busy>, BookingError> {
        let events = self.session.busy_view(window, turn).await?;
        Ok(events.iter().map(CalendarEvent::busy).collect())
    }

    /// Reads the events that overlap the window, for people to look at.
    pub async fn events(
        &self,
        window: Interval,
        turn: &Turn,
    ) -> Result<Vec<ListedEvent>, BookingError> {
        // A viewing that overlaps the window can have started before it.
        let started = with_a_day_around(window);
        let (events, appointments) = tokio::join!(
            self.session.full_view(window, turn),
            self.desk.appointments.starting_in(&self.user, started)
        );
        let appointments = appointments?;
        let listed = events?.into_iter().map(|event| {
            let mut all = appointments.iter();
            let booked = all.find(|appointment| appointment.event_id.as_ref() == Some(&event.id));
            ListedEvent {
                appointment_id: booked.map(|appointment| appointment.appointment_id.clone()),
                event,
            }
        });
        Ok(listed.collect())
    }
}

/// What the ledger has of a staff member, and how they get from there to a new viewing.
pub(super) struct Held<'p> {
    taken: Vec<Taken>,
    trip: Trip<'p>,
}

impl Desk {
    /// What is taken or held within the window, for a new viewing at one of the places.
    pub(super) async fn held<'p>(
        &self,
        user: &UserId,
        window: Interval,
        travel: Option<Travel>,
        places: &'p [Place],
        turn: &Turn,
    ) -> Result<Held<'p>, StoreError> {
        let taken = self.ledger.taken(user, window, turn.now).await?;
        let drives = match travel {
            Some(_) => {
                let from = taken
                    .iter()
                    .filter_map(|taken| taken.place.as_ref()?.position);
                let to = places.iter().filter_map(|place| place.position);
                self.roads
                    .drives(&from.collect(), &to.collect(), turn)
                    .await
            }
            None => Drives::default(),
        };
        let trip = Trip {
            travel,
            places,
            drives,
        };
        Ok(Held { taken, trip })
    }
}

impl Held<'_> {
    /// Puts it beside what is in the calendar, but for what that appointment holds itself.
    pub(super) fn beside(&self, mut busy: Vec<Busy>, own: Option<&AppointmentId>) -> Agenda {
        let taken = self.taken.iter();
        for taken in taken.filter(|taken| Some(&taken.appointment_id) != own) {
            self.trip.add(&mut busy, taken);
        }
        Agenda(busy)
    }
}

/// Both sources of an agenda.
struct Read<'p> {
    events: Vec<CalendarEvent>,
    held: Held<'p>,
}

impl Read<'_> {
    fn without(&self, own: Option<&AppointmentId>, event: Option<&EventId>) -> Agenda {
        let others = self.events.iter().filter(|other| Some(&other.id) != event);
        self.held
            .beside(others.map(CalendarEvent::busy).collect(), own)
    }
}

impl Agenda {
    /// Whether a viewing at that time can be reached from the others that the ledger knows,
    /// and they from it. Whether they overlap is the ledger's to say.
    pub(super) fn leaves_the_way_clear(&self, time: Interval) -> bool {
        self.0.iter().filter(|busy| busy.own).all(|other| {
            let (When::At(viewing), Way::Minutes(minutes)) = (&other.when, other.way) else {
                return true;
            };
            let apart = time.start().duration_since(viewing.end());
            let apart = apart.max(viewing.start().duration_since(time.end()));
            apart >= SignedDuration::from_mins(i64::from(minutes)) || minutes == 0
        })
    }

    /// What those events say, without what the ledger knows.
    pub(super) fn of_events<'a>(events: impl Iterator<Item = &'a CalendarEvent>) -> Self {
        Self(events.map(CalendarEvent::busy).collect())
    }

    /// As what a host of those rules has in their way.
    pub(super) fn host<'a>(&'a self, rules: &'a Rules) -> Host<'a> {
        Host {
            rules,
            busy: &self.0,
        }
    }

    /// The starts within the window that are open by `rules`, in order.
    pub fn open_slots(&self, rules: &Rules, window: Interval, now: Timestamp) -> Vec<Timestamp> {
        open_slots(rules, &self.0, window, now)
    }
}

/// All-day events are dates, and Graph compares the window with its own idea of
/// where a date begins; a day more on both sides misses none. It is also as far as
/// somebody can come from to a viewing.
pub(super) fn with_a_day_around(window: Interval) -> Interval {
    const DAY: u32 = 24 * 60;
    window.widened(DAY, DAY)
}
