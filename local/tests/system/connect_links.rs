//! Connect links: whom they are for, how long they open, and where they lead back.

use local::defaults::{ACCOUNT, API_KEY, ORIGIN, USER};
use reqwest::Method;
use serde_json::json;

use crate::browser::{Browser, connect_link, page_text};
use crate::system::{Answer, TestSystem};

#[tokio::test]
async fn a_link_serves_its_time_and_no_longer() {
    let system = TestSystem::empty().await;
    let sent = connect_link(&system, USER).await;
    let own = system
        .request(Method::GET, "/calendar/auth/start?user_id=demo")
        .header("x-api-key", API_KEY)
        .header("accept", "application/json");
    let own = Answer::of(own).await;
    assert_eq!(own.status, 200, "{own:?}");
    assert!(
        own.body["expires_at"]
            .as_str()
            .unwrap()
            .starts_with("2031-11-24T14:1")
    );
    let own = own.body["authorization_url"].as_str().unwrap().to_owned();
    let status = system.get("/calendar/auth/status?user_id=demo").await;
    let from_status = status.body["authorization_url"]
        .as_str()
        .unwrap()
        .to_owned();

    let open = async |link: &str| Browser::new(&system).open(link).await.status;
    for link in [&sent, &own, &from_status] {
        assert_eq!(open(link).await, 307, "{link}");
    }
    system.pass(11);
    assert_eq!(open(&sent).await, 307);
    for link in [&own, &from_status] {
        assert_eq!(open(link).await, 403, "{link}");
    }
    system.pass(7 * 24 * 60);
    let late = Browser::new(&system).open(&sent).await;
    assert_eq!(late.status, 403);
    insta::assert_snapshot!(page_text(&late), @"
    This link cannot be used
    It has expired or is incomplete. Please ask for a new one.
    Nothing was connected or changed.
    ");
}

#[tokio::test]
async fn an_altered_link_does_not_open_and_a_link_is_for_one_person() {
    let system = TestSystem::empty().await;
    let link = connect_link(&system, USER).await;
    let mut browser = Browser::new(&system);
    for altered in [
        link.replace("link=e", "link=f"),
        link[..link.len() - 3].to_owned(),
        format!("{link}AA"),
        format!("{}/calendar/auth/start?link=", system.local.gateway),
        format!("{}/calendar/auth/start?link=x.y", system.local.gateway),
    ] {
        let answer = browser.open(&altered).await;
        assert!([401, 403].contains(&answer.status), "{altered}: {answer:?}");
        assert!(browser.cookies.is_empty());
    }
    let page = browser.begin(&format!("{link}&user_id=victim")).await;
    let back = browser.choose(&page, ("account", ACCOUNT)).await;
    assert_eq!(browser.open(&back).await.status, 200);
    assert!(system.is_connected(USER).await);
    assert!(!system.is_connected("victim").await);
}

#[tokio::test]
async fn the_expected_account_is_suggested() {
    let system = TestSystem::empty().await;
    let fields = json!({"user_id": "pat", "login_hint": "pat@lakeside.example"});
    let link = system.post("/calendar/auth/links", &fields).await;
    let mut browser = Browser::new(&system);
    let page = browser.begin(link.body["url"].as_str().unwrap()).await;
    assert!(page.contains("login_hint=pat%40lakeside.example"), "{page}");
}

#[tokio::test]
async fn the_page_that_asked_gets_the_browser_back() {
    let system = TestSystem::empty().await;
    let back_to = format!("{ORIGIN}/settings?tab=calendar");
    let fields = json!({"user_id": USER, "redirect_url": back_to});
    let mut ends = Vec::new();
    for choice in [("account", ACCOUNT), ("decision", "cancel")] {
        let link = system.post("/calendar/auth/links", &fields).await;
        let mut browser = Browser::new(&system);
        let page = browser.begin(link.body["url"].as_str().unwrap()).await;
        let back = browser.choose(&page, choice).await;
        let end = browser.open(&back).await;
        ends.push((end.status, end.header("location").to_owned()));
    }
    assert_eq!(
        ends,
        [
            (303, format!("{back_to}&calendar=connected")),
            (303, format!("{back_to}&calendar=failed&reason=declined")),
        ]
    );
    assert!(system.is_connected(USER).await);
}

#[tokio::test]
async fn a_browser_is_not_sent_to_pages_that_are_not_allowed() {
    let system = TestSystem::empty().await;
    for address in [
        "https://evil.example/",
        "http://localhost:3000.evil.example/",
        "http://localhost:3000@evil.example/",
        "//evil.example",
        "javascript:alert(1)",
    ] {
        let fields = json!({"user_id": USER, "redirect_url": address});
        let answer = system.post("/calendar/auth/links", &fields).await;
        assert_eq!(
            (answer.status, answer.body["field"].as_str()),
            (400, Some("redirect_url"))
        );
        let path = format!("/calendar/auth/start?user_id=demo&redirect_url={address}");
        assert_eq!(system.get(&path).await.status, 400, "{address}");
    }
}
