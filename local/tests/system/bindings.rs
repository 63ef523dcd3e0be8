//! For whom an assistant may book: those it is bound to, whatever a language model
//! fills in.

use lambda_http::Body;
use local::defaults::{ACCOUNT, USER};
use serde_json::{Value, json};
use shared::config::Settings;
use shared::http::Mounted;
use webhook_dispatch::WebhookDispatch;

use crate::settings;
use crate::system::{TestSystem, answered};
use crate::voice::Call;

fn viewing(start_time: &str) -> Value {
    json!({"start_time": start_time, "attendee_name": "Casey Caller"})
}

#[tokio::test]
async fn an_assistant_without_a_binding_books_for_whom_it_names() {
    let system = TestSystem::start().await;
    let mut arguments = viewing("2031-11-25T10:00:00");
    arguments["user_id"] = json!(USER);
    let call = Call::unbound("call-1");
    assert!(call.tool(&system, "set_appointment", arguments).await.done);
    assert_eq!(system.events().await.len(), 1);
}

#[tokio::test]
async fn an_assistant_bound_to_several_books_for_the_one_it_names_or_the_first() {
    let system = TestSystem::start().await;
    system.connect("pat", "pat@lakeside.example").await;
    system.bind("team-assistant", &[USER, "pat"]).await;
    let call = |id: &str| Call {
        assistant: "team-assistant".to_owned(),
        ..Call::new(id)
    };
    let mut named = viewing("2031-11-25T12:00:00");
    named["user_id"] = json!("pat");
    assert!(call("1").tool(&system, "set_appointment", named).await.done);
    let unnamed = viewing("2031-11-25T12:00:00");
    assert!(
        call("2")
            .tool(&system, "set_appointment", unnamed)
            .await
            .done
    );
    for account in [ACCOUNT, "pat@lakeside.example"] {
        let mailbox = system.mailbox(account).await;
        assert_eq!(mailbox["events"].as_array().unwrap().len(), 1, "{account}");
    }
}

/// The webhook as it is deployed: with a binding required.
fn strict_webhook(system: &TestSystem) -> Mounted<WebhookDispatch> {
    let template = settings::template(&system.local);
    let mut functions = template.functions.iter();
    let function = functions.find(|function| function.name == "WebhookDispatch");
    let environment = function.unwrap().environment.clone().into_iter();
    let required = ("REQUIRE_ASSISTANT_BINDING".to_owned(), "true".to_owned());
    let settings: Settings = environment
        .chain(settings::role())
        .chain([required])
        .collect();
    Mounted::start(&settings, system.clock.clone()).unwrap()
}

#[tokio::test]
async fn where_a_binding_is_required_nobody_is_booked_without_one() {
    let system = TestSystem::start().await;
    let webhook = strict_webhook(&system);
    let sample = include_str!("../../../events/set-appointment.json");
    let mut arguments = viewing("2031-11-25T10:00:00");
    arguments["user_id"] = json!(USER);
    let mut said = Vec::new();
    for call in [Call::unbound("call-1"), Call::new("call-2")] {
        let mut event: Value = serde_json::from_str(sample).unwrap();
        let delivery = call.delivery(&[("a", "set_appointment", arguments.clone())]);
        event["body"] = json!(delivery.to_string());
        let request = lambda_http::request::from_str(&event.to_string()).unwrap();
        let Body::Text(text) = answered(&webhook, request).await.into_body() else {
            panic!("the body is not text");
        };
        let body: Value = serde_json::from_str(&text).unwrap();
        said.push(
            body["results"][0]["message"]["content"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
    }
    insta::assert_snapshot!(said[0], @"I cannot see whose calendar this is for. May I take a message instead?");
    assert!(said[1].starts_with("Booked for Casey Caller"), "{said:?}");
    assert_eq!(system.events().await.len(), 1);
}
