//! Several hosts, of whom one is enough: who is free when, and whose turn it is.
//!
//! All of them at once is [`common_slots`](super::common_slots).

use jiff::Timestamp;

use super::{
    busy::{Busy, When},
    clock::{day_number, midnight_in},
    interval::Interval,
    rules::Rules,
    slots::open_slots,
};

/// A host: their rules and what is in the way.
#[derive(Clone, Copy, Debug)]
pub struct Host<'a> {
    /// What the host allows.
    pub rules: &'a Rules,
    /// The host's entries, in any order.
    pub busy: &'a [Busy],
}

/// A start that one host can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offer {
    /// When the viewing would start.
    pub start: Timestamp,
    /// The host's place in the list of hosts.
    pub host: usize,
}

/// Every start that some host can take, once for each of those hosts, by start
/// and then by place in the list. Each host's own length and grid apply.
pub fn any_host_slots(hosts: &[Host<'_>], window: Interval, now: Timestamp) -> Vec<Offer> {
    let mut offers = Vec::new();
    for (host, Host { rules, busy }) in hosts.iter().enumerate() {
        let starts = open_slots(rules, busy, window, now);
        offers.extend(starts.into_iter().map(|start| Offer { start, host }));
    }
    // Stable, since it makes use of the runs that are in order already.
    offers.sort();
    offers
}

/// Every start that some host can take, once, with the host whose turn it is.
///
/// It is the turn of the host with the fewest bookings of ours among their
/// entries, then of the one whose latest booking is the earliest (none is
/// earliest of all), then of the first in the list. Bookings count as they do
/// for the limits of a day, so a cancelled one does not, and each start is
/// judged for itself, since one of them is going to be booked.
///
/// ```
/// use jiff::{Timestamp, tz::TimeZone};
/// use shared::scheduling::{Busy, Host, Interval, Rules, rotating_slots};
///
/// let at = |text: &str| text.parse::<Timestamp>();
/// let rules = Rules::new(TimeZone::UTC);
/// let mut viewing = Busy::at(Interval::lasting(at("2026-06-16T09:00Z")?, 30));
/// viewing.own = true;
/// let busy = [viewing];
/// let hosts = [Host { rules: &rules, busy: &busy }, Host { rules: &rules, busy: &[] }];
///
/// let window = Interval::lasting(at("2026-06-16T10:00Z")?, 30);
/// let offers = rotating_slots(&hosts, window, at("2026-06-15T00:00Z")?);
/// assert_eq!(offers.len(), 1);
/// assert_eq!(offers[0].host, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn rotating_slots(hosts: &[Host<'_>], window: Interval, now: Timestamp) -> Vec<Offer> {
    let mut offers = any_host_slots(hosts, window, now);
    let mut order: Vec<usize> = (0..hosts.len()).collect();
    order.sort_by_cached_key(|host| hosts.get(*host).map(|host| load(*host, now)));
    let mut turn: Vec<usize> = vec![0; hosts.len()];
    for (place, host) in order.into_iter().enumerate() {
        if let Some(slot) = turn.get_mut(host) {
            *slot = place;
        }
    }
    offers.sort_by_key(|offer| (offer.start, turn.get(offer.host).copied()));
    offers.dedup_by_key(|offer| offer.start);
    offers
}

/// How many bookings a host has, and when the latest starts.
fn load(host: Host<'_>, now: Timestamp) -> (usize, Option<Timestamp>) {
    let starts = host
        .busy
        .iter()
        .filter(|entry| entry.is_booking(host.rules, now))
        .map(|entry| match entry.when {
            When::At(interval) => interval.start(),
            When::AllDay { start, .. } => midnight_in(&host.rules.zone, day_number(start)),
        });
    starts.fold((0, None), |(count, latest), start| {
        (count + 1, latest.max(Some(start)))
    })
}
