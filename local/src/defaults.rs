//! The fixed values of local runs, so that other programs can drive the system.
//! None of them is worth protecting: everything listens on loopback only.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest, Sha256};

/// The gateway's port; the others follow it.
pub const PORT: u16 = 9000;

/// What VAPI would send as `X-Vapi-Secret`.
pub const WEBHOOK_SECRET: &str = "local-webhook-secret";

/// What the CRM would send as `x-api-key`.
pub const API_KEY: &str = "local-api-key";

/// The private key of the simulated VAPI.
pub const VAPI_API_KEY: &str = "local-vapi-key";

/// The staff member whose calendar is connected at start.
pub const USER: &str = "demo";

/// Their Microsoft account.
pub const ACCOUNT: &str = "demo@lakeside.example";

/// The assistant that books for them.
pub const ASSISTANT: &str = "demo-assistant";

/// The number that it answers, by VAPI's id and as it is dialled.
pub const PHONE_NUMBER: &str = "demo-phone-number";
pub const PHONE: &str = "+15125550100";

/// Our registration at the simulated Microsoft.
pub const CLIENT_ID: &str = "local-client";
pub const CLIENT_SECRET: &str = "local-client-secret";

/// Our key at the simulated Brave.
pub const BRAVE_KEY: &str = "local-brave-key";

/// A front end that may be returned to after a sign-in.
pub const ORIGIN: &str = "http://localhost:3000";

/// A registration at Microsoft.
pub struct Registration {
    pub client_id: String,
    pub client_secret: String,
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    digits.collect::<Vec<_>>().concat()
}

/// The values of the template's secrets, by logical id.
pub fn secrets(registration: &Registration) -> BTreeMap<String, String> {
    let digest = hex(&Sha256::digest(API_KEY.as_bytes()));
    let token_key = STANDARD.encode(Sha256::digest(b"local-token-key"));
    [
        (
            "MicrosoftSecret",
            json!({
                "client_id": registration.client_id,
                "client_secret": registration.client_secret,
            }),
        ),
        (
            "VapiSecret",
            json!({
                "webhook": {"mode": "bearer", "secrets": [WEBHOOK_SECRET]},
                "api_key": VAPI_API_KEY,
            }),
        ),
        (
            "AccessSecret",
            json!({
                "api_keys": [{"id": "local", "sha256": digest}],
                "link_key": "local-link-key",
            }),
        ),
        ("SearchSecret", json!({"brave_key": BRAVE_KEY})),
        (
            "TokenKeysSecret",
            json!({"current": "local", "keys": {"local": token_key}}),
        ),
    ]
    .into_iter()
    .map(|(id, value)| (id.to_owned(), value.to_string()))
    .collect()
}
