//! Events and calendar views.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::harness::{DEMO, Simulator, TAG, code_of, tag_filter, viewing};

const DAY: (&str, &str) = ("2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z");

#[tokio::test]
async fn profile_and_mailbox_settings_are_those_of_the_account() {
    let simulator = Simulator::start().await;
    let graph = simulator.sign_in(DEMO).await;
    let (_, me) = graph.get("/me").await;
    assert_eq!(me["userPrincipalName"], DEMO);
    let (_, settings) = graph.get("/me/mailboxSettings").await;
    assert_eq!(settings["timeZone"], "Central Standard Time");
    assert_eq!(settings["workingHours"]["startTime"], "09:00:00.0000000");
    assert_eq!(
        settings["workingHours"]["timeZone"]["name"],
        "Central Standard Time"
    );
    let casey = simulator.sign_in("casey@lakeside.example").await;
    let (_, settings) = casey.get("/me/mailboxSettings").await;
    let zone = &settings["workingHours"]["timeZone"];
    assert_eq!(zone["@odata.type"], "#microsoft.graph.customTimeZone");
    let nora = simulator.sign_in("nora@lakeside.example").await;
    let (_, settings) = nora.get("/me/mailboxSettings").await;
    assert_eq!(
        (&settings["timeZone"], &settings["workingHours"]),
        (&json!(""), &Value::Null)
    );
    let (_, calendars) = graph.get("/me/calendars").await;
    assert_eq!(calendars["value"][0]["isDefaultCalendar"], true);
    assert_eq!(graph.get("/me/calendar").await.1["owner"]["address"], DEMO);
}

#[tokio::test]
async fn graph_asks_for_a_valid_token_the_right_scope_and_a_mailbox() {
    let simulator = Simulator::start().await;
    let mut graph = simulator.sign_in(DEMO).await;
    let valid = std::mem::replace(&mut graph.token, "EwBunknown".to_owned());
    let answer = graph
        .request(Method::GET, "/me")
        .header("client-request-id", "c-1")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert!(answer.headers().contains_key("www-authenticate"));
    assert_eq!(answer.headers()["client-request-id"], "c-1");
    assert!(answer.headers().contains_key("request-id"));
    let body: Value = answer.json().await.unwrap();
    assert_eq!(code_of(&body), "InvalidAuthenticationToken");
    let error = &body["error"];
    let inner = error.get("innerError").or(error.get("innererror")).unwrap();
    assert!(inner["request-id"].is_string());

    graph.token = valid;
    assert_eq!(graph.get("/me").await.0, StatusCode::OK);
    simulator.pass(2 * 3600);
    assert_eq!(graph.get("/me").await.0, StatusCode::UNAUTHORIZED);

    let code = simulator.code(&[("scope", "User.Read")], DEMO).await;
    let body = simulator.redeem(&code).await.1;
    graph.token = body["access_token"].as_str().unwrap().to_owned();
    let (status, body) = graph.get("/me/events").await;
    assert_eq!(
        (status, code_of(&body)),
        (StatusCode::FORBIDDEN, "ErrorAccessDenied")
    );

    let mel = simulator.sign_in("mel@lakeside.example").await;
    assert_eq!(mel.get("/me").await.0, StatusCode::OK);
    let (status, body) = mel.get("/me/mailboxSettings").await;
    assert_eq!(
        (status, code_of(&body)),
        (StatusCode::NOT_FOUND, "MailboxNotEnabledForRESTAPI")
    );
}

#[tokio::test]
async fn an_event_is_created_found_by_tag_moved_and_cancelled() {
    let simulator = Simulator::start().await;
    simulator.plain().await;
    let graph = simulator.sign_in(DEMO).await;
    let (status, created) = graph.post("/me/events", &viewing("t-1", "VW-1")).await;
    assert_eq!(status, StatusCode::CREATED, "{created}");
    assert_eq!(
        created["start"],
        json!({"dateTime": "2026-11-24T16:00:00.0000000", "timeZone": "UTC"})
    );
    assert_eq!(created["originalStartTimeZone"], "America/Chicago");
    let id = created["id"].as_str().unwrap();

    let (_, found) = graph
        .get(&format!("/me/events?{}", tag_filter("vw-1")))
        .await;
    assert_eq!(found["value"][0]["id"], created["id"]);
    assert!(
        found["value"][0]
            .get("singleValueExtendedProperties")
            .is_none()
    );
    let (_, none) = graph
        .get(&format!("/me/events?{}", tag_filter("VW-2")))
        .await;
    assert_eq!(none["value"], json!([]));
    let (_, none) = graph
        .get(&format!(
            "/me/events?{}",
            tag_filter("VW-1").replace("BookingRef", "bookingref")
        ))
        .await;
    assert_eq!(none["value"], json!([]));

    let expand = format!("$expand=singleValueExtendedProperties($filter=id eq '{TAG}')");
    let (_, read) = graph
        .get(&format!("/me/events/{id}?$select=subject&{expand}"))
        .await;
    assert_eq!(
        read["singleValueExtendedProperties"],
        json!([{"id": TAG, "value": "VW-1"}])
    );
    assert!(read.get("start").is_none());
    let etag = read["@odata.etag"].as_str().unwrap();

    let moved = json!({
        "start": {"dateTime": "2026-11-24T11:00:00", "timeZone": "Central Standard Time"},
        "end": {"dateTime": "2026-11-24T11:30:00", "timeZone": "Central Standard Time"},
    });
    let path = format!("/me/events/{id}");
    let (status, body) = graph.patch(&path, etag, &moved).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!(body["start"]["dateTime"], "2026-11-24T17:00:00.0000000");
    let (status, body) = graph.patch(&path, etag, &moved).await;
    assert_eq!(
        (status, code_of(&body)),
        (StatusCode::PRECONDITION_FAILED, "ErrorIrresolvableConflict")
    );

    let (status, _) = graph
        .post(&format!("{path}/cancel"), &json!({"Comment": "Sorry"}))
        .await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let (status, body) = graph
        .post(&format!("{path}/cancel"), &json!({"comment": "Sorry"}))
        .await;
    assert_eq!(
        (status, code_of(&body)),
        (StatusCode::NOT_FOUND, "ErrorItemNotFound")
    );

    let mailbox = simulator.mailbox().await;
    assert_eq!(mailbox["events"], json!([]));
    let kinds: Vec<_> = mailbox["outbox"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mail| mail["kind"].clone())
        .collect();
    assert_eq!(kinds, ["invitation", "update", "cancellation"]);
    assert_eq!(mailbox["outbox"][2]["comment"], "Sorry");
    assert_eq!(mailbox["outbox"][0]["to"], json!(["casey@example.com"]));
    assert_eq!(mailbox["counters"]["operations"]["create_event"], 1);
}

#[tokio::test]
async fn a_transaction_id_makes_a_repeat_harmless_and_a_change_an_error() {
    let simulator = Simulator::start().await;
    let graph = simulator.sign_in(DEMO).await;
    let (_, first) = graph.post("/me/events", &viewing("t-1", "VW-1")).await;
    let (status, again) = graph.post("/me/events", &viewing("t-1", "VW-1")).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(again["id"], first["id"]);
    let (status, body) = graph.post("/me/events", &viewing("t-1", "VW-2")).await;
    assert_eq!(
        (status, code_of(&body)),
        (StatusCode::CONFLICT, "ErrorDuplicateTransactionId")
    );
    let settings = json!({"duplicate_transaction_status": 400});
    simulator.control(Method::PUT, "/settings", settings).await;
    let (status, body) = graph.post("/me/events", &viewing("t-1", "VW-2")).await;
    assert_eq!(
        (status, code_of(&body)),
        (StatusCode::BAD_REQUEST, "ErrorDuplicateTransactionId")
    );

    // Another id books the same time once more: Graph accepts overlaps.
    let (status, _) = graph.post("/me/events", &viewing("t-2", "VW-2")).await;
    assert_eq!(status, StatusCode::CREATED);
    let mailbox = simulator.mailbox().await;
    assert_eq!(mailbox["events"].as_array().unwrap().len(), 2);
    assert_eq!(mailbox["outbox"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn bad_bodies_and_zones_are_refused() {
    let simulator = Simulator::start().await;
    let graph = simulator.sign_in(DEMO).await;
    let with = |name: &str, value: Value| {
        let mut body = viewing("t-1", "VW-1");
        body[name] = value;
        body
    };
    let time = |time: &str, zone: &str| json!({"dateTime": time, "timeZone": zone});
    for (body, code) in [
        (
            with("start", time("2026-11-24T10:00:00", "Greenwich Mean Time")),
            "TimeZoneNotSupportedException",
        ),
        (
            with("start", time("2026-11-24T10:00:00", "America/Vancouver")),
            "TimeZoneNotSupportedException",
        ),
        (
            with("start", time("2026-11-24T12:00:00", "America/Chicago")),
            "ErrorPropertyValidationFailure",
        ),
        (with("start", Value::Null), "ErrorPropertyValidationFailure"),
        (with("subject", json!(5)), "RequestBodyRead"),
        (with("showAs", json!("occupied")), "RequestBodyRead"),
        (with("color", json!("red")), "RequestBodyRead"),
        (
            with("isAllDay", json!(true)),
            "ErrorPropertyValidationFailure",
        ),
        (
            with(
                "attendees",
                json!([{"emailAddress": {"address": "nobody"}}]),
            ),
            "ErrorInvalidRecipients",
        ),
        (
            with(
                "singleValueExtendedProperties",
                json!([{"id": "BookingRef", "value": "1"}]),
            ),
            "ErrorInvalidExtendedProperty",
        ),
        (
            json!({"subject": "no times"}),
            "ErrorPropertyValidationFailure",
        ),
        (json!([1]), "RequestBodyRead"),
    ] {
        let (status, answer) = graph.post("/me/events", &body).await;
        assert_eq!(
            (status, code_of(&answer)),
            (StatusCode::BAD_REQUEST, code),
            "{body}"
        );
    }
    let request = graph
        .request(Method::POST, "/me/events")
        .body("{\"subject\":");
    assert_eq!(
        request.send().await.unwrap().status(),
        StatusCode::BAD_REQUEST
    );
    assert_eq!(simulator.mailbox().await["events"], json!([]));
    for zone in [
        "Central Standard Time",
        "America/Chicago",
        "UTC",
        "Europe/Kyiv (Kiev)",
    ] {
        let mut body = viewing(&format!("zone {zone}"), "VW-1");
        body["start"] = time("2026-11-24T10:00:00", zone);
        body["end"] = time("2026-11-24T10:30:00", zone);
        assert_eq!(
            graph.post("/me/events", &body).await.0,
            StatusCode::CREATED,
            "{zone}"
        );
    }
}

#[tokio::test]
async fn a_view_comes_in_pages_with_links_to_this_origin() {
    let simulator = Simulator::start().await;
    let graph = simulator.sign_in(DEMO).await;
    for minute in 0..60 {
        simulator
            .add_event(json!({
                "subject": format!("e{minute}"),
                "start": format!("2026-11-24T15:{minute:02}:00Z"),
                "end": format!("2026-11-24T16:{minute:02}:00Z"),
            }))
            .await;
    }
    let (events, pages) = graph.view(DAY.0, DAY.1, "&$orderby=start/dateTime").await;
    assert_eq!((events.len(), pages), (60, 6));
    let starts: Vec<_> = events
        .iter()
        .map(|event| event["start"]["dateTime"].as_str().unwrap())
        .collect();
    assert!(starts.is_sorted());
    let (events, pages) = graph.view(DAY.0, DAY.1, "&$top=200&$select=id,start").await;
    assert_eq!((events.len(), pages), (60, 2));
    assert!(events[0].get("showAs").is_none());
    assert!(events[0]["@odata.etag"].is_string());
    let path = format!(
        "/me/calendarView?startDateTime={}&endDateTime={}",
        DAY.0, DAY.1
    );
    let answer = graph.request(Method::GET, &path).send().await.unwrap();
    let applied = answer.headers()["preference-applied"].to_str().unwrap();
    assert!(applied.contains("outlook.timezone=\"UTC\"") && applied.contains("ImmutableId"));
    let body: Value = answer.json().await.unwrap();
    assert!(
        body["@odata.nextLink"]
            .as_str()
            .unwrap()
            .starts_with(&simulator.base)
    );
}

#[tokio::test]
async fn a_view_holds_what_overlaps_its_window_and_nothing_else() {
    let simulator = Simulator::start().await;
    simulator.plain().await;
    let graph = simulator.sign_in(DEMO).await;
    for (subject, start, end) in [
        ("before", "2026-11-24T14:00:00Z", "2026-11-24T15:00:00Z"),
        ("into", "2026-11-24T14:00:00Z", "2026-11-24T15:01:00Z"),
        ("around", "2026-11-24T14:00:00Z", "2026-11-24T17:00:00Z"),
        ("point", "2026-11-24T15:00:00Z", "2026-11-24T15:00:00Z"),
        ("out", "2026-11-24T15:59:00Z", "2026-11-24T16:30:00Z"),
        ("after", "2026-11-24T16:00:00Z", "2026-11-24T16:30:00Z"),
    ] {
        simulator
            .add_event(json!({"subject": subject, "start": start, "end": end}))
            .await;
    }
    let window = ("2026-11-24T09:00:00-06:00", "2026-11-24T16:00:00");
    let (events, _) = graph.view(window.0, window.1, "").await;
    let mut subjects: Vec<_> = events
        .iter()
        .map(|event| event["subject"].as_str().unwrap())
        .collect();
    subjects.sort_unstable();
    assert_eq!(subjects, ["around", "into", "out", "point"]);
    for query in [
        "startDateTime=2026-11-24T00:00:00Z",
        "startDateTime=2026-11-24T00:00:00+01:00&endDateTime=2026-11-25T00:00:00Z",
        "startDateTime=2026-11-25T00:00:00Z&endDateTime=2026-11-24T00:00:00Z",
        "startDateTime=2020-01-01T00:00:00Z&endDateTime=2026-11-24T00:00:00Z",
        "startDateTime=2026-11-24T00:00:00Z&endDateTime=2026-11-25T00:00:00Z&$select=lastModifiedDateTime",
        "startDateTime=2026-11-24T00:00:00Z&endDateTime=2026-11-25T00:00:00Z&$top=0",
        "startDateTime=2026-11-24T00:00:00Z&endDateTime=2026-11-25T00:00:00Z&$search=x",
    ] {
        let (status, _) = graph.get(&format!("/me/calendarView?{query}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
    }
}

#[tokio::test]
async fn series_are_expanded_on_the_wall_clock_and_masters_listed() {
    let simulator = Simulator::start().await;
    simulator.plain().await;
    let graph = simulator.sign_in(DEMO).await;
    let added = simulator
        .add_event(json!({
            "subject": "standup",
            "start": "2026-10-30T14:00:00Z",
            "end": "2026-10-30T14:15:00Z",
            "recurrence": {
                "pattern": {"type": "daily", "interval": 1},
                "range": {"type": "noEnd", "startDate": "2026-10-30"}
            }
        }))
        .await;
    // Nine o'clock in Chicago, before and after the end of daylight saving time.
    let (events, _) = graph
        .view(
            "2026-10-31T00:00:00Z",
            "2026-11-03T00:00:00Z",
            "&$orderby=start/dateTime",
        )
        .await;
    let starts: Vec<_> = events
        .iter()
        .map(|event| event["start"]["dateTime"].as_str().unwrap())
        .collect();
    assert_eq!(
        starts,
        [
            "2026-10-31T14:00:00.0000000",
            "2026-11-01T15:00:00.0000000",
            "2026-11-02T15:00:00.0000000"
        ]
    );
    assert_eq!(events[0]["type"], "occurrence");
    assert_eq!(events[0]["seriesMasterId"], added["id"]);
    let (_, listed) = graph.get("/me/events").await;
    assert_eq!(listed["value"][0]["type"], "seriesMaster");

    let path = format!("/me/events/{}", events[1]["id"].as_str().unwrap());
    assert_eq!(
        graph.get(&path).await.1["start"]["dateTime"],
        "2026-11-01T15:00:00.0000000"
    );
    assert_eq!(graph.delete(&path).await.0, StatusCode::NO_CONTENT);
    assert_eq!(graph.get(&path).await.0, StatusCode::NOT_FOUND);
    let (events, _) = graph
        .view("2026-10-31T00:00:00Z", "2026-11-03T00:00:00Z", "")
        .await;
    assert_eq!(events.len(), 2);
}

#[tokio::test]
async fn all_day_events_are_dates_and_other_peoples_meetings_show_their_state() {
    let simulator = Simulator::start().await;
    simulator.plain().await;
    let graph = simulator.sign_in(DEMO).await;
    simulator.add_event(json!({"subject": "holiday", "start": "2026-11-24", "end": "2026-11-25", "all_day": true, "show_as": "oof"})).await;
    simulator.add_event(json!({"subject": "no", "start": "2026-11-24T16:00:00Z", "end": "2026-11-24T17:00:00Z", "declined": true})).await;
    let off = simulator.add_event(json!({"subject": "off", "start": "2026-11-24T18:00:00Z", "end": "2026-11-24T19:00:00Z", "cancelled": true})).await;
    let graph = graph.preferring(&[
        "IdType=\"ImmutableId\"",
        "outlook.timezone=\"Pacific Standard Time\"",
    ]);
    let (events, _) = graph.view(DAY.0, DAY.1, "&$orderby=start/dateTime").await;
    assert_eq!(events[0]["isAllDay"], true);
    assert_eq!(
        events[0]["start"],
        json!({"dateTime": "2026-11-24T00:00:00.0000000", "timeZone": "Pacific Standard Time"})
    );
    assert_eq!(events[1]["responseStatus"]["response"], "declined");
    assert_eq!(
        events[1]["start"]["dateTime"],
        "2026-11-24T08:00:00.0000000"
    );
    assert_eq!(events[2]["isCancelled"], true);

    let path = format!("/me/events/{}/cancel", off["id"].as_str().unwrap());
    assert_eq!(
        graph.post(&path, &json!({})).await.0,
        StatusCode::BAD_REQUEST
    );
    let (status, body) = graph
        .preferring(&["outlook.timezone=\"Nowhere\""])
        .get("/me/events")
        .await;
    assert_eq!(
        (status, code_of(&body)),
        (StatusCode::BAD_REQUEST, "TimeZoneNotSupportedException")
    );
}

#[tokio::test]
async fn ids_of_the_two_formats_do_not_mix() {
    let simulator = Simulator::start().await;
    let graph = simulator.sign_in(DEMO).await;
    let (_, created) = graph.post("/me/events", &viewing("t-1", "VW-1")).await;
    let immutable = created["id"].as_str().unwrap();
    let plain = graph.preferring(&[]);
    let (_, listed) = plain.get("/me/events").await;
    let mutable = listed["value"][0]["id"].as_str().unwrap();
    assert_ne!(immutable, mutable);
    for (caller, id, status) in [
        (&graph, immutable, StatusCode::OK),
        (&plain, mutable, StatusCode::OK),
        (&graph, mutable, StatusCode::NOT_FOUND),
        (&plain, immutable, StatusCode::NOT_FOUND),
        (&plain, "nonsense", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(
            caller.get(&format!("/me/events/{id}")).await.0,
            status,
            "{id}"
        );
    }
    let body = json!({"inputIds": [mutable], "sourceIdType": "restId", "targetIdType": "restImmutableEntryId"});
    let (_, translated) = plain.post("/me/translateExchangeIds", &body).await;
    assert_eq!(translated["value"][0]["targetId"], immutable);
}

#[tokio::test]
async fn variety_changes_spelling_and_never_meaning() {
    let simulator = Simulator::start().await;
    let graph = simulator.sign_in(DEMO).await;
    for hour in 10..22 {
        let show_as = if hour % 2 == 0 { "free" } else { "busy" };
        simulator
            .add_event(json!({
                "subject": show_as, "show_as": show_as, "declined": hour % 3 == 0,
                "start": format!("2026-11-24T{hour}:00:00Z"), "end": format!("2026-11-24T{hour}:30:00Z"),
            }))
            .await;
    }
    let (events, _) = graph
        .view(DAY.0, DAY.1, "&$orderby=start/dateTime&$top=50")
        .await;
    let texts: Vec<_> = events
        .iter()
        .map(|event| event["showAs"].as_str())
        .collect();
    assert!(
        texts.contains(&Some("Busy")) || texts.contains(&Some("Free")),
        "{texts:?}"
    );
    assert!(
        events
            .iter()
            .any(|event| event.get("simulatedAddition").is_some())
    );
    assert!(events.iter().any(|event| event["isCancelled"].is_null()));
    for (hour, event) in (10..22).zip(&events) {
        let free = event["showAs"]
            .as_str()
            .is_some_and(|text| text.eq_ignore_ascii_case("free"));
        assert_eq!(free, hour % 2 == 0, "{event}");
        let declined = event["responseStatus"]["response"]
            .as_str()
            .is_some_and(|text| text.eq_ignore_ascii_case("declined"));
        assert_eq!(declined, hour % 3 == 0, "{event}");
    }
}
