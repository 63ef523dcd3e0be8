//! The tool `send_confirmation_email`: the details of a viewing in writing, once, to its
//! attendee.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use local::Options;
use local::defaults::{ACCOUNT, ASSISTANT, USER};
use reqwest::Method;
use serde_json::{Value, json};

use crate::system::{MONDAY, TestSystem};
use crate::voice::{Call, Heard, deliver_at_once, heard};

const TOOL: &str = "send_confirmation_email";
const ADDRESS: &str = "casey@example.com";
const TEN: &str = "2031-11-25T10:00:00-06:00";
const TWO: &str = "2031-11-25T14:00:00-06:00";

impl Call {
    async fn book_for(&self, system: &TestSystem, start: &str, email: Option<&str>) -> Heard {
        let mut arguments = json!({
            "start_time": start,
            "attendee_name": "Casey <b>Caller</b>",
            "property_address": "14 Mill Lane & Yard; flat 2",
        });
        if let Some(email) = email {
            arguments["attendee_email"] = json!(email);
        }
        self.tool(system, "set_appointment", arguments).await
    }

    async fn mail(&self, system: &TestSystem, arguments: Value) -> Heard {
        self.tool(system, TOOL, arguments).await
    }
}

/// The messages that were sent from the demo mailbox, as the requests had them.
async fn messages(system: &TestSystem) -> Vec<Value> {
    let mailbox = system.mailbox(ACCOUNT).await;
    let sent = mailbox["outbox"].as_array().unwrap().iter();
    let messages = sent.filter(|mail| mail["kind"] == "message");
    messages.map(|mail| mail["message"].clone()).collect()
}

fn to(message: &Value) -> &str {
    message["toRecipients"][0]["emailAddress"]["address"]
        .as_str()
        .unwrap()
}

/// The attached file.
fn file(message: &Value) -> String {
    let content = message["attachments"][0]["contentBytes"].as_str().unwrap();
    String::from_utf8(STANDARD.decode(content).unwrap()).unwrap()
}

#[tokio::test]
async fn a_confirmation_has_the_details_and_a_file_for_the_calendar() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    call.book_for(&system, TEN, Some(ADDRESS)).await;
    let heard = call.mail(&system, json!({})).await;
    insta::assert_snapshot!(heard.text, @"I have sent the details of the viewing on Tuesday, November twenty fifth, at ten AM to c a s e y at example dot com, with a file for the calendar.");
    assert!(heard.done);

    let viewing = &system.viewings().await[0];
    let code = viewing["confirmation_code"].as_str().unwrap();
    let id = viewing["appointment_id"].as_str().unwrap();
    let [message] = messages(&system).await.try_into().unwrap();
    assert_eq!(to(&message), ADDRESS);
    assert_eq!(message["toRecipients"].as_array().unwrap().len(), 1);
    assert_eq!(message["body"]["contentType"], "html");
    insta::assert_snapshot!(message["subject"].as_str().unwrap(), @"Your viewing on Tuesday, November 25, 2031");
    let html = message["body"]["content"].as_str().unwrap();
    insta::assert_snapshot!(html.replace(code, "CODE").replace("<tr>", "\n<tr>"), @r#"
    <!doctype html><html><body><p>Hello Casey &lt;b&gt;Caller&lt;/b&gt;,</p><p>Your viewing is booked.</p><table cellpadding="4">
    <tr><th align="left">When</th><td>Tuesday, November 25, 2031, 10:00 AM to 10:30 AM CST</td></tr>
    <tr><th align="left">Where</th><td>14 Mill Lane &amp; Yard; flat 2</td></tr>
    <tr><th align="left">With</th><td>Dana Demo</td></tr>
    <tr><th align="left">Confirmation code</th><td>CODE</td></tr></table><p>To move or cancel it, call us again and have the confirmation code at hand.</p></body></html>
    "#);
    let file = file(&message).replace("\r\n ", "").replace(code, "CODE");
    let lines = file.lines().filter(|line| !line.starts_with("DTSTAMP"));
    let lines: Vec<&str> = lines.collect();
    insta::assert_snapshot!(lines.join("\n").replace(id, "ID"), @r#"
    BEGIN:VCALENDAR
    VERSION:2.0
    PRODID:-//Viewing desk//Viewings//EN
    METHOD:PUBLISH
    BEGIN:VEVENT
    DESCRIPTION:Hello Casey <b>Caller</b>\,\n\nYour viewing is booked.\n\nWhen: Tuesday\, November 25\, 2031\, 10:00 AM to 10:30 AM CST\nWhere: 14 Mill Lane & Yard\; flat 2\nWith: Dana Demo\nConfirmation code: CODE\n\nTo move or cancel it\, call us again and have the confirmation code at hand.
    DTEND:20311125T163000Z
    DTSTART:20311125T160000Z
    LOCATION:14 Mill Lane & Yard\; flat 2
    SEQUENCE:1
    STATUS:CONFIRMED
    SUMMARY:Viewing: 14 Mill Lane & Yard\; flat 2
    UID:ID@viewing-desk
    END:VEVENT
    END:VCALENDAR
    "#);
}

#[tokio::test]
async fn it_is_sent_once_however_often_it_is_asked_for() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    call.book_for(&system, TEN, Some(ADDRESS)).await;
    // The same tool call delivered twice, another one, and two in one delivery.
    let one = call.delivery(&[("a", TOOL, json!({}))]);
    let two = call.delivery(&[("b", TOOL, json!({})), ("c", TOOL, json!({}))]);
    for answer in deliver_at_once(&system, &[one.clone(), one, two]).await {
        heard(&answer);
    }
    assert_eq!(messages(&system).await.len(), 1);
    let again = call.mail(&system, json!({})).await;
    insta::assert_snapshot!(again.text, @"The details of the viewing on Tuesday, November twenty fifth, at ten AM were sent to c a s e y at example dot com already. If they are not there, please look among the junk mail.");
    assert!(Call::new("call-2").mail(&system, json!({})).await.done);
    assert_eq!(messages(&system).await.len(), 1);
}

#[tokio::test]
async fn a_viewing_that_was_moved_is_confirmed_anew() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    call.book_for(&system, TEN, Some(ADDRESS)).await;
    call.mail(&system, json!({})).await;
    let moved = json!({"new_start_time": TWO});
    call.tool(&system, "reschedule_appointment", moved).await;
    let heard = call.mail(&system, json!({})).await;
    assert!(heard.text.contains("at two PM"), "{heard:?}");
    let sent = messages(&system).await;
    let line = |message: &Value, name: &str| {
        let text = file(message);
        let mut lines = text.lines();
        let found = lines.find_map(|line| line.strip_prefix(name).map(str::to_owned));
        found.unwrap()
    };
    assert_eq!(sent.len(), 2);
    assert_eq!(line(&sent[0], "UID:"), line(&sent[1], "UID:"));
    assert_eq!(line(&sent[1], "DTSTART:"), "20311125T200000Z");
    let sequence = |at: usize| line(&sent[at], "SEQUENCE:").parse::<u32>().unwrap();
    assert!(sequence(0) < sequence(1));
}

#[tokio::test]
async fn only_the_attendee_is_written_to() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    call.book_for(&system, TEN, None).await;
    let mut told = Vec::new();
    for arguments in [
        json!({}),
        json!({"attendee_email": "casey at example"}),
        json!({"attendee_email": ADDRESS}),
        json!({"attendee_email": "Casey@Example.com"}),
        json!({"attendee_email": "other@example.com"}),
    ] {
        let heard = call.mail(&system, arguments.clone()).await;
        told.push(format!("{arguments}: {} {}", heard.done, heard.text));
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    {}: false What e-mail address should I send it to? Please spell it for me.
    {"attendee_email":"casey at example"}: false That e-mail address does not seem complete. Could you spell it for me?
    {"attendee_email":"casey@example.com"}: true I have sent the details of the viewing on Tuesday, November twenty fifth, at ten AM to c a s e y at example dot com, with a file for the calendar.
    {"attendee_email":"Casey@Example.com"}: true The details of the viewing on Tuesday, November twenty fifth, at ten AM were sent to c a s e y at example dot com already. If they are not there, please look among the junk mail.
    {"attendee_email":"other@example.com"}: false The viewing is under another e-mail address, and I can only write to that one. Shall I send it there?
    "#);
    assert_eq!(system.viewings().await[0]["attendee"]["email"], ADDRESS);
    let sent = messages(&system).await;
    assert_eq!(sent.iter().map(to).collect::<Vec<_>>(), [ADDRESS]);
}

#[tokio::test]
async fn only_a_caller_whose_viewing_it_is_has_it_sent() {
    let system = TestSystem::start().await;
    let booked = Call::new("call-1")
        .book_for(&system, TEN, Some(ADDRESS))
        .await;
    assert!(booked.done);
    let code = system.viewings().await[0]["confirmation_code"].clone();
    let stranger = Call::from("call-2", "+15125550199");
    let id = system.viewings().await[0]["appointment_id"].clone();
    for (call, arguments) in [
        (stranger.clone(), json!({})),
        (stranger.clone(), json!({"attendee_email": ADDRESS})),
        (stranger.clone(), json!({"appointment_id": id})),
        (Call::on_the_web("call-3"), json!({})),
        (stranger.clone(), json!({"confirmation_code": "K7QX4M"})),
    ] {
        let heard = call.mail(&system, arguments.clone()).await;
        assert!(!heard.done, "{arguments}: {heard:?}");
    }
    assert!(messages(&system).await.is_empty());
    let heard = stranger
        .mail(&system, json!({"confirmation_code": code}))
        .await;
    assert!(heard.done, "{heard:?}");
    assert_eq!(messages(&system).await.len(), 1);
}

#[tokio::test]
async fn an_unknown_outcome_is_never_sent_twice_in_one_call() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    call.book_for(&system, TEN, Some(ADDRESS)).await;
    let lost = json!({"operation": "send_mail", "moment": "after", "effect": "cut"});
    system.fault(&lost).await;
    let first = call.mail(&system, json!({})).await;
    insta::assert_snapshot!(first.text, @"I cannot tell whether the e-mail to c a s e y at example dot com was sent, because the mailbox did not answer. If it is not there in a few minutes, please call us again.");
    system.no_faults().await;
    for _ in 0..2 {
        assert_eq!(call.mail(&system, json!({})).await, first);
        system.pass(1);
    }
    assert_eq!(messages(&system).await.len(), 1);
    // Whoever calls again because it did not arrive gets it.
    let later = Call::new("call-2").mail(&system, json!({})).await;
    assert!(later.text.starts_with("I have sent"), "{later:?}");
    assert_eq!(messages(&system).await.len(), 2);
}

#[tokio::test]
async fn a_message_that_was_refused_can_be_sent_again() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    call.book_for(&system, TEN, Some(ADDRESS)).await;
    let refused = json!({
        "operation": "send_mail",
        "effect": {"error": {"status": 429, "retry_after": "60"}},
    });
    system.fault(&refused).await;
    let heard = call.mail(&system, json!({})).await;
    insta::assert_snapshot!(heard.text, @"I cannot reach the calendar right now. Shall I try again?");
    system.no_faults().await;
    assert!(call.mail(&system, json!({})).await.done);
    assert_eq!(messages(&system).await.len(), 1);
}

#[tokio::test]
async fn without_consent_to_send_mail_the_caller_hears_the_details() {
    let system = TestSystem::start_with(Options::default(), MONDAY).await;
    let withheld = json!({"withheld_scopes": ["Mail.Send"]});
    system.control(Method::PUT, "/settings", &withheld).await;
    system.connect(USER, ACCOUNT).await;
    system.bind(ASSISTANT, &[USER]).await;
    let call = Call::new("call-1");
    call.book_for(&system, TEN, Some(ADDRESS)).await;
    let heard = call.mail(&system, json!({})).await;
    insta::assert_snapshot!(heard.text, @"I am not able to send e-mails from this mailbox. The invitation to the viewing on Tuesday, November twenty fifth, at ten AM went to c a s e y at example dot com from the calendar, and has the time and the place.");
    let other = Call::from("call-2", "+15125550199");
    other.book_for(&system, TWO, None).await;
    let heard = other
        .mail(&system, json!({"attendee_email": ADDRESS}))
        .await;
    insta::assert_snapshot!(heard.without_code(), @"I am not able to send e-mails from this mailbox. The viewing is on Tuesday, November twenty fifth, at two PM at fourteen Mill Lane and Yard, flat two. The confirmation code is CODE.");
    assert!(messages(&system).await.is_empty());
    // The calendar itself can still be used, also when its token is renewed.
    system.pass(120);
    assert!(system.is_connected(USER).await);
    assert_eq!(
        system.get("/calendar/events?user_id=demo").await.status,
        200
    );
}

#[tokio::test]
async fn a_renewed_token_may_still_send_mail() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    call.book_for(&system, TEN, Some(ADDRESS)).await;
    system.pass(120);
    assert!(call.mail(&system, json!({})).await.done);
    assert_eq!(messages(&system).await.len(), 1);
}

#[tokio::test]
async fn nothing_is_confirmed_that_is_still_open() {
    let system = TestSystem::start().await;
    let lost = json!({"operation": "create_event", "moment": "after", "effect": "cut"});
    system.fault(&lost).await;
    let unseen = json!({"operation": "list_events", "effect": {"html": 503}});
    system.fault(&unseen).await;
    let call = Call::new("call-1");
    call.book_for(&system, TEN, Some(ADDRESS)).await;
    let heard = call.mail(&system, json!({})).await;
    insta::assert_snapshot!(heard.text, @"The viewing on Tuesday, November twenty fifth, at ten AM is still being confirmed. I can send the e-mail when that is done. Shall I try again in a moment?");
    system.no_faults().await;
    system.settle().await;
    assert!(call.mail(&system, json!({})).await.done);
    let cancelled = call.tool(&system, "cancel_appointment", json!({})).await;
    assert!(cancelled.done);
    assert!(!call.mail(&system, json!({})).await.done);
    assert_eq!(messages(&system).await.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_looked_up_does_not_undo_that_it_was_sent() {
    let system = TestSystem::start().await;
    let call = Call::new("call-1");
    call.book_for(&system, TEN, Some(ADDRESS)).await;
    assert!(call.mail(&system, json!({})).await.done);
    let fault = json!({
        "operation": "get_item", "table": "ToolCallsTable", "effect": {"error": {"status": 500}},
    });
    system.aws_fault(&fault).await;
    let heard = call.mail(&system, json!({})).await;
    insta::assert_snapshot!(heard.text, @"I cannot reach our booking records right now. Shall I try again?");
    system.no_aws_faults().await;
    let heard = call.mail(&system, json!({})).await;
    assert!(heard.text.contains("were sent"), "{heard:?}");
    assert_eq!(messages(&system).await.len(), 1);
}
