//! What is known to be tried against a sign-in (RFC 9700, "Best Current Practice for
//! OAuth 2.0 Security"; OWASP, cheat sheets on `OAuth2` and on session management), and
//! that it connects nobody.

use local::defaults::{ACCOUNT, ORIGIN, USER};
use serde_json::{Value, json};

use crate::browser::{Browser, connect_link, page_text, parameter, with};
use crate::system::{Answer, TestSystem};

/// Another person's account.
const PAT: &str = "pat@lakeside.example";

const OVER: &str = "This sign-in is over";
const ELSEWHERE: &str = "This sign-in was begun elsewhere";
const AGAIN: &str = "Please sign in again";

/// A sign-in up to the way back, which the attacker has in hand.
async fn way_back(system: &TestSystem, browser: &mut Browser<'_>, account: &str) -> String {
    let page = browser.begin(&connect_link(system, USER).await).await;
    browser.choose(&page, ("account", account)).await
}

/// The attack ended on that page, and nothing is connected.
async fn assert_failed(system: &TestSystem, end: &Answer, heading: &str) {
    assert!([400, 403].contains(&end.status), "{end:?}");
    let text = page_text(end);
    assert!(text.starts_with(heading), "{text}");
    let connections = system.rows("ConnectionsTable").await;
    assert!(connections.is_empty(), "{connections:?}");
}

/// RFC 9700 §4.7, cross-site request forgery: no state, an invented one, one that is
/// not even of its form. The code is not looked at.
#[tokio::test]
async fn csrf_without_the_state_of_a_sign_in() {
    let system = TestSystem::empty().await;
    let mut browser = Browser::new(&system);
    let long = "x".repeat(5000);
    for state in [
        None,
        Some(""),
        Some("forged"),
        Some("held#forged"),
        Some("' OR 1=1 --"),
        Some("\u{0}\u{feff}é"),
        Some(&long),
    ] {
        let back = way_back(&system, &mut browser, ACCOUNT).await;
        let end = browser.open(&with(&back, "state", state)).await;
        assert_failed(&system, &end, OVER).await;
    }
    assert_eq!(system.count("token").await, 0);
}

/// RFC 9700 §4.7: the attacker's own way back, opened by the victim, would connect the
/// attacker's calendar for the victim. The victim may have a sign-in under way.
#[tokio::test]
async fn csrf_with_the_state_of_another_browser() {
    let system = TestSystem::empty().await;
    for under_way in [false, true] {
        let mut attacker = Browser::new(&system);
        let back = way_back(&system, &mut attacker, PAT).await;
        let mut victim = Browser::new(&system);
        if under_way {
            victim.begin(&connect_link(&system, USER).await).await;
        }
        let end = victim.open(&back).await;
        assert_failed(&system, &end, ELSEWHERE).await;
        // It is used up by that, for the attacker too.
        let end = attacker.open(&back).await;
        assert_failed(&system, &end, OVER).await;
    }
    assert_eq!(system.count("token").await, 0);
}

/// OWASP, "state": it serves once, even when it fails, and for ten minutes.
#[tokio::test]
async fn a_state_is_replayed_or_too_old() {
    let system = TestSystem::empty().await;
    let mut browser = Browser::new(&system);
    let back = way_back(&system, &mut browser, ACCOUNT).await;
    let declined = with(&with(&back, "code", None), "error", Some("access_denied"));
    assert_eq!(browser.open(&declined).await.status, 403);
    let end = browser.open(&back).await;
    assert_failed(&system, &end, OVER).await;

    let back = way_back(&system, &mut browser, ACCOUNT).await;
    system.pass(10);
    let end = browser.open(&back).await;
    assert_failed(&system, &end, OVER).await;
    assert!(system.rows("OAuthStatesTable").await.is_empty());

    let back = way_back(&system, &mut browser, ACCOUNT).await;
    system.pass(9);
    assert_eq!(browser.open(&back).await.status, 200);
}

/// RFC 9700 §4.5, authorization code injection: a stolen code in a sign-in of the
/// attacker's own. The code was never redeemed, so only PKCE stands in the way.
#[tokio::test]
async fn code_injection() {
    let system = TestSystem::empty().await;
    let stolen = way_back(&system, &mut Browser::new(&system), PAT).await;
    let code = parameter(&stolen, "code").unwrap();
    let mut attacker = Browser::new(&system);
    let own = way_back(&system, &mut attacker, ACCOUNT).await;
    let end = attacker.open(&with(&own, "code", Some(&code))).await;
    assert_failed(&system, &end, AGAIN).await;
}

/// RFC 6749 §4.1.2: a code is redeemed once.
#[tokio::test]
async fn code_replay() {
    let system = TestSystem::empty().await;
    let mut victim = Browser::new(&system);
    let back = way_back(&system, &mut victim, PAT).await;
    let code = parameter(&back, "code").unwrap();
    assert_eq!(victim.open(&back).await.status, 200);
    system
        .delete("/calendar/auth/disconnect?user_id=demo")
        .await;

    for browser in [&mut victim, &mut Browser::new(&system)] {
        let own = way_back(&system, browser, PAT).await;
        let end = browser.open(&with(&own, "code", Some(&code))).await;
        assert_failed(&system, &end, AGAIN).await;
    }
}

/// RFC 9700 §4.8.2, PKCE downgrade: the challenge is taken out of the request, made
/// plain, or replaced by the attacker's own.
#[tokio::test]
async fn pkce_downgrade() {
    let system = TestSystem::empty().await;
    let mut browser = Browser::new(&system);
    let own = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    for changes in [
        [("code_challenge", None), ("code_challenge_method", None)],
        [("code_challenge_method", None), ("response_mode", None)],
        [
            ("code_challenge_method", Some("plain")),
            ("response_mode", None),
        ],
        [("code_challenge", Some(own)), ("response_mode", None)],
    ] {
        let page = browser.begin(&connect_link(&system, USER).await).await;
        let page = changes
            .iter()
            .fold(page, |page, (name, value)| with(&page, name, *value));
        let back = browser.choose(&page, ("account", ACCOUNT)).await;
        let end = browser.open(&back).await;
        assert_failed(&system, &end, AGAIN).await;
    }
}

/// OpenID Connect Core §15.5.2, nonce: the id token must be of this sign-in.
#[tokio::test]
async fn id_token_replay() {
    let system = TestSystem::empty().await;
    let mut browser = Browser::new(&system);
    for nonce in [None, Some("another")] {
        let page = browser.begin(&connect_link(&system, USER).await).await;
        let page = with(&page, "nonce", nonce);
        let back = browser.choose(&page, ("account", ACCOUNT)).await;
        let end = browser.open(&back).await;
        assert_failed(&system, &end, AGAIN).await;
    }
}

/// RFC 9700 §4.4, mix-up: the code is of another authority than ours. It goes nowhere
/// but to ours, which does not know it; who claims to have issued it does not matter.
#[tokio::test]
async fn mix_up() {
    let system = TestSystem::empty().await;
    let mut browser = Browser::new(&system);
    for other in ["common", "lakeside.example"] {
        let page = browser.begin(&connect_link(&system, USER).await).await;
        let page = page.replace("/organizations/", &format!("/{other}/"));
        let back = browser.choose(&page, ("account", ACCOUNT)).await;
        let claimed = format!("{}/organizations", system.local.microsoft.as_ref().unwrap());
        let end = browser.open(&with(&back, "iss", Some(&claimed))).await;
        assert_failed(&system, &end, AGAIN).await;
    }
    let page = browser.begin(&connect_link(&system, USER).await).await;
    let state = parameter(&page, "state").unwrap();
    let callback = format!("{}/calendar/auth/callback", system.local.gateway);
    let end = browser
        .open(&format!(
            "{callback}?code=of-another&state={state}&iss=https://evil.example"
        ))
        .await;
    assert_failed(&system, &end, AGAIN).await;
}

/// RFC 9700 §4.11, open redirection: the browser goes to allowed origins only, and
/// nobody but the signed link says where.
#[tokio::test]
async fn open_redirect() {
    let system = TestSystem::empty().await;
    for address in [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "https:evil.example",
        "http://localhost:3000.evil.example/",
        "http://localhost:3000@evil.example/",
        "http://evil.example#http://localhost:3000/",
        "http://localhost:30000/",
        "javascript:alert(1)",
        "data:text/html,x",
        "\u{1}http://evil.example",
    ] {
        let fields = json!({"user_id": USER, "redirect_url": address});
        let answer = system.post("/calendar/auth/links", &fields).await;
        assert_eq!(answer.body["field"], "redirect_url", "{address}");
    }
    // Parameters beside the signed link are not read, on either way.
    let link = connect_link(&system, USER).await;
    let mut browser = Browser::new(&system);
    let page = browser
        .begin(&format!("{link}&redirect_url=https://evil.example/"))
        .await;
    let back = browser.choose(&page, ("account", ACCOUNT)).await;
    let end = browser
        .open(&format!("{back}&redirect_url=https://evil.example/"))
        .await;
    assert_eq!((end.status, end.header("location")), (200, ""));

    let fields = json!({"user_id": USER, "redirect_url": format!("{ORIGIN}\\@evil.example/")});
    let answer = system.post("/calendar/auth/links", &fields).await;
    let page = browser.begin(answer.body["url"].as_str().unwrap()).await;
    let back = browser.choose(&page, ("account", ACCOUNT)).await;
    let end = browser.open(&back).await;
    assert!(
        end.header("location").starts_with(&format!("{ORIGIN}/")),
        "{end:?}"
    );
}

/// OWASP, session fixation: the attacker begins a sign-in, and has the victim finish
/// it at Microsoft, which would connect the victim's calendar for the attacker.
#[tokio::test]
async fn session_fixation_by_a_foreign_sign_in() {
    let system = TestSystem::empty().await;
    let mut attacker = Browser::new(&system);
    let link = connect_link(&system, "attacker").await;
    let page = attacker.begin(&link).await;
    let mut victim = Browser::new(&system);
    let back = victim.choose(&page, ("account", ACCOUNT)).await;
    // A cookie that another host could set does not pass for the one that only
    // this host can.
    let (_, value) = attacker.cookies[0].split_once('=').unwrap();
    victim.cookies = vec![
        format!("connect={value}"),
        format!("__Secure-connect={value}"),
        format!("__host-connect={value}"),
    ];
    let end = victim.open(&back).await;
    assert_failed(&system, &end, ELSEWHERE).await;
}

/// The same with the link itself, which begins a sign-in in the victim's browser. Who
/// is expected is known from the connection or from the link; where neither is known,
/// the page names the person for whom it was.
#[tokio::test]
async fn session_fixation_by_a_foreign_link() {
    let system = TestSystem::empty().await;
    let hinted = json!({"user_id": "attacker", "login_hint": PAT});
    let hinted = system.post("/calendar/auth/links", &hinted).await;
    let hinted = hinted.body["url"].as_str().unwrap().to_owned();
    let open = async |link: &str| {
        let mut victim = Browser::new(&system);
        let page = victim.begin(link).await;
        let back = victim.choose(&page, ("account", ACCOUNT)).await;
        victim.open(&back).await
    };
    let asked = open(&hinted).await;
    assert_eq!(asked.status, 409);
    assert!(page_text(&asked).contains(PAT));
    assert!(system.rows("ConnectionsTable").await.is_empty());

    system.connect("attacker", PAT).await;
    let asked = open(&connect_link(&system, "attacker").await).await;
    assert_eq!(asked.status, 409);
    assert!(page_text(&asked).contains("is connected for attacker."));
    let status = system
        .get("/calendar/auth/status?user_id=attacker&verify=false")
        .await;
    assert_eq!(status.body["calendar_email"], PAT);

    let named = open(&connect_link(&system, "someone").await).await;
    let text = page_text(&named);
    assert!(
        text.contains("If you are not someone, you were sent"),
        "{text}"
    );
}

/// RFC 9700 §4.7, at the question which account is meant: a form of another site does
/// not bring the cookie along, and cannot know the token.
#[tokio::test]
async fn csrf_at_the_confirmation() {
    let system = TestSystem::start().await;
    let mut victim = Browser::new(&system);
    let asked = victim.connect(USER, PAT).await;
    assert_eq!(asked.status, 409);
    let cookies = std::mem::take(&mut victim.cookies);
    assert_eq!(victim.decide(&asked, "use").await.status, 403);
    victim.cookies = cookies;
    let status = system.get("/calendar/auth/status?user_id=demo").await;
    assert_eq!(status.body["calendar_email"], ACCOUNT);
    assert_eq!(status.body["calendar_error"], Value::Null);
}

/// RFC 9700 §4.16, clickjacking: `page_text` holds every page against its headers.
#[tokio::test]
async fn clickjacking() {
    let system = TestSystem::start().await;
    let asked = Browser::new(&system).connect(USER, PAT).await;
    assert_eq!(asked.status, 409);
    page_text(&asked);
}
