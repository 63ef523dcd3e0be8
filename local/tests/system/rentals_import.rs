//! A messy file all the way: the command, the API, the database, and again.

use std::time::Instant;

use local::defaults::API_KEY;
use local::rentals::Import;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::system::{Answer, TestSystem};

#[expect(
    dead_code,
    reason = "the test of the reader looks at what each row means"
)]
#[path = "../../../shared/tests/import/messy.rs"]
mod messy;

const ROWS: usize = 1000;

/// Takes a text in by the command; what it prints, and whether all rows could be used.
async fn import(system: &TestSystem, text: &str, dry_run: bool) -> (String, bool) {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let import = Import {
        file: file.path().to_owned(),
        url: system.local.gateway.clone(),
        api_key: API_KEY.to_owned(),
        dry_run,
        user_id: Some("demo".to_owned()),
        website: Some("sheet".to_owned()),
    };
    let mut out = Vec::new();
    let all = import.run(&mut out).await.unwrap();
    let printed = String::from_utf8(out).unwrap();
    let shown = printed.replace(file.path().to_str().unwrap(), "FILE");
    (shown, all)
}

/// The counts of the printed table: created, updated, unchanged, rejected, all.
fn counts(printed: &str) -> [usize; 5] {
    ["created", "updated", "unchanged", "rejected", "all"].map(|name| {
        let mut lines = printed.lines().rev();
        let line = lines.find(|line| line.contains(name)).unwrap();
        let digits = line.chars().filter(char::is_ascii_digit);
        digits.collect::<String>().parse().unwrap()
    })
}

/// The most memory that this process has held, the system within it included.
fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let digits = line
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_digit);
    digits.collect::<String>().parse::<u64>().unwrap_or(0) / 1024
}

async fn total(system: &TestSystem) -> Value {
    let answer = system.get("/database/status").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["database_stats"]["total_rentals"].clone()
}

#[tokio::test]
async fn a_messy_file_is_taken_in_once_however_often_it_is_sent() {
    let system = TestSystem::empty().await;
    let file = messy::file(ROWS, 11);
    let usable = file.meant.iter().flatten().count();
    let refused = ROWS - usable;

    let (printed, all) = import(&system, &file.text, true).await;
    assert!(
        !all && printed.contains("a dry run, nothing was changed"),
        "{printed}"
    );
    assert_eq!(counts(&printed)[3..], [refused, ROWS], "{printed}");
    assert_eq!(total(&system).await, 0);

    let begun = Instant::now();
    let (printed, all) = import(&system, &file.text, false).await;
    let took = begun.elapsed();
    let [created, updated, unchanged, rejected, rows] = counts(&printed);
    assert!(!all, "{printed}");
    assert_eq!((created, rejected, rows), (file.addresses, refused, ROWS));
    assert_eq!(created + updated + unchanged, usable);
    assert!(
        printed.contains("Available must be a date such as 2026-07-15, or now."),
        "{printed}"
    );
    println!(
        "{ROWS} rows through the system: {created} created, {updated} updated, {unchanged} \
         unchanged, {rejected} rejected, in {took:.1?}; the process held at most {} MB",
        peak_megabytes(),
    );
    assert_eq!(total(&system).await, file.addresses);

    let (printed, _) = import(&system, &file.text, false).await;
    let again = counts(&printed);
    // An address that comes twice with two rents goes back and forth.
    assert_eq!((again[0], again[3]), (0, refused), "{printed}");
    assert_eq!(total(&system).await, file.addresses);
    // And the counter of the website, and the stamp of the owner.
    assert_eq!(system.rows("RentalsTable").await.len(), file.addresses + 2);
}

#[tokio::test]
async fn what_is_printed_says_which_lines_and_why() {
    let system = TestSystem::empty().await;
    let file = "Address,Rent,Beds/Baths,Available\r\n14 Mill Lane,\"$1,450/mo\",2BR/1.5BA,Now\r\n\
                8 Elm,$400/wk,Studio,soon\r\n,,,\r\n14 MILL LN,1450,,\r\n,900,1/1,Now\r\n";
    let (printed, all) = import(&system, file, false).await;
    assert!(!all);
    let printed = printed.split_once(" (").map_or("", |(before, _)| before);
    insta::assert_snapshot!(printed, @"
    ┌───────────────────────────────────────────────────────────────────────────────────────────────┐
    │ line   rejected, because                                                                      │
    ╞═══════════════════════════════════════════════════════════════════════════════════════════════╡
    │ 3      Rent must be the rent of a month. Available must be a date such as 2026-07-15, or now. │
    │ 6      property_address is missing.                                                           │
    └───────────────────────────────────────────────────────────────────────────────────────────────┘
    ┌──────────────────┐
    │             rows │
    ╞══════════════════╡
    │ created        1 │
    │ updated        1 │
    │ unchanged      0 │
    │ rejected       2 │
    │ all            4 │
    └──────────────────┘
    FILE: taken in
    ");
    let (_, all) = import(&system, "address\n14 Mill Lane\n", false).await;
    assert!(all);
}

#[tokio::test]
async fn an_import_that_was_cut_off_is_made_whole_by_doing_it_again() {
    let system = TestSystem::empty().await;
    let rows: Vec<Value> = (0..120)
        .map(|number| json!({"address": format!("{number} Elm")}))
        .collect();
    let rows = json!(rows);
    let send = || system.post("/rentals/import?user_id=demo", &rows);
    // Written, and the answer lost, each time that it is tried.
    for fault in [
        "transact_write_items=cut,after",
        "transact_write_items=503,first=9",
    ] {
        system.local.misbehave(vec![fault.parse().unwrap()]);
        let answer = send().await;
        assert_eq!(
            answer.error(),
            "503 storage_unavailable: Our records cannot be reached right now. Please try again."
        );
        system.local.mend();
        let counted = total(&system).await;
        let stored = system.rows("RentalsTable").await;
        let stored = stored.iter().filter(|row| row.contains_key("rental"));
        assert_eq!(counted, stored.count(), "{fault}");
    }
    let answer = send().await;
    assert_eq!(answer.body["rejected"], 0, "{answer:?}");
    assert_eq!(total(&system).await, 120);
}

#[tokio::test]
async fn a_body_that_is_too_much_is_refused_whole() {
    let system = TestSystem::empty().await;
    let mut refused = Vec::new();
    for (media_type, body) in [
        ("text/csv", format!("address\n{}", "8 Elm\n".repeat(2501))),
        (
            "text/csv",
            format!("address\n8 Elm{}\n", " ".repeat(4 << 20)),
        ),
        (
            "application/json",
            json!(vec![json!({"address": "8 Elm"}); 2501]).to_string(),
        ),
        ("application/json", "{\"rentals\": 5}".to_owned()),
        ("application/json", "[".to_owned()),
        ("text/csv", "price\n1450\n".to_owned()),
        ("text/plain", "address\n8 Elm\n".to_owned()),
    ] {
        let request = system.request(Method::POST, "/rentals/import?user_id=demo");
        let request = request
            .header("x-api-key", API_KEY)
            .header("content-type", media_type);
        refused.push(Answer::of(request.body(body)).await.error());
    }
    insta::assert_snapshot!(refused.join("\n"), @"
    413 payload_too_large: At most 2500 rows are taken at once. Send the file in parts, as the command rentals import does.
    413 payload_too_large: At most 4194304 bytes are taken at once. Send the file in parts, as the command rentals import does.
    413 payload_too_large: At most 2500 rows are taken at once. Send the file in parts, as the command rentals import does.
    400 invalid_request: The body must be a list of rentals.
    400 invalid_request: The body is not JSON.
    400 invalid_request: No column is an address. Name one property_address in the first line.
    415 unsupported_media_type: The body must be text/csv or application/json.
    ");
    assert_eq!(total(&system).await, 0);
}
