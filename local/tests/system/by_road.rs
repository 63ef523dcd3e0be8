//! The way between viewings by road, as a routing service tells; and as the crow flies when
//! it does not.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use local::Options;
use local::defaults::{ACCOUNT, ASSISTANT, USER};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::settling::fails;
use crate::system::{Answer, MONDAY, TestSystem};
use crate::travelling::{Homes, booking};
use crate::voice::{Heard, assert_speakable, deliver_at_once, heard};

/// A routing service, with what it was asked.
#[derive(Clone)]
struct Service {
    manner: Arc<Mutex<Manner>>,
    asked: Arc<Mutex<Vec<String>>>,
}

/// What the service does.
#[derive(Clone, Debug)]
enum Manner {
    /// Every way takes so many seconds.
    Tells(f64),
    /// There is no road.
    NoRoad,
    /// It answers this, with this status.
    Says(u16, String),
    /// It never answers.
    Hangs,
}

impl Service {
    async fn start(manner: Manner) -> (Self, String) {
        let service = Self {
            manner: Arc::new(Mutex::new(manner)),
            asked: Arc::default(),
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/table/v1/driving/{places}", get(table))
            .with_state(service.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (service, url)
    }

    fn does(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// OSRM's table service (Project OSRM, "Table service").
async fn table(State(service): State<Service>, Path(places): Path<String>) -> Response {
    service.asked.lock().unwrap().push(places.clone());
    let count = places.split(';').count();
    let manner = service.manner.lock().unwrap().clone();
    let cell = |from: usize, to: usize| match &manner {
        _ if from == to => json!(0),
        Manner::Tells(seconds) => json!(seconds),
        _ => Value::Null,
    };
    let rows: Vec<Vec<Value>> = (0..count)
        .map(|from| (0..count).map(|to| cell(from, to)).collect())
        .collect();
    let (status, body) = match &manner {
        Manner::Tells(_) | Manner::NoRoad => {
            let sources = vec![json!({"distance": 12.5, "name": "Mill Lane"}); count];
            let table = json!({"code": "Ok", "durations": rows, "sources": sources});
            (200, table.to_string())
        }
        Manner::Says(status, body) => (*status, body.clone()),
        Manner::Hangs => std::future::pending().await,
    };
    let status = StatusCode::from_u16(status).unwrap();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

async fn homes(url: &str, settings: &Value) -> Homes {
    let options = Options {
        routing: Some(url.to_owned()),
        ..Options::default()
    };
    let system = TestSystem::start_with(options, MONDAY).await;
    system.connect(USER, ACCOUNT).await;
    system.bind(ASSISTANT, &[USER]).await;
    Homes::within(system, settings).await
}

fn heard_one(answer: &Answer) -> Heard {
    let [one] = heard(answer).try_into().unwrap();
    one
}

/// As the crow flies it is forty minutes.
const CROW: &str = "09:00 09:30 10:00 10:30 13:30 14:00 14:30 15:00 15:30 16:00 16:30";

#[tokio::test]
async fn what_the_service_tells_counts_in_place_of_the_straight_line() {
    let (service, url) = Service::start(Manner::Tells(24.5 * 60.0)).await;
    let homes = homes(&url, &json!({"travel": {"extra_minutes": 5}})).await;
    assert_eq!(homes.book(&homes.mill, "12:00").await.status, 201);
    // Twenty five and five minutes: the half hours beside the viewing are enough.
    let near = "09:00 09:30 10:00 10:30 11:00 13:00 13:30 14:00 14:30 15:00 15:30 16:00 16:30";
    assert_eq!(homes.open(&homes.maple).await, near);
    assert_eq!(
        service.asked(),
        ["-87.629800,41.878100;-87.629800,42.057900"]
    );
    // It is remembered: nothing is asked twice.
    assert_eq!(homes.open(&homes.maple).await, near);
    assert_eq!(service.asked().len(), 1);
    // What is offered can be booked.
    assert_eq!(homes.book(&homes.maple, "12:45").await.status, 409);
    assert_eq!(homes.book(&homes.maple, "13:00").await.status, 201);
    homes.assert_sound().await;
}

#[tokio::test]
async fn a_way_that_is_longer_by_road_is_kept_clear() {
    let (_, url) = Service::start(Manner::Tells(100.0 * 60.0)).await;
    let homes = homes(&url, &json!({"travel": {}})).await;
    assert_eq!(homes.book(&homes.mill, "12:00").await.status, 201);
    let far = "09:00 09:30 14:30 15:00 15:30 16:00 16:30";
    assert_eq!(homes.open(&homes.maple).await, far);
    assert_eq!(homes.book(&homes.maple, "13:30").await.status, 409);
    // The other flat is in the same house, whatever the roads are.
    assert!(homes.open(&homes.mill_two).await.contains("12:30"));
    homes.assert_sound().await;
}

#[tokio::test]
async fn a_service_that_tells_nothing_leaves_the_straight_line() {
    let says = |status: u16, body: &str| Manner::Says(status, body.to_owned());
    for manner in [
        Manner::NoRoad,
        Manner::Hangs,
        says(500, "{}"),
        says(
            400,
            r#"{"code":"InvalidUrl","message":"URL string malformed"}"#,
        ),
        says(200, "<html>"),
        says(200, r#"{"code":"Ok","durations":[[0]]}"#),
        says(
            200,
            &format!("{{\"code\":\"Ok\",\"x\":\"{}\"}}", "x".repeat(2_000_000)),
        ),
    ] {
        let (service, url) = Service::start(manner.clone()).await;
        let homes = homes(&url, &json!({"travel": {}})).await;
        assert_eq!(homes.book(&homes.mill, "12:00").await.status, 201);
        assert_eq!(homes.open(&homes.maple).await, CROW, "{manner:?}");
        assert_eq!(homes.open(&homes.maple).await, CROW, "{manner:?}");
        // What failed is left alone for a while, what is unknown is remembered.
        assert_eq!(service.asked().len(), 1, "{manner:?}");
        if !matches!(manner, Manner::NoRoad) {
            homes
                .system
                .clock
                .advance(jiff::SignedDuration::from_secs(31));
            service.does(Manner::Tells(60.0));
            assert!(
                homes.open(&homes.maple).await.contains("11:00"),
                "{manner:?}"
            );
        }
    }
}

#[tokio::test]
async fn nothing_is_asked_for_who_did_not_choose_that_ways_count() {
    let (service, url) = Service::start(Manner::Tells(60.0)).await;
    let homes = homes(&url, &json!({})).await;
    assert_eq!(homes.book(&homes.mill, "12:00").await.status, 201);
    assert!(homes.open(&homes.maple).await.contains("12:30"));
    assert_eq!(service.asked(), Vec::<String>::new());
}

/// What somebody else put into the calendar may be booked over; another viewing may not, nor
/// the way to it.
#[tokio::test]
async fn who_accepts_a_conflict_does_not_accept_that_a_viewing_cannot_be_reached() {
    let (_, url) = Service::start(Manner::Tells(100.0 * 60.0)).await;
    let homes = homes(&url, &json!({"travel": {}})).await;
    let system = &homes.system;
    system
        .busy("2031-11-25T13:00:00-06:00", "2031-11-25T16:00:00-06:00")
        .await;
    assert_eq!(homes.book(&homes.mill, "12:00").await.status, 201);
    let event = |time: &str| {
        json!({
            "user_id": USER, "subject": "Viewing", "start_time": format!("2031-11-25T{time}:00"),
            "duration_minutes": 30, "property_id": homes.maple, "allow_conflict": true,
        })
    };
    for (time, status) in [("12:40", 409), ("14:09", 409), ("14:10", 201)] {
        let answer = system.post("/calendar/events", &event(time)).await;
        assert_eq!(answer.status, status, "{time} {answer:?}");
    }
    homes.assert_sound().await;
}

/// Reconcile judges by the same roads as whoever promised it.
#[tokio::test]
async fn what_was_promised_by_road_is_booked_by_road() {
    let (_, url) = Service::start(Manner::Tells(25.0 * 60.0)).await;
    let homes = homes(&url, &json!({"travel": {}})).await;
    let system = &homes.system;
    assert_eq!(homes.book(&homes.mill, "12:00").await.status, 201);
    for operation in ["create_event", "list_events"] {
        system.fault(&fails(operation, "before")).await;
    }
    let delivery = booking("call-1", &homes.maple, "2031-11-25T13:00:00");
    let answer = deliver_at_once(system, &[delivery]).await;
    let told = heard(&answer[0]);
    assert!(told[0].text.starts_with("I am holding"), "{told:?}");
    system.no_faults().await;
    system.settle().await;
    let viewings = system.viewings().await;
    let statuses: Vec<&Value> = viewings.iter().map(|viewing| &viewing["status"]).collect();
    assert_eq!(statuses, ["confirmed", "confirmed"], "{viewings:#?}");
    homes.assert_sound().await;
}

/// Each claims what the other cannot see to be too near: the look that comes after finds it.
#[tokio::test]
async fn of_two_homes_that_are_far_by_road_never_both_are_booked_at_once() {
    let (_, url) = Service::start(Manner::Tells(100.0 * 60.0)).await;
    let homes = homes(&url, &json!({"travel": {}})).await;
    homes.system.allow_at_once(100).await;
    for round in 0..5 {
        let day = 24 + round;
        let near = format!("2031-11-{day}T12:00:00");
        let far = format!("2031-11-{day}T13:30:00");
        let deliveries = [
            booking(&format!("near {round}"), &homes.mill, &near),
            booking(&format!("far {round}"), &homes.maple, &far),
        ];
        let answers = deliver_at_once(&homes.system, &deliveries).await;
        let heard: Vec<_> = answers.iter().flat_map(heard).collect();
        for heard in &heard {
            assert_speakable(&heard.text);
        }
        let booked = heard.iter().filter(|heard| heard.done).count();
        assert!(booked <= 1, "{heard:#?}");
        // Both may have been refused. Alone, one of them is not.
        let again = booking(&format!("again {round}"), &homes.mill, &near);
        let again = deliver_at_once(&homes.system, &[again]).await;
        assert!(booked == 1 || heard_one(&again[0]).done, "{again:#?}");
        assert_eq!(
            homes.system.events().await.len(),
            usize::try_from(round).unwrap() + 1
        );
    }
    homes.assert_sound().await;
}
