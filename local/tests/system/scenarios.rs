//! The scripted calls that come with the project, on every day of a week.

use std::path::PathBuf;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use local::call::{Style, Target, load, play};
use local::defaults::{API_KEY, WEBHOOK_SECRET};
use local::{LocalSystem, Options};

use crate::system::clock_at;

const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");

/// Plays a scenario to the demo system, and tells what did not hold.
async fn broken(scenario: &str, day: Date) -> Vec<String> {
    let scenario = load(PathBuf::from(SCENARIOS).join(scenario)).unwrap();
    let options = Options {
        clock: clock_at(&format!("{day}T08:00:00-06:00")),
        ..Options::default()
    };
    let system = LocalSystem::start(options).await.unwrap();
    let target = Target {
        gateway: system.gateway.clone(),
        webhook_secret: WEBHOOK_SECRET.to_owned(),
        api_key: API_KEY.to_owned(),
        record: None,
    };
    let mut transcript = Vec::new();
    let style = Style::plain();
    let verdict = play(&scenario, &target, Some(&system), &mut transcript, style).await;
    let broken = verdict.unwrap().broken;
    if !broken.is_empty() {
        println!("{}", String::from_utf8_lossy(&transcript));
    }
    broken
}

#[tokio::test]
async fn every_scenario_holds_on_every_day_of_the_week() {
    let files = std::fs::read_dir(SCENARIOS).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let scripts = paths.filter(|path| path.extension().is_some_and(|kind| kind == "yaml"));
    let name = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    let mut names: Vec<String> = scripts.map(name).collect();
    names.sort();
    assert!(names.len() >= 8);
    for name in names {
        // A caller who waits for Microsoft waits for seconds, on any day alike.
        let days = if name == "slow-microsoft.yaml" { 1 } else { 7 };
        for day in date(2031, 11, 24).series(1.day()).take(days) {
            assert_eq!(broken(&name, day).await, [""; 0], "{name} on {day}");
        }
    }
}

#[tokio::test]
async fn what_happens_backstage_needs_the_system_itself() {
    let scenario = load(SCENARIOS.to_owned() + "/slow-microsoft.yaml").unwrap();
    let target = Target {
        gateway: "http://127.0.0.1:1".to_owned(),
        webhook_secret: WEBHOOK_SECRET.to_owned(),
        api_key: API_KEY.to_owned(),
        record: None,
    };
    let played = play(&scenario, &target, None, &mut Vec::new(), Style::plain()).await;
    assert_eq!(
        played.unwrap_err().to_string(),
        "this scenario has `backstage` steps, which need the system that is started for the \
         call; leave --url out"
    );
}
