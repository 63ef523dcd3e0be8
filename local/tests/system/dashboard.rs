//! VAPI's dashboard as the CRM sees it: which assistants there are, whether they reach
//! this API, and what VAPI's own analytics say.

use jiff::SignedDuration;
use local::defaults::{API_KEY, ASSISTANT, USER};
use local::vapi_api::{Kind, Operation};
use local::{Fault, LocalSystem, Options};
use serde_json::{Value, json};
use shared::vapi::Tool;

use crate::system::{Answer, MONDAY, TestSystem};

/// Puts assistants there, `several` of them made at each moment.
fn put_assistants(system: &TestSystem, count: i64, several: i64) {
    for number in 0..count {
        let made = system.clock.now() - SignedDuration::from_mins(number / several);
        let assistant = json!({
            "id": format!("assistant-{number}"), "name": format!("Assistant {number}"),
            "createdAt": format!("{made:.3}"),
        });
        system
            .local
            .vapi_api
            .put(Kind::Assistant, assistant)
            .unwrap();
    }
}

fn asked(system: &TestSystem, operation: Operation) -> u64 {
    let counts = system.local.vapi_api.counts();
    counts.get(&operation).copied().unwrap_or_default()
}

fn misbehave(system: &TestSystem, fault: &str) {
    let fault: Fault = fault.parse().unwrap();
    system.local.misbehave(vec![fault]);
}

#[tokio::test]
async fn all_assistants_are_listed_over_all_pages() {
    let system = TestSystem::empty().await;
    put_assistants(&system, 250, 7);
    let answer = system.get("/vapi/assistants").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let listed = answer.body["assistants"].as_array().unwrap();
    let mut ids: Vec<&str> = listed
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert!(listed.is_sorted_by(|one, other| {
        one["createdAt"].as_str().unwrap() >= other["createdAt"].as_str().unwrap()
    }));
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 250);
    assert_eq!(asked(&system, Operation::ListAssistants), 3);
}

#[tokio::test]
async fn what_was_read_is_shown_for_a_minute() {
    let system = TestSystem::empty().await;
    put_assistants(&system, 1, 1);
    let count = async || {
        let answer = system.get("/vapi/assistants").await;
        (
            answer.body["assistants"].as_array().unwrap().len(),
            asked(&system, Operation::ListAssistants),
        )
    };
    assert_eq!(count().await, (1, 1));
    put_assistants(&system, 2, 1);
    assert_eq!(count().await, (1, 1));
    system.pass(1);
    assert_eq!(count().await, (2, 2));
}

#[tokio::test]
async fn an_assistant_is_shown_with_its_staff_and_what_is_wrong_with_it() {
    let system = TestSystem::empty().await;
    let webhook = format!("{}/vapi/webhook", system.local.gateway);
    let vapi = &system.local.vapi_api;
    let tool = json!({"id": "t", "type": "function", "function": {"name": "get_availability"},
        "server": {"url": "https://old.example.com/hook"}});
    vapi.put(Kind::Tool, tool).unwrap();
    let assistant = json!({
        "id": ASSISTANT, "name": "Leasing", "server": {"url": webhook},
        "model": {"provider": "openai", "model": "gpt-4.1", "toolIds": ["t"],
            "messages": [{"role": "system", "content": "a secret of the house"}]},
    });
    vapi.put(Kind::Assistant, assistant).unwrap();
    system.bind(ASSISTANT, &[USER]).await;
    let answer = system.get("/vapi/assistants").await;
    let shown = &answer.body["assistants"][0];
    assert_eq!(shown["user_ids"], json!([USER]), "{answer:?}");
    assert_eq!(shown["webhook_ok"], false);
    assert_eq!(
        shown["webhook_problems"],
        json!(["The tool get_availability calls another server."])
    );
    let missing = shown["missing_tools"].as_array().unwrap().len();
    assert_eq!(missing, Tool::ALL.len() - 1);
    assert!(!answer.text.contains("a secret of the house"));
}

#[tokio::test]
async fn the_demo_has_an_assistant_that_reaches_this_api() {
    let system = LocalSystem::start(Options::default()).await.unwrap();
    let url = format!("{}/vapi/assistants", system.gateway);
    let request = reqwest::Client::new().get(url);
    let answer = Answer::of(request.header("x-api-key", API_KEY)).await;
    let assistants = answer.body["assistants"].as_array().unwrap();
    assert_eq!(assistants.len(), 1);
    assert_eq!(assistants[0]["webhook_ok"], true);
    assert_eq!(assistants[0]["missing_tools"], json!([]));
    assert_eq!(assistants[0]["user_ids"], json!([USER]));
}

#[tokio::test]
async fn vapi_s_failure_is_told_and_not_kept() {
    let system = TestSystem::empty().await;
    put_assistants(&system, 1, 1);
    let failed = "502 vapi_failed: VAPI could not answer. Please try again.";
    for (fault, expected) in [
        ("list_assistants=503", failed),
        ("list_tools=html:500", failed),
        ("list_assistants=cut", failed),
        ("list_tools=empty:200", failed),
        ("list_assistants=400", failed),
        (
            "list_assistants=429,retry_after=7",
            "503 vapi_busy: VAPI asks us to slow down. Please try again in a moment.",
        ),
        (
            "list_tools=401",
            "502 vapi_key_refused: VAPI does not accept our API key, or there is none.",
        ),
    ] {
        misbehave(&system, fault);
        let answer = system.get("/vapi/assistants").await;
        assert_eq!(answer.error(), expected, "{fault}");
        if answer.status == 503 {
            assert_eq!(answer.header("retry-after"), "7");
        }
        system.local.mend();
    }
    assert_eq!(system.get("/vapi/assistants").await.status, 200);
}

#[tokio::test]
async fn without_a_key_vapi_is_not_asked() {
    let secret = json!({"webhook": {"mode": "bearer", "secrets": ["x"]}});
    let options = Options {
        secrets: [("VapiSecret", secret.to_string())].into(),
        ..Options::default()
    };
    let system = TestSystem::start_with(options, MONDAY).await;
    let answer = system.get("/vapi/assistants").await;
    let expected = "502 vapi_key_refused: VAPI does not accept our API key, or there is none.";
    assert_eq!(answer.error(), expected);
    assert_eq!(asked(&system, Operation::ListAssistants), 0);
}

fn put_call(system: &TestSystem, assistant: &str, hours_ago: i64, minutes: i64) {
    let start = system.clock.now() - SignedDuration::from_hours(hours_ago);
    let end = start + SignedDuration::from_mins(minutes);
    let call = json!({
        "type": "inboundPhoneCall", "status": "ended", "assistantId": assistant,
        "createdAt": start, "startedAt": start, "endedAt": end, "cost": 0.25,
    });
    system.local.vapi_api.put(Kind::Call, call).unwrap();
}

#[tokio::test]
async fn vapi_s_own_analytics_are_a_second_source() {
    let system = TestSystem::empty().await;
    put_call(&system, "a", 1, 3);
    put_call(&system, "a", 2, 1);
    put_call(&system, "b", 2, 5);
    put_call(&system, "b", 30, 1);
    put_call(&system, "b", 24 * 40, 1);
    let query = "source=vapi&from=2031-11-23&to=2031-11-24";
    let answer = system.get(&format!("/vapi/analytics?{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["source"], "vapi");
    let shown = |group: &Value| {
        let name = |name: &str| group[name].as_str().unwrap().to_owned();
        format!(
            "{} {}: {} calls, {} in all, {} each, {}",
            name("day"),
            name("assistant_id"),
            group["calls"],
            group["duration"],
            group["average_duration"],
            group["cost"],
        )
    };
    let groups = answer.body["groups"].as_array().unwrap();
    let groups: Vec<String> = groups.iter().map(shown).collect();
    insta::assert_snapshot!(groups.join("\n"), @"
    2031-11-24 a: 2 calls, 4.0 in all, 2.0 each, 0.5
    2031-11-23 b: 1 calls, 1.0 in all, 1.0 each, 0.25
    2031-11-24 b: 1 calls, 5.0 in all, 5.0 each, 0.25
    ");
    let one = system
        .get(&format!("/vapi/analytics?{query}&assistant_id=a"))
        .await;
    assert_eq!(one.body["groups"].as_array().unwrap().len(), 1);

    misbehave(&system, "analytics=500");
    let answer = system.get(&format!("/vapi/analytics?{query}")).await;
    assert_eq!(
        answer.error(),
        "502 vapi_failed: VAPI could not answer. Please try again."
    );
}
