//! Tool calls that cannot be carried out as they are: each gets a sentence that
//! helps the caller on, and leaves nothing behind.

use local::defaults::WEBHOOK_SECRET;
use reqwest::Method;
use serde_json::{Value, json};

use crate::system::{Answer, TestSystem};
use crate::voice::{Call, deliver, heard};

/// The arguments of a booking that would succeed, with changes.
fn booking(changes: &[(&str, Value)]) -> Value {
    let mut arguments = json!({
        "start_time": "2031-11-25T10:00:00",
        "attendee_name": "Casey Caller",
        "property_address": "14 Mill Lane",
    });
    for (name, value) in changes {
        arguments[*name] = value.clone();
    }
    arguments
}

#[tokio::test]
async fn an_unusable_booking_gets_a_question_back_and_nothing_is_stored() {
    let system = TestSystem::start().await;
    let cases = [
        ("no name", booking(&[("attendee_name", Value::Null)])),
        ("a blank name", booking(&[("attendee_name", json!("  "))])),
        ("no time", booking(&[("start_time", Value::Null)])),
        (
            "words without a time",
            booking(&[("start_time", json!("tomorrow"))]),
        ),
        (
            "a date without a time",
            booking(&[("start_time", json!("2031-11-25"))]),
        ),
        ("no words at all", booking(&[("start_time", json!("blue"))])),
        (
            "a past date",
            booking(&[("start_time", json!("2031-11-20T10:00:00"))]),
        ),
        (
            "a past year",
            booking(&[("start_time", json!("2024-11-25T10:00:00-06:00"))]),
        ),
        (
            "a far future",
            booking(&[("start_time", json!("2033-11-25T10:00:00"))]),
        ),
        (
            "a made-up slot id",
            booking(&[
                ("slot_id", json!("AfAx8AHwMfgAHgABzHRyB1cyY2Nl")),
                ("start_time", Value::Null),
            ]),
        ),
        (
            "an unusable e-mail",
            booking(&[("attendee_email", json!("casey at example"))]),
        ),
        (
            "an unknown zone",
            booking(&[("timezone", json!("Mars/Olympus"))]),
        ),
        (
            "outside working hours",
            booking(&[("start_time", json!("2031-11-25T19:00:00"))]),
        ),
        (
            "a weekend",
            booking(&[("start_time", json!("2031-11-29T10:00:00"))]),
        ),
        (
            "a broken string",
            json!("{\"start_time\": \"2031-11-25T10:00"),
        ),
        ("a list", json!([1, 2])),
        ("a number", json!(7)),
        ("nothing", json!({})),
        ("another's calendar", booking(&[("user_id", json!("pat"))])),
    ];
    let mut transcript = Vec::new();
    for (index, (what, arguments)) in cases.into_iter().enumerate() {
        let call = Call::new(&format!("call-{index}"));
        let heard = call.tool(&system, "set_appointment", arguments).await;
        assert!(!heard.done, "{what}: {heard:?}");
        system.assert_nothing_stored(what).await;
        transcript.push(format!("{what}: {}", heard.text));
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    no name: What name should I put the viewing under?
    a blank name: What name should I put the viewing under?
    no time: Which day and time would you like?
    words without a time: I did not catch the time. Which day and time would you like?
    a date without a time: I did not catch the time. Which day and time would you like?
    no words at all: I did not catch the time. Which day and time would you like?
    a past date: Thursday, November twentieth, at ten AM has already passed. I could do Monday, November twenty fourth, at nine AM, Tuesday, November twenty fifth, at two PM, or Wednesday, November twenty sixth, at eleven thirty AM. Which would you like?
    a past year: Monday, November twenty fifth, twenty twenty four, at ten AM has already passed. I could do Monday, November twenty fourth, at nine AM, Tuesday, November twenty fifth, at two PM, or Wednesday, November twenty sixth, at eleven thirty AM. Which would you like?
    a far future: I can only book up to a year ahead. Which day would suit you?
    a made-up slot id: Which day and time would you like?
    an unusable e-mail: That e-mail address does not seem complete. Could you spell it for me, or shall we go without one?
    an unknown zone: I do not know that time zone. Shall I take it as the time where the property is?
    outside working hours: That time is not open. The nearest I have are Tuesday, November twenty fifth, at three thirty PM, four PM, or four thirty PM. Which would you like?
    a weekend: That time is not open. The nearest I have are Friday, November twenty eighth, at three thirty PM, four PM, or four thirty PM. Which would you like?
    a broken string: I did not get all of that. Could you say it once more?
    a list: I did not get all of that. Could you say it once more?
    a number: I did not get all of that. Could you say it once more?
    nothing: What name should I put the viewing under?
    another's calendar: I can only arrange viewings with the people this number is for. Shall I look at their times?
    ");
}

#[tokio::test]
async fn an_unusable_question_about_times_gets_a_question_back() {
    let system = TestSystem::start().await;
    let cases = [
        ("no day", json!({"date": "blue"})),
        ("a past day", json!({"date": "November 20, 2031"})),
        ("another's calendar", json!({"user_id": "pat"})),
        ("broken arguments", json!("{\"date\": \"tomo")),
    ];
    let mut transcript = Vec::new();
    for (what, arguments) in cases {
        let call = Call::new("call-1");
        let heard = call.tool(&system, "get_availability", arguments).await;
        assert!(!heard.done, "{what}: {heard:?}");
        transcript.push(format!("{what}: {}", heard.text));
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    no day: I did not catch the day. Which day would suit you?
    a past day: That would be Thursday, November twentieth, which has already passed. Did you mean Saturday, November twentieth, twenty thirty two?
    another's calendar: I can only arrange viewings with the people this number is for. Shall I look at their times?
    broken arguments: I did not get all of that. Could you say it once more?
    ");
}

#[tokio::test]
async fn a_staff_member_who_cannot_be_booked_is_said_to_be_so() {
    let system = TestSystem::start().await;
    system.bind("lonely-assistant", &["nobody-connected"]).await;
    system.bind("empty-assistant", &[]).await;
    let of = |assistant: &str| Call {
        assistant: assistant.to_owned(),
        ..Call::new("call-1")
    };
    let unbound = Call::unbound("call-1");
    let mut transcript = Vec::new();
    for (what, call, arguments) in [
        (
            "bound to one without a calendar",
            of("lonely-assistant"),
            booking(&[]),
        ),
        ("bound to nobody", of("empty-assistant"), booking(&[])),
        ("not bound, nobody named", unbound.clone(), booking(&[])),
        (
            "not bound, an unknown one named",
            unbound.clone(),
            booking(&[("user_id", json!("stranger"))]),
        ),
        (
            "not bound, no user id named",
            unbound,
            booking(&[("user_id", json!("two words"))]),
        ),
    ] {
        for tool in ["set_appointment", "get_availability"] {
            let heard = call.tool(&system, tool, arguments.clone()).await;
            assert!(!heard.done, "{what}: {heard:?}");
            transcript.push(format!("{what}, {tool}: {}", heard.text));
        }
        system.assert_nothing_stored(what).await;
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    bound to one without a calendar, set_appointment: I cannot see that calendar, because it is not connected yet. May I take a message instead?
    bound to one without a calendar, get_availability: I cannot see that calendar, because it is not connected yet. May I take a message instead?
    bound to nobody, set_appointment: I cannot see whose calendar this is for. May I take a message instead?
    bound to nobody, get_availability: I cannot see whose calendar this is for. May I take a message instead?
    not bound, nobody named, set_appointment: I cannot see whose calendar this is for. May I take a message instead?
    not bound, nobody named, get_availability: I cannot see whose calendar this is for. May I take a message instead?
    not bound, an unknown one named, set_appointment: I cannot see that calendar, because it is not connected yet. May I take a message instead?
    not bound, an unknown one named, get_availability: I cannot see that calendar, because it is not connected yet. May I take a message instead?
    not bound, no user id named, set_appointment: I cannot see whose calendar this is for. May I take a message instead?
    not bound, no user id named, get_availability: I cannot see whose calendar this is for. May I take a message instead?
    ");
}

#[tokio::test]
async fn an_unknown_tool_is_refused_and_the_calls_beside_it_run() {
    let system = TestSystem::start().await;
    let delivery = Call::new("call-1").delivery(&[
        ("a", "delete_everything", json!({})),
        ("b", "set_appointment", json!("{broken")),
        ("c", "get_availability", json!({"date": "tomorrow"})),
    ]);
    let answer = deliver(&system, &delivery).await;
    let heard = heard(&answer);
    assert_eq!(
        heard.iter().map(|heard| heard.done).collect::<Vec<_>>(),
        [false, false, true]
    );
    let results = answer.body["results"].as_array().unwrap();
    let ids: Vec<_> = results.iter().map(|result| &result["toolCallId"]).collect();
    assert_eq!(ids, ["a", "b", "c"]);
    system.assert_nothing_stored("an unknown tool").await;
}

/// A webhook request with the right credential and that body.
async fn send(system: &TestSystem, method: Method, media_type: &str, body: Vec<u8>) -> Answer {
    let request = system
        .request(method, "/vapi/webhook")
        .header("x-vapi-secret", WEBHOOK_SECRET)
        .header("content-type", media_type)
        .body(body);
    Answer::of(request).await
}

#[tokio::test]
async fn a_body_that_is_no_delivery_is_told_so_in_an_answer_that_vapi_reads() {
    let system = TestSystem::start().await;
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let mut transcript = Vec::new();
    for (what, body) in [
        ("not JSON", b"hello".to_vec()),
        ("empty", Vec::new()),
        ("not UTF-8", vec![b'{', 0xff, 0xfe]),
        ("a list", b"[]".to_vec()),
        ("no message", b"{}".to_vec()),
        ("no type", br#"{"message":{}}"#.to_vec()),
        ("very deep", deep.into_bytes()),
        ("no calls", br#"{"message":{"type":"tool-calls"}}"#.to_vec()),
    ] {
        let answer = send(&system, Method::POST, "application/json", body).await;
        assert_eq!(answer.status, 200, "{what}: {answer:?}");
        assert_eq!(answer.header("content-type"), "application/json");
        transcript.push(format!("{what}: {}", answer.text));
    }
    insta::assert_snapshot!(transcript.join("\n"), @r#"
    not JSON: {"error":"the body is not JSON"}
    empty: {"error":"the body is not JSON"}
    not UTF-8: {"error":"the body is not JSON"}
    a list: {"error":"the body is not a JSON object"}
    no message: {"error":"the body has no message"}
    no type: {"error":"the message has no type"}
    very deep: {"error":"the body is not JSON"}
    no calls: {"results":[]}
    "#);
    system.assert_nothing_stored("no delivery").await;
}

#[tokio::test]
async fn a_wrong_method_media_type_or_size_is_refused_before_anything_runs() {
    let system = TestSystem::start().await;
    let booking = Call::new("call-1").delivery(&[("a", "set_appointment", booking(&[]))]);
    let mut large = booking.clone();
    large["message"]["artifact"] = json!("x".repeat(6 * 1024 * 1024));
    let booking = booking.to_string().into_bytes();
    let mut transcript = Vec::new();
    for (what, method, media_type, body) in [
        (
            "six megabytes",
            Method::POST,
            "application/json",
            large.to_string().into_bytes(),
        ),
        ("text", Method::POST, "text/plain", booking.clone()),
        (
            "a form",
            Method::POST,
            "application/x-www-form-urlencoded",
            booking.clone(),
        ),
        ("GET", Method::GET, "application/json", Vec::new()),
        ("PUT", Method::PUT, "application/json", booking.clone()),
        ("DELETE", Method::DELETE, "application/json", Vec::new()),
    ] {
        let answer = send(&system, method, media_type, body).await;
        transcript.push(format!("{what}: {}", answer.error()));
        system.assert_nothing_stored(what).await;
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    six megabytes: 413 payload_too_large: The body may have at most 5242880 bytes.
    text: 415 unsupported_media_type: The body must be application/json.
    a form: 415 unsupported_media_type: The body must be application/json.
    GET: 405 method_not_allowed: This path answers POST.
    PUT: 405 method_not_allowed: This path answers POST.
    DELETE: 405 method_not_allowed: This path answers POST.
    ");
    let json_with_charset = "Application/JSON; charset=utf-8";
    let answer = send(&system, Method::POST, json_with_charset, booking).await;
    assert!(heard(&answer)[0].done, "{answer:?}");
}

#[tokio::test]
async fn a_delivery_of_four_megabytes_is_read() {
    let system = TestSystem::start().await;
    let mut delivery = Call::new("call-1").delivery(&[("a", "get_availability", json!({}))]);
    delivery["message"]["artifact"] = json!({"transcript": "x".repeat(4 * 1024 * 1024)});
    assert!(heard(&deliver(&system, &delivery).await)[0].done);
}
