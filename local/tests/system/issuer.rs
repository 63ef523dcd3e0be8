//! An OpenID Connect issuer of the test's own, on loopback: its keys are made when it
//! starts, and it counts how often they are asked for.

use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use local::Options;
use local::defaults::API_KEY;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

/// What stands for the system in `aud`.
pub(crate) const AUDIENCE: &str = "viewing-desk";

/// How the issuer answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    Well,
    /// With that status to everything.
    Status(u16),
    /// With a redirect to where the keys are.
    Elsewhere,
    /// As another issuer.
    OtherName,
    /// With the keys at an address that others on the way can change.
    KeysInTheOpen,
    /// With this as its keys.
    Keys(String),
    /// Never.
    NotAtAll,
}

pub(crate) struct Issuer {
    pub url: String,
    shared: Arc<Shared>,
}

struct Shared {
    url: String,
    keys: Mutex<Vec<Arc<Key>>>,
    manner: Mutex<Manner>,
    asked: Mutex<Asked>,
}

/// How often each document was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    pub about: u32,
    pub keys: u32,
}

/// A key pair of the issuer's.
pub(crate) struct Key {
    pub id: String,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
}

impl Issuer {
    /// One whose only key is for RS256.
    pub(crate) async fn start() -> (Self, Arc<Key>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let key = Arc::new(Key::rsa("first"));
        let shared = Arc::new(Shared {
            url: url.clone(),
            keys: Mutex::new(vec![Arc::clone(&key)]),
            manner: Mutex::new(Manner::Well),
            asked: Mutex::default(),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(about))
            .route("/keys", get(keys))
            .with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (Self { url, shared }, key)
    }

    /// A system that accepts this issuer's tokens, beside the usual API key.
    pub(crate) fn options(&self) -> Options {
        let digest = Sha256::digest(API_KEY.as_bytes());
        let digits = digest.iter().map(|byte| format!("{byte:02x}"));
        let digest = digits.collect::<Vec<_>>().concat();
        access_secret(&json!({
            "api_keys": [{"id": "local", "sha256": digest}],
            "link_key": "a-link-key",
            "jwt": {"issuer": self.url, "audience": AUDIENCE, "user_claim": "crm_user"},
        }))
    }

    /// Signs with these keys from now on.
    pub(crate) fn rotate(&self, keys: Vec<Arc<Key>>) {
        *self.shared.keys.lock().unwrap() = keys;
    }

    pub(crate) fn answer(&self, manner: Manner) {
        *self.shared.manner.lock().unwrap() = manner;
    }

    pub(crate) fn asked(&self) -> Asked {
        *self.shared.asked.lock().unwrap()
    }

    /// The claims of a good token.
    pub(crate) fn claims(&self, user: &str, now: Timestamp) -> Value {
        json!({
            "iss": self.url, "aud": AUDIENCE, "sub": "account-1", "crm_user": user,
            "iat": now.as_second(), "exp": now.as_second() + 300,
        })
    }
}

/// A system with that access secret.
pub(crate) fn access_secret(value: &Value) -> Options {
    Options {
        secrets: [("AccessSecret", value.to_string())].into(),
        ..Options::default()
    }
}

impl Key {
    pub(crate) fn rsa(id: &str) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        Self {
            id: id.to_owned(),
            pair: Pair::Rsa(pair),
        }
    }

    pub(crate) fn ec(id: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self {
            id: id.to_owned(),
            pair: Pair::Ec(pair),
        }
    }

    /// A token with those claims.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_as(&self.id, claims)
    }

    /// The same, under another key's id.
    pub(crate) fn sign_as(&self, id: &str, claims: &Value) -> String {
        let alg = match &self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::Ec(_) => "ES256",
        };
        let content = content(&json!({"alg": alg, "kid": id, "typ": "JWT"}), claims);
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let content = content.as_bytes();
                pair.sign(&RSA_PKCS1_SHA256, &random, content, &mut signature)
                    .unwrap();
                signature
            }
            Pair::Ec(pair) => pair
                .sign(&random, content.as_bytes())
                .unwrap()
                .as_ref()
                .to_vec(),
        };
        format!("{content}.{}", encode(&signature))
    }

    /// The public half, as everybody can read it.
    pub(crate) fn public(&self) -> Value {
        match &self.pair {
            Pair::Rsa(pair) => json!({
                "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id,
                "n": encode(pair.public_key().modulus().big_endian_without_leading_zero()),
                "e": encode(pair.public_key().exponent().big_endian_without_leading_zero()),
            }),
            Pair::Ec(pair) => {
                let point = pair.public_key().as_ref();
                json!({
                    "kty": "EC", "crv": "P-256", "kid": self.id,
                    "x": encode(&point[1..33]), "y": encode(&point[33..]),
                })
            }
        }
    }
}

/// What a signature is over.
pub(crate) fn content(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| encode(value.to_string().as_bytes());
    format!("{}.{}", part(header), part(claims))
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

async fn about(State(shared): State<Arc<Shared>>) -> Response {
    shared.asked.lock().unwrap().about += 1;
    let manner = shared.manner.lock().unwrap().clone();
    let mut about = json!({
        "issuer": shared.url,
        "jwks_uri": format!("{}/keys", shared.url),
    });
    match manner {
        Manner::Status(status) => return StatusCode::from_u16(status).unwrap().into_response(),
        Manner::NotAtAll => std::future::pending().await,
        Manner::OtherName => about["issuer"] = json!("https://crm.example"),
        Manner::KeysInTheOpen => about["jwks_uri"] = json!("http://crm.example/keys"),
        Manner::Well | Manner::Elsewhere | Manner::Keys(_) => {}
    }
    axum::Json(about).into_response()
}

async fn keys(State(shared): State<Arc<Shared>>) -> Response {
    shared.asked.lock().unwrap().keys += 1;
    let public: Vec<Value> = shared
        .keys
        .lock()
        .unwrap()
        .iter()
        .map(|key| key.public())
        .collect();
    match shared.manner.lock().unwrap().clone() {
        Manner::Keys(text) => text.into_response(),
        Manner::Elsewhere => {
            let there = format!("{}/.well-known/openid-configuration", shared.url);
            (StatusCode::FOUND, [(header::LOCATION, there)]).into_response()
        }
        _ => axum::Json(json!({"keys": public})).into_response(),
    }
}
