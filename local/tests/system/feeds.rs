//! The viewings of a staff member as a feed for calendar programs.

use reqwest::Method;
use serde_json::json;

use crate::system::{Answer, TestSystem};
use crate::voice::Call;

const LINKS: &str = "/appointments/feed-links";

async fn link(system: &TestSystem, user: &str, replace: bool) -> String {
    let fields = json!({"user_id": user, "replace": replace});
    let answer = system.post(LINKS, &fields).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["url"].as_str().unwrap().to_owned()
}

async fn read(system: &TestSystem, link: &str) -> Answer {
    Answer::of(system.request(Method::GET, link)).await
}

#[tokio::test]
async fn a_feed_has_the_viewings_that_take_place() {
    let system = TestSystem::start().await;
    for (number, start) in [("1", "10:00"), ("2", "14:00")] {
        let call = Call::from(&format!("call-{number}"), &format!("+1512555014{number}"));
        let booked = call
            .book(&system, &format!("2031-11-25T{start}:00-06:00"))
            .await;
        assert!(booked.done, "{booked:?}");
        if number == "2" {
            call.tool(&system, "cancel_appointment", json!({})).await;
        }
    }
    let viewing = &system.viewings().await[0];
    let code = viewing["confirmation_code"].as_str().unwrap();
    let id = viewing["appointment_id"].as_str().unwrap();
    let link = link(&system, "demo", false).await;
    assert!(!link.contains("demo"));
    let feed = read(&system, &link).await;
    assert_eq!(feed.status, 200);
    assert_eq!(feed.header("content-type"), "text/calendar; charset=utf-8");
    assert_eq!(feed.header("cache-control"), "private, max-age=300");
    let text = feed.text.replace("\r\n ", "").replace("\r\n", "\n");
    let text: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("DTSTAMP"))
        .collect();
    insta::assert_snapshot!(text.join("\n").replace(code, "CODE").replace(id, "ID"), @r#"
    BEGIN:VCALENDAR
    VERSION:2.0
    PRODID:-//Viewing desk//Viewings//EN
    METHOD:PUBLISH
    NAME:Viewings
    X-WR-CALNAME:Viewings
    BEGIN:VEVENT
    DESCRIPTION:Attendee: Casey Caller\nPhone: +15125550141\nConfirmation code: CODE
    DTEND:20311125T163000Z
    DTSTART:20311125T160000Z
    LOCATION:14 Mill Lane
    SEQUENCE:1
    STATUS:CONFIRMED
    SUMMARY:Viewing: 14 Mill Lane
    UID:ID@viewing-desk
    END:VEVENT
    END:VCALENDAR
    "#);

    let again = system.request(Method::GET, &link);
    let again = Answer::of(again.header("if-none-match", feed.header("etag"))).await;
    assert_eq!((again.status, again.text.as_str()), (304, ""));
    Call::from("call-3", "+15125550143")
        .book(&system, "2031-11-26T10:00:00-06:00")
        .await;
    let again = system.request(Method::GET, &link);
    let again = Answer::of(again.header("if-none-match", feed.header("etag"))).await;
    assert_eq!(again.status, 200);
    assert_eq!(again.text.matches("BEGIN:VEVENT").count(), 2);
}

#[tokio::test]
async fn a_link_is_the_same_until_it_is_replaced() {
    let system = TestSystem::start().await;
    let first = link(&system, "demo", false).await;
    assert_eq!(link(&system, "demo", false).await, first);
    assert_ne!(link(&system, "pat", false).await, first);
    assert_eq!(read(&system, &first).await.status, 200);
    let second = link(&system, "demo", true).await;
    assert_eq!(read(&system, &second).await.status, 200);
    let refused = read(&system, &first).await;
    insta::assert_snapshot!(refused.error(), @"403 forbidden: This link has been withdrawn or is incomplete. Please ask for a new one.");
    for bad in [
        second.replace(".2.", ".1."),
        second.replace(".2.", ".3."),
        second[..second.len() - 3].to_owned(),
        second.replace("feed=", "feed=x"),
        "/appointments/feed.ics?feed=..".to_owned(),
    ] {
        assert_eq!(read(&system, &bad).await.status, 403, "{bad}");
    }
}

#[tokio::test]
async fn pages_show_what_is_to_come_and_what_is_over() {
    let system = TestSystem::start().await;
    for (number, start) in ["25T10:00", "26T10:00", "27T10:00", "27T14:00"]
        .iter()
        .enumerate()
    {
        let call = Call::from(&format!("call-{number}"), &format!("+1512555014{number}"));
        let booked = call
            .book(&system, &format!("2031-11-{start}:00-06:00"))
            .await;
        assert!(booked.done, "{booked:?}");
    }
    let cancelled = Call::from("call-9", "+15125550143");
    assert!(
        cancelled
            .tool(&system, "cancel_appointment", json!({}))
            .await
            .done
    );
    // In the middle of the second viewing.
    system.pass(2 * 24 * 60 + 130);
    let mut pages = Vec::new();
    for query in [
        "when=upcoming",
        "when=past",
        "when=past&limit=1",
        "when=upcoming&property=14 Mill Lane",
        "when=upcoming&to=2031-11-24T00:00:00Z",
        "when=past&from=2031-12-24T00:00:00Z",
        "when=soon",
    ] {
        let answer = system
            .get(&format!("/appointments?user_id=demo&{query}"))
            .await;
        let starts: Vec<&str> = match answer.body["appointments"].as_array() {
            Some(found) => found
                .iter()
                .map(|one| one["start_time"].as_str().unwrap())
                .collect(),
            None => vec![answer.body["message"].as_str().unwrap()],
        };
        pages.push(format!("{query}: {}", starts.join(", ")));
    }
    insta::assert_snapshot!(pages.join("\n"), @"
    when=upcoming: 2031-11-26T10:00:00-06:00, 2031-11-27T10:00:00-06:00
    when=past: 2031-11-25T10:00:00-06:00
    when=past&limit=1: 
    when=upcoming&property=14 Mill Lane: 2031-11-26T10:00:00-06:00, 2031-11-27T10:00:00-06:00
    when=upcoming&to=2031-11-24T00:00:00Z: 
    when=past&from=2031-12-24T00:00:00Z: 
    when=soon: when must be upcoming or past.
    ");
}
