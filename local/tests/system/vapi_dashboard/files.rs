//! The dashboard is what the files say, and the files are what was pulled.

use local::defaults::{ASSISTANT, USER};
use local::vapi_api::Kind;
use local::vapi_dashboard::Ending;
use serde_json::json;

use super::harness::{an_old_desk, changes, edit, files, misbehave, run, sixteen};
use crate::system::TestSystem;

#[tokio::test]
async fn an_assistant_is_brought_in_line_with_its_file() {
    let system = TestSystem::empty().await;
    an_old_desk(&system);
    let (folder, _kept) = files();
    let file = folder.join("assistants/viewing-desk.json");
    edit(&file, |file| {
        file["user_ids"] = json!([USER]);
        file["tools"] = json!(["get_availability", "set_appointment"]);
    });
    std::fs::write(
        folder.join("assistants/viewing-desk.md"),
        "Be quick.\nBe kind.\n",
    )
    .unwrap();
    let folder = format!("--folder {}", folder.display());
    let (ending, plan) = run(&system, &format!("plan {folder}")).await;
    assert_eq!(ending, Ending::Differs);
    insta::assert_snapshot!(plan, @r#"
    ~ tool get_availability
        function.description
          + Find times at which a property can be viewed. Use it before offering or booking any time, and again when the caller asks for another day. Offer only times that it gave.
        function.parameters.properties.after             + {"description":"The earliest time of day that suits, such as 3 PM.","type":"string"}
        function.parameters.properties.before            + {"description":"The latest time of day that suits, such as noon.","type":"string"}
        function.parameters.properties.date              + {"description":"The day or days that the caller asked for, in their own words, such as tomorrow, next Tuesday or December third. Leave it out for the nearest times.","type":"string"}
        function.parameters.properties.day               - {"type":"string"}
        function.parameters.properties.days_ahead        + {"description":"How many days ahead to look, 1 to 60. Usually 7.","type":"integer"}
        function.parameters.properties.duration_minutes  + {"description":"How long the viewing takes, if not as long as usual.","type":"integer"}
        function.parameters.properties.limit             + {"description":"How many times to offer, at most 3.","type":"integer"}
        function.parameters.properties.part_of_day       + {"description":"If the caller said so.","enum":["morning","afternoon","evening"],"type":"string"}
        function.parameters.properties.property_address  + {"description":"The address of the property, as the caller said it.","type":"string"}
        function.parameters.properties.property_id       + {"description":"The id of the property, if one is known from an earlier answer.","type":"string"}
        function.parameters.properties.user_id           + {"description":"The staff member. Leave it out unless the instructions name one.","type":"string"}
        messages.request-failed                          + {"content":"I am sorry, I cannot look that up right now.","type":"request-failed"}
        messages.request-response-delayed                + {"content":"I am still looking.","timingMilliseconds":2500,"type":"request-response-delayed"}
        messages.request-response-delayed#2              + {"content":"This takes a little longer than usual, thank you for waiting.","timingMilliseconds":6000,"type":"request-response-delayed"}
        messages.request-start.content                   Hold on. -> One moment, let me look.
        parameters                                       + [{"key":"caller_number","value":"{{customer.number}}"},{"key":"call_id","value":"{{call.id}}"}]
        server.timeoutSeconds                            + 15
        server.url                                       https://old.example.com/hook -> https://desk.example.com/vapi/webhook
    + tool set_appointment
    ~ assistant Viewing desk
        firstMessage           + Hello, this is the viewing desk. Which property is it about?
        model.maxTokens        + 400
        model.messages.system.content
          + Be quick.
        model.model            gpt-4o -> gpt-4.1
        model.temperature      + 0.2
        model.toolIds          + new tool set_appointment
        server.timeoutSeconds  + 20
        server.url             https://old.example.com/hook -> https://desk.example.com/vapi/webhook
        serverMessages         + ["tool-calls","status-update","end-of-call-report","hang"]
        voice.provider         11labs -> vapi
        voice.stability        - 0.5
        voice.voiceId          x -> Elliot
    ~ staff of Viewing desk
        nobody -> demo
    . assistant Another team: there is no file for it
    ! assistant Viewing desk: its prompt does not say what day it is

    1 to make, 3 to change, 0 as they should be, 1 left alone
    Not looked at: squads, workflows, and the organisation's own server, which VAPI uses where nothing else names one.
    "#);
    assert_eq!(changes(&system), 0);

    let (ending, report) = run(&system, &format!("apply {folder}")).await;
    assert_eq!(ending, Ending::Settled, "{report}");
    let id = report.lines().find(|line| line.contains("made")).unwrap();
    let report = report.replace(id.rsplit(' ').next().unwrap(), "ID");
    insta::assert_snapshot!(report, @"
    what          name              outcome     detail
    tool          get_availability  changed     function.description, function.parameters.properties.after, function.parameters.properties.before and 16 more; v1 -> v2
    tool          set_appointment   made        ID
    assistant     Viewing desk      changed     firstMessage, model.maxTokens, model.messages.system.content and 9 more; v1 -> v2
    assistant     Another team      left alone  there is no file for it
    staff         Viewing desk      changed     demo
    ! assistant Viewing desk: its prompt does not say what day it is

    1 made, 3 changed, 0 unchanged, 1 left alone, 0 failed
    Not looked at: squads, workflows, and the organisation's own server, which VAPI uses where nothing else names one.
    ");
    let answer = system
        .get(&format!("/vapi/bindings?assistant_id={ASSISTANT}"))
        .await;
    assert_eq!(answer.body["user_ids"], json!([USER]));
    assert_the_rest_is_kept(&system);

    let (ending, plan) = run(&system, &format!("plan {folder}")).await;
    assert_eq!(ending, Ending::Settled, "{plan}");
    let before = changes(&system);
    run(&system, &format!("apply {folder}")).await;
    assert_eq!(changes(&system), before);
}

/// What the file does not name is as it was.
fn assert_the_rest_is_kept(system: &TestSystem) {
    let desk = system.local.vapi_api.all(Kind::Assistant);
    let desk = desk.iter().find(|one| one["id"] == ASSISTANT).unwrap();
    assert_eq!(desk["endCallMessage"], "Goodbye.");
    assert_eq!(desk["server"]["credentialId"], "c");
    let model = &desk["model"];
    assert_eq!(model["emotion"], true);
    assert_eq!(model["messages"][0]["extra"], 1);
    assert_eq!(model["messages"][0]["content"], "Be quick.\nBe kind.");
    assert_eq!(model["messages"][1]["content"], "Hello.");
    // Another provider's voice has other fields.
    assert_eq!(
        desk["voice"],
        json!({"provider": "vapi", "voiceId": "Elliot"})
    );
}

#[tokio::test]
async fn everything_can_be_made_from_nothing() {
    let system = TestSystem::empty().await;
    // The answer to the first gets lost, and it is found again instead of made twice.
    misbehave(&system, "create_tool=cut,after,first=1");
    misbehave(&system, "create_tool=503,nth=3");
    let (ending, report) = run(&system, "apply").await;
    assert_eq!(ending, Ending::Failed, "{report}");
    assert!(
        report.contains("8 made, 0 changed, 0 unchanged, 0 left alone, 1 failed"),
        "{report}"
    );
    system.local.mend();
    let (ending, report) = run(&system, "apply").await;
    assert_eq!(ending, Ending::Settled, "{report}");
    assert!(
        report.contains("1 made, 1 changed, 7 unchanged"),
        "{report}"
    );
    assert_eq!(system.local.vapi_api.all(Kind::Tool).len(), 8);
    let (ending, plan) = run(&system, "plan").await;
    assert_eq!(ending, Ending::Settled, "{plan}");
    let shown = system.get("/vapi/assistants").await;
    assert_eq!(shown.body["assistants"][0]["webhook_ok"], true, "{shown:?}");
    assert_eq!(shown.body["assistants"][0]["missing_tools"], json!([]));
}

#[tokio::test]
async fn what_was_pulled_needs_no_change() {
    let system = TestSystem::empty().await;
    sixteen(&system);
    let (folder, _kept) = files();
    let option = format!("--folder {}", folder.display());
    run(&system, &format!("apply {option}")).await;
    let (ending, report) = run(&system, &format!("pull {option}")).await;
    assert_eq!(ending, Ending::Settled, "{report}");
    let listed = report.replace(folder.to_str().unwrap(), "FOLDER");
    assert!(
        listed.contains("new         FOLDER/assistants/leasing-1.json"),
        "{listed}"
    );
    assert!(listed.contains("unchanged   FOLDER/tools.json"), "{listed}");
    let one = std::fs::read_to_string(folder.join("assistants/leasing-1.json")).unwrap();
    insta::assert_snapshot!(one, @r#"
    {
      "model": {
        "model": "gpt-4.1",
        "provider": "openai",
        "seed": 12345678901234567890,
        "somethingNew": {
          "a": [],
          "b": null,
          "c": 1.0
        },
        "temperature": 0.9937135890470127
      },
      "name": "Leasing 1",
      "prompt": "leasing-1.md",
      "server": {
        "backoffPlan": {
          "maxRetries": 2,
          "somethingNew": [
            1,
            {}
          ],
          "type": "fixed"
        },
        "timeoutSeconds": 25
      },
      "tools": [
        "get_availability",
        "set_appointment",
        "find_appointments"
      ]
    }
    "#);
    // Tools in an assistant are brought in line with the table, and nothing else is.
    run(&system, &format!("apply {option}")).await;
    let settled = changes(&system);
    edit(&folder.join("assistants/leasing-2.json"), |file| {
        file["user_ids"] = json!([USER]);
    });
    let (_, report) = run(&system, &format!("pull {option}")).await;
    assert!(!report.contains("new "), "{report}");
    let kept = std::fs::read_to_string(folder.join("assistants/leasing-2.json")).unwrap();
    assert!(kept.contains("user_ids"), "{kept}");
    let (_, plan) = run(&system, &format!("plan {option}")).await;
    assert!(plan.contains("0 to make, 1 to change"), "{plan}");
    assert_eq!(changes(&system), settled);
}
