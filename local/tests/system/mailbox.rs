//! The demo mailbox of a running system: what is in it, what its owner does there, and
//! how the simulated Microsoft misbehaves.

use local::defaults::ACCOUNT;
use reqwest::Method;
use serde_json::{Value, json};

use crate::system::TestSystem;

impl TestSystem {
    /// The mailbox of an account.
    pub(crate) async fn mailbox(&self, account: &str) -> Value {
        let path = format!("/mailboxes/{account}");
        self.control(Method::GET, &path, &Value::Null).await.body
    }

    /// The events in the demo mailbox.
    pub(crate) async fn events(&self) -> Vec<Value> {
        let mut mailbox = self.mailbox(ACCOUNT).await;
        serde_json::from_value(mailbox["events"].take()).unwrap()
    }

    /// How often an operation was asked of the simulated Microsoft for the demo
    /// mailbox.
    pub(crate) async fn count(&self, operation: &str) -> u64 {
        let mailbox = self.mailbox(ACCOUNT).await;
        mailbox["counters"]["operations"][operation]
            .as_u64()
            .unwrap_or(0)
    }

    /// Adds an event to the demo mailbox.
    pub(crate) async fn add_event(&self, event: &Value) -> Value {
        let path = format!("/mailboxes/{ACCOUNT}/events");
        self.control(Method::POST, &path, event).await.body
    }

    /// Changes an event of the demo mailbox as its owner does in Outlook.
    pub(crate) async fn edit_event(&self, event: &Value, edit: &Value) {
        let id = event["id"].as_str().unwrap();
        let path = format!("/mailboxes/{ACCOUNT}/events/{id}");
        self.control(Method::PATCH, &path, edit).await;
    }

    /// Deletes an event of the demo mailbox as its owner does in Outlook.
    pub(crate) async fn delete_event(&self, event: &Value) {
        let id = event["id"].as_str().unwrap();
        let path = format!("/mailboxes/{ACCOUNT}/events/{id}");
        self.control(Method::DELETE, &path, &Value::Null).await;
    }

    /// What left the demo mailbox, as `kind: to`.
    pub(crate) async fn mails(&self) -> Vec<String> {
        let mailbox = self.mailbox(ACCOUNT).await;
        let outbox = mailbox["outbox"].as_array().unwrap().iter();
        let mail = |mail: &Value| {
            format!(
                "{}: {}",
                mail["kind"].as_str().unwrap(),
                mail["to"][0].as_str().unwrap()
            )
        };
        outbox.map(mail).collect()
    }

    /// Makes the demo staff member busy.
    pub(crate) async fn busy(&self, start: &str, end: &str) {
        self.add_event(&json!({"start": start, "end": end})).await;
    }

    /// Has the simulated Microsoft misbehave.
    pub(crate) async fn fault(&self, rule: &Value) {
        self.control(Method::POST, "/faults", &json!([rule])).await;
    }

    /// Has it behave again.
    pub(crate) async fn no_faults(&self) {
        self.control(Method::DELETE, "/faults", &Value::Null).await;
    }
}
