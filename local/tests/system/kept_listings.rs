//! A warm function keeps what staff members show, and leaves it as soon as anything of it
//! has changed.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::Value;
use shared::aws::Aws;
use shared::clock::Turn;
use shared::ids::{Seed, UserId, rental_listed};
use shared::rentals::{AvailableDate, Rental, Shown, SourceType};
use shared::store::{RentalWrite, Rentals};

use crate::settings;
use crate::system::{Answer, TestSystem};

const ADDED: Timestamp = Timestamp::UNIX_EPOCH;

fn rental(user: &str, address: &str) -> Rental {
    let (id, user) = (rental_listed("crm", address), UserId::new(user));
    Rental {
        available_date: Some(AvailableDate::Now),
        ..Rental::new(id, user, address, ("crm", SourceType::Manual), ADDED)
    }
}

struct Warm {
    system: TestSystem,
    aws: Aws,
    rentals: Rentals,
    shown: Shown,
}

impl Warm {
    async fn start() -> Self {
        let system = TestSystem::empty().await;
        let settings = settings::of_rentals(&system.local);
        let aws = settings::aws(&settings);
        let rentals = Rentals::new(&settings, &aws).unwrap();
        Self {
            system,
            aws,
            rentals,
            shown: Shown::default(),
        }
    }

    async fn write(&self, write: RentalWrite<'_>, seconds: i64) {
        let turn = turn(seconds, Instant::now());
        self.rentals.write(&[write], &turn).await.unwrap();
    }

    /// What both show, as it is told so many seconds in.
    async fn told(&self, seconds: i64) -> String {
        let staff = ["dana", "pat"].map(UserId::new);
        let shown = self.shown.by(&self.rentals, &staff, None, at(seconds));
        let shown = shown.await.unwrap();
        let told = shown.iter().map(|rental| {
            let (user, address) = (&rental.user_id, &rental.property_address);
            format!("{user}: {address}")
        });
        told.collect::<Vec<_>>().join(", ")
    }

    /// How often the inventory was queried so far.
    async fn queries(&self) -> u64 {
        self.requests().await["query"].as_u64().unwrap_or(0)
    }

    /// How often DynamoDB was asked so far, by operation.
    async fn requests(&self) -> Value {
        let path = format!("{}/control/counts", self.system.local.aws);
        let counts = Answer::of(self.system.request(Method::GET, &path)).await;
        counts.body["operations"].clone()
    }

    /// Stores a rental attribute by attribute, as rows were at first.
    async fn put_first_form(&self, rental: &Rental, available_from: &str) {
        let mut row: HashMap<String, AttributeValue> = serde_dynamo::to_item(rental).unwrap();
        for (name, value) in [("shard", "0"), ("available_from", available_from)] {
            row.insert(name.to_owned(), AttributeValue::S(value.to_owned()));
        }
        let put = self.aws.dynamodb.put_item().table_name("RentalsTable");
        put.set_item(Some(row)).send().await.unwrap();
    }
}

/// A turn of so many seconds in, that began then.
fn turn(seconds: i64, begun: Instant) -> Turn {
    Turn::new(at(seconds), Seed::random(), begun, Duration::from_mins(5))
}

fn at(seconds: i64) -> Timestamp {
    ADDED + SignedDuration::from_secs(seconds)
}

#[tokio::test]
async fn whatever_is_written_is_told_at_once() {
    let warm = Warm::start().await;
    let (mill, maple) = (
        rental("dana", "1 Mill Lane"),
        rental("pat", "2 Maple Street"),
    );
    warm.write(RentalWrite::Insert(&mill), 0).await;
    warm.write(RentalWrite::Insert(&maple), 0).await;
    let both = "dana: 1 Mill Lane, pat: 2 Maple Street";
    assert_eq!(warm.told(100).await, both);
    let queries = warm.queries().await;
    assert_eq!(warm.told(200).await, both);
    assert_eq!(warm.queries().await, queries);

    let next = |rental: &Rental| Rental {
        version: rental.version + 1,
        ..rental.clone()
    };
    let mut renamed = next(&mill);
    renamed.property_address = "1 Mill Road".to_owned();
    warm.write(RentalWrite::Replace(&renamed, &mill.user_id), 300)
        .await;
    assert_eq!(
        warm.told(301).await,
        "dana: 1 Mill Road, pat: 2 Maple Street"
    );
    // Only what changed was read again.
    assert_eq!(warm.queries().await, queries + 1);

    // It changes hands: both lists are others.
    let mut moved = next(&renamed);
    moved.user_id = maple.user_id.clone();
    warm.write(RentalWrite::Replace(&moved, &renamed.user_id), 400)
        .await;
    let told = warm.told(500).await;
    assert!(
        !told.contains("dana") && told.contains("pat: 1 Mill Road"),
        "{told}"
    );

    warm.write(RentalWrite::Delete(&maple), 600).await;
    assert_eq!(warm.told(700).await, "pat: 1 Mill Road");
    let elm = rental("dana", "3 Elm Court");
    warm.write(RentalWrite::Insert(&elm), 800).await;
    assert_eq!(warm.told(900).await, "dana: 3 Elm Court, pat: 1 Mill Road");
}

/// An index may be behind the table for a moment.
#[tokio::test]
async fn what_has_just_changed_is_read_again() {
    let warm = Warm::start().await;
    let mill = rental("dana", "1 Mill Lane");
    warm.write(RentalWrite::Insert(&mill), 100).await;
    let mut queries = 0;
    for (seconds, is_read) in [(100, true), (114, true), (115, true), (116, false)] {
        assert_eq!(warm.told(seconds).await, "dana: 1 Mill Lane");
        let now = warm.queries().await;
        assert_eq!(now > queries, is_read, "after {seconds} seconds");
        queries = now;
    }
}

/// An import goes on for longer than an index takes to follow; what counts is when each of
/// its rows was written.
#[tokio::test]
async fn a_stamp_says_when_it_was_written_and_not_when_the_work_began() {
    let warm = Warm::start().await;
    let mill = rental("dana", "1 Mill Lane");
    let begun = Instant::now().checked_sub(Duration::from_secs(40)).unwrap();
    let write = [RentalWrite::Insert(&mill)];
    warm.rentals.write(&write, &turn(100, begun)).await.unwrap();
    let stamps = warm.rentals.stamps(&[UserId::new("dana")]).await.unwrap();
    let changed_at = stamps[0].unwrap().changed_at;
    assert!((140..150).contains(&changed_at), "{changed_at}");
}

/// Rentals from before there were stamps can change without one.
#[tokio::test]
async fn what_has_no_stamp_is_read_each_time() {
    let warm = Warm::start().await;
    let mill = rental("dana", "1 Mill Lane");
    warm.write(RentalWrite::Insert(&mill), 0).await;
    let stamp = AttributeValue::S("shown#dana".to_owned());
    let delete = warm.aws.dynamodb.delete_item().table_name("RentalsTable");
    delete.key("id", stamp).send().await.unwrap();
    let before = warm.queries().await;
    for seconds in [100, 200] {
        assert_eq!(warm.told(seconds).await, "dana: 1 Mill Lane");
    }
    // Of both, and then of the one who shows something.
    assert_eq!(warm.queries().await - before, 2 + 1);
}

#[tokio::test]
async fn a_row_of_the_first_form_is_read_and_written_anew() {
    let warm = Warm::start().await;
    let mut mill = rental("dana", "1 Mill Lane");
    mill.features = vec!["balcony".to_owned()];
    warm.put_first_form(&mill, "0").await;
    assert_eq!(warm.told(0).await, "dana: 1 Mill Lane");
    let one = warm.rentals.get(&mill.id).await.unwrap().unwrap();
    let all = warm.rentals.get_all(&[&mill.id]).await.unwrap();
    assert_eq!([&one, &all[0]], [&mill, &mill]);

    mill.version += 1;
    let owner = mill.user_id.clone();
    warm.write(RentalWrite::Replace(&mill, &owner), 10).await;
    assert_eq!(warm.rentals.get(&mill.id).await.unwrap(), Some(mill));
    let rows = warm.system.rows("RentalsTable").await;
    let row = rows.iter().find(|row| row.contains_key("rental")).unwrap();
    assert!(!row.contains_key("features"), "{row:?}");
}

#[tokio::test]
async fn a_list_with_rows_of_the_first_form_takes_one_more_query() {
    let warm = Warm::start().await;
    let addresses = ["3 Oak Road", "1 Mill Lane", "2 Elm Court"];
    for (address, from) in addresses.into_iter().zip(["3", "1", "2"]) {
        warm.put_first_form(&rental("dana", address), from).await;
    }
    let maple = rental("pat", "2 Maple Street");
    warm.write(RentalWrite::Insert(&maple), 0).await;
    let before = warm.requests().await;
    let told = "dana: 1 Mill Lane, dana: 2 Elm Court, dana: 3 Oak Road, pat: 2 Maple Street";
    assert_eq!(warm.told(100).await, told);
    let after = warm.requests().await;
    let more = |operation: &str| {
        let count = |requests: &Value| requests[operation].as_u64().unwrap_or(0);
        count(&after) - count(&before)
    };
    // One for each of both, and that one.
    assert_eq!([more("query"), more("get_item")], [2 + 1, 0], "{after}");
}

#[tokio::test]
async fn a_write_that_is_refused_changes_no_stamp() {
    let warm = Warm::start().await;
    let mill = rental("dana", "1 Mill Lane");
    warm.write(RentalWrite::Insert(&mill), 0).await;
    let staff = [
        UserId::new("dana"),
        UserId::new("nobody"),
        UserId::new("dana"),
    ];
    let before = warm.rentals.stamps(&staff).await.unwrap();
    assert_eq!(before[0].unwrap().writes, 1);
    assert_eq!((before[1], before[2]), (None, before[0]));
    let again = warm
        .rentals
        .write(&[RentalWrite::Insert(&mill)], &turn(5, Instant::now()))
        .await;
    assert!(again.is_err());
    assert_eq!(warm.rentals.stamps(&staff).await.unwrap(), before);
}
