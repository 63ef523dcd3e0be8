//! What happens to staff members on their way to a connected calendar.

use fantoccini::Locator;
use fantoccini::cookies::Cookie;
use local::defaults::{ACCOUNT, ORIGIN, USER};
use reqwest::Method;
use serde_json::{Value, json};

use crate::visit::play;

const OTHER: &str = "pat@lakeside.example";

#[tokio::test]
async fn a_calendar_is_connected() {
    play("connected", async |visit| {
        visit.follow_link_of(USER).await;
        visit.picks(ACCOUNT).await;
        let text = visit.reads("Your calendar is connected").await;
        assert!(
            text.contains(&format!("into the calendar of {ACCOUNT}")),
            "{text}"
        );
        assert_eq!(visit.connected(USER).await.as_deref(), Some(ACCOUNT));

        let cookies: Vec<Cookie> = visit.browser.get_all_cookies().await.unwrap();
        let [cookie] = cookies.as_slice() else {
            panic!("{cookies:?}");
        };
        assert_eq!(cookie.name(), "__Host-connect");
        assert_eq!(
            (cookie.secure(), cookie.http_only()),
            (Some(true), Some(true))
        );
        assert_eq!(cookie.same_site().unwrap().to_string(), "Lax");
        assert_eq!(cookie.path(), Some("/"));
    })
    .await;
}

#[tokio::test]
async fn who_declines_can_try_again() {
    play("declined", async |visit| {
        visit.follow_link_of(USER).await;
        visit.presses("button[name=decision][value=cancel]").await;
        let text = visit.reads("Your calendar was not connected").await;
        assert!(text.contains("try again and accept"), "{text}");
        assert_eq!(visit.connected(USER).await, None);

        visit.follows("Try again").await;
        visit.comes_to("Pick an account").await;
        visit.picks("robin@lakeside.example").await;
        visit.sees("Permissions requested").await;
        visit.presses("button[value=cancel]").await;
        visit.reads("Your calendar was not connected").await;
        visit.follows("Try again").await;
        visit.comes_to("Pick an account").await;
        visit.picks("robin@lakeside.example").await;
        visit.sees("Permissions requested").await;
        visit.presses("button[value=accept]").await;
        visit.reads("Your calendar is connected").await;
    })
    .await;
}

#[tokio::test]
async fn another_account_is_asked_about() {
    play("wrong-account", async |visit| {
        visit.follow_link_of(USER).await;
        visit.picks(ACCOUNT).await;
        visit.reads("Your calendar is connected").await;

        visit.follow_link_of(USER).await;
        visit.picks(OTHER).await;
        let text = visit.reads("Connect another account?").await;
        assert!(
            text.contains(&format!("You signed in as {OTHER}")),
            "{text}"
        );
        visit.presses("button[value=keep]").await;
        visit.reads("Nothing was changed").await;
        assert_eq!(visit.connected(USER).await.as_deref(), Some(ACCOUNT));

        visit.follows("Try again").await;
        visit.comes_to("Pick an account").await;
        visit.picks(OTHER).await;
        visit.reads("Connect another account?").await;
        visit.presses("button[value=use]").await;
        visit.reads("Your calendar is connected").await;
        assert_eq!(visit.connected(USER).await.as_deref(), Some(OTHER));
    })
    .await;
}

/// The policy of the page with the question lets the browser go on to the CRM.
#[tokio::test]
async fn the_page_that_asked_gets_the_browser_back_after_the_question() {
    play("back-to-the-crm", async |visit| {
        let fields = json!({
            "user_id": USER, "login_hint": ACCOUNT, "redirect_url": format!("{ORIGIN}/settings"),
        });
        let link = visit.link(fields).await;
        visit.browser.goto(&link).await.unwrap();
        visit.comes_to("Pick an account").await;
        visit.picks(OTHER).await;
        visit.reads("Connect another account?").await;
        visit.presses("button[value=use]").await;
        let back = format!("{ORIGIN}/settings?calendar=connected")
            .parse()
            .unwrap();
        visit.browser.wait().for_url(&back).await.unwrap();
        assert_eq!(visit.connected(USER).await.as_deref(), Some(OTHER));
    })
    .await;
}

#[tokio::test]
async fn an_administrator_approves_by_the_link_on_the_page() {
    const HARLOW: &str = "harlow@harbor.example";
    play("approval", async |visit| {
        visit.follow_link_of("harlow").await;
        visit.picks(HARLOW).await;
        visit.reads("Your calendar was not connected").await;
        let address = visit.browser.find(Locator::Css(".address")).await.unwrap();
        let address = address.text().await.unwrap();
        let mail = visit
            .browser
            .find(Locator::LinkText("Send it by e-mail"))
            .await;
        let mail = mail.unwrap().attr("href").await.unwrap().unwrap();
        assert!(
            mail.starts_with("mailto:?subject=Please%20approve"),
            "{mail}"
        );

        visit.browser.goto(&address).await.unwrap();
        visit.comes_to("Permissions requested").await;
        let organization = visit
            .browser
            .find(Locator::Css("select[name=directory]"))
            .await;
        organization
            .unwrap()
            .select_by_label("Harbor Homes")
            .await
            .unwrap();
        visit.presses("button[value=accept]").await;
        visit.reads("The app is approved").await;

        visit.follow_link_of("harlow").await;
        visit.picks(HARLOW).await;
        visit.reads("Your calendar is connected").await;
        assert_eq!(visit.connected("harlow").await.as_deref(), Some(HARLOW));
    })
    .await;
}

#[tokio::test]
async fn a_revoked_calendar_is_reconnected() {
    play("reconnected", async |visit| {
        visit.follow_link_of(USER).await;
        visit.picks(ACCOUNT).await;
        visit.reads("Your calendar is connected").await;
        let revoke = format!("/accounts/{ACCOUNT}/revoke");
        visit.control(Method::POST, &revoke, &Value::Null).await;
        assert_eq!(visit.connected(USER).await, None);

        visit.follow_link_of(USER).await;
        let suggested = visit.browser.active_element().await.unwrap();
        let suggested = suggested.attr("value").await.unwrap();
        assert_eq!(suggested.as_deref(), Some(ACCOUNT));
        visit.picks(ACCOUNT).await;
        visit.reads("Your calendar is connected").await;
        assert_eq!(visit.connected(USER).await.as_deref(), Some(ACCOUNT));
    })
    .await;
}

#[tokio::test]
async fn a_replayed_callback_is_over() {
    play("replayed", async |visit| {
        visit.follow_link_of(USER).await;
        visit.picks(ACCOUNT).await;
        visit.reads("Your calendar is connected").await;
        visit.browser.refresh().await.unwrap();
        let text = visit.reads("This sign-in is over").await;
        assert!(
            text.contains("Open the link that you were sent once more"),
            "{text}"
        );
        assert_eq!(visit.connected(USER).await.as_deref(), Some(ACCOUNT));
    })
    .await;
}

/// Somebody begins a sign-in and has another person finish it.
#[tokio::test]
async fn a_second_browser_with_a_stolen_state_connects_nothing() {
    play("stolen-state", async |visit| {
        let link = visit.link(json!({"user_id": "thief"})).await;
        let at_microsoft = visit.sent_on(&link).await;
        // The person has a sign-in of their own under way.
        visit.follow_link_of(USER).await;
        visit.browser.goto(&at_microsoft).await.unwrap();
        visit.comes_to("Pick an account").await;
        visit.picks(ACCOUNT).await;
        let text = visit.reads("This sign-in was begun elsewhere").await;
        assert!(text.contains("Nothing was connected"), "{text}");
        assert_eq!(visit.connected("thief").await, None);
        assert_eq!(visit.connected(USER).await, None);
    })
    .await;
}

/// Every way in which Microsoft ends a sign-in has a page that fits a phone.
#[tokio::test]
async fn each_refusal_has_a_page_that_says_what_to_do() {
    play("refusals", async |visit| {
        for (outcome, place, heading) in [
            ("50076", "", "Microsoft asks you to sign in again"),
            ("53003", "", "Your organisation does not allow this"),
            ("50057", "", "This account is switched off"),
            ("54005", "", "Please sign in again"),
            ("90094", "token", "An administrator has to approve first"),
            ("50105", "token", "Your account may not use this app"),
            ("7000222", "", "Something went wrong on our side"),
            ("90006", "", "Microsoft did not answer"),
        ] {
            visit.follow_link_of(USER).await;
            visit.presses("summary").await;
            for (name, value) in [("outcome", outcome), ("place", place)] {
                let choice = format!("select[name={name}]");
                let choice = visit.browser.find(Locator::Css(&choice)).await.unwrap();
                choice.select_by_value(value).await.unwrap();
            }
            visit.picks(ACCOUNT).await;
            visit.reads(heading).await;
        }
        assert_eq!(visit.connected(USER).await, None);
    })
    .await;
}
