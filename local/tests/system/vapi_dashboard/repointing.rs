//! `--repoint-only`: the webhook addresses of everything, and nothing else.

use std::time::{Duration, Instant};

use local::defaults::VAPI_API_KEY;
use local::vapi_api::{Kind, Operation};
use local::vapi_dashboard::Ending;
use serde_json::{Value, json};

use super::harness::{OLD, an_old_desk, asked, changes, misbehave, run, sixteen, webhook};
use crate::system::TestSystem;

#[tokio::test]
async fn sixteen_assistants_are_repointed_by_one_command() {
    let system = TestSystem::empty().await;
    sixteen(&system);
    misbehave(&system, "update_assistant=500,id=assistant-07");
    let (ending, plan) = run(&system, "plan --repoint-only").await;
    assert_eq!(ending, Ending::Differs);
    assert!(
        plan.contains("0 to make, 18 to change, 2 as they should be, 4 left alone"),
        "{plan}"
    );
    assert_eq!(changes(&system), 0);

    let (ending, report) = run(&system, "apply --repoint-only").await;
    assert_eq!(ending, Ending::Failed);
    insta::assert_snapshot!(report, @"
    what          name                    outcome     detail
    tool          get_availability        changed     server.url; v1 -> v2
    tool          set_appointment         changed     server.url; v1 -> v2
    tool          find_appointments       unchanged
    tool          weather                 left alone  not one of ours; it calls weather.example.com
    tool          transferCall tool-5     left alone  not one of ours
    assistant     Leasing 1               changed     server.url; v1 -> v2
    assistant     Leasing 2               changed     server.url; v1 -> v2
    assistant     Leasing 3               changed     server.url; v1 -> v2
    assistant     Leasing 4               changed     server.url; v1 -> v2
    assistant     Leasing 5               changed     model.tools.get_availability.server.url, server.url; v1 -> v2
    assistant     Leasing 6               changed     model.tools.get_availability.server.url, server.url; v1 -> v2
    assistant     Leasing 7               FAILED      VAPI cannot be reached: it answered 500 Internal Server Error
    assistant     Leasing 8               changed     server.url; v1 -> v2
    assistant     Leasing 9               changed     server; v1 -> v2
    assistant     Leasing 10              changed     server.url; v1 -> v2
    assistant     Leasing 11              changed     server.url; v1 -> v2
    assistant     Leasing 12              unchanged
    assistant     assistant-13            changed     server.url; v1 -> v2
    assistant     Leasing 14              changed     server.url; v1 -> v2
    assistant     Leasing 15              changed     server.url; v1 -> v2
    assistant     Leasing 16              changed     server.url; v1 -> v2
    phone number  Main line +15125550101  changed     server.url
    phone number  Lakeside                left alone  it has no server; its assistant's is used
    phone number  +15125550103            left alone  it has neither a server nor an assistant
    ! assistant Leasing 4: it is pinned to v3 of set_appointment, which keeps the address that it has
    ! assistant Leasing 5: its tool weather is not one of ours; it calls weather.example.com
    ! assistant Leasing 6: its tool weather is not one of ours; it calls weather.example.com

    0 made, 17 changed, 2 unchanged, 4 left alone, 1 failed
    Not looked at: squads, workflows, and the organisation's own server, which VAPI uses where nothing else names one.
    ");
    let before = changes(&system);
    assert_eq!(before, 17);

    system.local.mend();
    let (ending, report) = run(&system, "apply --repoint-only").await;
    assert_eq!(ending, Ending::Settled, "{report}");
    assert!(
        report.contains("0 made, 1 changed, 19 unchanged, 4 left alone, 0 failed"),
        "{report}"
    );
    let (ending, report) = run(&system, "apply --repoint-only").await;
    assert_eq!(ending, Ending::Settled);
    assert!(
        report.contains("0 made, 0 changed, 20 unchanged, 4 left alone, 0 failed"),
        "{report}"
    );
    assert_eq!(changes(&system), before + 1);
    assert_eq!(run(&system, "plan --repoint-only").await.0, Ending::Settled);
}

/// An assistant as VAPI writes it, without what a repointing may change.
async fn rest_of(system: &TestSystem, path: &str) -> String {
    let url = format!("{}{path}", system.local.vapi);
    let answer = system.http.get(url).bearer_auth(VAPI_API_KEY).send().await;
    let text = answer.unwrap().text().await.unwrap();
    let text = text.replace(OLD, "URL").replace(&webhook(system), "URL");
    let is_stamp = |part: &&str| part.contains("updatedAt") || part.contains("latestVersion");
    let parts = text.split(',').filter(|part| !is_stamp(part));
    parts.collect::<Vec<_>>().join(",")
}

#[tokio::test]
async fn what_is_not_managed_survives_byte_for_byte() {
    let system = TestSystem::empty().await;
    sixteen(&system);
    let paths = [
        "/assistant/assistant-01",
        "/assistant/assistant-05",
        "/tool/tool-1",
        "/phone-number/number-1",
    ];
    let mut before = Vec::new();
    for path in paths {
        before.push(rest_of(&system, path).await);
    }
    assert!(before[1].contains("0.9937135890470127"), "{}", before[1]);
    assert!(before[1].contains("12345678901234567890"), "{}", before[1]);
    run(&system, "apply --repoint-only").await;
    for (path, before) in paths.iter().zip(before) {
        assert_eq!(rest_of(&system, path).await, before);
    }
    // The model of an assistant without tools of its own was not sent at all.
    let sent = system.local.vapi_api.changes();
    let of = |id: &str| sent.iter().find(|change| change["id"] == id).unwrap()["body"].clone();
    let fields = |body: Value| {
        body.as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(fields(of("assistant-01")), "server");
    assert_eq!(fields(of("assistant-05")), "model server");
    assert_eq!(fields(of("tool-1")), "server type");
    assert_eq!(fields(of("number-1")), "provider server");
}

#[tokio::test]
async fn an_interrupted_run_can_be_run_again() {
    let system = TestSystem::empty().await;
    sixteen(&system);
    misbehave(&system, "update_assistant=hang,id=assistant-08");
    let reached_it = async {
        while asked(&system, Operation::UpdateAssistant) < 8 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        (_, report) = run(&system, "apply --repoint-only") => panic!("it ended: {report}"),
        () = reached_it => {}
    }
    system.local.mend();
    let done = changes(&system);
    assert_eq!(done, 9);
    let (ending, report) = run(&system, "apply --repoint-only").await;
    assert_eq!(ending, Ending::Settled);
    assert!(
        report.contains("0 made, 9 changed, 11 unchanged, 4 left alone, 0 failed"),
        "{report}"
    );
    assert_eq!(changes(&system), done + 9);
}

#[tokio::test]
async fn a_lost_answer_is_told_by_what_is_there() {
    let system = TestSystem::empty().await;
    sixteen(&system);
    misbehave(&system, "update_assistant=cut,after,id=assistant-02");
    misbehave(&system, "update_tool=500,after,id=tool-1");
    let (ending, report) = run(&system, "apply --repoint-only").await;
    assert_eq!(ending, Ending::Settled, "{report}");
    assert!(report.contains("18 changed"), "{report}");
}

#[tokio::test]
async fn vapi_is_given_the_time_that_it_asks_for() {
    let system = TestSystem::empty().await;
    sixteen(&system);
    misbehave(&system, "update_assistant=429,retry_after=1,first=1");
    misbehave(&system, "list_tools=429,retry_after=0,first=3");
    let begun = Instant::now();
    let (ending, report) = run(&system, "apply --repoint-only").await;
    assert_eq!(ending, Ending::Settled, "{report}");
    assert!(begun.elapsed() >= Duration::from_secs(1));
    system.local.mend();
    misbehave(&system, "list_assistants=429,retry_after=3600");
    let (_, said) = run(&system, "plan --repoint-only").await;
    assert_eq!(said, "error: VAPI asks us to slow down");
}

#[tokio::test]
async fn one_assistant_alone_is_brought_in_line() {
    let system = TestSystem::empty().await;
    sixteen(&system);
    let (ending, report) = run(&system, "apply --repoint-only --assistant assistant-05").await;
    assert_eq!(ending, Ending::Settled);
    insta::assert_snapshot!(report, @"
    what          name                 outcome     detail
    tool          transferCall tool-5  left alone  not one of ours
    assistant     Leasing 5            changed     model.tools.get_availability.server.url, server.url; v1 -> v2
    ! assistant Leasing 5: its tool weather is not one of ours; it calls weather.example.com

    0 made, 1 changed, 0 unchanged, 1 left alone, 0 failed
    Not looked at: squads, workflows, and the organisation's own server, which VAPI uses where nothing else names one.
    ");
    let (_, said) = run(&system, "plan --repoint-only --assistant Leasing").await;
    assert!(
        said.starts_with("error: there is no assistant Leasing; there are: Leasing 1, "),
        "{said}"
    );
}

#[tokio::test]
async fn a_credential_is_set_where_it_is_named() {
    let system = TestSystem::empty().await;
    an_old_desk(&system);
    let arguments = "apply --repoint-only --credential-id credential-2";
    assert_eq!(run(&system, arguments).await.0, Ending::Settled);
    let server = system.local.vapi_api.all(Kind::Tool)[0]["server"].clone();
    assert_eq!(
        server,
        json!({"url": webhook(&system), "credentialId": "credential-2"})
    );
}
