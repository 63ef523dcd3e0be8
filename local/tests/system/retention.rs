//! How long the record of a viewing is kept: it names people, so it goes by itself.

use local::Options;
use local::defaults::{ACCOUNT, ASSISTANT, USER};
use serde_json::json;
use tempfile::TempDir;

use crate::invariants::appointments;
use crate::outlook::{TEN, at};
use crate::settings;
use crate::system::{MONDAY, TestSystem};
use crate::voice::Call;

const DAYS: i64 = 30;

/// A system whose operator keeps records for thirty days.
async fn system() -> (TestSystem, TempDir) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("template.yaml");
    let template = std::fs::read_to_string(settings::template_path()).unwrap();
    let shorter = template.replace("    Default: 400\n", &format!("    Default: {DAYS}\n"));
    assert_ne!(shorter, template);
    std::fs::write(&path, shorter).unwrap();
    let options = Options {
        template: Some(path),
        ..Options::default()
    };
    let system = TestSystem::start_with(options, MONDAY).await;
    system.connect(USER, ACCOUNT).await;
    system.bind(ASSISTANT, &[USER]).await;
    (system, folder)
}

/// Days from the end of the one viewing to the time at which its row may go.
async fn kept_for(system: &TestSystem) -> i64 {
    let [row] = appointments(system).await.try_into().unwrap();
    (row.expires_at - row.end.as_second()) / 86_400
}

#[tokio::test]
async fn a_record_is_kept_for_the_days_of_the_setting_wherever_its_viewing_goes() {
    let (system, _folder) = system().await;
    let call = Call::new("call-1");
    assert!(call.book(&system, TEN).await.done);
    assert_eq!(kept_for(&system).await, DAYS);

    let move_it = json!({"new_start_time": "2031-12-10T14:00:00"});
    let moved = call.tool(&system, "reschedule_appointment", move_it).await;
    assert!(moved.done, "{moved:?}");
    assert_eq!(kept_for(&system).await, DAYS);

    let [event] = system.events().await.try_into().unwrap();
    system.edit_event(&event, &at("15:00", "15:30")).await;
    assert_eq!(system.reconcile_after(15).await.moved, 1);
    assert_eq!(kept_for(&system).await, DAYS);

    let cancelled = call.tool(&system, "cancel_appointment", json!({})).await;
    assert!(cancelled.done, "{cancelled:?}");
    assert_eq!(kept_for(&system).await, DAYS);
}
