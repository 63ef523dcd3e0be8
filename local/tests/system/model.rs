//! Random stories against a simple model: callers book, move, cancel and repeat
//! themselves, people edit in Outlook, services fail and functions die, time passes.
//! After each step, what was told to callers must be so; when all is settled,
//! appointments, ledger and calendars must agree.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, ToSpan};
use local::defaults::ASSISTANT;
use local::faults::Moment;
use local::soundness::{meet, tag};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use reqwest::Method;
use serde_json::{Value, json};
use shared::store::{Appointment, Status, What};

use crate::invariants::{appointments, assert_sound};
use crate::system::TestSystem;
use crate::voice::{Call, Heard, deliver, heard};

/// Stories in all, over the workers, half of them with ways between viewings. A story
/// mostly waits, for what fails to be tried again.
const STORIES: u32 = 2_000;
const WORKERS: u32 = 8;

/// Stories that one system lives through, a week each.
const STORIES_OF_A_SYSTEM: u32 = 25;

const STAFF: [(&str, &str); 2] = [
    ("demo", "demo@lakeside.example"),
    ("pat", "pat@lakeside.example"),
];

/// What each of them shows; in the inventory of one half of the stories, where the way
/// from one to the other takes forty minutes.
const HOMES: [[&str; 2]; 2] = [
    ["16 Mill Lane", "120 Maple Street"],
    ["9 Elm Court", "77 Pecan Street"],
];

/// The half hours of Tuesday from nine that a story is about.
const SLOTS: u8 = 5;
const CALLERS: u8 = 3;

#[derive(Clone, Debug)]
enum Step {
    Book {
        caller: u8,
        staff: u8,
        slot: u8,
    },
    Move {
        viewing: u8,
        slot: u8,
    },
    Cancel {
        viewing: u8,
    },
    /// The last delivery once more, under the same ids.
    Replay,
    Reconcile,
    Wait {
        minutes: u8,
    },
    OutlookMove {
        viewing: u8,
        slot: u8,
    },
    OutlookDelete {
        viewing: u8,
    },
    OutlookAdd {
        staff: u8,
        slot: u8,
    },
    /// The next request of that kind fails.
    Fault {
        operation: u8,
        effect: u8,
        after: bool,
    },
    /// The functions die at that effect of the next step.
    Crash {
        effect: u8,
        after: bool,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..CALLERS, 0..2_u8, 0..SLOTS)
            .prop_map(|(caller, staff, slot)| Step::Book { caller, staff, slot }),
        3 => (0..4_u8, 0..SLOTS).prop_map(|(viewing, slot)| Step::Move { viewing, slot }),
        2 => (0..4_u8).prop_map(|viewing| Step::Cancel { viewing }),
        2 => Just(Step::Replay),
        2 => Just(Step::Reconcile),
        2 => (1..8_u8).prop_map(|minutes| Step::Wait { minutes }),
        1 => (0..4_u8, 0..SLOTS).prop_map(|(viewing, slot)| Step::OutlookMove { viewing, slot }),
        1 => (0..4_u8).prop_map(|viewing| Step::OutlookDelete { viewing }),
        1 => (0..2_u8, 0..SLOTS).prop_map(|(staff, slot)| Step::OutlookAdd { staff, slot }),
        2 => (0..8_u8, 0..4_u8, any::<bool>())
            .prop_map(|(operation, effect, after)| Step::Fault { operation, effect, after }),
        2 => (1..7_u8, any::<bool>()).prop_map(|(effect, after)| Step::Crash { effect, after }),
    ]
}

/// What a caller was told of a viewing, by the id of its appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// It is booked at that time, and nothing was said or done since.
    At(Timestamp),
    Cancelled,
    /// Something is under way, or somebody edited it in Outlook.
    Open,
}

/// One story under way.
struct Story<'a> {
    system: &'a TestSystem,
    /// Tells its calls from those of other stories.
    name: String,
    tuesday: Timestamp,
    told: BTreeMap<String, Told>,
    last: Option<Value>,
    /// Whether a person put viewings over each other.
    edited: bool,
}

impl Story<'_> {
    fn slot(&self, slot: u8) -> Timestamp {
        self.tuesday + SignedDuration::from_mins(30 * i64::from(slot))
    }

    fn call(&self, caller: u8) -> Call {
        let mut call = Call::new(&format!("{} call {caller}", self.name));
        call.number = format!("+1512555{:04}", 100 + u32::from(caller));
        call
    }

    /// The rows of this story, in order of their making.
    async fn rows(&self) -> Vec<Appointment> {
        let mut rows = appointments(self.system).await;
        rows.retain(|row| {
            row.call_id
                .as_ref()
                .is_some_and(|id| id.starts_with(&self.name))
        });
        rows.sort_by_key(|row| (row.created_at, row.appointment_id.clone()));
        rows
    }

    async fn viewing(&self, index: u8) -> Option<Appointment> {
        let rows = self.rows().await;
        let live: Vec<Appointment> = rows.into_iter().filter(Appointment::is_live).collect();
        live.get(usize::from(index) % live.len().max(1)).cloned()
    }

    async fn tool(&mut self, call: &Call, name: &str, arguments: Value) -> Heard {
        let id = format!("{}", uuid::Uuid::new_v4());
        let delivery = call.delivery(&[(&id, name, arguments)]);
        self.last = Some(delivery.clone());
        self.deliver(&delivery).await
    }

    async fn deliver(&self, delivery: &Value) -> Heard {
        let answer = deliver(self.system, delivery).await;
        let [heard] = heard(&answer).try_into().unwrap();
        heard
    }

    async fn take(&mut self, step: &Step) -> String {
        match step {
            Step::Book {
                caller,
                staff,
                slot,
            } => {
                let call = self.call(*caller);
                let (user, _) = STAFF[usize::from(*staff)];
                let home = HOMES[usize::from(*staff)][usize::from(*caller % 2)];
                let arguments = json!({
                    "user_id": user, "start_time": self.slot(*slot).to_string(),
                    "attendee_name": "Casey Caller", "property_address": home,
                });
                self.tool(&call, "set_appointment", arguments).await.text
            }
            Step::Move { viewing, slot } => {
                let Some(row) = self.viewing(*viewing).await else {
                    return String::new();
                };
                let arguments = json!({
                    "user_id": row.user_id, "confirmation_code": row.confirmation_code,
                    "new_start_time": self.slot(*slot).to_string(),
                });
                let call = self.call(7);
                self.tool(&call, "reschedule_appointment", arguments)
                    .await
                    .text
            }
            Step::Cancel { viewing } => {
                let Some(row) = self.viewing(*viewing).await else {
                    return String::new();
                };
                let arguments = json!({
                    "user_id": row.user_id, "confirmation_code": row.confirmation_code,
                });
                let call = self.call(8);
                self.tool(&call, "cancel_appointment", arguments).await.text
            }
            Step::Replay => match self.last.clone() {
                Some(delivery) => self.deliver(&delivery).await.text,
                None => String::new(),
            },
            Step::Reconcile => {
                // A service that fails is tried again a minute later.
                let _ = self.system.local.reconcile().await;
                String::new()
            }
            Step::Wait { minutes } => {
                self.system.pass(i64::from(*minutes));
                String::new()
            }
            Step::OutlookMove { viewing, slot } => {
                let to = self.slot(*slot);
                let change = json!({"start": to, "end": to + SignedDuration::from_mins(30)});
                self.edit(*viewing, Method::PATCH, &change).await
            }
            Step::OutlookDelete { viewing } => {
                self.edit(*viewing, Method::DELETE, &Value::Null).await
            }
            Step::OutlookAdd { staff, slot } => {
                let (_, account) = STAFF[usize::from(*staff)];
                let start = self.slot(*slot);
                let event = json!({"start": start, "end": start + SignedDuration::from_mins(30)});
                let path = format!("/mailboxes/{account}/events");
                self.system.control(Method::POST, &path, &event).await;
                self.edited = true;
                String::new()
            }
            Step::Fault {
                operation,
                effect,
                after,
            } => {
                self.fail(*operation, *effect, *after).await;
                String::new()
            }
            Step::Crash { effect, after } => {
                let moment = if *after {
                    Moment::After
                } else {
                    Moment::Before
                };
                self.system.local.fuse.blow_at(u64::from(*effect), moment);
                String::new()
            }
        }
    }

    /// A person changes or removes the event of a viewing.
    async fn edit(&mut self, viewing: u8, method: Method, change: &Value) -> String {
        let Some(row) = self.viewing(viewing).await else {
            return String::new();
        };
        let Some(event) = &row.event_id else {
            return String::new();
        };
        let (_, account) = STAFF
            .iter()
            .find(|(user, _)| *user == row.user_id.as_str())
            .unwrap();
        let base = self.system.local.microsoft.as_ref().unwrap();
        let path = format!("{base}/control/mailboxes/{account}/events/{event}");
        let mut request = self.system.request(method, &path);
        if !change.is_null() {
            request = request.json(change);
        }
        // It may be gone already.
        let _ = request.send().await.unwrap();
        self.told.insert(row.appointment_id.to_string(), Told::Open);
        self.edited = true;
        String::new()
    }

    async fn fail(&self, operation: u8, effect: u8, after: bool) {
        let effects = [
            json!("cut"),
            json!({"html": 500}),
            json!({"error": {"status": 503}}),
            json!({"error": {"status": 429, "retry_after": "60"}}),
        ];
        // Who throttles has done nothing; all else leaves that open.
        let moment = if after && effect != 3 {
            "after"
        } else {
            "before"
        };
        let effect = &effects[usize::from(effect)];
        let microsoft = [
            "create_event",
            "update_event",
            "delete_event",
            "calendar_view",
            "get_event",
            "list_events",
        ];
        if let Some(operation) = microsoft.get(usize::from(operation)) {
            let rule = json!({
                "operation": operation, "trigger": {"first": 1}, "moment": moment, "effect": effect,
            });
            self.system.fault(&rule).await;
            return;
        }
        let operation = ["transact_write_items", "put_item"][usize::from(operation % 2)];
        let effect = json!({"error": {"status": 500}});
        // The SDK tries three times.
        let rule = json!({
            "operation": operation, "trigger": {"first": 3}, "moment": moment, "effect": effect,
        });
        self.system.aws_fault(&rule).await;
    }

    /// Notes what the caller was told.
    fn hear(&mut self, text: &str, before: &[Appointment], after: &[Appointment]) {
        if text.is_empty() {
            return;
        }
        for row in after {
            let id = row.appointment_id.to_string();
            let known = before
                .iter()
                .find(|known| known.appointment_id == row.appointment_id);
            if known == Some(row) && !text.starts_with("Booked for") {
                continue;
            }
            let told = match (row.status, &row.change) {
                // A move that is refused says nothing new of the event.
                (Status::Confirmed, None) if was_not_moved(row) => continue,
                (Status::Confirmed, None) => Told::At(row.start),
                (Status::Cancelled, _) if text.contains("is cancelled") => Told::Cancelled,
                _ => Told::Open,
            };
            let is_news = known != Some(row);
            if is_news {
                self.told.insert(id, told);
            }
        }
    }

    /// What a caller was told is booked has exactly one event, at that time.
    async fn check_events(&self, rows: &[Appointment]) -> Result<(), TestCaseError> {
        for (user, account) in STAFF {
            let told: Vec<(&str, Timestamp)> = rows
                .iter()
                .filter(|row| row.user_id.as_str() == user)
                .filter_map(|row| match self.told.get(row.appointment_id.as_str()) {
                    Some(Told::At(start)) => Some((row.appointment_id.as_str(), *start)),
                    _ => None,
                })
                .collect();
            if told.is_empty() {
                continue;
            }
            let mailbox = self.system.mailbox(account).await;
            let events = mailbox["events"].as_array().unwrap();
            for (id, start) in told {
                let own: Vec<&Value> = events
                    .iter()
                    .filter(|event| tag(event) == Some(id) && event["is_cancelled"] != true)
                    .collect();
                prop_assert_eq!(own.len(), 1, "{} {:#?}", id, own);
                prop_assert_eq!(&own[0]["start"], &json!(start.to_string()), "{}", id);
            }
        }
        Ok(())
    }

    /// What was told must be so.
    fn check(&self, step: &Step, text: &str, rows: &[Appointment]) -> Result<(), TestCaseError> {
        if text.starts_with("Booked for") {
            let (start, caller) = match step {
                Step::Book { slot, caller, .. } => (Some(self.slot(*slot)), Some(*caller)),
                _ => (None, None),
            };
            let is_it = |row: &&Appointment| {
                start.is_none_or(|start| {
                    row.history.iter().any(|e| e.from == Some(start)) || row.start == start
                }) && caller
                    .is_none_or(|caller| row.call_id.as_deref() == Some(&self.call(caller).id))
            };
            let booked = rows
                .iter()
                .filter(is_it)
                .any(|row| matches!(row.status, Status::Confirmed | Status::Cancelled));
            prop_assert!(booked, "told {text:?}, but {rows:#?}");
        }
        for row in rows {
            match self.told.get(row.appointment_id.as_str()) {
                Some(Told::At(start)) => {
                    prop_assert_eq!(row.status, Status::Confirmed, "{:#?}", row);
                    prop_assert_eq!(row.start, *start, "{:#?}", row);
                }
                Some(Told::Cancelled) => {
                    prop_assert_eq!(row.status, Status::Cancelled, "{:#?}", row);
                }
                Some(Told::Open) | None => {}
            }
        }
        if !self.edited {
            for (index, one) in rows.iter().enumerate().filter(|(_, row)| row.is_live()) {
                for other in rows.iter().skip(index + 1).filter(|row| row.is_live()) {
                    let meet = one.user_id == other.user_id && meet(one, other);
                    let held = one.status == Status::Pending || other.status == Status::Pending;
                    prop_assert!(!meet || held, "two viewings meet: {one:#?} {other:#?}");
                }
            }
        }
        Ok(())
    }
}

/// Whether the last that happened was a move that did not come about.
fn was_not_moved(row: &Appointment) -> bool {
    let last = row.history.last();
    last.is_some_and(|last| last.what == What::MoveAbandoned)
}

/// Lives through a story, and settles it.
async fn live(system: &TestSystem, steps: &[Step]) -> Result<(), TestCaseError> {
    // Every story has a week of its own, in which it is Monday.
    system.pass(7 * 24 * 60);
    let now = system
        .clock
        .now()
        .to_zoned(jiff::tz::TimeZone::get("America/Chicago").unwrap());
    let tuesday = now.date().checked_add(1.day()).unwrap();
    let tuesday = tuesday
        .at(9, 0, 0, 0)
        .to_zoned(now.time_zone().clone())
        .unwrap();
    let mut story = Story {
        system,
        name: format!("story {}", tuesday.date()),
        tuesday: tuesday.timestamp(),
        told: BTreeMap::new(),
        last: None,
        edited: false,
    };
    let mut before = Vec::new();
    for step in steps {
        let crashing = system.local.fuse.is_armed();
        let text = story.take(step).await;
        if crashing {
            // Whoever comes after a crash comes a moment later.
            system.local.fuse.mend();
        }
        if matches!(step, Step::Crash { .. }) {
            continue;
        }
        let rows = story.rows().await;
        story.hear(&text, &before, &rows);
        story.check(step, &text, &rows)?;
        story.check_events(&rows).await?;
        before = rows;
    }
    system.local.fuse.mend();
    system.no_faults().await;
    system.no_aws_faults().await;
    for minutes in [1, 1, 5, 6, 16] {
        system.pass(minutes);
        system.local.reconcile().await.unwrap();
    }
    assert_sound(system, &STAFF, &format!("{steps:?}")).await;
    for row in story.rows().await {
        if story.told.get(row.appointment_id.as_str()) == Some(&Told::Cancelled) {
            prop_assert_eq!(row.status, Status::Cancelled, "{:#?}", row);
        }
    }
    Ok(())
}

async fn fresh_system(travelling: bool) -> TestSystem {
    let system = TestSystem::empty().await;
    for (user, account) in STAFF {
        system.connect(user, account).await;
    }
    // Both work at the times that the stories are about.
    for (user, _) in STAFF {
        let office = json!([{"start": "09:00", "end": "17:00"}]);
        let travel = travelling.then(|| json!({"stack_same_property": true}));
        let settings = json!({
            "time_zone": "America/Chicago", "weekly_hours": {"tuesday": office}, "travel": travel,
        });
        system.choose(user, &settings).await;
    }
    if travelling {
        for ((user, _), homes) in STAFF.into_iter().zip(HOMES) {
            for (home, latitude) in homes.into_iter().zip([41.8781, 42.0579]) {
                let rental = json!({
                    "user_id": user, "property_address": home,
                    "latitude": latitude, "longitude": -87.6298,
                });
                let added = system.post("/rentals", &rental).await;
                assert_eq!(added.status, 201, "{}", added.text);
            }
        }
    }
    system.bind(ASSISTANT, &STAFF.map(|(user, _)| user)).await;
    system
}

fn stories(travelling: bool) {
    std::thread::scope(|scope| {
        for _ in 0..WORKERS / 2 {
            scope.spawn(|| stories_of_a_worker(travelling));
        }
    });
}

fn stories_of_a_worker(travelling: bool) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases: STORIES_OF_A_SYSTEM,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    };
    let mut steps = 0;
    for _ in 0..STORIES.div_ceil(WORKERS * STORIES_OF_A_SYSTEM) {
        let system = runtime.block_on(fresh_system(travelling));
        let mut runner = TestRunner::new(config.clone());
        let story = prop::collection::vec(step(), 1..10);
        let told = std::cell::Cell::new(0);
        let outcome = runner.run(&story, |story| {
            told.set(told.get() + story.len());
            runtime.block_on(live(&system, &story))
        });
        steps += told.get();
        if let Err(error) = outcome {
            panic!("{error}");
        }
        runtime.block_on(system.local.stop());
    }
    println!("{} stories, {steps} steps", STORIES / WORKERS);
}

#[test]
fn stories_of_one_half_end_as_they_were_told() {
    stories(false);
}

#[test]
fn stories_of_the_other_half_end_as_they_were_told() {
    stories(true);
}
