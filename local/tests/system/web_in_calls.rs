//! What a caller hears of the web: nothing while our own inventory suffices or it is
//! switched off, claims where it adds something, and that it cannot be searched when it
//! cannot.

use local::defaults::{ASSISTANT, BRAVE_KEY, USER};
use serde_json::{Value, json};

use crate::rental_search;
use crate::system::TestSystem;
use crate::voice::{Call, assert_speakable};

/// A system with so many two bedroom homes on Mill Lane.
async fn system(brave_key: &str, allow_duckduckgo: bool, homes: u32) -> TestSystem {
    let system = rental_search::system(brave_key, allow_duckduckgo).await;
    system.bind(ASSISTANT, &[USER]).await;
    for number in 1..=homes {
        let rental = json!({
            "user_id": USER, "property_address": format!("{number} Mill Lane, Austin, TX"),
            "bedrooms": 2, "price": 1400 + number, "available_date": "2031-11-01",
        });
        let added = system.post("/rentals", &rental).await;
        assert_eq!(added.status, 201, "{added:?}");
    }
    system
}

async fn hear(system: &TestSystem, wish: &Value) -> String {
    let call = Call::new("call-1");
    let heard = call.tool(system, "search_rentals", wish.clone()).await;
    assert_speakable(&heard.text);
    heard.text
}

fn in_austin() -> Value {
    json!({"location": "Austin", "bedrooms": "two", "price_range": "under two thousand"})
}

#[tokio::test]
async fn the_web_adds_claims_to_what_is_less_than_three() {
    let mut told = Vec::new();
    for homes in [0, 1, 2] {
        let system = system(BRAVE_KEY, false, homes).await;
        told.push(hear(&system, &in_austin()).await);
        let asked = system.engines(reqwest::Method::GET, "/requests", &Value::Null);
        assert_eq!(
            asked.await["brave"],
            json!(["homes for rent in Austin 2 bedrooms rent up to 2000"])
        );
        // The second time it is known.
        hear(&system, &in_austin()).await;
        assert_eq!(system.asked().await, 1);
    }
    let system = system(BRAVE_KEY, false, 1).await;
    let elsewhere = json!({"location": "Dallas", "website": "homes.example"});
    told.push(hear(&system, &elsewhere).await);
    insta::assert_snapshot!(told.join("\n"), @"
    I have nothing of our own to offer for that at the moment. Elsewhere, on lettings dot example I see Two bedroom homes on Maple Street, on rent dot homes dot example I see Lofts downtown, and on mill-lane dot example I see Garden flat, Mill Lane, but I cannot vouch for them. May I take a message, so that somebody looks into it?
    I found the two bedroom at one Mill Lane for one thousand four hundred one dollars. Elsewhere, on lettings dot example I see Two bedroom homes on Maple Street and on rent dot homes dot example I see Lofts downtown, but I cannot vouch for them. Would you like to hear more about ours?
    I found two, the two bedroom at one Mill Lane for one thousand four hundred one dollars and the two bedroom at two Mill Lane for one thousand four hundred two dollars. Elsewhere, on lettings dot example I see Two bedroom homes on Maple Street, but I cannot vouch for it. Which of ours would you like to hear more about?
    I have nothing of our own to offer for that at the moment. Elsewhere, on rent dot homes dot example I see Lofts downtown, but I cannot vouch for it. May I take a message, so that somebody looks into it?
    ");
}

#[tokio::test]
async fn a_web_that_cannot_be_searched_is_never_nothing_found() {
    let mut told = Vec::new();
    for (homes, effect) in [
        (0, json!({"html": 202})),
        (1, json!({"html": 202})),
        (2, json!("hang")),
    ] {
        let system = system("", true, homes).await;
        system.misbehave(effect).await;
        told.push(hear(&system, &in_austin()).await);
        assert_eq!(system.asked().await, 1);
    }
    insta::assert_snapshot!(told.join("\n"), @"
    I have nothing of our own to offer for that at the moment. I cannot search the web right now. May I take a message, so that somebody looks into it?
    I found the two bedroom at one Mill Lane for one thousand four hundred one dollars. I cannot search the web right now. Would you like to hear more about it?
    I found two, the two bedroom at one Mill Lane for one thousand four hundred one dollars and the two bedroom at two Mill Lane for one thousand four hundred two dollars. I cannot search the web right now. Which one would you like to hear more about?
    ");
}

#[tokio::test]
async fn nobody_is_asked_when_it_is_off_or_needless() {
    let mut told = Vec::new();
    for (key, homes, wish) in [
        ("", 1, in_austin()),
        ("", 0, in_austin()),
        (BRAVE_KEY, 3, in_austin()),
        // Nobody said where.
        (BRAVE_KEY, 1, json!({"bedrooms": "two"})),
        (
            BRAVE_KEY,
            0,
            json!({"location": "Austin, without children"}),
        ),
    ] {
        let system = system(key, false, homes).await;
        told.push(hear(&system, &wish).await);
        assert_eq!(system.asked().await, 0, "{wish}");
    }
    insta::assert_snapshot!(told.join("\n"), @"
    I found the two bedroom at one Mill Lane for one thousand four hundred one dollars. Would you like to hear more about it?
    I have nothing of our own to offer for that at the moment. May I take a message instead?
    I found three, the two bedroom at one Mill Lane for one thousand four hundred one dollars, the two bedroom at two Mill Lane for one thousand four hundred two dollars, and the two bedroom at three Mill Lane for one thousand four hundred three dollars. Which one would you like to hear more about?
    I found the two bedroom at one Mill Lane for one thousand four hundred one dollars. Would you like to hear more about it?
    I cannot search by the people who live somewhere. I can search by place, rent, bedrooms, bathrooms, move in date, and features such as parking or pets. What would you like?
    ");
}
