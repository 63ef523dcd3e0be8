//! The pages of `GET /appointments`, and the cursors that lead from one to the next.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::appointments::{CASEY, book, starts, with_viewings};
use crate::system::TestSystem;
use crate::voice::Call;

#[tokio::test]
async fn pages_lead_through_all_of_them_once() {
    let system = TestSystem::start().await;
    for hour in 9..16 {
        book(
            &system,
            CASEY,
            &format!("2031-11-25T{hour:02}:00:00"),
            "14 Mill Lane",
        )
        .await;
    }
    let heard = Call::new("c")
        .tool(&system, "cancel_appointment", json!({}))
        .await;
    assert!(
        heard.text.starts_with("You have seven viewings"),
        "{heard:?}"
    );
    for (query, pages) in [
        ("user_id=demo", vec![3, 3, 1]),
        ("user_id=demo&caller=%2B15125550142", vec![3, 3, 1]),
        ("user_id=demo&property=14%20Mill%20Lane", vec![3, 3, 1]),
        (
            "user_id=demo&from=2031-11-25T16:00:00Z&to=2031-11-25T21:00:00Z",
            vec![3, 2],
        ),
        ("user_id=pat&caller=%2B15125550142", vec![0, 0, 0]),
        ("user_id=demo&status=cancelled", vec![0, 0, 0]),
    ] {
        let mut cursor = String::new();
        let (mut seen, mut lengths) = (Vec::new(), Vec::new());
        loop {
            let path = format!("/appointments?{query}&limit=3{cursor}");
            let page = system.get(&path).await;
            assert_eq!(page.status, 200, "{page:?}");
            lengths.push(starts(&page.body).len());
            seen.extend(starts(&page.body));
            match page.body["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(lengths, pages, "{query}");
        assert!(seen.is_sorted(), "{query}: {seen:?}");
        let once: BTreeSet<&String> = seen.iter().collect();
        assert_eq!(once.len(), seen.len(), "{query}: {seen:?}");
    }
}

#[tokio::test]
async fn a_cursor_that_no_page_of_this_list_gave_is_refused() {
    let system = with_viewings().await;
    let page = system.get("/appointments?user_id=demo&limit=1").await;
    let given = page.body["next_cursor"].as_str().unwrap().to_owned();
    let text = URL_SAFE_NO_PAD.decode(&given).unwrap();
    let mut longer: Value = serde_json::from_slice(&text).unwrap();
    longer["extra"] = json!("x");
    let written = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let mut emptied = longer.clone();
    for value in emptied.as_object_mut().unwrap().values_mut() {
        *value = json!("");
    }
    for (what, query) in [
        ("no base64", "user_id=demo&cursor=%21%21".to_owned()),
        (
            "no JSON",
            format!("user_id=demo&cursor={}", URL_SAFE_NO_PAD.encode("x")),
        ),
        (
            "a list",
            format!("user_id=demo&cursor={}", written(&json!([1]))),
        ),
        (
            "an empty key",
            format!("user_id=demo&cursor={}", written(&json!({}))),
        ),
        (
            "another key",
            format!("user_id=demo&cursor={}", written(&json!({"a": "b"}))),
        ),
        (
            "a longer key",
            format!("user_id=demo&cursor={}", written(&longer)),
        ),
        (
            "empty texts",
            format!("user_id=demo&cursor={}", written(&emptied)),
        ),
        (
            "another list",
            format!("user_id=demo&caller=%2B15125550142&cursor={given}"),
        ),
        ("another's list", format!("user_id=pat&cursor={given}")),
        (
            "another time",
            format!("user_id=demo&from=2031-11-27&cursor={given}"),
        ),
    ] {
        let answer = system.get(&format!("/appointments?{query}")).await;
        assert_eq!(
            answer.error(),
            "400 invalid_request (cursor): cursor must be one that an earlier page gave.",
            "{what}"
        );
    }
    let next = system
        .get(&format!("/appointments?user_id=demo&cursor={given}"))
        .await;
    assert_eq!(starts(&next.body).len(), 3, "{next:?}");
}
