//! Connecting a calendar, as a browser goes: link, Microsoft's page, callback.

use local::defaults::{ACCOUNT, USER};
use reqwest::Method;
use serde_json::json;
use url::Url;

use crate::browser::{Browser, connect_link, page_text};
use crate::system::{Answer, TestSystem};

#[tokio::test]
async fn a_staff_member_connects_their_calendar() {
    let system = TestSystem::empty().await;
    let mut browser = Browser::new(&system);
    let link = connect_link(&system, USER).await;
    let start = browser.open(&link).await;
    assert_eq!(start.status, 307);
    assert_eq!(start.header("cache-control"), "no-store");
    let cookie = start.header("set-cookie");
    for part in ["Path=/", "Max-Age=600", "HttpOnly", "SameSite=Lax"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let page = Url::parse(start.header("location")).unwrap();
    let value = |name: &str| {
        let mut pairs = page.query_pairs();
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    assert_eq!(value("code_challenge_method").as_deref(), Some("S256"));
    assert_eq!(value("response_type").as_deref(), Some("code"));
    let redirect = format!("{}/calendar/auth/callback", system.local.gateway);
    assert_eq!(value("redirect_uri"), Some(redirect));
    let secrets = ["state", "nonce", "code_challenge"].map(|name| value(name).unwrap());
    assert!(
        secrets.iter().all(|secret| secret.len() >= 22),
        "{secrets:?}"
    );

    let back = browser.choose(page.as_str(), ("account", ACCOUNT)).await;
    let end = browser.open(&back).await;
    assert_eq!(end.status, 200);
    insta::assert_snapshot!(page_text(&end), @"
    Your calendar is connected
    Viewings will be booked into the calendar of demo@lakeside.example.
    You can close this page. Nothing else is needed.
    ");

    let status = system.get("/calendar/auth/status?user_id=demo").await;
    let mut status = status.body;
    for (field, start) in [
        ("authorization_url", "http://127.0.0.1"),
        ("created_at", "2031-11-24T14:0"),
        ("expires_at", "2031-11-24T15:"),
        ("expires_at_formatted", "Monday, November 24, 2031 at "),
        ("calendar_id", ""),
    ] {
        let value = status[field].take();
        assert!(
            value.as_str().unwrap().starts_with(start),
            "{field}: {value}"
        );
    }
    let scopes = status["scopes"].take().to_string().to_lowercase();
    assert!(scopes.contains("calendars.readwrite"), "{scopes}");
    insta::assert_snapshot!(serde_json::to_string_pretty(&status).unwrap(), @r#"
    {
      "authorization_url": null,
      "authorized": true,
      "calendar_email": "demo@lakeside.example",
      "calendar_error": null,
      "calendar_id": null,
      "calendar_link": "https://outlook.office.com/calendar",
      "calendar_name": "Calendar",
      "calendar_verified": true,
      "created_at": null,
      "expires_at": null,
      "expires_at_formatted": null,
      "message": "The calendar is connected, and can be read.",
      "needs_reconnect": false,
      "provider": "microsoft",
      "scopes": null,
      "time_zone": "America/Chicago",
      "token_valid": true,
      "user_id": "demo"
    }
    "#);
}

/// What a person does on the way who does not get to the end of it.
#[derive(Clone, Copy, Debug)]
enum Mishap {
    Declines,
    WaitsTooLong,
    LosesTheCookie,
    TakesAnothersCookie,
    LosesTheCode,
    LosesTheState,
    ForgesTheState,
    ChangesTheCode,
    ChoosesWithoutMailbox,
    NeedsApproval,
    WithholdsTheCalendar,
    MeetsAFault(&'static str),
    MeetsARefusal(&'static str),
}

async fn end_of(system: &TestSystem, mishap: Mishap) -> Answer {
    let mut browser = Browser::new(system);
    let page = browser.begin(&connect_link(system, USER).await).await;
    let choice = match mishap {
        Mishap::Declines => ("decision", "cancel"),
        Mishap::ChoosesWithoutMailbox => ("account", "mel@lakeside.example"),
        Mishap::NeedsApproval => ("account", "avery@lakeside.example"),
        _ => ("account", ACCOUNT),
    };
    match mishap {
        Mishap::WithholdsTheCalendar => {
            let settings = json!({"withheld_scopes": ["Calendars.ReadWrite"]});
            system.control(Method::PUT, "/settings", &settings).await;
        }
        Mishap::MeetsAFault(operation) => {
            system
                .fault(&json!({"operation": operation, "effect": {"html": 503}}))
                .await;
        }
        Mishap::MeetsARefusal(error) => {
            let effect = json!({"error": {"status": 400, "code": error}});
            system
                .fault(&json!({"operation": "authorize", "effect": effect}))
                .await;
        }
        _ => {}
    }
    let mut back = browser.choose(&page, choice).await;
    match mishap {
        Mishap::WaitsTooLong => system.pass(11),
        Mishap::LosesTheCookie => browser.cookies.clear(),
        Mishap::TakesAnothersCookie => {
            browser.cookies.clear();
            let link = connect_link(system, "somebody-else").await;
            browser.begin(&link).await;
        }
        Mishap::LosesTheCode => back = with(&back, "code", None),
        Mishap::LosesTheState => back = with(&back, "state", None),
        Mishap::ForgesTheState => back = with(&back, "state", Some("forged")),
        Mishap::ChangesTheCode => back = with(&back, "code", Some("changed")),
        _ => {}
    }
    let end = browser.open(&back).await;
    system.no_faults().await;
    system.control(Method::PUT, "/settings", &json!({})).await;
    end
}

/// The address with another value of a parameter, or without it.
fn with(address: &str, name: &str, value: Option<&str>) -> String {
    let mut url = Url::parse(address).unwrap();
    let pairs: Vec<(String, String)> = url
        .query_pairs()
        .into_owned()
        .filter(|(key, _)| key != name)
        .chain(value.map(|value| (name.to_owned(), value.to_owned())))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    url.into()
}

#[tokio::test]
async fn whatever_goes_wrong_ends_on_a_page_that_says_what_to_do() {
    let system = TestSystem::empty().await;
    let mut transcript = Vec::new();
    for mishap in [
        Mishap::Declines,
        Mishap::WaitsTooLong,
        Mishap::LosesTheCookie,
        Mishap::TakesAnothersCookie,
        Mishap::LosesTheCode,
        Mishap::LosesTheState,
        Mishap::ForgesTheState,
        Mishap::ChangesTheCode,
        Mishap::ChoosesWithoutMailbox,
        Mishap::NeedsApproval,
        Mishap::MeetsAFault("token"),
        Mishap::MeetsAFault("mailbox_settings"),
        Mishap::MeetsARefusal("server_error"),
        Mishap::MeetsARefusal("interaction_required"),
        Mishap::MeetsARefusal("unauthorized_client"),
    ] {
        let end = end_of(&system, mishap).await;
        transcript.push(format!("{mishap:?}: {}\n{}\n", end.status, page_text(&end)));
        assert!(!system.is_connected(USER).await, "{mishap:?}");
        assert!(
            system.rows("ConnectionsTable").await.is_empty(),
            "{mishap:?}"
        );
    }
    insta::assert_snapshot!(transcript.join("\n"), @r#"
    Declines: 403
    Your calendar was not connected
    The sign-in was cancelled, or your organisation wants an administrator to approve this app first.
    If you cancelled by mistake, open the link once more and accept. If you were asked for approval, please pass that on to your administrator.

    WaitsTooLong: 400
    This sign-in is over
    It was finished before, or it took longer than ten minutes.
    Open the link that you were sent once more. If it has expired, ask for a new one.

    LosesTheCookie: 403
    This sign-in was begun elsewhere
    For your safety, a sign-in has to be finished in the browser in which it was begun. Nothing was connected.
    Open the link that you were sent once more. If it has expired, ask for a new one.

    TakesAnothersCookie: 403
    This sign-in was begun elsewhere
    For your safety, a sign-in has to be finished in the browser in which it was begun. Nothing was connected.
    Open the link that you were sent once more. If it has expired, ask for a new one.

    LosesTheCode: 400
    This sign-in is over
    It was finished before, or it took longer than ten minutes.
    Open the link that you were sent once more. If it has expired, ask for a new one.

    LosesTheState: 400
    This sign-in is over
    It was finished before, or it took longer than ten minutes.
    Open the link that you were sent once more. If it has expired, ask for a new one.

    ForgesTheState: 400
    This sign-in is over
    It was finished before, or it took longer than ten minutes.
    Open the link that you were sent once more. If it has expired, ask for a new one.

    ChangesTheCode: 400
    Microsoft asks you to sign in again
    Your organisation may want another proof that it is you.
    Open the link that you were sent once more. If it has expired, ask for a new one.

    ChoosesWithoutMailbox: 400
    This account has no mailbox
    You signed in with an account that has no Exchange Online mailbox yet. A new licence can take fifteen minutes.
    Open the link once more and choose your work account.

    NeedsApproval: 403
    Your calendar was not connected
    The sign-in was cancelled, or your organisation wants an administrator to approve this app first.
    If you cancelled by mistake, open the link once more and accept. If you were asked for approval, please pass that on to your administrator.

    MeetsAFault("token"): 502
    Microsoft did not answer
    Nothing was connected. This usually passes.
    Open the link that you were sent once more. If it has expired, ask for a new one.

    MeetsAFault("mailbox_settings"): 502
    Microsoft did not answer
    Nothing was connected. This usually passes.
    Open the link that you were sent once more. If it has expired, ask for a new one.

    MeetsARefusal("server_error"): 502
    Microsoft did not answer
    Nothing was connected. This usually passes.
    Open the link that you were sent once more. If it has expired, ask for a new one.

    MeetsARefusal("interaction_required"): 400
    Microsoft asks you to sign in again
    Your organisation may want another proof that it is you.
    Open the link that you were sent once more. If it has expired, ask for a new one.

    MeetsARefusal("unauthorized_client"): 500
    Something went wrong on our side
    Nothing was connected, and there is nothing for you to put right. We look into it.
    Open the link that you were sent once more. If it has expired, ask for a new one.
    "#);
}

#[tokio::test]
async fn a_sign_in_without_the_calendar_connects_nothing() {
    let system = TestSystem::empty().await;
    let end = end_of(&system, Mishap::WithholdsTheCalendar).await;
    assert_eq!(end.status, 400, "{}", page_text(&end));
    assert!(!system.is_connected(USER).await);
}

#[tokio::test]
async fn a_callback_serves_once() {
    let system = TestSystem::empty().await;
    let mut browser = Browser::new(&system);
    let page = browser.begin(&connect_link(&system, USER).await).await;
    let back = browser.choose(&page, ("account", ACCOUNT)).await;
    assert_eq!(browser.open(&back).await.status, 200);
    let again = browser.open(&back).await;
    assert_eq!(again.status, 400);
    assert!(page_text(&again).starts_with("This sign-in is over"));
    assert!(system.is_connected(USER).await);
}

#[tokio::test]
async fn another_browser_uses_the_sign_in_up_without_connecting() {
    let system = TestSystem::empty().await;
    let mut browser = Browser::new(&system);
    let page = browser.begin(&connect_link(&system, USER).await).await;
    let back = browser.choose(&page, ("account", ACCOUNT)).await;
    assert_eq!(Browser::new(&system).open(&back).await.status, 403);
    assert_eq!(browser.open(&back).await.status, 400);
    assert!(!system.is_connected(USER).await);
}

#[tokio::test]
async fn an_administrator_approves_and_the_person_connects() {
    let system = TestSystem::empty().await;
    let base = system.local.microsoft.clone().unwrap();
    let redirect = format!("{}/calendar/auth/callback", system.local.gateway);
    let approval = Url::parse_with_params(
        &format!("{base}/organizations/v2.0/adminconsent"),
        [
            ("client_id", "local-client"),
            ("redirect_uri", &redirect),
            ("scope", "https://graph.microsoft.com/.default"),
            ("state", "x"),
        ],
    )
    .unwrap();
    let browser = Browser::new(&system);
    browser
        .choose(approval.as_str(), ("decision", "accept"))
        .await;
    system.connect("avery", "avery@lakeside.example").await;
    assert!(system.is_connected("avery").await);
}
