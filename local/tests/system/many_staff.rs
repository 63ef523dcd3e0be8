//! Many staff at once, each with a calendar of many pages: no mailbox is asked more at
//! once than it may be, and nobody is refused for it.

use std::time::Instant;

use local::Options;
use local::microsoft::{Account, demonstration_accounts};
use reqwest::Method;
use serde_json::json;

use crate::settings;
use crate::system::{MONDAY, TestSystem};

const STAFF: usize = 20;
const PAGES: usize = 10;
const REQUESTS: usize = 4;

/// One person as the others, with an address and an id of their own.
fn person(number: usize) -> Account {
    let like = demonstration_accounts().swap_remove(0);
    Account {
        email: format!("staff{number}@lakeside.example"),
        object_id: uuid::Uuid::from_u128(like.object_id.as_u128() + 1000 + number as u128),
        ..like
    }
}

#[tokio::test]
async fn no_mailbox_is_asked_more_than_three_things_at_once() {
    let (template, _folder) = settings::patient_template();
    let options = Options {
        accounts: (0..STAFF).map(person).collect(),
        template: Some(template),
        ..Options::default()
    };
    let system = TestSystem::start_with(options, MONDAY).await;
    let pages = json!({"page_limit": 10});
    system.control(Method::PUT, "/settings", &pages).await;
    // A few minutes each, outside working hours, ten to a page.
    let events = (0..PAGES * 10 - 5).map(|index| {
        let (day, minute) = (25 + index % 5, index / 5 * 5);
        let at = |minute| format!("2031-11-{day}T02:{minute:02}:00-06:00");
        json!({"start": at(minute % 55), "end": at(minute % 55 + 5)})
    });
    let events: Vec<_> = events.collect();
    for number in 0..STAFF {
        let (user, account) = (format!("staff{number}"), person(number).email);
        system.connect(&user, &account).await;
        let path = format!("/mailboxes/{account}/events");
        for event in &events {
            let added = system.control(Method::POST, &path, event).await;
            assert!(added.status < 300, "{added:?}");
        }
    }
    let slow = json!({"operation": "calendar_view", "effect": {"delay_ms": 20}});
    system.fault(&slow).await;

    let began = Instant::now();
    let ask = |index: usize| {
        let user = index % STAFF;
        let path = format!("/calendar/availability?user_id=staff{user}&days_ahead=7");
        let system = &system;
        async move {
            // A table may be too slow on a machine that is overrun; they ask again.
            let mut answer = system.get(&path).await;
            for _ in 0..8 {
                if answer.code() != "storage_unavailable" {
                    break;
                }
                answer = system.get(&path).await;
            }
            answer
        }
    };
    let answers = futures_util::future::join_all((0..STAFF * REQUESTS).map(ask)).await;
    let took = began.elapsed();
    for answer in answers {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let (mut most, mut requests) = (0, 0);
    for number in 0..STAFF {
        let mailbox = system.mailbox(&person(number).email).await;
        let counters = &mailbox["counters"];
        assert_eq!(counters["throttled"], 0, "{counters}");
        most = most.max(counters["max_in_flight"].as_u64().unwrap());
        requests += counters["operations"]["calendar_view"].as_u64().unwrap();
    }
    println!(
        "{STAFF} staff, {REQUESTS} requests each, {requests} pages in {took:?}: \
         at most {most} in flight for one mailbox"
    );
    assert!(requests >= (STAFF * REQUESTS * PAGES) as u64);
    assert_eq!(most, 3);
}
