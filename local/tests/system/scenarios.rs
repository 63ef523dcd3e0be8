//! The scripted calls that come with the project, on every day of a week.

use std::path::PathBuf;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use local::call::{Style, Target, load, play};
use local::defaults::{API_KEY, WEBHOOK_SECRET};
use local::{LocalSystem, Options};

use crate::system::clock_at;

/// Plays a scenario to the demo system, and tells what did not hold.
async fn broken(scenario: &str, day: Date) -> Vec<String> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios"));
    let scenario = load(folder.join(scenario)).unwrap();
    let clock = clock_at(&format!("{day}T08:00:00-06:00"));
    let options = Options {
        clock: clock.clone(),
        ..Options::default()
    };
    let system = LocalSystem::start(options).await.unwrap();
    let target = Target {
        gateway: system.gateway.clone(),
        webhook_secret: WEBHOOK_SECRET.to_owned(),
        api_key: API_KEY.to_owned(),
    };
    let mut transcript = Vec::new();
    let style = Style::plain();
    let verdict = play(&scenario, &target, clock.now(), &mut transcript, style).await;
    let broken = verdict.unwrap().broken;
    if !broken.is_empty() {
        println!("{}", String::from_utf8_lossy(&transcript));
    }
    broken
}

#[tokio::test]
async fn every_scenario_holds_on_every_day_of_the_week() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let files = std::fs::read_dir(folder).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let scripts = paths.filter(|path| path.extension().is_some_and(|kind| kind == "yaml"));
    let name = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    let mut names: Vec<String> = scripts.map(name).collect();
    names.sort();
    assert!(names.len() >= 2);
    for name in names {
        for day in date(2031, 11, 24).series(1.day()).take(7) {
            assert_eq!(broken(&name, day).await, [""; 0], "{name} on {day}");
        }
    }
}
