//! The sample events of `events/`: each is what API Gateway would hand over, and
//! the function that it is for answers it as intended.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use lambda_http::Body;
use listing_refresh::ListingRefresh;
use local::Template;
use serde_json::Value;
use shared::config::Settings;
use shared::http::{Function, Mounted, Response};
use shared::vapi::Tool;

use crate::settings;
use crate::system::{TestSystem, answered};
use crate::voice::assert_speakable;

/// All samples, by file name.
fn samples() -> BTreeMap<String, Value> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../events"));
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    files
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, serde_json::from_str(&text).unwrap())
        })
        .collect()
}

async fn answer_of<F: Function>(
    settings: &Settings,
    system: &TestSystem,
    event: &Value,
) -> Response {
    let mounted = Mounted::<F>::start(settings, system.clock.clone()).unwrap();
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    answered(&mounted, request).await
}

/// What the function answers to which API Gateway would hand this event.
async fn answer(template: &Template, system: &TestSystem, event: &Value) -> (u16, String) {
    let Some(route) = event["routeKey"].as_str().map(str::to_owned) else {
        return scheduled(template, system, event).await;
    };
    let mut functions = template.functions.iter();
    let function = functions.find(|function| function.routes.contains(&route));
    let name = function
        .unwrap_or_else(|| panic!("no route {route}"))
        .name
        .as_str();
    let settings = settings::of_function(template, name);
    let response = match name {
        "AppointmentsList" => {
            answer_of::<appointments::AppointmentsList>(&settings, system, event).await
        }
        "Assistants" => answer_of::<assistants::Assistants>(&settings, system, event).await,
        "Availability" => answer_of::<availability::Availability>(&settings, system, event).await,
        "Events" => answer_of::<events::Events>(&settings, system, event).await,
        "OAuthCallback" => {
            answer_of::<oauth_callback::OAuthCallback>(&settings, system, event).await
        }
        "OAuthStart" => answer_of::<oauth_start::OAuthStart>(&settings, system, event).await,
        "OAuthStatus" => answer_of::<oauth_status::OAuthStatus>(&settings, system, event).await,
        "RentalSearch" => answer_of::<rental_search::RentalSearch>(&settings, system, event).await,
        "Rentals" => answer_of::<rentals::RentalsInventory>(&settings, system, event).await,
        "ServiceInfo" => answer_of::<service_info::ServiceInfo>(&settings, system, event).await,
        "WebhookDispatch" => {
            answer_of::<webhook_dispatch::WebhookDispatch>(&settings, system, event).await
        }
        other => panic!("no function {other}"),
    };
    let (parts, body) = response.into_parts();
    let Body::Text(text) = body else {
        panic!("{route}: the body is not text");
    };
    (parts.status.as_u16(), text)
}

/// What a scheduled function reports: the rule that starts it is called like it.
async fn scheduled(template: &Template, system: &TestSystem, event: &Value) -> (u16, String) {
    let now = system.clock.now();
    let rule = event["resources"][0].as_str().unwrap();
    let report = if rule.contains("rule/listing-refresh") {
        let settings = settings::of_function(template, ListingRefresh::NAME);
        let function = ListingRefresh::start(&settings).unwrap();
        serde_json::to_string(&function.run(now).await.unwrap())
    } else {
        let settings = settings::of_function(template, reconcile::Reconcile::NAME);
        let function = reconcile::Reconcile::start(&settings).unwrap();
        serde_json::to_string(&function.run(now).await.unwrap())
    };
    (200, report.unwrap())
}

/// The status of each sample's answer, and a part of its text.
fn expected_answers() -> BTreeMap<&'static str, (u16, &'static str)> {
    BTreeMap::from([
        ("appointments.json", (200, r#""appointments":[]"#)),
        (
            "appointments-feed-links.json",
            (200, "/appointments/feed.ics?feed="),
        ),
        ("appointments-feed.json", (200, "BEGIN:VCALENDAR")),
        ("auth-callback.json", (400, "This sign-in is over")),
        ("auth-confirm.json", (400, "This sign-in is over")),
        ("auth-disconnect.json", (200, "No calendar was connected.")),
        ("auth-links.json", (200, "/calendar/auth/start?link=")),
        ("auth-start.json", (307, "")),
        ("auth-status.json", (200, r#""calendar_verified":true"#)),
        (
            "availability.json",
            (200, r#""start_time":"2031-11-24T09:00:00-06:00""#),
        ),
        (
            "availability-together.json",
            (424, "For pat: No calendar is connected"),
        ),
        ("calendar-events-cancel.json", (404, "no such event")),
        ("calendar-events-change.json", (404, "no such event")),
        (
            "calendar-events-create.json",
            (201, r#""start_time":"2035-06-05T10:00:00-05:00""#),
        ),
        ("calendar-events-list.json", (200, r#""events":["#)),
        (
            "cancel-appointment.json",
            (200, "I do not see an upcoming viewing"),
        ),
        ("database-available.json", (200, r#""total_available":"#)),
        ("database-rentals.json", (200, r#""total":"#)),
        ("database-rentals-website.json", (200, r#""total":"#)),
        ("database-status.json", (200, r#""database_stats":{"#)),
        (
            "find-appointments.json",
            (200, "I do not see an upcoming viewing"),
        ),
        (
            "get-availability.json",
            (200, "Tuesday, November twenty fifth"),
        ),
        (
            "get-property-details.json",
            (200, "I could not find that property."),
        ),
        ("health.json", (200, r#""status":"healthy""#)),
        ("openapi.json", (200, r#""openapi":"3.1.0""#)),
        ("reconcile.json", (200, r#""due":0"#)),
        ("rental-search.json", (200, r#""source":"brave""#)),
        ("rentals-add.json", (201, r#""price":1450,"#)),
        ("rentals-change.json", (404, "no such rental")),
        (
            "rentals-import.json",
            (200, "Rent must be the rent of a month."),
        ),
        ("rentals-list.json", (200, r#""rentals":["#)),
        ("rentals-remove.json", (404, "no such rental")),
        ("rentals-show.json", (404, "no such rental")),
        (
            "reschedule-appointment.json",
            (200, "I do not see an upcoming viewing"),
        ),
        (
            "search-rentals.json",
            (
                200,
                "The closest is the two bedroom at thirty one Juniper Way",
            ),
        ),
        (
            "send-confirmation-email.json",
            (200, "I do not see an upcoming viewing"),
        ),
        ("service.json", (200, "Viewing desk")),
        (
            "set-appointment.json",
            (
                200,
                "Booked for Casey Caller on Tuesday, November twenty fifth, at one PM.",
            ),
        ),
        (
            "settings-replace.json",
            (200, r#""buffer_after_minutes":15"#),
        ),
        ("settings-show.json", (200, r#""version":1"#)),
        ("unknown-route.json", (404, "not_found")),
        ("vapi-analytics.json", (200, r#""groups":["#)),
        ("vapi-assistants.json", (200, r#""assistants":["#)),
        ("vapi-binding-remove.json", (200, r#""status":"success""#)),
        ("vapi-binding-replace.json", (200, r#""user_ids":["#)),
        ("vapi-binding-show.json", (200, r#""user_ids":["demo"]"#)),
        ("vapi-calls.json", (200, r#""calls":["#)),
    ])
}

/// The same of listing sources, which are read after one was added.
fn expected_of_sources() -> [(&'static str, (u16, &'static str)); 5] {
    [
        ("database-sources.json", (200, r#""sources":[{"#)),
        (
            "database-sources-add.json",
            (201, r#""website":"homes.example""#),
        ),
        ("database-sources-refresh.json", (404, "no such source")),
        ("database-sources-remove.json", (404, "no such source")),
        ("listing-refresh.json", (200, r#""due":1,"refreshed":1"#)),
    ]
}

#[tokio::test]
async fn every_sample_is_answered_by_its_function() {
    let system = TestSystem::start().await;
    let template = settings::template(&system.local);
    let mut expected = expected_answers();
    expected.extend(expected_of_sources());
    let samples = samples();
    let names: Vec<&str> = samples.keys().map(String::as_str).collect();
    assert_eq!(names, expected.keys().copied().collect::<Vec<_>>());
    for (name, event) in &samples {
        let (status, text) = answer(&template, &system, event).await;
        let (expected_status, part) = expected[name.as_str()];
        assert_eq!(status, expected_status, "{name}: {text}");
        assert!(text.contains(part), "{name}: {text}");
    }
    assert_eq!(system.events().await.len(), 2);
}

#[tokio::test]
async fn a_sample_of_a_tool_is_answered_as_vapi_reads_it() {
    let system = TestSystem::start().await;
    let template = settings::template(&system.local);
    let samples = samples();
    for name in ["get-availability.json", "set-appointment.json"] {
        let (_, text) = answer(&template, &system, &samples[name]).await;
        let body: Value = serde_json::from_str(&text).unwrap();
        let [result] = body["results"].as_array().unwrap().as_slice() else {
            panic!("{name}: {text}");
        };
        assert_speakable(result["result"].as_str().unwrap());
    }
}

#[tokio::test]
async fn every_route_and_every_tool_has_a_sample() {
    let system = TestSystem::empty().await;
    let samples = samples();
    let template = settings::template(&system.local);
    let routes = |name: &str| samples.values().any(|event| event["routeKey"] == name);
    for route in template
        .functions
        .iter()
        .flat_map(|function| &function.routes)
    {
        assert!(routes(route), "no sample for {route}");
    }
    let tools: BTreeSet<String> = samples
        .values()
        .filter(|event| event["routeKey"] == "POST /vapi/webhook")
        .map(|event| {
            let body: Value = serde_json::from_str(event["body"].as_str().unwrap()).unwrap();
            let call = &body["message"]["toolCallList"][0];
            call["function"]["name"].as_str().unwrap().to_owned()
        })
        .collect();
    for tool in Tool::ALL {
        let name = tool.definition().name;
        assert!(tools.contains(name), "no sample for {name}");
    }
}

#[test]
fn a_sample_says_the_same_in_each_of_its_parts() {
    let of_http = samples().into_iter();
    for (name, event) in of_http.filter(|(_, event)| event["routeKey"].is_string()) {
        let http = &event["requestContext"]["http"];
        assert_eq!(
            event["requestContext"]["routeKey"], event["routeKey"],
            "{name}"
        );
        assert_eq!(http["path"], event["rawPath"], "{name}");
        let route = event["routeKey"].as_str().unwrap();
        if route != "$default" {
            let target = format!(
                "{} {}",
                http["method"].as_str().unwrap(),
                http["path"].as_str().unwrap()
            );
            let mut filled = route.to_owned();
            for (parameter, value) in event["pathParameters"].as_object().into_iter().flatten() {
                let place = format!("{{{parameter}}}");
                filled = filled.replace(&place, value.as_str().unwrap());
            }
            assert_eq!(target, filled, "{name}");
        }
    }
}
