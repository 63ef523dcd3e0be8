//! Chromium and its driver, for as long as a scenario lasts.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

/// A driver on a port of its own; it ends with this.
pub(crate) struct Driver {
    child: Child,
    address: String,
}

impl Driver {
    pub(crate) fn start() -> Self {
        let mut child = Command::new("chromedriver")
            .args(["--port=0", "--allowed-ips=127.0.0.1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts; .ci/browser installs it");
        let output = BufReader::new(child.stdout.take().unwrap());
        let port = output.lines().find_map(|line| {
            let line = line.unwrap();
            let (_, port) = line.split_once("started successfully on port ")?;
            Some(port.trim_end_matches('.').to_owned())
        });
        let port = port.expect("chromedriver says its port");
        Self {
            child,
            address: format!("http://127.0.0.1:{port}"),
        }
    }

    /// A fresh Chromium without a profile, as large as a phone.
    pub(crate) async fn browser(&self) -> Client {
        let mut arguments = vec![
            "--headless=new",
            "--lang=en-US",
            "--no-first-run",
            "--disable-gpu",
            // A container's /dev/shm is small.
            "--disable-dev-shm-usage",
            // Only loopback is ever asked for anything.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        ];
        if is_root() {
            // Chromium does not run its sandbox as root, which CI is.
            arguments.push("--no-sandbox");
        }
        let phone = json!({"deviceMetrics": {"width": 390, "height": 844, "pixelRatio": 2}});
        let options = json!({"args": arguments, "mobileEmulation": phone});
        let options = json!({"goog:chromeOptions": options});
        ClientBuilder::new(HttpConnector::new())
            .capabilities(options.as_object().unwrap().clone())
            .connect(&self.address)
            .await
            .expect("chromium starts")
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}
