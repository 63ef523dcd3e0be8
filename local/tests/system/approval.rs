//! An administrator approves the app for their organisation: the link that a staff
//! member passes on, and the way back.

use local::defaults::USER;
use serde_json::json;
use url::Url;

use crate::browser::{Browser, address_on, connect_link, link_on, page_text, parameter};
use crate::system::{Answer, TestSystem};

const AVERY: &str = "avery@lakeside.example";

/// Avery, whose organisation has not approved, tries to connect.
async fn refused(system: &TestSystem) -> Answer {
    let page = Browser::new(system).connect("avery", AVERY).await;
    assert_eq!(page.status, 403, "{}", page.text);
    page
}

#[tokio::test]
async fn an_administrator_approves_by_the_link_that_was_passed_on() {
    let system = TestSystem::empty().await;
    let link = address_on(&refused(&system).await);

    let mut administrator = Browser::new(&system);
    let page = administrator.begin(&link).await;
    let parsed = Url::parse(&page).unwrap();
    assert_eq!(parsed.path(), "/organizations/v2.0/adminconsent");
    let names: Vec<_> = parsed
        .query_pairs()
        .map(|(name, _)| name.into_owned())
        .collect();
    assert_eq!(names, ["client_id", "scope", "redirect_uri", "state"]);
    let back = administrator.choose(&page, ("decision", "accept")).await;
    let end = administrator.open(&back).await;
    assert_eq!(end.status, 200);
    insta::assert_snapshot!(page_text(&end), @"
    The app is approved
    Staff of your organisation can now connect their calendars.
    Please tell the person who sent you this link to open theirs once more. You can close this page.
    ");
    assert!(system.rows("ConnectionsTable").await.is_empty());
    assert_eq!(administrator.open(&back).await.status, 400);

    system.connect("avery", AVERY).await;
    assert!(system.is_connected("avery").await);
}

#[tokio::test]
async fn the_link_is_ready_to_be_sent_and_the_person_can_try_again() {
    let system = TestSystem::empty().await;
    let page = refused(&system).await;
    insta::assert_snapshot!(page_text(&page), @"
    Your calendar was not connected
    The sign-in was cancelled, or your organisation wants an administrator to approve this app first.
    If you cancelled by mistake, try again and accept. If Microsoft asked for an approval, send this link to your administrator:
    (a link)
    Send it by e-mail
    Try again
    ");
    let mail = Url::parse(&link_on(&page, "Send it by e-mail")).unwrap();
    assert_eq!(mail.scheme(), "mailto");
    let (_, body) = mail.query_pairs().find(|(name, _)| name == "body").unwrap();
    assert!(body.ends_with(&address_on(&page)), "{body}");

    // The link goes to somebody who may take days; the button serves at once.
    system.pass(3 * 24 * 60);
    let mut browser = Browser::new(&system);
    assert!(
        browser
            .begin(&address_on(&page))
            .await
            .contains("adminconsent")
    );
    assert_eq!(browser.open(&link_on(&page, "Try again")).await.status, 403);
}

#[tokio::test]
async fn the_crm_gets_the_link_for_an_administrator_too() {
    let system = TestSystem::empty().await;
    let answer = system
        .post("/calendar/auth/links", &json!({"user_id": USER}))
        .await;
    let link = answer.body["admin_consent_url"].as_str().unwrap();
    let page = Browser::new(&system).begin(link).await;
    assert!(page.contains("/v2.0/adminconsent?"), "{page}");
}

#[tokio::test]
async fn an_administrator_who_declines_is_told_what_that_means() {
    let system = TestSystem::empty().await;
    let link = address_on(&refused(&system).await);
    let mut administrator = Browser::new(&system);
    let page = administrator.begin(&link).await;
    // Microsoft says `admin_consent=True` here too; `error` decides.
    let back = administrator.choose(&page, ("decision", "cancel")).await;
    assert!(back.contains("admin_consent=True"), "{back}");
    let end = administrator.open(&back).await;
    assert_eq!(end.status, 403);
    insta::assert_snapshot!(page_text(&end), @"
    The app was not approved
    Staff of your organisation cannot connect their calendars. If you meant to approve, try again and accept.
    Try again
    ");
    let again = administrator.begin(&link_on(&end, "Try again")).await;
    assert!(again.contains("adminconsent"), "{again}");
    refused(&system).await;
}

/// What comes back connects nobody, whatever else it brings along.
#[tokio::test]
async fn an_approval_is_no_sign_in_and_a_sign_in_no_approval() {
    let system = TestSystem::empty().await;
    let link = address_on(&refused(&system).await);
    let mut browser = Browser::new(&system);
    let page = browser.begin(&link).await;
    let state = parameter(&page, "state").unwrap();
    let callback = format!("{}/calendar/auth/callback", system.local.gateway);
    let end = browser
        .open(&format!("{callback}?state={state}&code=x"))
        .await;
    assert_eq!(end.status, 400);

    let page = browser.begin(&connect_link(&system, USER).await).await;
    let state = parameter(&page, "state").unwrap();
    let end = browser
        .open(&format!(
            "{callback}?state={state}&admin_consent=True&tenant=x"
        ))
        .await;
    assert_eq!(end.status, 400);
    assert!(page_text(&end).starts_with("This sign-in is over"));
    assert!(system.rows("ConnectionsTable").await.is_empty());
}
