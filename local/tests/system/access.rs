//! Who may call what: every route of the template with every credential.

use std::fmt::Write as _;

use aws_lc_rs::hmac;
use local::defaults::{API_KEY, USER, WEBHOOK_SECRET};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::browser::connect_link;
use crate::issuer::{Issuer, Key, access_secret, content, encode};
use crate::settings;
use crate::system::{Answer, MONDAY, TestSystem};
use crate::voice::Call;

/// What a request carries, in the order of the table's columns: a name, a header, and
/// whom the request says that it is for.
struct Credential {
    name: &'static str,
    header: (&'static str, String),
    named: Option<&'static str>,
}

/// Every credential there is, good and bad. The tokens that are not `of pat` are, or
/// claim to be, of the demo staff member, whom all requests but the last one name.
fn credentials(system: &TestSystem, issuer: &Issuer, key: &Key) -> Vec<Credential> {
    let now = system.clock.now();
    let claims = issuer.claims(USER, now);
    let with = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        claims
    };
    let unsigned = content(&json!({"alg": "none", "kid": key.id}), &claims);
    let secret = key.public().to_string();
    let secret = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let keyed = content(&json!({"alg": "HS256", "kid": key.id}), &claims);
    let tag = hmac::sign(&secret, keyed.as_bytes());

    let bearer = |name, token: &str| (name, ("authorization", format!("Bearer {token}")));
    let own = key.sign(&claims);
    let all = [
        ("none", ("x-nothing", String::new())),
        ("bad key", ("x-api-key", "local-api-kex".to_owned())),
        ("webhook", ("x-vapi-secret", WEBHOOK_SECRET.to_owned())),
        bearer(
            "expired",
            &key.sign(&with("exp", json!(now.as_second() - 61))),
        ),
        bearer("audience", &key.sign(&with("aud", json!("another")))),
        bearer(
            "issuer",
            &key.sign(&with("iss", json!("https://crm.example"))),
        ),
        bearer("forged", &Key::rsa(&key.id).sign(&claims)),
        bearer("alg none", &format!("{unsigned}.")),
        bearer("HS256", &format!("{keyed}.{}", encode(tag.as_ref()))),
        ("as key", ("x-api-key", own.clone())),
        bearer("of pat", &key.sign(&issuer.claims("pat", now))),
        ("API key", ("x-api-key", API_KEY.to_owned())),
        bearer("own", &own),
        bearer("unnamed", &own),
    ];
    let of = |(name, header)| Credential {
        name,
        header,
        named: (name != "unnamed").then_some(USER),
    };
    all.into_iter().map(of).collect()
}

/// A request to a route that is answered well, or with what is in the table, when the
/// credential holds. `number` keeps bookings apart.
fn request(system: &TestSystem, route: &str, named: Option<&str>, number: usize) -> RequestBuilder {
    let (method, path) = route.split_once(' ').unwrap_or(("GET", "/nowhere"));
    let path = path.replace("{id}", "an-id").replace("{website}", "crm");
    let query = named.map(|user| format!("?user_id={user}"));
    let with_query = format!("{path}{}", query.unwrap_or_default());
    let method: Method = method.parse().unwrap();
    let mut body = match route {
        "POST /vapi/webhook" => {
            let call = Call::new("call-1");
            let delivery = call.delivery(&[("a", "get_availability", json!({}))]);
            return system.request(method, &path).json(&delivery);
        }
        "POST /appointments/feed-links" | "POST /calendar/auth/links" => json!({}),
        "POST /calendar/events" => json!({
            "subject": "Visit", "start_time": format!("2031-11-25T{:02}:00:00", number + 1),
            "duration_minutes": 30,
        }),
        "PATCH /calendar/events/{id}" => json!({"subject": "Visit"}),
        "PUT /calendar/settings" => json!({"version": 999, "settings": {}}),
        "POST /rentals" => json!({"property_address": format!("{number} Mill Lane")}),
        "POST /database/sources" => {
            json!({"url": format!("https://listings.example/{number}.csv")})
        }
        "PATCH /rentals/{id}" => json!({"price": 1450}),
        "POST /rentals/import" => return system.request(method, &with_query).json(&json!([])),
        _ => return system.request(method, &with_query),
    };
    if let Some(user) = named {
        body["user_id"] = json!(user);
    }
    system.request(method, &path).json(&body)
}

/// The routes of the template. What undoes a connection comes last.
fn routes(system: &TestSystem) -> Vec<String> {
    let template = settings::template(&system.local);
    let functions = template.functions.into_iter();
    let mut routes: Vec<String> = functions.flat_map(|function| function.routes).collect();
    routes.sort();
    routes.sort_by_key(|route| route.ends_with("/disconnect"));
    routes
}

async fn system_of(issuer: &Issuer) -> TestSystem {
    let system = TestSystem::start_with(issuer.options(), MONDAY).await;
    system.connect(USER, local::defaults::ACCOUNT).await;
    system
}

#[tokio::test]
async fn every_route_answers_every_credential_as_it_should() {
    let (issuer, key) = Issuer::start().await;
    let system = system_of(&issuer).await;
    let credentials = credentials(&system, &issuer, &key);
    let mut table = format!("{:<32}", "");
    for credential in &credentials {
        write!(table, "{:>9}", credential.name).unwrap();
    }
    for route in routes(&system) {
        write!(table, "\n{route:<32}").unwrap();
        for (number, credential) in credentials.iter().enumerate() {
            let (name, value) = &credential.header;
            let request = request(&system, &route, credential.named, number);
            let answer = Answer::of(request.header(*name, value)).await;
            if answer.status == 401 {
                let expected = "401 unauthorized: A valid credential is needed.";
                assert_eq!(answer.error(), expected, "{route} {}", credential.name);
                assert_eq!(answer.header("www-authenticate"), "Bearer");
            }
            write!(table, "{:>9}", answer.status).unwrap();
        }
    }
    insta::assert_snapshot!(table, @"
                                         none  bad key  webhook  expired audience   issuer   forged alg none    HS256   as key   of pat  API key      own  unnamed
    $default                              404      404      404      404      404      404      404      404      404      404      404      404      404      404
    DELETE /calendar/events/{id}          401      401      401      401      401      401      401      401      401      401      403      404      404      404
    DELETE /database/sources/{id}         401      401      401      401      401      401      401      401      401      401      403      404      404      404
    DELETE /rentals/{id}                  401      401      401      401      401      401      401      401      401      401      403      404      404      404
    DELETE /vapi/bindings                 401      401      401      401      401      401      401      401      401      401      403      400      403      403
    GET /                                 200      200      200      200      200      200      200      200      200      200      200      200      200      200
    GET /appointments                     401      401      401      401      401      401      401      401      401      401      403      200      200      200
    GET /appointments/feed.ics            401      401      401      401      401      401      401      401      401      401      403      200      200      200
    GET /calendar/auth/callback           400      400      400      400      400      400      400      400      400      400      400      400      400      400
    GET /calendar/auth/start              401      401      401      401      401      401      401      401      401      401      403      307      307      307
    GET /calendar/auth/status             401      401      401      401      401      401      401      401      401      401      403      200      200      200
    GET /calendar/availability            401      401      401      401      401      401      401      401      401      401      403      200      200      200
    GET /calendar/events                  401      401      401      401      401      401      401      401      401      401      403      200      200      200
    GET /calendar/settings                401      401      401      401      401      401      401      401      401      401      403      200      200      200
    GET /database/available               401      401      401      401      401      401      401      401      401      401      403      200      200      200
    GET /database/rentals                 401      401      401      401      401      401      401      401      401      401      403      200      200      200
    GET /database/rentals/{website}       401      401      401      401      401      401      401      401      401      401      403      200      200      200
    GET /database/sources                 401      401      401      401      401      401      401      401      401      401      403      200      200      200
    GET /database/status                  401      401      401      401      401      401      401      401      401      401      403      200      200      200
    GET /health                           200      200      200      200      200      200      200      200      200      200      200      200      200      200
    GET /openapi.json                     200      200      200      200      200      200      200      200      200      200      200      200      200      200
    GET /rentals                          401      401      401      401      401      401      401      401      401      401      403      200      200      200
    GET /rentals/{id}                     401      401      401      401      401      401      401      401      401      401      403      404      404      404
    GET /search/rental                    401      401      401      401      401      401      401      401      401      401      400      400      400      400
    GET /vapi/analytics                   401      401      401      401      401      401      401      401      401      401      403      200      403      403
    GET /vapi/assistants                  401      401      401      401      401      401      401      401      401      401      403      200      403      403
    GET /vapi/bindings                    401      401      401      401      401      401      401      401      401      401      403      400      403      403
    GET /vapi/calls                       401      401      401      401      401      401      401      401      401      401      403      200      403      403
    PATCH /calendar/events/{id}           401      401      401      401      401      401      401      401      401      401      403      404      404      404
    PATCH /rentals/{id}                   401      401      401      401      401      401      401      401      401      401      403      404      404      404
    POST /appointments/feed-links         401      401      401      401      401      401      401      401      401      401      403      200      200      200
    POST /calendar/auth/confirm           400      400      400      400      400      400      400      400      400      400      400      400      400      400
    POST /calendar/auth/links             401      401      401      401      401      401      401      401      401      401      403      200      200      200
    POST /calendar/events                 401      401      401      401      401      401      401      401      401      401      403      201      201      201
    POST /database/sources                401      401      401      401      401      401      401      401      401      401      403      201      201      201
    POST /database/sources/{id}/refresh      401      401      401      401      401      401      401      401      401      401      403      404      404      404
    POST /rentals                         401      401      401      401      401      401      401      401      401      401      403      201      201      201
    POST /rentals/import                  401      401      401      401      401      401      401      401      401      401      403      200      200      200
    POST /vapi/webhook                    401      401      200      401      401      401      401      401      401      401      401      401      401      401
    PUT /calendar/settings                401      401      401      401      401      401      401      401      401      401      403      409      409      409
    PUT /vapi/bindings                    401      401      401      401      401      401      401      401      401      401      403      400      403      403
    DELETE /calendar/auth/disconnect      401      401      401      401      401      401      401      401      401      401      403      200      200      200
    ");
}

#[tokio::test]
async fn a_connect_link_opens_only_as_it_was_signed() {
    let (issuer, _) = Issuer::start().await;
    let system = system_of(&issuer).await;
    let link = connect_link(&system, USER).await;
    let start = link.split_once("?link=").unwrap().0.to_owned();
    let (content, signature) = link.rsplit_once('.').unwrap();
    let swapped = signature.chars().rev().collect::<String>();
    let mut opened = Vec::new();
    for (name, link) in [
        ("none", &start),
        ("empty", &format!("{start}?link=")),
        ("without signature", &content.to_owned()),
        ("another signature", &format!("{content}.{swapped}")),
        ("other content", &link.replace("?link=ey", "?link=ex")),
        ("right", &link),
    ] {
        let answer = Answer::of(system.request(Method::GET, link)).await;
        opened.push(format!("{name}: {}", answer.status));
    }
    system.pass(7 * 24 * 60);
    let late = Answer::of(system.request(Method::GET, &link)).await;
    opened.push(format!("expired: {}", late.status));
    insta::assert_snapshot!(opened.join("\n"), @"
    none: 401
    empty: 401
    without signature: 403
    another signature: 403
    other content: 403
    right: 307
    expired: 403
    ");
}

#[tokio::test]
async fn with_nothing_configured_nothing_opens() {
    let (issuer, key) = Issuer::start().await;
    for secret in [
        json!({"link_key": ""}),
        json!({"link_key": "", "api_keys": [{"id": "blank", "sha256": ""}]}),
        json!({"link_key": "", "jwt": null}),
        json!({"link_key": "", "jwt": {"issuer": "", "audience": ""}}),
        json!({"link_key": "", "jwt": {"issuer": issuer.url, "audience": ""}}),
        json!({"link_key": "", "jwt": {"issuer": "", "audience": "viewing-desk"}}),
    ] {
        let system = TestSystem::start_with(access_secret(&secret), MONDAY).await;
        let mut claims = issuer.claims(USER, system.clock.now());
        let mut tokens = vec![key.sign(&claims)];
        claims["iss"] = json!("");
        claims["aud"] = json!("");
        tokens.push(key.sign(&claims));
        tokens.extend([API_KEY.to_owned(), "..".to_owned(), "a.b.c".to_owned()]);
        for token in tokens {
            for path in [
                "/appointments?user_id=demo",
                "/calendar/auth/start?user_id=demo",
            ] {
                let answer = Answer::of(system.request(Method::GET, path).bearer_auth(&token));
                assert_eq!(answer.await.status, 401, "{secret}: {token}");
            }
        }
        let link = "/calendar/auth/start?link=e30.AAAA";
        let answer = Answer::of(system.request(Method::GET, link)).await;
        assert_eq!(answer.status, 403, "{secret}");
    }
    assert_eq!(issuer.asked().about, 0);
}
