//! The program itself: what it keeps when it is killed, how it stops, and what it
//! says when it cannot start.

use std::io::{BufRead, BufReader, Lines};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use local::defaults::{API_KEY, WEBHOOK_SECRET};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::system::Answer;
use crate::voice::{Call, heard};

/// The program while it serves; killed in the end.
struct Running {
    child: Child,
    gateway: String,
    /// Kept open, so that the program can go on writing.
    output: Lines<BufReader<ChildStdout>>,
    http: reqwest::Client,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_local"))
            .args(["serve", "--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = output.find_map(|line| line.unwrap().strip_prefix("ready ").map(str::to_owned));
        Self {
            gateway: ready.expect("the program ended before it was ready"),
            child,
            output,
            http: reqwest::Client::new(),
        }
    }

    async fn get(&self, path: &str) -> Answer {
        let request = self.http.get(format!("{}{path}", self.gateway));
        Answer::of(request.header("x-api-key", API_KEY)).await
    }

    async fn tool(&self, call: &Call, name: &str, arguments: Value) -> crate::voice::Heard {
        let delivery = call.delivery(&[("call_1", name, arguments)]);
        let request = self.http.post(format!("{}/vapi/webhook", self.gateway));
        let request = request
            .header("x-vapi-secret", WEBHOOK_SECRET)
            .json(&delivery);
        let [heard] = heard(&Answer::of(request).await).try_into().unwrap();
        heard
    }

    /// The events of the next weeks.
    async fn events(&self) -> Vec<Value> {
        let answer = self
            .get("/calendar/events?user_id=demo&days_ahead=30")
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["events"].as_array().unwrap().clone()
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn what_was_booked_outlives_a_kill() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("state");
    let arguments = ["--data", data.to_str().unwrap()];
    let first = Running::start(&arguments);
    let open = first
        .get("/calendar/availability?user_id=demo&limit=1")
        .await;
    let slot = open.body["available_slots"][0].clone();
    let booking = json!({"slot_id": slot["slot_id"], "attendee_name": "Casey Caller"});
    let call = Call::new("call-1");
    let said = first.tool(&call, "set_appointment", booking.clone()).await;
    assert!(said.done, "{said:?}");
    let before = first.events().await;
    assert!(
        before
            .iter()
            .any(|event| event["appointment_id"].is_string())
    );
    first.kill();

    let second = Running::start(&arguments);
    assert_eq!(second.events().await, before);
    let status = second.get("/calendar/auth/status?user_id=demo").await;
    assert_eq!(status.body["calendar_verified"], true, "{status:?}");
    let open = second.get("/calendar/availability?user_id=demo").await;
    let mut slots = open.body["available_slots"].as_array().unwrap().iter();
    assert!(!slots.any(|open| open["start_time"] == slot["start_time"]));
    // The same call asks again, and another is told that the time is gone.
    assert_eq!(
        second.tool(&call, "set_appointment", booking.clone()).await,
        said
    );
    let other = second
        .tool(&Call::new("call-2"), "set_appointment", booking)
        .await;
    assert!(!other.done, "{other:?}");
    assert_eq!(second.events().await, before);
}

#[test]
fn without_a_folder_every_run_begins_anew() {
    let running = Running::start(&["--empty"]);
    assert!(running.gateway.starts_with("http://127.0.0.1:"));
}

#[tokio::test]
async fn the_demo_is_ready_when_the_program_says_so() {
    let running = Running::start(&[]);
    let status = running.get("/calendar/auth/status?user_id=demo").await;
    assert_eq!(status.body["calendar_verified"], true, "{status:?}");
    assert_eq!(running.events().await.len(), 8);
    let call = Call::new("call-1");
    assert!(
        running
            .tool(&call, "get_availability", json!({}))
            .await
            .done
    );
}

#[tokio::test]
async fn either_signal_stops_it_with_success() {
    for signal in ["-TERM", "-INT"] {
        let mut running = Running::start(&["--empty"]);
        assert_eq!(running.get("/health").await.status, 200);
        let id = running.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
        let status = running.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{signal}");
        let last = running.output.by_ref().last().unwrap().unwrap();
        assert_eq!(last, "stopping");
    }
}

/// Starts the program where it cannot serve.
fn refused(arguments: &[&str]) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_local"))
        .arg("serve")
        .args(arguments)
        .output()
        .unwrap();
    let stdout = String::from_utf8(stdout).unwrap();
    let stderr = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(1), "{stdout}{stderr}");
    assert_eq!(stdout, "");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    stderr.trim_end().to_owned()
}

#[test]
fn a_taken_port_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let said = refused(&["--port", &port]).replace(&port, "PORT");
    insta::assert_snapshot!(said, @"error: port PORT cannot be used; choose others with --port: Address already in use (os error 98)");
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let below = file.join("data");
    let said = refused(&["--port", "0", "--data", below.to_str().unwrap()]);
    insta::assert_snapshot!(without_folder(&said, folder.path()), @"error: cannot keep data in FOLDER/file/data: Not a directory (os error 20)");
}

#[test]
fn a_folder_that_another_run_uses_is_named() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().to_str().unwrap();
    let _running = Running::start(&["--empty", "--data", data]);
    let said = refused(&["--port", "0", "--data", data]);
    insta::assert_snapshot!(without_folder(&said, folder.path()), @"error: could not read the data of the simulated Microsoft: FOLDER is in use by another process");
}

#[test]
fn a_broken_template_is_named_with_its_fault() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("template.yaml");
    let good = std::fs::read_to_string(crate::settings::template_path()).unwrap();
    let mut transcript = Vec::new();
    for (what, text) in [
        ("not YAML", Some("Resources: [".to_owned())),
        ("nothing in it", Some("Description: empty".to_owned())),
        (
            "a lost reference",
            Some(good.replace("!Ref LedgerTable", "!Ref LostTable")),
        ),
        (
            "a foreign function",
            Some(good.replace("  ServiceInfo:", "  ServiceInformation:")),
        ),
        ("no such file", None),
    ] {
        let _ = std::fs::remove_file(&path);
        if let Some(text) = text {
            std::fs::write(&path, text).unwrap();
        }
        let said = refused(&["--port", "0", "--template", path.to_str().unwrap()]);
        let said = without_folder(&said, folder.path());
        let said = match what {
            // What follows is worded by the operating system and the YAML reader.
            "not YAML" | "no such file" => said.split(": ").take(2).collect::<Vec<_>>().join(": "),
            _ => said,
        };
        transcript.push(format!("{what}: {said}"));
    }
    insta::assert_snapshot!(transcript.join("\n"), @"
    not YAML: error: FOLDER/template.yaml cannot be used
    nothing in it: error: FOLDER/template.yaml cannot be used: Parameters: has no AllowDuckDuckGo
    a lost reference: error: FOLDER/template.yaml cannot be used: WebhookDispatch, environment variable LEDGER_TABLE: refers to LostTable, which does not exist
    a foreign function: error: the template has a function ServiceInformation that is not mounted here
    no such file: error: FOLDER/template.yaml cannot be used
    ");
}

fn without_folder(text: &str, folder: &Path) -> String {
    text.replace(folder.to_str().unwrap(), "FOLDER")
}
