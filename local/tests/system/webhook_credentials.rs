//! Every way in which VAPI can prove itself, with every shape of delivery.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use local::Options;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Sha256, Sha512};

use crate::system::{Answer, MONDAY, TestSystem};

const OLD: &str = "the-old-one";
const NEW: &str = "the-new-one";

/// The samples of what VAPI sends, and a delivery without anything.
fn deliveries() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/fixtures/vapi");
    let files = std::fs::read_dir(folder).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let texts = paths.map(|path| std::fs::read_to_string(path).unwrap());
    let mut found: Vec<String> = texts.filter(|text| text.contains("\"message\"")).collect();
    found.push("{}".to_owned());
    assert!(found.len() >= 8);
    found
}

async fn system(webhook: Value) -> TestSystem {
    let secret = json!({"webhook": webhook}).to_string();
    let options = Options {
        secrets: [("VapiSecret", secret)].into(),
        ..Options::default()
    };
    TestSystem::start_with(options, MONDAY).await
}

/// The status of a delivery with those headers.
async fn status(system: &TestSystem, body: &str, headers: &[(&str, String)]) -> u16 {
    let request = system.request(Method::POST, "/vapi/webhook");
    let request = request.header("content-type", "application/json");
    let add = |request: reqwest::RequestBuilder, (name, value): &(&str, String)| {
        request.header(*name, value)
    };
    let request = headers.iter().fold(request.body(body.to_owned()), add);
    Answer::of(request).await.status
}

#[tokio::test]
async fn a_secret_is_accepted_in_its_header_whatever_is_delivered() {
    let usual = json!({"mode": "bearer", "secrets": [OLD, NEW]});
    let named = json!({"mode": "bearer", "header": "X-Own", "secrets": [OLD, NEW]});
    let empty = json!({"mode": "bearer", "secrets": ["", " "]});
    let none = json!({"mode": "bearer", "secrets": []});
    let right = [
        ("authorization", format!("Bearer {OLD}")),
        ("authorization", format!("bearer {NEW}")),
        ("x-vapi-secret", NEW.to_owned()),
        ("x-own", NEW.to_owned()),
        ("x-own", format!("Bearer {OLD}")),
    ];
    for (webhook, expected) in [
        (&usual, [200, 200, 200, 401, 401]),
        (&named, [401, 401, 401, 200, 200]),
        (&empty, [401; 5]),
        (&none, [401; 5]),
    ] {
        let system = system(webhook.clone()).await;
        for body in deliveries() {
            for (header, expected) in right.iter().zip(expected) {
                let found = status(&system, &body, std::slice::from_ref(header)).await;
                assert_eq!(found, expected, "{webhook} {header:?} {body:.60}");
            }
            for wrong in [
                "",
                " ",
                "Bearer",
                "Bearer ",
                "wrong",
                "the-old-on",
                "the-old-onee",
            ] {
                for name in ["authorization", "x-vapi-secret", "x-own"] {
                    let header = (name, wrong.to_owned());
                    let found = status(&system, &body, &[header]).await;
                    assert_eq!(found, 401, "{webhook} {name} {wrong:?}");
                }
            }
            assert_eq!(status(&system, &body, &[]).await, 401, "{webhook}");
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits =
        |byte: &u8| [byte >> 4, byte & 15].map(|digit| b"0123456789abcdef"[usize::from(digit)]);
    String::from_utf8(bytes.iter().flat_map(digits).collect()).unwrap()
}

fn sha256(key: &[u8], payload: &str) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    let mac = mac.chain_update(payload);
    mac.finalize().into_bytes().to_vec()
}

fn sha512(key: &[u8], payload: &str) -> Vec<u8> {
    let mac = Hmac::<Sha512>::new_from_slice(key).unwrap();
    let mac = mac.chain_update(payload);
    mac.finalize().into_bytes().to_vec()
}

/// One way of signing: our settings, and the headers that VAPI sends with a body at
/// some second.
struct Way {
    options: Value,
    sign: fn(&str, i64, &str) -> Vec<(&'static str, String)>,
}

/// Each option in turn.
fn ways() -> Vec<Way> {
    let way = |options, sign| Way { options, sign };
    vec![
        way(json!({}), |key, at, body| {
            let signature = sha256(key.as_bytes(), &format!("{at}.{body}"));
            vec![
                ("x-signature", hex(&signature)),
                ("x-timestamp", at.to_string()),
            ]
        }),
        way(json!({}), |key, at, body| {
            let at = at * 1000;
            let signature = sha256(key.as_bytes(), &format!("{at}.{body}"));
            let upper = hex(&signature).to_uppercase();
            vec![("x-signature", upper), ("x-timestamp", at.to_string())]
        }),
        way(
            json!({"algorithm": "sha512", "signature_encoding": "base64", "signature_prefix": "v1,"}),
            |key, at, body| {
                let signature = sha512(key.as_bytes(), &format!("{at}.{body}"));
                let signature = format!("v1,{}", STANDARD.encode(signature));
                vec![("x-signature", signature), ("x-timestamp", at.to_string())]
            },
        ),
        way(
            json!({"signature_header": "X-Own-Signature", "timestamp_header": "X-Own-Time"}),
            |key, at, body| {
                let signature = sha256(key.as_bytes(), &format!("{at}.{body}"));
                vec![
                    ("x-own-signature", hex(&signature)),
                    ("x-own-time", at.to_string()),
                ]
            },
        ),
        way(
            json!({"payload_format": "{svix-id}.{timestamp}.{method}.{body}", "message_id_header": "svix-id"}),
            |key, at, body| {
                let signature = sha256(key.as_bytes(), &format!("m-1.{at}.POST.{body}"));
                vec![
                    ("x-signature", hex(&signature)),
                    ("x-timestamp", at.to_string()),
                    ("svix-id", "m-1".to_owned()),
                ]
            },
        ),
    ]
}

#[tokio::test]
async fn a_signature_is_accepted_for_its_body_and_its_time_only() {
    for way in ways() {
        let mut webhook = json!({"mode": "hmac", "secrets": [OLD, NEW]});
        for (name, value) in way.options.as_object().unwrap() {
            webhook[name] = value.clone();
        }
        let system = system(webhook.clone()).await;
        let now = system.clock.now().as_second();
        for body in deliveries() {
            for (key, at, expected) in [
                (OLD, now, 200),
                (NEW, now - 290, 200),
                (NEW, now + 290, 200),
                (NEW, now - 310, 401),
                (NEW, now + 310, 401),
                ("wrong", now, 401),
                ("", now, 401),
            ] {
                let signed = (way.sign)(key, at, &body);
                let found = status(&system, &body, &signed).await;
                assert_eq!(found, expected, "{webhook} {key} {}", at - now);
            }
            let signed = (way.sign)(NEW, now, &body);
            assert_eq!(status(&system, &format!("{body} "), &signed).await, 401);
            for missing in 0..signed.len() {
                let mut some = signed.clone();
                some.remove(missing);
                assert_eq!(
                    status(&system, &body, &some).await,
                    401,
                    "{webhook} {missing}"
                );
            }
            let bearer = [("authorization", format!("Bearer {NEW}"))];
            assert_eq!(status(&system, &body, &bearer).await, 401, "{webhook}");
        }
    }
}

#[tokio::test]
async fn a_signature_without_a_time_covers_the_body_and_the_address() {
    let webhook = json!({
        "mode": "hmac", "secrets": [STANDARD.encode(NEW)], "secret_is_base64": true,
        "include_timestamp": false, "payload_format": "{url}{body}", "signature_prefix": "sha256=",
    });
    let system = system(webhook).await;
    let base = &system.local.gateway;
    let signed = |url: &str| {
        let signature = sha256(NEW.as_bytes(), &format!("{url}{{}}"));
        [("x-signature", format!("sha256={}", hex(&signature)))]
    };
    let right = format!("{base}/vapi/webhook");
    assert_eq!(status(&system, "{}", &signed(&right)).await, 200);
    let other = signed("https://elsewhere.example/vapi/webhook");
    assert_eq!(status(&system, "{}", &other).await, 401);
    let unprefixed = [("x-signature", hex(&sha256(NEW.as_bytes(), "{}")))];
    assert_eq!(status(&system, "{}", &unprefixed).await, 401);
}

#[tokio::test]
async fn an_empty_signing_secret_signs_nothing() {
    for options in [
        json!({"secrets": [""]}),
        json!({"secrets": []}),
        json!({"secrets": [""], "secret_is_base64": true}),
    ] {
        let mut webhook = options;
        webhook["mode"] = json!("hmac");
        webhook["include_timestamp"] = json!(false);
        let system = system(webhook.clone()).await;
        let signed = [("x-signature", hex(&sha256(b"", "{}")))];
        assert_eq!(status(&system, "{}", &signed).await, 401, "{webhook}");
    }
}
