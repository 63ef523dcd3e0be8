//! `GET /appointments`: the CRM's record of viewings, past and to come.

use local::defaults::USER;
use serde_json::{Value, json};

use crate::system::TestSystem;
use crate::voice::Call;

pub(crate) const CASEY: &str = "+15125550142";
const ROBIN: &str = "+13125550177";

/// Books at a property from a number.
pub(crate) async fn book(system: &TestSystem, number: &str, start_time: &str, address: &str) {
    let arguments = json!({
        "start_time": start_time, "attendee_name": "Casey Caller", "property_address": address,
    });
    let call = Call::from(start_time, number);
    let booked = call.tool(system, "set_appointment", arguments).await;
    assert!(booked.done, "{booked:?}");
}

/// A system with viewings of two callers at two properties, one of them cancelled, and
/// one of another staff member's.
pub(crate) async fn with_viewings() -> TestSystem {
    let system = TestSystem::start().await;
    system.connect("pat", "pat@lakeside.example").await;
    for (number, time, address) in [
        (CASEY, "2031-11-25T10:00:00", "14 Mill Lane"),
        (ROBIN, "2031-11-25T11:00:00", "22 Elm Court"),
        (CASEY, "2031-11-26T10:00:00", "22 Elm Court, Apt 2"),
        (ROBIN, "2031-11-27T10:00:00", "14 mill lane."),
    ] {
        book(&system, number, time, address).await;
    }
    let arguments = json!({
        "user_id": "pat", "start_time": "2031-11-25T10:00:00", "attendee_name": "Casey Caller",
        "property_address": "14 Mill Lane",
    });
    let pats = Call::unbound("pat");
    assert!(pats.tool(&system, "set_appointment", arguments).await.done);
    let cancelled = Call::from("cancel", ROBIN);
    let arguments = json!({"viewing_date": "Thursday"});
    let heard = cancelled
        .tool(&system, "cancel_appointment", arguments)
        .await;
    assert!(heard.done, "{heard:?}");
    system
}

/// The viewings that a query lists, as the wall clock of their starts.
pub(crate) fn starts(body: &Value) -> Vec<String> {
    let listed = body["appointments"].as_array().unwrap().iter();
    let start = |one: &Value| one["start_time"].as_str().unwrap()[5..16].to_owned();
    listed.map(start).collect()
}

#[tokio::test]
async fn viewings_are_listed_by_whatever_is_asked_for() {
    let system = with_viewings().await;
    let mut transcript = Vec::new();
    for query in [
        "user_id=demo",
        "user_id=pat",
        "user_id=nobody",
        "user_id=demo&caller=%2B15125550142",
        "user_id=demo&caller=(512)%20555-0142",
        "user_id=pat&caller=%2B13125550177",
        "user_id=demo&caller=%2B19995550000",
        "user_id=demo&property=14%20Mill%20Lane",
        "user_id=pat&property=14%20Mill%20Lane",
        "user_id=demo&caller=%2B13125550177&property=14%20Mill%20Lane",
        "user_id=demo&status=confirmed",
        "user_id=demo&status=cancelled",
        "user_id=demo&status=failed",
        "user_id=demo&caller=%2B13125550177&status=cancelled",
        "user_id=demo&from=2031-11-26",
        "user_id=demo&to=2031-11-26",
        "user_id=demo&from=2031-11-25T10:30:00-06:00&to=2031-11-26T23:00:00Z",
        "user_id=demo&from=2031-11-25T16:00:00Z&to=2031-11-25T17:00:00Z",
        "user_id=demo&from=2031-11-25T16:00:00Z&to=2031-11-25T16:00:00Z",
    ] {
        let answer = system.get(&format!("/appointments?{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        assert_eq!(answer.body["next_cursor"], Value::Null, "{query}");
        transcript.push(format!("{query}: [{}]", starts(&answer.body).join(", ")));
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    user_id=demo: [11-25T10:00, 11-25T11:00, 11-26T10:00, 11-27T10:00]
    user_id=pat: [11-25T10:00]
    user_id=nobody: []
    user_id=demo&caller=%2B15125550142: [11-25T10:00, 11-26T10:00]
    user_id=demo&caller=(512)%20555-0142: [11-25T10:00, 11-26T10:00]
    user_id=pat&caller=%2B13125550177: []
    user_id=demo&caller=%2B19995550000: []
    user_id=demo&property=14%20Mill%20Lane: [11-25T10:00, 11-27T10:00]
    user_id=pat&property=14%20Mill%20Lane: [11-25T10:00]
    user_id=demo&caller=%2B13125550177&property=14%20Mill%20Lane: [11-27T10:00]
    user_id=demo&status=confirmed: [11-25T10:00, 11-25T11:00, 11-26T10:00]
    user_id=demo&status=cancelled: [11-27T10:00]
    user_id=demo&status=failed: []
    user_id=demo&caller=%2B13125550177&status=cancelled: [11-27T10:00]
    user_id=demo&from=2031-11-26: [11-26T10:00, 11-27T10:00]
    user_id=demo&to=2031-11-26: [11-25T10:00, 11-25T11:00]
    user_id=demo&from=2031-11-25T10:30:00-06:00&to=2031-11-26T23:00:00Z: [11-25T11:00, 11-26T10:00]
    user_id=demo&from=2031-11-25T16:00:00Z&to=2031-11-25T17:00:00Z: [11-25T10:00]
    user_id=demo&from=2031-11-25T16:00:00Z&to=2031-11-25T16:00:00Z: []
    ");
}

#[tokio::test]
async fn a_viewing_is_listed_with_everything_that_happened_to_it() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    let arguments = json!({
        "start_time": "2031-11-25T10:00:00", "attendee_name": "Casey Caller",
        "attendee_email": "casey@example.com", "property_address": "14 Mill Lane",
    });
    assert!(call.tool(&system, "set_appointment", arguments).await.done);
    system.pass(5);
    let arguments = json!({"new_start_time": "2031-11-25T14:00:00"});
    assert!(
        call.tool(&system, "reschedule_appointment", arguments)
            .await
            .done
    );
    let [mut viewing] = system.viewings().await.try_into().unwrap();
    for id in ["appointment_id", "event_id", "confirmation_code"] {
        assert!(viewing[id].take().is_string(), "{id}");
    }
    for at in ["created_at", "updated_at"] {
        assert!(
            viewing[at].as_str().unwrap().starts_with("2031-11-24T08:0"),
            "{viewing}"
        );
        viewing[at].take();
    }
    for entry in viewing["history"].as_array_mut().unwrap() {
        let at = entry["at"].take();
        assert!(at.as_str().unwrap().starts_with("2031-11-24T08:0"), "{at}");
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&viewing).unwrap(), @r#"
    {
      "appointment_id": null,
      "attendee": {
        "email": "casey@example.com",
        "name": "Casey Caller",
        "phone": "+15125550142"
      },
      "call_id": "call-1",
      "caller": "+15125550142",
      "change": null,
      "confirmation_code": null,
      "conflict": false,
      "created_at": null,
      "end_time": "2031-11-25T14:30:00-06:00",
      "event_id": null,
      "history": [
        {
          "at": null,
          "cause": "caller",
          "from": null,
          "what": "claimed"
        },
        {
          "at": null,
          "cause": "caller",
          "from": null,
          "what": "booked"
        },
        {
          "at": null,
          "cause": "caller",
          "from": null,
          "what": "moving"
        },
        {
          "at": null,
          "cause": "caller",
          "from": "2031-11-25T10:00:00-06:00",
          "what": "moved"
        }
      ],
      "property_address": "14 Mill Lane",
      "start_time": "2031-11-25T14:00:00-06:00",
      "status": "confirmed",
      "subject": "Viewing: 14 Mill Lane",
      "time_zone": "America/Chicago",
      "updated_at": null,
      "user_id": "demo"
    }
    "#);
}

#[tokio::test]
async fn what_is_under_way_is_said() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    assert!(call.book(&system, "2031-11-25T10:00:00").await.done);
    let mut transcript = Vec::new();
    for (tool, operation) in [
        ("reschedule_appointment", "update_event"),
        ("cancel_appointment", "delete_event"),
    ] {
        let fault = json!({"operation": operation, "effect": {"error": {"status": 503}}});
        system.fault(&fault).await;
        let arguments = json!({"new_start_time": "2031-11-25T14:00:00"});
        assert!(call.tool(&system, tool, arguments).await.done);
        let [viewing] = system.viewings().await.try_into().unwrap();
        transcript.push(format!("{}: {}", viewing["status"], viewing["change"]));
    }
    insta::assert_snapshot!(transcript.join("\n"), @r#"
    "confirmed": {"end_time":"2031-11-25T14:30:00-06:00","kind":"move","start_time":"2031-11-25T14:00:00-06:00"}
    "confirmed": {"kind":"cancel"}
    "#);
}

#[tokio::test]
async fn an_unusable_question_names_the_parameter() {
    let system = TestSystem::start().await;
    let mut transcript = Vec::new();
    for query in [
        "",
        "user_id=%20",
        "user_id=demo&limit=0",
        "user_id=demo&limit=201",
        "user_id=demo&limit=many",
        "user_id=demo&status=booked",
        "user_id=demo&caller=me",
        "user_id=demo&caller=12",
        "user_id=demo&property=--",
        "user_id=demo&from=yesterday",
        "user_id=demo&from=2031-11-26&to=2031-11-25",
    ] {
        let answer = system.get(&format!("/appointments?{query}")).await;
        transcript.push(format!("{query}: {}", answer.error()));
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    : 400 invalid_request (user_id): user_id is missing.
    user_id=%20: 400 invalid_request (user_id): user_id is missing.
    user_id=demo&limit=0: 400 invalid_request (limit): limit must be a whole number from 1 to 200.
    user_id=demo&limit=201: 400 invalid_request (limit): limit must be a whole number from 1 to 200.
    user_id=demo&limit=many: 400 invalid_request (limit): limit must be a whole number from 1 to 200.
    user_id=demo&status=booked: 400 invalid_request (status): status must be pending, confirmed, cancelled or failed.
    user_id=demo&caller=me: 400 invalid_request (caller): caller must be a phone number.
    user_id=demo&caller=12: 400 invalid_request (caller): caller must be a phone number.
    user_id=demo&property=--: 400 invalid_request (property): property must be an address.
    user_id=demo&from=yesterday: 400 invalid_request (from): from must be a time such as 2026-11-24T10:00:00-06:00.
    user_id=demo&from=2031-11-26&to=2031-11-25: 400 invalid_request (to): to must not be before from.
    ");
    assert_eq!(
        system
            .get(&format!("/appointments?user_id={USER}"))
            .await
            .status,
        200
    );
}
