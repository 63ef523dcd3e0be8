//! Every tool with every fault of every call that it makes upstream: each ends within
//! its deadline in a sentence that is true, and everything agrees once reconcile has
//! run.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use local::Options;
use local::defaults::{ACCOUNT, ASSISTANT, USER};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::invariants::assert_sound;
use crate::settings;
use crate::system::{MONDAY, TestSystem};
use crate::voice::{Call, Heard};

/// Deadlines that make hanging calls quick to try.
const READ_MS: u64 = 1500;
const WRITE_MS: u64 = 2000;

/// What a busy machine may add to a deadline.
const SLACK: Duration = Duration::from_secs(3);

const TOOLS: [&str; 8] = [
    "get_availability",
    "set_appointment",
    "find_appointments",
    "cancel_appointment",
    "reschedule_appointment",
    "send_confirmation_email",
    "get_property_details",
    "search_rentals",
];

/// What tools ask of a calendar, and what one of them asks of the mailbox.
const CALENDAR: [&str; 8] = [
    "token",
    "calendar_view",
    "create_event",
    "list_events",
    "get_event",
    "update_event",
    "delete_event",
    "cancel_event",
];

const MAIL: [&str; 2] = ["token", "send_mail"];

const DYNAMODB: [&str; 6] = [
    "get_item",
    "put_item",
    "query",
    "transact_write_items",
    "update_item",
    "delete_item",
];

/// A fault, by the two letters that the matrix shows.
fn faults(of_microsoft: bool) -> Vec<(&'static str, Value)> {
    let error = |status: u16, code: &str| json!({"error": {"status": status, "code": code}});
    let rule = |effect: Value| json!({"moment": "before", "effect": effect});
    let late = |effect: Value| json!({"moment": "after", "effect": effect});
    if of_microsoft {
        return vec![
            ("refused", rule(json!("cut"))),
            ("slow", rule(json!({"delay_ms": 200}))),
            ("hang", rule(json!("hang"))),
            ("401", rule(error(401, "InvalidAuthenticationToken"))),
            ("403", rule(error(403, "ErrorAccessDenied"))),
            ("404", rule(error(404, "ErrorItemNotFound"))),
            ("409", rule(error(409, "ErrorIrresolvableConflict"))),
            ("412", rule(error(412, "ErrorIrresolvableConflict"))),
            ("429", rule(error(429, "TooManyRequests"))),
            (
                "429 60",
                rule(json!({"error": {"status": 429, "retry_after": "60"}})),
            ),
            ("500", rule(json!({"html": 500}))),
            ("503", rule(json!({"empty": 503}))),
            ("empty", late(json!({"empty": 200}))),
            ("lost", late(json!("cut"))),
            ("unheard", late(json!("hang"))),
        ];
    }
    vec![
        ("refused", rule(json!("cut"))),
        ("hang", rule(json!("hang"))),
        ("throttled", rule(error(400, "ThrottlingException"))),
        (
            "exceeded",
            rule(error(400, "ProvisionedThroughputExceededException")),
        ),
        ("500", rule(error(500, "InternalServerError"))),
        ("lost", late(json!("cut"))),
        ("unheard", late(json!("hang"))),
    ]
}

/// One tool call that met a fault.
struct Cell {
    what: String,
    tool: &'static str,
    start: Timestamp,
    moved: Timestamp,
    address: String,
    heard: Heard,
    elapsed: Duration,
}

/// A system with short deadlines, and viewings to try on.
async fn quick_system() -> (TestSystem, TempDir) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("template.yaml");
    let template = std::fs::read_to_string(settings::template_path()).unwrap();
    let quick = template
        .replace("    Default: 4000\n", &format!("    Default: {READ_MS}\n"))
        .replace("    Default: 8000\n", &format!("    Default: {WRITE_MS}\n"));
    assert_ne!(quick, template);
    std::fs::write(&path, quick).unwrap();
    let options = Options {
        template: Some(path),
        ..Options::default()
    };
    let system = TestSystem::start_with(options, MONDAY).await;
    system.connect(USER, ACCOUNT).await;
    system.bind(ASSISTANT, &[USER]).await;
    // Starts at any hour of any day, so that every cell has its own.
    let day = json!([{"start": "00:00", "end": "24:00"}]);
    let week = json!({
        "monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": day,
        "saturday": day, "sunday": day,
    });
    system.choose(USER, &json!({"weekly_hours": week})).await;
    (system, folder)
}

/// Each caller has an address of their own.
fn address_of(call: &Call) -> String {
    format!("caller{}@example.com", call.number.trim_start_matches('+'))
}

/// What the caller of a cell wants. Only meetings with a guest are cancelled by
/// `cancel_event`; other events are deleted.
async fn ask(
    system: &TestSystem,
    cell: &Call,
    (tool, operation): (&str, &str),
    start: Timestamp,
) -> Heard {
    let moved = start + SignedDuration::from_hours(2);
    let email = (operation == "cancel_event").then_some("casey@example.com");
    let arguments = match tool {
        "get_availability" => json!({"date": "tomorrow"}),
        "set_appointment" => json!({
            "start_time": start.to_string(), "attendee_name": "Casey Caller",
            "attendee_email": email,
        }),
        "reschedule_appointment" => json!({"new_start_time": moved.to_string()}),
        "send_confirmation_email" => json!({"attendee_email": address_of(cell)}),
        "get_property_details" => json!({"property_address": "fourteen mill lane"}),
        "search_rentals" => json!({"bedrooms": "two"}),
        _ => json!({}),
    };
    cell.tool(system, tool, arguments).await
}

async fn row(
    system: &TestSystem,
    tool: &'static str,
    operation: &str,
    of_microsoft: bool,
    next: &mut i64,
) -> Vec<Cell> {
    let base = if of_microsoft {
        system.local.microsoft.clone().unwrap()
    } else {
        system.local.aws.clone()
    };
    let control = format!("{base}/control/faults");
    let mut cells = Vec::new();
    for (name, fault) in faults(of_microsoft) {
        let what = format!("{tool} with {operation} {name}");
        *next += 1;
        let first: Timestamp = "2032-01-05T06:00:00Z".parse().unwrap();
        let start = first + SignedDuration::from_hours(4 * *next);
        let mut call = Call::new(&what);
        call.number = format!("+1512{:07}", *next);
        let of_a_viewing = [
            "find_appointments",
            "cancel_appointment",
            "reschedule_appointment",
            "send_confirmation_email",
        ];
        if of_a_viewing.contains(&tool) {
            // Short as the deadlines are, it may take a second try.
            let book = ("set_appointment", operation);
            let mut booked = ask(system, &call, book, start).await;
            for _ in 0..5 {
                if booked.text.starts_with("Booked") {
                    break;
                }
                booked = ask(system, &call, book, start).await;
            }
            assert!(booked.text.starts_with("Booked"), "{what}: {booked:?}");
        }
        if operation == "token" {
            // The access token ends, so that the tool needs another.
            system.pass(120);
        }
        let mut rule = fault.clone();
        rule["operation"] = json!(operation);
        let set = system.request(Method::POST, &control).json(&json!([rule]));
        assert!(set.send().await.unwrap().status().is_success(), "{what}");
        let began = Instant::now();
        let heard = ask(system, &call, (tool, operation), start).await;
        let elapsed = began.elapsed();
        assert!(
            elapsed < deadline_of(tool) + SLACK,
            "{what}: {elapsed:?} {heard:?}"
        );
        system
            .request(Method::DELETE, &control)
            .send()
            .await
            .unwrap();
        // Without access to the mailbox, its owner has to connect it again.
        system.reconnect(USER, ACCOUNT).await;
        cells.push(Cell {
            what,
            tool,
            start,
            moved: start + SignedDuration::from_hours(2),
            address: address_of(&call),
            heard,
            elapsed,
        });
    }
    cells
}

fn deadline_of(tool: &str) -> Duration {
    let writes = !matches!(tool, "get_availability" | "find_appointments");
    Duration::from_millis(if writes { WRITE_MS } else { READ_MS })
}

/// What is in the calendar and what left the mailbox must be what was said.
fn is_true(cell: &Cell, events: &[Value], mails: &[String]) {
    let at = |time: Timestamp| {
        let events = events.iter();
        events
            .filter(|event| event["start"] == time.to_string())
            .count()
    };
    let (here, there) = (at(cell.start), at(cell.moved));
    let text = &cell.heard.text;
    let told = format!(
        "{}: {text:?}, but {here} at the old time and {there} at the new",
        cell.what
    );
    match cell.tool {
        "set_appointment" => {
            if text.starts_with("Booked") || text.starts_with("I am holding") {
                assert_eq!((here, there), (1, 0), "{told}");
            } else if !text.contains("cannot tell") {
                assert_eq!((here, there), (0, 0), "{told}");
            }
        }
        "cancel_appointment" => {
            if text.contains("is cancelled") || text.starts_with("I have taken") {
                assert_eq!((here, there), (0, 0), "{told}");
            } else if !text.contains("cannot tell") {
                assert_eq!((here, there), (1, 0), "{told}");
            }
        }
        "reschedule_appointment" => {
            if text.starts_with("Your viewing is now") || text.starts_with("I am moving") {
                assert_eq!((here, there), (0, 1), "{told}");
            } else if text.contains("does not take place") {
                assert_eq!((here, there), (0, 0), "{told}");
            } else if !text.contains("cannot tell") {
                assert_eq!((here, there), (1, 0), "{told}");
            }
        }
        "find_appointments" => assert_eq!((here, there), (1, 0), "{told}"),
        "send_confirmation_email" => {
            assert_eq!((here, there), (1, 0), "{told}");
            let message = format!("message: {}", cell.address);
            let sent = mails.iter().filter(|mail| **mail == message).count();
            let told = format!("{told}, and {sent} messages");
            if text.starts_with("I have sent") {
                assert_eq!(sent, 1, "{told}");
            } else if text.contains("cannot tell") {
                assert!(sent <= 1, "{told}");
            } else {
                assert_eq!(sent, 0, "{told}");
            }
        }
        _ => assert_eq!((here, there), (0, 0), "{told}"),
    }
}

/// One letter for what was heard.
fn letter(heard: &Heard) -> char {
    match (heard.done, heard.text.as_str()) {
        (_, text) if text.contains("cannot tell") => '?',
        (true, text) if text.contains("not answered yet") => 'p',
        (true, _) => 'd',
        (false, _) => '-',
    }
}

async fn matrix(tool: &'static str) {
    let (system, _folder) = quick_system().await;
    let mut lines = Vec::new();
    let mut times = Vec::new();
    let mut next = 0;
    let of_microsoft = match tool {
        "send_confirmation_email" => MAIL.as_slice(),
        _ => CALENDAR.as_slice(),
    };
    for (operations, of_microsoft) in [(of_microsoft, true), (DYNAMODB.as_slice(), false)] {
        let names: Vec<&str> = faults(of_microsoft).iter().map(|(name, _)| *name).collect();
        lines.push(format!("{tool} x [{}]", names.join(", ")));
        for operation in operations {
            let cells = row(&system, tool, operation, of_microsoft, &mut next).await;
            system.settle().await;
            assert_sound(
                &system,
                &[(USER, ACCOUNT)],
                &format!("{tool} x {operation}"),
            )
            .await;
            let (events, mails) = (system.events().await, system.mails().await);
            for cell in &cells {
                is_true(cell, &events, &mails);
            }
            let letters: String = cells.iter().map(|cell| letter(&cell.heard)).collect();
            lines.push(format!("  {operation:<22}{letters}"));
            times.extend(cells.into_iter().map(|cell| (cell.elapsed, cell.what)));
        }
    }
    let deadline = deadline_of(tool);
    let late = times.iter().filter(|(time, _)| *time > deadline).count();
    let slowest = times.iter().max().unwrap();
    lines.push(format!(
        "{} answers, {late} of them after the deadline of {deadline:?}; the slowest took {:?}, {}",
        times.len(),
        slowest.0,
        slowest.1,
    ));
    println!(
        "d done, p pending, ? unknown, - not done\n{}",
        lines.join("\n")
    );
}

#[tokio::test]
async fn asking_for_times_survives_every_fault() {
    matrix(TOOLS[0]).await;
}

#[tokio::test]
async fn booking_survives_every_fault() {
    matrix(TOOLS[1]).await;
}

#[tokio::test]
async fn asking_for_viewings_survives_every_fault() {
    matrix(TOOLS[2]).await;
}

#[tokio::test]
async fn cancelling_survives_every_fault() {
    matrix(TOOLS[3]).await;
}

#[tokio::test]
async fn moving_survives_every_fault() {
    matrix(TOOLS[4]).await;
}

#[tokio::test]
async fn confirming_in_writing_survives_every_fault() {
    matrix(TOOLS[5]).await;
}

#[tokio::test]
async fn asking_about_a_property_survives_every_fault() {
    matrix(TOOLS[6]).await;
}

#[tokio::test]
async fn searching_survives_every_fault() {
    matrix(TOOLS[7]).await;
}
