//! `secrets set`, as an operator runs it against a stack that was just deployed.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use local::Options;
use local::defaults::{ACCOUNT, CLIENT_ID, CLIENT_SECRET, USER};
use reqwest::Method;
use serde_json::json;
use serde_yaml_ng::Value as Yaml;

use crate::browser::Browser;
use crate::settings;
use crate::system::{Answer, MONDAY, TestSystem};
use crate::voice::Call;

/// Everything that can be rotated without being given.
const ROTATE: &[&str] = &[
    "--stack",
    "local",
    "--rotate-token-key",
    "--new-api-key",
    "crm-2",
    "--remove-api-key",
    "crm",
];

const WEBHOOK_SECRET: &str = "a-webhook-secret-of-the-operator";

/// A system with what the template writes into new secrets.
async fn just_deployed() -> TestSystem {
    let template = std::fs::read_to_string(settings::template_path()).unwrap();
    let template: Yaml = serde_yaml_ng::from_str(&template).unwrap();
    let ids = ["MicrosoftSecret", "VapiSecret", "TokenKeysSecret"];
    let mut secrets: BTreeMap<&'static str, String> = ids
        .into_iter()
        .map(|id| {
            let placeholder = &template["Resources"][id]["Properties"]["SecretString"];
            (id, placeholder.as_str().unwrap().to_owned())
        })
        .collect();
    let made = json!({"api_keys": [], "link_key": "made by the deployment"});
    secrets.insert("AccessSecret", made.to_string());
    let options = Options {
        secrets,
        ..Options::default()
    };
    TestSystem::start_with(options, MONDAY).await
}

/// What the program said, and its exit code.
struct Run {
    code: i32,
    out: String,
    err: String,
}

async fn set(system: &TestSystem, arguments: &'static [&'static str], input: String) -> Run {
    let aws = system.local.aws.clone();
    let run = move || {
        let mut child = Command::new(env!("CARGO_BIN_EXE_local"))
            .args(["secrets", "set"])
            .args(arguments)
            .env("AWS_ENDPOINT_URL_SECRETS_MANAGER", aws)
            .envs(settings::role())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // The program may have refused before it read.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        Run {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

/// The API key that was printed.
fn printed_key(out: &str) -> &str {
    let mut lines = out
        .lines()
        .skip_while(|line| !line.contains("shown this once"));
    lines.nth(2).unwrap().trim()
}

#[tokio::test]
async fn one_command_makes_a_new_stack_usable() {
    let system = just_deployed().await;
    let input = json!({
        "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
        "client_secret_expires": "2033-05-31", "webhook_secret": WEBHOOK_SECRET,
    });
    let run = set(&system, &["--stack", "local"], input.to_string()).await;
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let key = printed_key(&run.out).to_owned();
    insta::assert_snapshot!(run.out.replace(&key, "KEY"), @"
    ┌──────────────────────────────────────────────────────────────────────┐
    │ secret            what is new                                        │
    ╞══════════════════════════════════════════════════════════════════════╡
    │ MicrosoftSecret   client id, client secret, which ends on 2033-05-31 │
    │ VapiSecret        webhook secret                                     │
    │ TokenKeysSecret   key 1, which seals from now on                     │
    │ AccessSecret      API key crm                                        │
    └──────────────────────────────────────────────────────────────────────┘

    The API key crm, which is shown this once:

      KEY

    Functions that are running use this within five minutes.
    ");
    for secret in [CLIENT_SECRET, WEBHOOK_SECRET] {
        assert!(!run.out.contains(secret) && !run.err.contains(secret));
    }

    // The key opens the API, a calendar is connected, and VAPI gets an answer.
    let link = system.request(Method::POST, "/calendar/auth/links");
    let link = link
        .header("x-api-key", &key)
        .json(&json!({"user_id": USER}));
    let link = Answer::of(link).await;
    assert_eq!(link.status, 200, "{link:?}");
    let mut browser = Browser::new(&system);
    let url = link.body["url"].as_str().unwrap();
    let page = browser.begin(url).await;
    let back = browser.choose(&page, ("account", ACCOUNT)).await;
    let page = browser.open(&back).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let call = Call::new("call-1");
    let delivery = call.delivery(&[("a", "get_availability", json!({"user_id": USER}))]);
    let delivery = system
        .request(Method::POST, "/vapi/webhook")
        .json(&delivery);
    let answer = Answer::of(delivery.header("x-vapi-secret", WEBHOOK_SECRET)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(
        answer.body["results"][0]["result"].is_string(),
        "{answer:?}"
    );
}

#[tokio::test]
async fn what_is_not_given_stays_and_a_half_filled_secret_is_not_written() {
    let system = just_deployed().await;
    let half = "client_id=an-id\n".to_owned();
    let run = set(&system, &["--stack", "local"], half).await;
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.err, @"error: MicrosoftSecret would not be usable: give client_id and client_secret. Nothing was written");
    assert_eq!(run.out, "");

    let run = set(&system, &["--stack", "local"], String::new()).await;
    assert_eq!(run.code, 1, "two secrets are still placeholders");
    let key = printed_key(&run.out).to_owned();
    insta::assert_snapshot!(run.out.replace(&key, "KEY"), @"
    ┌───────────────────────────────────────────────────────────────────────────────────────┐
    │ secret            what is new                                                         │
    ╞═══════════════════════════════════════════════════════════════════════════════════════╡
    │ MicrosoftSecret   nothing, and it opens nothing yet: give client_id and client_secret │
    │ VapiSecret        nothing, and it opens nothing yet: give webhook_secret              │
    │ TokenKeysSecret   key 1, which seals from now on                                      │
    │ AccessSecret      API key crm                                                         │
    └───────────────────────────────────────────────────────────────────────────────────────┘

    The API key crm, which is shown this once:

      KEY

    Functions that are running use this within five minutes.
    ");

    let run = set(&system, ROTATE, String::new()).await;
    let key = printed_key(&run.out).to_owned();
    insta::assert_snapshot!(run.out.replace(&key, "KEY"), @"
    ┌───────────────────────────────────────────────────────────────────────────────────────┐
    │ secret            what is new                                                         │
    ╞═══════════════════════════════════════════════════════════════════════════════════════╡
    │ MicrosoftSecret   nothing, and it opens nothing yet: give client_id and client_secret │
    │ VapiSecret        nothing, and it opens nothing yet: give webhook_secret              │
    │ TokenKeysSecret   key 2, which seals from now on                                      │
    │ AccessSecret      API key crm removed, API key crm-2                                  │
    └───────────────────────────────────────────────────────────────────────────────────────┘

    The API key crm-2, which is shown this once:

      KEY

    Functions that are running use this within five minutes.
    ");
}

#[tokio::test]
async fn a_stack_that_is_not_there_is_named() {
    let system = just_deployed().await;
    let run = set(&system, &["--stack", "loc"], String::new()).await;
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.err, @"error: there is no stack loc with a secret MicrosoftSecret in this account and region; check AWS_PROFILE and AWS_REGION");
}
