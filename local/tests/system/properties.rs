//! What callers hear of properties, and that a booking names the one that was meant:
//! its address, its zone, and the staff member who shows it.

use local::defaults::{ACCOUNT, ASSISTANT, USER};
use serde_json::{Value, json};

use crate::rental_search;
use crate::system::TestSystem;
use crate::voice::{Call, Heard, assert_speakable};

const PAT: &str = "pat";
const PATS_ACCOUNT: &str = "pat@lakeside.example";

/// A system whose assistant books for two staff members, each with rentals; it does not
/// search the web.
async fn system() -> TestSystem {
    let system = rental_search::system("", false).await;
    system.connect(USER, ACCOUNT).await;
    system.connect(PAT, PATS_ACCOUNT).await;
    system.bind(ASSISTANT, &[USER, PAT]).await;
    for (user, address, more) in [
        (
            USER,
            "16 Mill Lane, Apt 1",
            json!({"bedrooms": 1, "price": 1250}),
        ),
        (
            USER,
            "16 Mill Lane, Apt 2B",
            json!({"bedrooms": 2, "price": 1450.5}),
        ),
        (
            PAT,
            "120 Maple Street",
            json!({"bedrooms": 2, "price": 1600, "features": ["Parking"]}),
        ),
        (
            "stranger",
            "9 Secret Road",
            json!({"bedrooms": 2, "price": 900}),
        ),
    ] {
        let mut rental = json!({
            "user_id": user, "property_address": address, "available_date": "2031-11-01",
        });
        rental
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let added = system.post("/rentals", &rental).await;
        assert_eq!(added.status, 201, "{}", added.text);
    }
    system
}

async fn ask(system: &TestSystem, tool: &str, arguments: Value) -> Heard {
    let heard = Call::new("call-1").tool(system, tool, arguments).await;
    assert_speakable(&heard.text);
    heard
}

async fn about(system: &TestSystem, said: &str) -> String {
    let heard = ask(
        system,
        "get_property_details",
        json!({"property_address": said}),
    )
    .await;
    format!("{}: {}", heard.done, heard.text)
}

#[tokio::test]
async fn a_caller_hears_of_the_property_they_mean() {
    let system = system().await;
    let mut transcript = Vec::new();
    for said in [
        "sixteen mill lane flat two b",
        "the two bedroom on maple",
        "the place on Mill Lane",
        "seventeen mill lane",
        // Another staff member's, whom this assistant is not for.
        "nine secret road",
    ] {
        transcript.push(about(&system, said).await);
    }
    let heard = ask(&system, "get_property_details", json!({})).await;
    transcript.push(format!("{}: {}", heard.done, heard.text));
    insta::assert_snapshot!(transcript.join("\n"), @"
    true: sixteen Mill Lane, apartment two B has two bedrooms. The rent is one thousand four hundred fifty dollars and fifty cents a month. It is available now. Would you like to see it?
    true: one twenty Maple Street has two bedrooms. The rent is one thousand six hundred dollars a month. It is available now. Would you like to see it?
    false: There is more than one at sixteen Mill Lane. Do you mean apartment one or apartment two B?
    false: I could not find exactly that. Do you mean the one bedroom at sixteen Mill Lane, apartment one or the two bedroom at sixteen Mill Lane, apartment two B?
    false: I could not find that property. Could you tell me the street and the number once more?
    false: Which property would you like to know about?
    ");
}

#[tokio::test]
async fn a_search_finds_what_the_assistant_is_for() {
    let system = system().await;
    let mut transcript = Vec::new();
    for wish in [
        json!({"bedrooms": "two"}),
        json!({"bedrooms": 2, "price_range": "under fifteen hundred"}),
        json!({"features": "parking", "available_by": "next month"}),
        json!({"location": "Maple", "max_price": 1000}),
        json!({"location": "a neighborhood without children"}),
    ] {
        let heard = ask(&system, "search_rentals", wish).await;
        transcript.push(format!("{}: {}", heard.done, heard.text));
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    true: I found two, the two bedroom at sixteen Mill Lane, apartment two B for one thousand four hundred fifty dollars and fifty cents and the two bedroom at one twenty Maple Street for one thousand six hundred dollars. Which one would you like to hear more about?
    true: I found the two bedroom at sixteen Mill Lane, apartment two B for one thousand four hundred fifty dollars and fifty cents. Would you like to hear more about it?
    true: I found the two bedroom at one twenty Maple Street for one thousand six hundred dollars. Would you like to hear more about it?
    true: I have nothing that suits in every way. The closest are the two bedroom at one twenty Maple Street, the one bedroom at sixteen Mill Lane, apartment one, and the two bedroom at sixteen Mill Lane, apartment two B. Which one would you like to hear more about?
    false: I cannot search by the people who live somewhere. I can search by place, rent, bedrooms, bathrooms, move in date, and features such as parking or pets. What would you like?
    ");
}

#[tokio::test]
async fn a_booking_names_the_property_and_is_with_whoever_shows_it() {
    let system = system().await;
    let booked = ask(
        &system,
        "set_appointment",
        json!({
            "property_address": "the two bedroom on maple", "start_time": "2031-11-25T10:00:00",
            "attendee_name": "Casey Caller",
        }),
    )
    .await;
    assert!(booked.done, "{booked:?}");
    assert_eq!(system.viewings().await, [] as [Value; 0]);
    let page = system.get("/appointments?user_id=pat").await;
    let [viewing] = page.body["appointments"].as_array().unwrap().as_slice() else {
        panic!("{}", page.text);
    };
    assert_eq!(viewing["property_address"], "120 Maple Street");
    let of_property = system
        .get("/appointments?user_id=pat&property=120%20maple%20street")
        .await;
    assert_eq!(
        of_property.body["appointments"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn an_ambiguous_property_is_asked_back_and_an_unknown_one_is_taken_as_said() {
    let system = system().await;
    let book = async |address: &str| {
        let arguments = json!({
            "property_address": address, "start_time": "2031-11-25T10:00:00",
            "attendee_name": "Casey Caller",
        });
        ask(&system, "set_appointment", arguments).await
    };
    let heard = book("sixteen mill lane").await;
    assert_eq!(
        heard.text,
        "There is more than one at sixteen Mill Lane. Do you mean apartment one or apartment two B?"
    );
    assert!(!heard.done);
    // Their times are the same, since one person shows both.
    let times = json!({"property_address": "sixteen mill lane", "date": "tomorrow"});
    assert!(ask(&system, "get_availability", times).await.done);
    assert!(book("900 Nowhere Road").await.done);
    let viewings = system.viewings().await;
    assert_eq!(viewings.len(), 1);
    assert_eq!(viewings[0]["property_address"], "900 Nowhere Road");
}

#[tokio::test]
async fn times_of_a_property_are_those_of_its_own_zone() {
    let system = system().await;
    let rentals = system.get("/rentals?user_id=pat").await;
    let id = rentals.body["rentals"][0]["id"].as_str().unwrap();
    let change = json!({"time_zone": "America/New_York"});
    let changed = system
        .patch(&format!("/rentals/{id}?user_id=pat"), &change)
        .await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let booked = ask(
        &system,
        "set_appointment",
        json!({
            "property_id": id, "start_time": "2031-11-25T14:00:00", "attendee_name": "Casey Caller",
        }),
    )
    .await;
    assert!(booked.text.contains("at two PM"), "{booked:?}");
    let page = system.get("/appointments?user_id=pat").await;
    let start = page.body["appointments"][0]["start_time"].as_str().unwrap();
    let start: jiff::Timestamp = start.parse().unwrap();
    assert_eq!(start.to_string(), "2031-11-25T19:00:00Z");
    let move_on = json!({"new_start_time": "2031-11-25T15:00:00"});
    let moved = ask(&system, "reschedule_appointment", move_on).await;
    assert!(moved.text.contains("at three PM"), "{moved:?}");
    let page = system.get("/appointments?user_id=pat").await;
    let start = page.body["appointments"][0]["start_time"].as_str().unwrap();
    let start: jiff::Timestamp = start.parse().unwrap();
    assert_eq!(start.to_string(), "2031-11-25T20:00:00Z");
}

#[tokio::test]
async fn without_the_inventory_nothing_is_booked_by_guess() {
    let system = system().await;
    let fault = json!({
        "operation": "query", "moment": "before", "effect": {"error": {
            "status": 400, "code": "AccessDeniedException"}},
    });
    system.aws_fault(&fault).await;
    let heard = ask(
        &system,
        "set_appointment",
        json!({
            "property_address": "120 Maple Street", "start_time": "2031-11-25T10:00:00",
            "attendee_name": "Casey Caller",
        }),
    )
    .await;
    assert_eq!(
        heard.text,
        "I cannot reach our list of properties right now. Shall I try again?"
    );
    system.no_aws_faults().await;
    assert_eq!(system.viewings().await, [] as [Value; 0]);
}
