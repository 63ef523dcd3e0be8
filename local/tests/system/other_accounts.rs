//! Another account signs in than the one that is connected, or was suggested: it is
//! asked for, and never simply taken.

use local::defaults::{ACCOUNT, ORIGIN, USER};
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Browser, connect_link, link_on, page_text};
use crate::settling::promised;
use crate::system::{Answer, TestSystem};
use crate::voice::Call;

const OTHER: &str = "pat@lakeside.example";
/// Within the hours of both accounts, which are in different zones.
const TWO: &str = "2031-11-25T14:00:00-06:00";

async fn connected(system: &TestSystem) -> Value {
    let path = "/calendar/auth/status?user_id=demo&verify=false";
    system.get(path).await.body["calendar_email"].take()
}

/// Somebody signs in with another account at a system where one is connected.
async fn wrong_account(system: &TestSystem) -> (Browser<'_>, Answer) {
    let mut browser = Browser::new(system);
    let page = browser.connect(USER, OTHER).await;
    assert_eq!(page.status, 409, "{}", page.text);
    (browser, page)
}

#[tokio::test]
async fn another_account_replaces_the_connected_one_only_when_the_person_says_so() {
    let system = TestSystem::start().await;
    let (browser, page) = wrong_account(&system).await;
    insta::assert_snapshot!(page_text(&page), @"
    Connect another account?
    The calendar of demo@lakeside.example is connected for demo.
    You signed in as pat@lakeside.example. If you go on, viewings with demo will be booked into that calendar.
    Viewings that are booked already stay where they are.
    Keep demo@lakeside.example
    Connect pat@lakeside.example
    ");
    assert_eq!(connected(&system).await, ACCOUNT);

    let end = browser.decide(&page, "use").await;
    assert_eq!(end.status, 200);
    assert!(page_text(&end).starts_with("Your calendar is connected"));
    let status = system.get("/calendar/auth/status?user_id=demo").await;
    assert_eq!(status.body["calendar_email"], OTHER);
    assert_eq!(status.body["time_zone"], "America/Los_Angeles");
    assert_eq!(status.body["calendar_verified"], true);
    assert_eq!(system.rows("ConnectionsTable").await.len(), 1);
    assert!(system.rows("OAuthStatesTable").await.is_empty());
}

#[tokio::test]
async fn the_connected_account_can_be_kept() {
    let system = TestSystem::start().await;
    let (mut browser, page) = wrong_account(&system).await;
    let end = browser.decide(&page, "keep").await;
    insta::assert_snapshot!(page_text(&end), @"
    Nothing was changed
    The account that you signed in with was not connected.
    Try again
    ");
    assert_eq!(connected(&system).await, ACCOUNT);
    let again = browser.begin(&link_on(&end, "Try again")).await;
    assert!(
        again.contains("login_hint=demo%40lakeside.example"),
        "{again}"
    );
    let back = browser.choose(&again, ("account", ACCOUNT)).await;
    assert_eq!(browser.open(&back).await.status, 200);
}

#[tokio::test]
async fn the_answer_is_taken_once_in_time_and_from_the_same_browser() {
    let system = TestSystem::start().await;
    let (browser, page) = wrong_account(&system).await;
    let stranger = Browser::new(&system).decide(&page, "use").await;
    assert_eq!(stranger.status, 403);
    let late = browser.decide(&page, "use").await;
    assert_eq!(late.status, 400);
    assert!(page_text(&late).starts_with("This sign-in is over"));

    let (browser, page) = wrong_account(&system).await;
    assert_eq!(browser.decide(&page, "keep").await.status, 200);
    assert_eq!(browser.decide(&page, "use").await.status, 400);

    let (browser, page) = wrong_account(&system).await;
    system.pass(11);
    assert_eq!(browser.decide(&page, "use").await.status, 400);

    for form in ["", "token=", "token=forged&decision=use", "token=held%23x"] {
        let request = system.request(Method::POST, "/calendar/auth/confirm");
        assert_eq!(Answer::of(request.body(form)).await.status, 400, "{form}");
    }
    assert_eq!(connected(&system).await, ACCOUNT);
}

#[tokio::test]
async fn tokens_that_wait_for_an_answer_are_sealed() {
    let system = TestSystem::start().await;
    wrong_account(&system).await;
    let [row] = system.rows("OAuthStatesTable").await.try_into().unwrap();
    let sealed = row["sealed"].as_s().unwrap();
    assert!(sealed.starts_with("v1.") && sealed.len() > 200, "{sealed}");
    assert!(!format!("{row:?}").contains("access_token"));
}

#[tokio::test]
async fn another_account_than_the_suggested_one_is_asked_for() {
    let system = TestSystem::empty().await;
    let back_to = format!("{ORIGIN}/settings");
    let fields = json!({"user_id": USER, "login_hint": " Demo@Lakeside.example "});
    let mut to_page = fields.clone();
    to_page["redirect_url"] = json!(back_to);
    for (fields, end) in [(fields, None), (to_page, Some(back_to))] {
        let link = system.post("/calendar/auth/links", &fields).await;
        let mut browser = Browser::new(&system);
        let page = browser.begin(link.body["url"].as_str().unwrap()).await;
        let back = browser.choose(&page, ("account", OTHER)).await;
        let asked = browser.open(&back).await;
        assert_eq!(asked.status, 409);
        let text = page_text_of_form(&asked);
        assert!(
            text.contains("This link was made for Demo@Lakeside.example."),
            "{text}"
        );
        assert!(system.rows("ConnectionsTable").await.is_empty());
        let kept = browser.decide(&asked, "keep").await;
        match end {
            None => assert_eq!(kept.status, 200),
            Some(back_to) => assert_eq!(
                kept.header("location"),
                format!("{back_to}?calendar=failed&reason=other_account")
            ),
        }
    }
    // The suggested one itself, however it is written, is connected at once.
    let link = system
        .post(
            "/calendar/auth/links",
            &json!({"user_id": USER, "login_hint": "DEMO@lakeside.example"}),
        )
        .await;
    let mut browser = Browser::new(&system);
    let page = browser.begin(link.body["url"].as_str().unwrap()).await;
    let back = browser.choose(&page, ("account", ACCOUNT)).await;
    assert_eq!(browser.open(&back).await.status, 200);
}

/// A page whose form may lead elsewhere has that origin in its policy.
fn page_text_of_form(page: &Answer) -> String {
    let policy = page.header("content-security-policy");
    assert!(policy.contains("form-action 'self'"), "{policy}");
    page_text(page)
}

#[tokio::test]
async fn a_reconnection_suggests_the_connected_account_and_lets_it_in_at_once() {
    let system = TestSystem::start().await;
    let mut browser = Browser::new(&system);
    let page = browser.begin(&connect_link(&system, USER).await).await;
    assert!(
        page.contains("login_hint=demo%40lakeside.example"),
        "{page}"
    );
    assert!(!page.contains("prompt="), "{page}");
    let back = browser.choose(&page, ("account", ACCOUNT)).await;
    assert_eq!(browser.open(&back).await.status, 200);
    assert_eq!(connected(&system).await, ACCOUNT);
}

#[tokio::test]
async fn what_is_booked_stays_in_the_account_that_it_was_booked_into() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    assert!(call.book(&system, TWO).await.done);
    let other = Call::new("call-2");
    let before = system.ledger().await;
    let mut browser = Browser::new(&system);
    let page = browser.connect(USER, OTHER).await;
    assert_eq!(browser.decide(&page, "use").await.status, 200);

    for minutes in [1, 5, 15, 60] {
        let report = system.reconcile_after(minutes).await;
        assert_eq!((report.cancelled, report.open), (0, 0), "{report:?}");
    }
    assert_eq!(system.viewings().await[0]["status"], "confirmed");
    assert_eq!(system.ledger().await, before);
    let taken = other.book(&system, TWO).await;
    assert!(taken.text.starts_with("That time is not open"), "{taken:?}");
    let heard = call.tool(&system, "cancel_appointment", json!({})).await;
    insta::assert_snapshot!(heard.text, @"That viewing is in a calendar that is not connected any more. May I take a message instead?");
    let arguments = json!({"new_start_time": "2031-11-25T15:00:00-06:00"});
    let moved = call
        .tool(&system, "reschedule_appointment", arguments)
        .await;
    assert_eq!(moved, heard);
    assert_eq!(system.viewings().await[0]["status"], "confirmed");

    let mut browser = Browser::new(&system);
    let page = browser.connect(USER, ACCOUNT).await;
    assert_eq!(browser.decide(&page, "use").await.status, 200);
    let heard = call.tool(&system, "cancel_appointment", json!({})).await;
    assert!(heard.text.ends_with("is cancelled."), "{heard:?}");
    assert!(system.ledger().await.is_empty());
}

#[tokio::test]
async fn a_promise_stays_open_until_its_account_is_connected_again() {
    let system = promised(false).await;
    let mut browser = Browser::new(&system);
    let page = browser.connect(USER, OTHER).await;
    assert_eq!(browser.decide(&page, "use").await.status, 200);
    let report = system.reconcile_after(1).await;
    assert_eq!((report.open, report.failed), (1, 0), "{report:?}");
    let mut browser = Browser::new(&system);
    let page = browser.connect(USER, ACCOUNT).await;
    assert_eq!(browser.decide(&page, "use").await.status, 200);
    assert_eq!(system.reconcile_after(20).await.booked, 1);
}
