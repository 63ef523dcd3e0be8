//! Ten thousand rows of a messy file: every one is read as it is meant or refused, in
//! memory that does not grow with the file.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a test may fail where it stands"
)]

mod messy;

use std::time::Instant;

use jiff::Timestamp;
use jiff::civil::date;
use peak_alloc::PeakAlloc;
use shared::ids::UserId;
use shared::rentals::{CsvRows, SourceType};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const ROWS: usize = 10_000;

/// What the reader may hold at any time, however long the file is.
const MOST_BYTES: usize = 64 * 1024;

#[test]
fn ten_thousand_messy_rows_are_read_as_they_are_meant() {
    let file = messy::file(ROWS, 7);
    let (today, user) = (date(2031, 11, 24), UserId::new("demo"));
    let (mut taken, mut refused) = (0, 0);
    let begun = Instant::now();
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let rows = CsvRows::new(file.text.as_bytes(), today).unwrap();
    let mut meant = file.meant.iter();
    for row in rows {
        let row = row.unwrap();
        match (row.form, meant.next().unwrap()) {
            (Ok(form), Some(meant)) => {
                let made = form.rental(&user, "sheet", SourceType::Import, Timestamp::UNIX_EPOCH);
                let made = made.unwrap();
                let read = (
                    made.price.unwrap().cents(),
                    made.bedrooms.unwrap(),
                    made.bathrooms.unwrap().halves(),
                    made.square_feet.unwrap(),
                );
                let expected = (meant.cents, meant.bedrooms, meant.halves, meant.square_feet);
                assert_eq!(read, expected, "line {:?}", row.line);
                taken += 1;
            }
            (Err(problems), None) => {
                assert_eq!(problems.len(), 1, "line {:?}: {problems:?}", row.line);
                refused += 1;
            }
            (form, meant) => panic!(
                "line {:?} is to be used: {}, and is {form:?}",
                row.line,
                meant.is_some()
            ),
        }
    }
    let peak = MEMORY.peak_usage() - before;
    println!(
        "{ROWS} rows ({} KB): {taken} used, {refused} refused, {} addresses, in {:.0?}; \
         at most {:.1} KB held",
        file.text.len() / 1024,
        file.addresses,
        begun.elapsed(),
        peak as f64 / 1024.0,
    );
    assert_eq!(meant.next().map(Option::is_some), None);
    assert!(refused > ROWS / 50 && taken > ROWS / 2);
    assert!(peak < MOST_BYTES, "{peak} bytes were held");
}
