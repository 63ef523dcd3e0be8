//! Free and busy of several people at once (Microsoft Learn, "calendar: getSchedule").
//!
//! It tells of the default calendars of people of the asker's own organisation, as far
//! as these are shared, and can be some seconds behind them. What it does not tell
//! clearly is unknown, and unknown is never free: an error in place of a schedule, one
//! that is left out, an item without a time, and a summary that is busier than its
//! items, as of people who share only the summary.

use futures_util::future::try_join_all;
use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;

use super::super::MicrosoftError;
use super::super::id_token::PERSONAL_TENANT;
use super::event::WireTime;
use super::session::Session;
use crate::clock::Turn;
use crate::scheduling::{Busy, Interval, ShowAs, When};

/// How many people one request may ask about.
const MOST_ADDRESSES: usize = 20;

/// How much time one request asks about: it must be less than 62 days.
const LONGEST: SignedDuration = SignedDuration::from_hours(61 * 24);

/// How much time each character of the summary stands for.
const INTERVAL: SignedDuration = SignedDuration::from_mins(30);

/// What is in the way of somebody, or why that is unknown.
pub type Schedule = Result<Vec<Busy>, ScheduleError>;

/// Why a schedule is unknown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Microsoft does not tell it; the reason is its code.
    #[error("Microsoft does not tell the schedule ({0})")]
    Refused(String),
    #[error("the schedule is not in Microsoft's answer")]
    Missing,
    #[error("the schedule cannot be read: {0}")]
    Unreadable(&'static str),
}

/// Whether an account of one tenant can ask for the schedules of another's. Only the
/// accounts of one organisation can; personal ones share a tenant and nothing else.
pub fn shares_schedules(tenant: &str, other: &str) -> bool {
    tenant == other && tenant != PERSONAL_TENANT
}

impl Session<'_> {
    /// What is in the way of each of those people within the window, in their order.
    pub async fn schedules(
        &self,
        addresses: &[&str],
        window: Interval,
        turn: &Turn,
    ) -> Result<Vec<Schedule>, MicrosoftError> {
        let pieces = pieces(window);
        let groups = addresses.chunks(MOST_ADDRESSES);
        let asked = groups.map(|group| self.schedules_of_group(group, &pieces, turn));
        Ok(try_join_all(asked).await?.concat())
    }

    async fn schedules_of_group(
        &self,
        addresses: &[&str],
        pieces: &[Interval],
        turn: &Turn,
    ) -> Result<Vec<Schedule>, MicrosoftError> {
        let asked = pieces.iter();
        let asked = asked.map(|piece| self.schedules_in_piece(addresses, *piece, turn));
        let answers = try_join_all(asked).await?;
        let schedule = |address: &&str| {
            let answers = pieces.iter().zip(&answers);
            let parts = answers.map(|(piece, answer)| answer.schedule(address, *piece));
            Ok(parts.collect::<Result<Vec<_>, _>>()?.concat())
        };
        Ok(addresses.iter().map(schedule).collect())
    }

    async fn schedules_in_piece(
        &self,
        addresses: &[&str],
        piece: Interval,
        turn: &Turn,
    ) -> Result<Answer, MicrosoftError> {
        let bound = |at: Timestamp| {
            let date_time = at.strftime("%Y-%m-%dT%H:%M:%S").to_string();
            json!({"dateTime": date_time, "timeZone": "UTC"})
        };
        let question = json!({
            "schedules": addresses,
            "startTime": bound(piece.start()),
            "endTime": bound(piece.end()),
            "availabilityViewInterval": INTERVAL.as_mins(),
        });
        self.ask("get_schedule", "/me/calendar/getSchedule", &question, turn)
            .await
    }
}

/// The window in pieces that one request can ask about, each of whole intervals.
fn pieces(window: Interval) -> Vec<Interval> {
    let length = INTERVAL.as_secs();
    let whole = |second: i64| Timestamp::from_second(second * length);
    let first = whole(window.start().as_second().div_euclid(length));
    let last = whole(window.end().as_second().div_euclid(length) + 1);
    let (mut start, end) = (
        first.unwrap_or(window.start()),
        last.unwrap_or(window.end()),
    );
    let mut pieces = Vec::new();
    while start < end {
        let until = start.checked_add(LONGEST).unwrap_or(end).min(end);
        pieces.extend(Interval::new(start, until));
        start = until;
    }
    pieces
}

#[derive(Deserialize)]
struct Answer {
    value: Vec<Wire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    #[serde(default)]
    schedule_id: Option<String>,
    #[serde(default)]
    availability_view: Option<String>,
    #[serde(default)]
    schedule_items: Option<Vec<WireItem>>,
    #[serde(default)]
    error: Option<WireError>,
}

#[derive(Deserialize)]
struct WireItem {
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    start: Option<WireTime>,
    #[serde(default)]
    end: Option<WireTime>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireError {
    #[serde(default)]
    response_code: Option<String>,
}

impl Answer {
    /// What it tells of one of the people and the time that it was asked about.
    fn schedule(&self, address: &str, asked: Interval) -> Schedule {
        let own = self.value.iter().filter(|schedule| schedule.is_of(address));
        let told = own.map(|schedule| schedule.read(asked));
        let told = told.collect::<Result<Vec<_>, _>>()?;
        if told.is_empty() {
            return Err(ScheduleError::Missing);
        }
        Ok(told.concat())
    }
}

impl Wire {
    fn is_of(&self, address: &str) -> bool {
        let id = self.schedule_id.as_deref();
        id.is_some_and(|id| id.eq_ignore_ascii_case(address))
    }

    fn read(&self, asked: Interval) -> Schedule {
        if let Some(error) = &self.error {
            let code = error.response_code.clone();
            return Err(ScheduleError::Refused(code.unwrap_or_default()));
        }
        let (Some(items), Some(view)) = (&self.schedule_items, &self.availability_view) else {
            return Err(ScheduleError::Unreadable("a part of it is missing"));
        };
        let items = items.iter().map(WireItem::read).collect::<Option<Vec<_>>>();
        let items = items.ok_or(ScheduleError::Unreadable("the time of an item"))?;
        let items = items.concat();
        if explains(&items, view, asked) {
            Ok(items)
        } else {
            Err(ScheduleError::Unreadable("it is busier than its items"))
        }
    }
}

impl WireItem {
    /// The item as the slot engine weighs it. One from midnight to midnight may be an
    /// event of whole dates, which are its owner's dates and not these instants; it
    /// takes both.
    fn read(&self) -> Option<Vec<Busy>> {
        let (start, end) = (self.start.as_ref()?, self.end.as_ref()?);
        let time = Interval::new(start.instant()?, end.instant()?).ok()?;
        let (from, until) = (start.date_time()?, end.date_time()?);
        let mut busy = vec![Busy::at(time)];
        if [from, until].iter().all(|at| at.time() == Time::midnight()) {
            busy.push(Busy::all_day(from.date(), until.date()));
        }
        let show_as = ShowAs::from(self.status.as_deref().unwrap_or_default());
        for entry in &mut busy {
            entry.show_as = show_as;
        }
        Some(busy)
    }
}

/// Whether everything that the summary shows as taken is taken by an item. The summary
/// has a character for each interval, the gravest status in it; of those, 0 is free, 4
/// is working elsewhere, and 1 is tentative.
fn explains(items: &[Busy], view: &str, asked: Interval) -> bool {
    let mut shown = view.chars();
    let mut start = asked.start();
    while start < asked.end() {
        let end = start.checked_add(INTERVAL).unwrap_or(asked.end());
        let mut within = items.iter().filter(|item| touches(item, start, end));
        let is_explained = match shown.next() {
            Some('0' | '4') => true,
            Some('1') => within.any(|item| is_firm(item) || item.show_as == ShowAs::Tentative),
            Some(_) => within.any(is_firm),
            None => false,
        };
        if !is_explained {
            return false;
        }
        start = end;
    }
    true
}

fn touches(item: &Busy, start: Timestamp, end: Timestamp) -> bool {
    match item.when {
        When::At(time) => time.start() < end && (start < time.end() || start <= time.start()),
        When::AllDay { .. } => false,
    }
}

/// Whether it takes time whatever its owner says of tentative events.
fn is_firm(item: &Busy) -> bool {
    match item.show_as {
        ShowAs::Busy | ShowAs::OutOfOffice | ShowAs::Unknown => true,
        ShowAs::Free | ShowAs::WorkingElsewhere | ShowAs::Tentative => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    const DANA: &str = "dana@example.com";

    /// Two hours of 24 November 2026, from `08:00` UTC.
    fn asked() -> Interval {
        Interval::lasting("2026-11-24T08:00Z".parse().unwrap(), 120)
    }

    /// What the answer tells of Dana, as `start/end status` of each item; else why that
    /// is unknown.
    fn told(schedules: &[Value]) -> String {
        let answer: Answer = serde_json::from_value(json!({"value": schedules})).unwrap();
        let busy = match answer.schedule(DANA, asked()) {
            Err(error) => return error.to_string(),
            Ok(busy) => busy,
        };
        let entry = |busy: &Busy| match busy.when {
            When::At(time) => format!("{}/{} {:?}", time.start(), time.end(), busy.show_as),
            When::AllDay { start, end } => format!("{start}/{end} {:?}", busy.show_as),
        };
        busy.iter().map(entry).collect::<Vec<_>>().join(", ")
    }

    /// An item of that day, with its times in UTC.
    fn item(start: &str, end: &str, status: &str) -> Value {
        let at = |time: &str| {
            let date_time = format!("2026-11-{time}:00.0000000");
            json!({"dateTime": date_time, "timeZone": "UTC"})
        };
        json!({"status": status, "start": at(start), "end": at(end)})
    }

    fn schedule(view: &str, items: &[Value]) -> Value {
        json!({"scheduleId": DANA, "availabilityView": view, "scheduleItems": items})
    }

    /// From eight to half past, seen from Chicago under that name of its zone.
    fn in_zone(name: &str) -> Value {
        let at = |time: &str| json!({"dateTime": time, "timeZone": name});
        json!({"status": "busy", "start": at("2026-11-24T02:00"), "end": at("2026-11-24T02:30")})
    }

    #[test]
    fn a_schedule_is_its_items() {
        for (view, status, shown) in [
            ("2000", "busy", "Busy"),
            ("2000", "Busy", "Busy"),
            ("3000", "oof", "OutOfOffice"),
            ("1000", "tentative", "Tentative"),
            ("0000", "free", "Free"),
            ("4000", "workingElsewhere", "WorkingElsewhere"),
            ("2000", "asleep", "Unknown"),
            ("2000", "", "Unknown"),
            // The item counts, and so it does when the summary is freer.
            ("0000", "busy", "Busy"),
            ("1000", "busy", "Busy"),
        ] {
            let expected = format!("2026-11-24T08:00:00Z/2026-11-24T08:30:00Z {shown}");
            let items = [item("24T08:00", "24T08:30", status)];
            assert_eq!(told(&[schedule(view, &items)]), expected, "{status}");
        }
        let by_name = [in_zone("Central Standard Time")];
        assert_eq!(
            told(&[schedule("2000", &by_name)]),
            "2026-11-24T08:00:00Z/2026-11-24T08:30:00Z Busy"
        );
        let moment = [item("24T08:30", "24T08:30", "busy")];
        assert_eq!(
            told(&[schedule("0200", &moment)]),
            "2026-11-24T08:30:00Z/2026-11-24T08:30:00Z Busy"
        );
        let dates = [item("24T00:00", "25T00:00", "oof")];
        assert_eq!(
            told(&[schedule("3333", &dates)]),
            "2026-11-24T00:00:00Z/2026-11-25T00:00:00Z OutOfOffice, 2026-11-24/2026-11-25 OutOfOffice"
        );
        let nulls = json!({
            "scheduleId": "Dana@Example.com", "availabilityView": "0000", "error": null,
            "scheduleItems": [], "workingHours": null,
        });
        assert_eq!(told(&[nulls]), "");
    }

    #[test]
    fn a_summary_that_is_busier_than_the_items_is_unknown() {
        let with = |status| vec![item("24T08:00", "24T08:30", status)];
        for (view, items) in [
            ("0220", vec![]),
            ("2200", with("busy")),
            ("2000", with("free")),
            ("2000", with("workingElsewhere")),
            ("2000", with("tentative")),
            ("1000", with("free")),
            ("0001", vec![]),
            ("00?0", vec![]),
            ("000", vec![]),
            ("", vec![]),
        ] {
            let expected = "the schedule cannot be read: it is busier than its items";
            assert_eq!(
                told(&[schedule(view, &items)]),
                expected,
                "{view} {items:?}"
            );
        }
    }

    #[test]
    fn what_is_not_told_clearly_is_unknown() {
        let no_part = "the schedule cannot be read: a part of it is missing";
        let no_time = "the schedule cannot be read: the time of an item";
        let missing = "the schedule is not in Microsoft's answer";
        let backwards = item("24T09:00", "24T08:00", "busy");
        let refused = json!({
            "scheduleId": DANA, "availabilityView": "0000", "scheduleItems": [],
            "error": {"responseCode": "ErrorMailRecipientNotFound", "message": "Unable"},
        });
        let of =
            |id: Value| json!({"scheduleId": id, "availabilityView": "0000", "scheduleItems": []});
        for (schedules, expected) in [
            (vec![], missing),
            (vec![of(json!("pat@example.com")), of(Value::Null)], missing),
            (
                vec![json!({"scheduleId": DANA, "scheduleItems": []})],
                no_part,
            ),
            (
                vec![
                    json!({"scheduleId": DANA, "availabilityView": "0000", "scheduleItems": null}),
                ],
                no_part,
            ),
            (vec![schedule("0000", &[backwards])], no_time),
            (vec![schedule("0000", &[in_zone("Somewhere")])], no_time),
            (
                vec![schedule(
                    "0000",
                    &[json!({"status": "free", "start": null})],
                )],
                no_time,
            ),
            (
                vec![refused.clone()],
                "Microsoft does not tell the schedule (ErrorMailRecipientNotFound)",
            ),
            // One of two that cannot be had is enough.
            (
                vec![schedule("0000", &[]), refused],
                "Microsoft does not tell the schedule (ErrorMailRecipientNotFound)",
            ),
            (
                vec![json!({"scheduleId": DANA, "error": {}})],
                "Microsoft does not tell the schedule ()",
            ),
        ] {
            assert_eq!(told(&schedules), expected, "{schedules:?}");
        }
    }

    #[test]
    fn a_window_is_asked_about_in_pieces_without_a_gap() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        for (start, end, count) in [
            ("2026-11-24T08:10Z", "2026-11-24T08:10:01Z", 1),
            ("2026-11-24T08:00Z", "2027-01-23T08:00Z", 1),
            ("2026-11-24T08:00Z", "2027-01-24T08:00Z", 2),
            ("2026-11-24T08:00Z", "2027-05-24T08:00Z", 3),
        ] {
            let window = Interval::new(at(start), at(end)).unwrap();
            let pieces = pieces(window);
            assert_eq!(pieces.len(), count, "{window:?}");
            let (first, last) = (pieces[0], pieces[count - 1]);
            assert!(first.start() <= window.start() && window.end() <= last.end());
            for piece in &pieces {
                assert!(piece.duration() <= LONGEST, "{piece:?}");
                assert_eq!(piece.duration().as_secs() % INTERVAL.as_secs(), 0);
            }
            for pair in pieces.windows(2) {
                assert_eq!(pair[0].end(), pair[1].start());
            }
        }
        let all = Interval::new(Timestamp::MIN, Timestamp::MAX).unwrap();
        assert_eq!(
            pieces(all).last().map(|last| last.end()),
            Some(Timestamp::MAX)
        );
    }

    #[test]
    fn schedules_are_shared_within_an_organisation_only() {
        assert!(shares_schedules("a", "a"));
        assert!(!shares_schedules("a", "b"));
        assert!(!shares_schedules(PERSONAL_TENANT, PERSONAL_TENANT));
    }
}
