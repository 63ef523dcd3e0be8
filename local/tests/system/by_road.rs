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

use crate::system::{MONDAY, TestSystem};
use crate::travelling::{Homes, booking};
use crate::voice::{assert_speakable, deliver_at_once, heard};

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
            (200, json!({"code": "Ok", "durations": rows}).to_string())
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
    }
    homes.assert_sound().await;
}
