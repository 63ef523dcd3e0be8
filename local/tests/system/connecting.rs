//! Connecting a calendar, as a browser goes: link, Microsoft's page, callback.

use local::defaults::{ACCOUNT, USER};
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use crate::browser::{Browser, connect_link, page_text, parameter, with};
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
    assert!(cookie.starts_with("__Host-connect="), "{cookie}");
    for part in [
        "Path=/",
        "Max-Age=600",
        "Secure",
        "HttpOnly",
        "SameSite=Lax",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let page = Url::parse(start.header("location")).unwrap();
    let value = |name: &str| parameter(page.as_str(), name);
    assert_eq!(value("code_challenge_method").as_deref(), Some("S256"));
    assert_eq!(value("response_type").as_deref(), Some("code"));
    assert_eq!(value("prompt").as_deref(), Some("select_account"));
    assert_eq!(value("login_hint"), None);
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
    Viewings with demo will be booked into the calendar of demo@lakeside.example.
    You can close this page. Nothing else is needed.
    If you are not demo, you were sent somebody else&#39;s link: tell them, and take the access back at myapps.microsoft.com.
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
    IsRefusedTheTokens(&'static str, u32),
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
        Mishap::IsRefusedTheTokens(error, number) => {
            let effect = json!({"error": {"status": 400, "code": error, "aadsts": number}});
            system
                .fault(&json!({"operation": "token", "effect": effect}))
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

/// What the person reads after each of them, with nothing connected.
async fn transcript(mishaps: &[Mishap]) -> String {
    let system = TestSystem::empty().await;
    let mut transcript = Vec::new();
    for mishap in mishaps {
        let end = end_of(&system, *mishap).await;
        transcript.push(format!("{mishap:?}: {}\n{}\n", end.status, page_text(&end)));
        assert!(!system.is_connected(USER).await, "{mishap:?}");
        assert!(
            system.rows("ConnectionsTable").await.is_empty(),
            "{mishap:?}"
        );
    }
    transcript.join("\n")
}

#[tokio::test]
async fn whatever_a_person_does_ends_on_a_page_that_says_what_to_do() {
    let transcript = transcript(&[
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
        Mishap::WithholdsTheCalendar,
    ])
    .await;
    insta::assert_snapshot!(transcript, @"
    Declines: 403
    Your calendar was not connected
    The sign-in was cancelled, or your organisation wants an administrator to approve this app first.
    If you cancelled by mistake, try again and accept. If Microsoft asked for an approval, send this link to your administrator:
    (a link)
    Send it by e-mail
    Try again

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
    Try again

    LosesTheState: 400
    This sign-in is over
    It was finished before, or it took longer than ten minutes.
    Open the link that you were sent once more. If it has expired, ask for a new one.

    ForgesTheState: 400
    This sign-in is over
    It was finished before, or it took longer than ten minutes.
    Open the link that you were sent once more. If it has expired, ask for a new one.

    ChangesTheCode: 400
    Please sign in again
    This sign-in can no longer be used: it was used before, it took too long, or it is not the one that was begun here. Nothing was connected.
    Try again

    ChoosesWithoutMailbox: 400
    This account has no mailbox
    You signed in with an account that has no Exchange Online mailbox yet. A new licence can take fifteen minutes.
    Choose your work account.
    Try again

    NeedsApproval: 403
    Your calendar was not connected
    The sign-in was cancelled, or your organisation wants an administrator to approve this app first.
    If you cancelled by mistake, try again and accept. If Microsoft asked for an approval, send this link to your administrator:
    (a link)
    Send it by e-mail
    Try again

    WithholdsTheCalendar: 400
    The calendar was left out
    You signed in, but did not allow the use of your calendar, so viewings cannot be booked.
    Try again and accept everything that is asked for.
    Try again
    ");
}

#[tokio::test]
async fn whatever_microsoft_says_ends_on_a_page_that_says_what_to_do() {
    let transcript = transcript(&[
        Mishap::IsRefusedTheTokens("invalid_grant", 50_076),
        Mishap::IsRefusedTheTokens("interaction_required", 53_003),
        Mishap::IsRefusedTheTokens("invalid_grant", 50_057),
        Mishap::IsRefusedTheTokens("invalid_grant", 50_105),
        Mishap::IsRefusedTheTokens("consent_required", 90_094),
        Mishap::IsRefusedTheTokens("invalid_client", 7_000_222),
        Mishap::MeetsAFault("token"),
        Mishap::MeetsAFault("mailbox_settings"),
        Mishap::MeetsARefusal("server_error"),
        Mishap::MeetsARefusal("interaction_required"),
        Mishap::MeetsARefusal("unauthorized_client"),
    ])
    .await;
    insta::assert_snapshot!(transcript, @r#"
    IsRefusedTheTokens("invalid_grant", 50076): 400
    Microsoft asks you to sign in again
    Your organisation may want another proof that it is you. Nothing was connected.
    Try again

    IsRefusedTheTokens("interaction_required", 53003): 403
    Your organisation does not allow this
    A rule of your organisation keeps this app, device or place out. Nothing was connected.
    Ask your IT department, or use a device that they know.
    Try again

    IsRefusedTheTokens("invalid_grant", 50057): 403
    This account is switched off
    Nothing was connected. Ask your IT department, or choose another account.
    Try again

    IsRefusedTheTokens("invalid_grant", 50105): 403
    Your account may not use this app
    Your organisation decides who may use it. Nothing was connected.
    Ask your IT department to assign you to this app.
    Try again

    IsRefusedTheTokens("consent_required", 90094): 403
    An administrator has to approve first
    Your organisation lets an administrator decide which apps may use its calendars. Nothing was connected.
    Send this link to your administrator. When they have approved, try again.
    (a link)
    Send it by e-mail
    Try again

    IsRefusedTheTokens("invalid_client", 7000222): 500
    Something went wrong on our side
    Nothing was connected, and there is nothing for you to put right. We look into it.
    Try again

    MeetsAFault("token"): 502
    Microsoft did not answer
    Nothing was connected. This usually passes.
    Try again

    MeetsAFault("mailbox_settings"): 502
    Microsoft did not answer
    Nothing was connected. This usually passes.
    Try again

    MeetsARefusal("server_error"): 502
    Microsoft did not answer
    Nothing was connected. This usually passes.
    Try again

    MeetsARefusal("interaction_required"): 400
    Microsoft asks you to sign in again
    Your organisation may want another proof that it is you. Nothing was connected.
    Try again

    MeetsARefusal("unauthorized_client"): 500
    Something went wrong on our side
    Nothing was connected, and there is nothing for you to put right. We look into it.
    Try again
    "#);
}

#[tokio::test]
async fn staff_of_several_organisations_connect_and_are_told_apart_by_their_ids() {
    let system = TestSystem::empty().await;
    system.connect(USER, ACCOUNT).await;
    system.connect("harper", "harper@harbor.example").await;
    let known = system.control(Method::GET, "/accounts", &Value::Null).await;
    let accounts = known.body["accounts"].as_array().unwrap();
    let directories = known.body["directories"].as_array().unwrap();
    for row in system.rows("ConnectionsTable").await {
        let text = |name: &str| row[name].as_s().unwrap().as_str();
        let email = text("email");
        let account = accounts.iter().find(|known| known["email"] == email);
        assert_eq!(account.unwrap()["object_id"], text("object_id"));
        let domain = email.rsplit_once('@').unwrap().1;
        let directory = directories.iter().find(|known| known["domain"] == domain);
        assert_eq!(directory.unwrap()["tenant_id"], text("tenant_id"));
    }
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
