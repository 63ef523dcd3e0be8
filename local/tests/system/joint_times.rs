//! When several staff members can be at a viewing together: what all their calendars,
//! rules and ledgers leave open, and nothing that one of them does not tell.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use local::Options;
use local::defaults::{ACCOUNT, USER};
use local::microsoft::{Account, demonstration_accounts};
use reqwest::Method;
use serde_json::{Value, json};
use shared::clock::Turn;
use shared::ids::{Seed, UserId};
use shared::microsoft::{Accounts, ScheduleError};
use shared::scheduling::Interval;

use crate::browser::Browser;
use crate::issuer::Issuer;
use crate::settings;
use crate::system::{Answer, MONDAY, TestSystem};

const PAT: &str = "pat@lakeside.example";
const KAI: &str = "casey@lakeside.example";
const TUESDAY: &str = "start=2031-11-25&end=2031-11-26";

/// Dana Demo in Chicago, Pat on Pacific time, and Kai on Eastern time.
async fn three() -> TestSystem {
    let system = TestSystem::start().await;
    system.connect("pat", PAT).await;
    system.connect("kai", KAI).await;
    system
}

async fn add(system: &TestSystem, account: &str, event: &Value) {
    let path = format!("/mailboxes/{account}/events");
    system.control(Method::POST, &path, event).await;
}

async fn ask(system: &TestSystem, query: &str) -> Answer {
    let path = format!("/calendar/availability?user_id={USER}&{query}");
    system.get(&path).await
}

fn starts(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let slots = answer.body["available_slots"].as_array().unwrap().iter();
    slots
        .map(|slot| slot["start_time"].as_str().unwrap())
        .collect()
}

/// The starts that each of the three has open alone, wherever they are.
async fn open_for_each(system: &TestSystem, query: &str) -> Vec<BTreeSet<jiff::Timestamp>> {
    let mut open = Vec::new();
    for user in [USER, "pat", "kai"] {
        let path = format!("/calendar/availability?user_id={user}&{query}");
        let answer = system.get(&path).await;
        let instants = starts(&answer).into_iter().map(|at| at.parse().unwrap());
        open.push(instants.collect());
    }
    open
}

/// On Tuesday, as `HH:MM` in Chicago; and asserts that it is just what is open for each.
async fn tuesday(system: &TestSystem) -> String {
    let window = "start=2031-11-25T00:00:00-06:00&end=2031-11-26T00:00:00-06:00";
    let answer = ask(system, &format!("{window}&with=pat,kai")).await;
    let found = starts(&answer);
    let alone = open_for_each(system, window).await;
    let common = alone[0].iter();
    let common = common.filter(|at| alone[1].contains(at) && alone[2].contains(at));
    let instants = found
        .iter()
        .map(|at| at.parse::<jiff::Timestamp>().unwrap());
    assert!(instants.eq(common.copied()), "{found:?} {alone:?}");
    let times: Vec<&str> = found.iter().map(|at| &at[11..16]).collect();
    times.join(" ")
}

#[tokio::test]
async fn together_they_are_free_when_each_of_them_is() {
    let system = three().await;
    let at = |time: &str| format!("2031-11-25T{time}:00-06:00");
    let event = |from, to, show_as| json!({"start": at(from), "end": at(to), "show_as": show_as});
    let mut seen = vec![format!("working hours: {}", tuesday(&system).await)];

    add(&system, ACCOUNT, &event("11:00", "11:30", "busy")).await;
    add(&system, PAT, &event("11:30", "12:10", "oof")).await;
    add(&system, KAI, &event("16:30", "17:00", "free")).await;
    add(&system, KAI, &event("16:00", "16:30", "workingElsewhere")).await;
    seen.push(format!("events: {}", tuesday(&system).await));

    add(&system, KAI, &event("13:00", "14:00", "tentative")).await;
    add(&system, PAT, &event("13:30", "14:30", "tentative")).await;
    seen.push(format!("tentative: {}", tuesday(&system).await));
    system
        .choose("kai", &json!({"tentative_is_busy": false}))
        .await;
    seen.push(format!("not for Kai: {}", tuesday(&system).await));

    system
        .choose("pat", &json!({"buffer_before_minutes": 30}))
        .await;
    seen.push(format!("Pat's buffer: {}", tuesday(&system).await));
    system
        .choose("pat", &json!({"notice_minutes": 60 * 32}))
        .await;
    seen.push(format!("Pat's notice: {}", tuesday(&system).await));
    insta::assert_snapshot!(seen.join("\n"), @"
    working hours: 10:30 11:00 11:30 12:00 12:30 13:00 13:30 14:00 14:30 15:00 15:30 16:00 16:30
    events: 10:30 12:30 13:00 13:30 14:00 14:30 15:00 15:30 16:00 16:30
    tentative: 10:30 12:30 14:30 15:00 15:30 16:00 16:30
    not for Kai: 10:30 12:30 13:00 14:30 15:00 15:30 16:00 16:30
    Pat's buffer: 10:30 13:00 15:00 15:30 16:00 16:30
    Pat's notice: 16:30
    ");
}

#[tokio::test]
async fn what_the_ledger_has_of_any_of_them_is_taken() {
    let system = three().await;
    // The free and busy of others does not show it yet.
    let lag = json!({"schedule_lag_seconds": 3600});
    system.control(Method::PUT, "/settings", &lag).await;
    let book = async |user: &str, time: &str| {
        let fields = json!({
            "user_id": user, "subject": "Visit", "duration_minutes": 30,
            "start_time": format!("2031-11-25T{time}:00-06:00"),
        });
        system.post("/calendar/events", &fields).await.status
    };
    assert_eq!(book("pat", "11:00").await, 201);
    assert_eq!(book(USER, "12:00").await, 201);
    let rule = json!({"operation": "create_event", "effect": {"error": {"status": 503}}});
    system.fault(&rule).await;
    assert_eq!(book("kai", "13:00").await, 202);
    system.no_faults().await;
    insta::assert_snapshot!(tuesday(&system).await, @"10:30 11:30 12:30 13:30 14:00 14:30 15:00 15:30 16:00 16:30");

    // What is held counts, too: Kai's day is full.
    system.choose("kai", &json!({"max_per_day": 2})).await;
    assert_eq!(book("kai", "15:00").await, 201);
    assert_eq!(tuesday(&system).await, "");
}

#[tokio::test]
async fn the_limits_of_another_count_their_whole_week() {
    let system = three().await;
    let fields = json!({
        "user_id": "kai", "subject": "Visit", "duration_minutes": 30,
        "start_time": "2031-11-24T15:00:00-06:00",
    });
    assert_eq!(system.post("/calendar/events", &fields).await.status, 201);
    system.choose("kai", &json!({"max_per_week": 1})).await;
    for (day, after, open) in [
        ("2031-11-28", "2031-11-29", 0),
        ("2031-12-01", "2031-12-02", 13),
    ] {
        let query = format!("start={day}&end={after}&with=kai,pat");
        assert_eq!(starts(&ask(&system, &query).await).len(), open, "{day}");
    }
}

#[tokio::test]
async fn whole_days_of_another_are_their_own_dates() {
    let system = three().await;
    let days = json!({"start": "2031-11-25", "end": "2031-11-26", "all_day": true});
    add(&system, PAT, &days).await;
    assert_eq!(tuesday(&system).await, "");
    let answer = ask(&system, "start=2031-11-26&end=2031-11-27&with=pat,kai").await;
    assert_eq!(starts(&answer).len(), 13);
}

#[tokio::test]
async fn the_answer_has_the_usual_form_without_slot_ids() {
    let system = three().await;
    let query = "days_ahead=1&start_hour=11&end_hour=13&duration_minutes=60&limit=2&with=pat,+kai";
    let mut answer = ask(&system, query).await;
    assert!(answer.body["generated_at"].is_string());
    answer.body["generated_at"] = json!("now");
    let text = serde_json::to_string_pretty(&answer.body).unwrap();
    insta::assert_snapshot!(text, @r#"
    {
      "available_slots": [
        {
          "day": "Monday",
          "end_time": "2031-11-24T12:00:00-06:00",
          "formatted_time": "Monday, November 24, 2031 at 11:00 AM",
          "start_time": "2031-11-24T11:00:00-06:00"
        },
        {
          "day": "Monday",
          "end_time": "2031-11-24T12:30:00-06:00",
          "formatted_time": "Monday, November 24, 2031 at 11:30 AM",
          "start_time": "2031-11-24T11:30:00-06:00"
        }
      ],
      "generated_at": "now",
      "status": "success",
      "time_zone": "America/Chicago",
      "with": [
        "pat",
        "kai"
      ]
    }
    "#);
    // The wall clock and the length are those of the lead.
    let path =
        "/calendar/availability?user_id=pat&with=demo&limit=1&start=2031-11-25&end=2031-11-26";
    let answer = system.get(path).await;
    assert_eq!(answer.body["time_zone"], "America/Los_Angeles");
    assert_eq!(starts(&answer), ["2031-11-25T08:30:00-08:00"]);
}

/// The error, and whose calendar it is about.
fn refusal(what: &str, answer: &Answer) -> String {
    assert!(answer.body["available_slots"].is_null(), "{answer:?}");
    let user = answer.body["user_id"].as_str().unwrap();
    format!("{what}:\n  {} [{user}]", answer.error())
}

#[tokio::test]
async fn nobody_is_free_whose_calendar_is_unknown() {
    let system = three().await;
    system.connect("harper", "harper@harbor.example").await;
    let unreadable = json!({"unreadable_schedules": [KAI]});
    system.control(Method::PUT, "/settings", &unreadable).await;
    let not_told = ask(&system, "with=pat,kai").await;

    let withheld = json!({"withheld_scopes": ["Calendars.ReadWrite"]});
    system.control(Method::PUT, "/settings", &withheld).await;
    let mut browser = Browser::new(&system);
    let page = browser.connect("nora", "nora@lakeside.example").await;
    assert_ne!(page.status, 200, "{page:?}");
    let no_consent = ask(&system, "with=pat,nora").await;
    system.control(Method::PUT, "/settings", &json!({})).await;

    let denied = json!({"error": {"status": 403, "code": "ErrorAccessDenied"}});
    let denied = json!({"operation": "calendar_view", "account": PAT, "effect": denied});
    system.fault(&denied).await;
    let alone = system.get("/calendar/availability?user_id=pat").await;
    assert_eq!(alone.code(), "calendar_needs_reconnect");
    system.no_faults().await;
    let consent_gone = ask(&system, "with=kai,pat").await;
    system.reconnect("pat", PAT).await;

    let led_by_nobody = "/calendar/availability?user_id=nobody&with=pat";
    let transcript = [
        ("a schedule that is not told", not_told),
        ("no consent to the calendar", no_consent),
        ("consent that is gone", consent_gone),
        ("nobody known", ask(&system, "with=nobody,pat").await),
        (
            "another organisation",
            ask(&system, "with=pat,harper").await,
        ),
        ("a lead that nobody knows", system.get(led_by_nobody).await),
    ];
    let transcript = transcript.map(|(what, answer)| refusal(what, &answer));
    insta::assert_snapshot!(transcript.join("\n"), @"
    a schedule that is not told:
      424 calendar_unreadable: Microsoft does not tell when kai is free. [kai]
    no consent to the calendar:
      424 calendar_not_connected: For nora: No calendar is connected for this staff member. [nora]
    consent that is gone:
      424 calendar_needs_reconnect: For pat: The calendar needs to be reconnected. [pat]
    nobody known:
      424 calendar_not_connected: For nobody: No calendar is connected for this staff member. [nobody]
    another organisation:
      422 other_organisation: harper is of another organisation than demo, so Microsoft does not tell when both are free. [harper]
    a lead that nobody knows:
      424 calendar_not_connected: For nobody: No calendar is connected for this staff member. [nobody]
    ");
}

#[tokio::test]
async fn nobody_is_free_while_microsoft_fails() {
    let system = three().await;
    let mut transcript = Vec::new();
    for (operation, what, effect) in [
        (
            "get_schedule",
            "an error",
            json!({"error": {"status": 500}}),
        ),
        ("get_schedule", "a page", json!({"html": 200})),
        ("get_schedule", "nothing", json!({"empty": 200})),
        (
            "get_schedule",
            "throttling",
            json!({"error": {"status": 429, "retry_after": "7"}}),
        ),
        (
            "get_schedule",
            "a refusal",
            json!({"error": {"status": 403, "code": "ErrorAccessDenied"}}),
        ),
        ("get_schedule", "a broken connection", json!("cut")),
        ("get_schedule", "silence", json!("hang")),
        (
            "calendar_view",
            "an error",
            json!({"error": {"status": 500}}),
        ),
    ] {
        let rule = json!({"operation": operation, "effect": effect});
        system.fault(&rule).await;
        let answer = ask(&system, "with=pat,kai").await;
        transcript.push(refusal(&format!("{operation}, {what}"), &answer));
        system.no_faults().await;
        // It says nothing of the lead's own calendar.
        assert!(system.is_connected(USER).await, "{what}");
        let answer = ask(&system, &format!("{TUESDAY}&with=pat,kai")).await;
        assert_eq!(starts(&answer).len(), 13);
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    get_schedule, an error:
      502 calendar_failed: For demo: Microsoft could not answer. Please try again. [demo]
    get_schedule, a page:
      502 calendar_failed: For demo: Microsoft could not answer. Please try again. [demo]
    get_schedule, nothing:
      502 calendar_failed: For demo: Microsoft could not answer. Please try again. [demo]
    get_schedule, throttling:
      503 calendar_busy: For demo: Microsoft asks us to slow down. Please try again in a moment. [demo]
    get_schedule, a refusal:
      502 calendar_failed: For demo: Microsoft could not answer. Please try again. [demo]
    get_schedule, a broken connection:
      502 calendar_failed: For demo: Microsoft could not answer. Please try again. [demo]
    get_schedule, silence:
      504 calendar_timeout: For demo: Microsoft took too long to answer. Please try again. [demo]
    calendar_view, an error:
      502 calendar_failed: For demo: Microsoft could not answer. Please try again. [demo]
    ");
}

#[tokio::test]
async fn no_ledger_is_no_empty_ledger() {
    let system = three().await;
    let rule = json!({
        "operation": "query", "table": "LedgerTable", "trigger": {"nth": 3},
        "effect": {"error": {"status": 400, "code": "AccessDeniedException"}},
    });
    system.aws_fault(&rule).await;
    let answer = ask(&system, "with=pat,kai").await;
    assert_eq!(answer.code(), "storage_unavailable", "{answer:?}");
}

#[tokio::test]
async fn one_failed_read_of_schedules_is_repeated() {
    let system = three().await;
    for effect in [json!({"error": {"status": 503}}), json!("cut")] {
        let rule = json!({"operation": "get_schedule", "trigger": {"nth": 1}, "effect": effect});
        system.fault(&rule).await;
        assert_eq!(
            starts(&ask(&system, &format!("{TUESDAY}&with=pat,kai")).await).len(),
            13
        );
        system.no_faults().await;
    }
}

#[tokio::test]
async fn whom_it_names_is_checked() {
    let system = TestSystem::start().await;
    let many: Vec<String> = (0..20).map(|number| format!("staff{number}")).collect();
    let mut transcript = Vec::new();
    for with in [
        "demo",
        "pat,demo",
        "pat,pat",
        "pat,",
        ",",
        "p%C3%A4t",
        "pat%20kai",
        "pat&with=pat",
        &many.join(","),
    ] {
        let answer = ask(&system, &format!("with={with}")).await;
        transcript.push(format!("{with}: {}", answer.error()));
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    demo: 400 invalid_request (with): with names the user_id itself.
    pat,demo: 400 invalid_request (with): with names the user_id itself.
    pat,pat: 400 invalid_request (with): with names pat more than once.
    pat,: 400 invalid_request (with): with must be user ids with commas between them.
    ,: 400 invalid_request (with): with must be user ids with commas between them.
    p%C3%A4t: 400 invalid_request (with): with must be user ids with commas between them.
    pat%20kai: 400 invalid_request (with): with must be user ids with commas between them.
    pat&with=pat: 400 invalid_request (with): with names pat more than once.
    staff0,staff1,staff2,staff3,staff4,staff5,staff6,staff7,staff8,staff9,staff10,staff11,staff12,staff13,staff14,staff15,staff16,staff17,staff18,staff19: 400 invalid_request (with): with may name at most 19 staff members.
    ");
    // Named twice is asked of both: nobody is forgotten.
    let answer = ask(&system, "with=pat&with=kai").await;
    assert_eq!(answer.body["user_id"], "pat", "{answer:?}");
    system.connect("pat", PAT).await;
    let answer = ask(&system, "with=pat&with=kai").await;
    assert_eq!(answer.body["user_id"], "kai", "{answer:?}");
    for nobody in ["with=", "with=%20"] {
        let answer = ask(&system, nobody).await;
        assert!(answer.body["available_slots"][0]["slot_id"].is_string());
        assert!(answer.body["with"].is_null());
    }
}

#[tokio::test]
async fn staff_by_their_own_token_learn_nothing_of_others() {
    let (issuer, key) = Issuer::start().await;
    let system = TestSystem::start_with(issuer.options(), MONDAY).await;
    system.connect(USER, ACCOUNT).await;
    system.connect("pat", PAT).await;
    let token = key.sign(&issuer.claims(USER, system.clock.now()));
    let mut seen = Vec::new();
    for query in [
        "",
        "?with=",
        "?with=pat",
        "?user_id=demo&with=nobody",
        "?with=demo",
    ] {
        let path = format!("/calendar/availability{query}");
        let request = system.request(Method::GET, &path).bearer_auth(&token);
        let answer = Answer::of(request).await;
        let told = match answer.status {
            200 => "200".to_owned(),
            _ => answer.error(),
        };
        seen.push(format!("{query}: {told}"));
    }
    insta::assert_snapshot!(seen.join("\n"), @"
    : 200
    ?with=: 200
    ?with=pat: 403 forbidden: You can only see your own open times, so leave out the parameter with.
    ?user_id=demo&with=nobody: 403 forbidden: You can only see your own open times, so leave out the parameter with.
    ?with=demo: 403 forbidden: You can only see your own open times, so leave out the parameter with.
    ");
}

/// One person as the others, with an address and an id of their own.
fn person(number: usize) -> Account {
    let like = demonstration_accounts().swap_remove(0);
    Account {
        email: format!("staff{number}@lakeside.example"),
        object_id: uuid::Uuid::from_u128(like.object_id.as_u128() + 2000 + number as u128),
        ..like
    }
}

async fn asked_of_aws(system: &TestSystem) -> Value {
    let counts = format!("{}/control/counts", system.local.aws);
    let mut answer = Answer::of(system.request(Method::GET, &counts)).await;
    answer.body["operations"].take()
}

#[tokio::test]
async fn nineteen_others_are_one_request() {
    let (template, _folder) = settings::patient_template();
    let options = Options {
        accounts: (0..19).map(person).collect(),
        template: Some(template),
        ..Options::default()
    };
    let system = TestSystem::start_with(options, MONDAY).await;
    system.connect(USER, ACCOUNT).await;
    let mut names = Vec::new();
    for number in 0..19 {
        let (user, account) = (format!("staff{number}"), person(number).email);
        system.connect(&user, &account).await;
        // Each is busy for a quarter of an hour of their own, from nine to a quarter to two.
        let at = |minute: usize| {
            format!(
                "2031-11-25T{:02}:{:02}:00-06:00",
                9 + minute / 60,
                minute % 60
            )
        };
        let event = json!({"start": at(number * 15), "end": at(number * 15 + 15)});
        add(&system, &account, &event).await;
        names.push(user);
    }
    let query = format!("{TUESDAY}&with={}", names.join(","));
    let before = asked_of_aws(&system).await;
    let answer = ask(&system, &query).await;
    let after = asked_of_aws(&system).await;
    assert_eq!(
        starts(&answer),
        ["14:00", "14:30", "15:00", "15:30", "16:00", "16:30"]
            .map(|time| format!("2031-11-25T{time}:00-06:00"))
    );
    assert_eq!(answer.body["with"], json!(names));
    let counters = &system.mailbox(ACCOUNT).await["counters"];
    assert_eq!(counters["operations"]["get_schedule"], 1, "{counters}");
    assert_eq!(counters["operations"]["calendar_view"], 1, "{counters}");
    assert_eq!(counters["throttled"], 0, "{counters}");
    for number in 0..19 {
        let counters = &system.mailbox(&person(number).email).await["counters"];
        assert!(
            counters["operations"]["calendar_view"].is_null(),
            "{counters}"
        );
    }
    // The connection and the rules of each together, and then the ledger of each.
    for (operation, count) in [("batch_get_item", 20), ("query", 20)] {
        let asked = |counts: &Value| counts[operation].as_u64().unwrap_or(0);
        assert_eq!(asked(&after) - asked(&before), count, "{operation}");
    }
    let twenty = ask(&system, &format!("{query},staff19")).await;
    assert_eq!(
        (twenty.status, &twenty.body["field"]),
        (400, &json!("with"))
    );
}

#[tokio::test]
async fn more_people_than_a_request_may_name_are_asked_about_in_several() {
    let system = three().await;
    let busy = json!({"start": "2031-11-25T16:00:00Z", "end": "2031-11-25T17:00:00Z"});
    add(&system, PAT, &busy).await;
    let settings = settings::of_function(&settings::template(&system.local), "Availability");
    let aws = settings::aws(&settings);
    let accounts = Accounts::new(&settings, &aws, &shared::https::client().unwrap()).unwrap();
    let limit = Duration::from_secs(10);
    let turn = Turn::new(system.clock.now(), Seed::random(), Instant::now(), limit);
    let connection = accounts.connected(&UserId::new(USER)).await.unwrap();
    let (_, session) = accounts.open(connection, &turn).await.unwrap();

    let mut addresses = vec![KAI; 45];
    addresses[21] = PAT;
    addresses[44] = "nobody@lakeside.example";
    let window = Interval::lasting(system.clock.now(), 3 * 24 * 60);
    let told = session.schedules(&addresses, window, &turn).await.unwrap();
    assert_eq!(told.len(), addresses.len());
    for (index, schedule) in told.iter().enumerate() {
        let expected = match index {
            21 => 1,
            44 => {
                assert!(
                    matches!(schedule, Err(ScheduleError::Refused(_))),
                    "{schedule:?}"
                );
                continue;
            }
            _ => 0,
        };
        assert_eq!(schedule.as_ref().unwrap().len(), expected, "{index}");
    }
    assert_eq!(system.count("get_schedule").await, 3);
}

#[tokio::test]
async fn a_long_window_is_asked_about_in_pieces() {
    let system = three().await;
    let busy = |start: &str, end: &str| json!({"start": start, "end": end});
    // All but 29 January; the second piece begins in the night after it.
    for (account, start, end) in [
        (KAI, "2031-11-25T06:00:00Z", "2031-12-02T06:00:00Z"),
        (PAT, "2031-12-02T12:00:00Z", "2032-01-29T02:00:00Z"),
        (KAI, "2032-01-30T12:00:00Z", "2032-02-02T02:00:00Z"),
    ] {
        add(&system, account, &busy(start, end)).await;
    }
    let window = "start=2031-12-01T00:00:00&end=2032-02-01T00:00:00";
    let before = system.count("get_schedule").await;
    let answer = ask(&system, &format!("{window}&with=pat,kai")).await;
    let found = starts(&answer);
    assert_eq!(system.count("get_schedule").await - before, 2);
    assert_eq!(found.len(), 13, "{found:?}");
    assert!(
        found.iter().all(|at| at.starts_with("2032-01-29")),
        "{found:?}"
    );
    let too_long = "start=2031-12-01T00:00:00&end=2032-02-01T00:00:01&with=pat,kai";
    assert_eq!(ask(&system, too_long).await.body["field"], "end");
}
