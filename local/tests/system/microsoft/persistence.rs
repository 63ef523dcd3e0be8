//! What was acknowledged survives, even a kill.

use std::{
    fs::OpenOptions,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Command, Stdio},
};

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::harness::{DEMO, Graph, Simulator, TAG, viewing};

/// An own folder below the build's, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Not a test of its own: what `acknowledged_writes_survive_a_kill` kills.
#[tokio::test]
#[ignore = "started by another test"]
async fn serves_until_killed() {
    let Some(folder) = std::env::var_os("SIMULATOR_DATA") else {
        return;
    };
    let simulator = Simulator::start_with(Some(folder.into())).await;
    println!("\nserving {}", simulator.base);
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn acknowledged_writes_survive_a_kill() {
    let folder = Folder::new("killed");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "--nocapture",
            "microsoft::persistence::serves_until_killed",
        ])
        .env("SIMULATOR_DATA", &folder.0)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let base = lines
        .find_map(|line| line.unwrap().strip_prefix("serving ").map(str::to_owned))
        .unwrap();

    // The same requests, against the other process.
    let mut remote = Simulator::start().await;
    remote.base.clone_from(&base);
    let code = remote.code(&[], DEMO).await;
    let tokens = remote.redeem(&code).await.1;
    let graph = Graph {
        base,
        http: remote.http.clone(),
        token: tokens["access_token"].as_str().unwrap().to_owned(),
        prefer: vec!["IdType=\"ImmutableId\"".to_owned()],
    };
    let (_, kept) = graph.post("/me/events", &viewing("t-1", "VW-1")).await;
    let (_, gone) = graph.post("/me/events", &viewing("t-2", "VW-2")).await;
    let path = format!("/me/events/{}", gone["id"].as_str().unwrap());
    assert_eq!(graph.delete(&path).await.0, StatusCode::NO_CONTENT);
    let unused = remote.code(&[], DEMO).await;
    child.kill().unwrap();
    child.wait().unwrap();

    let again = Simulator::start_with(Some(folder.0.clone())).await;
    let mailbox = again.mailbox().await;
    assert_eq!(mailbox["events"].as_array().unwrap().len(), 1);
    assert_eq!(mailbox["events"][0]["id"], kept["id"]);
    assert_eq!(mailbox["events"][0]["etag"], kept["@odata.etag"]);
    assert_eq!(mailbox["events"][0]["tags"][TAG], "VW-1");
    assert_eq!(mailbox["outbox"].as_array().unwrap().len(), 3);
    let graph = Graph {
        base: again.base.clone(),
        ..graph
    };
    assert_eq!(graph.get("/me").await.0, StatusCode::OK);
    let (_, repeat) = graph.post("/me/events", &viewing("t-1", "VW-1")).await;
    assert_eq!(repeat["id"], kept["id"]);
    assert_eq!(
        again
            .refresh(tokens["refresh_token"].as_str().unwrap())
            .await
            .0,
        StatusCode::OK
    );
    assert_eq!(again.redeem(&code).await.1["error_codes"][0], 54005);
    assert_eq!(again.redeem(&unused).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_torn_last_line_is_dropped_and_a_revocation_is_kept() {
    let (folder, copy) = (Folder::new("torn"), Folder::new("torn-copy"));
    let first = Simulator::start_with(Some(folder.0.clone())).await;
    let code = first.code(&[], DEMO).await;
    let tokens = first.redeem(&code).await.1;
    first
        .add_event(json!({"start": "2026-11-24T15:00:00Z", "end": "2026-11-24T16:00:00Z"}))
        .await;
    let path = format!("/accounts/{DEMO}/revoke");
    first
        .control(Method::POST, &path, serde_json::Value::Null)
        .await;

    std::fs::create_dir_all(&copy.0).unwrap();
    let journal = copy.0.join("microsoft.jsonl");
    std::fs::copy(folder.0.join("microsoft.jsonl"), &journal).unwrap();
    let mut file = OpenOptions::new().append(true).open(&journal).unwrap();
    file.write_all(b"[{\"event_removed\":{\"mailbox\":\"demo@lake")
        .unwrap();

    let second = Simulator::start_with(Some(copy.0.clone())).await;
    assert_eq!(
        second.mailbox().await["events"].as_array().unwrap().len(),
        1
    );
    let (_, body) = second
        .refresh(tokens["refresh_token"].as_str().unwrap())
        .await;
    assert_eq!(body["error_codes"][0], 50173);
}

#[tokio::test]
async fn a_journal_holds_no_usable_secret_and_one_owner() {
    let folder = Folder::new("secrets");
    let simulator = Simulator::start_with(Some(folder.0.clone())).await;
    let code = simulator.code(&[], DEMO).await;
    let tokens = simulator.redeem(&code).await.1;
    let text = std::fs::read_to_string(folder.0.join("microsoft.jsonl")).unwrap();
    for secret in [
        code.as_str(),
        tokens["access_token"].as_str().unwrap(),
        tokens["refresh_token"].as_str().unwrap(),
    ] {
        assert!(!text.contains(secret));
    }
    let clock = std::sync::Arc::new(|| jiff::Timestamp::UNIX_EPOCH);
    let client = local::microsoft::Client {
        client_id: "x".to_owned(),
        client_secret: "x".to_owned(),
        redirect_uris: Vec::new(),
        display_name: "x".to_owned(),
    };
    let mut options = local::microsoft::Options::new(client, clock);
    options.data = Some(folder.0.clone());
    let refused = local::microsoft::Microsoft::new(options).err().unwrap();
    assert!(
        matches!(refused, local::microsoft::StorageError::InUse(_)),
        "{refused}"
    );
}

#[tokio::test]
async fn concurrent_writes_are_all_kept() {
    let (folder, copy) = (Folder::new("many"), Folder::new("many-copy"));
    let simulator = Simulator::start_with(Some(folder.0.clone())).await;
    let writers: Vec<_> = (0..10)
        .map(|writer| {
            let (http, base) = (simulator.http.clone(), simulator.base.clone());
            tokio::spawn(async move {
                for number in 0..10 {
                    let url = format!("{base}/control/mailboxes/{DEMO}/events");
                    let event = json!({
                        "subject": format!("{writer}-{number}"),
                        "start": "2026-11-24T15:00:00Z", "end": "2026-11-24T16:00:00Z",
                    });
                    let answer = http.post(url).json(&event).send().await.unwrap();
                    assert_eq!(answer.status(), StatusCode::CREATED);
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    std::fs::create_dir_all(&copy.0).unwrap();
    let journal = "microsoft.jsonl";
    std::fs::copy(folder.0.join(journal), copy.0.join(journal)).unwrap();
    let again = Simulator::start_with(Some(copy.0.clone())).await;
    let (before, after) = (simulator.mailbox().await, again.mailbox().await);
    assert_eq!(after["events"].as_array().unwrap().len(), 100);
    assert_eq!(before["events"], after["events"]);
}
