//! Every route, answered well and refused: what comes back is as documented, field by
//! field. (That is looked at wherever a test reads an answer; here, each route is asked.)

use std::collections::{BTreeMap, BTreeSet};

use local::defaults::{ACCOUNT, API_KEY, ASSISTANT, ORIGIN, USER, WEBHOOK_SECRET};
use local::vapi_api::Kind;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::document::DOCUMENT;
use crate::browser::{Browser, connect_link};
use crate::system::{Answer, TestSystem};
use crate::voice::Call;

/// Routes that have nothing to refuse.
const NEVER_REFUSE: [&str; 3] = ["GET /", "GET /health", "GET /openapi.json"];

/// The CRM's server, and what it was answered.
struct Crm<'a> {
    system: &'a TestSystem,
    /// The statuses of each route.
    seen: BTreeMap<String, BTreeSet<u16>>,
}

impl Crm<'_> {
    async fn ask(&mut self, request: (Method, &str), body: Value, expected: u16) -> Answer {
        let (method, path) = request;
        let mut request = self.system.request(method.clone(), path);
        request = request.header("x-api-key", API_KEY);
        if !body.is_null() {
            request = request.json(&body);
        }
        self.send(method, path, request, expected).await
    }

    async fn get(&mut self, path: &str, expected: u16) -> Answer {
        self.ask((Method::GET, path), Value::Null, expected).await
    }

    async fn delete(&mut self, path: &str, expected: u16) -> Answer {
        self.ask((Method::DELETE, path), Value::Null, expected)
            .await
    }

    async fn post(&mut self, path: &str, body: Value, expected: u16) -> Answer {
        self.ask((Method::POST, path), body, expected).await
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        request: RequestBuilder,
        expected: u16,
    ) -> Answer {
        let answer = Answer::of(request).await;
        assert_eq!(answer.status, expected, "{method} {path}: {answer:?}");
        self.saw(&method, path, answer.status);
        answer
    }

    fn saw(&mut self, method: &Method, path: &str, status: u16) {
        let path = path
            .strip_prefix(&self.system.local.gateway)
            .unwrap_or(path);
        let (path, _) = path.split_once('?').unwrap_or((path, ""));
        let (route, _) = DOCUMENT.route(method, path).unwrap();
        self.seen.entry(route).or_default().insert(status);
    }
}

#[tokio::test]
async fn every_route_answers_and_refuses_as_documented() {
    let system = TestSystem::start().await;
    let mut crm = Crm {
        system: &system,
        seen: BTreeMap::new(),
    };
    service(&mut crm).await;
    calendar(&mut crm).await;
    appointments(&mut crm).await;
    rentals(&mut crm).await;
    sources(&mut crm).await;
    web_search(&mut crm).await;
    webhook(&mut crm).await;
    assistants(&mut crm).await;
    bindings(&mut crm).await;
    connections(&mut crm).await;
    for (route, _) in DOCUMENT.operations() {
        let seen = crm.seen.get(&route).cloned().unwrap_or_default();
        let is_refused = seen.iter().any(|status| *status >= 400);
        assert!(seen.iter().any(|status| *status < 400), "{route}: {seen:?}");
        assert_eq!(
            is_refused,
            !NEVER_REFUSE.contains(&route.as_str()),
            "{route}: {seen:?}"
        );
    }
}

async fn service(crm: &mut Crm<'_>) {
    for path in ["/", "/health", "/openapi.json"] {
        crm.get(path, 200).await;
    }
}

async fn calendar(crm: &mut Crm<'_>) {
    let viewing = |start: &str| {
        json!({"user_id": USER, "subject": "Viewing", "start_time": start, "location": "14 Mill Lane",
            "duration_minutes": 30, "attendee_email": "casey@example.com"})
    };
    let tuesday = "2031-11-25T10:00:00-06:00";
    let booked = crm.post("/calendar/events", viewing(tuesday), 201).await;
    crm.post("/calendar/events", viewing(tuesday), 409).await;
    crm.post(
        "/calendar/events",
        json!({"user_id": "stranger", "subject": "x"}),
        424,
    )
    .await;
    let path = |id: &Value| format!("/calendar/events/{}?user_id={USER}", id.as_str().unwrap());
    let event = path(&booked.body["event"]["id"]);
    let later = json!({"start_time": "2031-11-25T11:00:00-06:00"});
    crm.ask((Method::PATCH, &event), later, 200).await;
    crm.ask((Method::PATCH, &event), json!({"start_time": "soon"}), 400)
        .await;
    let events = crm
        .get(&format!("/calendar/events?user_id={USER}"), 200)
        .await;
    assert_eq!(events.body["events"].as_array().unwrap().len(), 1);
    crm.get("/calendar/events?user_id=stranger", 424).await;

    let open = format!("/calendar/availability?user_id={USER}");
    crm.get(&open, 200).await;
    crm.get(&format!("{open}&limit=0"), 400).await;
    crm.get(&format!("{open}&with=stranger"), 424).await;

    let settings = format!("/calendar/settings?user_id={USER}");
    let chosen = crm.get(&settings, 200).await.body;
    let hours = json!({"monday": [{"start": "09:00", "end": "24:00"}]});
    let version = &chosen["version"];
    let new = json!({"version": version, "settings": {"weekly_hours": hours,
        "date_overrides": [{"date": "2031-12-24"}], "holidays": ["2031-12-25"], "max_per_day": 6,
        "travel": {"speed_kmh": 40}}});
    crm.ask((Method::PUT, &settings), new.clone(), 200).await;
    crm.ask((Method::PUT, &settings), new, 409).await;
    crm.get("/calendar/settings", 400).await;

    let other = viewing("2031-11-26T10:00:00-06:00");
    let other = crm
        .post("/calendar/events?allow_conflict=true", other, 201)
        .await;
    crm.delete(&path(&other.body["event"]["appointment_id"]), 200)
        .await;
    crm.delete(&path(&json!("no-such-event")), 404).await;
}

async fn appointments(crm: &mut Crm<'_>) {
    let listed = crm.get(&format!("/appointments?user_id={USER}"), 200).await;
    assert_eq!(listed.body["appointments"].as_array().unwrap().len(), 2);
    crm.get(&format!("/appointments?user_id={USER}&when=now"), 400)
        .await;
    let link = crm
        .post("/appointments/feed-links", json!({"user_id": USER}), 200)
        .await;
    crm.post("/appointments/feed-links", json!({"user_id": 7}), 400)
        .await;
    let address = link.body["url"].as_str().unwrap();
    crm.get(address, 200).await;
    crm.get(&format!("{address}x"), 403).await;
}

async fn rentals(crm: &mut Crm<'_>) {
    let house = json!({"user_id": USER, "property_address": "14 Mill Lane", "price": 1450.5,
        "bathrooms": 1.5, "available_date": "2031-12-24", "features": ["Dishwasher"],
        "latitude": 41.88, "longitude": -87.63, "website": "zillow.com"});
    let added = crm.post("/rentals", house.clone(), 201).await;
    crm.post("/rentals", house, 409).await;
    let path = format!("/rentals/{}", added.body["rental"]["id"].as_str().unwrap());
    let change = json!({"version": 1, "price": null});
    crm.ask((Method::PATCH, &path), change.clone(), 200).await;
    crm.ask((Method::PATCH, &path), change, 409).await;
    crm.get(&path, 200).await;
    crm.get("/rentals/no-such-rental", 404).await;

    let import = format!("/rentals/import?user_id={USER}");
    let rows = "Address,Rent\n15 Mill Lane,$1450\n16 Mill Lane,\"$18,000 per year\"\n";
    for (media_type, expected) in [("text/csv", 200), ("text/plain", 415)] {
        let request = crm.system.request(Method::POST, &import);
        let request = request.header("content-type", media_type).body(rows);
        let request = request.header("x-api-key", API_KEY);
        let answer = crm.send(Method::POST, &import, request, expected).await;
        assert_eq!(answer.body["rejected"] == 1, expected == 200);
    }

    for list in [
        "/rentals",
        "/database/rentals",
        "/database/rentals/zillow.com",
        "/database/available",
    ] {
        let page = crm
            .get(&format!("{list}?limit=1&date=2032-01-01"), 200)
            .await;
        assert_eq!(page.body["rentals"].as_array().unwrap().len(), 1, "{list}");
        crm.get(&format!("{list}?limit=0"), 400).await;
    }
    crm.get("/database/status", 200).await;
    crm.get("/database/status?user_id=two%20words", 400).await;
    crm.delete(&path, 200).await;
    crm.delete(&path, 404).await;
}

async fn sources(crm: &mut Crm<'_>) {
    const PATH: &str = "/database/sources";
    let homes = json!({"user_id": USER, "url": "https://www.homes.example/rent",
        "kind": "search", "location": "Austin, TX"});
    let added = crm.post(PATH, homes.clone(), 201).await;
    crm.post(PATH, homes, 200).await;
    let other = json!({"user_id": USER, "url": "https://www.homes.example/rent"});
    crm.post(PATH, other, 409).await;

    let path = format!("{PATH}/{}", added.body["source"]["id"].as_str().unwrap());
    let refresh = format!("{path}/refresh");
    crm.post(&refresh, Value::Null, 200).await;
    crm.post(&refresh, Value::Null, 409).await;
    let listed = crm.get(PATH, 200).await;
    let seen = &listed.body["sources"][0]["seen_listings"];
    assert!(!seen.as_array().unwrap().is_empty());
    crm.get(&format!("{PATH}?limit=0"), 400).await;
    crm.delete(&path, 200).await;
    crm.delete(&path, 404).await;
}

async fn web_search(crm: &mut Crm<'_>) {
    let found = crm.get("/search/rental?location=Chicago", 200).await;
    assert!(!found.body["results"].as_array().unwrap().is_empty());
    crm.get("/search/rental", 400).await;
}

async fn webhook(crm: &mut Crm<'_>) {
    const PATH: &str = "/vapi/webhook";
    let call = Call::new("call-1");
    let tools = call.delivery(&[
        ("a", "get_availability", json!({})),
        ("b", "make_coffee", json!({})),
    ]);
    let end = json!({"type": "end-of-call-report", "call": {"id": "call-1"}, "cost": 0.1,
        "startedAt": "2031-11-24T14:00:00Z", "endedAt": "2031-11-24T14:01:30Z"});
    for delivery in [
        tools.clone(),
        json!({"message": {"type": "function-call",
            "functionCall": {"name": "get_availability", "parameters": {}}}}),
        json!({"message": {"type": "assistant-request", "call": {"id": "call-2"}}}),
        json!({"message": {"type": "knowledge-base-request"}}),
        json!({"message": end}),
        json!({}),
    ] {
        let request = crm.system.request(Method::POST, PATH).json(&delivery);
        let request = request.header("x-vapi-secret", WEBHOOK_SECRET);
        crm.send(Method::POST, PATH, request, 200).await;
    }
    crm.post(PATH, tools, 401).await;
}

async fn assistants(crm: &mut Crm<'_>) {
    let assistant = json!({"id": ASSISTANT, "name": null, "createdAt": "2031-11-24T13:00:00.000Z"});
    let vapi = &crm.system.local.vapi_api;
    vapi.put(Kind::Assistant, assistant).unwrap();
    let listed = crm.get("/vapi/assistants", 200).await;
    assert!(!listed.body["assistants"].as_array().unwrap().is_empty());
    let request = crm.system.request(Method::GET, "/vapi/assistants");
    crm.send(Method::GET, "/vapi/assistants", request, 401)
        .await;
    for list in ["/vapi/calls", "/vapi/analytics"] {
        let answer = crm.get(list, 200).await;
        let entries = answer.body.get("calls").unwrap_or(&answer.body["groups"]);
        assert!(!entries.as_array().unwrap().is_empty(), "{answer:?}");
        crm.get(&format!("{list}?from=2031-11-24&to=2031-11-23"), 400)
            .await;
    }
    crm.get("/vapi/analytics?source=vapi", 200).await;
}

async fn bindings(crm: &mut Crm<'_>) {
    const PATH: &str = "/vapi/bindings";
    let number = json!({"phone_number_id": "number-1", "user_ids": [USER]});
    crm.ask((Method::PUT, PATH), number, 200).await;
    crm.ask((Method::PUT, PATH), json!({"user_ids": [USER]}), 400)
        .await;
    let bound = format!("{PATH}?phone_number_id=number-1");
    crm.get(&bound, 200).await;
    crm.delete(&bound, 200).await;
    crm.get(&bound, 404).await;
    crm.delete(PATH, 400).await;
}

async fn connections(crm: &mut Crm<'_>) {
    let links = json!({"user_id": "pat", "login_hint": "pat@lakeside.example"});
    crm.post("/calendar/auth/links", links, 200).await;
    crm.post("/calendar/auth/links", json!({}), 400).await;

    let start = format!("/calendar/auth/start?user_id={USER}");
    crm.get(&start, 307).await;
    crm.get(
        &format!("{start}&redirect_url=https://elsewhere.example"),
        400,
    )
    .await;
    let page = format!("{start}&redirect_url={ORIGIN}/settings");
    let request = crm.system.request(Method::GET, &page);
    let request = request.header("x-api-key", API_KEY);
    let request = request.header("accept", "application/json");
    crm.send(Method::GET, &page, request, 200).await;
    crm.get("/calendar/auth/start?link=forged", 403).await;

    // Another account than the connected one signs in, and that is meant.
    let mut browser = Browser::new(crm.system);
    let link = connect_link(crm.system, USER).await;
    let chosen = browser.begin(&link).await;
    let back = browser
        .choose(&chosen, ("account", "pat@lakeside.example"))
        .await;
    let question = browser.open(&back).await;
    crm.saw(&Method::GET, "/calendar/auth/callback", question.status);
    let decided = browser.decide(&question, "use").await;
    crm.saw(&Method::POST, "/calendar/auth/confirm", decided.status);
    let again = browser.decide(&question, "use").await;
    crm.saw(&Method::POST, "/calendar/auth/confirm", again.status);
    let connected = Browser::new(crm.system).connect("pat", ACCOUNT).await;
    crm.saw(&Method::GET, "/calendar/auth/callback", connected.status);

    let status = format!("/calendar/auth/status?user_id={USER}");
    assert_eq!(crm.get(&status, 200).await.body["calendar_verified"], true);
    crm.get("/calendar/auth/status", 400).await;
    let disconnect = format!("/calendar/auth/disconnect?user_id={USER}");
    crm.delete(&disconnect, 200).await;
    crm.delete("/calendar/auth/disconnect", 400).await;
    crm.get(&status, 200).await;
}
