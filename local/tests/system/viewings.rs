//! Which viewings a caller may know of, and how they are told apart: by the number
//! they call from, by a code, by the day.

use local::defaults::USER;
use serde_json::{Value, json};
use shared::vapi::speech;

use crate::system::TestSystem;
use crate::voice::{Call, Heard, deliver, heard};

const TUESDAY: &str = "2031-11-25T10:00:00";
const WEDNESDAY: &str = "2031-11-26T14:30:00";

/// Another caller's number.
const STRANGER: &str = "+13125550177";

async fn find(system: &TestSystem, call: &Call, arguments: Value) -> Heard {
    call.tool(system, "find_appointments", arguments).await
}

/// Books from the demo number, and gives the confirmation code.
async fn booked(system: &TestSystem, start_time: &str) -> String {
    let booked = Call::new(start_time).book(system, start_time).await;
    assert!(booked.done, "{booked:?}");
    let viewings = system.viewings().await;
    let newest = viewings.iter().max_by_key(|one| one["start_time"].as_str());
    newest.unwrap()["confirmation_code"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_caller_hears_of_the_viewings_that_were_booked_from_their_number() {
    let system = TestSystem::start().await;
    let mut transcript = Vec::new();
    for next in [
        TUESDAY,
        WEDNESDAY,
        "2031-11-27T09:00:00",
        "2031-11-28T16:30:00",
    ] {
        let heard = find(&system, &Call::new("call-1"), json!({})).await;
        transcript.push(format!("{}: {}", heard.done, heard.text));
        booked(&system, next).await;
    }
    let heard = find(&system, &Call::new("call-1"), json!({})).await;
    transcript.push(format!("{}: {}", heard.done, heard.text));
    insta::assert_snapshot!(transcript.join("\n"), @"
    false: I do not see an upcoming viewing that was booked from this number. Do you have the confirmation code?
    true: You have a viewing on Tuesday, November twenty fifth, at ten AM at fourteen Mill Lane.
    true: You have two viewings. The first is on Tuesday, November twenty fifth, at ten AM at fourteen Mill Lane. The second is on Wednesday, November twenty sixth, at two thirty PM at fourteen Mill Lane.
    true: You have three viewings. The first is on Tuesday, November twenty fifth, at ten AM at fourteen Mill Lane. The second is on Wednesday, November twenty sixth, at two thirty PM at fourteen Mill Lane. The third is on Thursday, November twenty seventh, at nine AM at fourteen Mill Lane.
    true: You have four viewings. The first is on Tuesday, November twenty fifth, at ten AM at fourteen Mill Lane. The second is on Wednesday, November twenty sixth, at two thirty PM at fourteen Mill Lane. The next is on Thursday, November twenty seventh, at nine AM at fourteen Mill Lane.
    ");
}

#[tokio::test]
async fn what_is_over_is_not_told() {
    let system = TestSystem::start().await;
    booked(&system, "2031-11-24T09:00:00").await;
    booked(&system, TUESDAY).await;
    let during = [(60, "it begins"), (29, "it is on"), (1, "it is over")];
    let mut transcript = Vec::new();
    for (minutes, what) in during {
        system.pass(minutes);
        let heard = find(&system, &Call::new("call-1"), json!({})).await;
        transcript.push(format!("{what}: {}", heard.text));
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    it begins: You have two viewings. The first is on Monday, November twenty fourth, at nine AM at fourteen Mill Lane. The second is on Tuesday, November twenty fifth, at ten AM at fourteen Mill Lane.
    it is on: You have two viewings. The first is on Monday, November twenty fourth, at nine AM at fourteen Mill Lane. The second is on Tuesday, November twenty fifth, at ten AM at fourteen Mill Lane.
    it is over: You have a viewing on Tuesday, November twenty fifth, at ten AM at fourteen Mill Lane.
    ");
}

#[tokio::test]
async fn a_code_is_known_however_it_is_said() {
    let system = TestSystem::start().await;
    let code = booked(&system, TUESDAY).await;
    let lower = code.to_lowercase();
    let (one, other) = code.split_at(3);
    let spaced = |code: &str| code.split("").collect::<Vec<_>>().join(" ");
    for said in [
        code.clone(),
        lower.clone(),
        format!(" {one}-{other}. "),
        format!("{one} {other}"),
        spaced(&code),
        spaced(&lower),
        speech::code(&code),
        speech::code(&code).to_lowercase(),
    ] {
        let call = Call::from(&said, STRANGER);
        let heard = find(&system, &call, json!({"confirmation_code": said})).await;
        assert!(heard.done, "{said}: {heard:?}");
        assert_eq!(
            heard.text,
            "You have a viewing on Tuesday, November twenty fifth, at ten AM at fourteen Mill \
             Lane."
        );
    }
}

#[tokio::test]
async fn one_of_several_is_told_apart_by_its_day_else_the_caller_is_asked() {
    let system = TestSystem::start().await;
    for time in [TUESDAY, WEDNESDAY, "2031-11-26T16:00:00"] {
        booked(&system, time).await;
    }
    let mut transcript = Vec::new();
    for day in [
        "",
        "Wednesday",
        "Friday",
        "the big one",
        "November 20",
        "tomorrow",
    ] {
        let mut arguments = json!({"new_start_time": TUESDAY});
        if !day.is_empty() {
            arguments["viewing_date"] = json!(day);
        }
        let moved = Call::new("call-1")
            .tool(&system, "reschedule_appointment", arguments)
            .await;
        transcript.push(format!("{day}: {} {}", moved.done, moved.without_code()));
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    : false You have three viewings. The first is on Tuesday, November twenty fifth, at ten AM at fourteen Mill Lane. The second is on Wednesday, November twenty sixth, at two thirty PM at fourteen Mill Lane. The third is on Wednesday, November twenty sixth, at four PM at fourteen Mill Lane. Which one do you mean?
    Wednesday: false You have two viewings. The first is on Wednesday, November twenty sixth, at two thirty PM at fourteen Mill Lane. The second is on Wednesday, November twenty sixth, at four PM at fourteen Mill Lane. Which one do you mean?
    Friday: false You have three viewings. The first is on Tuesday, November twenty fifth, at ten AM at fourteen Mill Lane. The second is on Wednesday, November twenty sixth, at two thirty PM at fourteen Mill Lane. The third is on Wednesday, November twenty sixth, at four PM at fourteen Mill Lane. Which one do you mean?
    the big one: false You have three viewings. The first is on Tuesday, November twenty fifth, at ten AM at fourteen Mill Lane. The second is on Wednesday, November twenty sixth, at two thirty PM at fourteen Mill Lane. The third is on Wednesday, November twenty sixth, at four PM at fourteen Mill Lane. Which one do you mean?
    November 20: false You have three viewings. The first is on Tuesday, November twenty fifth, at ten AM at fourteen Mill Lane. The second is on Wednesday, November twenty sixth, at two thirty PM at fourteen Mill Lane. The third is on Wednesday, November twenty sixth, at four PM at fourteen Mill Lane. Which one do you mean?
    tomorrow: true Your viewing is now on Tuesday, November twenty fifth, at ten AM. The confirmation code is still CODE.
    ");
}

#[tokio::test]
async fn a_day_on_which_the_only_viewing_is_not_is_asked_about_and_nothing_changes() {
    let system = TestSystem::start().await;
    booked(&system, WEDNESDAY).await;
    let call = Call::new("call-1");
    let mut transcript = Vec::new();
    for (tool, arguments) in [
        ("cancel_appointment", json!({"viewing_date": "Friday"})),
        (
            "reschedule_appointment",
            json!({"viewing_date": "Friday", "new_start_time": TUESDAY}),
        ),
    ] {
        let heard = call.tool(&system, tool, arguments).await;
        assert!(!heard.done, "{heard:?}");
        transcript.push(format!("{tool}: {}", heard.text));
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    cancel_appointment: You have a viewing on Wednesday, November twenty sixth, at two thirty PM at fourteen Mill Lane. Is that the one you mean?
    reschedule_appointment: You have a viewing on Wednesday, November twenty sixth, at two thirty PM at fourteen Mill Lane. Is that the one you mean?
    ");
    let [viewing] = system.viewings().await.try_into().unwrap();
    assert_eq!(viewing["status"], "confirmed");
    assert_eq!(viewing["start_time"], "2031-11-26T14:30:00-06:00");
}

#[tokio::test]
async fn a_stranger_gets_at_nothing_without_the_code_and_at_that_viewing_with_it() {
    let system = TestSystem::start().await;
    let code = booked(&system, TUESDAY).await;
    let [viewing] = system.viewings().await.try_into().unwrap();
    let mut transcript = Vec::new();
    let web = Call::on_the_web("web");
    for (who, call) in [
        ("another number", Call::from("other", STRANGER)),
        ("the web", web),
    ] {
        for tool in [
            "find_appointments",
            "cancel_appointment",
            "reschedule_appointment",
        ] {
            for id in ["nothing", "appointment_id", "event_id"] {
                let mut arguments = json!({
                    "new_start_time": WEDNESDAY, "attendee_phone": "+15125550142", "user_id": USER,
                });
                arguments[id] = viewing[id].clone();
                let heard = call.tool(&system, tool, arguments).await;
                assert!(!heard.done, "{who} {tool} {id}: {heard:?}");
                transcript.push(format!("{who}: {}", heard.text));
            }
        }
    }
    transcript.dedup();
    insta::assert_snapshot!(transcript.join("\n"), @"
    another number: I do not see an upcoming viewing that was booked from this number. Do you have the confirmation code?
    the web: I can look that up with the confirmation code. What is it?
    ");
    let [same] = system.viewings().await.try_into().unwrap();
    assert_eq!(same, viewing);

    let stranger = Call::from("with the code", STRANGER);
    for (tool, mut arguments) in [
        ("find_appointments", json!({})),
        (
            "reschedule_appointment",
            json!({"new_start_time": WEDNESDAY}),
        ),
        ("cancel_appointment", json!({})),
    ] {
        arguments["confirmation_code"] = json!(code);
        let heard = stranger.tool(&system, tool, arguments).await;
        assert!(heard.done, "{tool}: {heard:?}");
    }
    assert!(system.events().await.is_empty());
}

#[tokio::test]
async fn an_assistant_of_other_staff_gets_at_nothing_even_with_the_code() {
    let system = TestSystem::start().await;
    system.connect("pat", "pat@lakeside.example").await;
    system.bind("pats-assistant", &["pat"]).await;
    let code = booked(&system, TUESDAY).await;
    let call = Call {
        assistant: "pats-assistant".to_owned(),
        ..Call::new("call-1")
    };
    let mut transcript = Vec::new();
    for arguments in [
        json!({}),
        json!({"confirmation_code": code}),
        json!({"user_id": USER}),
    ] {
        for tool in [
            "find_appointments",
            "cancel_appointment",
            "reschedule_appointment",
        ] {
            let mut arguments = arguments.clone();
            arguments["new_start_time"] = json!(WEDNESDAY);
            let heard = call.tool(&system, tool, arguments).await;
            assert!(!heard.done, "{tool}: {heard:?}");
            transcript.push(heard.text);
        }
    }
    transcript.dedup();
    insta::assert_snapshot!(transcript.join("\n"), @"
    I do not see an upcoming viewing that was booked from this number. Do you have the confirmation code?
    I cannot find an upcoming viewing with that code. Could you read it to me once more?
    I can only arrange viewings with the people this number is for. Shall I look at their times?
    ");
    assert_eq!(system.viewings().await[0]["status"], "confirmed");
}

#[tokio::test]
async fn five_wrong_codes_end_the_guessing_in_that_call_only() {
    let system = TestSystem::start().await;
    let right = booked(&system, TUESDAY).await;
    let guess = async |call: &str, code: &str| {
        let call = Call::from(call, STRANGER);
        find(&system, &call, json!({"confirmation_code": code})).await
    };
    // One that is right does not count.
    assert!(guess("call-1", &right).await.done);
    let mut transcript = Vec::new();
    for wrong in ["AAAAAA", "AAAAAC", "AAAAAF", "nonsense", "AAAAAH"] {
        let heard = guess("call-1", wrong).await;
        assert!(!heard.done, "{heard:?}");
        transcript.push(heard.text);
    }
    transcript.dedup();
    transcript.push(guess("call-1", &right).await.text);
    insta::assert_snapshot!(transcript.join("\n"), @"
    I cannot find an upcoming viewing with that code. Could you read it to me once more?
    I cannot look up any more codes in this call. May I take a message instead?
    ");
    assert!(guess("call-2", &right).await.done);
}

#[tokio::test]
async fn guesses_that_come_at_once_do_not_get_more_of_it() {
    let system = TestSystem::start().await;
    let right = booked(&system, TUESDAY).await;
    let wrong = [
        "AAAAAA", "AAAAAC", "AAAAAF", "AAAAAH", "AAAAAJ", "AAAAAK", "AAAAAM",
    ];
    let guesses = wrong.into_iter().chain([right.as_str()]);
    let guesses: Vec<(String, Value)> = guesses
        .map(|code| (format!("id {code}"), json!({"confirmation_code": code})))
        .collect();
    let calls: Vec<(&str, &str, Value)> = guesses
        .iter()
        .map(|(id, arguments)| (id.as_str(), "cancel_appointment", arguments.clone()))
        .collect();
    let delivery = Call::from("call-1", STRANGER).delivery(&calls);
    let heard = heard(&deliver(&system, &delivery).await);
    assert_eq!(heard.len(), 8);
    assert!(heard.iter().all(|heard| !heard.done), "{heard:#?}");
    let refused = heard
        .iter()
        .filter(|heard| heard.text.contains("any more codes"));
    assert_eq!(refused.count(), 3, "{heard:#?}");
    assert_eq!(system.events().await.len(), 1);
}
